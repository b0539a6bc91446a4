"""All keys. A letter means the same on every screen, or nothing.

A screen lists the actions it has (`FrameScreen.ACTIONS`) and those in its lowest line (`LINE`);
what a key is called and told as stands here, unless a screen has closer words (`MEANINGS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from textual.binding import Binding

from tokenwatch.tui.tabs import SETTINGS, TABS


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
        # Within a table
        _key("move(1)", "j,down", "j ↓", "Down", "select the next row"),
        _key("move(-1)", "k,up", "k ↑", "Up", "select the row above"),
        _key("first", "g,home", "g", "First", "select the first row"),
        _key("last", "G,end", "G", "Last", "select the last row"),
        _key("page(1)", "ctrl+d", "^d", "Half page", "half a page down"),
        _key("page(-1)", "ctrl+u", "^u", "Half page", "half a page up"),
        _key("page(2)", "pagedown", "PgDn", "Page", "a page down"),
        _key("page(-2)", "pageup", "PgUp", "Page", "a page up"),
        _key("choose", "enter", "enter", "Open", "open the selected row"),
        # Within a screen
        _key("screen.back", "escape", "esc", "Back", "back, close, clear the filter"),
        _key("screen.next_pane(1)", "tab", "tab", "Next pane", "go to the next pane"),
        _key("screen.next_pane(-1)", "shift+tab", "⇧tab", "Last pane", "go to the pane before"),
        _key(
            "screen.filter",
            "slash,f",
            "/",
            "Filter",
            "only what matches: words, model:opus cost:>1, !not",
        ),
        _key("screen.sort", "s", "s", "Sort", "sort by the next column (or click a header)"),
        _key("screen.reverse", "S", "S", "Reverse", "reverse the order"),
        _key("screen.group", "b", "b", "Group by", "group by the next thing"),
        _key("screen.source", "a", "a", "Source", "show the next source only, then all again"),
        _key("screen.project", "p", "p", "Project", "show one project only"),
        _key("screen.shift(-1)", "left_square_bracket", "[", "Earlier", "the period before"),
        _key("screen.shift(1)", "right_square_bracket", "]", "Later", "the period after"),
        _key("screen.period", "t", "t", "Period", "another length of the period"),
        _key("screen.stretch(1)", "plus,equals_sign", "+", "Closer", "look closer in time"),
        _key("screen.stretch(-1)", "minus", "−", "Wider", "look at more time at once"),
        _key("screen.pan(-1)", "left,h", "←", "Earlier", "go to an earlier time"),
        _key("screen.pan(1)", "right,l", "→", "Later", "go to a later time"),
        _key("screen.units", "u", "u", "Units", "money, tokens, share"),
        _key("screen.follow", "F", "F", "Follow", "keep the newest in view"),
        _key("screen.zoom", "z", "z", "Zoom", "this pane alone; again or esc: all panes"),
        _key("screen.explain", "i", "i", "Explain", "how this number was made"),
        _key("screen.copy", "y", "y", "Copy", "copy the selected row's id, name, place or advice"),
        _key("screen.export", "x", "x", "Export", "write what is on screen to a file"),
        _key("screen.open_session", "o", "o", "Session", "go to the session behind the row"),
        _key("screen.edit", "e", "e", "Edit", "change the selected row"),
        _key("screen.editor", "E", "E", "Editor", "open the log in your editor"),
        _key("screen.pane_of", "w", "w", "Its pane", "go to the agent's own tmux pane"),
        _key("screen.new", "n", "n", "New", "make a new one"),
        _key("screen.was_fine", "d", "d", "Was fine", "it was fine: not shown again, nor its like"),
        _key("screen.agree", "W", "W", "Avoidable", "yes, it could have been avoided"),
        _key("screen.dismissed", "v", "v", "Dismissed", "what was dismissed; d takes it back"),
        _key("screen.delete", "delete", "del", "Delete", "delete the selected row (asks)"),
        _key("screen.snooze", "exclamation_mark", "!", "Snooze", "hear nothing of it for a while"),
        _key("screen.seen", "m", "m", "Seen", "mark as seen, and go to the next"),
        _key("screen.all_seen", "M", "M", "All seen", "mark all as seen"),
        _key("screen.allow", "A", "A", "Allow", "go on beyond hard budgets for a while"),
        _key("screen.undo", "U", "U", "Undo", "take the last change back"),
        # Everywhere
        *(
            _key(
                f"app.go('{tab.name}')",
                tab.keys,
                tab.shown,
                tab.title,
                f"go to {tab.title}: {tab.meaning}",
            )
            for tab in (*TABS, SETTINGS)
        ),
        _key(
            "app.toggle_pause", "space", "space", "Pause", "hold the picture still; reading goes on"
        ),
        _key("app.toggle_privacy", "P", "P", "Privacy", "hide titles, paths and branches"),
        _key("app.read_now", "r", "r", "Refresh", "look at the logs now"),
        _key("app.demo", "D", "D", "Demo", "leave for the demo with invented agents"),
        _key("app.picture", "ctrl+s", "^s", "Picture", "save a picture of the screen"),
        _key("app.command_palette", "ctrl+p,colon", "^p", "Palette", "find a command by its name"),
        _key("app.help", "question_mark", "?", "Help", "keys of this screen; enter runs one"),
        _key("app.quit", "q", "q", "Quit", "leave; reading starts where it ended"),
    )
}

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
"""What every table can do."""
LOCAL: Final = frozenset(
    {
        "app.demo",
        "app.picture",
        "screen.agree",
        "screen.all_seen",
        "screen.allow",
        "screen.delete",
        "screen.was_fine",
        "screen.edit",
        "screen.editor",
        "screen.export",
        "screen.new",
        "screen.pane_of",
        "screen.seen",
        "screen.snooze",
        "screen.undo",
    }
)
"""What writes files or settings of this machine, or starts programs on it: not from a browser."""
APP: Final = tuple(action for action in KEYS if action.startswith("app."))
"""What can be done everywhere."""
PANES: Final = (
    "screen.back",
    "screen.next_pane(1)",
    "screen.next_pane(-1)",
    "screen.zoom",
    "screen.copy",
    "screen.export",
)
"""What every screen of panes can do."""
ROWS: Final = ("screen.sort", "screen.reverse", "screen.explain")
"""What a screen with figures in rows can do besides."""

FILTER_LINE: Final = (
    _key("", "", "enter", "Keep", "keep the filter"),
    _key("", "", "esc", "Clear", "clear the filter"),
)
"""Shown while a filter is typed."""


def line_of(*actions: str | tuple[str, str]) -> tuple[Key, ...]:
    """Return keys for the lowest line, at most eight; a pair gives a key another label there."""
    return tuple(
        KEYS[action] if isinstance(action, str) else replace(KEYS[action[0]], label=action[1])
        for action in actions
    )


def bindings_for(actions: Sequence[str]) -> list[Binding]:
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
