"""A window's sums are those of its requests, split and cut however one likes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import cases
from tests.still import StillFeed
from tests.store.batches import Book, request
from tokenwatch.analysis.timescale import LENGTHS, UNITS, Window
from tokenwatch.answers.history import SPLITS, History, history
from tokenwatch.answers.moment import Moment
from tokenwatch.model import NO_SPEND, Spend
from tokenwatch.overview import Overview
from tokenwatch.store import sessions as stored
from tokenwatch.store import spend, turns
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

BERLIN = ZoneInfo("Europe/Berlin")
WINDOWS = [Window(unit, length) for unit in UNITS for length in LENGTHS[unit]]


def at(moment: Moment, zone: ZoneInfo, now_ms: int | None = None) -> Moment:
    return moment._replace(zone=zone, now_ms=now_ms or moment.now_ms)


def adds_up(answer: History, ledger: Ledger) -> None:
    """Check every sum of an answer against the ledger's total of its span."""
    edges = answer.edges_ms
    total = spend.total(ledger, Filter(edges[0], edges[-1]))
    assert answer.total == total
    assert sum(answer.units, NO_SPEND) == total
    assert sum((row.spend for row in answer.rows), NO_SPEND) == total
    assert sum(answer.heat, NO_SPEND) == total
    for row in answer.rows:
        assert sum(row.units, NO_SPEND) == row.spend
    for bar, unit in enumerate(answer.units):
        assert sum((row.units[bar] for row in answer.rows), NO_SPEND) == unit
        assert spend.total(ledger, Filter(*edges[bar : bar + 2])) == unit
    by_level = sum(level * ms for level, ms in enumerate(answer.at_once.lengths_ms, 1))
    assert sum(sum(row.work_ms) for row in answer.rows) == answer.work_ms == by_level


@pytest.mark.parametrize("case", cases.NAMES)
def test_real_logs_add_up(case: str, tmp_path: Path) -> None:
    desk = cases.read(cases.copy(case, tmp_path))
    (last,) = desk.ledger.sql.execute("SELECT max(at_ms) FROM requests").fetchone()
    moment = at(desk.moment(), BERLIN, last and last + 1)
    for window in (Window(), Window("hour", 2), Window("month", 12)):
        for by in SPLITS:
            adds_up(history(moment, window=window, by=by), desk.ledger)
    desk.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moment]:
    with StillFeed(tmp_path_factory.mktemp("demo")) as feed:
        ledger = Ledger.open(feed._path)
        yield Moment(ledger, feed._overview(ledger), feed._live, feed.now_ms, ZoneInfo("UTC"))
        ledger.close()


@pytest.mark.parametrize("window", WINDOWS, ids=str)
@pytest.mark.parametrize("by", SPLITS)
def test_the_demo_adds_up(demo: Moment, window: Window, by: str) -> None:
    for zone in ("UTC", "Europe/Berlin", "Australia/Lord_Howe"):
        adds_up(history(at(demo, ZoneInfo(zone)), window=window, by=by), demo.ledger)


def test_what_lay_before_is_the_sum_of_its_span(demo: Moment) -> None:
    for window in WINDOWS:
        answer = history(demo, window=window, by="project")
        before = Filter(*window.before(demo.now_ms, demo.zone))
        assert answer.before == spend.total(demo.ledger, before)
        assert sum((row.before for row in answer.rows), NO_SPEND) == answer.before


def test_the_dearest_are_the_dearest_of_all(demo: Moment) -> None:
    answer = history(demo, window=Window("month", 12), by="model")
    best = (0, "", 0)
    costs: dict[str, int] = {}
    for key in stored.all_keys(demo.ledger):
        (record,) = stored.records(demo.ledger, [key])
        for turn in turns.turns(demo.ledger, key):
            if turn.number:
                best = max(best, (turn.spend.cost_pico, record.id, turn.number))
            costs[record.id] = costs.get(record.id, 0) + turn.spend.cost_pico
    session, turn = answer.dearest_session, answer.dearest_turn
    assert session is not None and turn is not None
    assert (turn.cost_pico, turn.session_id, turn.turn.number) == best
    assert turn.turn.spend.cost_pico == best[0]
    assert (session.spend.cost_pico, session.id) == max((v, k) for k, v in costs.items())
    day = answer.dearest_day
    assert day is not None
    midnight = int(datetime.combine(day.day, datetime.min.time(), UTC).timestamp() * 1000)
    found = spend.total(demo.ledger, Filter(midnight, midnight + 86_400_000))
    assert day.spend == found
    assert day.spend.cost_pico == max(
        unit.cost_pico
        for window in (Window("day", 28), Window("day", 28).shifted(-1, demo.now_ms, demo.zone))
        for unit in history(demo, window=window, by="model").units
    )


