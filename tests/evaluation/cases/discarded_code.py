"""Discarded code: own lines replaced or removed soon after, files written again for a few lines."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.world import World

KIND = "discarded-code"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(42)):
        _discards(world, number)
    for number in range(world.count(84)):
        _near(world, number % 6)


def _discards(world: World, number: int) -> None:
    rng, way = world.rng, number % 3
    s = scenes.grown(world, 50_000, codex=float(number % 9 == 8), models=("claude-opus-5",))
    file = files.path(rng)
    full = s.file(file)
    if way == 0:
        what = "written again as a whole for a few lines"
        lines = files.code(rng, rng.randrange(120, 220))
        s.prompt(f"Create {file} with the whole {rng.choice(files.NOUNS)} engine")
        s.ask(tools.write(s.tree, full, lines))
        s.done()
        s.prompt("rename the limit in it and use the new constant")
        changed = list(lines)
        for place in rng.sample(range(len(lines)), 9):
            changed[place] = files.code(rng, 1)[0]
        s.ask(tools.write(s.tree, full, changed))
        s.done()
    else:
        what = ("", "own lines are replaced", "own lines are removed")[way]
        s.prompt(scenes.task(rng, file))
        _, lines = scenes.insert(s, file, rng.randrange(24, 50))
        s.ask(scenes.passing(s))
        s.done()
        scenes.turn(s, files.path(rng), reads=0)
        s.prompt("let us do that part by means of the library instead")
        after = files.code(rng, 20) if way == 1 else [f"import {rng.choice(files.NOUNS)}"]
        s.ask(tools.edit(s.tree, full, lines, after))
        s.done()
    scenes.turn(s, files.path(rng), reads=0)
    s.end()
    world.hit(KIND, s.id, (), 0, what)


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, 50_000, models=("claude-opus-5",))
    file = files.path(rng)
    full = s.file(file)
    if way == 0:
        what = "lines are added, none go"
        for _ in range(5):
            scenes.turn(s, file, reads=0)
    elif way == 1:
        what = "lines of others are replaced"
        for _ in range(4):
            s.prompt(scenes.task(rng, file))
            lines = s.tree.has(full, 90)
            # Only what was there before the session: the first lines are never the agent's.
            s.ask(tools.edit(s.tree, full, lines[2:12], files.code(rng, 9)))
            del lines[2:11]
            s.tree.lines[full] = files.code(rng, 90)
            s.done()
    elif way == 2:
        what = "two of many own lines are touched"
        s.prompt(scenes.task(rng, file))
        _, lines = scenes.insert(s, file, 40)
        s.done()
        s.prompt("use a longer timeout there")
        s.ask(tools.edit(s.tree, full, lines[10:12], files.code(rng, 2)))
        s.done()
    elif way == 3:
        what = "a new file is written once"
        s.prompt(f"Create {file} with the {rng.choice(files.NOUNS)} engine")
        s.ask(tools.write(s.tree, full, files.code(rng, 150)))
        s.done()
        scenes.turn(s, files.path(rng), reads=0)
    elif way == 4:
        what = "a file is written as a whole, mostly new"
        s.tree.has(full, 80)
        s.prompt(f"Replace {file} by the new design")
        s.ask(tools.read(full, s.tree.lines[full]))
        s.ask(tools.write(s.tree, full, files.code(rng, 100)))
        s.done()
    else:
        what = "nothing is edited"
        s.prompt("Which parts of it are slow?")
        scenes.look(s, file)
        s.done("The loop over the parcels.")
    s.end()
    world.quiet(KIND, s.id, what)
