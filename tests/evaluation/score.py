"""Match findings with labels: hits, misses, false alarms, money, and the law of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import sqrt
from typing import Any

from tests.evaluation.label import Label, Written
from tokenwatch.model import PICO

Document = Mapping[str, Any]
Z = 1.959964
"""Of a 95 % interval."""


@dataclass(slots=True, kw_only=True)
class Score:
    """How well one kind (or language of a kind) is found."""

    positives: int = 0
    negatives: int = 0
    hits: int = 0
    false_alarms: int = 0
    """Findings where there is nothing; of judged homes only."""
    alarmed: int = 0
    """Negatives with such a finding."""
    small: int = 0
    """Labels that are too little to count."""
    claimed: int = 0
    true: int = 0
    off: int = 0
    """Sum of the differences between claimed and true money, both of what was found."""
    causes: int = 0
    causes_right: int = 0
    elsewhere: int = 0
    """Findings in homes of other kinds, which nobody judges."""

    @property
    def precision(self) -> float | None:
        found = self.hits + self.false_alarms
        return self.hits / found if found else None

    @property
    def recall(self) -> float | None:
        return self.hits / self.positives if self.positives else None

    @property
    def f1(self) -> float:
        p, r = self.precision or 0.0, self.recall or 0.0
        return 2 * p * r / (p + r) if p + r else 0.0

    @property
    def money_error(self) -> float | None:
        return self.off / self.true if self.true else None

    @property
    def bias(self) -> float | None:
        """How much is claimed too much (or too little, below 0) in all."""
        return (self.claimed - self.true) / self.true if self.true else None

    def add(self, other: Score) -> None:
        """Take in another part of the same."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True, kw_only=True)
class Miss:
    """One case for a developer to look at."""

    home: str
    kind: str
    how: str
    """missed, false alarm, money, wide (a hit that takes in requests with which all is well)."""
    session: str
    what: str
    details: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Result:
    """All scores of a run."""

    kinds: dict[str, Score] = field(default_factory=dict)
    languages: dict[str, Score] = field(default_factory=dict)
    mixed: Score = field(default_factory=Score)
    """Of the sessions with many patterns: the bias of money there."""
    misses: list[Miss] = field(default_factory=list)
    laws: list[str] = field(default_factory=list)
    """Where more is claimed than was spent."""
    sessions: int = 0
    requests: int = 0
    spend: int = 0


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the interval of 95 % of a share."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, Z * Z
    middle = share + square / (2 * of)
    reach = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - reach) / (1 + square / of)), min(
        1.0, (middle + reach) / (1 + square / of)
    )


def pico(text: object) -> int:
    """Return dollars of a document as picodollars; nothing is none."""
    return 0 if text is None else int(Decimal(str(text)) * PICO)


def claim(finding: Document) -> int:
    """Return what a finding says: its claim, or what its advice is worth."""
    if finding.get("advice_value_usd") is not None:
        return pico(finding["advice_value_usd"])
    return pico(finding.get("wasted_usd"))


def touches(label: Label, finding: Document) -> bool:
    """Tell whether a finding is about what a label is about."""
    requests = set(finding.get("requests") or ())
    if label.requests and requests:
        return bool(label.requests & requests)
    session = finding.get("session_id")
    return session is None or session in label.sessions


def groups(
    labels: Sequence[Label], findings: Sequence[Document]
) -> list[tuple[list[int], list[int]]]:
    """Return labels and findings that touch one another, by their places; each once."""
    ways = [[n for n, label in enumerate(labels) if touches(label, f)] for f in findings]
    found: list[tuple[set[int], set[int]]] = []
    for place, hits in enumerate(ways):
        mine, other = (set(hits), {place}), []
        for group in found:
            if group[0] & mine[0]:
                mine = (mine[0] | group[0], mine[1] | group[1])
            else:
                other.append(group)
        found = [*other, mine]
    return [(sorted(labels_), sorted(findings_)) for labels_, findings_ in found]


def judge(home: Written, document: Document, result: Result) -> None:
    """Score one home's document."""
    mixed = len(home.kinds) > 1
    findings: dict[str, list[Document]] = {}
    for finding in document["findings"]:
        findings.setdefault(finding["kind"], []).append(finding)
    kinds = {label.kind for label in home.labels} | set(findings) | set(home.kinds)
    for kind in sorted(kinds):
        total = result.kinds.setdefault(kind, Score())
        if kind not in home.kinds:
            total.elsewhere += len(findings.get(kind, ()))
            continue
        labels = [label for label in home.labels if label.kind == kind]
        score = _judge_kind(home, kind, labels, findings.get(kind, []), result)
        if mixed:
            # What findings of several kinds share is granted to one of them: no measure of a kind.
            result.mixed.add(score)
            score = replace(score, claimed=0, true=0, off=0)
        total.add(score)
    result.laws += laws(home, document)
    result.sessions += home.sessions
    result.requests += sum(home.session_requests.values())
    result.spend += home.spend


