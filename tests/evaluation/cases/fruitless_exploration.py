"""Fruitless exploration: dozens of reads and searches in a turn that comes to nothing."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "fruitless-exploration"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(40)):
        _explores(world, number)
    for number in range(world.count(84)):
        _near(world, number % 6)


def _search(s: Agent, calls: int) -> None:
    """Read and search, several calls a request."""
    rng = s.rng
    made = 0
    while made < calls:
        uses = []
        for _ in range(min(3, calls - made)):
            if rng.random() < 0.5:
                full = s.file(files.path(rng))
                uses.append(tools.read(full, s.tree.has(full, 30)))
            else:
                uses.append(tools.search(rng, rng.choice(files.NOUNS) + str(rng.randrange(999))))
        made += len(uses)
        s.ask(*uses)


def _explores(world: World, number: int) -> None:
    rng = world.rng
    s = scenes.grown(
        world,
        rng.randrange(40_000, 120_000),
        codex=float(number % 8 == 7),
        models=("claude-opus-5",),
    )
    s.prompt(scenes.task(rng, files.path(rng)))
    _search(s, (34, 40, 52, 66)[number % 4])
    if number % 2:
        s.done("I looked through the modules but I am not sure yet where this has to go.")
        s.prompt("leave it, I will do it by hand. Bump the version in setup.cfg instead", thinks=60)
        scenes.insert(s, "setup.cfg", 2)
        s.done()
        what = "then given up"
    else:
        s.interrupt(tools.bash("ls", ""))
        what = "stopped, and the session ends"
    s.end()
    world.hit(KIND, s.id, (), 0, what)


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, rng.randrange(40_000, 80_000), models=("claude-opus-5",))
    if way == 0:
        what = "a question that takes many reads, and its answer"
        s.prompt("How does an order get from the queue into the ledger? Which modules take part?")
        _search(s, 40)
        s.done(
            "It passes four modules: " + ", ".join(files.path(rng) for _ in range(4)), output=900
        )
        s.prompt("thanks, that helps")
        s.done("Good.")
    elif way == 1:
        what = "many reads, then the edit"
        s.prompt(scenes.task(rng, files.path(rng)))
        _search(s, 40)
        scenes.insert(s, files.path(rng))
        s.done()
    elif way == 2:
        what = "few reads"
        s.prompt(scenes.task(rng, files.path(rng)))
        _search(s, 12)
        s.done("I am not sure yet where this has to go.")
    elif way == 3:
        what = "many reads, then a commit"
        s.prompt("Go through what changed, and commit it in sensible parts")
        _search(s, 36)
        s.ask(tools.commit(rng, "Split the parcel"))
        s.done()
    elif way == 4:
        what = "many reads over several turns with edits"
        for _ in range(4):
            s.prompt(scenes.task(rng, files.path(rng)))
            _search(s, 14)
            scenes.insert(s, files.path(rng))
            s.done()
    else:
        what = "a plan is made of it"
        s.prompt("Plan the split of the ledger, write nothing yet")
        _search(s, 36)
        plan = tools.Use(
            name="ExitPlanMode",
            input={"plan": "1. move the table\n2. move its readers\n3. drop the old one"},
            text="User has approved your plan. You can now start coding.",
            result={"plan": "1. move the table", "isAgent": False},
            command="true",
        )
        s.ask(plan)
        scenes.insert(s, files.path(rng))
        s.done()
    s.end()
    world.quiet(KIND, s.id, what)
