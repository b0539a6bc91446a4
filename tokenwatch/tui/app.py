"""The Textual app: themes, keys, and the bridge from the feed to the screen in view."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar, runtime_checkable

from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter, NoColor
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.worker import get_current_worker

from tokenwatch.snapshot import SessionRow, Snapshot
from tokenwatch.tui import privacy
from tokenwatch.tui.bindings import APP, TABLE, bindings_for
from tokenwatch.tui.commands import Commands
from tokenwatch.tui.feed import Feed
from tokenwatch.tui.giving import GivingApp
from tokenwatch.tui.looks.ascii import AsciiFilter
from tokenwatch.tui.looks.inks import inks_of, variables_of
from tokenwatch.tui.looks.themes import DARK, MONO, PLAIN, THEMES, Ink
from tokenwatch.tui.messages import Answered, SnapshotReady
from tokenwatch.tui.preferences import Preferences, redraw
from tokenwatch.tui.reading import Reading
from tokenwatch.tui.removed import let_go_of_removed
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.screens.live.screen import LiveScreen
from tokenwatch.tui.tabs import tab_named
from tokenwatch.tui.toasts import Toasts

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Question
    from tokenwatch.tui.boxes.dialogs import ExplainScreen, HelpScreen
    from tokenwatch.tui.explanations import Explanation
    from tokenwatch.tui.screens.session.screen import SessionScreen

S = TypeVar("S", bound=Screen[Any])
T = TypeVar("T")

LEAVE_FOR_DEMO: Final = "demo"
"""The app's result when the user asked for the demo."""


@runtime_checkable
class ShowsSession(Protocol):
    """A screen that can be narrowed to one session."""

    def show_session(self, session_id: str) -> None:
        """Show that session alone, until esc."""


