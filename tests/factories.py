"""Values for screens and reports in a line. Invented; nothing is read from a log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from operator import add
from typing import Any, TypeVar, cast

from tokenwatch.analysis.period import Period
from tokenwatch.answers import session as session_answers
from tokenwatch.answers.past import PastSessions, as_past
from tokenwatch.answers.sessions import past_sessions
from tokenwatch.answers.waste_view import SessionMarks, session_marks
from tokenwatch.errors import LedgerError, NotFound
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State, Usage
from tokenwatch.snapshot import (
    Activity,
    AgentRow,
    ExplainedRequest,
    KindCost,
    Looked,
    Progress,
    SessionDetail,
    SessionRow,
    Snapshot,
    TurnRow,
    Unlogged,
)

NOW_MS = 1_795_271_527_000
"""2026-11-21 14:32:07 UTC."""
MINUTE = 60_000
HOUR = 60 * MINUTE
CENT = 10**10

T = TypeVar("T")


def usage(total: int = 100_000, *, hit: float = 0.9, output: int | None = None) -> Usage:
    """Return a usage of about `total` tokens with a cache hit share of `hit`."""
    out = total // 40 if output is None else output
    context = total - out
    read = round(context * hit)
    write = (context - read) * 3 // 4
    return Usage(
        input=context - read - write,
        cache_read=read,
        cache_write_5m=write,
        output=out,
        reasoning=out // 3,
    )


def spend(cents: float, *, total: int | None = None, hit: float = 0.9, **more: Any) -> Spend:
    """Return a spend of so many cents; `more` are fields of Spend."""
    many = int(cents * 14_000) if total is None else total
    fields = {"requests": max(1, int(cents / 4)), **more}
    return Spend(usage=usage(many, hit=hit), cost_pico=int(cents * CENT), **fields)


def agent(
    session_id: str,
    cents: float = 0.0,
    *,
    id: str | None = None,
    state: State = State.ENDED,
    minutes: Sequence[int] = (),
    source: str = "claude-code",
    **more: Any,
) -> AgentRow:
    """Return an agent's row, the main one unless an `id` is given; `minutes` are cents."""
    row = AgentRow(
        session_id=session_id,
        id=id or session_id,
        source=source,
        parent_id=None if id is None else session_id,
        kind=AgentKind.MAIN if id is None else AgentKind.SUBAGENT,
        name=None,
        task=None,
        model="claude-opus-4-8",
        state=state,
        started_ms=NOW_MS - HOUR,
        last_ms=NOW_MS - MINUTE,
        spend=spend(cents) if cents else NO_SPEND,
        depth=0 if id is None else 1,
        minutes_pico=tuple(m * CENT for m in minutes),
        burn_pico_per_hour=sum(minutes) * CENT * 6 or None,
    )
    return replace(row, **more)


def session(
    id: str,
    title: str | None,
    project: str | None,
    agents: Sequence[AgentRow],
    *,
    minutes_ago: float = 1,
    **more: Any,
) -> SessionRow:
    """Return a session that is the sum of its agents."""
    total = reduce(add, (a.spend for a in agents), NO_SPEND)
    models = tuple(dict.fromkeys(a.model for a in agents if a.model))
    burn = sum(a.burn_pico_per_hour or 0 for a in agents) or None
    row = SessionRow(
        id=id,
        source=agents[0].source if agents else "claude-code",
        title=title,
        project=project,
        git_branch="main",
        models=models,
        started_ms=NOW_MS - 3 * HOUR,
        last_ms=NOW_MS - int(minutes_ago * MINUTE),
        state=agents[0].state if agents else State.ENDED,
        spend=total,
        agents=tuple(agents),
        context_used=agents[0].context_used if agents else None,
        context_limit=agents[0].context_limit if agents else None,
        burn_pico_per_hour=burn,
    )
    return replace(row, **more)


