"""What was spent by now, and in what steps: facts that help to choose a budget."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from tokenwatch import format as fmt
from tokenwatch.answers.fact import MOST_ROWS, Evidence, Fact
from tokenwatch.answers.moment import Moment
from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.store import incidents as stored
from tokenwatch.store import spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

LOOK_DAYS = 30
"""Days that the highest, the mean and the median are of; today is the last."""
LEAST_DAYS = 7
"""A month's pace is told once so many of its days before today had any request."""
TURNS = 10
"""How many of the highest turns are shown."""
SESSIONS_AT_ONCE = 20

Days = list[tuple[date, Spend]]


class Stretch(NamedTuple):
    """A time from a local beginning, and as much of the one before it."""

    since_ms: int
    before_since_ms: int
    before_until_ms: int


def pace(moment: Moment) -> tuple[Fact, ...]:
    """Return the facts: today, this week and month, then those of the last 30 days."""
    now = datetime.fromtimestamp(moment.now_ms / 1000, moment.zone)
    today, clock = now.date(), now.time()
    ledger, zone = moment.ledger, moment.zone
    first = today - timedelta(days=LOOK_DAYS - 1)
    days = _days(ledger, first, today, zone)
    facts = [
        _so_far(moment, key, label, stretch)
        for key, label, stretch in (
            ("today", "today", _day(today, clock, zone)),
            ("week", "this week", _week(today, clock, zone)),
            ("month", "this month", _month(today, clock, zone)),
        )
    ]
    facts += _month_pace(moment, today)
    facts += _highest_day(moment, days)
    facts += _highest_turn(moment, _instant(first, time(), zone))
    return (*facts, *_usual_day([row for row in days if row[0] != today]))


def _so_far(moment: Moment, key: str, label: str, stretch: Stretch) -> Fact:
    where = Filter(since_ms=stretch.since_ms, until_ms=moment.now_ms + 1)
    earlier = Filter(since_ms=stretch.before_since_ms, until_ms=stretch.before_until_ms)
    before = spend.total(moment.ledger, earlier)
    names = {"today": "yesterday", "week": "last week", "month": "last month"}
    return _with_sessions(
        moment,
        Fact(
            key=key,
            label=label,
            spend=spend.total(moment.ledger, where),
            before_pico=before.cost_or_none if before.requests else None,
            detail=f"{names[key]} by this time" if before.requests else "",
        ),
        where,
    )


def _with_sessions(moment: Moment, fact: Fact, where: Filter) -> Fact:
    """Return the fact with the sessions of its time as rows, most expensive first."""
    groups = spend.grouped(moment.ledger, "session", where, moment.zone)
    groups.sort(key=lambda row: (-row[1].cost_pico, -row[1].usage.total, row[0] or ""))
    shown = [(str(key), sums) for key, sums in groups[:MOST_ROWS]]
    named = stored.named(moment.ledger, (key for key, _ in shown))
    rows = tuple(
        Evidence(
            key=f"{fact.key} {key}",
            at_ms=named[key].last_ms,
            what=f"{fmt.count(sums.requests)} request{'s' * (sums.requests != 1)}",
            session_id=key,
            title=named[key].title,
            project=named[key].project,
            spend=sums,
        )
        for key, sums in shown
    )
    return fact._replace(evidence=rows, rows=len(groups))


def _month_pace(moment: Moment, today: date) -> list[Fact]:
    start = today.replace(day=1)
    days = _days(moment.ledger, start, today, moment.zone)
    complete = [row for row in days if row[0] != today]
    if len(complete) < LEAST_DAYS:
        return []
    until = _instant(_next_month(start), time(), moment.zone)
    earlier = Filter(until_ms=_instant(start, time(), moment.zone))
    # Before the first log nothing is known: those days are not days without spend.
    begun = start if spend.total(moment.ledger, earlier).requests else complete[0][0]
    elapsed = max(1, moment.now_ms - _instant(begun, time(), moment.zone))
    total = sum((sums for _, sums in days), NO_SPEND)
    return [
        Fact(
            key="month-pace",
            label="this month, at its pace",
            spend=total,
            pico=total.cost_pico + total.cost_pico * (until - moment.now_ms) // elapsed,
            detail=f"from {len(complete)} days with requests",
            evidence=_day_rows("month-pace", days),
            rows=len(days),
        )
    ]


def _highest_day(moment: Moment, days: Days) -> list[Fact]:
    if not days:
        return []
    day, sums = max(days, key=lambda row: (row[1].cost_pico, row[0]))
    since = _instant(day, time(), moment.zone)
    until = _instant(day + timedelta(days=1), time(), moment.zone)
    fact = Fact(key="highest-day", label="highest day", spend=sums, detail=_name(day))
    return [_with_sessions(moment, fact, Filter(since_ms=since, until_ms=until))]


