"""All keys. A letter means the same on every screen, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.binding import Binding


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a key does, and how it is told."""

    action: str
    """As Textual runs it: `app.…`, `screen.…`, or without a prefix an action of the table."""
    keys: str
    """Textual's names, separated by commas."""
    shown: str
    label: str
    """One or two words for the line of keys."""
    meaning: str
    """A sentence for the help."""


def _key(action: str, keys: str, shown: str, label: str, meaning: str) -> Key:
    return Key(action=action, keys=keys, shown=shown, label=label, meaning=meaning)


KEYS: Final = {
    key.action: key
    for key in (
        _key("move(1)", "j,down", "j ↓", "Down", "select the next row"),
        _key("move(-1)", "k,up", "k ↑", "Up", "select the row above"),
        _key("first", "g,home", "g", "First", "select the first row"),
        _key("last", "G,end", "G", "Last", "select the last row"),
        _key("page(1)", "ctrl+d", "^d", "Half page", "half a page down"),
        _key("page(-1)", "ctrl+u", "^u", "Half page", "half a page up"),
        _key("page(2)", "pagedown", "PgDn", "Page", "a page down"),
        _key("page(-2)", "pageup", "PgUp", "Page", "a page up"),
        _key("choose", "enter", "enter", "Open", "open the selected row"),
        _key("screen.back", "escape", "esc", "Back", "back, close, clear the filter"),
        _key("screen.next_pane(1)", "tab", "tab", "Next pane", "go to the next pane"),
        _key("screen.next_pane(-1)", "shift+tab", "⇧tab", "Last pane", "go to the pane before"),
        _key(
            "screen.filter",
            "slash",
            "/",
            "Filter",
            "filter: words, source: model: project: state: cost:>1, ! negates",
        ),
        _key("screen.sort", "s", "s", "Sort", "sort by the next column (or click a header)"),
        _key("screen.reverse", "S", "S", "Reverse", "reverse the order"),
        _key("screen.source", "a", "a", "Source", "show the next source only, then all again"),
        _key("screen.agents", "b", "b", "By agent", "turns or agents"),
        _key("screen.follow", "F", "F", "Follow", "keep the newest session selected"),
        _key("screen.zoom", "z", "z", "Zoom", "this pane alone; again or esc: all panes"),
        _key("screen.explain", "i", "i", "Explain", "how this number was made"),
        _key("screen.copy", "y", "y", "Copy", "copy the id or place of the selected row"),
        _key(
            "app.toggle_pause", "space", "space", "Pause", "hold the picture still; reading goes on"
        ),
        _key("app.toggle_privacy", "P", "P", "Privacy", "hide titles, paths and branches"),
        _key("app.read_now", "r", "r", "Refresh", "look at the logs now"),
        _key("app.demo", "D", "D", "Demo", "leave for the demo with invented agents"),
        _key("app.command_palette", "ctrl+p,colon", "^p", "Palette", "find a command by its name"),
        _key("app.help", "question_mark", "?", "Help", "keys of this screen; enter runs one"),
        _key("app.quit", "q,ctrl+c", "q", "Quit", "leave; reading starts where it ended"),
    )
}


def _keys(*actions: str) -> tuple[Key, ...]:
    return tuple(KEYS[action] for action in actions)


TABLE: Final = (
    "choose",
    "move(1)",
    "move(-1)",
    "first",
    "last",
    "page(1)",
    "page(-1)",
    "page(2)",
    "page(-2)",
)
APP: Final = (
    "app.toggle_pause",
    "app.toggle_privacy",
    "app.read_now",
    "app.demo",
    "app.command_palette",
    "app.help",
    "app.quit",
)
PANES: Final = (
    "screen.back",
    "screen.next_pane(1)",
    "screen.next_pane(-1)",
    "screen.sort",
    "screen.reverse",
    "screen.zoom",
    "screen.explain",
    "screen.copy",
)
LIVE: Final = (*PANES, "screen.filter", "screen.source", "screen.follow")
SESSION: Final = (*PANES, "screen.agents")

LIVE_LINE: Final = _keys(
    "choose",
    "screen.filter",
    "screen.sort",
    "screen.source",
    "screen.explain",
    "app.toggle_pause",
    "app.help",
    "app.quit",
)
"""The line of keys under the Live screen, at most eight."""
FILTER_LINE: Final = (
    _key("", "", "enter", "Keep", "keep the filter"),
    _key("", "", "esc", "Clear", "clear the filter"),
)
"""Shown while a filter is typed."""
EMPTY_LINE: Final = _keys("app.demo", "app.read_now", "app.help", "app.quit")
SESSION_LINE: Final = _keys(
    "screen.back",
    "choose",
    "screen.agents",
    "screen.sort",
    "screen.explain",
    "screen.copy",
    "app.help",
    "app.quit",
)


def bindings_for(*actions: str) -> list[Binding]:
    """Return Textual's bindings; none is shown by Textual, our own line of keys does that."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=False,
            key_display=key.shown,
            # Taken before the keys behind it are on their way to the table, however fast they come.
            priority=key.action == "screen.filter",
        )
        for key in (KEYS[action] for action in actions)
    ]
