"""All sessions of a stretch of time, in few columns: 10,000 of them take about half a second."""

from __future__ import annotations

from tokenwatch.analysis.period import Period
from tokenwatch.analysis.state import IDLE_MS
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.past import PastSession, PastSessions
from tokenwatch.model import State
from tokenwatch.store.past import PastRecord, past
from tokenwatch.store.spend import Filter


def past_sessions(moment: Moment, *, period: Period) -> PastSessions:
    """Return the sessions with any request in the period, over all time every session."""
    since, until = period.span(moment.now_ms, moment.zone)
    records = past(moment.ledger, Filter(since_ms=since, until_ms=until))
    states = _states(moment, records)
    rows = tuple(
        PastSession(
            id=record.id,
            source=record.source,
            title=record.title,
            project=record.project,
            git_branch=record.git_branch,
            models=record.models,
            started_ms=record.started_ms,
            last_ms=record.last_ms,
            state=states.get(record.key, State.ENDED),
            spend=record.spend,
            agents=record.agents,
            named=record.named,
            prompts=record.prompts,
            turns=record.turns,
            compactions=record.compactions,
            commits=record.commits,
            lines_added=record.lines_added,
            lines_removed=record.lines_removed,
            context_used=record.context,
        )
        for record in records
    )
    return PastSessions(rows, since, until)


def _states(moment: Moment, records: list[PastRecord]) -> dict[int, State]:
    """Return the states of those sessions that may not have ended, by key."""
    recent = moment.now_ms - IDLE_MS
    keys = [r.key for r in records if (r.last_ms or 0) >= recent or r.id in moment.live]
    rows = moment.overview.sessions(keys, moment.live, moment.now_ms) if keys else ()
    return {key: row.state for key, row in zip(keys, rows, strict=True)}
