"""How another program starts this tokenwatch, and whether a command line is such a start."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

NAMES = ("tokenwatch", "tokenwatch.exe")


def command_line(*words: str) -> str:
    """Return a line for a shell that runs this tokenwatch with some words, from any folder."""
    return shlex.join([*_program(), *words])


def words_behind(command: str) -> list[str] | None:
    """Return the words that a command line gives to tokenwatch; None if it starts another program.

    Known are our executable under any folder, `python -m tokenwatch`, and assignments before them.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    while words and _assigns(words[0]):
        words = words[1:]
    if not words:
        return None
    if _name(words[0]) in NAMES:
        return words[1:]
    if _name(words[0]).startswith(("python", "pypy")):
        options = [word for word in words[1:3] if word == "-P"]
        words = words[1 + len(options) :]
        if words[:2] == ["-m", "tokenwatch"]:
            return words[2:]
    return None


def starts_within(command: str) -> Iterator[list[str]]:
    """Yield what is behind each start of tokenwatch in a line of several commands.

    It goes on to the end of the line, since what ends a command is not told from a word.
    """
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:
        return
    for at in range(len(words)):
        if (behind := words_behind(shlex.join(words[at:]))) is not None:
            yield behind


def _program() -> Sequence[str]:
    started = Path(sys.argv[0]) if sys.argv and sys.argv[0] else None
    if started is not None and started.name in NAMES and os.access(started, os.X_OK):
        # A link stays one: an update moves what it leads to.
        return [str(started.absolute())]
    found = shutil.which("tokenwatch")
    if found is not None:
        return [str(Path(found).absolute())]
    # -P: a folder of that name where the client happens to be is not ours.
    return [sys.executable, "-P", "-m", "tokenwatch"]


def _name(word: str) -> str:
    return word.replace("\\", "/").rpartition("/")[2].lower()


def _assigns(word: str) -> bool:
    name, sign, _ = word.partition("=")
    return bool(sign) and name.isidentifier()
