"""What went on in the last minutes, without looking at sessions one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenwatch.store.ledger import Ledger


def cost_since(ledger: Ledger, after_ms: int, until_ms: int) -> int:
    """Return what was spent after the one instant, up to and with the other; unpriced: nothing."""
    row = ledger.sql.execute(
        "SELECT sum(r.cost_pico) FROM agents a JOIN requests r ON r.agent = a.key"
        " WHERE a.last_ms > ? AND r.at_ms > ? AND r.at_ms <= ?",
        (after_ms, after_ms, until_ms),
    ).fetchone()
    return int(row[0] or 0)


def any_since(ledger: Ledger, since_ms: int) -> bool:
    """Tell whether any session has a record since then."""
    query = "SELECT EXISTS (SELECT 1 FROM sessions WHERE last_ms >= ?)"
    return bool(ledger.sql.execute(query, (since_ms,)).fetchone()[0])