def test_sessions_are_counted_once_in_all_and_once_for_each_of_their_models(
    demo: Moment,
) -> None:
    answer = history(demo, window=Window(), by="model")
    since, until = answer.edges_ms[0], answer.edges_ms[-1]
    rows = demo.ledger.sql.execute(
        "SELECT DISTINCT m.name, a.session FROM requests r JOIN agents a ON a.key = r.agent"
        " JOIN models m ON m.key = r.model WHERE r.at_ms >= ? AND r.at_ms < ?",
        (since, until),
    ).fetchall()
    assert answer.sessions == len({session for _, session in rows})
    for row in answer.rows:
        assert row.sessions == sum(model == row.name for model, _ in rows)
    assert sum(row.sessions for row in answer.rows) > answer.sessions


def _over_a_change(folder: Path, first: datetime) -> Book:
    """Return a ledger with a request every twenty minutes for two days."""
    book = Book(folder)
    start = int(first.timestamp() * 1000)
    book.put(
        "/r/s1.jsonl",
        [
            request(f"r{number}", "s1", at_ms=start + number * 1_200_000, tokens=(number,) * 5)
            for number in range(144)
        ],
        cwd="/home/dev/app",
        project="/home/dev/app",
    )  # fmt: skip
    return book


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_days_on_which_clocks_change(tmp_path: Path, day: date, hours: int) -> None:
    book = _over_a_change(tmp_path, datetime(day.year, day.month, day.day - 1, 12, tzinfo=BERLIN))
    now_ms = int(datetime(day.year, day.month, day.day + 2, tzinfo=BERLIN).timestamp() * 1000)
    overview = Overview(book.ledger, cases.book(), BERLIN, "Europe/Berlin")
    moment = Moment(book.ledger, overview, {}, now_ms, BERLIN)
    by_hour = history(moment, window=Window("hour", 1, day), by="source")
    adds_up(by_hour, book.ledger)
    assert [unit.requests for unit in by_hour.units] == [3] * hours
    # The hour that is there twice is one cell of the week, the one that is missing none.
    weekday = day.weekday() * 24
    at_two = by_hour.heat[weekday + 2].requests
    assert at_two == (6 if hours == 25 else 0)
    by_day = history(moment, window=Window("day", 7), by="source")
    adds_up(by_day, book.ledger)
    assert by_day.total.requests == 144
    assert max(unit.requests for unit in by_day.units) == 3 * hours


def test_nothing_at_all(tmp_path: Path) -> None:
    book = Book(tmp_path)
    overview = Overview(book.ledger, cases.book(), BERLIN, "Europe/Berlin")
    moment = Moment(book.ledger, overview, {}, cases.NOW_MS, BERLIN)
    answer = history(moment, window=Window(), by="model")
    assert answer.rows == ()
    assert answer.total == NO_SPEND == Spend()
    assert answer.dearest_day is answer.dearest_session is answer.dearest_turn is None
    assert answer.at_once.peak == 0


def test_unpriced_requests_are_counted_as_such(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.put("/r/s1.jsonl", [request("r1", "s1", model="free"), request("r2", "s1", model="m")])
    overview = Overview(book.ledger, cases.book(), BERLIN, "Europe/Berlin")
    moment = Moment(book.ledger, overview, {}, cases.NOW_MS, BERLIN)
    answer = history(moment, window=Window(), by="model")
    adds_up(answer, book.ledger)
    costs = {row.name: row.spend.cost_or_none for row in answer.rows}
    assert costs["free"] is None
    assert costs["m"]
