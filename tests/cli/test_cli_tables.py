"""Tables for people: at any width, for any title."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.cli.box import Box
from tests.cli.logs import SESSION, assistant, claude_log, user
from tokenwatch.cli.table import GAP, Column, fit, short_ids

COMMANDS = (
    *("report", "report --by agent", "sessions", "agents"),
    *("explain 0", "doctor", "prices list"),
)


def on_terminal(box: Box, columns: int, *arguments: str, **more: str) -> str:
    """Return what a command draws on a terminal that is so wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        box.starter(*arguments),
        env=box.process_environment(**{"TERM": "xterm-256color", **more}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    drawn = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        drawn += part
    os.close(ours)
    assert process.wait() == 0, drawn
    return drawn.decode().replace("\r\n", "\n")


def table(text: str) -> list[str]:
    """Return the header, the rows and the footer of what was drawn, without style."""
    lines = re.sub(r"\x1b\[[\d;]*m", "", text).split("\n")
    rules = [i for i, line in enumerate(lines) if line.startswith("─")]
    end = rules[1] + 2 if len(rules) > 1 else lines.index("", rules[0])
    return [line for line in lines[rules[0] - 1 : end] if not line.startswith("─")]


def an_id(box: Box) -> str:
    return str(box.run("sessions", "--json").rows[0]["id"])


@pytest.mark.parametrize("columns", [60, 80, 100, 200])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_fits_the_terminal(full: Box, command: str, columns: int) -> None:
    arguments = command.replace("explain 0", f"explain {an_id(full)}").split()
    rows = table(on_terminal(full, columns, *arguments))
    assert len(rows) > 2
    assert all(cell_len(row) <= columns for row in rows)


def test_wider_shows_more(full: Box) -> None:
    heads = [table(on_terminal(full, columns, "sessions"))[0].split() for columns in (80, 100, 160)]
    assert set(heads[0]) < set(heads[1]) < set(heads[2])
    assert {"state", "session", "title", "tokens", "cost"} <= set(heads[0])


def test_colour_is_for_terminals_that_want_it(full: Box) -> None:
    assert "\x1b[1m" in on_terminal(full, 100, "report")
    assert "\x1b" not in on_terminal(full, 100, "report", TERM="dumb")
    assert "\x1b" not in full.run("report").out


def test_a_pipe_gets_every_column_uncut(full: Box) -> None:
    rows = full.run("sessions", "--json").rows
    lines = table(full.run("sessions").out)
    assert lines[0].split()[:4] == ["state", "session", "title", "project"]
    assert len(lines) == len(rows) + 2
    assert all(line == line.rstrip() for line in lines)
    for row, line in zip(rows, lines[1:], strict=False):
        assert row["id"].startswith(line.split()[1])
        assert row["title"][:50] in line
    keys = [line.split()[0] for line in table(full.run("report", "--by", "agent").out)[1:-1]]
    assert keys == [row["key"] for row in full.run("report", "--by", "agent", "--json").rows]


def test_every_table_has_its_total(full: Box) -> None:
    total = full.run("report", "--json").document["totals"]
    for command in ("report", "report --by model", "sessions", "agents"):
        last = table(full.run(*command.split()).out)[-1].split()
        assert last[0] == "total" and str(total["requests"]) in last
        assert last[-1].startswith("≥"), "some requests of the demo are unpriced"


def test_an_empty_table_says_so_on_stderr(box: Box) -> None:
    for command in ("report", "sessions", "agents"):
        result = box.run(command)
        assert result.code == 0 and "nothing found" in result.err
        assert "nothing found" not in result.out
        assert box.run(command, "--json").err == ""


HOSTILE = (
    "\x1b]0;owned\a\x1b[31mred \x9b31m",
    "[red]markup[/red] [link=http://x]y[/link] :smile:",
    "漢字仮名交じり文の表題" * 3,
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f",
    "line one\nline two\r\n\ttab\x00nul\x7f\x85",
    "e\u0301" * 30 + "👩‍👩‍👧‍👦" * 10,
    "{title} %s %(name)s \\N{BULLET}",
    "lone \ud800 surrogate",
)
FORBIDDEN = set("\x1b\a\x9b\x85\x7f\x00\r\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_log_cannot_paint_the_terminal(box: Box, text: str) -> None:
    session = f"5f0c\x1b[31m{SESSION}"
    records = [
        user(text, cwd=f"/home/dev/{text.replace('/', '')}", gitBranch=text, sessionId=session),
        {"type": "ai-title", "aiTitle": text, "sessionId": session},
        assistant("msg_01a\x1b[2J1", model=f"claude-opus-5-5{text}", sessionId=session),
    ]
    claude_log(box.claude, records)
    commands = [
        *(f"report --by {by}" for by in ("model", "project", "session", "agent")),
        *("sessions", "agents", "doctor", f"explain {an_id(box)[:4]}"),
    ]
    outputs = [box.run(*c.split(), *more) for c in commands for more in ([], ["--json"])]
    outputs += [
        box.run("export", "--format", form, "--rows", rows)
        for form in ("csv", "jsonl")
        for rows in ("requests", "sessions", "agents")
    ]
    for result in outputs:
        assert result.code == 0, result.err
        assert not set(result.out) & FORBIDDEN
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in result.out if c != "\n")
    for decoded in (box.run("sessions", "--json").rows, box.run("agents", "--json").rows):
        flat = str(decoded)
        assert "\\x1b" not in flat and "\\u202e" not in flat and "\\n" not in flat
    assert len(table(box.run("sessions").out)) == 3


def test_markup_is_text(box: Box) -> None:
    records = [user("[red]x[/red] [bold]"), assistant("msg_01a1", model="claude-[red]-5")]
    claude_log(box.claude, records)
    assert "[red]x[/red] [bold]" in box.run("sessions").out
    assert "[red]" in box.run("report", "--by", "model").out


CELLS = st.text(alphabet="ab漢é\u0301👩", max_size=40)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5),
    width=st.integers(1, 120),
)
def test_columns_that_are_shown_fit(rows: list[tuple[str, str, str]], width: int) -> None:
    columns = (Column(name="a"), Column(name="b", least=4, rank=1), Column(name="c", rank=2))
    shown = fit(columns, rows, width)
    needed = [max(cell_len(row[i]) for row in rows) for i in range(3)]
    assert 0 in shown and shown[0] == needed[0]
    taken = sum(shown.values()) + GAP * (len(shown) - 1)
    assert taken <= width or set(shown) == {0}
    assert set(shown) in ({0}, {0, 1}, {0, 1, 2})
    assert all(size == needed[i] or (i == 1 and size >= 4) for i, size in shown.items())
    if sum(needed) + 2 * GAP <= width:
        assert shown == dict(enumerate(needed))


@given(st.lists(st.text(alphabet="01-", max_size=12), unique=True, max_size=12))
def test_short_ids_tell_every_id(ids: list[str]) -> None:
    short = short_ids(ids, 3)
    for one in ids:
        assert one.startswith(short[one])
        others = [o for o in ids if o != one and o.startswith(short[one])]
        assert not others or short[one] == one
        assert len(short[one]) == min(3, len(one)) or any(
            o.startswith(short[one][:-1]) for o in ids if o != one
        )
