"""What runs as Claude Code's status line: record what it tells, print one line.

The program starts this after every answer, so it starts as little as it can. Whatever it is given,
it ends with 0 and prints a line; what can't be recorded is said in that line. The texts of prompts
and files are not among what is told, and of the rest only what is named here is kept:

    {"ts": ms, "session_id", "version", "model", "root": the folder of its configuration,
     "cost": dollars, "context": {"used": tokens, "limit": tokens},
     "rate_limits": {"five_hour": {"used_percentage": 62.0, "resets_at": seconds}, …}}

A line is appended with one write, so those of sessions at the same time don't mix.
"""

from __future__ import annotations

import os
import time

from tokenwatch.guard.plain import dumps, loads
from tokenwatch.guard.state import content, folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = "statusline"
"""In the data folder, as `paths.status_lines` says; a file for each day in UTC."""
NOW = "now.json"
"""What a monitor leaves beside it: at (ms), today (text), flags (texts)."""
NOW_MS = 10 * 60_000
LARGEST = 1024 * 1024
"""Bytes of what is told; more is none of the program's doing."""
LONGEST = 4096
"""Bytes of a line: so much is written at once."""
WINDOWS = 12
LATEST_S = 12.0
REPEAT_MS = 60_000
"""The same from the same session is not recorded again within so long."""
LOOKED_AT = 4 * LONGEST
"""Bytes at the end of a file in which the session's last line is looked for."""
MOST = 1000
"""Percent; a plan that goes on beyond its window may tell of more than 100."""
NEAR, FULL = 80.0, 95.0
_BEGINNING = b'{"ts":'
_WINDOWS = {"five_hour": "5h", "seven_day": "7d"}
_YELLOW, _RED, _PLAIN = "\x1b[33m", "\x1b[31m", "\x1b[39m"


def wanted(arguments: Sequence[str]) -> str | None:
    """Return the command to run as well ('' for none) if these arguments start a status line."""
    if list(arguments[:1]) != ["statusline"]:
        return None
    if len(arguments) == 1:
        return None if os.isatty(0) else ""
    if len(arguments) == 3 and arguments[1] == "--wrap":
        return arguments[2]
    if len(arguments) == 2 and arguments[1].startswith("--wrap="):
        return arguments[1][len("--wrap=") :]
    return None


