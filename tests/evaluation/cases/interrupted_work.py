"""Interrupted work: stopped by the user with nothing kept, and begun again or given up."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "interrupted-work"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(44)):
        _stopped(world, number)
    for number in range(world.count(90)):
        _near(world, number % 6)


def _begin(world: World, *, codex: float = 0.0) -> tuple[Agent, str, str]:
    rng = world.rng
    s = scenes.grown(
        world,
        rng.randrange(60_000, 120_000),
        codex=codex,
        models=("claude-opus-5", "claude-fable-5"),
    )
    file = files.path(rng)
    words = scenes.task(rng, file)
    s.prompt(words)
    for _ in range(rng.randrange(3, 7)):
        scenes.look(s, files.path(rng))
    return s, file, words


def _stopped(world: World, number: int) -> None:
    rng, way = world.rng, number % 5
    s, file, words = _begin(world, codex=float(number % 7 == 6))
    if way == 4:
        # Given up in the middle of a tool: nothing follows.
        s.interrupt(tools.bash("make everything", ""))
        paid = money.total(s.turn)
        world.hit(KIND, s.id, s.turn, paid, "then the session ends")
        s.end()
        return
    kept = 0.0
    if way == 1:
        # What it had written is taken back afterwards.
        _, lines = scenes.insert(s, file, 12)
        s.interrupt(tools.bash("pytest -q", ""))
        whole = s.tree.lines[s.file(file)]
        s.tree.lines[s.file(file)] = [line for line in whole if line not in lines]
    elif way == 2:
        s.interrupt()
    else:
        s.interrupt(tools.bash("pytest -q", ""))
    stopped = list(s.turn)
    again = f"{words}. Only touch {file}, leave the rest alone"
    s.prompt(again, thinks=rng.uniform(8, 60))
    if way == 1:
        s.ask(tools.bash(f"git checkout -- {file}", ""))
    scenes.look(s, file)
    scenes.insert(s, file, 10)
    s.done()
    scenes.turn(s, file, reads=0)
    s.end()
    paid = int(money.total(stopped) * (1 - kept))
    world.hit(
        KIND,
        s.id,
        stopped,
        paid,
        ("restarted", "reverted and restarted", "mid answer", "restarted")[way],
    )


def _near(world: World, way: int) -> None:
    rng = world.rng
    s, file, _ = _begin(world)
    if way == 0:
        what = "goes on after a word"
        s.interrupt(tools.bash("pytest -q", ""))
        s.prompt(rng.choice(("continue", "go on", "ok, carry on", "yes")), thinks=20)
        scenes.insert(s, file, 10)
        s.done()
    elif way == 1:
        what = "what it wrote is kept"
        scenes.insert(s, file, 20)
        s.interrupt(tools.bash("pytest -q", ""))
        s.prompt(f"fine so far, skip the tests; next give {file} a docstring", thinks=30)
        scenes.insert(s, file, 4)
        s.done()
    elif way == 2:
        what = "nobody interrupts"
        scenes.insert(s, file, 10)
        s.done()
    elif way == 3:
        what = "one tool is refused, the work goes on"
        use = tools.bash("rm -rf build", "")
        use.error, use.denied = True, True
        use.text, use.result = (
            "The user doesn't want to proceed with this tool use.",
            "User rejected tool use",
        )
        s.ask(use)
        scenes.insert(s, file, 10)
        s.done()
    elif way == 4:
        what = "a detail is added while it works"
        if isinstance(s, Claude):
            s.queued("and use tabs there please")
        scenes.insert(s, file, 10)
        s.done()
    else:
        what = "stopped to answer a question, then on"
        s.interrupt()
        s.prompt("yes, the second one. Go on", thinks=15)
        scenes.look(s, files.path(rng))
        scenes.insert(s, file, 10)
        s.done()
    scenes.turn(s, file, reads=0)
    s.end()
    world.quiet(KIND, s.id, what)
