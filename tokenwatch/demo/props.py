"""Uses of tools that go wrong, come to nothing or bring too much. No real output."""

from __future__ import annotations

from random import Random

from tokenwatch.demo import tools
from tokenwatch.demo.script import Project
from tokenwatch.demo.tools import ToolUse

_LINE_TOKENS = 24
"""Of a line of a job's log, about."""
_CODE_TOKENS = 14
"""Of a line of code, about."""


def whole_file(rng: Random, project: Project, path: str, lines: int) -> ToolUse:
    """Read all of a long file."""
    return tools.read(rng, project, path, lines=lines, tokens=lines * _CODE_TOKENS)


def job_log(rng: Random, lines: int) -> ToolUse:
    """Print all of a job's log."""
    steps = ("read partition", "merge keys", "write partition", "check totals", "skip empty file")
    text = "\n".join(
        f"04:{number // 60 % 60:02}:{number % 60:02}.{rng.randrange(1000):03} INFO worker-"
        f"{rng.randrange(8)} {rng.choice(steps)} p{rng.randrange(900):03} rows="
        f"{rng.randrange(90_000)}"
        for number in range(lines)
    )
    command = "cat logs/nightly.log"
    tokens = lines * _LINE_TOKENS
    return tools.shell(command, "Show the log", text, rng, takes_ms=300, tokens=tokens)


def services(rng: Random) -> ToolUse:
    """Start the services where nothing can start them: the same error each time."""
    error = (
        "unable to get image 'postgres:17': Cannot connect to the Docker daemon at"
        " unix:///var/run/docker.sock. Is the docker daemon running?"
    )
    command = "docker compose up -d --wait"
    return tools.failing(
        command, "Start the services", error, rng, takes_ms=rng.randint(900, 2_500)
    )


def push(rng: Random, project: Project) -> ToolUse:
    """Push the branch."""
    text = f"To origin\n   {rng.getrandbits(28):07x}..{rng.getrandbits(28):07x}  {project.branch}"
    return tools.shell("git push", "Push the branch", text, rng, takes_ms=2_600)


def build_state(rng: Random, run: int, *, done: bool) -> ToolUse:
    """Sleep, and look how a build is getting on."""
    seconds = rng.choice((30, 45, 45, 60))
    state = '{"conclusion":"success","status":"completed"}' if done else '{"status":"in_progress"}'
    command = f"sleep {seconds} && gh run view {run} --json status,conclusion"
    return tools.shell(
        command, "Look at the build", state, rng, takes_ms=seconds * 1_000 + 800, tokens=130
    )


def report(rng: Random, project: Project, path: str, topic: str, lines: int) -> ToolUse:
    """Write a document that sums up what was done."""
    names = (*project.files, *project.new_files)
    points = [
        f"- {rng.choice(names)}: {topic} no longer depends on the {rng.choice(tools.NAMES)} that"
        f" was given, since the {rng.choice(tools.NAMES)} is known by then"
        for _ in range(lines)
    ]
    return tools.create(rng, project, path, [f"# What was done for {topic}", "", *points])


def taken_back(rng: Random, path: str) -> ToolUse:
    """Put a file back to what was committed."""
    return tools.shell(f"git checkout -- {path}", "Put it back", "", rng, takes_ms=90, tokens=40)


def removal(rng: Random, path: str) -> ToolUse:
    """Remove a file."""
    return tools.shell(f"rm {path}", "Remove the file", "", rng, takes_ms=60, tokens=40)
