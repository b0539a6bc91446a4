"""Commands as processes: how they end, where they write, what they import."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.box import Box
from tests.cli.logs import assistant, claude_log, user
from tokenwatch import __version__
from tokenwatch.cli.main import COMMANDS


@pytest.mark.parametrize("command", ["report --json", "sessions", "export --format jsonl"])
def test_a_reader_that_leaves_ends_it_quietly(full: Box, command: str) -> None:
    process = subprocess.Popen(
        full.starter(*command.split()),
        env=full.process_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() in (-signal.SIGPIPE, 141)
    process.stderr.close()


def test_help_for_a_reader_that_leaves(box: Box) -> None:
    for arguments in (["--help"], ["report", "--help"], ["--version"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            box.starter(*arguments),
            env=box.process_environment(),
            stdout=writer,
            stderr=subprocess.PIPE,
        )
        os.close(writer)
        assert done.stderr == b""
        assert done.returncode in (-signal.SIGPIPE, 141)


def test_a_program_that_reads_nothing_does_not_end_it(box: Box) -> None:
    """What is written to it comes to nothing, which is none of this process's end."""
    box.settings('[alerts]\ncommand = "true"\n')
    done = box.spawn("alerts", "test", TOKENWATCH_OFFLINE="0")
    assert done.code == 0 and "command" in done.out, done


def test_alerts_that_nobody_reads_end_it_quietly(box: Box) -> None:
    now = datetime.now(UTC).isoformat()
    claude_log(box.claude, [user("hi", now), assistant("m1", now)])
    box.settings('[[budgets]]\nname = "tight"\nlimit = 0.0001\nhard = true\n')
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "tokenwatch", "alerts", "watch"],
        env=box.process_environment(),
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    assert done.stderr == b"" and done.returncode in (-signal.SIGPIPE, 141)


WAITING = """
import os, signal, sys
from tokenwatch.cli import report

def interrupted(options):
    os.kill(os.getpid(), signal.SIGINT)
    return 0

report.run = interrupted
from tokenwatch.__main__ import main
sys.exit(main())
"""


def test_ctrl_c_ends_it_quietly(box: Box) -> None:
    command = [box.starter()[0], "-c", WAITING, "report"]
    done = subprocess.run(command, env=box.process_environment(), capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_a_full_disk_is_one_line(full: Box) -> None:
    with open("/dev/full", "wb") as file:  # noqa: PTH123
        done = subprocess.run(
            full.starter("report"),
            env=full.process_environment(),
            stdout=file,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 1
    assert done.stderr == b"tokenwatch: No space left on device\n"


def test_results_on_stdout_and_diagnostics_on_stderr(box: Box) -> None:
    result = box.spawn("report", "--json")
    assert result.err == "" and json.loads(result.out)["rows"] == []
    result = box.spawn("explain", "none")
    assert result.code == 1 and result.out == "" and result.err.count("\n") == 1
    result = box.spawn("report", "--since", "never")
    assert result.code == 2 and result.out == "" and result.err.count("\n") == 1


def test_any_locale_will_do(box: Box) -> None:
    claude_log(box.claude, [user("漢字 naïve ≥"), assistant("msg_01a1")])
    for locale in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "ascii"}):
        command = box.starter("sessions", "--json")
        done = subprocess.run(command, env=box.process_environment(**locale), capture_output=True)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.decode("utf-8"))["rows"][0]["title"] == "漢字 naïve ≥"
        for more in ("sessions", "report", "doctor", "prices list"):
            command = box.starter(*more.split())
            env = box.process_environment(**locale)
            done = subprocess.run(command, env=env, capture_output=True)
            assert done.returncode == 0, done.stderr
        command = box.starter("export", "--format", "csv", "--rows", "sessions")
        done = subprocess.run(command, env=box.process_environment(**locale), capture_output=True)
        assert "漢字 naïve ≥" in done.stdout.decode("utf-8")


def test_version(box: Box) -> None:
    assert box.spawn("--version").out == f"tokenwatch {__version__}\n"
    assert not box.data.exists()


def test_help_lists_every_command_in_a_line(box: Box) -> None:
    text = box.run("--help").out
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    for name, what in COMMANDS.items():
        assert sum(line.split() == [name, *what.split()] for line in lines) == 1
    assert "examples:" in text and "--version" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_says_what_each_option_is(box: Box, command: str) -> None:
    result = box.run(command, "--help")
    assert result.code == 0 and COMMANDS[command] in result.out
    assert result.out.startswith(f"usage: tokenwatch {command} ")
    if command != "demo":
        assert f"tokenwatch {command} " in result.out.partition("examples:")[2]
    assert not box.data.exists()


ELSEWHERE = (
    ["prices", "update"],
    # One goes on until it is stopped, the others ask somebody: they have tests of their own.
    ["alerts", "watch"],
    ["hooks", "install"],
    ["statusline", "install"],
)


def test_the_examples_of_the_help_work(full: Box, tmp_path: Path) -> None:
    for command in COMMANDS:
        if command in ("demo", "explain", "serve"):
            continue
        for line in full.run(command, "--help").out.partition("examples:\n")[2].splitlines():
            arguments = line.split()[1:]
            if arguments not in ELSEWHERE:
                assert full.run(*arguments, cwd=tmp_path).code == 0, line
    assert (tmp_path / "november.csv").exists()


def test_two_commands_at_once_agree(box: Box) -> None:
    records = [user("hi"), *(assistant(f"msg_01a{i}") for i in range(400))]
    claude_log(box.claude, records)
    running = [
        subprocess.Popen(
            box.starter("report", "--json"),
            env=box.process_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in running:
        out, err = process.communicate()
        assert (process.returncode, err) == (0, b"")
        assert json.loads(out)["totals"]["requests"] == 400


def test_files_of_ours_are_private(box: Box) -> None:
    old = os.umask(0)
    try:
        claude_log(box.claude, [assistant("msg_01a1")])
        assert box.spawn("report").code == 0
    finally:
        os.umask(old)
    assert box.data.stat().st_mode & 0o777 == 0o700
    files = [path for path in box.data.iterdir() if path.is_file()]
    assert files and all(path.stat().st_mode & 0o777 == 0o600 for path in files)
