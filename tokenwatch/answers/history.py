"""The past: sums by time and by model, project, source or kind of agent; when work was done."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from operator import add
from typing import Final

from tokenwatch.analysis.concurrency import Concurrency, concurrency, lengths_between
from tokenwatch.analysis.timescale import Window
from tokenwatch.answers.moment import Moment
from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.snapshot import TurnRow
from tokenwatch.store import history as stored
from tokenwatch.store import sessions, spend, turns
from tokenwatch.store.spend import QUARTER_MS, Filter

SPLITS: Final = ("model", "project", "source", "kind")
"""What sums can be split by; `kind` is the agent's."""
Sums = tuple[int, ...]
_NOTHING: Final[Sums] = (0,) * 11


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One model, project, source or kind of agent."""

    key: str
    """Its identity among the rows."""
    name: str | None
    """As it is logged: a model's id, a project's path; None where the log lacks it."""
    sessions: int
    """With a request of its own in the window."""
    spend: Spend
    """Of the window: the sum of `units`."""
    before: Spend
    """Of the window's part before, as `Window.before` cuts it."""
    units: tuple[Spend, ...]
    work_ms: tuple[int, ...]
    """How long its agents were at work in each unit, added up over agents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DearestDay:
    """The local day of the window with the highest cost."""

    day: date
    spend: Spend


@dataclass(frozen=True, slots=True, kw_only=True)
class DearestSession:
    """The session with the highest cost in the window."""

    id: str
    title: str | None
    project: str | None
    spend: Spend
    """Of the window alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DearestTurn:
    """The turn with the highest cost in the window, subagents included."""

    session_id: str
    project: str | None
    turn: TurnRow
    cost_pico: int
    """Of the window alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A window of the past. Rows, units and heat each add up to `total`."""

    window: Window
    by: str
    edges_ms: tuple[int, ...]
    """Where the units begin, and where the last one ends."""
    rows: tuple[HistoryRow, ...]
    """Most expensive first; also those that had requests only before."""
    units: tuple[Spend, ...]
    total: Spend
    before: Spend
    sessions: int
    sessions_before: int
    heat: tuple[Spend, ...]
    """By local weekday (Monday first) × 24 + hour."""
    heat_work_ms: tuple[int, ...]
    """How long agents were at work, in the order of `heat`."""
    at_once: Concurrency
    """Of all agents but auxiliary ones, in each unit."""
    dearest_day: DearestDay | None
    dearest_session: DearestSession | None
    dearest_turn: DearestTurn | None

    @property
    def work_ms(self) -> int:
        """How long agents were at work, added up over agents."""
        return sum(self.heat_work_ms)


def history(moment: Moment, *, window: Window, by: str) -> History:
    """Return the window's sums, split `by` one of SPLITS."""
    ledger, now_ms, zone = moment.ledger, moment.now_ms, moment.zone
    edges = window.edges(now_ms, zone)
    where = Filter(edges[0], edges[-1])
    before = Filter(*window.before(now_ms, zone))
    cells = _Cells(edges, zone)
    for quarter, name, sums in spend.by_quarter(ledger, by, where):
        cells.add(quarter, name, sums)
    spans = sessions.agents_at_work(ledger, edges[0], min(now_ms, edges[-1]))
    names = stored.names_of_agents(ledger, by, where)
    for agent, start, end in spans:
        cells.work(names.get(agent), start, end)
    counts = spend.sessions_by(ledger, by, where)
    earlier = dict(spend.grouped(ledger, by, before, zone))
    rows = [
        cells.row(name, counts.get(name, 0), earlier.get(name, NO_SPEND))
        for name in {*cells.names, *earlier}
    ]
    rows.sort(key=lambda row: (-row.spend.cost_pico, -row.spend.usage.total, row.key))
    costs = spend.by_session(ledger, where)
    return History(
        window=window,
        by=by,
        edges_ms=edges,
        rows=tuple(rows),
        units=tuple(spend_or_none(sums) for sums in cells.units),
        total=spend_or_none(_sum(cells.units)),
        before=sum(earlier.values(), NO_SPEND),
        sessions=len(costs),
        sessions_before=spend.sessions_by(ledger, "", before).get(None, 0),
        heat=tuple(spend_or_none(sums) for sums in cells.heat),
        heat_work_ms=_heat_of_work(spans, edges, zone),
        at_once=concurrency(((start, end) for _, start, end in spans), edges),
        dearest_day=cells.dearest_day(),
        dearest_session=_dearest_session(moment, costs),
        dearest_turn=_dearest_turn(moment, costs, where),
    )


