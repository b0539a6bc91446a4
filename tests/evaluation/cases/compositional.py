"""Sessions with five to eight patterns at once, to see what overlaps do to money."""

from __future__ import annotations

from collections.abc import Callable

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.cases import repeated_attempts, stale_context
from tests.evaluation.logs_claude import Claude
from tests.evaluation.money import Req
from tests.evaluation.phrases import CODES, language
from tests.evaluation.world import World

SESSIONS = 60
MODEL = "claude-opus-5"


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(SESSIONS)):
        _session(world, number)


def _session(world: World, number: int) -> None:
    rng = world.rng
    s = Claude(world, model=MODEL, ttl="5m")
    scenes.turn(s, files.path(rng), test=False)
    scenes.lift(s, rng.randrange(60_000, 90_000))
    # What rebuilds the cache comes first: what is carried along later has one segment then.
    first: list[Callable[[World, Claude], None]] = [_expired, _broken]
    middle: list[Callable[[World, Claude], None]] = [
        *(_polling, _failure, _loop, _interrupted, _attempts, _misuse),
    ]
    wanted = 5 + number % 4
    chosen = rng.sample(first, 1 + number % 2)
    rest = rng.sample(middle, min(len(middle), wanted - len(chosen) - 1))
    carried: list[tuple[str, list[tuple[Req, int]], int]] = []
    for block in chosen:
        block(world, s)
    if number % 3 == 0:
        carried.append(_large(s))
    elif number % 3 == 1:
        carried.append(_read_again(s))
    for block in rest:
        block(world, s)
    if number % 3 == 2:
        _stale(world, s)
    else:
        scenes.turn(s, files.path(rng), reads=0)
    s.end()
    for kind, results, divided in carried:
        paid = sum(money.carry(size, scenes.later(s, req)) for req, size in results) // divided
        first_req = results[0][0]
        world.hit(kind, s.id, [first_req, *scenes.later(s, first_req)], paid, "compositional")


def _expired(world: World, s: Claude) -> None:
    before = s.requests[-1]
    s.prompt(scenes.task(s.rng, "src/main.py"), thinks=s.rng.uniform(400, 1_500))
    req = s.ask(tools.search(s.rng, "main"))
    scenes.insert(s, "src/main.py")
    s.done()
    world.hit("cache-expired", s.id, [req], money.premium(before, req), "compositional")


def _broken(world: World, s: Claude) -> None:
    before = s.requests[-1]
    s.prompt(scenes.task(s.rng, "src/main.py"))
    req = s.ask(tools.search(s.rng, "main"), keep=s.rng.randrange(10_000, 20_000))
    scenes.insert(s, "src/main.py")
    s.done()
    world.hit(
        "cache-broken", s.id, [req], money.premium(before, req), "compositional", cause="client"
    )


def _polling(world: World, s: Claude) -> None:
    rng, task = s.rng, f"b{s.rng.randrange(10**6)}"
    s.prompt("Start the full build and tell me how it went")
    started = tools.bash("make full", f"Command running in background with ID: {task}.")
    started.input["run_in_background"] = True
    s.ask(started)
    made = []
    for place in range(rng.randrange(7, 12)):
        text = f"<status>running</status> step {place} {rng.random()}"
        made.append(
            s.ask(tools.Use(name="BashOutput", input={"bash_id": task}, text=text, result={}))
        )
    s.done("It is through.")
    paid = sum(money.round_trip(req) for req in made[2:])
    world.hit("polling", s.id, made, paid, "compositional")


def _failure(world: World, s: Claude) -> None:
    s.prompt("Run the linter once and tell me where we stand")
    made = []
    for _ in range(3):
        use = tools.bash(
            "make lint", "make: *** No rule to make target 'lint'.  Stop.", exit_code=2
        )
        made.append(s.ask(use, output=s.rng.randrange(500, 900)))
    s.done("There is no such target.")
    paid = sum(money.round_trip(req) for req in made[1:])
    world.hit("repeated-failure", s.id, made, paid, "compositional")


