"""Repeated failure: a command fails again although no file was changed in between."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.money import Req
from tests.evaluation.tools import Use
from tests.evaluation.world import World

KIND = "repeated-failure"
COMMANDS = (
    ("npm test", 'npm error Missing script: "test"', 1),
    ("python manage.py migrate", "ModuleNotFoundError: No module named 'django'", 1),
    ("cargo build --release", "error: linker `cc` not found", 101),
    ("docker compose up -d", "Cannot connect to the Docker daemon", 1),
    ("pytest -q tests/api", "bash: pytest: command not found", 127),
    ("make lint", "make: *** No rule to make target 'lint'.  Stop.", 2),
)


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(48)):
        _fails(world, number)
    for number in range(world.count(90)):
        _near(world, number % 6)


def _fail(number: int, variant: int = 0) -> Use:
    command, text, code = COMMANDS[number % len(COMMANDS)]
    if variant == 1:
        command += " 2>&1"
    elif variant == 2:
        command += " 2>&1 | tail -20"
    return tools.bash(command, text, exit_code=code)


def _fails(world: World, number: int) -> None:
    rng = world.rng
    count, varied = (3, 3, 4, 5)[number % 4], number % 2 == 0
    codex = 1.0 if number % 8 == 3 else 0.0
    size = rng.randrange(130_000, 185_000) if not codex else 200_000
    s = scenes.grown(world, size, codex=codex, models=("claude-opus-5", "claude-fable-5"), ttl="1h")
    s.prompt("Run everything once and tell me where we stand")
    made: list[Req] = []
    for place in range(count):
        # Other output each time from the fourth on, so that it is no loop as well.
        use = _fail(number, place % 3 if varied else 0)
        if place >= 3:
            use.text += f"\n{rng.choice(files.NOUNS)} {rng.random()}"
        made.append(s.ask(use, output=rng.randrange(300, 900)))
    s.done("It does not start here.")
    s.end()
    paid = sum(money.round_trip(req) for req in made[1:])
    world.hit(KIND, s.id, made, paid, f"{count} times {COMMANDS[number % len(COMMANDS)][0]}")


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, rng.randrange(100_000, 160_000), models=scenes.DEAR, ttl="1h")
    s.prompt("Get the build to run here")
    number = rng.randrange(len(COMMANDS))
    if way == 0:
        what = "edits between the failures"
        for _ in range(4):
            s.ask(_fail(number))
            scenes.insert(s, "Makefile.inc", 5)
    elif way == 1:
        what = "different commands fail"
        for place in range(4):
            s.ask(_fail(number + place))
    elif way == 2:
        what = "fails once, then another way"
        s.ask(_fail(number))
        s.ask(scenes.passing(s))
    elif way == 3:
        what = "refused by the user"
        for _ in range(3):
            use = _fail(number)
            use.denied, use.text, use.result = (
                True,
                "The user doesn't want to proceed",
                "User rejected tool use",
            )
            s.ask(use)
    elif way == 4:
        what = "fails, passes, fails: no run of failures"
        for _ in range(3):
            s.ask(_fail(number))
            s.ask(tools.bash(COMMANDS[number][0], "ok"))
    else:
        what = "a search that finds nothing, each time for something else"
        for _ in range(5):
            s.ask(
                tools.bash(f"rg -n {rng.choice(files.NOUNS)}_{rng.randrange(999)}", "", exit_code=1)
            )
    s.done()
    s.end()
    world.quiet(KIND, s.id, what)
