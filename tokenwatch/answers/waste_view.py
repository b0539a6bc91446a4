"""What the screens show of waste: a period beside the one before, proof, places, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tokenwatch.analysis.period import Period
from tokenwatch.analysis.waste.finding import Evidence, Kind, Tier
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.quotes import quotes
from tokenwatch.answers.waste import Shown, Sum, Waste, waste
from tokenwatch.answers.waste_groups import resolved_groups
from tokenwatch.answers.waste_quota import WindowShare, window_shares
from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.store import findings, incidents, proof, sessions, spend
from tokenwatch.store.findings import Verdict
from tokenwatch.store.incidents import Named
from tokenwatch.store.spend import Filter
from tokenwatch.watching import WORDS


class Asked(NamedTuple):
    """Which requests count."""

    period: Period
    source: str | None = None
    project: str | None = None


class Compared(NamedTuple):
    """What a period came to that is only compared with."""

    spent: int
    """Picodollars."""
    sums: Mapping[Tier, Sum]


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteView:
    """What was found in a period."""

    asked: Asked
    waste: Waste
    before: Compared | None
    """As long, right before; None where a period has nothing before it, or nothing was spent."""
    names: Mapping[int, Named]
    """Of the sessions that findings lie in, by their key."""
    looked: int
    """Sessions with a request that counts."""
    sources: tuple[str, ...]
    """Of all requests in the period, whichever is asked for."""
    resolved: frozenset[str] = frozenset()
    """Keys of the groups that were not seen on the last days with work."""
    shares: tuple[WindowShare, ...] = ()
    """Of the plan windows that are open now."""


def waste_view(moment: Moment, *, asked: Asked) -> WasteView:
    """Return what was found among the requests that count."""
    ledger, where = moment.ledger, _filter(moment, asked)
    found = waste(ledger, where)
    every = (*found.findings, *found.too_small, *found.dismissed)
    everywhere = where._replace(source=None, project=None)
    sources = (name for name, _ in spend.grouped(ledger, "source", everywhere, moment.zone))
    return WasteView(
        asked=asked,
        waste=found,
        before=_before(moment, asked),
        names=incidents.names(ledger, {key for each in every for key in each.sessions}),
        looked=sum(spend.sessions_by(ledger, "", where).values()),
        sources=tuple(sorted(name for name in sources if name)),
        resolved=resolved_groups(ledger, where, moment.zone, moment.now_ms, found),
        shares=window_shares(ledger, where, moment.now_ms),
    )


def _filter(moment: Moment, asked: Asked) -> Filter:
    since, until = asked.period.span(moment.now_ms, moment.zone)
    return Filter(since_ms=since, until_ms=until, source=asked.source, project=asked.project)


def _before(moment: Moment, asked: Asked) -> Compared | None:
    earlier = asked.period.shifted(-1)
    if earlier == asked.period:
        return None
    found = waste(moment.ledger, _filter(moment, asked._replace(period=earlier)))
    return Compared(found.spent, found.sums) if found.spent else None


class Quotes(NamedTuple):
    """How prompts begin."""

    words: tuple[tuple[str, str], ...]
    """(id of the prompt, its beginning); what is not known is missing."""


def beginnings(moment: Moment, *, ids: tuple[str, ...]) -> Quotes:
    """Return how prompts begin. Reads logs where the ledger does not keep it."""
    return Quotes(tuple(quotes(moment.ledger, ids).items()))


class Place(NamedTuple):
    """An instant in a session."""

    session_id: str
    at_ms: int


def place_of(moment: Moment, *, line: Evidence, otherwise: str) -> Place:
    """Return where a line of proof lies; `otherwise` is the session where nothing tells."""
    found = proof.session_of(moment.ledger, line.request_id, line.prompt_id)
    return Place(found or otherwise, line.at_ms)


class ProjectSpend(NamedTuple):
    """A project in a period."""

    path: str | None
    sessions: int
    spend: Spend


class ProjectSpends(NamedTuple):
    """The projects of a period."""

    rows: tuple[ProjectSpend, ...]


def projects(moment: Moment, *, asked: Asked) -> ProjectSpends:
    """Return the projects there are in the period, whichever is asked for."""
    ledger, where = moment.ledger, _filter(moment, asked._replace(project=None))
    counts = spend.sessions_by(ledger, "project", where)
    sums = dict(spend.grouped(ledger, "project", where, moment.zone))
    return ProjectSpends(
        tuple(ProjectSpend(path, many, sums.get(path, NO_SPEND)) for path, many in counts.items())
    )


class Said(NamedTuple):
    """What is to be known of all findings with a kind and signature."""

    kind: Kind
    signature: str
    finding: str
    """Id of the finding that it is said of."""
    verdict: str | None
    """fine, waste, or None to take back what was said."""


def said_of(shown: Iterable[Shown], verdict: str | None) -> tuple[Said, ...]:
    """Return that verdict about findings, once for all that are judged alike."""
    found = {
        (each.finding.kind, each.finding.signature): Said(
            each.finding.kind, each.finding.signature, each.id, verdict
        )
        for each in shown
    }
    return tuple(found.values())


class Judged(NamedTuple):
    """What was said of the same before: what takes it back."""

    before: tuple[Said, ...]


def judge(moment: Moment, *, said: tuple[Said, ...]) -> Judged:
    """Remember verdicts."""
    known = {(v.kind, v.signature): v for v in findings.verdicts(moment.ledger)}
    before = []
    with moment.writing() as ledger:
        for each in said:
            old = known.get((each.kind, each.signature))
            before.append(each._replace(verdict=old.verdict if old else None))
            if each.verdict is None:
                findings.unjudge(ledger, each.kind, each.signature)
            else:
                verdict = Verdict(
                    each.kind, each.signature, each.finding, each.verdict, moment.now_ms
                )
                findings.judge(ledger, verdict)
    return Judged(tuple(before))


class Mark(NamedTuple):
    """An instant of a session that proves a finding."""

    at_ms: int
    words: str
    """What it is, in a word or two."""


class SessionMarks(NamedTuple):
    """What was found in one session."""

    session_id: str
    marks: tuple[Mark, ...]
    """The largest finding's first."""


def session_marks(moment: Moment, *, session_id: str) -> SessionMarks:
    """Return where a session's findings lie. NotFound for an unknown one."""
    key = sessions.find(moment.ledger, session_id)
    found = waste(moment.ledger, Filter(sessions=(key,)))
    return SessionMarks(
        session_id,
        tuple(
            Mark(line.at_ms, WORDS[shown.finding.kind])
            for shown in (*found.findings, *found.too_small)
            if shown.finding.kind in WORDS
            for line in _costly(shown.finding.evidence)
        ),
    )


def _costly(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Return the lines that cost something; all where none tells a cost."""
    return tuple(line for line in evidence if line.cost) or evidence