def _highest_turn(moment: Moment, since_ms: int) -> list[Fact]:
    """Return the most expensive turn that began since then.

    No turn costs more than its session did in that time: once the next session did not spend as
    much as the turns that were found, there is nothing higher.
    """
    groups = spend.grouped(moment.ledger, "session", Filter(since_ms=since_ms), moment.zone)
    groups.sort(key=lambda row: -row[1].cost_pico)
    best: list[tuple[Spend, int, int]] = []
    for first in range(0, len(groups), SESSIONS_AT_ONCE):
        if len(best) == TURNS and best[-1][0].cost_pico >= groups[first][1].cost_pico:
            break
        part = [str(key) for key, _ in groups[first : first + SESSIONS_AT_ONCE]]
        turns = stored.Turns(moment.ledger, stored.keys(moment.ledger, part))
        best += [
            (sums, session, began)
            for (session, began), sums in turns.all().items()
            if began is not None and began >= since_ms
        ]
        best = sorted(best, key=lambda turn: (-turn[0].cost_pico, turn[2]))[:TURNS]
    if not best:
        return []
    names = stored.names(moment.ledger, (session for _, session, _ in best))
    rows = tuple(
        Evidence(
            key=f"turn {session} {began}",
            at_ms=began,
            what="turn",
            session_id=names[session].id,
            title=names[session].title,
            project=names[session].project,
            spend=sums,
        )
        for sums, session, began in best
    )
    return [
        Fact(
            key="highest-turn",
            label="highest turn",
            spend=best[0][0],
            detail=_name(datetime.fromtimestamp(best[0][2] / 1000, moment.zone).date()),
            evidence=rows,
            rows=len(rows),
        )
    ]


def _usual_day(days: Days) -> list[Fact]:
    if not days:
        return []
    costs = sorted(sums.cost_pico for _, sums in days)
    total = sum((sums for _, sums in days), NO_SPEND)
    middle = len(costs) // 2
    median = costs[middle] if len(costs) % 2 else (costs[middle - 1] + costs[middle]) // 2
    detail = f"of {len(days)} day{'s' * (len(days) != 1)} with requests"
    return [
        Fact(
            key=key,
            label=label,
            spend=total,
            pico=pico,
            detail=detail,
            evidence=_day_rows(key, days),
            rows=len(days),
        )
        for key, label, pico in (
            ("mean", "mean day", sum(costs) // len(costs)),
            ("median", "median day", median),
        )
    ]


def _day_rows(key: str, days: Sequence[tuple[date, Spend]]) -> tuple[Evidence, ...]:
    ordered = sorted(days, key=lambda row: (-row[1].cost_pico, row[0]))
    return tuple(
        Evidence(key=f"{key} {day}", at_ms=None, what=_name(day), spend=sums, day=day.isoformat())
        for day, sums in ordered
    )


def _days(ledger: Ledger, first: date, last: date, zone: tzinfo) -> Days:
    """Return the local days with any request, in order."""
    since = _instant(first, time(), zone)
    until = _instant(last + timedelta(days=1), time(), zone)
    groups = spend.grouped(ledger, "day", Filter(since_ms=since, until_ms=until), zone)
    return sorted((date.fromisoformat(str(day)), sums) for day, sums in groups)


def _name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _day(today: date, clock: time, zone: tzinfo) -> Stretch:
    before = today - timedelta(days=1)
    return _stretch(today, before, before, clock, zone)


def _week(today: date, clock: time, zone: tzinfo) -> Stretch:
    """Return the week from Monday, as ISO has it."""
    monday, week = today - timedelta(days=today.weekday()), timedelta(days=7)
    return _stretch(monday, monday - week, today - week, clock, zone)


def _month(today: date, clock: time, zone: tzinfo) -> Stretch:
    """Return the month; a day that last month did not have is its end."""
    start = today.replace(day=1)
    before = (start - timedelta(days=1)).replace(day=1)
    length = monthrange(before.year, before.month)[1]
    if today.day > length:
        return _stretch(start, before, start, time(), zone)
    return _stretch(start, before, before.replace(day=today.day), clock, zone)


def _stretch(start: date, before: date, until: date, clock: time, zone: tzinfo) -> Stretch:
    return Stretch(
        since_ms=_instant(start, time(), zone),
        before_since_ms=_instant(before, time(), zone),
        before_until_ms=_instant(until, clock, zone),
    )


def _next_month(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1)


def _instant(day: date, clock: time, zone: tzinfo) -> int:
    return int(datetime.combine(day, clock, zone).timestamp() * 1000)
