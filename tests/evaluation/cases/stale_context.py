"""Stale context: what a finished task left is sent along with another one."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.money import Req
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "stale-context"
RELOAD = 10_000
"""Tokens that the new task would have had to read anew."""


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(44)):
        _stale(world, number)
    for number in range(world.count(90)):
        _near(world, number % 7)


def _first_task(world: World, *, codex: float = 0.0) -> tuple[Agent, str, Req]:
    """Do a large task and commit it."""
    rng = world.rng
    s = scenes.open_session(world, codex=codex, models=("claude-opus-5", "claude-fable-5"))
    if s.source == "claude-code":
        s.ttl = "1h"  # type: ignore[union-attr]
    file = files.path(rng)
    scenes.turn(s, file, reads=2)
    scenes.lift(s, rng.randrange(60_000, 110_000))
    scenes.turn(s, file, reads=1)
    s.prompt(rng.choice(("commit it", "commit and push please", "looks good, commit this")))
    done = s.ask(tools.commit(rng, f"Teach {file} about the {rng.choice(files.NOUNS)}"))
    s.done("Committed.")
    return s, file, done


def _other(s: Agent, turns: int) -> list[Req]:
    """Do another task on other files; return its requests."""
    first = len(s.requests)
    file = files.path(s.rng, "ts")
    for _ in range(turns):
        scenes.turn(s, file, reads=2, edits=2)
    return s.requests[first:]


def stale(requests: list[Req], boundary: Req, base: int) -> int:
    """Return what the old task's tokens cost, less what the new one's files would have."""
    tokens = [max(0, min(req.context, boundary.context) - base) for req in requests]
    paid = sum(n * money.read_rate(req) for n, req in zip(tokens, requests, strict=True))
    return max(0, paid - RELOAD * money.write_rate(requests[0])) if requests else 0


def _stale(world: World, number: int) -> None:
    s, _, boundary = _first_task(world, codex=float(number % 6 == 5))
    s.wait(s.rng.uniform(30, 200))
    made = _other(s, (3, 4, 5, 7)[number % 4])
    s.end()
    paid = stale(made, boundary, s.requests[0].context)
    world.hit(KIND, s.id, made, paid, f"{len(made)} requests behind a commit at {boundary.context}")


def _near(world: World, way: int) -> None:
    rng = world.rng
    s, file, _ = _first_task(world)
    if way == 0:
        what = "follow-up on the same files"
        for _ in range(4):
            scenes.turn(s, file, reads=0, edits=2)
    elif way == 1:
        what = "compacted at the boundary"
        s.compact()
        _other(s, 4)
    elif way == 2:
        what = "cleared at the boundary: a new session"
        s.end()
        world.quiet(KIND, s.id, what)
        s = scenes.open_session(world, models=(s.model,), cwd=s.cwd, at_ms=s.now + 60_000)
        _other(s, 4)
    elif way == 3:
        what = "nothing behind the commit"
    elif way == 4:
        what = "tasks of one plan"
        for step in range(2, 6):
            words = f"Now step {step} of docs/plan.md: {scenes.task(rng, file)}"
            scenes.turn(s, file, words=words, reads=0)
    elif way == 5:
        what = "review comments on what was committed"
        for place in range(4):
            words = f"Review comment {place + 1} on {file}: use the shared helper for this"
            scenes.turn(s, file, words=words, reads=0)
    else:
        what = "a question about what was committed"
        s.prompt(f"What happens in {file} when the list is empty?")
        s.done("It gives an empty list back.")
    s.end()
    world.quiet(KIND, s.id, what)
