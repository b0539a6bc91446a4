"""Wrong cache lifetime: a home for each group of sessions, as all of a home may be one policy."""

from __future__ import annotations

from tests.evaluation import money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.money import Req
from tests.evaluation.world import DAY_MS, NOW_MS, World

KIND = "wrong-cache-lifetime"
MODELS = ("claude-opus-5", "claude-opus-5-5", "claude-sonnet-5", "claude-fable-5-1")
HOUR_MS, FIVE_MS = 3_600_000, 300_000
POSITIVES, NEGATIVES = 40, 80


def positive(world: World, number: int) -> None:
    """Fill a home whose sessions would have been cheaper with an hour's lifetime."""
    breaks = (2, 3, 4, 6)[number % 4]
    _group(world, number, "5m", breaks, f"{breaks} breaks a session")


def negative(world: World, number: int) -> None:
    """Fill a home that has nothing to gain."""
    way = number % 6
    if way == 0:
        _group(world, number, "5m", 0, "5m, no breaks")
    elif way == 1:
        _group(world, number, "1h", 4, "1h already, and it pays")
    elif way == 2:
        _group(world, number, "5m", 2, "breaks of more than an hour", minutes=(70, 300))
    elif way == 3:
        _group(world, number, "5m", 3, "too few requests", sessions=2, requests=14)
    elif way == 4:
        _group(world, number, "5m", 3, "one day only", days=1)
    else:
        _group(world, number, "5m", 2, "breaks just short of 5 minutes", minutes=(3.5, 4.6))


def _group(
    world: World,
    number: int,
    ttl: str,
    breaks: int,
    what: str,
    *,
    minutes: tuple[float, float] = (7, 52),
    sessions: int = 5,
    requests: int = 28,
    days: int = 5,
) -> None:
    cwd, model = world.project(), MODELS[number % len(MODELS)]
    chains: list[Claude] = []
    for place in range(sessions):
        day = 1 + (place if days > 1 else 0)
        at_ms = NOW_MS - day * DAY_MS - 6 * HOUR_MS
        if days == 1:
            at_ms += place * 70 * 60_000 - HOUR_MS
        chains.append(_session(world, cwd, model, ttl, at_ms, breaks, requests, minutes))
    ids = tuple(chain.id for chain in chains)
    saving = sum(_saving(chain.requests) for chain in chains)
    spend = sum(money.total(chain.requests) for chain in chains)
    share = f"{what}; {saving / spend:.1%} of spend"
    if ttl == "5m" and saving * 100 >= spend * 3 and days > 1 and sessions * requests >= 100:
        world.hit(KIND, ids, (), saving, share)
    else:
        world.quiet(KIND, ids, share)


def _session(
    world: World,
    cwd: str,
    model: str,
    ttl: str,
    at_ms: int,
    breaks: int,
    requests: int,
    minutes: tuple[float, float],
) -> Claude:
    rng = world.rng
    s = Claude(
        world, model=model, ttl=ttl, cwd=cwd, at_ms=at_ms, context=rng.randrange(20_000, 30_000)
    )
    file = "src/regions/merge.py"
    stops = set(rng.sample(range(2, 8), min(breaks, 6)))
    each = requests // 8
    for place in range(8):
        thinks = 60 * rng.uniform(*minutes) if place in stops else rng.uniform(20, 100)
        s.prompt(scenes.task(rng, file), thinks=thinks, tokens=rng.randrange(200, 9_000))
        for _ in range(each - 1):
            s.ask(tools.search(rng, "region", 4))
        scenes.insert(s, file, 5)
        s.done()
    s.end()
    return s


def _saving(chain: list[Req]) -> int:
    """Return what an hour's lifetime would have saved, less what it would have cost."""
    saved = 0
    for before, req in zip([None, *chain], chain, strict=False):
        hour, five = req.rates.cache_write_1h, req.rates.cache_write_5m
        assert hour is not None and five is not None
        saved -= req.written * (hour - five)
        if before and FIVE_MS <= req.at_ms - before.end_ms < HOUR_MS:
            saved += money.lost(before, req) * (hour - money.read_rate(req))
    return saved
