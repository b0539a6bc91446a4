"""What the screens have that list sessions: the filter, one source, one project, an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from tokenwatch import format as fmt
from tokenwatch.model import Spend
from tokenwatch.tui.filter.prompt_search import PromptSearch
from tokenwatch.tui.messages import FilterChanged, FilterClosed, HeaderChosen, Unanswered
from tokenwatch.tui.names import project_name
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.widgets.filter_bar import FilterBar
from tokenwatch.tui.widgets.pane import app_of

if TYPE_CHECKING:
    from tokenwatch.tui.boxes.picker import Choice, ProjectScreen
    from tokenwatch.tui.filter.conditions import Condition

NARROWING = ("screen.filter", "screen.source", "screen.project")
"""The actions that narrow every list of sessions."""


class ListScreen(FrameScreen):
    """Base of the screens with a list of sessions."""

    FIRST_SORT: ClassVar[str] = ""
    """What the list is sorted by at first."""
    HEADERS: ClassVar[Mapping[str, str]] = {}
    """Columns whose header sorts by another one."""

    def __init__(self) -> None:
        super().__init__()
        self._sort = self.FIRST_SORT
        self._reversed = False
        self._source: str | None = None
        self._project: str | None = None
        self._filter = ""
        self._complaints: tuple[str, ...] = ()
        self._search = PromptSearch(self, self._refill)
        self._picker: ProjectScreen | None = None

    # What a list has to say -----------------------------------------------------------------

    def fill(self) -> None:
        """Show the sessions that are let through."""
        raise NotImplementedError

    def sorts(self) -> Sequence[str]:
        """Return what the list can be sorted by, in the order of `s`."""
        raise NotImplementedError

    def listed(self) -> Iterable[tuple[str, str | None, Spend]]:
        """Return source, project and spend of every session, filtered or not."""
        raise NotImplementedError

    def forget(self) -> None:
        """Drop the project as well: it says a path, and rows that hide theirs match none."""
        super().forget()
        self._project = None
        if self._picker is not None:
            self._picker.show(self._choices(), "")

    # Filter ---------------------------------------------------------------------------------

    def conditions(self) -> Sequence[Condition]:
        """Return the filter's conditions; say in its line what is wrong with it."""
        conditions: Sequence[Condition] = ()
        prompts: tuple[str, ...] = ()
        self._complaints = ()
        if self._filter.strip():
            from tokenwatch.tui.filter.words import parse

            app = app_of(self)
            query = parse(self._filter, now_ms=app.now(), zone=app.zone)
            conditions, prompts = query.conditions, query.prompts
            self._complaints = query.complaints
        self._search.want(prompts)
        complaint = next(iter(self._complaints), "")
        bar = self.query_one(FilterBar)
        bar.say(complaint or self._search.words, wrong=bool(complaint))
        return conditions

    @property
    def is_narrowed(self) -> bool:
        """Whether some sessions may be left out."""
        return bool(self._filter.strip() or self._source or self._project)

    def nothing_left(self) -> str:
        """Return what to say where no session is let through."""
        if app_of(self).privacy and self._filter.strip():
            return "no session matches · titles, paths and branches are hidden (P shows them)"
        how = self._search.words or "esc clears the filter"
        return how if self._search.is_running else f"no session matches · {how}"

    def notes(self) -> tuple[str, ...]:
        notes = [f"filter {self._filter.strip()}"] if self._filter.strip() else []
        if not self.is_filtering:
            notes += [complaint.partition(";")[0] for complaint in self._complaints[:1]]
            notes += [self._search.words] if self._search.words else []
        if self._project:
            notes.append(f"project {project_name(self._project)}")
        if self._source:
            notes.append(fmt.source_name(self._source))
        return tuple(notes)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "filter" or not self.is_filtering

    def on_unanswered(self, message: Unanswered) -> None:
        """Let the search know as well, if it had asked."""
        self._search.fail(message.key)

    def filter_by(self, text: str) -> None:
        """Show the sessions that a filter of that text lets through, of all sources, projects."""
        self._filter, self._source, self._project = text, None, None
        if self.is_ready:
            self.query_one(FilterBar).fill(text)
            self._refill()

    def on_mount(self) -> None:
        # It may have been told before there was a line.
        if self._filter:
            self.query_one(FilterBar).fill(self._filter)

    def action_filter(self) -> None:
        """Open the filter's line."""
        self.query_one(FilterBar).open()
        self._refill()

    def on_filter_changed(self, message: FilterChanged) -> None:
        self._filter = message.text
        self._refill()

    def on_filter_closed(self, message: FilterClosed) -> None:
        self.set_focus(self.pane(self.MAIN))
        self.restate()

    def action_back(self) -> None:
        """Undo one thing: the zoom, the filter, the project, the source."""
        if self.unzoom():
            return
        if self._filter:
            self.query_one(FilterBar).clear()
        elif self._project or self._source:
            if self._project:
                self._project = None
            else:
                self._source = None
            self._refill()

    def _refill(self) -> None:
        if self.is_ready:
            self.fill()
            self.restate()

    # One source, one project ----------------------------------------------------------------

    def action_source(self) -> None:
        """Go through the sources there are, then show all again."""
        known = sorted({source for source, _, _ in self.listed()})
        choices: list[str | None] = [None, *known]
        here = choices.index(self._source) if self._source in choices else 0
        self._source = choices[(here + 1) % len(choices)]
        self._refill()

    def action_project(self) -> None:
        """Open a box with the projects there are."""
        app = app_of(self)
        if self._picker is None:
            from tokenwatch.tui.boxes.picker import ProjectScreen

            self._picker = ProjectScreen()
            app.install_screen(self._picker, f"{self.TAB}-projects")
        self._picker.show(self._choices(), self._project or "")
        app.push_screen(self._picker, self._take_project)

    def _choices(self) -> list[Choice]:
        """Return all projects together, then each, the most expensive first."""
        from tokenwatch.tui.boxes.picker import ALL, Choice
        from tokenwatch.tui.screens.sessions.listing import sum_of

        spends: dict[str | None, list[Spend]] = {}
        for _, project, spend in self.listed():
            spends.setdefault(project, []).append(spend)
        every = [spend for of in spends.values() for spend in of]
        choices = [
            Choice(project, len(of), sum_of(of)) for project, of in spends.items() if project
        ]
        choices.sort(key=lambda choice: (-choice.spend.cost_pico, choice.key))
        return [Choice(ALL, len(every), sum_of(every)), *choices]

    def _take_project(self, chosen: str | None) -> None:
        if chosen is not None:
            self._project = chosen or None
            self._refill()

    # Order ----------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort by the next column."""
        sorts = self.sorts()
        here = sorts.index(self._sort) if self._sort in sorts else -1
        self._sort_by(sorts[(here + 1) % len(sorts)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._reversed = not self._reversed
        self._refill()

    def on_header_chosen(self, message: HeaderChosen) -> None:
        column = self.HEADERS.get(message.column, message.column)
        if column == self._sort:
            self.action_reverse()
        elif column in self.sorts():
            self._sort_by(column)

    def _sort_by(self, column: str) -> None:
        self._sort, self._reversed = column, False
        self._refill()
