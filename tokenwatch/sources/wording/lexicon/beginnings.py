"""With which words the matches of a pattern begin, told from the pattern alone.

So that a pattern is compiled and tried only where a text has one of these words. Patterns are in
the notation of `words`, folded; this reads as much of regular expressions as they use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto


class Ends(Enum):
    """What comes behind a beginning."""

    OPEN = auto()
    """The pattern has ended."""
    WORD = auto()
    """The end of a word."""
    ANY = auto()
    """Anything."""


Beginning = tuple[str, Ends]
_SIGN = re.compile(r"\\.|\[[^\]]*\]|[()|]")
_RUN = re.compile(r"[^\W_]*")
_RUN_WITHOUT_BLANKS = re.compile(r"[^()\[\]|?*+{}\\.^$~_]*")
_REPEATS = frozenset("*+{")
_REPEATED = 6
"""Times that a letter is written at most where a pattern takes any number of it."""


def alternatives(pattern: str) -> list[str]:
    """Return a pattern's alternatives, also those of a group that is all of it."""
    found: list[str] = []
    for choice in _choices(pattern):
        if choice.startswith("(") and choice[1:2] != "?" and _group_end(choice, 0) == len(choice):
            found += alternatives(choice[1:-1])
        else:
            found.append(choice)
    return found


def beginnings(pattern: str, *, blanks: bool) -> set[Beginning] | None:
    """Return what matches begin with; None if that can be anything."""
    found = set(_begin(pattern, _RUN if blanks else _RUN_WITHOUT_BLANKS))
    return None if any(not text for text, _ in found) else found


def _choices(pattern: str) -> list[str]:
    """Return a pattern's alternatives, those outside all groups."""
    if "|" not in pattern:
        return [pattern]
    if "(" not in pattern:
        return pattern.split("|")
    depth = begin = 0
    found = []
    for sign in _SIGN.finditer(pattern):
        depth += (sign[0] == "(") - (sign[0] == ")")
        if sign[0] == "|" and depth == 0:
            found.append(pattern[begin : sign.start()])
            begin = sign.end()
    return [*found, pattern[begin:]]


def _group_end(pattern: str, at: int) -> int:
    depth = 0
    for sign in _SIGN.finditer(pattern, at):
        depth += (sign[0] == "(") - (sign[0] == ")")
        if depth == 0:
            return sign.end()
    raise ValueError(f"a bracket is open in {pattern!r}")


def _begin(pattern: str, runs: re.Pattern[str]) -> list[Beginning]:
    found = runs.match(pattern)
    run = found[0] if found is not None else ""
    at = len(run)
    match pattern[at : at + 1]:
        case "":
            return [(run, Ends.OPEN)]
        case "?" | "*" | "+" as times:
            rest = _begin(pattern[at + 1 :], runs)
            written = [run[:-1]] if times != "+" else []
            written += [run + run[-1:] * more for more in range(1 if times == "?" else _REPEATED)]
            return [(begin + text, end) for begin in written for text, end in rest]
        case "{":
            return [(run[:-1], Ends.ANY)]
        case "~" | "_" | ".":
            return [(run, Ends.ANY)]
        case "(":
            return [(run + text, end) for text, end in _begin_group(pattern[at:], runs)]
        case "[":
            return [(run + text, end) for text, end in _begin_class(pattern[at:], runs)]
        case "^":
            return _begin(pattern[at + 1 :], runs)
        case "\\" if pattern[at + 1] == "b":
            return [(run + text, end) for text, end in _begin(pattern[at + 2 :], runs)]
        case "\\":
            return [(run, Ends.ANY)]
    if pattern[at + 1 : at + 2] in ("?", "*"):
        rest = _begin(pattern[at + 2 :], runs)
        return [(run, Ends.WORD), *((run + text, end) for text, end in rest)]
    return [(run, Ends.WORD)]


def _begin_group(pattern: str, runs: re.Pattern[str]) -> list[Beginning]:
    """The same for a pattern that begins with a group; nothing is as long as a look around."""
    end = _group_end(pattern, 0)
    if pattern[1] == "?" and pattern[2] in "=!<":
        return _begin(pattern[end:], runs)
    times = pattern[end : end + 1]
    if times == "{":
        rest = pattern[pattern.index("}", end) + 1 :]
    else:
        rest = pattern[end + 1 :] if times and times in "?*+" else pattern[end:]
    behind = list(_begin(rest, runs))
    found = behind if times in ("?", "*") else []
    for choice in _choices(pattern[1 : end - 1]):
        for text, ends in _begin(choice, runs):
            if ends is not Ends.OPEN:
                found = [*found, (text, ends)]
            elif times in _REPEATS:
                found = [*found, (text, Ends.ANY)]
            else:
                found = [*found, *((text + more, last) for more, last in behind)]
    return found


def _begin_class(pattern: str, runs: re.Pattern[str]) -> Iterator[Beginning]:
    """The same for a pattern that begins with a class of characters."""
    end = pattern.index("]") + 1
    signs, times = pattern[1 : end - 1], pattern[end : end + 1]
    parts_words = runs is _RUN and not any(sign.isalnum() or sign in "\\_^" for sign in signs)
    if parts_words and times not in ("?", "*"):
        yield "", Ends.WORD
        return
    if signs[0] == "^" or "\\" in signs or not parts_words and ("-" in signs or times in _REPEATS):
        yield "", Ends.ANY
        return
    behind = _begin(pattern[end + (times in ("?", "*")) :], runs)
    if times in ("?", "*"):
        yield from behind
    if parts_words:
        yield "", Ends.WORD
        return
    for sign in signs:
        yield from ((sign + text, ends) for text, ends in behind)
