"""Unattended: scripted sessions that come again and again and do nothing."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.world import NOW_MS, World

KIND = "unattended"
HOUR_MS = 3_600_000


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(40)):
        _group(world, 5 + number % 6, "nothing", "")
    for number in range(world.count(80)):
        way = number % 4
        if way == 0:
            _group(world, 6, "commits", "jobs that commit")
        elif way == 1:
            _group(world, 2, "nothing", "only twice")
        elif way == 2:
            _group(world, 5, "typed", "people ask, nobody edits")
        else:
            _group(world, 5, "edits", "jobs that edit")


def _group(world: World, runs: int, does: str, what: str) -> None:
    """Write sessions that begin alike; only this group's begin so."""
    rng = world.rng
    cwd = world.project()
    a, b = rng.sample(files.NOUNS, 2)
    opening = (
        f"Hourly {a} watch {rng.randrange(9_999)}: see whether any {b} waits, say so if it does"
    )
    ids = []
    for place in range(runs):
        at_ms = NOW_MS - (20 + 9 * place) * HOUR_MS - rng.randrange(HOUR_MS)
        entry = "cli" if does == "typed" else "sdk-cli"
        options = {"cwd": cwd, "at_ms": at_ms, "entrypoint": entry, "context": 30_000}
        s = Claude(world, model="claude-opus-5", **options)  # type: ignore[arg-type]
        if does == "typed":
            s.prompt(f"How does the {rng.choice(files.NOUNS)} {rng.choice(files.VERBS)} work?")
            s.ask(tools.search(rng, "x"))
            s.done("It goes through the queue.")
            s.prompt("and where does it start?")
            s.done("In main.")
        else:
            s.prompt(f"{opening}. Run {place} at {at_ms // 60_000 % 1_440}.")
            if does != "nothing" or rng.random() < 0.5:
                s.ask(tools.bash("ls inbox | wc -l", "0"))
            if does in ("edits", "commits"):
                scenes.insert(s, "state/report.py", 8)
            if does == "commits":
                s.ask(tools.commit(rng, f"Nightly {a}"))
            s.done("Nothing waits." if does == "nothing" else "Done.")
        s.end()
        ids.append(s.id)
    if what:
        world.quiet(KIND, tuple(ids), what)
    else:
        world.hit(KIND, tuple(ids), (), 0, f"{runs} runs that did nothing")
