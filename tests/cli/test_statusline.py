"""`tokenwatch statusline`: it records and prints, whatever it is given, and can be installed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.box import Box, assert_ended, one_line
from tests.cli.statuses import lines, status_line, told

LINE = "$6.84 session · 62% of 5h, resets {at} · 31% of 7d · 81k context"
AT = time.strftime("%a %H:%M", time.gmtime(4_000_000_000 - 60))


def printed(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the one line; it ended with 0 and complained of nothing."""
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1 and done.stdout.endswith(b"\n")
    return done.stdout.decode().rstrip("\n")


# being it --------------------------------------------------------------------------------------


def test_what_is_told_is_recorded_and_printed(box: Box) -> None:
    assert printed(status_line(box, told(box))) == LINE.format(at=AT)
    (found,) = lines(box)
    assert abs(found.pop("ts") - time.time() * 1000) < 600_000
    assert found == {
        "session_id": "671842df-0000-4000-8000-000000000001",
        "version": "2.1.330",
        "model": "claude-opus-5-5",
        "root": str(box.claude),
        "cost": 6.8401,
        "context": {"used": 81_000, "limit": 1_000_000},
        "rate_limits": told(box)["rate_limits"],
    }
    folder = box.data / "statusline"
    (path,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700 and box.data.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.name == time.strftime("%Y%m%d.jsonl", time.gmtime())


def test_a_reset_within_a_day_is_a_time(box: Box) -> None:
    at = int(time.time()) + 3600
    limits = {"five_hour": {"used_percentage": 4.6, "resets_at": at}}
    clock = time.strftime("%H:%M", time.gmtime(at))
    line = printed(status_line(box, told(box, rate_limits=limits)))
    assert f" · 5% of 5h, resets {clock} · " in line


def test_a_window_behind_its_reset_is_not_shown(box: Box) -> None:
    limits = {"five_hour": {"used_percentage": 62, "resets_at": int(time.time()) - 1}}
    line = printed(status_line(box, told(box, rate_limits=limits)))
    assert line == "$6.84 session · 81k context"


def test_colour_marks_what_is_nearly_full_unless_it_is_not_wanted(box: Box) -> None:
    limits = {
        "five_hour": {"used_percentage": 95, "resets_at": None},
        "seven_day": {"used_percentage": 80, "resets_at": None},
    }
    given = told(box, rate_limits=limits)
    coloured = status_line(box, given, NO_COLOR="").stdout.decode()
    assert "\x1b[31m95% of 5h\x1b[39m · \x1b[33m80% of 7d\x1b[39m" in coloured
    assert "\x1b" not in printed(status_line(box, given))
    assert b"\x1b" not in status_line(box, given, NO_COLOR="", TERM="dumb").stdout


BAD = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b"[" * 100_000,
    b"x" * (1024 * 1024 + 1),
    b'{"a": ' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("given", BAD, ids=range(len(BAD)))
def test_what_is_no_status_is_no_error(box: Box, given: bytes) -> None:
    assert "nothing told" in printed(status_line(box, given))
    assert lines(box) == []


@pytest.mark.parametrize(
    "more",
    [
        {"rate_limits": None},
        {"rate_limits": []},
        {"rate_limits": {"five_hour": None, "seven_day": 7, "x": {"used_percentage": "62"}}},
        {"rate_limits": {"five_hour": {"used_percentage": -1, "resets_at": "soon"}}},
        {"rate_limits": {"five_hour": {"used_percentage": True}}},
    ],
)
def test_limits_that_are_none_are_absent_not_zero(box: Box, more: dict[str, object]) -> None:
    line = printed(status_line(box, told(box) | more))
    assert line == "$6.84 session · 81k context"
    assert lines(box)[0]["rate_limits"] == {}


@pytest.mark.parametrize(
    "more",
    [
        {"cost": None, "context_window": None, "model": "opus", "session_id": 7, "version": 2},
        {
            "cost": {"total_cost_usd": "6"},
            "context_window": {"current_usage": None},
            "transcript_path": 3,
        },
        {"cost": {"total_cost_usd": float("inf")}, "context_window": {"current_usage": []}},
    ],
)
def test_other_values_that_are_none_are_absent(box: Box, more: dict[str, object]) -> None:
    line = printed(status_line(box, told(box) | more))
    assert line == LINE.format(at=AT)[len("$6.84 session · ") : -len(" · 81k context")]
    assert lines(box)[0]["cost"] is None and lines(box)[0]["context"]["used"] is None


def test_nothing_spent_has_no_sign(box: Box) -> None:
    for cost in (0, 0.0, -0.0):
        line = printed(status_line(box, told(box, cost={"total_cost_usd": cost})))
        assert line.startswith("$0.00 session")


def test_an_empty_object_is_a_status_of_nothing(box: Box) -> None:
    assert printed(status_line(box, b"{}")) == "tokenwatch"
    (found,) = lines(box)
    assert found["root"] == str(box.claude) and found["session_id"] is None


def test_a_line_is_never_longer_than_one_write(box: Box) -> None:
    limits = {"\u1234" * 38 + f"{i:02}": {"used_percentage": i, "resets_at": i} for i in range(50)}
    given = told(box, rate_limits=limits, session_id="\u1234" * 5000, version="\ud800" * 5000)
    given["transcript_path"] = "/" + "\u1234" * 3000 + "/projects/-a/b.jsonl"
    printed(status_line(box, given))
    (path,) = (box.data / "statusline").iterdir()
    assert path.stat().st_size <= 4096
    (found,) = lines(box)
    assert found["session_id"] == "\u1234" * 100 and found["rate_limits"] == {}


def test_the_same_again_is_recorded_once(box: Box) -> None:
    for _ in range(3):
        printed(status_line(box, told(box)))
    # Programs that rest tell the same again and again, by turns.
    for _ in range(2):
        printed(status_line(box, told(box, session_id="another")))
        printed(status_line(box, told(box)))
    assert [line["session_id"][:3] for line in lines(box)] == ["671", "ano"]
    for cost in (7, 6.8401):
        printed(status_line(box, told(box, cost={"total_cost_usd": cost})))
    assert [line["cost"] for line in lines(box)] == [6.8401, 6.8401, 7, 6.8401]


def test_many_sessions_at_once_lose_no_line(box: Box) -> None:
    command = [sys.executable, "-m", "tokenwatch", "statusline"]
    every = [
        subprocess.Popen(
            command,
            env=box.process_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(8)
    ]
    for number, process in enumerate(every):
        assert process.stdin is not None
        process.stdin.write(json.dumps(told(box, session_id=f"s{number}")).encode())
        process.stdin.close()
    assert [process.wait() for process in every] == [0] * 8
    assert {line["session_id"] for line in lines(box)} == {f"s{number}" for number in range(8)}


@pytest.mark.parametrize("form", ["file", "link", "pipe"])
def test_what_can_not_be_recorded_is_said_in_the_line(box: Box, form: str, tmp_path: Path) -> None:
    box.data.mkdir(parents=True)
    folder = box.data / "statusline"
    if form == "file":
        folder.write_text("")
    else:
        folder.mkdir()
        path = folder / time.strftime("%Y%m%d.jsonl", time.gmtime())
        path.symlink_to(tmp_path / "elsewhere") if form == "link" else os.mkfifo(path)
    line = printed(status_line(box, told(box)))
    if form == "pipe":
        assert "$6.84 session" in line
    else:
        assert line.startswith("$6.84 session") and " · not recorded: " in line
    assert not (tmp_path / "elsewhere").exists()


def test_what_a_monitor_left_is_told_while_it_is_new(box: Box) -> None:
    box.data.mkdir(parents=True)
    now = box.data / "now.json"
    now_ms = int(time.time() * 1000)
    flags = ["loop", 7, "a\x1b[31mb", "budget", "x" * 99, "more"]
    now.write_text(json.dumps({"at": now_ms, "today": "$21.34", "flags": flags}))
    line = printed(status_line(box, told(box)))
    assert line.endswith("81k context · $21.34 today · loop · a\ufffd[31mb · budget")
    assert "$21.34 today" in printed(status_line(box, b"{"))
    for content in (
        json.dumps({"at": now_ms - 11 * 60_000, "today": "$21.34"}),
        json.dumps({"at": now_ms + 3_600_000, "today": "$21.34"}),
        json.dumps({"at": "now", "today": "$21.34"}),
        json.dumps({"at": now_ms, "today": 21}),
        "{",
        "[]",
    ):
        now.write_text(content)
        assert printed(status_line(box, told(box))) == LINE.format(at=AT)


def test_nobody_reads_the_line(box: Box) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tokenwatch", "statusline"],
        env=box.process_environment(),
        input=json.dumps(told(box)).encode(),
        stdout=write,
        stderr=subprocess.PIPE,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(lines(box)) == 1


def test_it_imports_next_to_nothing(box: Box) -> None:
    code = (
        "import sys, os\nend = os._exit\n"
        "def tell(code):\n    os.write(2, ' '.join(sys.modules).encode())\n    end(code)\n"
        "os._exit = tell\nsys.argv[1:] = ['statusline']\n"
        "from tokenwatch.__main__ import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env=box.process_environment(),
        input=json.dumps(told(box)).encode(),
        capture_output=True,
    )
    assert done.stdout.decode().startswith("$6.84 session")
    costly = {"re", "json", "typing", "collections", "enum", "pathlib", "argparse", "sqlite3"}
    costly |= {"dataclasses", "msgspec", "datetime", "decimal", "logging", "tokenwatch.paths"}
    costly |= {"threading", "signal", "functools", "platformdirs", "tokenwatch.config"}
    costly |= {"subprocess", "tokenwatch.format"}
    assert not set(done.stderr.decode().split()) & costly


# wrapping --------------------------------------------------------------------------------------


def test_the_wrapped_line_gets_the_same_and_stands_above(box: Box) -> None:
    script = 'cat | wc -c; printf "%s" "$CLAUDE_CONFIG_DIR"'
    given = json.dumps(told(box)).encode()
    for arguments in (("--wrap", script), (f"--wrap={script}",)):
        done = status_line(box, given, *arguments)
        assert done.returncode == 0
        size, folder, ours = done.stdout.decode().splitlines()
        assert (int(size), folder, ours) == (len(given), str(box.claude), LINE.format(at=AT))


@pytest.mark.parametrize(
    "script", ["echo no; exit 3", "no-such-program-anywhere", "yes", "kill -9 $$", "true", ""]
)
def test_a_wrapped_line_that_fails_leaves_ours(box: Box, script: str) -> None:
    done = status_line(box, told(box), "--wrap", script)
    assert (done.returncode, done.stdout.decode()) == (0, LINE.format(at=AT) + "\n")


def test_a_wrapped_line_need_not_read(box: Box) -> None:
    given = told(box, more="x" * 900_000)
    done = status_line(box, given, "--wrap", "echo theirs")
    assert done.stdout.decode() == f"theirs\n{LINE.format(at=AT)}\n"


def test_a_wrapped_line_that_hangs_is_given_up_with_all_it_started(tmp_path: Path) -> None:
    from tokenwatch.cli.status_wrap import said_by

    pid = tmp_path / "pid"
    assert said_by(f"echo a; sleep 600 & echo $! > {pid}; wait", b"{}", limit_s=0.4) == b""
    assert_ended(int(pid.read_text()))


def test_ended_early_it_has_recorded_and_leaves_nothing_running(box: Box, tmp_path: Path) -> None:
    """The program ends a status line that is still at work when there is news."""
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}.part; mv {pid}.part {pid}; sleep 600; true"
    process = subprocess.Popen(
        [sys.executable, "-m", "tokenwatch", "statusline", "--wrap", script],
        env=box.process_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(told(box)).encode())
    process.stdin.close()
    while not pid.exists():
        time.sleep(0.02)
    process.terminate()
    process.wait()
    assert len(lines(box)) == 1
    assert_ended(int(pid.read_text()))


def test_what_a_wrapped_line_leaves_running_is_not_waited_for() -> None:
    from tokenwatch.cli.status_wrap import said_by

    before = time.monotonic()
    assert said_by("sleep 3 & echo a", b"{}", limit_s=60) == b"a\n"
    assert time.monotonic() - before < 3


# installing ------------------------------------------------------------------------------------

SETTINGS = '{\r\n\t"model": "opus"\r\n}'


@pytest.fixture
def settings(box: Box) -> Path:
    box.claude.mkdir()
    path = box.claude / "settings.json"
    path.write_bytes(SETTINGS.encode())
    return path


def command_in(path: Path) -> str:
    found: str = json.loads(path.read_bytes())["statusLine"]["command"]
    return found


def test_installed_it_runs_and_uninstalled_all_is_as_before(box: Box, settings: Path) -> None:
    result = box.run("statusline", "install", "--yes")
    assert result.code == 0, result.err
    assert '+\t"statusLine"'.expandtabs(4) in result.out.expandtabs(4)
    assert f"changed {settings}" in result.out and "tokenwatch-backup" in result.out
    done = subprocess.run(
        command_in(settings),
        shell=True,
        env=box.process_environment(NO_COLOR="1"),
        input=json.dumps(told(box)).encode(),
        capture_output=True,
    )
    assert done.stdout.decode().rstrip() == LINE.format(at=AT), done.stderr
    again = box.run("statusline", "install", "--yes")
    assert again.code == 0 and again.out == f"installed already: {settings}\n"
    assert box.run("statusline", "uninstall", "--yes").code == 0
    assert settings.read_bytes() == SETTINGS.encode()
    assert [path.name for path in box.claude.iterdir()] == ["settings.json"]
    assert "no status line" in box.run("statusline", "uninstall", "--yes").out


def test_nothing_is_changed_where_nobody_can_be_asked(box: Box, settings: Path) -> None:
    result = box.run("statusline", "install")
    assert result.code == 2 and "statusLine" in result.out
    assert result.err == "tokenwatch: nothing was changed: nobody can be asked here, add --yes\n"
    assert settings.read_bytes() == SETTINGS.encode()


FOREIGN = '{"statusLine": {"command": "printf \'their\\u0073 %s\' \\"$(wc -c)\\"", "padding": 0}}'


def test_a_foreign_line_stays_unless_it_may_be_wrapped(box: Box, settings: Path) -> None:
    settings.write_text(FOREIGN)
    line = one_line(box.run("statusline", "install", "--yes"), 1)
    assert str(settings) in line and "add --wrap" in line
    assert settings.read_text() == FOREIGN
    result = box.run("statusline", "install", "--yes", "--wrap")
    assert result.code == 0 and "it stays: ours runs it and adds" in result.out
    given = json.dumps(told(box)).encode()
    done = subprocess.run(
        command_in(settings),
        shell=True,
        env=box.process_environment(NO_COLOR="1"),
        input=given,
        capture_output=True,
    )
    assert done.stdout.decode() == f"theirs {len(given)}\n{LINE.format(at=AT)}\n"
    assert "installed already" in box.run("statusline", "install", "--yes").out
    assert box.run("statusline", "uninstall", "--yes").code == 0
    assert settings.read_text() == FOREIGN


@pytest.mark.parametrize(
    "edited", ["tokenwatch statusline | head -1", "env A=1 tokenwatch statusline --wrap 'x y' 2>&1"]
)
def test_one_that_the_user_edited_is_theirs_to_take_out(
    box: Box, settings: Path, edited: str
) -> None:
    assert box.run("statusline", "install", "--yes").code == 0
    text = json.dumps({"statusLine": {"type": "command", "command": edited}})
    settings.write_text(text)
    result = box.run("statusline", "install", "--yes")
    assert result.code == 0 and result.out == f"installed already: {settings}\n"
    line = one_line(box.run("statusline", "uninstall", "--yes"), 1)
    assert str(settings) in line and edited in line and "take it out yourself" in line
    assert settings.read_text() == text


@pytest.mark.parametrize(("said", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_on_a_terminal_it_asks(box: Box, settings: Path, said: str, code: int) -> None:
    settings.write_text(FOREIGN)
    main, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tokenwatch", "statusline", "install"],
        env=box.process_environment(),
        stdin=other,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(main, 4096)
    os.write(main, f"{said}\n".encode())
    try:
        while part := os.read(main, 4096):
            shown += part
    except OSError:
        pass
    os.close(main)
    assert process.wait() == code
    assert b"a status line is set already" in shown
    assert (settings.read_text() == FOREIGN) is bool(code)


def test_another_folder_and_none(box: Box, settings: Path) -> None:
    other = box.folder / "work"
    assert "no folder here" in one_line(
        box.run("statusline", "install", "--yes", "--config-dir", str(other)), 1
    )
    other.mkdir()
    assert box.run("statusline", "install", "--yes", "--config-dir", str(other)).code == 0
    assert "statusline" in command_in(other / "settings.json")
    assert settings.read_bytes() == SETTINGS.encode()
    assert box.run("statusline", "uninstall", "--yes", "--config-dir", str(other)).code == 0
    assert list(other.iterdir()) == []


def test_each_folder_that_is_named_gets_one(box: Box, settings: Path) -> None:
    other = box.folder / "work"
    other.mkdir()
    both = Box(box.folder, more={"CLAUDE_CONFIG_DIR": f"{other},{box.claude},{box.folder}/none"})
    result = both.run("statusline", "install", "--yes")
    assert result.code == 0 and result.out.count("changed ") == 2
    assert command_in(settings) == command_in(other / "settings.json")
    assert both.run("statusline", "uninstall", "--yes").code == 0
    assert settings.read_bytes() == SETTINGS.encode() and list(other.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{\n// mine\n}", "line 2, column 1: a comment"),
        (b'{"a": 1,}', "line 1, column 8"),
        (b'{"statusLine": []}', '"statusLine" is no object'),
        (b"\xff", "no UTF-8"),
    ],
)
def test_a_broken_file_is_refused(box: Box, settings: Path, content: bytes, why: str) -> None:
    settings.write_bytes(content)
    assert why in one_line(box.run("statusline", "install", "--yes"), 1)
    assert settings.read_bytes() == content


def test_a_read_only_file_is_refused(box: Box, settings: Path) -> None:
    settings.chmod(0o400)
    result = box.run("statusline", "install", "--yes")
    assert result.code == 1 and "it is read-only" in result.err
    assert settings.read_bytes() == SETTINGS.encode()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("install", "--wrap", "mine"), "takes no command"),
        (("uninstall", "--wrap"), "goes with install"),
        (("--wrap",), "needs the command"),
        (("--yes",), "go with install"),
        (("sideways",), "sideways"),
    ],
)
def test_wrong_usage(box: Box, settings: Path, arguments: tuple[str, ...], why: str) -> None:
    assert why in one_line(box.run("statusline", *arguments), 2)
