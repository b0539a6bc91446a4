"""The commands of the palette. One provider: with two, their order would change from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tokenwatch.tui.bindings import KEYS
from tokenwatch.tui.tabs import SETTINGS, TABS
from tokenwatch.tui.themes import THEMES
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
    "screen.undo": "row: Undo the last change",
    "screen.back": "go: Back",
    **{f"app.go('{tab.name}')": f"go: {tab.title}" for tab in (*TABS, SETTINGS)},
    "app.toggle_pause": "view: Pause",
    "app.toggle_privacy": "view: Privacy",
    "app.read_now": "logs: Refresh",
    "app.picture": "screen: Save a picture",
    "app.demo": "go: Demo",
    "app.help": "go: Help",
    "app.quit": "go: Quit",
}


class Commands(Provider):
    """Every key's action by name, where it applies now, and the themes."""

    def _commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        for action, name in sorted(AREAS.items(), key=lambda item: item[1]):
            if self._applies(action):
                yield name, KEYS[action].meaning, partial(self.screen.run_action, action)
        for theme in THEMES:
            name = f"theme: {theme.name.removeprefix('tokenwatch-').capitalize()}"
            yield name, "change the colours", partial(self._use_theme, theme.name)

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
