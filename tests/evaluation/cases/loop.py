"""Loop: the same call with the same result, over and over."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.money import Req
from tests.evaluation.tools import Use
from tests.evaluation.world import World

KIND = "loop"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(48)):
        _loops(world, number)
    for number in range(world.count(90)):
        _near(world, number % 7)


def _same(world: World, way: int, place: int) -> Use:
    """Return a call whose result never changes. way 2: two calls take turns."""
    file = "/home/dev/app/src/quotas/check.py"
    if way == 0:
        return tools.bash(
            "pytest -q tests/test_quota.py", "E   assert 3 == 4\n1 failed", exit_code=1
        )
    if way == 1:
        return tools.bash("ls -la build/out", "total 0")
    if way == 2 and place % 2:
        return tools.bash("git status --short", " M src/quotas/check.py")
    if way == 2:
        return tools.bash("git diff --stat", " src/quotas/check.py | 2 +-")
    if way == 3:
        return Use(
            name="Grep",
            input={"pattern": "quota_limit", "path": file, "output_mode": "content"},
            text="No matches found",
            result={"mode": "content", "numFiles": 0, "filenames": [], "content": ""},
            command="rg -n quota_limit src",
        )
    return tools.bash("curl -s localhost:8080/health", '{"status": "starting"}')


def _loops(world: World, number: int) -> None:
    rng, way = world.rng, number % 4
    count = (5, 6, 8, 12)[number // 4 % 4] + (6 if way == 2 else 0)
    codex = 1.0 if number % 8 == 5 else 0.0
    s = scenes.grown(
        world, rng.randrange(90_000, 180_000), codex=codex, models=scenes.DEAR, ttl="1h"
    )
    s.prompt("Find out why the quota check refuses the nightly job")
    scenes.look(s, "src/quotas/check.py")
    made = [s.ask(_same(world, way, place), say="Let me check.") for place in range(count)]
    s.done("I could not find it.")
    scenes.turn(s, "src/quotas/check.py", test=False)
    s.end()
    # Of calls that take turns each has a first one.
    paid = sum(money.round_trip(req) for req in made[2 if way == 2 else 1 :])
    world.hit(KIND, s.id, made, paid, f"way {way}, {count} times")


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, rng.randrange(80_000, 160_000), models=scenes.DEAR, ttl="1h")
    s.prompt("Make the quota check pass for the nightly job, test first")
    scenes.look(s, "src/quotas/check.py")
    made: list[Req] = []
    if way == 0:
        what = "the same failing test between edits, each time another failure"
        for place in range(6):
            text = f"E   assert {rng.choice(files.NOUNS)} == {place}\n{6 - place} failed"
            made.append(s.ask(tools.bash("pytest -q tests/test_quota.py", text, exit_code=1)))
            scenes.insert(s, "src/quotas/check.py", 5)
    elif way == 1:
        what = "three times only"
        made += [s.ask(_same(world, 1, n)) for n in range(3)]
    elif way == 2:
        what = "the same call, other results"
        for _ in range(6):
            made.append(
                s.ask(tools.bash("ls -t build/out | head -3", "\n".join(files.code(rng, 3))))
            )
    elif way == 3:
        what = "many calls, all different"
        for _ in range(10):
            made.append(s.ask(tools.search(rng, rng.choice(files.NOUNS) + str(rng.random()))))
    elif way == 4:
        what = "the same call in many turns, with work between"
        for _ in range(5):
            made.append(s.ask(tools.bash("git status --short", " M src/quotas/check.py")))
            s.done()
            scenes.more(s, 8, "src/quotas/check.py")
            s.prompt("go on with the next part of it, the limits per region")
    elif way == 5:
        what = "a test that passes after each of many edits"
        for _ in range(5):
            scenes.insert(s, "src/quotas/check.py", 6)
            made.append(s.ask(tools.bash("ruff check .", "All checks passed!")))
    else:
        what = "reading on through one file"
        lines = files.code(rng, 400)
        for start in range(1, 400, 60):
            use = tools.read(s.file("src/quotas/table.py"), lines, start=start, limit=60)
            made.append(s.ask(use))
    s.done()
    s.end()
    world.quiet(KIND, s.id, what)
