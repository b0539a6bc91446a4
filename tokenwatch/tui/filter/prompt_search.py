"""Searches prompts for a screen's filter, part by part, until the filter changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from tokenwatch import format as fmt
from tokenwatch.tui.widgets.pane import app_of

if TYPE_CHECKING:
    from tokenwatch.answers.looked import Looked
    from tokenwatch.snapshot import SessionRow
    from tokenwatch.tui.filter.conditions import Prompts
    from tokenwatch.tui.screens.frame import FrameScreen

PAUSE_S = 0.25
"""After the last change of the words nothing is read for so long: they may still be typed."""
AGAIN_S = 5.0
"""So long after a part could not be read it is asked for again."""


class PromptSearch:
    """What is known of the prompts that hold the words of a filter."""

    def __init__(self, screen: FrameScreen, changed: Callable[[], None]) -> None:
        """changed: called on the UI's thread whenever more is known."""
        self._screen = screen
        self._changed = changed
        self._terms: tuple[str, ...] = ()
        self._number = 0
        """Of the search under way: what an older one finds counts for nothing."""
        self._found: dict[str, frozenset[str]] = {}
        self._gone = 0
        self._is_done = True
        self._asked: Hashable = None
        """What the part under way was asked by, and after which one it comes."""
        self._behind: tuple[int, int] | None = None
        self._is_stuck = False
        self._prompts: dict[str, int] = {}
        """How many prompts the sessions of the latest picture had."""

    def want(self, terms: tuple[str, ...]) -> None:
        """Search for these words, unless that is what is being done; () ends the search."""
        if terms != self._terms:
            self._terms = terms
            self._found = {}
            self._restart()

    def look(self, rows: Iterable[SessionRow]) -> None:
        """Take the sessions of a picture: prompts that are new are searched as well."""
        before, self._prompts = self._prompts, {row.id: row.prompts for row in rows}
        more = any(number > before.get(key, number) for key, number in self._prompts.items())
        if self._terms and self._is_done and (more or self._prompts.keys() - self._found.keys()):
            self._restart()

    def _restart(self) -> None:
        self._number += 1
        self._gone, self._is_done, self._is_stuck = 0, not self._terms, False
        if self._terms:
            self._screen.set_timer(PAUSE_S, partial(self._ask, self._number, None))

    @property
    def found(self) -> Prompts:
        """Those of the words that prompts hold, by session; sessions not looked at left out."""
        return self._found

    @property
    def is_running(self) -> bool:
        """Whether there are sessions still to be looked through."""
        return not self._is_done

    @property
    def words(self) -> str:
        """How far the search has come, for people; empty where nothing is searched for."""
        if not self._terms:
            return ""
        many = f"{fmt.count(len(self._found))} sessions searched"
        gone = f" · {fmt.count(self._gone)} logs gone" if self._gone else ""
        if self._is_stuck:
            return f"the ledger can't be read · {many}{gone}"
        return f"{many}{gone}" if self._is_done else f"searching prompts… {many}{gone}"

    def fail(self, key: Hashable) -> None:
        """Take that nothing came of a question; if it was this search's, ask again later.

        key: what it was asked by, or a tuple with that in it.
        """
        asked = key if isinstance(key, tuple) else ()
        if self._is_done or self._asked is None or self._asked not in (key, *asked):
            return
        self._is_stuck = True
        self._screen.set_timer(AGAIN_S, partial(self._ask, self._number, self._behind))
        self._changed()

    def _ask(self, number: int, behind: tuple[int, int] | None) -> None:
        if number != self._number:
            return
        from tokenwatch.answers.search import search

        self._asked, self._behind = ("prompts", number, behind), behind
        app_of(self._screen).ask(
            self._asked,
            partial(search, terms=self._terms, behind=behind),
            self._screen,
            partial(self._take, number),
        )

    def _take(self, number: int, looked: Looked) -> None:
        if number != self._number:
            return
        self._is_stuck = False
        self._found.update(looked.sessions)
        self._gone += looked.gone
        self._is_done = looked.behind is None
        if looked.behind is not None:
            self._ask(number, looked.behind)
        self._changed()
