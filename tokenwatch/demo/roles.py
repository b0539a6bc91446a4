"""The sessions of the show: who works on what, in which way, and when it ends.

A role starts at `at_ms`. With `until_ms` it is in the middle of its work by then: that is how the
demo opens with every situation on the screen at once.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tokenwatch.demo import mishaps, script, tools
from tokenwatch.demo.cast import (
    Pace,
    Part,
    Worker,
    closing,
    fan_out,
    pair_up,
    plan,
    steps,
    turn,
    turns,
)
from tokenwatch.demo.claude import ClaudeAgent, ClaudeSession
from tokenwatch.demo.codex import CodexThread
from tokenwatch.demo.mishaps import Mishap
from tokenwatch.demo.script import Project
from tokenwatch.demo.stage import Stage

Role = Callable[..., Part]
"""`(stage, rng, at_ms, project=…, until_ms=0)` → a part that runs one session to its end."""

_TURN_MS = 420_000
"""No turn of ordinary work, with the pause behind it, takes longer."""
_ALONE_MS = 162_000
"""So long before the opening the sleeper's last turn began: its cache dies on the stage, some time
after it was said that it will."""
_FIRST_ATTEMPT_MS = 106_000
"""So long before the opening the looper asked for the first time."""
_ATTEMPT_MS = 78_000
"""From one attempt to the next: the second one has failed within the demo's first minute."""
_COFFEE_MS = 8 * 60_000, 45 * 60_000
_LUNCH_MS = 63 * 60_000, 130 * 60_000
"""Breaks that a cache of five minutes, of an hour does not outlive."""


def _title(rng: Random, project: Project) -> str:
    return rng.choice(script.TITLES).format(topic=rng.choice(project.topics))


def conductor(
    stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0
) -> Part:
    """Opus, which hands work to subagents every other turn."""
    yield at_ms
    title = _title(rng, project)
    session = ClaudeSession(stage, rng, at_ms, project=project, model=script.OPUS, title=title)
    pace = Pace(think_ms=(16_000, 30_000), output=(250, 1_400))
    at_ms = yield from turns(session.main, rng, at_ms, pace, until_ms=until_ms - _TURN_MS)
    at_ms = max(at_ms, until_ms - 20_000)
    for _ in range(rng.randint(3, 5)):
        at_ms = yield from fan_out(session.main, rng, at_ms, pace)
        at_ms += rng.randint(6_000, 20_000)
        at_ms = yield from turns(session.main, rng, at_ms, pace, count=1)
    return (yield from _leave(session, at_ms))


def looper(stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0) -> Part:
    """The same fault again and again: same test, same error, a complaint each time."""
    yield at_ms
    session = ClaudeSession(
        stage,
        rng,
        at_ms,
        project=project,
        model=script.SONNET,
        title=f"Fix {project.failing}",
        context=24_000,
    )
    pace = Pace(think_ms=(5_000, 9_500), output=(250, 900), pause_ms=(9_000, 25_000))
    first_ms = until_ms - _FIRST_ATTEMPT_MS
    at_ms = yield from turns(session.main, rng, at_ms, pace, until_ms=first_ms - _TURN_MS)
    at_ms = max(at_ms, first_ms)
    at_ms = yield from mishaps.attempts(
        session.main, rng, at_ms, pace, count=6, every_ms=_ATTEMPT_MS
    )
    return (yield from _leave(session, at_ms))


def sleeper(stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0) -> Part:
    """Left alone for longer than its cache lives; then the whole context is written again."""
    yield at_ms
    session = ClaudeSession(
        stage,
        rng,
        at_ms,
        project=project,
        model=script.OPUS,
        title=_title(rng, project),
        cache="5m",
        context=40_000,
    )
    pace = Pace(think_ms=(9_000, 18_000), output=(300, 1_300))
    at_ms = yield from turns(
        session.main, rng, at_ms, pace, until_ms=until_ms - _ALONE_MS - _TURN_MS
    )
    if until_ms:
        for said, before_ms in zip(
            script.LAST_LOOKS, (_ALONE_MS + 230_000, _ALONE_MS), strict=True
        ):
            at_ms = max(at_ms, until_ms - before_ms)
            todo = plan(rng, project, project.topics[0], long=False)[:1]
            at_ms = yield from turn(session.main, rng, at_ms, said, todo, pace)
        at_ms += 300_000 + rng.randint(10_000, 28_000)
    for _ in range(3):
        at_ms = yield from turns(session.main, rng, at_ms, pace, count=1)
        at_ms += rng.randint(320_000, 400_000)
    return (yield from _leave(session, at_ms))


def asker(stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0) -> Part:
    """Stops for a permission, and waits until somebody looks."""
    yield at_ms
    title = _title(rng, project)
    session = ClaudeSession(stage, rng, at_ms, project=project, model=script.FABLE, title=title)
    pace = Pace(think_ms=(9_000, 20_000), output=(150, 700))
    main = session.main
    at_ms = yield from turns(main, rng, at_ms, pace, until_ms=until_ms - _TURN_MS)
    at_ms = max(at_ms, until_ms - 70_000)
    for asked in script.BUILDS:
        yield at_ms
        main.prompt(at_ms, asked)
        at_ms += rng.randint(9_000, 15_000)
        yield at_ms
        use = tools.clean_up(rng)
        call_id = main.call(at_ms, use, rng.randint(*pace.output))
        session.set_status("waiting", at_ms, "permission prompt")
        at_ms += rng.randint(200_000, 290_000)
        yield at_ms
        session.set_status("busy", at_ms)
        main.result(at_ms, call_id, use)
        todo = plan(rng, project, project.topics[1])
        at_ms = yield from steps(main, rng, at_ms, todo, pace)
        at_ms = yield from closing(main, rng, at_ms, pace)
        at_ms += rng.randint(*pace.pause_ms)
        at_ms = yield from turns(main, rng, at_ms, pace, count=1)
    return (yield from _leave(session, at_ms))


