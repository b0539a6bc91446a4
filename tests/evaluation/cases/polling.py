"""Polling: the same task asked for again and again, each time with the whole context."""

from __future__ import annotations

from tests.evaluation import money, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.logs_codex import Codex
from tests.evaluation.money import Req
from tests.evaluation.tools import Use
from tests.evaluation.world import World

KIND = "polling"
WAYS = ("bash-output", "task-output", "sleep-check", "gh-run", "sleep-only", "codex")


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(60)):
        _polls(world, WAYS[number % len(WAYS)], (5, 6, 8, 10, 14)[number % 5])
    for number in range(world.count(90)):
        _near(world, number % 6)


def _poll(s: Claude | Codex, way: str, task: str, *, over: bool) -> Use:
    rng = s.rng
    state = "completed" if over else "running"
    progress = f"step {rng.randrange(1_000, 9_999)} of 9999"
    if way == "bash-output":
        text = f"<status>{state}</status>\n<stdout>{progress}</stdout>"
        return Use(name="BashOutput", input={"bash_id": task}, text=text, result={"status": state})
    if way == "task-output":
        text = f"<task_id>{task}</task_id><status>{state}</status>{progress}"
        arguments = {"task_id": task, "block": True, "timeout": 30_000}
        return Use(
            name="TaskOutput", input=arguments, text=text, result={"task": {"status": state}}
        )
    seconds = rng.choice((20, 30, 45, 60))
    if way == "sleep-check":
        command = f"sleep {seconds} && tail -n 3 /tmp/build-{task}.log"
        return tools.bash(command, progress if not over else "BUILD DONE", seconds=seconds)
    if way == "gh-run":
        command = f"gh run view {task}" if int(task) % 3 else f"gh run view {task} --log | tail"
        return tools.bash(f"sleep {seconds}; {command}", f"{state} {progress}", seconds=seconds + 1)
    if way == "sleep-only":
        return tools.bash(f"sleep {seconds}", "", seconds=seconds)
    session = int(task)
    return Use(
        name="write_stdin",
        input={"session": session, "running": not over},
        text=progress,
        poll=True,
        seconds=30,
    )


def _polls(world: World, way: str, count: int) -> None:
    rng = world.rng
    codex = way == "codex"
    size = rng.randrange(90_000, 170_000)
    s = scenes.grown(world, size, codex=float(codex), models=scenes.DEAR, ttl="1h")
    if isinstance(s, Codex):
        scenes.more(s, 2)
    scenes.turn(s, "src/leases/fetch.py", test=False)
    s.prompt("Start the long integration run and tell me how it went")
    task = str(rng.randrange(10_000, 99_999))
    s.ask(_started(way, task), say="Starting it in the background.")
    made = [s.ask(_poll(s, way, task, over=n == count - 1)) for n in range(count)]
    s.done("The run is through, everything passed.")
    scenes.turn(s, "src/leases/fetch.py", test=False)
    s.end()
    paid = sum(money.round_trip(req) for req in made[2:])
    world.hit(KIND, s.id, made, paid, f"{way} {count} polls of {made[0].context} tokens")


def _started(way: str, task: str) -> Use:
    if way == "codex":
        use = tools.bash("make integration", "")
        use.text = f"Process running with session ID {task}"
        return use
    use = tools.bash("make integration", f"Command running in background with ID: {task}.")
    use.input["run_in_background"] = True
    assert isinstance(use.result, dict)
    use.result["backgroundTaskId"] = task
    return use


def _near(world: World, way: int) -> None:
    rng = world.rng
    s = scenes.grown(world, rng.randrange(80_000, 150_000), models=scenes.DEAR, ttl="1h")
    made: list[Req] = []
    s.prompt("Start the integration run, and go on with the lease parser meanwhile")
    task = str(rng.randrange(10_000, 99_999))
    s.ask(_started("bash-output", task))
    if way == 0:
        what = "two polls of one task"
        made += [s.ask(_poll(s, "bash-output", task, over=n == 1)) for n in range(2)]
    elif way == 1:
        what = "one poll each of several tasks"
        for _ in range(5):
            other = str(rng.randrange(10_000, 99_999))
            s.ask(_started("bash-output", other))
            made.append(s.ask(_poll(s, "bash-output", other, over=True)))
            scenes.insert(s, "src/leases/parse.py")
    elif way == 2:
        what = "tests run again between edits"
        for _ in range(6):
            scenes.insert(s, "src/leases/parse.py")
            made.append(s.ask(scenes.passing(s)))
    elif way == 3:
        what = "a command that waits by itself, once"
        made.append(s.ask(tools.bash("gh run watch 4711 --exit-status", "passed", seconds=200)))
    elif way == 4:
        what = "different logs are looked at, one after the other"
        for place in range(6):
            command = f"tail -n 40 /var/log/service-{place}.log"
            made.append(s.ask(tools.bash(command, "\n".join(str(rng.random()) for _ in range(9)))))
    else:
        what = "one sleep in a command that does something"
        command = "docker compose up -d && sleep 5 && curl -s localhost:8080/health"
        made.append(s.ask(tools.bash(command, "ok", seconds=8)))
    s.done()
    s.end()
    world.quiet(KIND, s.id, what)
