"""Which terminal gets which escape sequence, and that no text breaks out of one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.raised import alert
from tokenwatch.channels.terminal import Outlet, Way, by_environment, in_tmux, sequence

WAYS = [
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Way.OSC_9),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, Way.OSC_777),
    ({"TERM": "wezterm"}, Way.OSC_777),
    ({"TERM": "xterm-ghostty"}, Way.OSC_777),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, Way.OSC_777),
    ({"TERM": "rxvt-unicode-256color"}, Way.OSC_777),
    ({"TERM": "foot-extra"}, Way.OSC_777),
    ({"TERM": "foot", "KITTY_WINDOW_ID": "1"}, Way.OSC_777),
    ({"TERM": "xterm-kitty"}, Way.OSC_99),
    ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, Way.OSC_99),
    ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, Way.OSC_9),
    ({"TERM": "xterm-256color", "ConEmuPID": "77"}, Way.OSC_9),
    ({"TERM": "xterm-256color"}, None),
    ({"TERM": "xterm-256color", "WT_SESSION": "x"}, None),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "vscode", "KITTY_WINDOW_ID": "1"}, None),
    ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, None),
    ({"TERM": "screen-256color", "TERM_PROGRAM": "WezTerm"}, None),
    ({"TERM": "dumb", "TERM_PROGRAM": "iTerm.app"}, None),
    ({"TERM": "linux"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("environment", "way"), WAYS)
def test_each_terminal_gets_its_own(environment: dict[str, str], way: Way | None) -> None:
    found = by_environment(environment)
    assert found.way is way
    assert (found.trouble is None) == (way is not None)


def test_an_unknown_terminal_gets_nothing_and_is_named() -> None:
    found = by_environment({"TERM": "xterm\x1b[31m-256color"})
    assert found.trouble == (
        "this terminal is not known to show notifications (TERM=xterm�[31m-256color)"
    )
    assert sequence(found, alert()) == ""


TMUX = [
    ("1", "xterm-256color", "iTerm2 3.5.0", Way.OSC_9),
    ("on", "xterm-256color", "WezTerm 20240203", Way.OSC_777),
    ("all", "xterm-ghostty", "ghostty 1.1.0", Way.OSC_777),
    ("1", "foot", "foot(1.16.2)", Way.OSC_777),
    ("", "xterm-kitty", "", Way.OSC_99),
    ("1", "xterm-kitty", "kitty(0.35.2)", Way.OSC_99),
    ("1", "xterm-256color", "XTerm(370)", None),
    ("1", "xterm-256color", "", None),
    ("1", "tmux-256color", "tmux 3.3a", None),
    ("1", "screen", "", None),
    ("1", "", "", None),
    ("0", "xterm-kitty", "", None),
    ("off", "xterm-kitty", "", None),
]


@pytest.mark.parametrize(("passes", "name", "program", "way"), TMUX)
def test_inside_tmux_the_terminal_outside_counts(
    passes: str, name: str, program: str, way: Way | None
) -> None:
    found = in_tmux(passes, name, program, {})
    assert found.way is way and found.in_tmux
    assert (found.trouble is None) == (way is not None)


def test_tmux_that_passes_nothing_on_is_told_how_to() -> None:
    trouble = in_tmux("0", "xterm-kitty", "", {}).trouble
    assert trouble and "allow-passthrough on" in trouble


def test_what_tmux_was_started_with_counts_where_the_terminal_does_not_answer() -> None:
    known = {"TERM_PROGRAM": "iTerm.app", "TERM": "never asked"}
    assert in_tmux("1", "xterm-256color", "", known) == Outlet(Way.OSC_9, in_tmux=True)
    assert in_tmux("1", "xterm-256color", "XTerm(370)", known).way is None


def test_the_sequences() -> None:
    said = "daily: $24.10 of $30.00 spent, 80% of the budget – Look at tokenwatch budget list"
    assert sequence(Outlet(Way.OSC_9), alert()) == f"\x1b]9;tokenwatch: budget: {said}\x07"
    assert sequence(Outlet(Way.OSC_777), alert()) == (
        f"\x1b]777;notify;tokenwatch: budget;{said}\x07"
    )
    kitty = sequence(Outlet(Way.OSC_99), alert())
    found = re.fullmatch(
        r"\x1b]99;i=(tokenwatch-[0-9a-f]{8}):d=0:p=title;tokenwatch: budget\x1b\\"
        r"\x1b]99;i=\1:d=1:p=body:u=1;(.*)\x1b\\",
        kitty,
    )
    assert found and found[2] == said
    assert kitty == sequence(Outlet(Way.OSC_99), alert(level=100))
    assert kitty != sequence(Outlet(Way.OSC_99), alert(key="other"))


def test_through_tmux_each_escape_is_doubled() -> None:
    plain = sequence(Outlet(Way.OSC_99), alert())
    wrapped = sequence(Outlet(Way.OSC_99, in_tmux=True), alert())
    assert wrapped == "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\"


FRAMES = {
    Way.OSC_9: r"\x1b\]9;tokenwatch: ([^;]*)\x07",
    Way.OSC_777: r"\x1b\]777;notify;([^;]*);([^;]*)\x07",
    Way.OSC_99: r"\x1b\]99;[\w=:-]+;([^;]*)\x1b\\\x1b\]99;[\w=:-]+;([^;]*)\x1b\\",
}
HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="\x1b\x07\x9c\x9b\x90\\;]Ptmux9\u202e\ud800\n\x18\x1a a"),
)


def tmux_gives_on(written: str) -> str:
    """Return what tmux gives to the terminal; nothing may be left over for tmux itself."""
    assert written.startswith("\x1bPtmux;")
    inner, at = "", len("\x1bPtmux;")
    while True:
        if written[at] != "\x1b":
            inner += written[at]
            at += 1
        elif written[at + 1] == "\\":
            assert at + 2 == len(written)
            return inner
        else:
            inner += written[at + 1]
            at += 2


@given(text=HOSTILE, action=HOSTILE, key=HOSTILE, way=st.sampled_from(Way), tmux=st.booleans())
def test_no_text_breaks_out(text: str, action: str, key: str, way: Way, tmux: bool) -> None:
    raised = alert(text=text, action=action, key=key)
    written = sequence(Outlet(way, in_tmux=tmux), raised)
    written.encode()
    if tmux:
        written = tmux_gives_on(written)
    found = re.fullmatch(FRAMES[way], written, re.DOTALL)
    assert found, repr(written)
    assert all(ord(c) >= 32 and not 127 <= ord(c) <= 159 for part in found.groups() for c in part)