def rich_sessions() -> tuple[SessionRow, ...]:
    """Return nine sessions with subagents, all states, flags, estimates and unpriced requests."""
    return (
        _parser_session(),
        _api_session(),
        session(
            "3c0de5a1-7777-4b0e-8f3e-000000000003",
            "dark mode",
            "/home/dev/src/web",
            [
                agent(
                    "3c0de5a1-7777-4b0e-8f3e-000000000003",
                    138,
                    state=State.WAITING,
                    model="claude-sonnet-5",
                    turns=14,
                    context_used=131_000,
                    context_limit=200_000,
                    minutes=(0, 0, 0, 3, 0, 0, 2, 2, 0, 0),
                    spend=spend(138, hit=0.62),
                )
            ],
            turns=14,
            prompts=14,
            minutes_ago=2,
        ),
        session(
            "4d11aa02-7777-4b0e-8f3e-000000000004",
            "terraform plan",
            "/home/dev/src/infra",
            [
                agent(
                    "4d11aa02-7777-4b0e-8f3e-000000000004",
                    61,
                    state=State.IDLE,
                    source="codex",
                    model="gpt-5.5-codex",
                    turns=7,
                    context_used=97_000,
                    context_limit=272_000,
                    minutes=(2, 1, 0, 0, 0, 0, 0, 0, 0, 0),
                    spend=spend(61, hit=0.71),
                    flags=("cache",),
                )
            ],
            turns=7,
            prompts=7,
            minutes_ago=9,
        ),
        session(
            "5e22bb03-7777-4b0e-8f3e-000000000005",
            "readme polish",
            "/home/dev/src/docs",
            [
                agent(
                    "5e22bb03-7777-4b0e-8f3e-000000000005",
                    22,
                    state=State.IDLE,
                    model="claude-sonnet-5",
                    turns=5,
                    context_used=44_000,
                    context_limit=200_000,
                )
            ],
            turns=5,
            prompts=5,
            minutes_ago=12,
        ),
        session(
            "6f33cc04-7777-4b0e-8f3e-000000000006",
            "flaky test hunt",
            "/home/dev/src/api",
            [
                agent(
                    "6f33cc04-7777-4b0e-8f3e-000000000006",
                    913,
                    turns=63,
                    context_used=412_000,
                    context_limit=1_000_000,
                    flags=("loop",),
                    spend=spend(913, hit=0.97, lower_bound_requests=2),
                ),
                *(
                    agent(
                        "6f33cc04-7777-4b0e-8f3e-000000000006",
                        3,
                        id=f"a{n}",
                        name="explore",
                        model="claude-haiku-4-5-20251001",
                        spend=spend(3.5, hit=0.8),
                    )
                    for n in range(5)
                ),
            ],
            turns=63,
            prompts=61,
            minutes_ago=95,
            compactions=2,
        ),
        session(
            "7044dd05-7777-4b0e-8f3e-000000000007",
            "regex help",
            "/home/dev/scratch",
            [
                agent(
                    "7044dd05-7777-4b0e-8f3e-000000000007",
                    3,
                    source="codex",
                    model="gpt-5.5-codex",
                    turns=2,
                    context_used=9_000,
                    context_limit=272_000,
                    spend=spend(3, hit=0, requests=2, estimated_requests=2),
                )
            ],
            turns=2,
            prompts=2,
            minutes_ago=190,
        ),
        session(
            "8155ee06-7777-4b0e-8f3e-000000000008",
            None,
            "/home/dev/src/lab",
            [
                agent(
                    "8155ee06-7777-4b0e-8f3e-000000000008",
                    model="local-qwen4-coder",
                    turns=4,
                    context_used=21_000,
                    spend=Spend(usage=usage(84_000, hit=0), requests=9, unpriced_requests=9),
                )
            ],
            turns=4,
            prompts=4,
            minutes_ago=240,
        ),
        session(
            "9266ff07-7777-4b0e-8f3e-000000000009",
            "日本語のタイトル、とても長い見出しです",
            "/home/dev/src/翻訳",
            [
                agent(
                    "9266ff07-7777-4b0e-8f3e-000000000009",
                    41,
                    model="claude-sonnet-5",
                    turns=9,
                    context_used=66_000,
                    context_limit=200_000,
                )
            ],
            turns=9,
            prompts=9,
            minutes_ago=300,
        ),
    )


