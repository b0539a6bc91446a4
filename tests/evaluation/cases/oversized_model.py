"""Oversized model: chores, questions, searching subagents and scripted jobs on the top tier."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.money import Req
from tests.evaluation.world import World

KIND = "oversized-model"
TOP, NEXT, LEAST = "claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5"
QUESTIONS = (
    "Which port does the {noun} worker use?",
    "Where is {verb}_{noun} called?",
    "What does the {noun} flag do again?",
    "Is the {noun} table still written anywhere?",
)
CHORES = ("commit this", "push it", "run the tests", "what's the git status", "run the linter")


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(48)):
        (_questions, _chores, _explorers, _scripted)[number % 4](world)
    for number in range(world.count(92)):
        _near(world, number % 7)


def _cheaper(requests: list[Req]) -> int:
    """Return what the same tokens would have cost less on the next tier."""
    saved = 0
    for req in requests:
        other = money.rates("claude-code", NEXT, req.at_ms, req.context).cost(req.usage)
        assert other is not None
        saved += req.cost - other
    return saved


def _small_turns(world: World, s: Claude, count: int, kind: str) -> None:
    rng = world.rng
    for _ in range(count):
        if kind == "chore":
            s.prompt(rng.choice(CHORES))
            s.ask(tools.bash("git status --short", " M src/a.py"))
        else:
            words = rng.choice(QUESTIONS)
            s.prompt(words.format(noun=rng.choice(files.NOUNS), verb=rng.choice(files.VERBS)))
            s.ask(tools.search(rng, rng.choice(files.NOUNS)))
        s.done("It is 8080, set in the settings.", output=rng.randrange(60, 400))


def _questions(world: World) -> None:
    s = Claude(world, model=TOP, context=world.rng.randrange(25_000, 45_000))
    _small_turns(world, s, world.rng.randrange(5, 10), "question")
    s.end()
    world.hit(KIND, s.id, s.requests, _cheaper(s.requests), "questions only")


def _chores(world: World) -> None:
    s = Claude(world, model=TOP, context=world.rng.randrange(25_000, 45_000), ttl="1h")
    _small_turns(world, s, world.rng.randrange(5, 10), "chore")
    s.end()
    world.hit(KIND, s.id, s.requests, _cheaper(s.requests), "chores only")


def _explorers(world: World) -> None:
    rng = world.rng
    s = scenes.grown(world, 60_000, models=(TOP,), ttl="1h")
    assert isinstance(s, Claude)
    file = files.path(rng)
    s.prompt(scenes.task(rng, file))
    kind = rng.choice(("Explore", "code-reviewer", "Explore"))
    tasks = [
        (kind, f"Look {n}", f"Find all places that use {rng.choice(files.NOUNS)}") for n in range(3)
    ]
    children = s.launch(tasks, context=rng.randrange(14_000, 20_000))
    made: list[Req] = []
    for child in children:
        for _ in range(rng.randrange(4, 8)):
            child.ask(tools.search(child.rng, rng.choice(files.NOUNS), 40))
        child.done("Four places: see the list.")
        made += child.requests
    for child in children:
        s.collect(child, "Four places: see the list.")
    scenes.insert(s, file)
    s.done()
    s.end()
    world.hit(KIND, s.id, made, _cheaper(made), f"three {kind} subagents")


def _scripted(world: World) -> None:
    rng = world.rng
    s = Claude(world, model=TOP, entrypoint="sdk-cli", context=rng.randrange(25_000, 60_000))
    s.prompt(f"Write the release notes for version {rng.randrange(99)} from the git log")
    for _ in range(3):
        s.ask(tools.bash("git log --oneline | head -40", files.listing(rng, 600)))
    s.done("Here they are.", output=900)
    s.end()
    world.hit(KIND, s.id, s.requests, _cheaper(s.requests), "a scripted job")


def _near(world: World, way: int) -> None:
    rng = world.rng
    if way == 0:
        what, s = "questions on the next tier", Claude(world, model=NEXT, context=40_000)
        _small_turns(world, s, 7, "question")
    elif way == 1:
        what = "a chore within large work: to switch would cost more"
        s = scenes.grown(world, 120_000, models=(TOP,), ttl="1h")  # type: ignore[assignment]
        file = files.path(rng)
        scenes.more(s, 8, file)
        _small_turns(world, s, 1, "chore")
    elif way == 2:
        what, s = "hard work on the top tier", Claude(world, model=TOP)
        file = files.path(rng)
        for _ in range(4):
            scenes.turn(s, file, edits=3)
    elif way == 3:
        what = "searching subagents on the least tier"
        s = scenes.grown(world, 50_000, models=(TOP,), ttl="1h")  # type: ignore[assignment]
        file = files.path(rng)
        s.prompt(scenes.task(rng, file))
        (child,) = s.launch([("Explore", "Look", "Find the uses")], model=LEAST)
        for _ in range(5):
            child.ask(tools.search(child.rng, "use", 30))
        child.done("Here.")
        s.collect(child, "Here.")
        scenes.insert(s, file)
        s.done()
    elif way == 4:
        what, s = "questions that need long answers", Claude(world, model=TOP, context=30_000)
        for _ in range(4):
            words = (
                "Explain how the whole import works, with every special case and why it is there"
            )
            s.prompt(f"{words}: {rng.choice(files.NOUNS)}")
            for _ in range(5):
                scenes.look(s, files.path(rng))
            s.done("It works like this.", output=rng.randrange(2_600, 5_000))
    elif way == 5:
        what = "a working subagent that edits"
        s = scenes.grown(world, 50_000, models=(TOP,), ttl="1h")  # type: ignore[assignment]
        s.prompt("Let an agent move the parser into its own package and fix the imports")
        (child,) = s.launch([("general-purpose", "Move it", "Move the parser, fix the imports")])
        for _ in range(5):
            scenes.insert(child, files.path(rng), 9)
        child.done("Moved.")
        s.collect(child, "Moved.")
        scenes.insert(s, files.path(rng))
        s.done()
    else:
        what = "a scripted job on the next tier"
        s = Claude(world, model=NEXT, entrypoint="sdk-cli", context=60_000)
        s.prompt("Write the release notes from the git log")
        s.ask(tools.bash("git log --oneline | head -40", files.listing(rng, 600)))
        s.done("Here they are.", output=900)
    s.end()
    world.quiet(KIND, s.id, what)
