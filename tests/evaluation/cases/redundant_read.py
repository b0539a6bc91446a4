"""Redundant reads: the same part of the same file, unchanged, again."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.money import Req
from tests.evaluation.world import World

KIND = "redundant-read"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(46)):
        _again(world, number)
    for number in range(world.count(90)):
        _near(world, number % 5)
    for _ in range(world.count(6)):
        _near(world, 5)


def _session(world: World) -> tuple[Claude, str, list[str]]:
    rng = world.rng
    s = Claude(world, model="claude-fable-5", ttl="1h")
    full = s.file(files.path(rng))
    lines = s.tree.has(full, rng.randrange(170, 280))
    scenes.turn(s, files.path(rng))
    s.prompt(scenes.task(rng, full.removeprefix(s.cwd + "/")))
    s.ask(tools.read(full, lines))
    return s, full, lines


def _again(world: World, number: int) -> None:
    rng = world.rng
    s, full, lines = _session(world)
    times = (2, 3, 4)[number % 3]
    made: list[tuple[Req, int]] = []
    for place in range(times):
        for _ in range(2):
            scenes.insert(s, files.path(rng), 5)
        if place == 1:
            s.done()
            s.prompt("And now the callers, in the same way")
        use = tools.read(full, lines)
        made.append((s.ask(use), use.size))
    for _ in range(12):
        scenes.insert(s, files.path(rng), 4)
    s.done()
    s.end()
    paid = sum(money.carry(size, scenes.later(s, req)) for req, size in made)
    concerned = [req for req, _ in made]
    world.hit(
        KIND, s.id, [*concerned, *scenes.later(s, concerned[0])], paid, f"{times} times again"
    )


def _near(world: World, way: int) -> None:
    rng = world.rng
    s, full, lines = _session(world)
    if way == 0:
        what = "edited in between"
        for _ in range(3):
            s.ask(tools.edit(s.tree, full, [], files.code(rng, 6)))
            s.ask(tools.read(full, lines))
    elif way == 1:
        what = "other parts of the same file"
        for start in (1, 61, 121):
            s.ask(tools.read(full, lines, start=start, limit=60))
    elif way == 5:
        # What a compaction costs has a line of its own, by whatever kind it is told.
        what = "read again after a compaction"
        s.done()
        s.compact()
        s.prompt("go on with the callers of it")
        s.ask(tools.read(full, lines))
    elif way == 2:
        what = "a tiny file"
        small = s.tree.has(s.file("src/version.py"), 3)
        for _ in range(3):
            s.ask(tools.read(s.file("src/version.py"), small))
    elif way == 3:
        what = "changed by a formatter in between"
        for _ in range(3):
            s.ask(tools.bash("ruff format .", "1 file reformatted"))
            lines[rng.randrange(len(lines))] = files.code(rng, 1)[0]
            s.ask(tools.read(full, lines))
    else:
        what = "the client answers that it is unchanged"
        for _ in range(3):
            use = tools.read(full, lines)
            use.text = (
                "File unchanged since last read. The content from the earlier Read is current."
            )
            use.result = {"type": "file_unchanged", "file": {"filePath": full}}
            s.ask(use)
    for _ in range(8):
        scenes.insert(s, files.path(rng), 4)
    s.done()
    s.end()
    if way == 5:
        world.either(KIND, s.id, what)
    else:
        world.quiet(KIND, s.id, what)