def run(wrapped: str) -> int:
    """Answer what is on stdin; this process ends here, with 0. wrapped: '' for no command."""
    _end_late()
    line = "tokenwatch"
    try:
        told = _input()
        # First: the program may end this while another command is still at work.
        line = answer(told, time.time_ns() // 1_000_000)
        if wrapped:
            from tokenwatch.cli.status_wrap import said_by

            if said := said_by(wrapped, told):
                _print(said.rstrip(b"\r\n") + b"\n")
    except Exception as error:  # noqa: BLE001 - whatever it is, there is a line
        line = f"tokenwatch: {_printable(str(error) or type(error).__name__)}"
    try:
        _print(f"{line}\n".encode("utf-8", "replace"))
    finally:
        os._exit(0)


def answer(told: bytes, now_ms: int) -> str:
    """Record what the program told; return the line to print."""
    try:
        found = loads(told.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return _joined([*_now(now_ms), "nothing told by Claude Code"])
    status = _status(found, now_ms)
    parts = _parts(status, now_ms)
    try:
        record(status, now_ms)
    except OSError as error:
        parts.append(f"not recorded: {error.strerror or error}")
    return _joined([*parts, *_now(now_ms)]) or "tokenwatch"


def record(status: dict[str, object], now_ms: int) -> None:
    """Append a status to the file of the day. Raises OSError."""
    line = _line(status)
    if len(line) > LONGEST:
        line = _line(status | {"root": None, "rate_limits": {}})
    at = f"{folder()}/{FOLDER}"
    for place in (folder(), at):
        if not os.path.isdir(place):  # noqa: PTH112
            os.makedirs(place, mode=0o700, exist_ok=True)  # noqa: PTH103
        elif os.stat(place).st_mode & 0o077:  # noqa: PTH116
            os.chmod(place, 0o700)  # noqa: PTH101
    day = time.strftime("%Y%m%d", time.gmtime(now_ms / 1000))
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.open(f"{at}/{day}.jsonl", flags, 0o600)
    try:
        if not _repeats(file, line, now_ms):
            os.write(file, line)
    finally:
        os.close(file)


def _repeats(file: int, line: bytes, now_ms: int) -> bool:
    """Tell whether the same session's last line says the same, and is young.

    It is looked for among the last ones: sessions that rest tell the same by turns.
    """
    size = os.fstat(file).st_size
    os.lseek(file, max(0, size - LOOKED_AT), os.SEEK_SET)
    told = line.rstrip(b"\n").partition(b",")[2]
    session = told.partition(b',"version":')[0]
    for last in reversed(os.read(file, LOOKED_AT).split(b"\n")):
        head, _, rest = last.partition(b",")
        if head.startswith(_BEGINNING) and rest.startswith(session):
            ts = head[len(_BEGINNING) :]
            return rest == told and ts.isdigit() and 0 <= now_ms - int(ts) < REPEAT_MS
    return False


def _status(told: dict[str, object], now_ms: int) -> dict[str, object]:
    """Return what is kept; of a value that is none of its kind, None."""
    window = _mapping(told.get("context_window"))
    limits: dict[str, object] = {}
    for name, limit in list(_mapping(told.get("rate_limits")).items())[:WINDOWS]:
        used = _number(_mapping(limit).get("used_percentage"))
        if used is not None and used <= MOST:
            resets = _number(_mapping(limit).get("resets_at"))
            limits[_text(name, 40) or ""] = {"used_percentage": used, "resets_at": resets}
    return {
        "ts": now_ms,
        "session_id": _text(told.get("session_id"), 100),
        "version": _text(told.get("version"), 40),
        "model": _text(_mapping(told.get("model")).get("id"), 100),
        "root": _root(told.get("transcript_path")),
        "cost": _number(_mapping(told.get("cost")).get("total_cost_usd")),
        "context": {"used": _context(window), "limit": _whole(window.get("context_window_size"))},
        "rate_limits": limits,
    }


def _context(window: dict[str, object]) -> int | None:
    """Return the tokens sent with the latest request; None before the first and after a
    compaction."""
    usage = _mapping(window.get("current_usage"))
    kinds = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    found = [tokens for kind in kinds if (tokens := _whole(usage.get(kind))) is not None]
    return sum(found) if found else None


def _root(transcript: object) -> str | None:
    """Return the folder that the transcript's project lies in, two folders further out."""
    if isinstance(transcript, str):
        parts = transcript.replace("\\", "/").rsplit("/", 3)
        if len(parts) == 4 and parts[1] == "projects":
            return _text(transcript[: len(parts[0])], 1000)
    return _text(os.environ.get("CLAUDE_CONFIG_DIR"), 1000)


def _parts(status: dict[str, object], now_ms: int) -> list[str]:
    parts = []
    cost, used = status["cost"], _mapping(status["context"])["used"]
    if isinstance(cost, (int, float)):
        # Not by `format`, whose imports take half as long as Python to start.
        parts.append(f"${cost:.2f} session" if cost >= 0.005 or not cost else "<$0.01 session")
    for name, limit in _mapping(status["rate_limits"]).items():
        if shown := _window(name, _mapping(limit), now_ms):
            parts.append(shown)
    if isinstance(used, int):
        parts.append(f"{_tokens(used)} context")
    return parts


def _window(name: str, limit: dict[str, object], now_ms: int) -> str | None:
    used, resets = limit["used_percentage"], limit["resets_at"]
    known = isinstance(resets, (int, float)) and 0 < resets < 4_000_000_000
    if name not in _WINDOWS or not isinstance(used, (int, float)):
        return None
    if known and isinstance(resets, (int, float)) and resets * 1000 <= now_ms:
        # The window was reset since: how much of the present one is used is unknown.
        return None
    text = f"{used:.0f}% of {_WINDOWS[name]}"
    if known and isinstance(resets, (int, float)) and (name == "five_hour" or used >= NEAR):
        form = "%H:%M" if resets * 1000 - now_ms < 86_400_000 else "%a %H:%M"
        text += f", resets {time.strftime(form, time.localtime(resets))}"
    if used < NEAR or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"{_RED if used >= FULL else _YELLOW}{text}{_PLAIN}"


def _tokens(count: int) -> str:
    if count < 1000:
        return str(count)
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1_000_000:.2f}M"


def _now(now_ms: int) -> list[str]:
    """Return what a monitor says of today, if it said so a while ago at most."""
    try:
        found = _mapping(loads(content(f"{folder()}/{NOW}", 65_536)))
    except (OSError, ValueError, RecursionError):
        return []
    at, today, flags = found.get("at"), found.get("today"), found.get("flags")
    if type(at) is not int or not -60_000 <= now_ms - at <= NOW_MS:
        return []
    parts = [f"{_printable(today[:40])} today"] if isinstance(today, str) and today else []
    given = flags if isinstance(flags, list) else []
    return parts + [_printable(flag[:40]) for flag in given[:4] if isinstance(flag, str)]


def _joined(parts: list[str]) -> str:
    return " · ".join(parts)


def _line(status: dict[str, object]) -> bytes:
    return f"{_encoded(status)}\n".encode()


def _encoded(value: object) -> str:
    if isinstance(value, dict):
        return f"{{{','.join(f'{dumps(key)}:{_encoded(each)}' for key, each in value.items())}}}"
    return repr(value) if isinstance(value, float) else dumps(value)


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | float | None:
    """Return a number that is neither negative, nor without end, nor beyond all measure."""
    if type(value) is int or type(value) is float:
        # There is a zero below zero, too.
        return abs(value) if 0 <= value < 1e12 else None
    return None


def _whole(value: object) -> int | None:
    found = _number(value)
    return None if found is None else int(found)


def _text(value: object, most: int) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    return value[:most].encode("utf-8", "replace").decode()


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def _input() -> bytes:
    parts, left = [], LARGEST
    while part := os.read(0, 1 << 16):
        parts.append(part)
        left -= len(part)
        if left < 0:
            return b""
    return b"".join(parts)


def _print(out: bytes) -> None:
    try:
        while out:
            out = out[os.write(1, out) :]
    except OSError:
        # Nobody reads it any more, so there is nobody to tell.
        os._exit(0)


def _end_late() -> None:
    """End this process with 0 after so long, whatever it waits for then."""
    from _thread import start_new_thread

    def end() -> None:
        time.sleep(LATEST_S)
        os._exit(0)

    start_new_thread(end, ())
