"""What could have been avoided in a stretch of time: findings, each dollar in one of them.

Amounts count only the requests in range, so they never exceed what was spent in it. What a finding
says in words is of all of it, wherever it lies.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.catalogue import by_kind, explained
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import TIERS, Evidence, Finding, Kind, Tier
from tokenwatch.answers.waste_range import Range, range_of
from tokenwatch.model import PICO
from tokenwatch.store import findings as stored
from tokenwatch.store import spend, unassessed
from tokenwatch.store.findings import Granted, Stored
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter
from tokenwatch.store.unassessed import SAMPLE, Failure

log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())

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
    failed: tuple[Failure, ...] = ()
    """Detectors that an error stopped in sessions of the range."""
    requests: int = 0
    """That count."""
    unpriced: int = 0
    """Those of them without a price: nothing is claimed of them."""

    def only(self, shown: Shown) -> Waste:
        """Return the same with one finding alone; the sums stay."""
        return replace(self, findings=(shown,), dismissed=(), too_small=())

    def of_tier(self, tier: Tier) -> Waste:
        """Return the same with the findings of one tier alone; the sums stay."""
        return replace(
            self,
            findings=_of_tier(self.findings, tier),
            too_small=_of_tier(self.too_small, tier),
            dismissed=_of_tier(self.dismissed, tier),
        )


def _of_tier(findings: Iterable[Shown], tier: Tier) -> tuple[Shown, ...]:
    return tuple(each for each in findings if each.finding.tier is tier)


def waste(ledger: Ledger, where: Filter) -> Waste:
    """Return what was found among the requests that count."""
    within = range_of(ledger, where)
    total = spend.total(ledger, where)
    said = _Said(ledger)
    failed = {each.kind: each for each in unassessed.failures(ledger)}
    judged = [
        replace(each, verdict=said.verdict(each.finding)) for each in _shown(ledger, within, failed)
    ]
    kept = [each for each in judged if not said.is_dismissed(each.finding)]
    least = max(1, min(SHOWN_FROM, int(total.cost_pico * SHOWN_SHARE)))
    return Waste(
        spent=total.cost_pico,
        sums=_sums(kept),
        findings=tuple(
            sorted((e for e in kept if e.wasted is None or e.wasted >= least), key=_order)
        ),
        too_small=tuple(e for e in kept if e.wasted is not None and e.wasted < least),
        dismissed=tuple(sorted((e for e in judged if e.verdict == "fine"), key=_order)),
        muted=tuple(sorted(said.muted)),
        unread_sessions=len(unassessed.pending(ledger, within.keys)),
        failed=tuple(within.among(failed[kind] for kind in Kind if kind in failed)),
        requests=total.requests,
        unpriced=total.unpriced_requests,
    )


class _Said:
    """The user's verdicts, and what follows from them."""

    def __init__(self, ledger: Ledger) -> None:
        self._words = {(v.kind, v.signature): v.verdict for v in stored.verdicts(ledger)}
        self.muted = _muted(self._words)

    def verdict(self, finding: Finding) -> str | None:
        return self._words.get((finding.kind, finding.signature))

    def is_dismissed(self, finding: Finding) -> bool:
        """Tell that a finding counts for nothing."""
        return self.verdict(finding) == "fine" or finding.kind in self.muted


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


def failures(ledger: Ledger) -> tuple[Failure, ...]:
    """Return the detectors that an error stopped, in one session or in concluding from several."""
    failed = {each.kind: each for each in unassessed.failures(ledger)}
    for _ in _concluded(stored.read(ledger, conditional=Kind), failed):
        pass
    return tuple(failed[kind] for kind in Kind if kind in failed)


Failed = dict[Kind, Failure]
"""Detectors that an error stopped; those that it stops here are added."""


def _add(failed: Failed, kind: Kind, sessions: Iterable[int], error: Exception) -> None:
    known = failed.get(kind, Failure(kind, (), f"{type(error).__name__}: {error}"[:SAMPLE]))
    failed[kind] = known._replace(sessions=tuple(sorted({*known.sessions, *sessions})))


def _shown(ledger: Ledger, within: Range, failed: Failed) -> Iterator[Shown]:
    """Yield all findings in range."""
    found = stored.read(ledger, sessions=within.keys)
    requests = stored.requests(ledger, (key for each in found for key, _ in each.finding.granted))
    partial = []
    for each in found:
        finding = within.cut(each.session, each.finding, requests)
        if finding is None:
            continue
        if finding.conditional:
            partial.append(each._replace(finding=finding))
        elif (shown := _single(each, finding, requests, failed)) is not None:
            yield shown
    for concluded in _concluded(partial, failed):
        yield _several(concluded, requests, failed)