def _parser_session() -> SessionRow:
    id = "b41f0c9c-2f3d-4b0e-8f3e-000000000001"
    return session(
        id,
        "parser tests",
        "/home/dev/src/tokenwatch",
        [
            agent(
                id,
                684,
                state=State.WORKING,
                turns=38,
                context_used=142_000,
                context_limit=200_000,
                minutes=(3, 7, 9, 12, 11, 4, 0, 6, 9, 8),
                spend=spend(684, hit=0.94),
            ),
            agent(
                id,
                42,
                id="ag-1",
                name="explore",
                task="survey the log formats",
                state=State.WORKING,
                model="claude-haiku-4-5-20251001",
                turns=1,
                context_used=88_000,
                context_limit=200_000,
                minutes=(0, 0, 1, 2, 1, 0, 0, 0, 1, 0),
                spend=spend(42, hit=0.81),
            ),
            agent(
                id,
                31,
                id="ag-2",
                name="reviewer",
                task="check the fixtures",
                state=State.WORKING,
                model="claude-sonnet-5",
                turns=1,
                context_used=52_000,
                context_limit=200_000,
                minutes=(0, 0, 0, 0, 0, 0, 2, 3, 1, 4),
                spend=spend(31, hit=0.77),
            ),
            agent(
                id,
                9,
                id="aux-1",
                kind=AgentKind.AUXILIARY,
                name="compaction",
                spend=spend(9, hit=0.2),
            ),
        ],
        turns=38,
        prompts=38,
        minutes_ago=0.1,
        git_branch="parser",
        compactions=1,
        unlogged=Unlogged(usage=usage(9_000), web_searches=0, cost_pico=3 * CENT),
    )


def _api_session() -> SessionRow:
    id = "0199a2f4-5bfb-7e10-a4a7-000000000002"
    return session(
        id,
        "fix pagination",
        "/home/dev/src/api",
        [
            agent(
                id,
                271,
                state=State.WORKING,
                source="codex",
                model="gpt-5.5-codex",
                turns=21,
                context_used=205_000,
                context_limit=272_000,
                minutes=(2, 3, 2, 1, 2, 6, 5, 3, 4, 3),
                spend=spend(271, hit=0.88),
            ),
        ],
        turns=21,
        prompts=21,
        minutes_ago=0.5,
    )


def minutes_of_an_hour() -> tuple[int, ...]:
    """Return the last sixty minutes' cost, in waves."""
    cents = [0] * 8 + [
        2,
        5,
        3,
        0,
        1,
        3,
        8,
        5,
        3,
        1,
        0,
        2,
        3,
        6,
        9,
        13,
        11,
        7,
        3,
        2,
        1,
        3,
        5,
        9,
        12,
        17,
        19,
        14,
        11,
        7,
        6,
        4,
        0,
        0,
        1,
        5,
        8,
        12,
        15,
        18,
        12,
        9,
        5,
        12,
        14,
        16,
        12,
        13,
        15,
        17,
        15,
        15,
    ]
    return tuple(c * CENT for c in cents[-60:])


def activity() -> tuple[Activity, ...]:
    """Return the latest requests."""
    parser, api, web = (row.id for row in rich_sessions()[:3])
    lines = (
        (9, parser, parser, "tokenwatch", "claude-opus-4-8", "Edit, Bash", 91_000, 840),
        (26, parser, "ag-1", "tokenwatch", "claude-haiku-4-5-20251001", "Grep ×4", 32_500, 60),
        (47, api, api, "api", "gpt-5.5-codex", "shell", 64_000, 410),
        (70, web, web, "web", "claude-sonnet-5", "answer", 131_000, 4_120),
        (96, parser, parser, "tokenwatch", "claude-opus-4-8", "Read", 88_200, 580),
        (115, api, api, "api", "gpt-5.5-codex", "apply_patch", 61_700, 370),
        (140, parser, "ag-2", "tokenwatch", "mystery-model", "Read ×2", 14_000, None),
    )
    return tuple(
        Activity(
            at_ms=NOW_MS - ago * 1000,
            session_id=sid,
            agent_id=aid,
            project=f"/home/dev/src/{p}",
            model=model,
            what=what,
            usage=usage(total, hit=0.96),
            cost_pico=None if cost is None else cost * CENT // 100,
        )
        for ago, sid, aid, p, model, what, total, cost in lines
    )


