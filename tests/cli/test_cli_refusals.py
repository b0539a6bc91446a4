"""What is refused, with one line that names it; and ids."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tests.cli.box import Box, one_line
from tests.cli.logs import SESSION, assistant, claude_log

COMMANDS = ("report", "sessions", "agents", "doctor")
WHEN = "a date, an RFC 3339 time, 7d or 24h, today, yesterday, month"
WRONG = {
    "--since": ("", "foo", "2026-13-01", "2026-11-31", "7", "7x", "-7d", "2026-11-21T25:00", "now"),
    "--until": ("", "tomorrow", "21.11.2026", "2026-11-21T10:00:00+99:00", "1700000000"),
    "--timezone": ("", "Mars", "Europe", "../../etc/passwd", "/etc/localtime", "x" * 300, "a\nb"),
    "--project": ("",),
    "--model": ("",),
    "--source": ("", "claude", "Codex"),
}
ALLOWED = {
    "--since": WHEN,
    "--until": WHEN,
    "--timezone": "IANA names",
    "--project": "path or name",
    "--model": "id, or a part of it",
    "--source": "'claude-code', 'codex'",
}


@pytest.mark.parametrize("option", WRONG)
def test_a_wrong_value_is_named_with_what_is_allowed(box: Box, option: str) -> None:
    for value in WRONG[option]:
        for command in ("report", "sessions", "agents", "doctor", "explain x"):
            line = one_line(box.run(*command.split(), f"{option}={value}"), 2)
            assert option in line and ALLOWED[option] in line
            assert repr(value) in line
    assert not box.data.exists(), "nothing is read before the options are right"


def test_a_wrong_choice_is_named_with_what_is_allowed(box: Box) -> None:
    line = one_line(box.run("report", "--by", "year"), 2)
    assert "--by" in line and "'year'" in line and "'month'" in line
    line = one_line(box.run("export", "--format", "xml"), 2)
    assert "--format" in line and "'xml'" in line and "'jsonl'" in line
    line = one_line(box.run("export", "--format", "csv", "--rows", "turns"), 2)
    assert "--rows" in line and "'turns'" in line and "'agents'" in line
    line = one_line(box.run("prices", "show"), 2)
    assert "'show'" in line and "'update'" in line


def test_what_does_not_exist_is_named(box: Box) -> None:
    line = one_line(box.run("reports"), 2)
    assert "'reports'" in line and "report, sessions" in line
    for arguments in (["--bogus"], *([name, "--bogus"] for name in (*COMMANDS, "demo"))):
        assert "--bogus" in one_line(box.run(*arguments), 2)
    assert "--forma" in one_line(box.run("export", "--forma", "csv"), 2)
    assert "surplus" in one_line(box.run("sessions", "surplus"), 2)


def test_what_is_missing_is_named(box: Box) -> None:
    assert "ID" in one_line(box.run("explain"), 2)
    assert "--format" in one_line(box.run("export"), 2)
    assert "--since" in one_line(box.run("report", "--since"), 2)
    assert "action" in one_line(box.run("prices"), 2)


def test_an_argument_cannot_paint_the_terminal(box: Box) -> None:
    for arguments in (
        ["a\nb\x1b[31m"],
        ["report", "x\ny\x1b[31m\u202e"],
        ["explain", "\x1b]0;x\a"],
    ):
        result = box.run(*arguments)
        assert result.code in (1, 2) and result.err.count("\n") == 1
        assert not set(result.err) & set("\x1b\a\u202e\r")


def test_the_monitor_needs_a_terminal(box: Box) -> None:
    for arguments in ([], ["demo"], ["--timezone", "UTC"]):
        assert "terminal" in one_line(box.run(*arguments), 2)


IDS = (
    "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11",
    "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a12",
    "5f0c7f3e",
    "6a",
)


def test_an_id_is_any_beginning_that_tells_it(box: Box) -> None:
    for number, session in enumerate(IDS):
        claude_log(box.claude, [assistant(f"msg_01a{number}", sessionId=session)], session)

    def explained(prefix: str) -> str:
        return str(box.run("explain", prefix, "--json").document["session_id"])

    assert explained("6") == "6a"
    assert explained("5f0c7f3e") == "5f0c7f3e", "an exact id wins"
    assert explained(IDS[1]) == IDS[1]
    line = one_line(box.run("explain", "5f0c"), 1)
    assert "5f0c" in line and "ambiguous" in line and IDS[0] in line
    for unknown in ("7", "", "6A", "%", "_", f"{IDS[0]}0", "' OR 1=1 --"):
        line = one_line(box.run("explain", unknown), 1)
        assert repr(unknown) in line or unknown in line


SETTINGS = {
    'titels = "full"': (
        "line 1",
        "titels",
        "alerts, budgets, editor, guard, plans, roots, screen, timezone, titles, waste",
        "did you mean 'titles'?",
    ),
    'titles = "some"': ("'some'", "full, client, none"),
    'titles = ["full"]': ("['full']", "full, client, none"),
    "titles = 3": ("3", "full, client, none"),
    "titles = full": ("line 1, column 10",),
    "\n# a\ntitles = [\n 1]": ("line 3", "titles = [1]"),
    'timezone = "Mars"': ("line 1", "'Mars'", "IANA name"),
    "timezone = 3": ("timezone = 3", "IANA name"),
    'editor = "vi \\""': ("editor", "command line"),
    'editor = " "': ("editor", "command line"),
    'theme = "dark"': ("unknown key 'theme'", "belongs into [screen]"),
    "screen = 3": ("screen = 3", "[screen]"),
    '[screen]\nthem = "x"': ("line 2", "'them' in [screen]", "did you mean 'theme'?"),
    '[screen]\ntheme = "nrod"': ("line 2", "'nrod'", "dark, light, plain, ", "'nord'?"),
    "[screen]\nmouse = 1": ("line 2", "mouse = 1 in [screen]", "true, false"),
    '[screen]\nascii = "true"': ("'true'", "true, false"),
    '[screen]\nstart = "home"': ("'home'", "live, sessions"),
    'roots = "/x"': ("roots", "[[roots]]"),
    "roots = [1]": ("roots", "[[roots]]"),
    '[[roots]]\nsource = "gemini"\npath = "/x"': ("'gemini'", "claude-code, codex"),
    '[[roots]]\nsource = ["codex"]\npath = "/x"': ("['codex']", "claude-code, codex"),
    '[[roots]]\npath = "/x"': ("source", "claude-code, codex"),
    '[[roots]]\nsource = "codex"': ("path", "absolute path"),
    '[[roots]]\nsource = "codex"\npath = ""': ("path", "absolute path"),
    '[[roots]]\nsource = "codex"\npath = "logs"': ("'logs'", "absolute path"),
    '[[roots]]\nsource = "codex"\npath = "~nobody-knows/x"': ("~nobody-knows", "absolute path"),
    '[[roots]]\nsource = "codex"\npath = "/x\\u0000"': ("path", "absolute path"),
    '[[roots]]\nsource = "codex"\npath = 7': ("7", "absolute path"),
    '[[roots]]\nsource = "codex"\npath = "/x"\nlabel = 1': ("label", "text"),
    '[[roots]]\nsource = "codex"\npath = "/x"\nname = "x"': ("name", "label, path, source"),
}


@pytest.mark.parametrize("text", SETTINGS)
def test_a_wrong_setting_is_named_with_what_is_allowed(box: Box, text: str) -> None:
    path = box.settings(text)
    for command in ("report", "doctor"):
        line = one_line(box.run(command), 2)
        assert str(path) in line
        assert all(part in line for part in SETTINGS[text]), line


def test_everything_that_is_wrong_is_said_at_once_in_its_order(box: Box) -> None:
    path = box.settings(
        '[[roots]]\nsource = "codex"\n[[roots]]\nsource = "x"\npath = "/a"\nlabel = 3\n'
        '[screen]\nmouse = "no"\n[colours]\nred = 1\n'
    )
    result = box.run("report")
    assert (result.code, result.out) == (2, "")
    lines = [line.removeprefix(f"tokenwatch: {path}: ") for line in result.err.splitlines()]
    assert [line.partition(":")[0] for line in lines] == [
        *("line 1", "line 4", "line 6", "line 8", "line 9")
    ]
    assert "path is missing in [[roots]]" in lines[0] and "unknown key 'colours'" in lines[4]


def test_settings_that_cannot_be_read(box: Box) -> None:
    path = box.settings(b"titles = '\xff'")
    assert "UTF-8" in one_line(box.run("report"), 2)
    path.unlink()
    path.mkdir()
    assert str(path) in one_line(box.run("report"), 2)


def test_a_ledger_that_cannot_be_opened(box: Box) -> None:
    box.data.write_text("a file in its place")
    assert str(box.data) in one_line(box.run("report"), 1)
    box.data.unlink()
    box.data.mkdir()
    ledger = box.data / "ledger.sqlite"
    ledger.write_bytes(b"no database at all" * 100)
    assert str(ledger) in one_line(box.run("sessions"), 1)
    assert ledger.read_bytes().startswith(b"no database")


def test_a_newer_ledger_is_left_alone(box: Box) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    assert box.run("report").code == 0
    ledger = box.data / "ledger.sqlite"
    with sqlite3.connect(ledger) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = ledger.read_bytes()
    assert "999" in one_line(box.run("report"), 1)
    assert ledger.read_bytes() == before


def test_a_current_folder_that_is_gone(box: Box, tmp_path_factory: pytest.TempPathFactory) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    start = Path.cwd()
    gone = tmp_path_factory.mktemp("gone")
    os.chdir(gone)
    gone.rmdir()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.cli.box.chdir", lambda _: _Stay())
            assert "--project" in one_line(box.run("report", "--project", "."), 2)
            assert box.run("report", "--project", "/home/dev/app").code == 0
            assert box.run("explain", SESSION[:4]).code == 0
    finally:
        os.chdir(start)


class _Stay:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
