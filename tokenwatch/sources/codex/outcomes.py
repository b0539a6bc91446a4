"""How a tool call went, from what its output says.

Only header lines are read, never the body: a program's own text may look like anything.
"""

from __future__ import annotations

import re

import msgspec

from tokenwatch.sources.values import mapping, sequence, text

_EXITS = ("Exit code: ", "Process exited with code ")
_EXIT = re.compile(rf"(?:{'|'.join(_EXITS)})(-?\d{{1,6}})\s*$")
_HEADER_LINES = 12
_FAILED = (
    "apply_patch verification failed", "failed in sandbox", "execution error", "unsupported call",
    "exec_command failed", "failed to parse function arguments",
)  # fmt: skip
_REFUSED = ("rejected by user", "rejected by the user", "denied by policy", "user declined")
_STOPPED = ("aborted by user", "aborted by the user", "interrupted by user")
_NOTE_LENGTH = 300


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`ok` is None where the text does not tell, also for a command that still runs."""

    ok: bool | None
    body: str
    size: int
    """Bytes of the whole output as the model got it."""
    denied: bool = False
    interrupted: bool = False


def outcome(output: object) -> Outcome:
    """Return what an output tells: a string, a list of content items or an old object."""
    if isinstance(output, dict):
        whole = text(output.get("content")) or text(output.get("output")) or ""
        success = output.get("success")
        return _of_text(whole, success if isinstance(success, bool) else None)
    if isinstance(output, list):
        return _of_text("".join(text(mapping(item).get("text")) or "" for item in output), None)
    return _of_text(output if isinstance(output, str) else "", None)


def size_of(words: str) -> int:
    """Return the length in bytes of UTF-8."""
    return len(words) if words.isascii() else len(words.encode("utf-8", "surrogatepass"))


def _of_text(whole: str, ok: bool | None) -> Outcome:
    size = size_of(whole)
    wrapped = _unwrap(whole)
    if wrapped is not None:
        return wrapped
    found, body = _header(whole)
    if ok is None:
        ok = found
    if ok is not None:
        return Outcome(ok=ok, body=body, size=size)
    note = whole[:_NOTE_LENGTH]
    if any(word in note for word in _REFUSED):
        return Outcome(ok=False, body=body, size=size, denied=True)
    if any(word in note for word in _STOPPED):
        return Outcome(ok=False, body=body, size=size, interrupted=True)
    failed = any(word in note for word in _FAILED)
    return Outcome(ok=False if failed else None, body=body, size=size)


def _unwrap(whole: str) -> Outcome | None:
    """Read `{"output": …, "metadata": {"exit_code": …}}` and an MCP result."""
    if not whole.startswith("{"):
        return None
    try:
        decoded = mapping(msgspec.json.decode(whole.encode("utf-8", "surrogatepass")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    size = size_of(whole)
    code = mapping(decoded.get("metadata")).get("exit_code")
    if type(code) is int:
        return Outcome(ok=code == 0, body=text(decoded.get("output")) or "", size=size)
    failed = decoded.get("isError", decoded.get("is_error"))
    if isinstance(failed, bool):
        parts = sequence(decoded.get("content"))
        body = "".join(text(mapping(part).get("text")) or "" for part in parts)
        return Outcome(ok=not failed, body=body, size=size)
    return None


def _header(whole: str) -> tuple[bool | None, str]:
    """Return what the lines up to `Output:` say, and the rest; the whole where there are none."""
    ok = None
    lines = whole.split("\n", _HEADER_LINES)
    for number, line in enumerate(lines[:_HEADER_LINES], 1):
        if line.startswith(_EXITS):
            code = _EXIT.match(line)
            ok = ok if code is None else int(code[1]) == 0
        elif line.startswith("Script completed"):
            ok = True
        elif line.startswith("Script failed"):
            ok = False
        elif line.strip() == "Output:":
            return ok, "\n".join(lines[number:])
    return (None, whole) if any(lines[_HEADER_LINES:]) else (ok, whole)
