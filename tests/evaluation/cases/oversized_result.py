"""Oversized results: thousands of tokens of output that are carried along for the rest."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.tools import Use
from tests.evaluation.world import World

KIND = "oversized-result"
ENOUGH = 2_000
"""Tokens that a result may have."""
SHARE = 2
"""Half of what is above that is claimed."""


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(48)):
        _carried(world, number)
    for number in range(world.count(90)):
        _near(world, number % 6)


def _large(s: scenes.Agent, way: int, tokens: int) -> Use:
    rng = s.rng
    if way == 0:
        return tools.read(s.file(files.path(rng, "json")), files.listing(rng, tokens).split("\n"))
    text = files.listing(rng, tokens)
    if way == 1:
        return tools.bash("pytest -vv", text)
    if way == 2:
        result = {"mode": "content", "numFiles": 90, "filenames": [], "content": text}
        arguments = {"pattern": "token", "output_mode": "content"}
        return Use(name="Grep", input=arguments, text=text, result=result, command="rg token")
    if way == 3:
        result = {"bytes": len(text), "code": 200, "result": text, "url": "https://example.org"}
        arguments = {"url": "https://example.org", "prompt": "all of it"}
        return Use(
            name="WebFetch", input=arguments, text=text, result=result, command="curl example.org"
        )
    name = "mcp__tracker__list_issues"
    return Use(name=name, input={"state": "all"}, text=text, result=[], command="tracker list")


def _carried(world: World, number: int) -> None:
    rng, way = world.rng, number % 5
    tokens = (7_000, 9_000, 13_000, 18_000, 26_000)[number // 5 % 5]
    after = (10, 16, 24)[number % 3] + (22 if tokens < 10_000 else 0)
    codex = float(number % 6 == 5)
    s = scenes.open_session(world, codex=codex, models=("claude-fable-5",))
    if isinstance(s, Claude):
        s.ttl = "1h"
    file = files.path(rng)
    scenes.turn(s, file)
    s.prompt(scenes.task(rng, file))
    req = s.ask(_large(s, way, tokens))
    size = s.pending - req.usage.output
    for _ in range(after):
        scenes.insert(s, file, 4)
    s.done()
    s.end()
    paid = money.carry(size - ENOUGH, scenes.later(s, req)) // SHARE
    # The finding may name the request that made the call or those that carry its result.
    concerned = [req, *scenes.later(s, req)]
    world.hit(KIND, s.id, concerned, paid, f"way {way}, {size} tokens, {after} requests after")


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.open_session(world, models=("claude-opus-5",))
    file = files.path(rng)
    scenes.turn(s, file)
    s.prompt(scenes.task(rng, file))
    if way == 0:
        what = "below the limit"
        s.ask(_large(s, rng.randrange(5), rng.choice((3_000, 3_900, 4_300))))
        scenes.more(s, 12, file)
    elif way == 1:
        what = "the session ends soon"
        s.ask(_large(s, rng.randrange(5), 15_000))
    elif way == 2:
        what = "edits all over the file that was read"
        full = s.file(files.path(rng))
        lines = s.tree.has(full, 600)
        s.ask(tools.read(full, lines))
        for place in range(12):
            at = place * len(lines) // 12 + 5
            s.ask(tools.edit(s.tree, full, lines[at : at + 2], files.code(rng, 6)))
        s.done()
        scenes.more(s, 4, file)
    elif way == 3:
        what = "many small results"
        for _ in range(14):
            s.ask(tools.search(rng, rng.choice(files.NOUNS), 20))
    elif way == 4:
        what = "a part of a large file"
        lines = files.code(rng, 3_000)
        s.ask(tools.read(s.file(files.path(rng)), lines, start=900, limit=120))
        for _ in range(10):
            scenes.insert(s, file, 4)
    else:
        what = "a large paste by the user, no result"
        s.done()
        s.prompt("Here is the report: " + files.listing(rng, 9_000))
        for _ in range(12):
            scenes.insert(s, file, 4)
    s.done()
    s.end()
    world.quiet(KIND, s.id, what)
