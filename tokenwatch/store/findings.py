"""What detectors found, as the ledger keeps it, and what the user said of it."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import NamedTuple

from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Tier
from tokenwatch.store.ledger import Ledger

_COLUMNS = (
    "id, session, kind, name, tier, cause, agent_id, first_ms, last_ms, asked_pico, wasted_pico,"
    " low_pico, high_pico, conditional, signature, proof, grants"
)
_WRITE = (
    f"INSERT INTO findings ({_COLUMNS}) VALUES ({', '.join('?' * 17)})"
    " ON CONFLICT (id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[4:])
)
PART = 500
"""Values in one query."""


class Stored(NamedTuple):
    """A finding of one session."""

    id: str
    session: int
    """The session's key."""
    session_id: str
    source: str
    project: str | None
    finding: Finding


class Granted(NamedTuple):
    """A request that findings were granted money of."""

    id: str
    at_ms: int
    model: str | None


def identity(session_id: str, kind: Kind, name: str) -> str:
    """Return a finding's id: stable on all machines."""
    digest = blake2b(f"{session_id}\0{kind}\0{name}".encode("utf-8", "replace"), digest_size=8)
    return digest.hexdigest()


def write(
    ledger: Ledger,
    session: int,
    session_id: str,
    changed: Mapping[tuple[Kind, str], Finding | None],
) -> None:
    """Store findings of a session; None is one that is gone. Inside a transaction."""
    gone = [(identity(session_id, *key),) for key, finding in changed.items() if finding is None]
    ledger.sql.executemany("DELETE FROM findings WHERE id = ?", gone)
    ledger.sql.executemany(
        _WRITE,
        [
            _row(identity(session_id, *key), session, finding)
            for key, finding in changed.items()
            if finding is not None
        ],
    )


def clear(ledger: Ledger, session: int) -> None:
    """Remove all findings of a session; inside a transaction."""
    ledger.sql.execute("DELETE FROM findings WHERE session = ?", (session,))


def _row(identifier: str, session: int, finding: Finding) -> tuple[object, ...]:
    proof = {
        "evidence": [list(line) for line in finding.evidence],
        "counts": finding.counts,
        "names": finding.names,
    }
    return (
        *(identifier, session, finding.kind.value, finding.key, finding.tier.value),
        *(finding.cause, finding.agent_id, finding.first_ms, finding.last_ms),
        *(finding.asked, finding.wasted, finding.low, finding.high),
        *(int(finding.conditional), finding.signature),
        json.dumps(proof, ensure_ascii=False, separators=(",", ":")),
        array("q", [number for pair in finding.granted for number in pair]).tobytes(),
    )


def read(
    ledger: Ledger,
    *,
    sessions: Iterable[int] | None = None,
    conditional: Iterable[Kind] | None = None,
) -> list[Stored]:
    """Return findings by their first instant, then id.

    sessions: of these alone, by key. conditional: only those that depend on other sessions, of
    these kinds.
    """
    conditions = _of_sessions(sessions)
    values: list[str] = []
    if conditional is not None:
        values = [kind.value for kind in conditional]
        conditions += f" AND f.conditional AND f.kind IN ({','.join('?' * len(values))})"
    rows = ledger.sql.execute(
        f"SELECT {', '.join('f.' + name for name in _COLUMNS.split(', '))},"
        " s.id AS session_id, s.source, s.project FROM findings f"
        f" JOIN sessions s ON s.key = f.session WHERE {conditions} ORDER BY f.first_ms, f.id",
        values,
    )
    return [
        Stored(
            row["id"],
            row["session"],
            row["session_id"],
            row["source"],
            row["project"],
            _finding(row),
        )
        for row in rows
    ]


def _of_sessions(sessions: Iterable[int] | None) -> str:
    return "1" if sessions is None else f"f.session IN ({','.join(map(str, sessions))})"


_FINE = (
    "EXISTS (SELECT 1 FROM verdicts v WHERE v.kind = f.kind AND v.signature = f.signature"
    " AND v.verdict = 'fine')"
)


