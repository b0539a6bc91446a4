"""Fixed overhead: servers whose instructions are in every session's context and never used."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.tools import Use
from tests.evaluation.world import DAY_MS, NOW_MS, World

KIND = "fixed-overhead"
NAMES = (
    *("tracker", "browser", "database", "mail", "calendar", "figures", "wiki", "cluster", "notes"),
    *(
        "metrics",
        "payments",
        "support",
        "search",
        "maps",
        "storage",
        "identity",
        "tickets",
        "feeds",
    ),
)


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(42)):
        _group(world, number, sessions=6 + number % 3, chars=(14_000, 22_000, 40_000)[number % 3])
    for number in range(world.count(84)):
        way = number % 4
        if way == 0:
            _group(world, number, sessions=6, chars=22_000, used=3, what="used now and then")
        elif way == 1:
            _group(world, number, sessions=3, chars=22_000, what="seen in too few sessions")
        elif way == 2:
            _group(world, number, sessions=6, chars=22_000, used=6, what="used in all sessions")
        else:
            _group(
                world, number, sessions=5, chars=0, what="deferred: only names are in the context"
            )


def _group(
    world: World, number: int, *, sessions: int, chars: int, used: int = 0, what: str = ""
) -> None:
    """Write sessions of one project with a server of a name that only this group has."""
    rng = world.rng
    cwd = world.project()
    server = f"{NAMES[number % len(NAMES)]}{rng.randrange(1_000, 9_999)}"
    verbs = ("list", "get", "create", "update", "remove", "find", "export", "link")
    paid, ids, made = 0, [], []
    for place in range(sessions):
        at_ms = NOW_MS - (1 + place) * DAY_MS - rng.randrange(3, 8) * 3_600_000
        s = Claude(world, model="claude-opus-5", ttl="1h", cwd=cwd, at_ms=at_ms, context=22_000)
        names = [f"mcp__{server}__{verb}" for verb in verbs]
        if chars:
            text = f"## {server}\n" + files.listing(rng, int(chars / 3.6))
            block = text[:chars]
            s.attach(
                "mcp_instructions_delta", int(chars / 3.6), addedNames=[server], addedBlocks=[block]
            )
        else:
            s.attach(
                "deferred_tools_delta", 120, addedNames=names, addedLines=names, removedNames=[]
            )
        file = files.path(rng)
        scenes.turn(s, file)
        if place < used:
            s.prompt(f"Note it in {server} as well")
            call = Use(name=names[2], input={"title": "done"}, text="created", result=[])
            s.ask(call)
            s.done()
        scenes.more(s, 6, file)
        s.ask(tools.search(rng, "x"))
        s.end()
        ids.append(s.id)
        made += s.requests
        first, *rest = s.requests
        paid += int(chars / 3.6) * money.write_rate(first)
        paid += sum(int(chars / 3.6) * money.read_rate(req) for req in rest)
    if what:
        world.quiet(KIND, tuple(ids), what)
    else:
        world.hit(
            KIND, tuple(ids), made, paid, f"{server}: {chars} characters, {sessions} sessions"
        )
