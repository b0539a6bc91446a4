"""Build rows and snapshots: what the ledger knows, joined with what is running right now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from tokenwatch.analysis import burn, state, unlogged
from tokenwatch.found import LiveProcess
from tokenwatch.lately import Lately
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State, Usage
from tokenwatch.pricing import Priceable, PriceBook, Unpriced
from tokenwatch.snapshot import (
    AgentRow,
    SessionRow,
    Snapshot,
    Unlogged,
)
from tokenwatch.store import explain, meters, spend
from tokenwatch.store import sessions as stored
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.sessions import AgentRecord, SessionRecord
from tokenwatch.store.spend import Filter

Live = Mapping[str, LiveProcess]
"""The clients' own signs, by session id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slow:
    """What takes a look at more than is shown: derived with a whole snapshot or a new session."""

    sessions: int = 0
    week_mean_pico: int | None = None
    peak: int = 0


class Overview:
    """Answers for one ledger, one zone and one price book. Never writes, never reads a log."""

    def __init__(self, ledger: Ledger, book: PriceBook, zone: tzinfo, zone_name: str) -> None:
        self._ledger = ledger
        self._book = book
        self._zone = zone
        self._zone_name = zone_name
        self._rows: dict[int, tuple[SessionRow, LiveProcess | None]] = {}
        """What the last snapshot showed, by the session's key, with the sign it was built from."""
        self._lately = Lately(ledger)
        self._slow = _Slow()
        self._version = -1

    def sessions(
        self, keys: Sequence[int], live: Live, now_ms: int, where: Filter | None = None
    ) -> list[SessionRow]:
        """Return rows of these sessions, in their order.

        With a filter, every figure counts only the requests that it lets through, and sessions
        without any are left out.
        """
        where = where or Filter()
        chosen = Filter(
            since_ms=where.since_ms,
            until_ms=where.until_ms,
            source=where.source,
            project=where.project,
            model=where.model,
            sessions=tuple(keys) if len(keys) <= 500 else None,
        )
        spends = spend.by_agent(self._ledger, chosen)
        models = spend.models_by_agent(self._ledger, chosen)
        recent = self._recent(chosen.sessions, now_ms)
        records = stored.records(self._ledger, keys, where.since_ms, where.until_ms)
        if not where.is_open:
            records = [r for r in records if any(a.key in spends for a in r.agents)]
        rests = self._unlogged(records, where)
        return [
            self._session(r, spends, models, recent, live.get(r.id), rests.get(r.key), now_ms)
            for r in records
        ]

    def _recent(self, keys: Sequence[int] | None, now_ms: int) -> dict[int, tuple[int, ...]]:
        costs: dict[int, list[tuple[int, int]]] = {}
        since = now_ms - burn.BURN_MINUTES * burn.MINUTE_MS
        for _, agent, at_ms, cost, _ in stored.minutes(self._ledger, since, now_ms, keys):
            costs.setdefault(agent, []).append((at_ms, cost))
        return {
            agent: burn.by_minute(values, now_ms, burn.BURN_MINUTES)
            for agent, values in costs.items()
        }

    def _session(
        self,
        record: SessionRecord,
        spends: Mapping[int, Spend],
        models: Mapping[int, Mapping[str, int]],
        recent: Mapping[int, tuple[int, ...]],
        process: LiveProcess | None,
        rest: Unlogged | None,
        now_ms: int,
    ) -> SessionRow:
        main = next((a for a in record.agents if a.kind is AgentKind.MAIN), None)
        session_state = state.main_state(
            facts_of(main, record),
            process,
            signs=state.keeps_signs(record.source, record.version, record.entrypoint),
            now_ms=now_ms,
        )
        agents = tuple(
            self._agent(a, record, session_state, spends, recent, now_ms) for a in record.agents
        )
        costs: dict[str, int] = {}
        for agent in record.agents:
            for model, cost in models.get(agent.key, {}).items():
                costs[model] = costs.get(model, 0) + cost
        lead = next((a for a in agents if a.kind is AgentKind.MAIN), None)
        burns = [a.burn_pico_per_hour for a in agents if a.burn_pico_per_hour]
        return SessionRow(
            id=record.id,
            source=record.source,
            title=record.title,
            project=record.project,
            git_branch=record.git_branch,
            models=tuple(sorted(costs, key=lambda m: (-costs[m], m))),
            started_ms=record.started_ms,
            last_ms=record.last_ms,
            state=session_state,
            spend=sum((a.spend for a in agents), NO_SPEND),
            agents=agents,
            prompts=record.prompts,
            scripted_prompts=record.scripted_prompts,
            turns=record.turns,
            compactions=record.compactions,
            unlogged=rest,
            context_used=None if lead is None else lead.context_used,
            context_limit=None if lead is None else lead.context_limit,
            burn_pico_per_hour=sum(burns) if burns else None,
        )

    def _agent(
        self,
        agent: AgentRecord,
        record: SessionRecord,
        session_state: State,
        spends: Mapping[int, Spend],
        recent: Mapping[int, tuple[int, ...]],
        now_ms: int,
    ) -> AgentRow:
        is_main = agent.kind is AgentKind.MAIN
        minutes = recent.get(agent.key, ())
        limit = record.context_limit if is_main else None
        if limit is None:
            limit = self._book.context_limit(agent.model, agent.request_ms or now_ms)
        return AgentRow(
            session_id=record.id,
            id=agent.id,
            source=record.source,
            parent_id=None if is_main else agent.parent_id or record.id,
            kind=agent.kind,
            name=agent.name,
            task=agent.task,
            model=agent.model,
            state=session_state
            if is_main
            else state.subagent_state(
                facts_of(agent, record),
                session_state,
                reusable=record.source == "codex",
                now_ms=now_ms,
            ),
            started_ms=agent.started_ms,
            last_ms=agent.last_ms,
            spend=spends.get(agent.key, NO_SPEND),
            turns=agent.turns,
            context_used=agent.context,
            context_limit=limit,
            burn_pico_per_hour=burn.burn_per_hour(minutes),
            minutes_pico=minutes,
            depth=_depth(agent, record),
        )

    def _unlogged(self, records: Sequence[SessionRecord], where: Filter) -> dict[int, Unlogged]:
        if where.model is not None:
            return {}
        inside = [
            r
            for r in records
            if (where.since_ms is None or (r.started_ms or 0) >= where.since_ms)
            and (where.until_ms is None or (r.last_ms or 0) < where.until_ms)
        ]
        own, relatives = explain.meters(self._ledger, [r.key for r in inside])
        rests = {}
        for record in inside:
            if record.key not in own:
                continue
            rest = unlogged.unlogged(
                own[record.key],
                relatives[record.key],
                lambda since, until, key=record.key: explain.logged(  # type: ignore[misc]
                    self._ledger, key, since, until
                ),
                forked_ms=record.started_ms if record.inherits or record.fork_of else None,
            )
            if rest is not None:
                rests[record.key] = self._priced(record.source, rest)
        return rests

    def _priced(self, source: str, rest: unlogged.Rest) -> Unlogged:
        """Price the unlogged part at list prices of its time; it knows no context tiers."""
        usage, searches = Usage(), 0
        cost: int | None = 0
        for model, (part, count) in rest.counts.items():
            usage, searches = usage + part, searches + count
            if part.total or count:
                rates = self._book.rates(
                    Priceable(source=source, model=model, at_ms=rest.as_of_ms, context_tokens=0)
                )
                amount = None if isinstance(rates, Unpriced) else rates.cost(part, count)
                cost = None if cost is None or amount is None else cost + amount
        return Unlogged(usage=usage, web_searches=searches, cost_pico=cost)

    def unlogged_total(self, where: Filter) -> Unlogged | None:
        """Return the unlogged part of all sessions in the filter; None where nothing is known."""
        metered = meters.metered(self._ledger)
        keys = [key for key in stored.all_keys(self._ledger) if key in metered]
        records = stored.records(self._ledger, keys)
        if where.source is not None or where.project is not None:
            inside = spend.by_agent(self._ledger, where)
            records = [r for r in records if any(a.key in inside for a in r.agents)]
        rests = list(self._unlogged(records, where).values())
        if not rests:
            return None
        costs = [rest.cost_pico for rest in rests]
        known = [cost for cost in costs if cost is not None]
        return Unlogged(
            usage=sum((rest.usage for rest in rests), Usage()),
            web_searches=sum(rest.web_searches for rest in rests),
            cost_pico=sum(known) if known or not costs else None,
        )

    def _news(self, touched: Collection[int] | None) -> Collection[int] | None:
        """Return the sessions written to since the last snapshot; None for all, forgetting it."""
        version = self._ledger.sql.execute("PRAGMA data_version").fetchone()[0]
        is_alone, self._version = version == self._version, version
        if touched is not None and is_alone and len(touched) <= 100:
            return touched
        self._rows, self._slow = {}, _Slow()
        return None

    def _latest(
        self, keys: Sequence[int], live: Live, now_ms: int, touched: Collection[int]
    ) -> list[SessionRow]:
        """Return rows of these sessions, from the last time where nothing has touched them."""
        due = []
        for key in keys:
            kept = self._rows.get(key)
            if kept is None or key in touched or live.get(kept[0].id) != kept[1]:
                due.append(key)
        fresh = zip(due, self.sessions(due, live, now_ms) if due else (), strict=True)
        built = {key: (row, live.get(row.id)) for key, row in fresh}
        self._rows = {key: built.get(key) or self._rows[key] for key in keys}
        return [row for row, _ in self._rows.values()]

    def snapshot(
        self,
        live: Live,
        now_ms: int,
        *,
        is_demo: bool = False,
        touched: Collection[int] | None = None,
    ) -> Snapshot:
        """Return what the Live screen shows: sessions of today, and those that still run.

        touched: keys of the sessions that were written to since the last snapshot; what is known
        of others is as it was then. None: all is asked anew.
        """
        touched = self._news(touched)
        today = self._midnight(now_ms)
        keys = list(stored.active_since(self._ledger, today))
        running = stored.keys_of(
            self._ledger, [p.session_id for p in live.values() if p.alive is not False]
        )
        keys += [key for key in running if key not in keys]
        if touched is None or not self._rows.keys() >= set(touched):
            self._slow = _Slow(
                sessions=stored.count(self._ledger),
                week_mean_pico=self._week_mean(today),
                peak=burn.peak(stored.working_spans(self._ledger, today, now_ms)),
            )
        rows = self._latest(keys, live, now_ms, touched or ())
        minutes, tokens = self._lately.hour(now_ms, touched)
        at_work = sum(row.running for row in rows)
        return Snapshot(
            taken_ms=now_ms,
            timezone=self._zone_name,
            today=spend.total(self._ledger, Filter(since_ms=today)),
            week_mean_pico=self._slow.week_mean_pico,
            burn_pico_per_hour=burn.burn_per_hour(minutes),
            tokens_per_minute=tokens // burn.BURN_MINUTES if tokens else None,
            minutes_pico=minutes,
            agents_running=at_work,
            peak_agents_today=max(at_work, self._slow.peak),
            sessions_today=sum((row.last_ms or 0) >= today for row in rows),
            turns_today=stored.turns_since(self._ledger, today),
            sessions=tuple(rows),
            sessions_in_all=self._slow.sessions,
            activity=self._lately.activity(now_ms, touched),
            is_demo=is_demo,
        )

    def _midnight(self, now_ms: int, days_before: int = 0) -> int:
        day = datetime.fromtimestamp(now_ms / 1000, self._zone).date() - timedelta(days=days_before)
        return int(datetime.combine(day, time(), self._zone).astimezone(UTC).timestamp() * 1000)

    def _week_mean(self, today: int) -> int | None:
        week = Filter(since_ms=self._midnight(today, 7), until_ms=today)
        days = [s.cost_pico for _, s in spend.grouped(self._ledger, "day", week, self._zone)]
        return sum(days) // len(days) if days else None


def facts_of(agent: AgentRecord | None, record: SessionRecord) -> state.AgentFacts:
    """Return what an agent's state is judged by. None: its session has no log of the main agent."""
    if agent is None:
        return state.AgentFacts(kind=AgentKind.MAIN, turn_open=None, last_ms=record.last_ms)
    return state.AgentFacts(
        kind=agent.kind,
        turn_open=agent.turn_open,
        last_ms=agent.last_ms,
        turn_ended_ms=agent.turn_ended_ms,
        ended_ms=agent.ended_ms,
    )


def _depth(agent: AgentRecord, record: SessionRecord) -> int:
    parents = {a.id: a.parent_id for a in record.agents}
    depth, current = 0, agent.id
    while current != record.id and depth < 9:
        depth, current = depth + 1, parents.get(current) or record.id
    return depth