def _loop(world: World, s: Claude) -> None:
    s.prompt("Find out why nothing comes out of the build")
    made = [s.ask(tools.bash("ls -la build/out", "total 0")) for _ in range(s.rng.randrange(6, 10))]
    s.done("It is empty.")
    paid = sum(money.round_trip(req) for req in made[1:])
    world.hit("loop", s.id, made, paid, "compositional")


def _interrupted(world: World, s: Claude) -> None:
    file = files.path(s.rng)
    words = scenes.task(s.rng, file)
    s.prompt(words)
    for _ in range(4):
        scenes.look(s, files.path(s.rng))
    s.interrupt(tools.bash("pytest -q", ""))
    stopped = list(s.turn)
    s.prompt(f"{words}. Only touch {file}", thinks=20)
    scenes.look(s, file)
    scenes.insert(s, file, 10)
    s.done()
    world.hit("interrupted-work", s.id, stopped, money.total(stopped), "compositional")


def _attempts(world: World, s: Claude) -> None:
    rng = s.rng
    words = language(rng.choice(CODES))
    topic = rng.choice(words.topics)
    written: list[tuple[list[Req], list[str]]] = []
    failed = rng.choice((2, 3))
    for attempt in range(failed + 1):
        text = topic.task
        if attempt:
            style = rng.choice(("symptom", "expected", "both"))
            text = repeated_attempts.following(rng, words, topic, style, attempt)
        before = written[-1][1] if written else []
        last = attempt == failed
        repeated_attempts.try_once(s, topic, text, before, "rewrite", written, last=last)
    s.prompt(rng.choice(words.thanks))
    s.done(output=40)
    paid, requests = 0, []
    for spent, lines in written[:-1]:
        paid += int(money.total(spent) * (1 - s.tree.kept(s.file(topic.file), lines)))
        requests += spent
    what = f"compositional, {words.code}"
    world.hit("repeated-attempts", s.id, requests, paid, what)
    # What the attempts threw away may be told apart from them, or with them.
    world.either("discarded-code", s.id, what)


def _misuse(world: World, s: Claude) -> None:
    rng, file = s.rng, files.path(s.rng)
    s.prompt(scenes.task(rng, file))
    bad: list[tuple[Req, int]] = []
    for _ in range(11):
        edit = {
            "file_path": s.file(file),
            "old_string": "x = 1",
            "new_string": "y",
            "replace_all": False,
        }
        message = "File has not been read yet. Read it first before writing to it."
        use = tools.failed("Edit", edit | {"old_string": f"x = {rng.random()}"}, message)
        bad.append((s.ask(use), use.size))
        scenes.insert(s, file, 4)
    s.done()
    paid = sum(money.round_trip(req) for req, _ in bad)
    world.hit("tool-misuse", s.id, [req for req, _ in bad], paid, "compositional", cause="not-read")


def _large(s: Claude) -> tuple[str, list[tuple[Req, int]], int]:
    s.prompt(scenes.task(s.rng, "src/main.py"))
    req = s.ask(tools.bash("pytest -vv", files.listing(s.rng, s.rng.randrange(16_000, 26_000))))
    size = s.pending - req.usage.output - 2_000
    for _ in range(3):
        scenes.insert(s, "src/main.py", 4)
    s.done()
    return "oversized-result", [(req, size)], 2


def _read_again(s: Claude) -> tuple[str, list[tuple[Req, int]], int]:
    full = s.file(files.path(s.rng))
    lines = s.tree.has(full, 230)
    s.prompt(scenes.task(s.rng, "src/main.py"))
    s.ask(tools.read(full, lines))
    again = []
    for _ in range(3):
        scenes.insert(s, "src/main.py", 5)
        use = tools.read(full, lines)
        again.append((s.ask(use), use.size))
    s.done()
    return "redundant-read", again, 1


def _stale(world: World, s: Claude) -> None:
    rng = s.rng
    s.prompt("commit this")
    boundary = s.ask(tools.commit(rng, "Extend the build"))
    s.done("Committed.")
    first = len(s.requests)
    file = files.path(rng, "ts")
    for _ in range(4):
        scenes.turn(s, file, reads=1, edits=2)
    made = s.requests[first:]
    paid = stale_context.stale(made, boundary, s.requests[0].context)
    world.hit("stale-context", s.id, made, paid, "compositional")
