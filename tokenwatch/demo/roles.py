"""The sessions of the show: who works on what, in which way, and when it ends.

A role starts at `at_ms`. With `until_ms` it is in the middle of its work by then: that is how the
demo opens with every situation on the screen at once.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tokenwatch.demo import script, tools
from tokenwatch.demo.cast import Pace, Part, closing, fan_out, pair_up, plan, steps, turn, turns
from tokenwatch.demo.claude import ClaudeSession
from tokenwatch.demo.codex import CodexThread
from tokenwatch.demo.script import Project
from tokenwatch.demo.stage import Stage

Role = Callable[..., Part]
"""`(stage, rng, at_ms, project=…, until_ms=0)` → a part that runs one session to its end."""

_TURN_MS = 420_000
"""No turn of ordinary work, with the pause behind it, takes longer."""
_ALONE_MS = 290_000
"""So long before the opening the sleeper's last turn began: its cache dies on the stage."""


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
    """The same failing test again and again: same command, same error, same complaint."""
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
    pace = Pace(think_ms=(6_000, 13_000), output=(250, 900), pause_ms=(9_000, 25_000))
    path = project.files[0]
    prompt = f"{project.failing} fails since this morning, please fix it"
    last_ms = max(at_ms, until_ms) + 14 * 60_000
    while at_ms < last_ms:
        todo = [
            tools.edit(rng, project, path),
            tools.test_run(rng, project, passes=False),
            tools.edit(rng, project, path),
            tools.test_run(rng, project, passes=False),
        ]
        at_ms = yield from turn(session.main, rng, at_ms, prompt, todo, pace)
        at_ms += rng.randint(*pace.pause_ms)
        prompt = rng.choice(script.STILL_FAILING).format(test=project.failing)
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
        context=38_000,
    )
    pace = Pace(think_ms=(9_000, 18_000), output=(300, 1_300))
    at_ms = yield from turns(
        session.main, rng, at_ms, pace, until_ms=until_ms - _ALONE_MS - _TURN_MS
    )
    if until_ms:
        at_ms = max(at_ms, until_ms - _ALONE_MS)
        todo = plan(rng, project, project.topics[0], long=False)[:1]
        at_ms = yield from turn(session.main, rng, at_ms, "and one more look", todo, pace)
        at_ms += 300_000 + rng.randint(20_000, 50_000)
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
    for _ in range(3):
        yield at_ms
        main.prompt(at_ms, "remove the old build output and build again")
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
) -> Part:
    """Some turns of work on one model, of either client; `weight` makes them dearer."""
    yield at_ms
    model = model or rng.choice(script.MODELS)
    pace = Pace(think_ms=(6_000, 14_000), output=(200 * weight, 1_100 * weight))
    count = count or rng.randint(3, 7)
    if model in (script.GPT, script.SOL):
        thread = CodexThread(stage, rng, at_ms, project=project, model=model)
        at_ms = yield from turns(thread, rng, at_ms, pace, count=count, until_ms=until_ms)
        yield at_ms
        thread.end()
        return at_ms
    title = _title(rng, project)
    context = rng.randint(18_000, 36_000) * weight
    session = ClaudeSession(
        stage, rng, at_ms, project=project, model=model, title=title, context=context
    )
    at_ms = yield from turns(session.main, rng, at_ms, pace, count=count, until_ms=until_ms)
    return (yield from _leave(session, at_ms))


def unpriced(stage: Stage, rng: Random, at_ms: int, *, project: Project, until_ms: int = 0) -> Part:
    """A model that no price list knows."""
    more_ms = until_ms + 8 * 60_000 if until_ms else 0
    return ordinary(stage, rng, at_ms, project=project, until_ms=more_ms, model=script.ORION)


def _leave(session: ClaudeSession, at_ms: int) -> Part:
    at_ms += 5_000
    yield at_ms
    session.end(at_ms)
    return at_ms
