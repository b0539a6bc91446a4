"""Oversized effort: thousands of tokens of reasoning for turns that only ask or tidy."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.logs_codex import Codex
from tests.evaluation.money import Req
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "oversized-effort"
CHORES = ("commit this", "push it please", "run the tests", "restart the dev server", "git status?")


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(44)):
        _thinks(world, number)
    for number in range(world.count(88)):
        _near(world, number % 5)


def _session(world: World, codex: bool) -> Agent:
    if codex:
        return Codex(world, model="gpt-6-astra", effort="high")
    s = Claude(world, model="claude-opus-5")
    s.effort = "high"
    return s


def _small(s: Agent, thinking: int, visible: int = 150) -> Req:
    rng = s.rng
    if rng.random() < 0.5:
        s.prompt(rng.choice(CHORES))
        use = tools.bash("git status --short", " M a.py")
    else:
        s.prompt(f"Where is the {rng.choice(files.NOUNS)} limit set?")
        use = tools.search(rng, "limit")
    s.ask(use, output=90, thinking=0)
    return s.done("It is in the settings.", output=thinking + visible, thinking=thinking)


def _thinks(world: World, number: int) -> None:
    rng = world.rng
    s = _session(world, number % 2 == 0)
    file = files.path(rng)
    scenes.turn(s, file)
    made = [_small(s, rng.randrange(2_200, 6_000)) for _ in range(rng.randrange(5, 9))]
    scenes.turn(s, file, reads=0)
    s.end()
    paid = sum(req.usage.reasoning * req.rates.output // 2 for req in made)
    turns = [r for t in s.turns for r in t if any(r.id == m.id for m in made)]
    world.hit(KIND, s.id, turns, paid, f"{s.source}, {len(made)} small turns")


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = _session(world, rng.random() < 0.5)
    file = files.path(rng)
    scenes.turn(s, file)
    if way == 0:
        what = "little reasoning"
        for _ in range(6):
            _small(s, rng.randrange(100, 1_200))
    elif way == 1:
        what = "much reasoning for hard work"
        for _ in range(4):
            s.prompt(scenes.task(rng, file))
            use = tools.edit(s.tree, s.file(file), [], files.code(rng, 20))
            s.ask(use, thinking=rng.randrange(2_000, 6_000))
            scenes.insert(s, file, 9)
            s.ask(scenes.passing(s))
            s.done()
    elif way == 2:
        what = "long answers with a smaller part of reasoning"
        for _ in range(5):
            s.prompt(f"Describe how the {rng.choice(files.NOUNS)} import works, in all detail")
            for _ in range(5):
                scenes.look(s, files.path(rng))
            s.done("Like this.", output=7_000, thinking=2_000)
    elif way == 3:
        what = "no reasoning at all"
        for _ in range(6):
            _small(s, 0)
    else:
        what = "one small turn below the limit among much work"
        _small(s, 1_400)
        scenes.turn(s, file, reads=0)
    s.end()
    world.quiet(KIND, s.id, what)