def codex_pair(
    stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0
) -> Part:
    """A Codex session that spawns a subagent every other turn."""
    yield at_ms
    thread = CodexThread(stage, rng, at_ms, project=project, model=script.SOL)
    pace = Pace(think_ms=(6_000, 14_000), output=(200, 1_100))
    at_ms = yield from turns(thread, rng, at_ms, pace, until_ms=until_ms - _TURN_MS)
    at_ms = max(at_ms, until_ms - 25_000)
    for _ in range(rng.randint(3, 5)):
        at_ms = yield from pair_up(thread, rng, at_ms, pace)
        at_ms += rng.randint(6_000, 20_000)
        at_ms = yield from turns(thread, rng, at_ms, pace, count=1)
    at_ms += 10_000
    yield at_ms
    thread.end()
    return at_ms


def ordinary(
    stage: Stage,
    rng: Random,
    at_ms: int,
    *,
    project: Project,
    until_ms: int = 0,
    model: str = "",
    count: int = 0,
    weight: int = 1,
    breaks: int = 0,
) -> Part:
    """Some turns of work on one model, of either client; `weight` makes them dearer.

    breaks: how often the person is away for longer than the cache lives.
    """
    yield at_ms
    model = model or rng.choice(script.MODELS)
    pace = Pace(think_ms=(6_000, 14_000), output=(200 * weight, 1_100 * weight))
    count = count or rng.randint(3, 7)
    if model in (script.GPT, script.SOL):
        thread = CodexThread(stage, rng, at_ms, project=project, model=model)
        at_ms = yield from _with_breaks(thread, rng, at_ms, pace, count, breaks, until_ms)
        yield at_ms
        thread.end()
        return at_ms
    title = _title(rng, project)
    context = rng.randint(18_000, 36_000) * weight
    session = ClaudeSession(
        stage,
        rng,
        at_ms,
        project=project,
        model=model,
        title=title,
        context=context,
        cache=project.cache,
    )
    at_ms = yield from _with_breaks(session.main, rng, at_ms, pace, count, breaks, until_ms)
    return (yield from _leave(session, at_ms))


def _with_breaks(
    worker: Worker, rng: Random, at_ms: int, pace: Pace, count: int, breaks: int, until_ms: int
) -> Part:
    """Do some turns, with breaks between them."""
    part = max(1, count // (breaks + 1))
    for _ in range(breaks):
        at_ms = yield from turns(worker, rng, at_ms, pace, count=part)
        at_ms += _break_ms(worker, rng)
        count -= part
    return (yield from turns(worker, rng, at_ms, pace, count=count, until_ms=until_ms))


def _break_ms(worker: Worker, rng: Random) -> int:
    """Return for how long the person is away: longer than the cache lives."""
    short = isinstance(worker, ClaudeAgent) and worker.project.cache == "5m"
    return rng.randint(*(_COFFEE_MS if short else _LUNCH_MS))


def troubled(
    stage: Stage,
    rng: Random,
    at_ms: int,
    *,
    project: Project,
    model: str,
    context: int,
    before: int,
    after: int,
    mishap: Mishap,
) -> Part:
    """A session in which something goes wrong after some turns; before others, there is a break."""
    yield at_ms
    pace = Pace(think_ms=(6_000, 14_000), output=(300, 1_400))
    if model in (script.GPT, script.SOL):
        thread = CodexThread(stage, rng, at_ms, project=project, model=model, context=context)
        at_ms = yield from _around(thread, rng, at_ms, pace, mishap, before, after)
        yield at_ms
        thread.end()
        return at_ms
    session = ClaudeSession(
        stage,
        rng,
        at_ms,
        project=project,
        model=model,
        title=_title(rng, project),
        context=context,
        cache=project.cache,
    )
    at_ms = yield from _around(session.main, rng, at_ms, pace, mishap, before, after)
    return (yield from _leave(session, at_ms))


def _around(
    worker: Worker, rng: Random, at_ms: int, pace: Pace, mishap: Mishap, before: int, after: int
) -> Part:
    at_ms = yield from turns(worker, rng, at_ms, pace, count=before)
    at_ms = yield from mishap(worker, rng, at_ms, pace)
    if after > 1:
        at_ms += _break_ms(worker, rng)
    return (yield from turns(worker, rng, at_ms, pace, count=after))


def unpriced(stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0) -> Part:
    """A model that no price list knows."""
    more_ms = until_ms + 8 * 60_000 if until_ms else 0
    return ordinary(stage, rng, at_ms, project=project, until_ms=more_ms, model=script.ORION)


def _leave(session: ClaudeSession, at_ms: int) -> Part:
    at_ms += 5_000
    yield at_ms
    session.end(at_ms)
    return at_ms
