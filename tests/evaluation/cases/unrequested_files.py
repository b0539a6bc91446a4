"""Unrequested files: reports and extras that nobody asked for, and that do not stay."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.world import DAY_MS, World

KIND = "unrequested-files"
NAMES = (
    *(
        "IMPLEMENTATION_SUMMARY.md",
        "CHANGES_REPORT.md",
        "REFACTORING_NOTES.md",
        "QUICKSTART_GUIDE.md",
    ),
    *("MIGRATION_GUIDE.md", "examples/demo_usage.py", "scripts/verify_setup.py", "FIX_SUMMARY.md"),
)


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(44)):
        _extra(world, number)
    for number in range(world.count(84)):
        _near(world, number % 5)


def _content(world: World, tokens: int) -> list[str]:
    rng = world.rng
    lines: list[str] = []
    while sum(map(len, lines)) < tokens * 3.4:
        a, b, c = rng.sample(files.NOUNS, 3)
        lines.append(
            f"- The {a} now has a {b} that can {rng.choice(files.VERBS)} the {c} by itself."
        )
    return lines


def _extra(world: World, number: int) -> None:
    rng, name = world.rng, NAMES[number % len(NAMES)]
    # Long enough ago that what was not committed will not be.
    at_ms = world.start() - 8 * DAY_MS
    models = ("claude-opus-5", "claude-fable-5")
    s = scenes.grown(world, 50_000, models=models, ttl="1h", at_ms=at_ms)
    file = files.path(rng)
    s.prompt(scenes.task(rng, file))
    scenes.look(s, file)
    scenes.insert(s, file, 10)
    use = tools.write(s.tree, s.file(name), _content(world, rng.randrange(3_500, 7_000)))
    req = s.ask(use)
    s.done(f"Done; see {name} for a summary.")
    later = scenes.turn(s, file, reads=0)
    if number % 3 < 2:
        what = "removed later"
        words = rng.choice(
            ("we don't need that extra file, delete it", f"remove {name}", "drop the extra file")
        )
        s.prompt(words)
        s.ask(tools.bash(f"rm {name}", ""))
        s.done("Removed.")
    else:
        what = "left out of the commit"
        s.prompt("commit the change")
        s.ask(tools.commit(rng, "Extend it", [file]))
        s.done("Committed.")
    s.end()
    written = int(sum(map(len, s.tree.lines[s.file(name)])) / 3.4)
    paid = min(req.usage.output, written + 20) * req.rates.output
    paid += money.carry(req.usage.output, scenes.later(s, req))
    world.hit(
        KIND, s.id, [req, *scenes.later(s, req)], paid, f"{name} {what}, {len(later)} requests on"
    )


def _near(world: World, way: int) -> None:
    rng, name = world.rng, world.rng.choice(NAMES)
    s = scenes.grown(world, 50_000, models=("claude-opus-5",), ttl="1h")
    file = files.path(rng)
    content = _content(world, 5_000)
    if way == 0:
        what = "asked for by name"
        s.prompt(f"{scenes.task(rng, file)}, and write {name} about it")
        scenes.insert(s, file)
        s.ask(tools.write(s.tree, s.file(name), content))
        s.done()
    elif way == 1:
        what = "asked for in other words"
        s.prompt("Write a guide for new developers as markdown, and then put it into docs/")
        s.ask(tools.write(s.tree, s.file("docs/developers.md"), content))
        s.done()
    elif way == 2:
        what = "part of the task, and committed"
        s.prompt(scenes.task(rng, file))
        scenes.insert(s, file)
        test = f"tests/test_{rng.choice(files.NOUNS)}_{rng.randrange(99)}.py"
        s.ask(tools.write(s.tree, s.file(test), files.code(rng, 90)))
        s.done()
        s.prompt("commit it all")
        s.ask(tools.commit(rng, "Extend it", [file, test]))
        s.done()
    elif way == 3:
        what = "an existing file is written as a whole"
        s.tree.has(s.file("README.md"), 80)
        s.prompt("bring the readme up to date with the new options")
        s.ask(tools.write(s.tree, s.file("README.md"), content))
        s.done()
    else:
        what = "only edits"
        for _ in range(3):
            scenes.turn(s, file, reads=0)
    scenes.turn(s, file, reads=0)
    s.end()
    world.quiet(KIND, s.id, what)
