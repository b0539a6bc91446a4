"""Tell outputs of tools apart, and the ways in which tools are misused, without keeping a word."""

from __future__ import annotations

import re
from zlib import crc32

END = 640
"""Characters at the end of an output where times are looked for: that is where programs sum up.
Those before them count as they are, which costs a fifth of it."""
_UNIT = r"(?:[mµun]?s|secs?|seconds?|mins?|minutes?|millis|milliseconds?|hours?)\b"
_TIMES = re.compile(
    r"[0-9](?<![0-9A-Za-z_:.][0-9])[0-9]*+(?:"
    r"-[01][0-9]-[0-3][0-9](?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:Z\b|[+-][0-9]{2}:?[0-9]{2}\b)?)?\b"
    r"|:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?\b|(?= ?[aApP][mM]\b))(?: ?[aApP][mM]\b)?"
    rf"|[.,][0-9]{{1,9}} ?(?:{_UNIT}|m ?[0-9]{{1,2}}(?:\.[0-9]{{1,9}})?s\b)"
    rf"| {_UNIT}"
    rf"|(?=[mµunsh])(?:{_UNIT}|m ?[0-9]{{1,2}}(?:\.[0-9]{{1,9}})?s\b)"
    r")"
)
"""Days with their times, times of day, durations. Begins with a digit, not within a number or a
word, and goes on by one character: so that a search is fast. Hours and minutes alone may as well
be a line and a column."""
FAILED_COMMAND = "Exit code "
"""How the error of a shell command begins that ran and failed."""
FAULT_PART = 600
"""Characters of an error that say how a tool was misused."""
_FAULTS = (
    ("cancelled", r"sibling tool call|cancelled: parallel tool call"),
    (
        "not-found",
        r"string to replace not found|string not found in file|failed to find expected lines"
        r"|failed to find context|no changes to make: old_string and new_string",
    ),
    ("not-read", r"file has not been read yet|file must be read (?:first|before)"),
    (
        "changed",
        r"file has been unexpectedly modified|modified since (?:it was )?(?:last )?read",
    ),
    ("ambiguous", r"found \d+ matches of the string to replace"),
    ("too-large", r"exceeds maximum allowed (?:tokens|size)|exceeds the maximum allowed"),
    (
        "no-file",
        r"\A\W*(?:tool_use_error>)?(?:error: )?(?:(?:file|path|directory) does not exist"
        r"|no such file or directory|file not found|enoent\b|eisdir\b)"
        r"|failed to read (?:file to update|.{1,300}?: no such file or directory)",
    ),
)
_FAULT = re.compile("|".join(f"({words})" for _, words in _FAULTS), re.I)


def output_fingerprint(output: str, *, timed: bool = True) -> str:
    """Return a digest that is equal for equal outputs; durations and times at the end don't count.

    timed: whether the output may tell times of its run: a file's contents don't.
    """
    if not timed:
        return _digest(output)
    if len(output) <= END:
        return _digest(_TIMES.sub("#", output))
    least = len(output) - END
    end = max(least, output.find("\n", least))
    return _digest(output[:end] + _TIMES.sub("#", output[end:]))


def _digest(output: str) -> str:
    """Return a checksum and the length: enough to tell the outputs of one session apart."""
    data = output.encode("utf-8", "surrogatepass")
    return f"{crc32(data):08x}{len(data):x}"


def fault(error: str) -> str:
    """Return how a tool was misused, by an error it returned; "" where the error does not say.

    See `events.ToolResultSeen.fault` for the words. The errors are Claude Code's and Codex's own.
    """
    if error.startswith(FAILED_COMMAND):
        return ""
    match = _FAULT.search(error, 0, FAULT_PART)
    return _FAULTS[match.lastindex - 1][0] if match and match.lastindex else ""
