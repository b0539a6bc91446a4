"""Sessions of all time for tests, invented."""

from __future__ import annotations

from collections.abc import Sequence

from tests.factories import HOUR, NOW_MS, rich_sessions, spend
from tokenwatch.analysis.period import Period
from tokenwatch.answers.past import PastSession, PastSessions, as_past
from tokenwatch.model import State

DAY = 24 * HOUR
MODELS = ("claude-opus-4-8", "claude-sonnet-5", "gpt-5.5-codex")


def past(number: int, **more: object) -> PastSession:
    """Return a session that ended as many days ago."""
    last = NOW_MS - number * DAY
    session = PastSession(
        id=f"{number:08x}-7777-4b0e-8f3e-0000000000{number % 100:02}",
        source="codex" if number % 3 == 2 else "claude-code",
        title=f"task {number * 7919 % 1000}" if number % 7 else None,
        project=f"/home/dev/src/{('api', 'web', 'infra')[number % 3]}",
        git_branch=("main", "fix/race", None)[number % 3],
        models=(MODELS[number % 3],),
        started_ms=last - number % 5 * HOUR - 60_000,
        last_ms=last,
        state=State.ENDED,
        spend=spend(1 + number * 37 % 900),
        agents=1 + number % 4,
        named="",
        prompts=number % 9,
        turns=1 + number % 30,
        compactions=number % 3,
        commits=number % 4,
        lines_added=number * 3,
        lines_removed=number,
        context_used=number * 4_001 % 190_000,
    )
    return session._replace(**more)  # type: ignore[arg-type]


def history(number: int = 40) -> tuple[PastSession, ...]:
    """Return the sessions of the picture, and as many older ones."""
    return (*(as_past(row) for row in rich_sessions()), *(past(n) for n in range(1, number + 1)))


class Archive:
    """Answers `past_sessions` from invented sessions; `asked` holds the periods."""

    def __init__(self, rows: Sequence[PastSession] | None = None) -> None:
        self.rows = history() if rows is None else tuple(rows)
        self.asked: list[Period] = []

    def __call__(self, period: Period) -> PastSessions:
        from datetime import UTC

        self.asked.append(period)
        since, until = period.span(NOW_MS, UTC)
        rows = [
            row
            for row in self.rows
            if (since is None or (row.last_ms or 0) >= since)
            and (until is None or (row.last_ms or 0) < until)
        ]
        return PastSessions(tuple(rows), since, until)
