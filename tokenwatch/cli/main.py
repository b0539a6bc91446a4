"""Parse the command line and run one command.

Exit codes: 0 done, 1 it failed, 2 wrong usage. Results go to stdout, diagnostics to stderr.
"""

from __future__ import annotations

import io
import os
import sys

from tokenwatch import __version__
from tokenwatch.errors import ConfigError, TokenwatchError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

COMMANDS = {
    "demo": "the monitor on invented agents that keep working",
    "serve": "the monitor in a browser, for you alone",
    "glance": "one line that stays up to date; once for prompts",
    "report": "usage and cost by day, model, project, session, …",
    "sessions": "one row per session",
    "agents": "one row per agent and subagent",
    "waste": "what could have been avoided, with proof",
    "budget": "your limits: set, list, check them, allow more",
    "alerts": "what was told; try the channels; tell without a screen",
    "hooks": "let hard budgets and loops stop your agents: install, status",
    "explain": "every request of a session: its rates, log file and line",
    "quota": "plan windows: how much is used, when they reset",
    "statusline": "Claude Code's status line, which tells its plan windows: install",
    "export": "requests, sessions or agents as CSV or JSON lines",
    "doctor": "what was found, read and skipped, and why",
    "prices": "list the prices in use; update them from the network",
    "config": "the settings: list, check, change them",
    "completion": "completion of commands and options: bash, zsh, fish",
}
EXAMPLES = {
    "": (
        "tokenwatch                                the live monitor",
        "tokenwatch report --by model --since 7d   what each model cost in seven days",
        "tokenwatch sessions --since today",
        "tokenwatch COMMAND --help                 the options of a command",
    ),
    "report": (
        "tokenwatch report --since month --by project",
        "tokenwatch report --since 2026-11-01 --until 2026-11-15 --source codex --json",
    ),
    "sessions": ("tokenwatch sessions --since today --project .",),
    "waste": (
        "tokenwatch waste --since month --tier proved",
        "tokenwatch waste --explain cache-expired",
        "tokenwatch waste --markdown --redact",
    ),
    "agents": ("tokenwatch agents --running", "tokenwatch agents --since 24h --json"),
    "budget": (
        "tokenwatch budget set daily --limit 20 --hard",
        "tokenwatch budget set turns --limit 2 --period turn --scope project:api",
        "tokenwatch budget list",
    ),
    "alerts": (
        "tokenwatch alerts",
        "tokenwatch alerts ack all",
        "tokenwatch alerts snooze cache --for 7d",
        "tokenwatch alerts test",
        "tokenwatch alerts watch",
    ),
    "hooks": ("tokenwatch hooks install", "tokenwatch hooks status"),
    "explain": ("tokenwatch explain 671842df          any beginning of an id that tells it",),
    "doctor": ("tokenwatch doctor --privacy",),
    "export": (
        "tokenwatch export --format csv --since month --output november.csv",
        "tokenwatch export --format jsonl --rows sessions --redact",
    ),
    "prices": ("tokenwatch prices list --model opus", "tokenwatch prices update"),
    "quota": ("tokenwatch quota", "tokenwatch quota --json"),
    "statusline": ("tokenwatch statusline install", "tokenwatch statusline uninstall"),
    "glance": ("tokenwatch glance --pane", "tokenwatch glance --once"),
    "config": ("tokenwatch config", "tokenwatch config set screen.theme light"),
    "completion": ("tokenwatch completion bash",),
    "serve": ("tokenwatch serve --open", "tokenwatch serve --demo --port 0"),
}


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    from tokenwatch.cli.parser import Parser

    examples = "".join(f"\n  {line}" for line in EXAMPLES.get(command, ()))
    return Parser(
        prog=f"tokenwatch {command}".rstrip(),
        description=description,
        epilog=examples and f"examples:{examples}",
    )


def parser() -> argparse.ArgumentParser:
    """Return the parser of the monitor; each command's module adds options to one of its own."""
    commands = "".join(f"\n  {name:12}{what}" for name, what in COMMANDS.items())
    from argparse import SUPPRESS

    top = _parser(
        "",
        "See live what your coding agents spend, on your own machine."
        f"\n\ncommands (none: the live monitor):{commands}",
    )
    top.usage = "tokenwatch [COMMAND] [options]"
    top.add_argument("--version", action="version", version=f"tokenwatch {__version__}")
    top.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    top.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    top.add_argument("--remote", action="store_true", help=SUPPRESS)
    return top


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; return the exit code."""
    if list(arguments[:2]) in (["hooks", "run"], ["hooks", "notify"]):
        from tokenwatch.cli import hook

        return hook.run(arguments[2:]) if arguments[1] == "run" else hook.notify()
    if list(arguments[:1]) == ["statusline"]:
        from tokenwatch.cli import status_line

        if (wrapped := status_line.wanted(arguments)) is not None:
            return status_line.run(wrapped)
    try:
        _speak_any_text()
        code = _dispatch(list(arguments))
        sys.stdout.flush()
        return code
    except UsageError as error:
        return _failed(error, 2)
    except TokenwatchError as error:
        return _failed(error, 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _leave_stdout()
        return 141
    except OSError as error:
        import errno

        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF):
            raise
        _leave_stdout()
        return _failed(error.strerror, 1)


def _failed(what: object, code: int) -> int:
    from tokenwatch.format import clean

    for said in what.lines if isinstance(what, ConfigError) else (str(what),):
        print(f"tokenwatch: {clean(' '.join(said.splitlines()))}", file=sys.stderr)
    return code


def _speak_any_text() -> None:
    """Let no locale stand in the way of a title in another script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _leave_stdout() -> None:
    """Let what nobody can take any more go nowhere, so that leaving is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end_with_reader(wanted: bool) -> None:
    """Choose whether a pipe that nobody reads any more ends the process, as it ends `cat`."""
    import signal

    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL if wanted else signal.SIG_IGN)


def _dispatch(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"tokenwatch {__version__}")
        return 0
    _end_with_reader(True)
    if arguments and not arguments[0].startswith("-"):
        name = arguments[0]
        if name not in COMMANDS:
            raise UsageError(f"unknown command {name!r}; known are: {', '.join(COMMANDS)}")
        from importlib import import_module

        module = import_module(f"tokenwatch.cli.{name}")
        own = _parser(name, COMMANDS[name])
        module.add_options(own)
        options = own.parse_args(arguments[1:])
        # From here on pipes to other programs are written to as well, which may not read.
        _end_with_reader(False)
        return int(module.run(options))
    options = parser().parse_args(arguments)
    _end_with_reader(False)
    from tokenwatch.cli import live

    return live.run(options)
