"""Subagent fan-out: too many at once, the same task twice, cold starts for a word, respawns."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.world import World

KIND = "agent-fan-out"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(40)):
        _fans(world, number % 4)
    for number in range(world.count(84)):
        _near(world, number % 6)


def _words(world: World, count: int) -> str:
    """Return a task of so many words."""
    rng = world.rng
    words: list[str] = []
    while len(words) < count:
        a, b, c = rng.sample(files.NOUNS, 3)
        words += f"look at how each {a} will {rng.choice(files.VERBS)} the {b} when its {c}".split()
        words += (
            f"is missing or late and write down what {rng.randrange(99)} of them share;".split()
        )
    return " ".join(words[:count])


def _run(child: Claude, requests: int, size: int = 30) -> str:
    for _ in range(requests - 1):
        child.ask(tools.search(child.rng, child.rng.choice(files.NOUNS), size))
    found = f"Found {child.rng.randrange(2, 30)} {child.rng.choice(files.NOUNS)}s that matter."
    child.done(found, output=300)
    return found


def _launch(s: Claude, prompts: list[str], requests: int, kind: str = "Explore") -> list[Claude]:
    tasks = [(kind, f"Part {n}", words) for n, words in enumerate(prompts)]
    children = s.launch(tasks, model="claude-haiku-4-5")
    found = [_run(child, requests) for child in children]
    for child, words in zip(children, found, strict=True):
        s.collect(child, words)
    return children


def _session(world: World) -> Claude:
    s = scenes.grown(world, 50_000, models=("claude-opus-5",), ttl="1h")
    assert isinstance(s, Claude)
    s.prompt(f"Prepare the {world.rng.choice(files.NOUNS)} migration")
    return s


def _fans(world: World, way: int) -> None:
    rng = world.rng
    s = _session(world)
    if way == 0:
        count = rng.choice((12, 14, 18))
        what = f"{count} agents for one prompt"
        _launch(s, [_words(world, rng.randrange(20, 40)) for _ in range(count)], 4)
    elif way == 1:
        what = "two agents with the same task"
        words = _words(world, 70)
        _launch(s, [words, words.replace("late", "early"), _words(world, 70)], 5)
    elif way == 2:
        what = "a failed agent is spawned again"
        words = _words(world, 60)
        (child,) = s.launch([("general-purpose", "Migrate", words)], model="claude-haiku-4-5")
        _run(child, 5)
        s.collect(child, "API Error: 529 Overloaded", "failed")
        _launch(s, [words], 5, "general-purpose")
    else:
        what = "agents that only say a word after a cold start"
        tasks = [("Explore", f"Ask {n}", _words(world, 15)) for n in range(4)]
        children = s.launch(tasks, model="claude-opus-5", context=24_000)
        for child in children:
            child.done("Yes.", output=20)
        for child in children:
            s.collect(child, "Yes.")
    file = files.path(rng)
    scenes.insert(s, file)
    s.done()
    scenes.turn(s, file)
    s.end()
    world.hit(KIND, s.id, (), 0, what)


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = _session(world)
    if way == 0:
        what = "four agents with tasks of their own"
        _launch(s, [_words(world, 60) for _ in range(4)], 5)
    elif way == 1:
        what = "similar but short tasks"
        names = rng.sample(files.NOUNS, 4)
        _launch(s, [f"Find every place that uses the {name}" for name in names], 5)
    elif way == 2:
        what = "one agent a turn, many turns"
        for _ in range(5):
            _launch(s, [_words(world, 60)], 4)
            scenes.insert(s, files.path(rng))
            s.done()
            s.wait(900)
            s.prompt("now the next part of the migration")
    elif way == 3:
        what = "one short agent after a warm start"
        (child,) = s.launch([("Explore", "Ask", _words(world, 15))], model="claude-haiku-4-5")
        _run(child, 7)
        s.collect(child, "Yes.")
    elif way == 4:
        what = "no agents"
        scenes.look(s, files.path(rng))
    else:
        what = "a failed agent, then another task"
        (child,) = s.launch(
            [("general-purpose", "Migrate", _words(world, 60))], model="claude-haiku-4-5"
        )
        _run(child, 5)
        s.collect(child, "API Error: 529 Overloaded", "failed")
        _launch(s, [_words(world, 60)], 5)
    scenes.insert(s, files.path(rng))
    s.done()
    s.end()
    world.quiet(KIND, s.id, what)
