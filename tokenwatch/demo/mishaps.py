"""What goes wrong in a session: each is a part that an agent plays between other turns.

Ones that repeat, forget or carry along are what `tokenwatch waste` is about. In a demo of weeks
each of them happens once or twice, as in real work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tokenwatch.demo import plots, props, tools
from tokenwatch.demo.cast import Pace, Part, Worker, closing, fan_out, plan, steps, turn
from tokenwatch.demo.claude import ClaudeAgent
from tokenwatch.demo.tools import ToolUse

Mishap = Callable[[Worker, Random, int, Pace], Part]
"""`(worker, rng, at_ms, pace)` → a part that returns when it was done."""


def attempts(
    worker: Worker, rng: Random, at_ms: int, pace: Pace, *, count: int = 4, every_ms: int = 0
) -> Part:
    """The same fault again and again: each attempt writes the lines of the last one anew.

    every_ms: from one prompt to the next, where that is to be regular and an attempt is done by
    then. To Codex the error is pasted.
    """
    project = worker.project
    fault = plots.FAULTS[project]
    lines = tools.code(rng, fault.file, 2)
    for number in range(count):
        asked = fault.again[(number - 1) % len(fault.again)] if number else fault.asked
        if not isinstance(worker, ClaudeAgent):
            asked = f"{asked}\n\n{fault.error}"
        todo: list[ToolUse] = [] if number else [tools.read(rng, project, fault.file)]
        for size in (rng.randint(7, 12), rng.randint(5, 9)):
            new = tools.code(rng, fault.file, size)
            todo.append(tools.rewrite(rng, project, fault.file, lines, new))
            todo.append(tools.test_run(rng, project, passes=False))
            lines = new
        began_ms = at_ms
        at_ms = yield from turn(worker, rng, at_ms, asked, todo, pace)
        at_ms += rng.randint(*pace.pause_ms)
        if every_ms:
            at_ms = max(began_ms + every_ms, at_ms)
    return (yield from _solved(worker, rng, at_ms, pace, lines))


def _solved(worker: Worker, rng: Random, at_ms: int, pace: Pace, lines: Sequence[str]) -> Part:
    project, fault = worker.project, plots.FAULTS[worker.project]
    said = f"{fault.again[-1]}. Print what {fault.file} sees there before you change it again"
    new = tools.code(rng, fault.file, 8)
    todo = [
        tools.read(rng, project, fault.file),
        tools.rewrite(rng, project, fault.file, lines, new),
        tools.test_run(rng, project),
    ]
    at_ms = yield from turn(worker, rng, at_ms, said, todo, pace)
    return (yield from _committed(worker, rng, at_ms, pace))


def _committed(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    at_ms += rng.randint(*pace.pause_ms)
    commit = [tools.commit(rng, worker.project, worker.project.topics[0])]
    return (yield from turn(worker, rng, at_ms, "that works, commit it", commit, pace))


def switch_to(model: str) -> Mishap:
    """Another model in the middle: nothing of the context is in its cache."""

    def mishap(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
        yield at_ms
        assert isinstance(worker, ClaudeAgent)
        worker.switch(at_ms, model)
        return at_ms + rng.randint(4_000, 15_000)

    return mishap


def two_tasks(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """A task is committed, and another one is begun in the same session."""
    project = worker.project
    first, second = rng.sample(project.files, 2)
    for topic, path, prompts in (
        (project.topics[0], first, (plots.FIRST_TASK, *plots.STEPS[:3])),
        (project.topics[1], second, (plots.NEXT_TASK, *plots.STEPS)),
    ):
        for prompt in prompts:
            known = props.whole_file(rng, project, path, rng.randint(220, 320))
            todo = [known, tools.search(rng, project), tools.edit(rng, project, path)]
            todo += [tools.read(rng, project, path), tools.edit(rng, project, path)]
            todo.append(tools.test_run(rng, project))
            if prompt == prompts[-1]:
                todo.append(tools.commit(rng, project, topic))
            words = prompt.format(topic=topic, file=path)
            at_ms = yield from turn(worker, rng, at_ms, words, todo, pace)
            at_ms += rng.randint(*pace.pause_ms)
    return at_ms


def big_results(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """A whole log and a whole file, of which a part would have done."""
    project = worker.project
    path = project.files[2]
    looks = (props.job_log(rng, 700), props.whole_file(rng, project, path, 1_400))
    for look, said in zip(looks, plots.BIG_LOOK, strict=True):
        topic = rng.choice(project.topics)
        todo = [look, tools.search(rng, project), *plan(rng, project, topic, long=False)]
        words = said.format(topic=topic, file=path)
        at_ms = yield from turn(worker, rng, at_ms, words, todo, pace)
        at_ms += rng.randint(*pace.pause_ms)
    return at_ms


def read_again(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """A file that was read and not changed is read again, twice."""
    project = worker.project
    known = props.whole_file(rng, project, project.files[1], 260)
    for said, topic in zip(plots.ALIKE, rng.sample(project.topics, 3), strict=True):
        todo = [known, tools.edit(rng, project, project.files[0]), tools.test_run(rng, project)]
        words = said.format(topic=topic, file=project.files[1])
        at_ms = yield from turn(worker, rng, at_ms, words, todo, pace)
        at_ms += rng.randint(*pace.pause_ms)
    return at_ms


def loop(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """The same command five times, with the same error, until the person says what is wrong."""
    topic = worker.project.topics[0]
    todo = [props.services(rng) for _ in range(5)]
    words = plots.START_SERVICES.format(topic=topic)
    at_ms = yield from turn(worker, rng, at_ms, words, todo, pace)
    at_ms += rng.randint(*pace.pause_ms)
    said = "there is no docker on this machine, use the database that runs already"
    todo = [tools.test_run(rng, worker.project)]
    return (yield from turn(worker, rng, at_ms, said, todo, pace))


def polling(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """A build is looked at again and again, each time with the whole context."""
    run, looks = rng.randrange(10**9, 10**10), rng.randint(8, 11)
    todo = [props.push(rng, worker.project)]
    todo += [props.build_state(rng, run, done=number == looks) for number in range(1, looks + 1)]
    hasty = Pace(think_ms=(2_500, 5_000), output=(60, 140))
    yield at_ms
    worker.prompt(at_ms, plots.WATCH_BUILD)
    at_ms = yield from steps(worker, rng, at_ms, todo, hasty)
    return (yield from closing(worker, rng, at_ms, pace))


def interrupted(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """A turn is stopped when it has read a lot, and the same is asked with a limit."""
    assert isinstance(worker, ClaudeAgent)
    project = worker.project
    fault = plots.FAULTS[project]
    yield at_ms
    worker.prompt(at_ms, fault.asked)
    todo = [tools.read(rng, project, path) for path in project.files]
    todo += [tools.search(rng, project), tools.edit(rng, project, fault.file)]
    at_ms = yield from steps(worker, rng, at_ms, todo, pace)
    at_ms += rng.randint(*pace.think_ms)
    yield at_ms
    use = tools.test_run(rng, project)
    call_id = worker.call(at_ms, use, rng.randint(*pace.output))
    at_ms += rng.randint(2_000, 5_000)
    yield at_ms
    worker.interrupt(at_ms, call_id)
    at_ms += rng.randint(15_000, 40_000)
    words = plots.RESTART.format(asked=fault.asked, file=fault.file)
    todo = [props.taken_back(rng, fault.file), tools.read(rng, project, fault.file)]
    todo += [tools.edit(rng, project, fault.file), tools.test_run(rng, project)]
    at_ms = yield from turn(worker, rng, at_ms, words, todo, pace)
    return (yield from _committed(worker, rng, at_ms, pace))


def lookers(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """Subagents that only read, on the dearest model."""
    assert isinstance(worker, ClaudeAgent)
    for _ in range(2):
        at_ms = yield from fan_out(
            worker, rng, at_ms, pace, asked=plots.ROUND_UP, tasks=plots.LOOKERS
        )
        at_ms += rng.randint(*pace.pause_ms)
    return at_ms


def extra_file(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """A summary that nobody asked for, and that is removed later."""
    project, path = worker.project, "CHANGES_SUMMARY.md"
    file, topic = project.files[0], project.topics[0]
    words = (plots.STEPS[0].format(file=file), plots.NOT_WANTED.format(file=path))
    summary = props.report(rng, project, path, topic, rng.randint(100, 120))
    change = [tools.read(rng, project, file), tools.edit(rng, project, file)]
    removal = [props.removal(rng, path), tools.commit(rng, project, topic)]
    for said, todo in zip(words, ([*change, summary], removal), strict=True):
        at_ms = yield from turn(worker, rng, at_ms, said, todo, pace)
        at_ms += rng.randint(*pace.pause_ms)
    return at_ms


def research(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """Nothing but reading: what was found is in no file."""
    project = worker.project
    topics = rng.sample(project.topics, len(project.topics))
    for number, prompt in enumerate(plots.RESEARCH * 2):
        topic = topics[number % len(topics)]
        todo = [tools.read(rng, project, path) for path in rng.sample(project.files, 3)]
        todo += [tools.search(rng, project), tools.search(rng, project)]
        words = prompt.format(topic=topic, file=rng.choice(project.files))
        brief = Pace(think_ms=pace.think_ms, output=(150, 390))
        yield at_ms
        worker.prompt(at_ms, words)
        at_ms = yield from steps(worker, rng, at_ms, todo, pace)
        at_ms = yield from closing(worker, rng, at_ms, brief)
        at_ms += rng.randint(*pace.pause_ms)
    return at_ms
