"""Which sessions have a client's own running totals; `explain.meters` reads what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenwatch.store.ledger import Ledger


def metered(ledger: Ledger) -> frozenset[int]:
    """Return the keys of those sessions."""
    return frozenset(row[0] for row in ledger.sql.execute("SELECT DISTINCT session FROM meters"))
