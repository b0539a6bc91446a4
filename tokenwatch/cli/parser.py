"""Parse options: no abbreviations, wrong usage as one line, help as wide as the terminal."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import NoReturn

from tokenwatch.cli.terminal import terminal_width
from tokenwatch.errors import UsageError


class Parser(ArgumentParser):
    """The parser of one command."""

    def __init__(self, *, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=_Help,
            allow_abbrev=False,
        )

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message} (see {self.prog} --help)")


class _Help(RawDescriptionHelpFormatter):
    """Told its width: argparse makes one for every option, and would import shutil to ask."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal_width() - 2)
