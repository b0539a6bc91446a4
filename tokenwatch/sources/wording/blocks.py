"""Part a prompt into what was typed and what was pasted: fences, diffs, logs, tables, dumps."""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

from tokenwatch.sources.wording.errors import OF_LINE, may_quote

LINES = 3
"""So many lines in a row that look written by a machine are a block."""
_MOST = 16
"""Hashes of blocks that are kept."""
_SHORTEST = 12
"""A block of fewer characters tells nothing."""
_FENCE = re.compile(r"(```|~~~)(?:[^\n`]*\n)?(.*?)(?:\1|\Z)", re.S)
_LOG = re.compile(
    r"""\s*(?:
      [\[(]?\d{4}[-/]\d\d[-/]\d\d[T\ ]\d\d:\d\d
    | [\[(]?\d\d:\d\d:\d\d
    | [A-Z][a-z]{2}\ +\d+\ \d\d:\d\d:
    | [\[(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE)[\])]?[:\s|-]
    | \[(?:Log|Debug|Error|Warning|Info|vite|webpack|HMR|nodemon|plugin[^\]]*)\]
    | at\ [\w$.<(\[][^\n]*(?::\d+|\)|>)\s*$ | at\ async\ | File\ ".*",\ line\ \d
    | Caused\ by: | \.\.\.\ \d+\ more | from\ \S+:\d+:in | goroutine\ \d | Traceback\ \(most
    | \d+:\s+0x | \#\d+\s+(?:0x|/|\w+\() | \S+\.\w{1,5}:\d+(?::\d+)?[:\s)]
    | npm\ (?:ERR!|warn|error) | (?:✓|✗|✔|×|✘|●|❯|PASS|FAIL|PASSED|FAILED|ok|not\ ok)\s+\S
    | E\s{3,}\S | >\s{3,}\S | [~^]{3,}\s*$ | \d+\ \|\ | -->\ \S
    | \$\ \S | ❯\ \S | PS\ [A-Z]:\\ | [\w.-]+@[\w.-]+:[^\n]*[$\#]\s
    | [│┃║╭╰├└─━═┌┐╔╚] | \|.*\|\s*$ | \+[-=+]{3,} | ={10,} | -{20,}
    | (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\ \S+\ .*\d{3}
    )""",
    re.X,
)
_PASTED = re.compile(
    r"""(?:
      \s*"[^"\n]*"\s*:\s*\S | \s*[\[\]{}()]+[,;]?\s*$
    | .*[;{}]\s*$ | .*=>\s*$ | \s*</?[A-Za-z][^\n]*>\s*$
    | (?:import|from)\s+\S+ .* (?:import|from|['"]) | \s{4,}\S | \t\S
    )""",
    re.X,
)
"""Code and dumps without a fence."""
_DIFF = re.compile(r"diff --git |@@ -\d+|--- (?:a/|/dev/null)|\+\+\+ b/|index [0-9a-f]{7,}\.\.")
_IN_DIFF = re.compile(r"[+\- @\\]|diff --git |index [0-9a-f]{7,}|$")


class Parted(NamedTuple):
    """A prompt's parts."""

    instruction: str
    blocks: tuple[int, ...]
    pasted: int
    """Characters in blocks."""
    logged: int
    """Characters in blocks that are logs, traces or error messages."""


def parted(text: str, *, quotes: bool) -> Parted:
    """Take the blocks out of a text; quotes: whether there may be error messages in it."""
    taken = _Taken()
    if "```" in text or "~~~" in text:
        text = _FENCE.sub(lambda found: taken.block(found[0], found[2], 0), text)
        quotes = quotes and may_quote(text)
    lines = text.split("\n")
    if len(lines) >= LINES:
        text = "\n".join(_typed(lines, taken, quotes=quotes))
    return Parted(text, tuple(dict.fromkeys(taken.hashes))[:_MOST], taken.pasted, taken.logged)


class _Taken:
    """What has been taken out so far."""

    def __init__(self) -> None:
        self.hashes: list[int] = []
        self.pasted = 0
        self.logged = 0

    def block(self, whole: str, content: str, logs: int) -> str:
        """Note a block; return what takes its place."""
        plain = " ".join(content.split())
        if len(plain) >= _SHORTEST:
            self.hashes.append(crc32(plain.encode("utf-8", "surrogatepass")))
        self.pasted += len(whole)
        if logs or _is_log(content):
            self.logged += len(whole)
        return "\n"


def _is_log(content: str) -> bool:
    """Tell whether a fenced block is what a program printed."""
    lines = content.split("\n")[:200]
    telling = sum(1 for line in lines if _LOG.match(line) or OF_LINE.match(line))
    return telling * 3 >= len(lines) or any(OF_LINE.match(line) for line in lines)


def _typed(lines: list[str], taken: _Taken, *, quotes: bool) -> list[str]:
    """Return the lines that are in no block; quotes: whether there may be error messages."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        if not lines[at]:
            kept.append("")
            at += 1
            continue
        end, logs = _block(lines, at, quotes=quotes)
        if end - at >= LINES and any(map(str.strip, lines[at:end])):
            content = "\n".join(lines[at:end])
            taken.block(content, content, logs)
        else:
            end = at + 1
            kept.append(lines[at])
        at = end
    return kept


def _block(lines: list[str], begin: int, *, quotes: bool) -> tuple[int, int]:
    """Return where the block ends that begins at a line, and how many of its lines are logs."""
    if _DIFF.match(lines[begin]):
        at = begin + 1
        while at < len(lines) and (_IN_DIFF.match(lines[at]) or _DIFF.match(lines[at])):
            at += 1
        return at, 0
    logs = code = 0
    at = end = begin
    while at < len(lines):
        line = lines[at]
        if _LOG.match(line) or quotes and OF_LINE.match(line):
            logs += 1
        elif (logs and line[:1] in (" ", "\t") and line.strip()) or _PASTED.match(line):
            code += 1
        elif line.strip() or at == begin or not (logs or code) or at - end >= 1:
            break
        else:
            at += 1
            continue
        at += 1
        end = at
    return end, logs