class _Cells:
    """Sums by unit and name, by hour of the week, and by local day, as quarters come in."""

    def __init__(self, edges: tuple[int, ...], zone: tzinfo) -> None:
        self._edges = edges
        count = len(edges) - 1
        self.units: list[Sums] = [_NOTHING] * count
        self.heat: list[Sums] = [_NOTHING] * (7 * 24)
        self._days: dict[date, Sums] = {}
        self._by_name: dict[str | None, list[Sums]] = {}
        self._work: dict[str | None, list[int]] = {}
        self._place = cache(lambda quarter: self._place_of(quarter, zone))

    def _place_of(self, quarter: int, zone: tzinfo) -> tuple[int, int, date]:
        """Return a quarter's unit, its hour of the week and its local day."""
        at_ms = quarter * QUARTER_MS
        local = datetime.fromtimestamp(at_ms // 1000, zone)
        unit = min(max(0, bisect_right(self._edges, at_ms) - 1), len(self.units) - 1)
        return unit, local.weekday() * 24 + local.hour, local.date()

    @property
    def names(self) -> set[str | None]:
        """All names with a request or with work."""
        return {*self._by_name, *self._work}

    def add(self, quarter: int, name: str | None, sums: Sums) -> None:
        unit, hour, day = self._place(quarter)
        own = self._by_name.get(name)
        if own is None:
            own = self._by_name[name] = [_NOTHING] * len(self.units)
        own[unit] = _plus(own[unit], sums)
        self.units[unit] = _plus(self.units[unit], sums)
        self.heat[hour] = _plus(self.heat[hour], sums)
        self._days[day] = _plus(self._days.get(day, _NOTHING), sums)

    def work(self, name: str | None, start_ms: int, end_ms: int) -> None:
        own = self._work.setdefault(name, [0] * len(self.units))
        first = max(0, bisect_right(self._edges, start_ms) - 1)
        if end_ms <= self._edges[first + 1]:
            own[first] += max(0, end_ms - start_ms)
            return
        last = bisect_right(self._edges, end_ms)
        parts = lengths_between([(start_ms, end_ms)], self._edges[first : last + 1])
        for unit, length in enumerate(parts, first):
            own[unit] += length

    def row(self, name: str | None, count: int, before: Spend) -> HistoryRow:
        units = self._by_name.get(name, ())
        return HistoryRow(
            key=name or "",
            name=name,
            sessions=count,
            spend=spend_or_none(_sum(units)),
            before=before,
            units=tuple(spend_or_none(sums) for sums in units) or (NO_SPEND,) * len(self.units),
            work_ms=tuple(self._work.get(name) or (0,) * len(self.units)),
        )

    def dearest_day(self) -> DearestDay | None:
        day = max(self._days, key=lambda day: (self._days[day][-1], day), default=None)
        if day is None or not self._days[day][-1]:
            return None
        return DearestDay(day=day, spend=spend_or_none(self._days[day]))


def _plus(left: Sums, right: Sums) -> Sums:
    return right if left is _NOTHING else tuple(map(add, left, right))


def _sum(many: Iterator[Sums] | tuple[()] | list[Sums]) -> Sums:
    total = _NOTHING
    for sums in many:
        if sums is not _NOTHING:
            total = _plus(total, sums)
    return total


def spend_or_none(sums: Sums) -> Spend:
    """Make a Spend of eleven sums; one and the same for nothing."""
    return NO_SPEND if sums is _NOTHING else spend.spend_of(sums)


def _heat_of_work(
    spans: list[tuple[int, int, int]], edges: tuple[int, ...], zone: tzinfo
) -> tuple[int, ...]:
    """Return how long agents were at work by local weekday and hour."""
    heat = [0] * (7 * 24)

    @cache
    def place(quarter: int) -> int:
        local = datetime.fromtimestamp(quarter * QUARTER_MS // 1000, zone)
        return local.weekday() * 24 + local.hour

    for _, start, end in spans:
        at_ms, stop = max(start, edges[0]), min(end, edges[-1])
        while at_ms < stop:
            quarter = at_ms // QUARTER_MS
            until = min(stop, (quarter + 1) * QUARTER_MS)
            heat[place(quarter)] += until - at_ms
            at_ms = until
    return tuple(heat)


def _dearest_session(moment: Moment, costs: dict[int, Spend]) -> DearestSession | None:
    key = max(costs, key=lambda session: (costs[session].cost_pico, -session), default=None)
    if key is None or not costs[key].cost_pico:
        return None
    record = sessions.records(moment.ledger, [key])[0]
    return DearestSession(
        id=record.id, title=record.title, project=record.project, spend=costs[key]
    )


def _dearest_turn(moment: Moment, costs: dict[int, Spend], where: Filter) -> DearestTurn | None:
    """Look through sessions from the most expensive down, until none can hold a dearer turn."""
    best: tuple[int, stored.TurnCost] | None = None
    for session in sorted(costs, key=lambda key: (-costs[key].cost_pico, key)):
        if best is not None and costs[session].cost_pico <= best[1].cost_pico:
            break
        found = stored.dearest_turn(moment.ledger, session, where.since_ms, where.until_ms)
        if found and (best is None or found.cost_pico > best[1].cost_pico):
            best = session, found
    if best is None:
        return None
    record = sessions.records(moment.ledger, [best[0]])[0]
    rows = turns.turns(moment.ledger, best[0])
    turn = next(row for row in rows if row.number == best[1].number)
    return DearestTurn(
        session_id=record.id, project=record.project, turn=turn, cost_pico=best[1].cost_pico
    )
