"""What the guard decided: taken from the file that hooks append to, and told."""

from __future__ import annotations

import json
import os
import time
from typing import NamedTuple

from tokenwatch.store.ledger import Ledger

NAME, OLDER = "decisions.jsonl", "decisions.1.jsonl"
"""Beside the ledger: what hooks append to, and what they appended to before that grew too large."""
LARGEST = 512 * 1024
"""Bytes of a file that hooks append to; a larger one takes the place of the older one."""
LATE_S = 10.0
"""So long after it a hook may still write into a file that was put aside: it lives for 2 s."""
_READ = "decisions"
"""The word of the ledger that says how far each file was read: `<inode> <bytes>`, for each."""
_PART = 4 * 1024 * 1024


class Kept(NamedTuple):
    """A decision of the guard's."""

    at_ms: int
    source: str
    session_id: str | None
    agent_id: str | None
    event: str
    """UserPromptSubmit or PreToolUse."""
    decision: str
    """block, deny, ask or end."""
    cause: str
    """`budget:NAME`, `agents:NAME` or `loop`."""
    reason: str
    """What the client was told."""


def take_decisions(ledger: Ledger) -> int:
    """Take what hooks appended since the last time; return how many decisions are new.

    A line that is no decision is left out, one that is not finished waits. A file that has grown
    too large is put aside once all of it is taken; hooks begin another one, and what one of them
    just writes into the old one is taken the next time. Raises LedgerError.
    """
    folder = str(ledger.path.parent)
    if not _has_news(folder, _progress(ledger)):
        return 0
    with ledger.transaction():
        # Another process may have read them meanwhile, or put one aside.
        known = _progress(ledger)
        before = ledger.sql.total_changes
        now = {}
        for name in (NAME, OLDER):
            part = _read(f"{folder}/{name}", known, is_over=name == OLDER)
            if part is not None:
                _add(ledger, part.text)
                now[part.inode] = part.end
        new = ledger.sql.total_changes - before
        if (inode := _put_aside(folder, now)) is not None:
            # Another file may get the number of the one that is gone.
            now = {inode: now[inode]}
        ledger.set_meta(_READ, " ".join(f"{inode} {end}" for inode, end in now.items()))
    return new


class _Part(NamedTuple):
    """What was read of a file."""

    inode: int
    text: bytes
    """Whole lines."""
    end: int
    """How far it is read with that."""


def _progress(ledger: Ledger) -> dict[int, int]:
    words = (ledger.meta(_READ) or "").split()
    numbers = [int(word) for word in words if word.isdigit()]
    return dict(zip(numbers[::2], numbers[1::2], strict=False))


def _has_news(folder: str, known: dict[int, int]) -> bool:
    for name in (NAME, OLDER):
        about = _about(f"{folder}/{name}")
        if about is not None and known.get(about.st_ino, 0) != about.st_size:
            return True
    return False


def _about(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116
    except OSError:
        return None


def _read(path: str, known: dict[int, int], *, is_over: bool) -> _Part | None:
    """Return what is unread of a file; None where it can't be read. is_over: none begins there."""
    try:
        source = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        about = os.fstat(source)
        start = known.get(about.st_ino, 0)
        start = start if start <= about.st_size else 0
        os.lseek(source, start, os.SEEK_SET)
        given = os.read(source, _PART)
    except OSError:
        return None
    finally:
        os.close(source)
    end = given.rfind(b"\n") + 1
    # A part without any end of a line is none of ours, and nobody ends what was put aside.
    is_done = is_over and start + len(given) >= about.st_size
    stepped = len(given) if is_done or (not end and len(given) == _PART) else end
    return _Part(about.st_ino, given[:end], start + stepped)


def _put_aside(folder: str, now: dict[int, int]) -> int | None:
    """Let hooks begin another file, if theirs is large and all is taken; return its inode then."""
    current, older = _about(f"{folder}/{NAME}"), _about(f"{folder}/{OLDER}")
    if current is None or current.st_size < LARGEST or now.get(current.st_ino) != current.st_size:
        return None
    if older is not None and (
        now.get(older.st_ino) != older.st_size or abs(time.time() - older.st_ctime) < LATE_S
    ):
        return None
    try:
        os.replace(f"{folder}/{NAME}", f"{folder}/{OLDER}")  # noqa: PTH105
    except OSError:
        # Where files that are open can't be moved, it is tried again.
        return None
    return current.st_ino


def _add(ledger: Ledger, text: bytes) -> None:
    ledger.sql.executemany(
        "INSERT OR IGNORE INTO decisions"
        " (at_ms, source, session_id, agent_id, event, decision, cause, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [row for line in text.splitlines() if (row := _row(line)) is not None],
    )


def decisions(ledger: Ledger, since_ms: int) -> list[Kept]:
    """Return the decisions since then, the latest first."""
    rows = ledger.sql.execute(
        f"SELECT {', '.join(Kept._fields)} FROM decisions WHERE at_ms >= ?"
        " ORDER BY at_ms DESC, key DESC",
        (since_ms,),
    )
    return [Kept(*row) for row in rows]


def _row(line: bytes) -> tuple[object, ...] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    row = Kept(*(found.get(name) for name in Kept._fields))  # type: ignore[arg-type]
    at_ms, *texts = row
    optional = (row.session_id, row.agent_id)
    if type(at_ms) is not int or not 0 <= at_ms < 2**62:
        return None
    if not all(each is None or _is_text(each) for each in optional):
        return None
    return tuple(row) if all(_is_text(each) for each in texts if each not in optional) else None


def _is_text(value: object) -> bool:
    if not isinstance(value, str) or len(value) > 4096:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