class TokenwatchApp(GivingApp):
    """Shows what a feed publishes. `run()` returns `LEAVE_FOR_DEMO` or None."""

    TITLE = "tokenwatch"
    CSS_PATH = "app.tcss"
    COMMANDS = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for(APP),
        # From a box too, and from a line that is typed in.
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]
    ENABLE_COMMAND_PALETTE = True
    _is_made = False

    def __init__(
        self,
        feed: Feed,
        *,
        now: Callable[[], int],
        zone: tzinfo,
        environment: Mapping[str, str] | None = None,
        preferences: Preferences | None = None,
        remote: bool = False,
    ) -> None:
        """now: milliseconds since the epoch. environment: the process's own if None.

        remote: the user sits at a browser: nothing is done to this machine (`bindings.LOCAL`).
        """
        self.preferences = preferences or Preferences()
        chosen = self.preferences.config.screen
        self._environment = dict(os.environ if environment is None else environment)
        # Textual takes NO_COLOR out of the environment; without ansi_color it would paint grey.
        self._mono = bool(self._environment.get("NO_COLOR"))
        super().__init__(ansi_color=True if self._mono else None)
        self.feed = feed
        self.now, self.zone = now, zone
        self.home = self._environment.get("HOME")
        self.is_remote = remote
        self.privacy = chosen.privacy
        feed.hide(self.privacy)
        self.paused = False
        self._snapshot: Snapshot | None = None
        self._is_made = True
        self._ink = (DARK.name, inks_of(DARK))
        self._own_filters: list[LineFilter] = [NoColor()] if self._mono else []
        self._ascii = AsciiFilter()
        self.is_ascii = self._environment.get("TOKENWATCH_ASCII") == "1" or chosen.ascii
        if self.is_ascii:
            self._own_filters.append(self._ascii)
        self._reading = Reading(self)
        self._toasts = Toasts(self)
        self._shown: Snapshot | None = None
        self.live = LiveScreen()
        self.install_screen(self.live, "live")
        self.tab = "live"
        for theme in THEMES:
            self.register_theme(theme)
        if self._mono:
            self.theme = PLAIN.name
        elif chosen.theme != "dark":
            self.preferences.use_theme(self)
        else:
            # Set by assignment, it would have all rules parsed once more.
            self.set_reactive(App.theme, DARK.name)
            self.stylesheet.set_variables(self.get_css_variables())
        self.set_class(self._mono, "-mono")

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment that programs are started in."""
        return self.preferences.editor(self._environment)

    @property
    def ink(self) -> Ink:
        """The styles of the theme in force."""
        if self._mono:
            return MONO
        # Every cell asks; Textual puts all themes together to find the one in force.
        name, ink = self._ink
        if name != self.theme:
            ink = inks_of(self.current_theme)
            self._ink = (self.theme, ink)
        return ink

    @property
    def mode(self) -> str:
        """What the picture is: starting, live, paused or demo."""
        if self._snapshot is None:
            return "starting"
        if self.paused:
            return "paused"
        return "demo" if self._snapshot.is_demo else "live"

    # Life -----------------------------------------------------------------------------------

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        from tokenwatch.tui.terminal.driver import Terminal

        return Terminal

    def get_default_screen(self) -> Screen[None]:
        return self.live

    def on_mount(self) -> None:
        # Known before the screen is composed, so that its first layout is the last.
        self._snapshot = self._shown = self.feed.latest()
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._begin)
        if (start := self.preferences.config.screen.start) != self.tab:
            self.call_after_refresh(self.action_go, start)

    def _begin(self) -> None:
        """Let newer pictures come, once the first is drawn."""
        self.run_worker(self._start_feed, thread=True, group="feed")

    def _start_feed(self) -> None:
        if not get_current_worker().is_cancelled:
            self.feed.start(self._publish)

    # Screens that are not there at first ----------------------------------------------------

    @cached_property
    def _session(self) -> SessionScreen:
        from tokenwatch.tui.screens.session.screen import SessionScreen

        return self._installed(SessionScreen(), "session")

    @cached_property
    def _explain(self) -> ExplainScreen:
        from tokenwatch.tui.boxes.dialogs import ExplainScreen

        return self._installed(ExplainScreen(), "explain")

    @cached_property
    def _help(self) -> HelpScreen:
        from tokenwatch.tui.boxes.dialogs import HelpScreen

        return self._installed(HelpScreen(), "help")

    def _installed(self, screen: S, name: str) -> S:
        """Let a screen outlive its being closed."""
        self.install_screen(screen, name)
        return screen

    def _publish(self, snapshot: Snapshot) -> None:
        """Hand a snapshot over from any thread."""
        self.post_message(SnapshotReady(snapshot))

    def on_unmount(self) -> None:
        self.feed.stop()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._own_filters]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        # For what a theme lacks while rules are parsed that name it.
        return {name: DARK.variables[name] for name in ("line", "quiet")}

    def get_css_variables(self) -> dict[str, str]:
        self.theme_variables = super().get_css_variables()
        # While it is made, Textual asks for a theme that is not the one to be shown.
        if self._is_made:
            self.theme_variables |= variables_of(self.current_theme)
        return self.theme_variables

    def watch_theme(self) -> None:
        if self.is_running:
            self.call_after_refresh(self._recolour)

    def _recolour(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen):
                screen.recolour()

    # Values ---------------------------------------------------------------------------------

    def on_snapshot_ready(self, message: SnapshotReady) -> None:
        self._snapshot = message.snapshot
        self._toasts.take(message.snapshot)
        if not self.paused:
            self._shown = message.snapshot
            self.present()

    def present(self) -> None:
        """Give the screen in view the picture it is to show."""
        if self._shown is not None and self._frame.is_ready:
            shown = self._shown
            if warnings := self.preferences.warnings:
                shown = replace(shown, warnings=(*warnings, *shown.warnings))
            shown = privacy.hide_snapshot(shown) if self.privacy else shown
            self._frame.show(shown)

    @property
    def _frame(self) -> FrameScreen:
        """The full screen in view, under any box."""
        frames = [s for s in self.screen_stack if isinstance(s, FrameScreen)]
        return frames[-1] if frames else self.live

    def _tick(self) -> None:
        self._frame.tick()
        self.look_at_settings()
        let_go_of_removed()

    def look_at_settings(self) -> None:
        """Follow the settings' file if it has changed."""
        before = self.preferences.config
        if self.preferences.look():
            self.preferences.apply(self, before)

    def draw_in_ascii(self, wanted: bool) -> None:
        """Draw with ASCII alone, or with all glyphs."""
        self.is_ascii = wanted
        self._own_filters = [f for f in self._own_filters if f is not self._ascii]
        if wanted:
            self._own_filters.append(self._ascii)
        redraw(self)

    def ask(
        self, key: Hashable, question: Question[T], to: MessagePump, take: Callable[[T], None]
    ) -> None:
        """Ask the feed on a thread; `to` gets `Answered` with `take`, or `Unanswered`.

        key: of equal ones only one runs at a time, and one more after it.
        """

        def read() -> Answered:
            answer = self.feed.ask(question)
            return Answered(take, privacy.hidden(answer) if self.privacy else answer)

        self._reading.ask((key, id(to)), read, to)

    # What screens ask for -------------------------------------------------------------------

    def open_session(
        self, session_id: str, row: SessionRow | None = None, *, at_ms: int | None = None
    ) -> None:
        """Go to a session's screen, at_ms: to the turn of that instant.

        row: what is known of it, if it is not in the picture.
        """
        if row is None and self._shown is not None:
            row = next((s for s in self._shown.sessions if s.id == session_id), None)
        if row is not None and self.privacy:
            row = privacy.hide_session(row)
        self._session.open(session_id, row, at_ms)
        if self.screen is not self._session:
            self.push_screen("session")

    def explain(self, explanation: Explanation) -> None:
        """Show how a number was made."""
        self._explain.show(explanation)
        self.push_screen("explain")

    # Keys -----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.offers(f"app.{action}"):
            return False
        if action == "demo":
            return self._frame is self.live and self.live.has_nothing
        return True

    def action_toggle_pause(self) -> None:
        """Hold the picture still; going on shows the newest at once."""
        self.paused = not self.paused
        if not self.paused:
            self._shown = self._snapshot
            self.present()
        self._frame.restate()

    def action_toggle_privacy(self) -> None:
        """Hide or show what the user wrote."""
        self.privacy = not self.privacy
        self.feed.hide(self.privacy)
        self.clear_notifications()
        for screen in (*self._installed_screens.values(), *self.screen_stack):
            if isinstance(screen, FrameScreen):
                screen.forget()
        self.present()
        self._frame.restate()

    def write_to_terminal(self, written: str) -> None:
        """Write what draws nothing: a sequence that lets the terminal notify its user."""
        if (driver := self._driver) is not None and not driver.is_headless:
            driver.write(written)

    def action_read_now(self) -> None:
        """Look at the logs now."""
        self.feed.refresh()

    async def action_interrupt(self) -> None:
        """Copy what is selected with the mouse; leave if nothing is."""
        selected = self.screen.get_selected_text()
        if selected:
            self.screen.clear_selection()
            self.copy_to_clipboard(selected)
        else:
            await self.action_quit()

    def action_demo(self) -> None:
        """Leave for the demo."""
        self.exit(LEAVE_FOR_DEMO)

    def action_go(self, name: str) -> None:
        """Go to a tab, whatever was opened from the one in view; to Agents with the session."""
        session_id = self._frame.session_in_view()
        if not self.is_screen_installed(name):
            self.install_screen(tab_named(name).make(), name)
        # Live lies below all others. Another tab takes the place of the one over it.
        keep = 1 if name == "live" else 2
        while len(self.screen_stack) > keep:
            self.pop_screen()
        self.tab = name
        if len(self.screen_stack) < keep:
            self.push_screen(name)
        elif self.screen is not self.get_screen(name):
            self.switch_screen(name)
        if session_id and isinstance(self.screen, ShowsSession):
            self.screen.show_session(session_id)

    def action_help(self) -> None:
        """Show this screen's keys; run the one that is chosen."""
        frame = self._frame
        own = [a for a in dict.fromkeys((*frame.ACTIONS, *APP)) if self._applies(a)]
        self._help.show([frame.told(a) for a in (*TABLE, *own)], frame.status().title)
        self.push_screen("help", self._run_key)

    def _applies(self, action: str) -> bool:
        return self.offers(action) and (
            action != "app.demo" or self.check_action("demo", ()) is True
        )

    def _run_key(self, action: str | None) -> None:
        if action:
            self.call_after_refresh(self._run_chosen, action)

    async def _run_chosen(self, action: str) -> None:
        screen = self.screen
        await self.run_action(action, screen if "." in action else screen.focused or screen)
