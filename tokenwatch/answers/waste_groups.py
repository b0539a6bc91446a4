"""Findings of one kind together: the rows of a list that people can take in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Finding, Kind, Tier
from tokenwatch.analysis.waste.resolved import ACTIVE_DAYS, is_resolved
from tokenwatch.answers.waste import Shown, Waste
from tokenwatch.store import spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

CAUSES = {
    "model-switch": "model switched",
    "effort": "effort or speed changed",
    "cli-upgrade": "client upgraded",
    "tools": "tools changed",
    "client": "by the client itself",
    "resend": "interrupted and sent again",
    "compaction": "after a compaction",
}
"""How causes are called where one stands beside a kind's title."""
RESOLVED = f"not seen for {ACTIVE_DAYS} active days"
"""What is said of a group that is resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings with the same kind, cause and tier."""

    key: str
    title: str
    kind: Kind
    cause: str | None
    tier: Tier
    findings: tuple[Shown, ...]
    """The largest first."""
    wasted: int | None
    """Picodollars; None where none are claimed."""
    low: int
    high: int
    resolved: bool = False
    """None of them was seen on the last days with work (`analysis.waste.resolved`)."""

    @property
    def sessions(self) -> tuple[int, ...]:
        """Keys of the sessions that they lie in."""
        return tuple(sorted({key for finding in self.findings for key in finding.sessions}))

    @property
    def last_ms(self) -> int:
        return max(shown.finding.last_ms for shown in self.findings)


def grouped(findings: Iterable[Shown], resolved: Collection[str] = ()) -> list[Group]:
    """Return the groups of findings that are in order, the largest first.

    resolved: keys of those that are (`resolved_groups`).
    """
    gathered: dict[tuple[Kind, str | None, Tier], list[Shown]] = {}
    for shown in findings:
        value = shown.finding
        gathered.setdefault((value.kind, value.cause, value.tier), []).append(shown)
    groups = [
        _group(*names, tuple(members), resolved=_key(members[0].finding) in resolved)
        for names, members in gathered.items()
    ]
    return sorted(groups, key=lambda group: (-(group.wasted or 0), -group.last_ms, group.key))


def resolved_groups(
    ledger: Ledger, where: Filter, zone: tzinfo, now_ms: int, found: Waste
) -> frozenset[str]:
    """Return the keys of the groups that were not seen on the last days with work.

    where: the filter that `found` was found with. Findings too small to be shown were seen all the
    same. Of a stretch that ended before now nothing is told: what came later is not known.
    """
    if where.until_ms is not None and where.until_ms <= now_ms:
        return frozenset()
    last: dict[str, int] = {}
    for shown in (*found.findings, *found.too_small):
        key, at_ms = _key(shown.finding), shown.finding.last_ms
        last[key] = max(at_ms, last.get(key, at_ms))
    if not last:
        return frozenset()
    since_ms = max(min(last.values()), where.since_ms or 0)
    days = spend.grouped(ledger, "day", where._replace(since_ms=since_ms), zone)
    active = [date.fromisoformat(name) for name, _ in days if name is not None]
    return frozenset(key for key, at_ms in last.items() if is_resolved(_day(at_ms, zone), active))


def _day(at_ms: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()


def _key(finding: Finding) -> str:
    return f"{finding.kind}/{finding.cause or ''}/{finding.tier}"


def _group(
    kind: Kind, cause: str | None, tier: Tier, members: tuple[Shown, ...], *, resolved: bool
) -> Group:
    claims = tier is not Tier.LOOK
    title = members[0].told.headline
    if len({member.told.headline for member in members}) > 1:
        title = explained()[kind].title
        if cause is not None:
            title = f"{title}: {CAUSES.get(cause, cause)}"
    return Group(
        key=_key(members[0].finding),
        title=title,
        kind=kind,
        cause=cause,
        tier=tier,
        findings=members,
        wasted=sum(m.wasted or 0 for m in members) if claims else None,
        low=sum(m.low for m in members),
        high=sum(m.high for m in members),
        resolved=resolved,
    )
