"""What the user should know before it is too late."""

from __future__ import annotations

from collections.abc import Sequence

from tokenwatch.analysis.expiry import expiring
from tokenwatch.format import span
from tokenwatch.store import health
from tokenwatch.store.ledger import Ledger
from tokenwatch.sync import Root


def expiry_warnings(ledger: Ledger, roots: Sequence[Root], now_ms: int) -> list[str]:
    """Name the logs that a client's clean-up will delete before their details have been read."""
    unread = health.undetailed(ledger)
    warnings = []
    for root in roots:
        files = [(path, ms) for where, path, ms in unread if where == str(root.path)]
        if not files:
            continue
        count, first = expiring(files, root.source.keeps_logs_days(root.path), now_ms)
        if first is not None:
            when = f"in {span(first - now_ms)}" if first > now_ms else "any time now"
            warnings.append(
                f"{count} logs of {root.source.title} are not read in detail yet and may be"
                f" deleted by its clean-up, the first {when}"
            )
    return warnings
