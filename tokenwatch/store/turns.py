"""A session's turns, with what each cost, its subagents included."""

from __future__ import annotations

from bisect import bisect_right
from sqlite3 import Row

from tokenwatch.model import NO_SPEND, Spend, Usage
from tokenwatch.snapshot import TurnRow
from tokenwatch.store.ledger import Ledger, real_path
from tokenwatch.store.merging import UNPLACED


def turns(ledger: Ledger, session: int) -> list[TurnRow]:
    """Return the turns in the order of time; together they hold every request of the session.

    A turn reaches to the next one's start, so what subagents spend in the background counts for the
    turn in which it happened. Requests before the first turn make a turn of their own, number 0.
    """
    marks = _marks(ledger, session)
    starts = [mark["at_ms"] for mark in marks]
    requests = ledger.sql.execute(
        "SELECT r.*, a.kind, p.basis, m.name AS model_name FROM agents a"
        " JOIN requests r ON r.agent = a.key JOIN prices p ON p.key = r.price"
        " JOIN models m ON m.key = r.model WHERE a.session = ? ORDER BY r.at_ms, r.id",
        (session,),
    )
    spends: dict[int, Spend] = {}
    contexts: dict[int, int] = {}
    models: dict[int, str | None] = {}
    first_ms = None
    for row in requests:
        index = bisect_right(starts, row["at_ms"]) - 1
        spends[index] = spends.get(index, NO_SPEND) + _spend(row)
        first_ms = row["at_ms"] if first_ms is None else first_ms
        if row["kind"] == "main":
            contexts[index] = sum(
                row[k] for k in ("input", "cache_read", "cache_write_5m", "cache_write_1h")
            )
            models[index] = row["model_name"]
    tools = _counts(ledger, session, starts, "tool_calls", "")
    flags = _flags(ledger, session, starts)
    lines = _lines(ledger, session, starts)
    titles = _titles(ledger, session, marks, starts)
    rows = []
    if -1 in spends and first_ms is not None:
        rows.append(
            TurnRow(
                number=0,
                id="",
                at_ms=first_ms,
                ended_ms=starts[0] if starts else None,
                title=None,
                cause="start",
                how=None,
                spend=spends[-1],
                tools=tools.get(-1, 0),
                context=contexts.get(-1),
                flags=flags.get(-1, ()),
                model=models.get(-1),
                lines_added=lines.get(-1, (0, 0))[0],
                lines_removed=lines.get(-1, (0, 0))[1],
            )
        )
    for index, mark in enumerate(marks):
        rows.append(
            TurnRow(
                number=index + 1,
                id=mark["id"],
                at_ms=mark["at_ms"],
                ended_ms=mark["ended_ms"],
                title=titles.get(index),
                cause=mark["cause"],
                how=mark["how"],
                spend=spends.get(index, NO_SPEND),
                tools=tools.get(index, 0),
                context=contexts.get(index),
                flags=flags.get(index, ()),
                model=models.get(index),
                lines_added=lines.get(index, (0, 0))[0],
                lines_removed=lines.get(index, (0, 0))[1],
                file=None if mark["path"] is None else real_path(mark["path"]),
                line=mark["line"] if mark["line"] < UNPLACED else None,
            )
        )
    return rows


def span(ledger: Ledger, session: int, turn_id: str) -> tuple[int | None, int | None]:
    """Return [start, end) of a turn as `turns` cuts them; the id "" is what came before them."""
    marks = _marks(ledger, session)
    starts = [mark["at_ms"] for mark in marks]
    if not turn_id:
        return None, starts[0] if starts else None
    for index, mark in enumerate(marks):
        if mark["id"] == turn_id:
            return mark["at_ms"], starts[index + 1] if index + 1 < len(starts) else None
    return 0, 0


def _marks(ledger: Ledger, session: int) -> list[Row]:
    return ledger.sql.execute(
        "SELECT t.*, f.path FROM agents a JOIN turns t ON t.agent = a.key"
        " LEFT JOIN files f ON f.key = t.file WHERE a.session = ?"
        " AND a.kind = 'main' ORDER BY t.at_ms, t.line, t.id",
        (session,),
    ).fetchall()


def _titles(
    ledger: Ledger, session: int, marks: list[Row], starts: list[int]
) -> dict[int, str | None]:
    """Title a turn by its own prompt, else by the first one that was typed within it."""
    by_id = {mark["id"]: index for index, mark in enumerate(marks)}
    titles: dict[int, str | None] = {}
    for row in ledger.sql.execute(
        "SELECT p.id, p.at_ms, p.title FROM agents a JOIN prompts p ON p.agent = a.key"
        " WHERE a.session = ? ORDER BY p.at_ms, p.line",
        (session,),
    ):
        index = by_id.get(row["id"])
        if index is not None:
            titles[index] = row["title"]
        else:
            titles.setdefault(bisect_right(starts, row["at_ms"] + 1000) - 1, row["title"])
    return titles


def _counts(
    ledger: Ledger, session: int, starts: list[int], table: str, condition: str
) -> dict[int, int]:
    counts: dict[int, int] = {}
    for row in ledger.sql.execute(
        f"SELECT t.at_ms FROM agents a JOIN {table} t ON t.agent = a.key"
        f" WHERE a.session = ?{condition}",
        (session,),
    ):
        index = bisect_right(starts, row["at_ms"]) - 1
        counts[index] = counts.get(index, 0) + 1
    return counts


def _lines(ledger: Ledger, session: int, starts: list[int]) -> dict[int, tuple[int, int]]:
    """Return lines added and removed, by turn."""
    lines: dict[int, tuple[int, int]] = {}
    for row in ledger.sql.execute(
        "SELECT e.at_ms, e.added, e.removed FROM agents a JOIN edits e ON e.agent = a.key"
        " WHERE a.session = ?",
        (session,),
    ):
        index = bisect_right(starts, row["at_ms"]) - 1
        added, removed = lines.get(index, (0, 0))
        lines[index] = added + row["added"], removed + row["removed"]
    return lines


def _flags(ledger: Ledger, session: int, starts: list[int]) -> dict[int, tuple[str, ...]]:
    flags: dict[int, tuple[str, ...]] = {}
    for word, table, condition in (
        ("compaction", "compactions", ""),
        ("commit", "commits", " AND t.kind = 'commit'"),
        ("error", "failures", " AND t.kind = 'error'"),
        ("retries", "failures", " AND t.kind = 'retry'"),
    ):
        for index in _counts(ledger, session, starts, table, condition):
            flags[index] = (*flags.get(index, ()), word)
    return flags


def _spend(row: Row) -> Spend:
    return Spend(
        usage=Usage(
            input=row["input"],
            cache_read=row["cache_read"],
            cache_write_5m=row["cache_write_5m"],
            cache_write_1h=row["cache_write_1h"],
            output=row["output"],
            reasoning=row["reasoning"],
        ),
        requests=1,
        unpriced_requests=int(row["cost_pico"] is None),
        cost_pico=row["cost_pico"] or 0,
        lower_bound_requests=row["lower_bound"],
        estimated_requests=int(row["basis"] == "estimated"),
    )
