"""Cache expired while idle: gaps around both lifetimes, little and much lost, subagents' chains."""

from __future__ import annotations

from tests.evaluation import money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.logs_codex import Codex
from tests.evaluation.money import Req
from tests.evaluation.world import World

KIND = "cache-expired"
MODELS = (
    "claude-opus-5",
    "claude-opus-5-5",
    "claude-fable-5-1",
    "claude-sonnet-5",
    "claude-opus-4-8",
)
HOUR = 3_600


def build(world: World) -> None:
    """Fill the home."""
    rng = world.rng
    for number in range(world.count(34)):
        gap = (305, 330, 420, 900, 1_800, 3_000, 3_400)[number % 7]
        _idle(world, "5m", gap, rng.randrange(45_000, 180_000))
    for number in range(world.count(14)):
        away = HOUR * rng.uniform(1.05, 6) if number % 3 else HOUR + 20
        _idle(world, ("1h", "5m")[number % 2], away, rng.randrange(60_000, 180_000))
    for _ in range(world.count(8)):
        _codex(world, rng.uniform(900, 3_400), writes=True)
        _codex(world, rng.uniform(900, 3_400), writes=False)
    for _ in range(world.count(6)):
        _subagent(world)
    for size in (4_000, 4_001, 4_600):
        _lost(world, size)
    for size in (3_999, 3_500, 2_000):
        _lost(world, size, hit=False)
    for number in range(world.count(90)):
        _near(world, number % 6)


def _again(s: Claude | Codex, gap: float, *, keep: int | None = None) -> tuple[Req, Req]:
    """Leave the agent alone for so long, then ask for more; return the requests around the gap."""
    before = s.requests[-1]
    s.prompt(scenes.task(s.rng, "src/orders/load.py"), thinks=gap)
    first = _first(s, keep)
    scenes.insert(s, "src/orders/load.py")
    s.done()
    return before, first


def _first(s: Claude | Codex, keep: int | None) -> Req:
    """Answer first with a search, so that nothing else is odd about the request."""
    return s.ask(tools.search(s.rng, "load_order"), keep=keep, seconds=2.5)


def _label(
    world: World, s: Claude | Codex, before: Req, req: Req, what: str, less: int = 0
) -> None:
    uncached = isinstance(s, Codex) and not req.written
    paid = money.premium(before, req, uncached=uncached, less=less)
    world.hit(KIND, s.id, [req], paid, what, lost=money.lost(before, req, uncached=uncached))


def _idle(world: World, ttl: str, gap: float, size: int) -> None:
    rng = world.rng
    floor = rng.choice((0, 0, 11_000, 16_000))
    s = scenes.grown(world, size, models=MODELS, ttl=ttl, floor=floor)
    scenes.more(s, 4)
    before, req = _again(s, gap)
    # After more than an hour no lifetime helps: a fresh session would have sent the first context.
    base = s.requests[0].context if gap > HOUR else 0
    _label(world, s, before, req, f"ttl {ttl} gap {gap:.0f} s context {before.context}", base)
    scenes.more(s, 3)
    s.end()


def _codex(world: World, gap: float, *, writes: bool) -> None:
    model = world.rng.choice(
        ("gpt-6-sol", "gpt-6-astra", "gpt-5.6-sol") if writes else ("gpt-5.5", "gpt-5.4")
    )
    s = Codex(world, model=model)
    scenes.turn(s, "src/orders/load.py")
    scenes.lift(s, world.rng.randrange(70_000, 160_000))
    before, req = _again(s, gap)
    _label(world, s, before, req, f"codex {model} gap {gap:.0f} s context {before.context}")
    s.end()


def _subagent(world: World) -> None:
    """Write an agent that waits for a long command in a chain of its own, always of 5 minutes."""
    s = scenes.grown(world, 60_000, models=MODELS, ttl="1h")
    assert isinstance(s, Claude)
    s.prompt("Let an agent go through the whole build and find what is slow in it")
    (child,) = s.launch([("general-purpose", "Time the build", "Time each step of the build")])
    child.pending += world.rng.randrange(50_000, 90_000)
    child.ask(tools.search(child.rng, "build"))
    long = tools.bash("make all", "built", seconds=world.rng.uniform(330, 1_500))
    before = child.ask(long)
    req = child.ask(tools.search(child.rng, "cache"))
    child.done("The linking step takes most of the time.")
    s.collect(child, "The linking step takes most of the time.")
    s.done(keep=s.sent)
    _label(world, s, before, req, "subagent")
    s.end()


def _lost(world: World, size: int, hit: bool = True) -> None:
    """Lose an exact number of tokens."""
    s = scenes.grown(world, 60_000, models=("claude-opus-4-1",), ttl="1h")
    before = s.requests[-1]
    s.prompt("and the same for the batch import please, in src/batch/load.py", thinks=HOUR * 1.5)
    # What the request reads leaves just so many tokens of the last context to be written again.
    req = _first(s, before.context - size)
    s.done()
    assert money.lost(before, req) == size
    if hit:
        world.hit(KIND, s.id, [req], money.premium(before, req), f"lost {size}")
    else:
        world.quiet(KIND, s.id, f"lost {size}", [req])
    s.end()


def _near(world: World, way: int) -> None:
    """Write what only looks like it."""
    rng = world.rng
    ttl = "1h" if way in (1, 4) else "5m"
    s = scenes.grown(world, rng.randrange(60_000, 160_000), models=MODELS, ttl=ttl, floor=12_000)
    if way == 0:
        what = "just under 5 minutes"
        _again(s, rng.choice((200, 270, 288)))
    elif way == 1:
        what = "well under an hour"
        _again(s, rng.choice((400, 1_500, 3_300, 3_560)))
    elif way == 2:
        what = "compacted before the break"
        assert isinstance(s, Claude)
        s.compact()
        _again(s, rng.choice((600, 2_000)), keep=s.sent)
    elif way == 3:
        what = "long gap, cache kept warm by another session"
        _again(s, rng.choice((400, 1_500)), keep=s.sent)
    elif way == 4:
        what = "cleared: a new session"
        s.end()
        world.quiet(KIND, s.id, what)
        s = Claude(world, model=s.model, ttl=ttl, cwd=s.cwd, at_ms=s.now + 2 * HOUR * 1000)
        scenes.turn(s, "src/orders/load.py")
        scenes.more(s, 3)
    else:
        what = "rebuilt without a gap"
        _again(s, 40, keep=15_000)
    s.end()
    world.quiet(KIND, s.id, what)