def looked(files: int = 0) -> tuple[Looked, ...]:
    """Return the places where logs are looked for."""
    return (
        Looked(
            source="claude-code",
            title="Claude Code",
            path="/home/dev/.claude/projects",
            exists=bool(files),
            files=files,
        ),
        Looked(
            source="claude-code",
            title="Claude Code",
            path="/home/dev/.config/claude/projects",
            exists=False,
            files=0,
        ),
        Looked(
            source="codex",
            title="Codex",
            path="/home/dev/.codex/sessions",
            exists=True,
            files=files,
        ),
    )


def snapshot(**more: Any) -> Snapshot:
    """Return a full picture of a working day; `more` are fields of Snapshot."""
    sessions = more.pop("sessions", rich_sessions())
    rich = Snapshot(
        taken_ms=NOW_MS,
        timezone="UTC",
        today=reduce(add, (s.spend for s in sessions), NO_SPEND),
        week_mean_pico=1806 * CENT,
        burn_pico_per_hour=697 * CENT,
        tokens_per_minute=48_200,
        minutes_pico=minutes_of_an_hour(),
        agents_running=sum(s.running for s in sessions),
        peak_agents_today=7,
        sessions_today=len(sessions),
        turns_today=sum(s.turns for s in sessions),
        sessions=sessions,
        sessions_in_all=41,
        activity=activity(),
        looked=looked(41),
    )
    return replace(rich, **more)


def empty_snapshot() -> Snapshot:
    """Return the picture of a machine without any log."""
    return Snapshot(taken_ms=NOW_MS, timezone="UTC", looked=looked())


def reading(read: int = 43, phase: str = "details") -> Progress:
    """Return a progress in percent."""
    return Progress(phase=phase, read_bytes=read, total_bytes=100)


_TITLES = (
    "edit parser.py to accept multi-line blocks",
    "run the tests and fix what fails",
    "same error again, try once more",
    "explain the failing snapshot",
    "/compact",
    "write fixtures for the rollout logs",
    "survey the log formats with three subagents",
)


def turns(count: int = 38) -> tuple[TurnRow, ...]:
    """Return so many turns, the last one open."""
    rows = []
    for number in range(1, count + 1):
        wave = (number * 37) % 23
        at_ms = NOW_MS - (count - number) * 7 * MINUTE
        last = number == count
        rows.append(
            TurnRow(
                number=number,
                id=f"turn-{number}",
                at_ms=at_ms,
                ended_ms=None if last else at_ms + 5 * MINUTE,
                title=_TITLES[(count - number) % len(_TITLES)] if number % 11 else None,
                cause="notification" if number % 11 == 0 else "prompt",
                how=None if last else "interrupted" if number == count - 3 else "completed",
                spend=spend(5 + wave * 1.6, hit=0.41 if number == count - 2 else 0.9 + wave / 300),
                tools=wave,
                context=20_000 + (number % 17) * 7_500 + wave * 100,
                flags=("loop",) if number == count - 2 else (),
            )
        )
    return tuple(rows)


