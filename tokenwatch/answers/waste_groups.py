"""Findings of one kind together: the rows of a list that people can take in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Kind, Tier
from tokenwatch.answers.waste import Shown

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

    @property
    def sessions(self) -> tuple[int, ...]:
        """Keys of the sessions that they lie in."""
        return tuple(sorted({key for finding in self.findings for key in finding.sessions}))

    @property
    def last_ms(self) -> int:
        return max(shown.finding.last_ms for shown in self.findings)


def grouped(findings: Iterable[Shown]) -> list[Group]:
    """Return the groups of findings that are in order, the largest first."""
    gathered: dict[tuple[Kind, str | None, Tier], list[Shown]] = {}
    for shown in findings:
        value = shown.finding
        gathered.setdefault((value.kind, value.cause, value.tier), []).append(shown)
    groups = [_group(*key, tuple(members)) for key, members in gathered.items()]
    return sorted(groups, key=lambda group: (-(group.wasted or 0), -group.last_ms, group.key))


def _group(kind: Kind, cause: str | None, tier: Tier, members: tuple[Shown, ...]) -> Group:
    claims = tier is not Tier.LOOK
    title = members[0].told.headline
    if len({member.told.headline for member in members}) > 1:
        title = explained()[kind].title
        if cause is not None:
            title = f"{title}: {CAUSES.get(cause, cause)}"
    return Group(
        key=f"{kind}/{cause or ''}/{tier}",
        title=title,
        kind=kind,
        cause=cause,
        tier=tier,
        findings=members,
        wasted=sum(m.wasted or 0 for m in members) if claims else None,
        low=sum(m.low for m in members),
        high=sum(m.high for m in members),
    )
