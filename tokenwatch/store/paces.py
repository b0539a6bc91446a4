"""How fast agents go: now, and as a rule, for telling what is unusual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokenwatch.store.ledger import Ledger

FIVE_MINUTES_MS = 300_000
THREE_MINUTES_MS = 180_000
_TOKENS = "r.input + r.cache_read + r.cache_write_5m + r.cache_write_1h + r.output"


class Alone(NamedTuple):
    """How long a session has worked without its user."""

    prompted_ms: int | None
    """When a person last said something; None: never, as far as the logs tell."""
    requests: int
    """Since then, of all its agents."""
    cost_pico: int
    """Of the last hour."""


def alone(ledger: Ledger, sessions: Sequence[int], now_ms: int) -> dict[int, Alone]:
    """Return how long sessions have worked by themselves, by their keys.

    Prompts from scripts are nobody's; those that wait in a queue count when they were written.
    """
    return {key: _alone(ledger, key, now_ms) for key in sessions}


def _alone(ledger: Ledger, key: int, now_ms: int) -> Alone:
    (prompted_ms,) = ledger.sql.execute(
        "SELECT max(p.at_ms) FROM agents a JOIN prompts p ON p.agent = a.key"
        " WHERE a.session = ? AND p.scripted = 0 AND p.at_ms <= ?",
        (key, now_ms),
    ).fetchone()
    requests, cost = ledger.sql.execute(
        "SELECT count(*), coalesce(sum(CASE WHEN r.at_ms > ? THEN r.cost_pico END), 0)"
        " FROM agents a CROSS JOIN requests r ON r.agent = a.key AND r.at_ms > ?"
        " WHERE a.session = ?",
        (now_ms - 3_600_000, prompted_ms or 0, key),
    ).fetchone()
    return Alone(prompted_ms, requests, int(cost))


def costs_of_five_minutes(ledger: Ledger, since_ms: int) -> list[int]:
    """Return what each session cost in each five minutes in which it cost anything, picodollars.

    Counted from the epoch on, since then.
    """
    rows = ledger.sql.execute(
        "SELECT sum(r.cost_pico) FROM (SELECT DISTINCT agent FROM rollup WHERE quarter >= ?) q"
        " CROSS JOIN requests r ON r.agent = q.agent AND r.at_ms >= ?"
        " JOIN agents a ON a.key = r.agent WHERE r.cost_pico > 0"
        f" GROUP BY a.session, r.at_ms / {FIVE_MINUTES_MS}",
        (since_ms // 900_000, since_ms),
    )
    return [int(row[0]) for row in rows]


def tokens_a_minute(ledger: Ledger, since_ms: int) -> list[int]:
    """Return tokens of all kinds a minute, of each three minutes with any, since then."""
    rows = ledger.sql.execute(
        f"SELECT sum({_TOKENS}) / 3"
        " FROM (SELECT DISTINCT agent FROM rollup WHERE quarter >= ?) q"
        " CROSS JOIN requests r ON r.agent = q.agent AND r.at_ms >= ?"
        f" GROUP BY r.at_ms / {THREE_MINUTES_MS}",
        (since_ms // 900_000, since_ms),
    )
    return [int(row[0]) for row in rows]


def requests_a_prompt(ledger: Ledger, since_ms: int) -> list[int]:
    """Return how many requests followed each prompt of a person since then, until the next."""
    prompts: dict[int, list[int]] = {}
    for session, at_ms in ledger.sql.execute(
        "SELECT a.session, p.at_ms FROM prompts p JOIN agents a ON a.key = p.agent"
        " WHERE p.scripted = 0 AND p.at_ms >= ? ORDER BY a.session, p.at_ms",
        (since_ms,),
    ):
        prompts.setdefault(session, []).append(at_ms)
    found: list[int] = []
    for session, starts in prompts.items():
        counts = [0] * len(starts)
        at = -1
        for (at_ms,) in ledger.sql.execute(
            "SELECT r.at_ms FROM agents a CROSS JOIN requests r ON r.agent = a.key"
            " AND r.at_ms >= ? WHERE a.session = ? ORDER BY r.at_ms",
            (starts[0], session),
        ):
            while at + 1 < len(starts) and starts[at + 1] <= at_ms:
                at += 1
            counts[at] += 1
        found += counts
    return found
