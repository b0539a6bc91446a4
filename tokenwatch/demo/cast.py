"""How the invented agents work: each part is a generator that yields when it goes on.

A part yields an instant, is resumed when that instant has come, writes what happened then, and
yields the next one; it never writes before its first yield. What it returns is when it was done.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from tokenwatch.demo import script, tools
from tokenwatch.demo.claude import COMPACT_AT, ClaudeAgent
from tokenwatch.demo.codex import CodexThread
from tokenwatch.demo.script import Project
from tokenwatch.demo.tools import ToolUse

Part = Generator[int, None, int]
Worker = ClaudeAgent | CodexThread


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Ranges of how an agent works: ms and tokens, both ends included."""

    think_ms: tuple[int, int] = (7_000, 16_000)
    """From a result to the next answer."""
    output: tuple[int, int] = (200, 1_200)
    """Tokens an answer has."""
    pause_ms: tuple[int, int] = (12_000, 60_000)
    """From an answer to the next prompt."""


def together(parts: Sequence[Part]) -> Part:
    """Let several parts go on side by side; done when the last one is."""
    end_ms = 0
    waiting: list[tuple[int, int]] = []
    for index, part in enumerate(parts):
        heappush(waiting, (next(part), index))
    while waiting:
        at_ms, index = heappop(waiting)
        yield at_ms
        try:
            heappush(waiting, (next(parts[index]), index))
        except StopIteration as done:
            end_ms = max(end_ms, done.value)
    return end_ms


def plan(rng: Random, project: Project, topic: str, *, long: bool = True) -> list[ToolUse]:
    """Return what a turn of work does, in order."""
    path = rng.choice(project.files)
    todo = [tools.search(rng, project)] if rng.random() < 0.5 else []
    todo += [tools.read(rng, project, path), tools.edit(rng, project, path)]
    if not long:
        return todo[-2:]
    if rng.random() < 0.35:
        todo.append(tools.create(rng, project, rng.choice(project.new_files)))
    if rng.random() < 0.3:
        todo += [tools.slip(rng, project, path), tools.edit(rng, project, path)]
    todo.append(tools.test_run(rng, project))
    if rng.random() < 0.4:
        todo.append(tools.commit(rng, project, topic))
    return todo


def look_around(rng: Random, project: Project) -> list[ToolUse]:
    """Return what somebody does who only wants to know."""
    read = [tools.read(rng, project, path) for path in rng.sample(project.files, 2)]
    return [tools.search(rng, project), *read]


def aided(rng: Random, project: Project, topic: str, todo: Sequence[ToolUse]) -> list[ToolUse]:
    """Return what to do with, now and then, a ticket looked up first, or a skill begun."""
    aids = []
    if rng.random() < 0.2:
        aids.append(tools.ticket(rng, project, topic))
    if rng.random() < 0.15:
        aids.append(tools.skill(rng, rng.choice(script.SKILLS)))
    return [*aids, *todo]


def steps(worker: Worker, rng: Random, at_ms: int, todo: Sequence[ToolUse], pace: Pace) -> Part:
    """Use the tools one after the other."""
    for use in todo:
        at_ms += rng.randint(*pace.think_ms)
        yield at_ms
        say = rng.choice(script.THOUGHTS) if rng.random() < 0.4 else ""
        output = max(use.written, rng.randint(*pace.output))
        call_id = worker.call(at_ms, use, output, say)
        at_ms += use.takes_ms
        yield at_ms
        worker.result(at_ms, call_id, use)
    return at_ms


def closing(worker: Worker, rng: Random, at_ms: int, pace: Pace) -> Part:
    """Answer, and compact where the context has grown too large."""
    at_ms += rng.randint(*pace.think_ms)
    yield at_ms
    worker.answer(at_ms, rng.choice(script.ANSWERS), rng.randint(*pace.output))
    if isinstance(worker, ClaudeAgent) and worker.context > COMPACT_AT:
        at_ms += 14_000
        yield at_ms
        worker.compact(at_ms)
    return at_ms


def turn(
    worker: Worker, rng: Random, at_ms: int, prompt: str, todo: Sequence[ToolUse], pace: Pace
) -> Part:
    """Do one turn from prompt to answer."""
    yield at_ms
    worker.prompt(at_ms, prompt)
    at_ms = yield from steps(worker, rng, at_ms, todo, pace)
    return (yield from closing(worker, rng, at_ms, pace))


