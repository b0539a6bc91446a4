"""The commands of the palette. One provider: with two, their order would change from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tokenwatch.tui.bindings import APP, KEYS, Key
from tokenwatch.tui.looks.themes import THEMES
from tokenwatch.tui.screens.frame import FrameScreen
from tokenwatch.tui.tabs import SETTINGS, TABS
from tokenwatch.tui.widgets.pane import app_of

AREAS = {
    "screen.filter": "filter: Edit",
    "screen.source": "filter: Next source",
    "screen.project": "filter: One project",
    "screen.sort": "sort: Next column",
    "screen.reverse": "sort: Reverse",
    "screen.group": "group: By the next thing",
    "screen.shift(-1)": "period: Earlier",
    "screen.shift(1)": "period: Later",
    "screen.period": "period: Another length",
    "screen.stretch(1)": "time: Closer",
    "screen.stretch(-1)": "time: Wider",
    "screen.pan(-1)": "time: Earlier",
    "screen.pan(1)": "time: Later",
    "screen.units": "view: Units",
    "screen.follow": "view: Follow the newest session",
    "screen.zoom": "view: Zoom this pane",
    "screen.explain": "number: Explain",
    "screen.copy": "row: Copy",
    "screen.export": "screen: Export",
    "screen.open_session": "row: Go to its session",
    "screen.edit": "row: Edit",
    "screen.editor": "row: Open its log in your editor",
    "screen.pane_of": "row: Go to its tmux pane",
    "screen.new": "row: New",
    "screen.delete": "row: Delete",
    "screen.snooze": "alert: Snooze",
    "screen.seen": "alert: Seen",
    "screen.all_seen": "alert: All seen",
    "screen.allow": "budget: Allow more for a while",
    "screen.undo": "row: Undo the last change",
    "screen.was_fine": "finding: It was fine",
    "screen.agree": "finding: It could have been avoided",
    "screen.dismissed": "view: What was dismissed",
    "screen.back": "go: Back",
    "screen.next_pane(1)": "view: Next pane",
    "screen.next_pane(-1)": "view: Pane before",
    **{f"app.go('{tab.name}')": f"go: {tab.title}" for tab in (*TABS, SETTINGS)},
    "app.toggle_pause": "view: Pause",
    "app.toggle_privacy": "view: Privacy",
    "app.read_now": "logs: Refresh",
    "app.picture": "screen: Save a picture",
    "app.demo": "go: Demo",
    "app.help": "go: Help",
    "app.quit": "go: Quit",
}


def _name_of(key: Key) -> str:
    """Return what a key is found by: its label, where it does something of a screen's own."""
    area = AREAS.get(key.action) if key == KEYS[key.action] else None
    return area or f"screen: {key.label}"


def _rank(key: Key) -> tuple[int, str]:
    """Put the screens first, by their numbers; then everything by its name."""
    places = [f"app.go('{tab.name}')" for tab in (*TABS, SETTINGS)]
    name = _name_of(key)
    if key.action in places:
        return places.index(key.action), ""
    return len(places) + (not name.startswith("go:")), name


class Commands(Provider):
    """Every key's action by name, where it applies now, and the themes."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        for key in sorted(map(self._told, self._actions()), key=_rank):
            if self._applies(key.action):
                meaning = key.meaning.removeprefix(f"go to {key.label}: ")
                told = f"{key.shown}  {meaning}"
                yield _name_of(key), told, partial(self.screen.run_action, key.action)
        if not self._is_mono:
            for name in self._themes():
                title = name.removeprefix("tokenwatch-").replace("-", " ").capitalize()
                yield f"theme: {title}", "change the colours", partial(self._use_theme, name)

    @property
    def _is_mono(self) -> bool:
        return self.app.has_class("-mono")

    def _themes(self) -> list[str]:
        """Return ours, then Textual's but for those that `plain` stands for."""
        ours = [theme.name for theme in THEMES]
        others = [theme for theme in self.app.available_themes.values() if not theme.ansi]
        return [*ours, *sorted(theme.name for theme in others if theme.name not in ours)]

    def _actions(self) -> set[str]:
        """Return what can be done on the screen below, and everywhere."""
        return {*getattr(self.screen, "ACTIONS", ()), *APP} - {"app.command_palette"}

    def _told(self, action: str) -> Key:
        return self.screen.told(action) if isinstance(self.screen, FrameScreen) else KEYS[action]

    def _applies(self, action: str) -> bool:
        if not app_of(self.screen).offers(action):
            return False
        target, _, name = action.partition("(")[0].partition(".")
        node = self.app if target == "app" else self.screen
        has = getattr(node, f"action_{name}", None) is not None
        return has and node.check_action(name, ()) is True

    def _use_theme(self, name: str) -> None:
        self.app.theme = name

    async def discover(self) -> Hits:
        for name, meaning, run in self._commands():
            yield DiscoveryHit(name, cast("Callable[[], None]", run), help=meaning)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, meaning, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(name), cast("Callable[[], None]", run), help=meaning
                )