def _concluded(partial: Iterable[Stored], failed: Failed) -> Iterator[Concluded]:
    """Yield what conditional findings come to together."""
    members: dict[Kind, list[Partial]] = {}
    for each in partial:
        part = Partial(each.session, each.source, each.project, each.finding)
        members.setdefault(each.finding.kind, []).append(part)
    for kind, parts in members.items():
        conclude = by_kind()[kind].conclude
        try:
            yield from conclude(parts) if conclude is not None else ()
        except Exception as error:  # noqa: BLE001 - one detector's error must not hide the others
            log.exception("%s can't conclude", kind)
            _add(failed, kind, (part.session for part in parts), error)


def _told(finding: Finding, sessions: Iterable[int], failed: Failed) -> Told:
    """Return a finding in its detector's words, or in its kind's if these can't be had."""
    try:
        return by_kind()[finding.kind].tell(finding)
    except Exception as error:  # noqa: BLE001 - what was found stands, whatever is said of it
        log.exception("%s can't be put in words", finding.kind)
        _add(failed, finding.kind, sessions, error)
        kind = explained()[finding.kind]
        return Told(kind.title, kind.means, kind.advice)


def _single(
    each: Stored, finding: Finding, requests: Mapping[int, Granted], failed: Failed
) -> Shown | None:
    claims = finding.tier is not Tier.LOOK
    if claims and not finding.wasted:
        return None
    return Shown(
        id=each.id,
        finding=finding,
        told=_told(finding, (each.session,), failed),
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


def _several(concluded: Concluded, requests: Mapping[int, Granted], failed: Failed) -> Shown:
    finding, members = concluded.finding, concluded.members
    claims = finding.tier is not Tier.LOOK
    sessions = tuple(sorted({member.session for member in members}))
    projects = {member.project for member in members}
    return Shown(
        id=stored.identity("", finding.kind, finding.key),
        finding=finding,
        told=_told(finding, sessions, failed),
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


Session = tuple[str, str]
"""Source and id."""


def by_session(ledger: Ledger, where: Filter) -> dict[Session, dict[Tier, int] | None]:
    """Return what could have been avoided in each session with a request that counts.

    Without a filter, in each session. In picodollars of each tier, the same as in `waste`; None
    where the session's findings are not up to date. Proof is left where it is, so ten thousand
    sessions are quickly summed up.
    """
    within = range_of(ledger, where)
    said = _Said(ledger)
    stale = unassessed.pending(ledger)
    owners = stored.owners(ledger)
    sums: dict[int, dict[Tier, int] | None] = {
        key: None if key in stale else dict.fromkeys(Tier, 0)
        for key in (owners if within.keys is None else within.keys)
    }

    def add(session: int, tier: Tier, amount: int) -> None:
        tiers = sums.get(session)
        if tiers is not None:
            tiers[tier] += amount

    if within.is_whole:
        for claim in stored.sums(ledger, within.keys, without=said.muted):
            add(*claim)
    else:
        claims = stored.claims(ledger, within.keys, without=said.muted)
        requests = stored.requests(ledger, (key for *_, granted in claims for key, _ in granted))
        for session, tier, granted in claims:
            add(session, tier, within.sum_of(granted, requests))
    for concluded in _several_of(ledger, within):
        finding = concluded.finding
        if finding.tier is not Tier.LOOK and not said.is_dismissed(finding):
            for member in concluded.members:
                add(member.session, finding.tier, member.finding.wasted)
    return {owners[key]: tiers for key, tiers in sums.items()}


def _several_of(ledger: Ledger, within: Range) -> Iterator[Concluded]:
    """Yield the findings of several sessions that claim anything."""
    kinds = [k for k, one in by_kind().items() if one.conclude and TIERS[k] is not Tier.LOOK]
    found = stored.read(ledger, sessions=within.keys, conditional=kinds)
    requests: Mapping[int, Granted] = {}
    if not within.is_whole:
        requests = stored.requests(ledger, (k for each in found for k, _ in each.finding.granted))
    cut = ((each, within.cut(each.session, each.finding, requests)) for each in found)
    yield from _concluded((each._replace(finding=f) for each, f in cut if f is not None), {})


def evidence(shown: Shown) -> tuple[Evidence, ...]:
    """Return a finding's proof in the order of time."""
    return tuple(sorted(shown.finding.evidence, key=lambda line: line.at_ms))
