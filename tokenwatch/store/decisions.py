"""What the guard decided: taken from the file that hooks append to, and told."""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from tokenwatch.store.ledger import Ledger

NAME = "decisions.jsonl"
"""Beside the ledger."""
_READ = "decisions"
"""The word of the ledger that says how far the file was read: `<inode> <bytes>`."""
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

    A line that is no decision is left out, one that is not finished waits. Raises LedgerError.
    """
    try:
        source = os.open(ledger.path.with_name(NAME), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return 0
    try:
        about = os.fstat(source)
        inode, _, offset = (ledger.meta(_READ) or "").partition(" ")
        start = int(offset) if inode == str(about.st_ino) and offset.isdigit() else 0
        start = start if start <= about.st_size else 0
        if start == about.st_size:
            return 0
        os.lseek(source, start, os.SEEK_SET)
        given = os.read(source, _PART)
    except OSError:
        return 0
    finally:
        os.close(source)
    end = given.rfind(b"\n") + 1
    rows = [row for line in given[:end].splitlines() if (row := _row(line)) is not None]
    # A part without any end of a line is none of ours: it is stepped over.
    end = end or (len(given) if len(given) == _PART else 0)
    with ledger.transaction():
        before = ledger.sql.total_changes
        ledger.sql.executemany(
            "INSERT OR IGNORE INTO decisions"
            " (at_ms, source, session_id, agent_id, event, decision, cause, reason)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        new = ledger.sql.total_changes - before
        ledger.set_meta(_READ, f"{about.st_ino} {start + end}")
    return new


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
