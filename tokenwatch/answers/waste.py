"""What could have been avoided in a stretch of time: findings, each dollar in one of them.

Amounts count only the requests in range, so they never exceed what was spent in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.catalogue import by_kind
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Tier
from tokenwatch.model import PICO
from tokenwatch.store import findings as stored
from tokenwatch.store import spend, unassessed
from tokenwatch.store.findings import Granted, Stored
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

SHOWN_FROM = PICO // 10
"""A finding worth less than ten cents, and less than SHOWN_SHARE of what was spent, is not shown;
its claim counts all the same."""
SHOWN_SHARE = 0.005
VERDICTS_TO_MUTE = 8
"""A detector that was wrong in more than half of so many verdicts is muted."""
ADVICE = "advice_pico"
"""Name of the count that holds what following an advice would be worth."""


class Sum(NamedTuple):
    """What findings of one tier come to, in picodollars."""

    wasted: int = 0
    low: int = 0
    high: int = 0
    findings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding in words, with the amounts of the range."""

    id: str
    finding: Finding
    told: Told
    sessions: tuple[int, ...]
    """Keys of the sessions it lies in."""
    session_id: str | None
    """None where it lies in several."""
    source: str
    project: str | None
    wasted: int | None
    """Picodollars; None where none are claimed."""
    low: int
    high: int
    requests: tuple[str, ...]
    """Ids of the requests that it claims money of."""
    parts: tuple[tuple[int, int], ...] = ()
    """(session, picodollars) of each session it lies in."""
    verdict: str | None = None
    """What the user said of it, or of one like it: fine or waste."""

    @property
    def advice_value(self) -> int | None:
        """Picodollars that following the advice would have saved, where that is no claim."""
        return self.finding.counts.get(ADVICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waste:
    """Everything found in a range."""

    spent: int
    sums: Mapping[Tier, Sum]
    findings: tuple[Shown, ...]
    """Those worth showing, the largest first; behind them those that claim nothing."""
    too_small: tuple[Shown, ...]
    """Those that are not worth showing; they count in the sums."""
    dismissed: tuple[Shown, ...]
    """What the user said was fine; it counts for nothing."""
    muted: tuple[Kind, ...]
    """Kinds that are not shown since the user found them wrong more often than right."""
    unread_sessions: int
    """Sessions whose findings are not up to date."""

    def only(self, shown: Shown) -> Waste:
        """Return the same with one finding alone; the sums stay."""
        return replace(self, findings=(shown,), dismissed=(), too_small=())

    def of_tier(self, tier: Tier) -> Waste:
        """Return the same with the findings of one tier alone; the sums stay."""
        return replace(
            self,
            findings=tuple(each for each in self.findings if each.finding.tier is tier),
            dismissed=tuple(each for each in self.dismissed if each.finding.tier is tier),
        )


def waste(ledger: Ledger, where: Filter) -> Waste:
    """Return what was found among the requests that count."""
    keys = None
    if where.source is not None or where.project is not None or where.sessions is not None:
        keys = sorted(spend.by_session(ledger, where))
    spent = spend.total(ledger, where).cost_pico
    verdicts = {(v.kind, v.signature): v.verdict for v in stored.verdicts(ledger)}
    shown = list(_shown(ledger, where, keys))
    judged = [
        replace(each, verdict=verdicts.get((each.finding.kind, each.finding.signature)))
        for each in shown
    ]
    muted = _muted(verdicts)
    kept = [e for e in judged if e.verdict != "fine" and e.finding.kind not in muted]
    least = min(SHOWN_FROM, int(spent * SHOWN_SHARE))
    large = [e for e in kept if e.wasted is None or e.wasted >= max(1, least)]
    return Waste(
        spent=spent,
        sums=_sums(kept),
        findings=tuple(sorted(large, key=_order)),
        too_small=tuple(e for e in kept if e.wasted is not None and e.wasted < max(1, least)),
        dismissed=tuple(sorted((e for e in judged if e.verdict == "fine"), key=_order)),
        muted=tuple(sorted(muted)),
        unread_sessions=len(unassessed.pending(ledger, keys)),
    )


def _order(shown: Shown) -> tuple[int, int, int, str]:
    value = shown.advice_value or 0
    return (
        -(shown.wasted or 0),
        -value if shown.wasted is None else 0,
        -shown.finding.last_ms,
        shown.id,
    )


def _sums(shown: Iterable[Shown]) -> dict[Tier, Sum]:
    sums = {tier: Sum() for tier in Tier}
    for each in shown:
        tier = each.finding.tier
        old = sums[tier]
        sums[tier] = Sum(
            old.wasted + (each.wasted or 0),
            old.low + each.low,
            old.high + each.high,
            old.findings + 1,
        )
    return sums


def _muted(verdicts: Mapping[tuple[Kind, str], str]) -> set[Kind]:
    """Return the kinds whose verdicts say `waste` less often than `fine`."""
    said: dict[Kind, list[str]] = {}
    for (kind, _), verdict in verdicts.items():
        said.setdefault(kind, []).append(verdict)
    return {
        kind
        for kind, words in said.items()
        if len(words) >= VERDICTS_TO_MUTE and words.count("waste") * 2 < len(words)
    }


def _shown(ledger: Ledger, where: Filter, keys: Sequence[int] | None) -> Iterable[Shown]:
    found = stored.read(ledger, sessions=keys, since_ms=where.since_ms, until_ms=where.until_ms)
    requests = stored.requests(ledger, (key for each in found for key, _ in each.finding.granted))
    counts = _counting(ledger, where)
    partial: dict[Kind, list[Partial]] = {}
    for each in found:
        finding = _in_range(each.finding, requests, counts)
        if finding is None:
            continue
        if finding.conditional:
            partial.setdefault(finding.kind, []).append(
                Partial(each.session, each.source, each.project, finding)
            )
        elif (shown := _single(each, finding, requests)) is not None:
            yield shown
    for kind, members in partial.items():
        conclude = by_kind()[kind].conclude
        for concluded in conclude(members) if conclude is not None else ():
            yield _several(concluded, requests)


def _counting(ledger: Ledger, where: Filter) -> Callable[[Granted], bool]:
    """Return what tells whether a request counts by its time and model."""
    models: set[str | None] | None = None
    if where.model is not None:
        from datetime import UTC

        models = {name for name, _ in spend.grouped(ledger, "model", where, UTC)}
    since = where.since_ms if where.since_ms is not None else 0
    until = where.until_ms

    def counts(request: Granted) -> bool:
        return (
            request.at_ms >= since
            and (until is None or request.at_ms < until)
            and (models is None or request.model in models)
        )

    return counts


def _in_range(
    finding: Finding, requests: Mapping[int, Granted], counts: Callable[[Granted], bool]
) -> Finding | None:
    """Return a finding with what it was granted of requests that count; None if that is nothing."""
    granted = tuple(
        (key, amount)
        for key, amount in finding.granted
        if key in requests and counts(requests[key])
    )
    if len(granted) == len(finding.granted):
        return finding
    if not granted:
        return None
    part, whole = sum(amount for _, amount in granted), finding.wasted
    return replace(
        finding,
        granted=granted,
        low=finding.low * part // whole,
        high=-(-finding.high * part // whole),
    )


def _single(each: Stored, finding: Finding, requests: Mapping[int, Granted]) -> Shown | None:
    claims = finding.tier is not Tier.LOOK
    if claims and not finding.wasted:
        return None
    return Shown(
        id=each.id,
        finding=finding,
        told=by_kind()[finding.kind].tell(finding),
        sessions=(each.session,),
        session_id=each.session_id,
        source=each.source,
        project=each.project,
        wasted=finding.wasted if claims else None,
        low=finding.low if claims else 0,
        high=finding.high if claims else 0,
        requests=tuple(requests[key].id for key, _ in finding.granted),
        parts=((each.session, finding.wasted if claims else 0),),
    )


def _several(concluded: Concluded, requests: Mapping[int, Granted]) -> Shown:
    finding, members = concluded.finding, concluded.members
    claims = finding.tier is not Tier.LOOK
    sessions = tuple(sorted({member.session for member in members}))
    projects = {member.project for member in members}
    return Shown(
        id=stored.identity("", finding.kind, finding.key),
        finding=finding,
        told=by_kind()[finding.kind].tell(finding),
        sessions=sessions,
        session_id=None,
        source=members[-1].source,
        project=projects.pop() if len(projects) == 1 else None,
        wasted=finding.wasted if claims else None,
        low=finding.low if claims else 0,
        high=finding.high if claims else 0,
        requests=tuple(requests[key].id for key, _ in finding.granted),
        parts=tuple((m.session, m.finding.wasted if claims else 0) for m in members),
    )


def by_session(ledger: Ledger, where: Filter) -> dict[int, dict[Tier, int] | None]:
    """Return what could have been avoided in each session with a request that counts, by its key.

    In picodollars of each tier; None where the session's findings are not up to date.
    """
    found = waste(ledger, where)
    keys = spend.by_session(ledger, where)
    stale = unassessed.pending(ledger)
    sums: dict[int, dict[Tier, int] | None] = {
        key: None if key in stale else dict.fromkeys(Tier, 0) for key in keys
    }
    for each in (*found.findings, *found.too_small):
        for key, amount in each.parts:
            tiers = sums.get(key)
            if tiers is not None:
                tiers[each.finding.tier] += amount
    return sums


def evidence(shown: Shown) -> tuple[Evidence, ...]:
    """Return a finding's proof in the order of time."""
    return tuple(sorted(shown.finding.evidence, key=lambda line: line.at_ms))
