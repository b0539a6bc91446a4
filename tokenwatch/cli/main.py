"""Parse the command line and run one command.

Exit codes: 0 done, 1 it failed, 2 wrong usage. Results go to stdout, diagnostics to stderr.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from tokenwatch import __version__
from tokenwatch.errors import TokenwatchError, UsageError

COMMANDS = {
    "demo": "the monitor on invented agents that keep working; needs no logs",
    "report": "usage and cost, grouped by day, model, project, …",
    "sessions": "one row per session",
    "agents": "one row per agent and subagent",
    "explain": "every request behind a session's figure: rate, date of the rate, log file and line",
    "doctor": "what was found, read and skipped, and why",
    "export": "rows as CSV or JSON lines",
    "prices": "list the prices in use, or update them from the network",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each command's module adds its own options."""
    top = _Parser(
        prog="tokenwatch",
        description="See live what your coding agents spend, on your own machine.",
        epilog="Without a command: the live monitor.",
    )
    top.add_argument("--version", action="version", version=f"tokenwatch {__version__}")
    _monitor_options(top)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name, what in COMMANDS.items():
        commands.add_parser(name, help=what, description=what, add_help=False)
    return top


def _monitor_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def run(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; return the exit code."""
    try:
        return _dispatch(list(arguments))
    except UsageError as error:
        print(f"tokenwatch: {error}", file=sys.stderr)
        return 2
    except TokenwatchError as error:
        print(f"tokenwatch: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _dispatch(arguments: list[str]) -> int:
    if arguments and not arguments[0].startswith("-"):
        name = arguments[0]
        if name not in COMMANDS:
            raise UsageError(f"unknown command {name!r}; known are: {', '.join(COMMANDS)}")
        module = import_module(f"tokenwatch.cli.{name}")
        own = _Parser(prog=f"tokenwatch {name}", description=COMMANDS[name])
        module.add_options(own)
        if name != "demo" and hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        return int(module.run(own.parse_args(arguments[1:])))
    options = parser().parse_args(arguments)
    from tokenwatch.cli import live

    return live.run(options)
