"""What `doctor` tells: what was read, what was passed over, what may be lost."""

from __future__ import annotations

from dataclasses import dataclass

from tokenwatch.store import schema
from tokenwatch.store.ledger import Ledger, real_path


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """Sums over the files of one source, those that are gone included."""

    files: int
    gone: int
    lines: int
    oldest_ms: int | None
    newest_ms: int | None
    skipped: dict[str, int]
    samples: dict[str, str]
    """One sample a reason: `file: line …`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What the ledger holds."""

    path: str
    bytes: int
    version: int
    sessions: int
    requests: int
    unpriced: dict[str, int]
    """Requests without a price by the reason."""


def of_source(ledger: Ledger, source: str) -> SourceHealth:
    """Return what was read of one source."""
    files = ledger.sql.execute(
        "SELECT count(*) AS files, sum(gone_ms IS NOT NULL) AS gone, sum(lines) AS lines,"
        " min(first_ms) AS oldest, max(last_ms) AS newest FROM files"
        " WHERE source = ? AND kind = 'log'",
        (source,),
    ).fetchone()
    skipped: dict[str, int] = {}
    samples: dict[str, str] = {}
    for row in ledger.sql.execute(
        "SELECT k.reason, max(k.count) AS count, k.sample, f.path FROM skipped k JOIN files f"
        " ON f.key = k.file WHERE f.source = ? GROUP BY k.file, k.reason ORDER BY f.path",
        (source,),
    ):
        skipped[row["reason"]] = skipped.get(row["reason"], 0) + row["count"]
        samples.setdefault(row["reason"], f"{real_path(row['path'])}: {row['sample'] or ''}")
    return SourceHealth(
        files=files["files"],
        gone=files["gone"] or 0,
        lines=files["lines"] or 0,
        oldest_ms=files["oldest"],
        newest_ms=files["newest"],
        skipped=skipped,
        samples=samples,
    )


def size(ledger: Ledger) -> Size:
    """Return the ledger's size and what stands unpriced in it."""
    counts = ledger.sql.execute(
        "SELECT (SELECT count(*) FROM sessions) AS sessions,"
        " (SELECT count(*) FROM requests) AS requests"
    ).fetchone()
    unpriced = {
        row["origin"]: row["count"]
        for row in ledger.sql.execute(
            "SELECT p.origin, count(*) AS count FROM requests r JOIN prices p ON p.key = r.price"
            " WHERE r.cost_pico IS NULL GROUP BY p.origin ORDER BY 2 DESC"
        )
    }
    return Size(
        path=str(ledger.path),
        bytes=ledger.path.stat().st_size,
        version=schema.VERSION,
        sessions=counts["sessions"],
        requests=counts["requests"],
        unpriced=unpriced,
    )
