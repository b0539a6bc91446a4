"""How a tool call went, from what its output says.

Only header lines are read, never the body: a program's own text may look like anything.
"""

from __future__ import annotations

import re
from zlib import crc32

import msgspec

from tokenwatch.sources.outputs import output_fingerprint
from tokenwatch.sources.values import fingerprint, mapping, sequence, text

_EXITS = ("Exit code: ", "Process exited with code ")
_EXIT = re.compile(rf"(?:{'|'.join(_EXITS)})(-?\d{{1,6}})\s*$")
_HEADER_LINES = 12
_FAILED = (
    "apply_patch verification failed", "failed in sandbox", "execution error", "unsupported call",
    "exec_command failed", "failed to parse function arguments",
)  # fmt: skip
_REFUSED = ("rejected by user", "rejected by the user", "denied by policy", "user declined")
_HOOKED = tuple(f"{what} blocked by PreToolUse hook: " for what in ("Command", "Tool call"))
"""What a hook denied begins so; its own words follow, and then the command."""
_STOPPED = ("aborted by user", "aborted by the user", "interrupted by user")
_NOTE_LENGTH = 300
_TAIL = 256
"""Characters of a body's end, where sums and results stand, in which numbers count."""
_COMPARED = 65_536
"""Bytes of a body that are compared at all, but for its end."""
_DIGITS = b"0123456789"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """`ok` is None where the text does not tell, also for a command that still runs."""

    ok: bool | None
    body: str
    size: int
    """Bytes of the whole output as the model got it."""
    data: bytes
    """The body in UTF-8."""
    denied: bool = False
    interrupted: bool = False

    @property
    def likeness(self) -> str | None:
        """What is equal for equal bodies; None for an empty one.

        Times do not count; of a longer body, no digit does but at its end: to look for times in
        all of it would cost more than all else that is done with it.
        """
        if len(self.body) <= 2 * _TAIL:
            return output_fingerprint(self.body) if self.body else None
        rest = crc32(self.data[:_COMPARED].translate(None, _DIGITS))
        return fingerprint(output_fingerprint(self.body[-_TAIL:]), str(rest))


def outcome(output: object) -> Outcome:
    """Return what an output tells: a string, a list of content items or an old object."""
    if isinstance(output, dict):
        whole = text(output.get("content")) or text(output.get("output")) or ""
        success = output.get("success")
        return _of_text(whole, success if isinstance(success, bool) else None)
    if isinstance(output, list):
        return _of_text("".join(text(mapping(item).get("text")) or "" for item in output), None)
    return _of_text(output if isinstance(output, str) else "", None)


def _of_text(whole: str, ok: bool | None) -> Outcome:
    wrapped = _unwrap(whole)
    if wrapped is not None:
        return wrapped
    found, start = _header(whole)
    if ok is None:
        ok = found
    denied = interrupted = False
    if ok is None:
        note = whole[:_NOTE_LENGTH]
        denied = note.startswith(_HOOKED) or any(word in note for word in _REFUSED)
        interrupted = not denied and any(word in note for word in _STOPPED)
        if denied or interrupted or any(word in note for word in _FAILED):
            ok = False
    # Encoded once: that is what costs most here.
    data = _bytes(whole)
    head = len(_bytes(whole[:start])) if start else 0
    return Outcome(
        ok=ok,
        body=whole[start:] if start else whole,
        size=len(data),
        data=data[head:] if head else data,
        denied=denied,
        interrupted=interrupted,
    )


def reported(ok: bool | None, body: str = "", *, denied: bool = False) -> Outcome:
    """Return what a client tells of a call apart from its output for the model."""
    data = _bytes(body)
    return Outcome(ok=ok, body=body, size=len(data), data=data, denied=denied)


def length_of(output: object) -> int:
    """Return about how long an output is that `outcome` takes."""
    if isinstance(output, list):
        return sum(len(text(mapping(item).get("text")) or "") for item in output)
    return len(output) if isinstance(output, str) else 0


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "surrogatepass")


def _unwrap(whole: str) -> Outcome | None:
    """Read `{"output": …, "metadata": {"exit_code": …}}` and an MCP result."""
    if not whole.startswith("{"):
        return None
    try:
        decoded = mapping(msgspec.json.decode(whole.encode("utf-8", "surrogatepass")))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    code = mapping(decoded.get("metadata")).get("exit_code")
    if type(code) is int:
        told = reported(code == 0, text(decoded.get("output")) or "")
        return msgspec.structs.replace(told, size=len(_bytes(whole)))
    failed = decoded.get("isError", decoded.get("is_error"))
    if isinstance(failed, bool):
        parts = sequence(decoded.get("content"))
        body = "".join(text(mapping(part).get("text")) or "" for part in parts)
        return msgspec.structs.replace(reported(not failed, body), size=len(_bytes(whole)))
    return None


def _header(whole: str) -> tuple[bool | None, int]:
    """Return what the lines up to `Output:` say, and where the rest begins; 0 without such lines.

    A text of more lines than a header has says nothing.
    """
    ok, start = None, 0
    for _ in range(_HEADER_LINES):
        end = whole.find("\n", start)
        line = whole[start:end] if end >= 0 else whole[start:]
        if line.startswith(_EXITS):
            code = _EXIT.match(line)
            ok = ok if code is None else int(code[1]) == 0
        elif line.startswith("Script completed"):
            ok = True
        elif line.startswith("Script failed"):
            ok = False
        elif line.strip() == "Output:":
            return ok, end + 1 if end >= 0 else len(whole)
        if end < 0:
            return ok, 0
        start = end + 1
    return (None if start < len(whole) else ok), 0
