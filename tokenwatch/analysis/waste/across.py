"""Put together what only several sessions can show: conditional findings, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from tokenwatch.analysis.waste.finding import Finding


class Partial(NamedTuple):
    """A conditional finding of one session."""

    session: int
    """The session's key in the ledger."""
    source: str
    project: str | None
    finding: Finding


class Concluded(NamedTuple):
    """A finding of several sessions. Its grants and evidence are theirs, its counts their sums."""

    finding: Finding
    members: tuple[Partial, ...]


def merged(members: Sequence[Partial], *, key: str) -> Concluded:
    """Return one finding for these (at least one; of one kind), in the order of time.

    Counts are summed up, and `sessions` is added to them; of names the latest session's win.
    """
    ordered = sorted(members, key=lambda m: (m.finding.first_ms, m.session, m.finding.key))
    findings = [member.finding for member in ordered]
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for finding in findings:
        for name, count in finding.counts.items():
            counts[name] = counts.get(name, 0) + count
        names.update(finding.names)
    counts["sessions"] = len({member.session for member in ordered})
    return Concluded(
        replace(
            findings[-1],
            key=key,
            agent_id=None,
            first_ms=findings[0].first_ms,
            last_ms=max(finding.last_ms for finding in findings),
            asked=sum(finding.asked for finding in findings),
            granted=tuple(sorted(pair for finding in findings for pair in finding.granted)),
            low=sum(finding.low for finding in findings),
            high=sum(finding.high for finding in findings),
            evidence=tuple(line for finding in findings for line in finding.evidence),
            counts=counts,
            names=names,
            conditional=False,
        ),
        tuple(ordered),
    )
