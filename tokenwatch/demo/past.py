"""The weeks before the show: who worked on what, on which day and at which hour.

The last ten days are as busy as the show itself; what is older has fewer requests, each of them
dearer, so that a demo of weeks is written in a moment and its days still compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial
from random import Random
from typing import NamedTuple

from tokenwatch.demo import mishaps, roles, script
from tokenwatch.demo.cast import Part
from tokenwatch.demo.mishaps import Mishap
from tokenwatch.demo.script import ATLAS, HARBOR, LANTERN, MEADOW, PROJECTS, QUILL, Project
from tokenwatch.demo.stage import Stage

DAYS = 37
"""Five weeks back, and what is left of the week before."""
_BUSY_DAYS = 10
_FULL_DAYS = 30
"""Before them, the people here were only trying agents out."""
_HOURS = {8: 2, 9: 4, 10: 5, 11: 5, 12: 1, 13: 3, 14: 5, 15: 5, 16: 4, 17: 2}
"""How often a session begins in each hour of a day of work."""
_NIGHT_HOURS = (21, 22)
_MINUTE_MS = 60_000
_FABLE_DAYS = 18
"""So many days ago a new model came out."""


class _Trouble(NamedTuple):
    """A session in which something went wrong."""

    project: Project
    model: str
    context: int
    """Tokens at its first request: how much the project's instructions and files bring along."""
    before: int
    after: int
    """Turns of ordinary work."""
    mishap: Mishap


_TROUBLES = (
    _Trouble(LANTERN, script.FABLE, 40_000, 3, 3, mishaps.extra_file),
    _Trouble(ATLAS, script.OPUS, 34_000, 5, 2, mishaps.attempts),
    _Trouble(HARBOR, script.SONNET, 38_000, 6, 4, mishaps.switch_to(script.OPUS)),
    _Trouble(QUILL, script.OPUS, 30_000, 2, 1, mishaps.lookers),
    _Trouble(MEADOW, script.SOL, 14_000, 0, 3, mishaps.attempts),
    _Trouble(ATLAS, script.OPUS, 26_000, 0, 0, mishaps.two_tasks),
    _Trouble(HARBOR, script.OPUS, 60_000, 6, 1, mishaps.polling),
    _Trouble(MEADOW, script.FABLE, 40_000, 1, 6, mishaps.big_results),
    _Trouble(LANTERN, script.OPUS, 44_000, 4, 2, mishaps.interrupted),
    _Trouble(QUILL, script.FABLE, 30_000, 3, 4, mishaps.read_again),
    _Trouble(ATLAS, script.FABLE, 48_000, 0, 0, mishaps.research),
    _Trouble(LANTERN, script.OPUS, 70_000, 5, 2, mishaps.loop),
    _Trouble(ATLAS, script.SONNET, 40_000, 6, 4, mishaps.switch_to(script.FABLE)),
)
"""What went wrong lately, from yesterday on backwards."""
_TROUBLES_A_DAY = 3

Streams = Callable[[str], Random]
"""Names a random stream, the same for the same name."""


def sessions(stage: Stage, streams: Streams, start_ms: int, zone: tzinfo) -> Iterator[Part]:
    """Yield every session that began on a day before the start's, in the days of that zone."""
    today = datetime.fromtimestamp(start_ms / 1000, zone).date()
    troubles = iter(_TROUBLES)
    for days in range(1, DAYS + 1):
        rng = streams(f"day {days}")
        day = today - timedelta(days=days)
        for number in range(_count(rng, day)):
            (hour,) = rng.choices(tuple(_HOURS), tuple(_HOURS.values()))
            at_ms = _instant(day, hour, rng.randrange(60), zone)
            stream = streams(f"day {days} session {number}")
            trouble = next(troubles, None) if 1 <= number <= _TROUBLES_A_DAY else None
            if trouble:
                yield roles.troubled(stage, stream, at_ms, **trouble._asdict())
            else:
                yield _session(stage, stream, days, number, at_ms, today)
        if day.weekday() in (1, 3) and rng.random() < 0.7:
            hour = rng.choice(_NIGHT_HOURS)
            at_ms = _instant(day, hour, rng.randrange(45), zone)
            stream = streams(f"day {days} night")
            project = _project(stream, days, today)
            yield roles.conductor(stage, stream, at_ms, project=project)


def _count(rng: Random, day: date) -> int:
    """Return how many sessions begin on a day; few at weekends."""
    if day.weekday() >= 5:
        return rng.choice((0, 0, 1, 1, 2))
    return rng.randint(4, 6)


def _session(stage: Stage, rng: Random, days: int, number: int, at_ms: int, today: date) -> Part:
    project = _project(rng, days, today)
    ordinary = partial(roles.ordinary, stage, rng, at_ms, project=project)
    if days > _BUSY_DAYS:
        if number == 0 and days % 4 == 0:
            return roles.codex_pair(stage, rng, at_ms, project=project)
        model = rng.choice([m for m in script.MODELS if days <= _FABLE_DAYS or m != script.FABLE])
        breaks = rng.choice((0, 0, 0, 1))
        return ordinary(
            model=model,
            count=rng.choice((2, 3, 5)),
            weight=rng.choice((4, 5, 6) if days <= _FULL_DAYS else (2, 3)),
            breaks=breaks,
        )
    if number == 0:
        role = roles.conductor if days % 2 else roles.codex_pair
        return role(stage, rng, at_ms, project=project)
    breaks = rng.choice((0, 1, 1, 2))
    return ordinary(count=rng.choice((3, 5, 8, 11)), weight=rng.choice((1, 2, 3, 4)), breaks=breaks)


def _project(rng: Random, days: int, today: date) -> Project:
    """Return any project, half of the time the one that its week is about."""
    week = (today - timedelta(days=days)).isocalendar().week
    return PROJECTS[week % len(PROJECTS)] if rng.random() < 0.5 else rng.choice(PROJECTS)


def _instant(day: date, hour: int, minute: int, zone: tzinfo) -> int:
    return int(datetime.combine(day, time(hour, minute), zone).timestamp()) * 1000