def requests(turn_id: str = "turn-38", count: int = 5) -> tuple[ExplainedRequest, ...]:
    """Return so many requests whose costs are exact products, the last one without a price."""
    rows = []
    for n in range(count):
        used = usage(80_000 + n * 1000, hit=0.95)
        unpriced = n == count - 1
        priced = (
            used.input * 5_000_000
            + used.cache_read * 500_000
            + used.cache_write_5m * 6_250_000
            + used.output * 25_000_000
        )
        rows.append(
            ExplainedRequest(
                id=f"msg_{turn_id}_{n}",
                at_ms=NOW_MS - (count - n) * 20_000,
                agent_id="b41f0c9c-2f3d-4b0e-8f3e-000000000001",
                model="mystery-model" if unpriced else "claude-opus-4-8",
                usage=used,
                web_searches=0,
                cost_pico=None if unpriced else priced,
                basis="unknown" if unpriced else "computed",
                rates={}
                if unpriced
                else {"input": "5", "cache_read": "0.5", "cache_write_5m": "6.25", "output": "25"},
                rates_from=None if unpriced else "price list of 2026-11-01, Anthropic",
                context={} if unpriced else {"tier": "standard"},
                lower_bound=n == 1,
                file="/home/dev/.claude/projects/-home-dev-src-tokenwatch/b41f0c9c-5d1e-4a70-8c33-2f6d9e07a19c.jsonl",
                line=1203 + n * 7,
            )
        )
    return tuple(rows)


def detail(row: SessionRow | None = None, count: int = 38) -> SessionDetail:
    """Return a session with everything about it."""
    chosen = row or rich_sessions()[0]
    cost = chosen.spend.cost_pico
    return SessionDetail(
        row=chosen,
        turns=turns(count),
        by_kind=(
            KindCost(kind="input", tokens=61_000, cost_pico=cost * 4 // 100),
            KindCost(kind="output", tokens=84_000, cost_pico=cost * 31 // 100),
            KindCost(kind="cache write", tokens=480_000, cost_pico=cost * 44 // 100),
            KindCost(kind="cache read", tokens=2_900_000, cost_pico=cost * 21 // 100),
        ),
        version="2.1.214",
        commits=3,
        lines_added=412,
        lines_removed=96,
        log_path="/home/dev/.claude/projects/-home-dev-src-tokenwatch/b41f0c9c-5d1e-4a70-8c33-2f6d9e07a19c.jsonl",
    )


class FakeFeed:
    """A feed of given values, without a thread; `publish` is there to be called by a test."""

    def __init__(
        self,
        first: Snapshot | None = None,
        answers: Mapping[object, Callable[..., Any]] | None = None,
    ) -> None:
        """answers: what answers a question, by the function of `answers` that would."""
        self.first = first
        self.answers: dict[object, Callable[..., Any]] = {
            session_answers.detail: self._detail,
            session_answers.requests: self._requests,
            past_sessions: self._past_sessions,
            session_marks: lambda session_id: SessionMarks(session_id, ()),
            **(answers or {}),
        }
        self.publish: Callable[[Snapshot], None] | None = None
        self.stopped = False
        self.refreshed = 0
        self.hidden: list[bool] = []
        """What it was told of the screen, in order."""
        self.read: list[str] = []

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        self.publish = publish

    def stop(self) -> None:
        self.stopped = True

    def latest(self) -> Snapshot | None:
        return self.first

    def ask(self, question: Callable[..., T]) -> T:
        """Answer with invented values; `read` says what was asked."""
        assert isinstance(question, partial)
        values = "/".join(str(value) for value in question.keywords.values())
        # It is asked for with every session, on a thread of its own.
        if question.func is not session_marks:
            self.read.append(f"{question.func.__name__} {values}")
        if question.func not in self.answers:
            raise LedgerError(f"nobody invented an answer to {question.func.__name__}")
        return cast(T, self.answers[question.func](**question.keywords))

    def _detail(self, session_id: str) -> SessionDetail:
        rows = self.first.sessions if self.first else ()
        row = next((s for s in rows if s.id == session_id), None)
        if row is None:
            raise NotFound(f"no session has an id that begins with {session_id!r}")
        return detail(row)

    def _requests(self, session_id: str, turn_id: str) -> tuple[ExplainedRequest, ...]:
        return requests(turn_id)

    def _past_sessions(self, period: Period) -> PastSessions:
        rows = self.first.sessions if self.first else ()
        return PastSessions(tuple(as_past(row) for row in rows), None, None)

    def refresh(self) -> None:
        self.refreshed += 1

    def hide(self, hidden: bool) -> None:
        self.hidden.append(hidden)