def words(worker: Worker, rng: Random, prompts: Sequence[str], topic: str) -> str:
    """Return one of these prompts; nobody says the same twice in a session if it can be helped."""
    said = worker.said
    fresh = [prompt for prompt in prompts if prompt not in said]
    prompt = rng.choice(
        fresh or [p for p in prompts if p.format(topic=topic) not in said] or prompts
    )
    said |= {prompt, prompt.format(topic=topic)}
    return prompt.format(topic=topic)


def turns(
    worker: Worker, rng: Random, at_ms: int, pace: Pace, *, count: int = 0, until_ms: int = 0
) -> Part:
    """Do `count` turns, or turns that begin before `until_ms`; returns the next prompt's time."""
    done = 0
    while done < count or at_ms < until_ms:
        topic = rng.choice(worker.project.topics)
        asked = script.FOLLOW_UPS if done and rng.random() < 0.6 else script.PROMPTS
        prompt = words(worker, rng, asked, topic)
        todo = plan(rng, worker.project, topic)
        if isinstance(worker, ClaudeAgent):
            todo = aided(rng, worker.project, topic, todo)
        at_ms = yield from turn(worker, rng, at_ms, prompt, todo, pace)
        at_ms += rng.randint(*pace.pause_ms)
        done += 1
    return at_ms


def fan_out(
    boss: ClaudeAgent,
    rng: Random,
    at_ms: int,
    pace: Pace,
    *,
    asked: Sequence[str] = script.DELEGATE,
    tasks: Sequence[script.Task] = script.TASKS,
) -> Part:
    """Do one turn whose work goes to two or three subagents at once."""
    topic = rng.choice(boss.project.topics)
    yield at_ms
    boss.prompt(at_ms, words(boss, rng, asked, topic))
    at_ms += rng.randint(3_000, 8_000)
    yield at_ms
    given = [
        (kind, alias, script.MODEL_OF[alias], about.format(topic=topic), task.format(topic=topic))
        for kind, alias, about, task in tasks[: rng.randint(2, 3)]
    ]
    children = boss.launch(at_ms, given, rng.randint(*pace.output))
    errands = [
        errand(boss, child, at_ms + 200 * number, topic, rng.choice(script.FOUND))
        for number, child in enumerate(children, 1)
    ]
    at_ms = yield from together(errands)
    todo = plan(rng, boss.project, topic, long=False)
    at_ms = yield from steps(boss, rng, at_ms, todo, pace)
    return (yield from closing(boss, rng, at_ms, pace))


def errand(boss: ClaudeAgent, child: ClaudeAgent, at_ms: int, topic: str, found: str) -> Part:
    """Do a subagent's work and hand over what it found."""
    rng, pace = child.rng, Pace(think_ms=(4_000, 11_000), output=(120, 900))
    yield at_ms
    child.prompt(at_ms, child.asked)
    for _ in range(rng.randint(1, 3)):
        looks = child.kind == "Explore"
        todo = look_around(rng, child.project) if looks else plan(rng, child.project, topic)
        at_ms = yield from steps(child, rng, at_ms, todo, pace)
    at_ms = yield from closing(child, rng, at_ms, pace)
    at_ms += 150
    yield at_ms
    boss.collect(at_ms, child, found)
    return at_ms


def pair_up(boss: CodexThread, rng: Random, at_ms: int, pace: Pace) -> Part:
    """Do one turn of Codex beside a subagent it spawned."""
    topic = rng.choice(boss.project.topics)
    yield at_ms
    boss.prompt(at_ms, words(boss, rng, script.DELEGATE, topic))
    at_ms += rng.randint(3_000, 8_000)
    yield at_ms
    name, nickname, task = script.CODEX_TASK
    task = task.format(topic=topic)
    child = boss.launch(at_ms, name, nickname, task, rng.randint(*pace.output))
    own = steps(boss, rng, at_ms, plan(rng, boss.project, topic), pace)
    at_ms = yield from together([own, _side_work(boss, child, at_ms + 400, topic)])
    return (yield from closing(boss, rng, at_ms, pace))


def _side_work(boss: CodexThread, child: CodexThread, at_ms: int, topic: str) -> Part:
    rng, pace = child.rng, Pace(think_ms=(4_000, 10_000))
    yield at_ms
    child.prompt(at_ms, child.asked)
    for _ in range(rng.randint(1, 2)):
        at_ms = yield from steps(child, rng, at_ms, plan(rng, child.project, topic), pace)
    at_ms = yield from closing(child, rng, at_ms, pace)
    at_ms += 150
    yield at_ms
    boss.collect(at_ms, child, rng.choice(script.FOUND))
    return at_ms
