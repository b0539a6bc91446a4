"""Repeated boilerplate: the same long text opens session after session."""

from __future__ import annotations

from tests.evaluation import files, money, scenes
from tests.evaluation.logs_claude import Claude
from tests.evaluation.money import Req
from tests.evaluation.world import DAY_MS, NOW_MS, World

KIND = "repeated-boilerplate"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(42)):
        _group(world, 6 + number % 4, (9_000, 14_000, 24_000)[number % 3])
    for number in range(world.count(84)):
        way = number % 4
        if way == 0:
            _group(world, 3, 14_000, what="in too few sessions")
        elif way == 1:
            _group(world, 6, 1_000, what="too short")
        elif way == 2:
            _group(world, 6, 14_000, same=False, what="another text each time")
        else:
            _group(world, 6, 0, what="a file is named, not pasted")


def _text(world: World, chars: int) -> str:
    rng = world.rng
    rules: list[str] = []
    while sum(map(len, rules)) < chars:
        a, b, c = rng.sample(files.NOUNS, 3)
        verb = rng.choice(files.VERBS)
        rules.append(f"- Every {a} that touches a {b} has to {verb} its {c} before it is stored.\n")
    return "".join(rules)


def _group(world: World, sessions: int, chars: int, *, same: bool = True, what: str = "") -> None:
    rng = world.rng
    cwd, text = world.project(), _text(world, chars)
    ids: list[str] = []
    made: list[Req] = []
    for place in range(sessions):
        at_ms = NOW_MS - (1 + place) * DAY_MS - rng.randrange(3, 8) * 3_600_000
        s = Claude(world, model="claude-fable-5", ttl="1h", cwd=cwd, at_ms=at_ms)
        block = text if same else _text(world, chars)
        file = files.path(rng)
        lead = block or "Keep to @docs/rules.md.\n"
        scenes.turn(s, file, words=f"{lead}\n{scenes.task(rng, file)}")
        scenes.turn(s, file, reads=0)
        s.end()
        ids.append(s.id)
        made.append(s.requests[0])
    repeats = sorted(made, key=lambda req: req.at_ms)[1:]
    paid = sum(int(len(text) / 3.6) * money.write_rate(req) for req in repeats)
    if what:
        world.quiet(KIND, tuple(ids), what)
    else:
        world.hit(KIND, tuple(ids), made, paid, f"{len(text)} characters in {sessions} sessions")