def _judge_kind(
    home: Written, kind: str, labels: list[Label], findings: list[Document], result: Result
) -> Score:
    positives = [label for label in labels if label.positive]
    score = Score()
    hit: set[int] = set()
    for found, of in groups(positives, findings):
        if not found:
            for place in of:
                _false_alarm(home, kind, findings[place], labels, score, result)
            continue
        hit |= set(found)
        _money(home, [positives[n] for n in found], [findings[n] for n in of], score, result)
    for place, label in enumerate(positives):
        parts = [score, _language(label, result)]
        for part in parts:
            part.small += label.small
            part.positives += not label.small
            part.hits += place in hit and not label.small
        if place not in hit and not label.small:
            result.misses.append(_miss(home, kind, "missed", label))
    alarmed = [f for f in findings if not any(touches(label, f) for label in positives)]
    for label in labels:
        if label.positive:
            continue
        for part in (score, _language(label, result)):
            part.negatives += 1
            part.alarmed += any(touches(label, f) for f in alarmed)
    return score


def _language(label: Label, result: Result) -> Score:
    if not label.language:
        return Score()
    return result.languages.setdefault(label.language, Score())


def _money(
    home: Written, labels: list[Label], findings: list[Document], score: Score, result: Result
) -> None:
    claimed, true = sum(map(claim, findings)), sum(label.money for label in labels)
    if all(label.small for label in labels):
        return
    known = {request for label in labels for request in label.requests}
    for finding in findings:
        extra = set(finding.get("requests") or ()) - known
        if known and extra:
            result.misses.append(_miss(home, labels[0].kind, "wide", labels[0], beyond=len(extra)))
        about = [label for label in labels if label.cause and touches(label, finding)]
        if about and finding.get("cause"):
            score.causes += 1
            score.causes_right += any(label.cause == finding["cause"] for label in about)
    if not true:
        return
    score.claimed += claimed
    score.true += true
    score.off += abs(claimed - true)
    if abs(claimed - true) * 100 > true:
        details: dict[str, object] = {"claimed_usd": claimed / PICO, "true_usd": true / PICO}
        result.misses.append(_miss(home, labels[0].kind, "money", labels[0], **details))


def _false_alarm(
    home: Written,
    kind: str,
    finding: Document,
    labels: list[Label],
    score: Score,
    result: Result,
) -> None:
    about = [label for label in labels if not label.positive and touches(label, finding)]
    score.false_alarms += 1
    for label in about[:1]:
        _language(label, result).false_alarms += 1
    result.misses.append(
        Miss(
            home=home.name,
            kind=kind,
            how="false alarm",
            session=str(finding.get("session_id")),
            what=about[0].what if about else "nothing is labelled there",
            details={
                "requests": list(finding.get("requests") or ())[:6],
                "wasted_usd": str(finding.get("wasted_usd")),
                "explanation": finding.get("explanation"),
                "language": about[0].language if about else "",
            },
        )
    )


def _miss(home: Written, kind: str, how: str, label: Label, **more: object) -> Miss:
    details = {**label.values, **more, "language": label.language, "cause": label.cause}
    details["requests"] = sorted(label.requests)[:6]
    details["money_usd"] = label.money / PICO
    session = label.sessions[0]
    return Miss(
        home=home.name, kind=kind, how=how, session=session, what=label.what, details=details
    )


def laws(home: Written, document: Document) -> list[str]:
    """Return where findings claim more than was spent: in all, of a session, of requests."""
    broken = []
    spend = pico(document.get("spend_usd"))
    if spend != home.spend:
        broken.append(f"{home.name}: spend is {spend} and not {home.spend}")
    claims = [(finding, pico(finding.get("wasted_usd"))) for finding in document["findings"]]
    total = sum(claimed for _, claimed in claims)
    if total > home.spend:
        broken.append(f"{home.name}: {total} claimed of {home.spend}")
    sums: dict[str, int] = {}
    for finding, claimed in claims:
        session = finding.get("session_id")
        if session in home.session_spend and _alone(home, finding):
            sums[session] = sums.get(session, 0) + claimed
        requests = finding.get("requests") or ()
        if requests and all(request in home.requests for request in requests):
            own = sum(home.requests[request] for request in requests)
            if claimed > own:
                broken.append(f"{home.name}: {finding['kind']} claims {claimed} of requests' {own}")
    for session, claimed in sums.items():
        if claimed > home.session_spend[session]:
            broken.append(f"{home.name}: {claimed} claimed of session {session}")
    wasted = document.get("wasted_usd") or {}
    if pico(wasted.get("proved")) + pico(wasted.get("likely")) > home.spend:
        broken.append(f"{home.name}: the tiers' sums are above the spend")
    return broken


def _alone(home: Written, finding: Document) -> bool:
    """Tell whether a finding is of one session: others may be told under one of theirs."""
    return finding["kind"] not in ("fixed-overhead", "repeated-boilerplate")


def judge_all(written: Iterable[Written], documents: Mapping[str, Document]) -> Result:
    """Score all homes."""
    result = Result()
    for home in written:
        judge(home, documents[home.name], result)
    return result
