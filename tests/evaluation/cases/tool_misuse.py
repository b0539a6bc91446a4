"""Tool misuse: tools used in a way they refuse, often enough to be worth a habit."""

from __future__ import annotations

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.money import Req
from tests.evaluation.tools import Use
from tests.evaluation.world import DAY_MS, NOW_MS, World

KIND = "tool-misuse"
WAYS = ("not-found", "not-read", "changed", "ambiguous", "too-large", "no-file", "cancelled")


def build(world: World) -> None:
    """Fill the home: each session with it on a day of its own, as far as days reach."""
    for number in range(world.count(44)):
        _misuses(world, number)
    for number in range(world.count(90)):
        _near(world, number % 6)


def _misuse(world: World, s: scenes.Agent, way: str) -> Use:
    rng = world.rng
    full = s.file(files.path(rng))
    old = "\n".join(files.code(rng, 2))
    edit = {"file_path": full, "old_string": old, "new_string": "pass", "replace_all": False}
    if way == "not-found":
        return tools.failed("Edit", edit, f"String to replace not found in file.\nString: {old}")
    if way == "not-read":
        message = "File has not been read yet. Read it first before writing to it."
        return tools.failed("Edit", edit, message)
    if way == "changed":
        message = (
            "File has been modified since read, either by the user or by a linter. Read it again"
        )
        return tools.failed("Edit", edit, f"{message} before attempting to write it.")
    if way == "ambiguous":
        message = "Found 3 matches of the string to replace, but replace_all is false."
        return tools.failed("Edit", edit, f"{message} To replace all, set replace_all to true.")
    if way == "too-large":
        size = rng.randrange(26_000, 90_000)
        message = f"File content ({size} tokens) exceeds maximum allowed tokens (25000)."
        return tools.failed(
            "Read", {"file_path": full}, f"{message} Use offset and limit parameters."
        )
    if way == "no-file":
        return tools.failed("Read", {"file_path": full}, f"File does not exist: {full}")
    use = tools.failed(
        "Bash", {"command": "ls"}, "Cancelled: parallel tool call Bash(cat x) errored"
    )
    use.command = "ls"
    return use


def _misuses(world: World, number: int) -> None:
    rng, way = world.rng, WAYS[number % len(WAYS)]
    count = (10, 11, 13, 16)[number % 4]
    at_ms = NOW_MS - (1 + number % 11) * DAY_MS - rng.randrange(3, 7) * 3_600_000
    models = ("claude-opus-5", "claude-opus-4-8")
    s = scenes.grown(world, rng.randrange(70_000, 140_000), models=models, at_ms=at_ms, ttl="1h")
    file = files.path(rng)
    s.prompt(scenes.task(rng, file))
    bad: list[Req] = []
    errors: list[tuple[Req, int]] = []
    for place in range(count):
        uses = [_misuse(world, s, way)]
        if way == "cancelled":
            broken = tools.bash(
                "cat nothing", "cat: nothing: No such file or directory", exit_code=1
            )
            uses = [broken, *uses]
        req = s.ask(*uses)
        bad.append(req)
        errors.append((req, uses[-1].size))
        if place % 2:
            scenes.insert(s, file, 5)
        else:
            scenes.look(s, files.path(rng), tokens=700)
    s.done()
    s.end()
    paid = sum(money.round_trip(req) for req in bad)
    paid += sum(money.carry(size, scenes.later(s, req)) for req, size in errors)
    world.hit(KIND, s.id, bad, paid, f"{way} {count} times", cause=way)


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, rng.randrange(60_000, 120_000), models=("claude-opus-5",), ttl="1h")
    file = files.path(rng)
    s.prompt(scenes.task(rng, file))
    count = 11
    if way == 0:
        what = "failing tests"
        for place in range(count):
            text = f"FAILED tests/test_{rng.choice(files.NOUNS)}.py - assert {place} == 2"
            s.ask(tools.bash(f"pytest -q tests/{place}", text, exit_code=1))
            scenes.insert(s, file, 4)
    elif way == 1:
        what = "the words of such errors in a log that was looked for"
        for place in range(count):
            text = f"{place}: String to replace not found in file. has not been read yet"
            s.ask(tools.bash(f"grep -n replace log-{place}.txt", text))
    elif way == 2:
        what = "refused by the user"
        for _ in range(count):
            use = tools.edit(s.tree, s.file(file), [], files.code(rng, 3))
            use.error, use.denied, use.changes = True, True, {}
            use.text, use.result = (
                "The user doesn't want to proceed with this tool use.",
                "User rejected tool use",
            )
            s.ask(use)
    elif way == 3:
        what = "all edits succeed"
        for _ in range(count):
            scenes.insert(s, file, 4)
    elif way == 4:
        what = "a network that is down"
        for place in range(count):
            arguments = {"url": f"https://example.org/{place}", "prompt": "what is new"}
            s.ask(tools.failed("WebFetch", arguments, "getaddrinfo ENOTFOUND example.org"))
    else:
        what = "programs that exit with an error"
        for place in range(count):
            s.ask(
                tools.bash(f"diff a/{place} b/{place}", f"{place}c{place}\n< a\n> b", exit_code=1)
            )
            scenes.insert(s, file, 4)
    s.done()
    s.end()
    world.quiet(KIND, s.id, what)
