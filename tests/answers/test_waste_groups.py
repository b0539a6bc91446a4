"""Groups of findings that were not seen on the last days with work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import cases
from tests.cases import UTC, Desk
from tests.cli.wasteful import BEGIN_MS, Story, another, expired
from tokenwatch.analysis.period import Period
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.answers.waste import waste
from tokenwatch.answers.waste_groups import grouped, resolved_groups
from tokenwatch.answers.waste_view import Asked, waste_view
from tokenwatch.detection import Detection
from tokenwatch.model import DAY_MS
from tokenwatch.store.spend import Filter

SEEN_MS = BEGIN_MS - 10 * DAY_MS


def calm(number: int, day: int) -> Story:
    """Return a session in which nothing is found, so many days after the finding."""
    story = Story(another(number), at_ms=SEEN_MS + day * DAY_MS, project="/home/dev/calm")
    return story.prompt("what does this program do?").answer()


def desk_of(home: Path, *stories: Story) -> Desk:
    for story in stories:
        story.write(home / ".claude")
    cases.rest(home)
    desk = cases.read(home)
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    return desk


@pytest.fixture
def seven(tmp_path: Path) -> Iterator[Desk]:
    """A cache that expired, and seven days with work after it."""
    found = expired(another(100), at_ms=SEEN_MS)
    desk = desk_of(tmp_path, found, *(calm(number, number) for number in range(1, 8)))
    yield desk
    desk.close()


def resolved(desk: Desk, where: Filter = Filter(), **more: ZoneInfo) -> frozenset[str]:  # noqa: B008
    found = waste(desk.ledger, where)
    return resolved_groups(desk.ledger, where, more.get("zone", UTC), desk.now_ms, found)


def test_seven_days_with_work_resolve_it(seven: Desk) -> None:
    (key,) = resolved(seven)
    assert key.startswith(Kind.CACHE_EXPIRED.value)
    found = waste(seven.ledger, Filter()).findings
    assert {group.resolved for group in grouped(found)} == {False}
    groups = {group.key: group.resolved for group in grouped(found, {key})}
    assert [name for name, is_gone in groups.items() if is_gone] == [key]
    view = waste_view(seven.moment(), asked=Asked(Period("all")))
    assert view.resolved == {key}


def test_six_days_do_not(tmp_path: Path) -> None:
    found = expired(another(100), at_ms=SEEN_MS)
    desk = desk_of(tmp_path, found, *(calm(number, number) for number in range(1, 7)))
    assert resolved(desk) == frozenset()
    desk.close()


def test_a_finding_too_small_to_be_shown_was_seen_all_the_same(tmp_path: Path) -> None:
    stories = [calm(number, number) for number in range(1, 8)]
    tiny = Story(another(50), at_ms=SEEN_MS + 7 * DAY_MS)
    tiny.prompt("read all of it").answer(write=5_000, read=0).wait(30)
    tiny.prompt("and go on").answer(write=5_500, read=0).wait(1).prompt("thanks").answer()
    large = [expired(another(100 + n), at_ms=SEEN_MS) for n in range(20)]
    desk = desk_of(tmp_path, *large, *stories, tiny)
    found = waste(desk.ledger, Filter())
    assert Kind.CACHE_EXPIRED in {each.finding.kind for each in found.too_small}
    assert resolved(desk) == frozenset()
    desk.close()


def test_of_a_time_that_is_over_nothing_is_told(seven: Desk) -> None:
    past = Filter(until_ms=seven.now_ms)
    assert waste(seven.ledger, past).findings
    assert resolved(seven, past) == frozenset()
    assert resolved(seven, Filter(until_ms=seven.now_ms + 1)) != frozenset()


def test_only_days_of_what_is_asked_for_count(seven: Desk) -> None:
    assert resolved(seven, Filter(project="/home/dev/app")) == frozenset()
    assert resolved(seven, Filter(project="/home/dev/calm")) == frozenset()