def sums(
    ledger: Ledger, sessions: Iterable[int] | None = None, *, without: Iterable[Kind] = ()
) -> list[tuple[int, Tier, int]]:
    """Return (session, tier, picodollars) of what findings claim that nobody dismissed.

    Those that depend on other sessions are left out. sessions: of these alone, by key. without:
    kinds that are left out as well.
    """
    tiers = {tier.value: tier for tier in Tier}
    return [
        (session, tiers[tier], amount)
        for session, tier, amount in ledger.sql.execute(
            f"SELECT f.session, f.tier, sum(f.wasted_pico) FROM findings f"
            f" WHERE {_claiming(sessions, without)} GROUP BY f.session, f.tier"
        )
    ]


def claims(
    ledger: Ledger, sessions: Iterable[int] | None = None, *, without: Iterable[Kind] = ()
) -> list[tuple[int, Tier, tuple[tuple[int, int], ...]]]:
    """Return the single findings that `sums` adds up: (session, tier, granted), in no order."""
    tiers = {tier.value: tier for tier in Tier}
    return [
        (session, tiers[tier], _pairs(grants))
        for session, tier, grants in ledger.sql.execute(
            f"SELECT f.session, f.tier, f.grants FROM findings f"
            f" WHERE {_claiming(sessions, without)}"
        )
    ]


def _claiming(sessions: Iterable[int] | None, without: Iterable[Kind]) -> str:
    kinds = ",".join(f"'{kind}'" for kind in without)
    return (
        f"NOT f.conditional AND f.wasted_pico > 0 AND f.tier <> '{Tier.LOOK}'"
        f" AND f.kind NOT IN ({kinds}) AND NOT {_FINE} AND {_of_sessions(sessions)}"
    )


def owners(ledger: Ledger) -> dict[int, tuple[str, str]]:
    """Return each session's source and id, by its key."""
    rows = ledger.sql.execute("SELECT key, source, id FROM sessions")
    return {key: (source, name) for key, source, name in rows}


def _pairs(grants: bytes) -> tuple[tuple[int, int], ...]:
    numbers = memoryview(grants).cast("q")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _finding(row: Mapping[str, object]) -> Finding:
    proof = json.loads(str(row["proof"]))
    grants = row["grants"]
    assert isinstance(grants, bytes)
    return Finding(
        kind=Kind(str(row["kind"])),
        key=str(row["name"]),
        tier=Tier(str(row["tier"])),
        cause=_text(row["cause"]),
        agent_id=_text(row["agent_id"]),
        first_ms=_int(row["first_ms"]),
        last_ms=_int(row["last_ms"]),
        asked=_int(row["asked_pico"]),
        granted=_pairs(grants),
        low=_int(row["low_pico"]),
        high=_int(row["high_pico"]),
        evidence=tuple(Evidence(*line) for line in proof["evidence"]),
        counts=proof["counts"],
        names=proof["names"],
        signature=str(row["signature"]),
        conditional=bool(row["conditional"]),
    )


def requests(ledger: Ledger, keys: Iterable[int]) -> dict[int, Granted]:
    """Return requests by key."""
    wanted = sorted(set(keys))
    found: dict[int, Granted] = {}
    for first in range(0, len(wanted), PART):
        part = wanted[first : first + PART]
        for key, *rest in ledger.sql.execute(
            "SELECT r.key, r.id, r.at_ms, m.name FROM requests r JOIN models m ON m.key = r.model"
            f" WHERE r.key IN ({','.join('?' * len(part))})",
            part,
        ):
            found[key] = Granted(*rest)
    return found


class Verdict(NamedTuple):
    """What the user said of a finding, and so of all with its kind and signature."""

    kind: Kind
    signature: str
    finding: str
    """Id of the finding that it was said of."""
    verdict: str
    """fine or waste."""
    at_ms: int


def verdicts(ledger: Ledger) -> list[Verdict]:
    """Return all verdicts, latest first."""
    return [
        Verdict(Kind(kind), *rest)
        for kind, *rest in ledger.sql.execute(
            "SELECT kind, signature, finding, verdict, at_ms FROM verdicts ORDER BY at_ms DESC"
        )
    ]


def judge(ledger: Ledger, verdict: Verdict) -> None:
    """Remember a verdict; it takes the place of an earlier one about the same."""
    with ledger.transaction():
        ledger.sql.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)", verdict)


def unjudge(ledger: Ledger, kind: Kind, signature: str) -> None:
    """Take a verdict back."""
    with ledger.transaction():
        ledger.sql.execute(
            "DELETE FROM verdicts WHERE kind = ? AND signature = ?", (kind.value, signature)
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
