"""Cache broken by an action: models, effort, versions, tools; and rebuilds that nobody caused."""

from __future__ import annotations

from tests.evaluation import money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.logs_codex import Codex
from tests.evaluation.money import Req
from tests.evaluation.world import World

KIND = "cache-broken"
MODELS = ("claude-opus-5", "claude-opus-5-5", "claude-opus-4-8", "claude-fable-5-1")
FILE = "src/parcels/split.py"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(14)):
        _switch(world, dearer=number % 2 == 0)
    for _ in range(world.count(4)):
        _codex_switch(world)
    for _ in range(world.count(8)):
        _setting(world, "effort")
        _setting(world, "cli-upgrade")
        _setting(world, "tools")
    for _ in range(world.count(10)):
        _setting(world, "client")
    for size in (4_000, 4_001, 5_200):
        _lost(world, size, hit=True)
    for size in (3_999, 3_000, 1_000):
        _lost(world, size, hit=False)
    for number in range(world.count(88)):
        _near(world, number % 7)


def _step(s: Claude | Codex, keep: int | None, thinks: float = 30) -> tuple[Req, Req]:
    before = s.requests[-1]
    s.prompt(scenes.task(s.rng, FILE), thinks=thinks)
    req = s.ask(tools.search(s.rng, "parcel"), keep=keep)
    scenes.insert(s, FILE)
    s.done()
    return before, req


def _switch(world: World, *, dearer: bool) -> None:
    """Change the model: to a dearer one, or to a cheaper one for too short a time to pay back."""
    rng = world.rng
    model, other = ("claude-sonnet-5", rng.choice(MODELS))
    if not dearer:
        model, other = other, model
    s = scenes.grown(
        world, rng.randrange(70_000, 170_000), models=(model,), ttl=rng.choice(("5m", "1h"))
    )
    s.model = other
    before, req = _step(s, 0)
    paid = money.premium(before, req)
    if not dearer:
        # Little was done on the cheaper model; what it saved is taken off.
        paid -= sum(_saved(s, r, model) for r in scenes.later(s, req))
    world.hit(KIND, s.id, [req], paid, f"{model} to {other}", cause="model-switch")
    s.end()


def _saved(s: Claude | Codex, req: Req, model: str) -> int:
    before = money.rates(s.source, model, req.at_ms, req.context).cost(req.usage)
    assert before is not None
    return before - req.cost


def _codex_switch(world: World) -> None:
    s = Codex(world, model="gpt-6-sol")
    scenes.turn(s, FILE)
    scenes.lift(s, world.rng.randrange(70_000, 150_000))
    s.model = "gpt-6-astra"
    before, req = _step(s, 0)
    world.hit(KIND, s.id, [req], money.premium(before, req), "codex", cause="model-switch")
    s.end()


def _setting(world: World, cause: str) -> None:
    rng = world.rng
    ttl = rng.choice(("5m", "1h"))
    s = scenes.grown(world, rng.randrange(60_000, 170_000), models=MODELS, ttl=ttl)
    assert isinstance(s, Claude)
    s.effort = "medium"
    scenes.more(s, 3)
    keep = 0
    if cause == "effort":
        s.effort = rng.choice(("high", "low"))
    elif cause == "cli-upgrade":
        s.version = f"2.1.{rng.randrange(331, 340)}"
    elif cause == "tools":
        name = rng.choice(("tracker", "browser", "database"))
        names = [f"mcp__{name}__{verb}" for verb in ("list", "get", "create")]
        s.attach("deferred_tools_delta", addedNames=names, addedLines=names, removedNames=[])
        s.attach("mcp_instructions_delta", 900, addedNames=[name], addedBlocks=[f"## {name}"])
    else:
        keep = rng.randrange(10_000, 24_000)
    before, req = _step(s, keep)
    world.hit(KIND, s.id, [req], money.premium(before, req), cause, cause=cause)
    scenes.more(s, 3)
    s.end()


def _lost(world: World, size: int, *, hit: bool) -> None:
    s = scenes.grown(world, 50_000, models=("claude-opus-4-1",), ttl="1h")
    before = s.requests[-1]
    before, req = _step(s, before.context - size)
    assert money.lost(before, req) == size
    if hit:
        world.hit(KIND, s.id, [req], money.premium(before, req), f"lost {size}")
    else:
        world.quiet(KIND, s.id, f"lost {size}", [req])
    s.end()


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, rng.randrange(60_000, 120_000), models=("claude-opus-5",), ttl="1h")
    assert isinstance(s, Claude)
    if way == 0:
        what = "compacted"
        s.compact()
        _step(s, s.sent)
    elif way == 1:
        what = "expired, not broken"
        _step(s, 0, 4_000)
    elif way == 2:
        what = "a switch to a far cheaper model that pays back"
        s.model = "claude-haiku-4-5"
        _step(s, 0)
        for _ in range(3):
            scenes.more(s, 8, FILE)
    elif way == 3:
        what = "a subagent on another model"
        s.prompt("Where is the parcel's weight computed? Let an agent look")
        (child,) = s.launch(
            [("Explore", "Find weight", "Find the weight")], model="claude-haiku-4-5"
        )
        for _ in range(3):
            child.ask(tools.search(child.rng, "weight"))
        child.done("In split.py.")
        s.collect(child, "In split.py.")
        s.done()
        scenes.more(s, 3)
    elif way == 4:
        what = "a new session after /clear"
        s.end()
        world.quiet(KIND, s.id, what)
        s = Claude(world, model="claude-sonnet-5", ttl="1h", cwd=s.cwd, at_ms=s.now + 60_000)
        scenes.turn(s, FILE)
        scenes.more(s, 3)
    elif way == 5:
        what = "a new version, cache kept"
        s.version = "2.1.331"
        _step(s, None)
    else:
        what = "a long paste is written for the first time"
        s.prompt("Here is the log of the night", tokens=40_000)
        s.ask(tools.search(s.rng, "parcel"))
        scenes.insert(s, FILE)
        s.done()
    s.end()
    world.quiet(KIND, s.id, what)
