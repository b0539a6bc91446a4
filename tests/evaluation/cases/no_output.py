"""No output: a dear session that ends without an edit, a commit or an answer."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "no-output"


def build(world: World) -> None:
    """Fill the home: dear sessions must be rare in it, the usual cost decides too."""
    for number in range(world.count(40)):
        _nothing(world, number)
    for number in range(world.count(160)):
        _near(world, number % 16)


def _dear(world: World, number: int, requests: int, size: int) -> Agent:
    rng = world.rng
    s = scenes.open_session(world, codex=float(number % 8 == 7), models=("claude-fable-5",))
    s.prompt(
        f"Here is everything there is on the {rng.choice(files.NOUNS)}; make the import fast",
        tokens=size,
    )
    for _ in range(requests):
        s.ask(tools.bash(f"python profile_{rng.randrange(999)}.py", files.listing(rng, 200)))
    return s


def _nothing(world: World, number: int) -> None:
    s = _dear(world, number, 12, world.rng.randrange(150_000, 180_000))
    if number % 2 and s.source == "claude-code":
        what = "ends with an error"
        s.fail()  # type: ignore[union-attr]
    else:
        what = "ends in the middle of a tool"
        s.interrupt(tools.bash("make all", ""))
    s.end()
    world.hit(KIND, s.id, (), 0, what)


def _near(world: World, way: int) -> None:
    rng = world.rng
    if way == 0:
        what = "dear, and ends with an answer"
        s = _dear(world, 0, 12, 160_000)
        s.done(
            "The import spends its time in the parcel loop; batching it would halve it.", output=900
        )
    elif way == 1:
        what = "dear, with an edit, stopped at the end"
        s = _dear(world, 0, 10, 160_000)
        scenes.insert(s, files.path(rng), 20)
        s.interrupt(tools.bash("pytest -q", ""))
    elif way == 2:
        what = "dear, with a commit"
        s = _dear(world, 0, 10, 160_000)
        s.ask(tools.commit(rng, "Tune the import"))
        s.interrupt(tools.bash("git push", ""))
    elif way < 9:
        what = "cheap, stopped"
        s = _dear(world, 0, 2, 5_000)
        s.interrupt(tools.bash("ls", ""))
    else:
        what = "cheap question"
        s = scenes.open_session(world, models=("claude-opus-5",))
        s.prompt("Which version do we run?")
        s.ask(tools.bash("cat VERSION", "4.2"))
        s.done("4.2")
    s.end()
    world.quiet(KIND, s.id, what)
