"""One session: its turns, what its cost is made of, its requests, its logs, its process."""

from __future__ import annotations

from tokenwatch.answers.moment import Moment
from tokenwatch.snapshot import ExplainedRequest, KindCost, LogPlace, Running, SessionDetail
from tokenwatch.store import explain, turns
from tokenwatch.store import sessions as stored


def detail(moment: Moment, session_id: str) -> SessionDetail:
    """Return everything about a session but its requests. NotFound for an unknown one."""
    key = stored.find(moment.ledger, session_id)
    row = moment.overview.sessions([key], moment.live, moment.now_ms)[0]
    kinds: dict[str, list[int]] = {}
    outcome = stored.outcome(moment.ledger, key)
    for request in explain.requests(moment.ledger, key):
        for kind, tokens, cost in explain.parts(request):
            sums = kinds.setdefault(kind, [0, 0])
            sums[0] += tokens
            sums[1] += cost
    return SessionDetail(
        row=row,
        turns=tuple(turns.turns(moment.ledger, key)),
        by_kind=tuple(
            KindCost(kind=kind, tokens=kinds[kind][0], cost_pico=kinds[kind][1])
            for kind in explain.KIND_NAMES
            if kind in kinds
        ),
        version=outcome.version,
        commits=outcome.commits,
        lines_added=outcome.added,
        lines_removed=outcome.removed,
        log_path=outcome.path,
    )


def requests(moment: Moment, session_id: str, turn_id: str) -> tuple[ExplainedRequest, ...]:
    """Return a turn's requests in the order of time. NotFound for an unknown session."""
    key = stored.find(moment.ledger, session_id)
    since, until = turns.span(moment.ledger, key, turn_id)
    return tuple(explain.requests(moment.ledger, key, since_ms=since, until_ms=until))


def requests_of_agent(
    moment: Moment, session_id: str, agent_id: str
) -> tuple[ExplainedRequest, ...]:
    """Return an agent's own requests in the order of time. NotFound for an unknown session."""
    key = stored.find(moment.ledger, session_id)
    return tuple(explain.requests(moment.ledger, key, agent_id=agent_id))


def log_of_agent(moment: Moment, session_id: str, agent_id: str) -> LogPlace | None:
    """Return an agent's log; None where it has none of its own. NotFound for an unknown session."""
    path = stored.log_of(moment.ledger, stored.find(moment.ledger, session_id), agent_id)
    return None if path is None else LogPlace(file=path)


def running(moment: Moment, session_id: str) -> Running | None:
    """Return the process that has a session open; None where none says that it does."""
    sign = moment.live.get(session_id)
    if sign is None or sign.alive is False:
        return None
    return Running(pid=sign.pid, tmux_pane=sign.tmux_pane)
