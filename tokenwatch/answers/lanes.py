"""Who worked when: the agents of a stretch of time or of one session, as lanes of a timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add

from tokenwatch.analysis import lanes as analysis
from tokenwatch.analysis import state
from tokenwatch.analysis.lanes import LaneFacts
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State
from tokenwatch.overview import facts_of
from tokenwatch.store import lanes as stored_lanes
from tokenwatch.store import sessions as stored
from tokenwatch.store import spend
from tokenwatch.store.sessions import AgentRecord, SessionRecord
from tokenwatch.store.spend import Filter

MOST_AGENTS = 1000
"""As many agents have lanes, those of the latest sessions."""


def lanes(
    moment: Moment,
    since_ms: int | None = None,
    until_ms: int | None = None,
    source: str | None = None,
    session_id: str | None = None,
    most: int = MOST_AGENTS,
) -> Lanes:
    """Return the agents at work in [since, until), or those of a session in all its time.

    most: of more agents, only those of the latest sessions get lanes, of one session at the least.
    NotFound for an unknown session.
    """
    ledger = moment.ledger
    where = Filter(since_ms=since_ms, until_ms=until_ms, source=source)
    left_out, chosen = 0, []
    if session_id is not None:
        chosen = [stored.find(ledger, session_id)]
        where = Filter(sessions=tuple(chosen))
    else:
        agents = 0
        for extent in stored_lanes.extents(ledger, since_ms, until_ms, source):
            agents += extent.agents
            if agents <= most or not chosen:
                chosen.append(extent.session)
            else:
                left_out += extent.agents
    made = _Lanes(moment, chosen, where)
    spans = made.spans
    if left_out:
        until = moment.now_ms if until_ms is None else min(until_ms, moment.now_ms)
        spans += stored_lanes.other_spans(ledger, since_ms, until, source, chosen)
    rest = _difference(spend.total(ledger, where), [lane.spend for lane in made.lanes])
    return Lanes(
        since_ms=made.since_ms,
        until_ms=made.until_ms,
        now_ms=moment.now_ms,
        lanes=made.lanes,
        levels=analysis.levels(spans),
        left_out=left_out,
        left_out_spend=rest,
    )


class _Lanes:
    """The lanes of some sessions."""

    def __init__(self, moment: Moment, sessions: Sequence[int], where: Filter) -> None:
        ledger = moment.ledger
        self._moment = moment
        records = stored.records(ledger, sessions, where.since_ms, where.until_ms)
        self.until_ms = moment.now_ms if where.until_ms is None else where.until_ms
        if where.sessions is not None and not any(r.id in moment.live for r in records):
            # A session that has ended is looked at for as long as it lasted.
            lasts = [r.last_ms for r in records if r.last_ms is not None]
            self.until_ms = min(self.until_ms, max(lasts, default=self.until_ms) + 1)
        # The sums of few sessions are found faster by their names than among all.
        few = where if len(sessions) > 100 else where._replace(sessions=tuple(sessions))
        self._spends = spend.by_agent(ledger, few)
        self._turns = stored_lanes.turns(ledger, sessions)
        firsts = [r.started_ms for r in records if r.started_ms is not None]
        firsts += [turns[0].start_ms for turns in self._turns.values()]
        self.since_ms = min(firsts, default=0) if where.since_ms is None else where.since_ms
        self._asked = stored_lanes.asked(ledger, sessions)
        self._delegated = stored_lanes.delegated(ledger, sessions)
        self.lanes = tuple(lane for record in records for lane in self._of_session(record))

    @property
    def spans(self) -> list[tuple[int, int]]:
        """When the agents' turns were open."""
        return [
            (part.start_ms, part.end_ms)
            for lane in self.lanes
            for part in lane.intervals
            if part.kind in analysis.IN_TURN
        ]

    def _of_session(self, record: SessionRecord) -> list[Lane]:
        main = next((a for a in record.agents if a.kind is AgentKind.MAIN), None)
        process = self._moment.live.get(record.id)
        session_state = state.main_state(
            facts_of(main, record),
            process,
            signs=state.keeps_signs(record.source, record.version, record.entrypoint),
            now_ms=self._moment.now_ms,
        )
        made = {
            agent.id: self._lane(agent, record, session_state)
            for agent in record.agents
            if agent.kind is not AgentKind.AUXILIARY
        }
        shown: set[str] = set()
        for lane in made.values():
            if lane.intervals or lane.spend.requests:
                shown |= _with_parents(lane, made)
        found = [lane for agent_id, lane in made.items() if agent_id in shown]
        auxiliary = self._auxiliary(record, session_state)
        return found if auxiliary is None else [*found, auxiliary]

    def _lane(self, agent: AgentRecord, record: SessionRecord, session_state: State) -> Lane:
        is_main = agent.kind is AgentKind.MAIN
        now_ms = self._moment.now_ms
        process = self._moment.live.get(record.id) if is_main else None
        own = (
            session_state
            if is_main
            else state.subagent_state(
                facts_of(agent, record),
                session_state,
                reusable=record.source == "codex",
                now_ms=now_ms,
            )
        )
        asked = self._asked.get(agent.key, ())
        parent = agent.parent_id or record.id
        return Lane(
            key=record.id if is_main else f"{record.id}/{agent.id}",
            session_id=record.id,
            agent_id=agent.id,
            parent_key=None
            if is_main
            else record.id
            if parent == record.id
            else f"{record.id}/{parent}",
            kind=agent.kind,
            source=record.source,
            project=record.project,
            title=record.title,
            name=agent.name,
            task=agent.task,
            model=agent.model,
            state=own,
            started_ms=agent.started_ms,
            last_ms=agent.last_ms,
            turns=agent.turns,
            asked=sum(self.since_ms <= at_ms < self.until_ms for at_ms, _ in asked),
            waiting_for=process.waiting_for if process and own is State.WAITING else None,
            spend=self._spends.get(agent.key, NO_SPEND),
            intervals=analysis.intervals(
                LaneFacts(
                    state=own,
                    started_ms=agent.started_ms,
                    last_ms=agent.last_ms,
                    ended_ms=agent.ended_ms,
                    turns=self._turns.get(agent.key, ()),
                    asked=asked,
                    delegated=self._delegated.get(agent.key, ()),
                    sign_ms=process.status_ms if process else None,
                ),
                self.since_ms,
                self.until_ms,
                now_ms,
            ),
        )

    def _auxiliary(self, record: SessionRecord, session_state: State) -> Lane | None:
        """Return one lane for what the program spent on its own helpers, without intervals."""
        agents = [a for a in record.agents if a.kind is AgentKind.AUXILIARY]
        spends = [self._spends[a.key] for a in agents if a.key in self._spends]
        if not spends:
            return None
        return Lane(
            key=f"{record.id}/*auxiliary",
            session_id=record.id,
            agent_id="",
            parent_key=record.id,
            kind=AgentKind.AUXILIARY,
            source=record.source,
            project=record.project,
            title=record.title,
            name=None,
            task=None,
            model=None,
            state=session_state if session_state is State.ENDED else State.IDLE,
            started_ms=min((a.started_ms for a in agents if a.started_ms), default=None),
            last_ms=max((a.last_ms for a in agents if a.last_ms), default=None),
            turns=0,
            asked=0,
            waiting_for=None,
            spend=reduce(add, spends, NO_SPEND),
            intervals=(),
        )


def _with_parents(lane: Lane, made: Mapping[str, Lane]) -> set[str]:
    """Return the ids of an agent and of those that it was started by."""
    ids: set[str] = set()
    current: Lane | None = lane
    while current is not None and current.agent_id not in ids:
        ids.add(current.agent_id)
        parent = current.parent_key
        current = made.get(parent.rpartition("/")[2]) if parent else None
    return ids


def _difference(total: Spend, parts: Sequence[Spend]) -> Spend:
    """Return what a sum has beyond its parts."""
    known = reduce(add, parts, NO_SPEND)
    return Spend(
        usage=type(total.usage)(*(a - b for a, b in zip(total.usage, known.usage, strict=True))),
        requests=total.requests - known.requests,
        unpriced_requests=total.unpriced_requests - known.unpriced_requests,
        cost_pico=total.cost_pico - known.cost_pico,
        lower_bound_requests=total.lower_bound_requests - known.lower_bound_requests,
        estimated_requests=total.estimated_requests - known.estimated_requests,
    )
