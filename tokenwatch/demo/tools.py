"""Uses of tools with their outcome, invented for one project, in words both writers understand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tokenwatch.demo import ids
from tokenwatch.demo.disk import Json
from tokenwatch.demo.script import COMMITS, TRACKER, TRACKER_TOOLS, Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """One call and how it went."""

    name: str
    """Claude Code's name of the tool."""
    input: Json
    text: str
    """What the model gets to see."""
    result: Json | list[Json] | str
    """Claude Code's `toolUseResult`; a string for a failure, blocks for an MCP server's tool."""
    command: str
    """The same as a shell command, for Codex."""
    changes: Json = field(default_factory=dict)
    """Codex's changes of files: path → change."""
    exit_code: int = 0
    tokens: int = 600
    """By how much the context grows."""
    written: int = 0
    """Tokens that an answer with this call has at least."""
    takes_ms: int = 900
    lines_added: int = 0
    lines_removed: int = 0


NAMES = ("value", "items", "limit", "total", "result", "entry", "config", "row")


def read(rng: Random, project: Project, path: str, *, lines: int = 14, tokens: int = 0) -> ToolUse:
    """Look at a file. tokens: what it holds; 0 for some."""
    shown = code(rng, path, lines)
    text = "\n".join(shown)
    full = f"{project.cwd}/{path}"
    return ToolUse(
        name="Read",
        input={"file_path": full},
        text="\n".join(f"{number}\t{line}" for number, line in enumerate(shown, 1)),
        result={
            "type": "text",
            "file": {
                "filePath": full,
                "content": text,
                "numLines": lines,
                "startLine": 1,
                "totalLines": lines,
            },
        },
        command=f"sed -n 1,200p {path}",
        tokens=tokens or rng.randint(400, 2600),
        takes_ms=rng.randint(80, 400),
    )


def search(rng: Random, project: Project) -> ToolUse:
    """Look for a word."""
    word = rng.choice(("limit", "retry", "merge", "total", "load"))
    found = [f"{path}:{rng.randint(3, 240)}:{word}" for path in project.files[:3]]
    return ToolUse(
        name="Grep",
        input={"pattern": word, "output_mode": "content", "-n": True},
        text="\n".join(found),
        result={
            "mode": "content",
            "numFiles": 3,
            "filenames": [],
            "content": "\n".join(found),
            "numLines": 3,
        },
        command=f"rg -n {word}",
        tokens=rng.randint(200, 900),
        takes_ms=rng.randint(100, 700),
    )


def edit(rng: Random, project: Project, path: str) -> ToolUse:
    """Change a few lines of a file."""
    return rewrite(rng, project, path, code(rng, path, 2), code(rng, path, rng.randint(1, 7)))


def rewrite(
    rng: Random, project: Project, path: str, gone: Sequence[str], new: Sequence[str]
) -> ToolUse:
    """Put some lines of a file in place of others."""
    around = code(rng, path, 4)
    before = [*around[:2], *gone, *around[2:]]
    start = rng.randint(4, 180)
    lines = [f" {line}" for line in around[:2]]
    lines += [f"-{line}" for line in gone] + [f"+{line}" for line in new]
    lines += [f" {line}" for line in around[2:]]
    old_size, new_size = len(before), 4 + len(new)
    full = f"{project.cwd}/{path}"
    old_text, new_text = "\n".join(gone), "\n".join(new)
    hunk: Json = {
        "oldStart": start,
        "oldLines": old_size,
        "newStart": start,
        "newLines": new_size,
        "lines": lines,
    }
    header = f"@@ -{start},{old_size} +{start},{new_size} @@"
    patch = "\n".join([f"*** Update File: {path}", "@@", *lines])
    return ToolUse(
        name="Edit",
        input={
            "replace_all": False,
            "file_path": full,
            "old_string": old_text,
            "new_string": new_text,
        },
        text=f"The file {full} has been updated successfully.",
        result={
            "filePath": full,
            "oldString": old_text,
            "newString": new_text,
            "originalFile": "\n".join(before) + "\n",
            "structuredPatch": [hunk],
            "userModified": False,
            "replaceAll": False,
        },
        command=_patch_command(patch),
        changes={
            full: {
                "type": "update",
                "unified_diff": "\n".join([header, *lines]) + "\n",
                "move_path": None,
            }
        },
        tokens=rng.randint(150, 500),
        takes_ms=rng.randint(100, 350),
        lines_added=len(new),
        lines_removed=len(gone),
    )


def create(
    rng: Random, project: Project, path: str, content: Sequence[str] | None = None
) -> ToolUse:
    """Write a new file, of some code if no content is given."""
    lines = content or code(rng, path, rng.randint(8, 16))
    whole = "\n".join(lines) + "\n"
    full = f"{project.cwd}/{path}"
    patch = "\n".join([f"*** Add File: {path}", *(f"+{line}" for line in lines)])
    return ToolUse(
        name="Write",
        input={"file_path": full, "content": whole},
        text=f"File created successfully at: {full}",
        result={
            "type": "create",
            "filePath": full,
            "content": whole,
            "structuredPatch": [],
            "originalFile": None,
            "userModified": False,
        },
        command=_patch_command(patch),
        changes={full: {"type": "add", "content": whole}},
        written=len(whole) // 3,
        tokens=rng.randint(120, 300),
        takes_ms=rng.randint(100, 350),
        lines_added=len(lines),
    )


def test_run(rng: Random, project: Project, *, passes: bool = True) -> ToolUse:
    """Run the project's tests."""
    takes_ms = rng.randint(2500, 9000)
    if passes:
        return shell(project.test, "Run the tests", project.passed, rng, takes_ms=takes_ms)
    return failing(project.test, "Run the tests", project.failed, rng, takes_ms=takes_ms)


def slip(rng: Random, project: Project, path: str) -> ToolUse:
    """Run the project's tests, which find a slip in what was just written."""
    name, stem = rng.choice(NAMES), path.rpartition("/")[2].partition(".")[0]
    error = {
        "py": f"FAILED tests/test_{stem}.py - NameError: name '{name}' is not defined",
        "rs": f"error[E0425]: cannot find value `{name}` in this scope\n  --> {path}",
        "md": f"{path}: dead link #{name}",
    }.get(path[-2:], f"{path}: error TS2304: Cannot find name '{name}'.")
    takes_ms = rng.randint(2500, 9000)
    return failing(project.test, "Run the tests", error, rng, takes_ms=takes_ms)


def commit(rng: Random, project: Project, topic: str) -> ToolUse:
    """Commit what was done."""
    message = rng.choice(COMMITS).format(topic=topic)
    sha = ids.hexadecimal(rng, 7)
    output = f"[{project.branch} {sha}] {message}\n 2 files changed, 14 insertions(+)"
    done: Json = {"commit": {"sha": sha, "kind": "committed", "branch": project.branch}}
    command = f"git add -A && git commit -m '{message}'"
    return shell(command, "Commit the change", output, rng, git=done, takes_ms=700)


def ticket(rng: Random, project: Project, topic: str) -> ToolUse:
    """Look up a ticket at an MCP server; Claude Code only."""
    number = rng.randint(100, 900)
    text = f"#{number} {topic}: reported twice this week, see {rng.choice(project.files)}"
    return ToolUse(
        name=f"mcp__{TRACKER.name}__{rng.choice(TRACKER_TOOLS)}",
        input={"project": project.name, "number": number},
        text=text,
        result=[{"type": "text", "text": text}],
        command="",
        tokens=rng.randint(500, 2_200),
        takes_ms=rng.randint(300, 1_500),
    )


def skill(rng: Random, name: str) -> ToolUse:
    """Begin a skill, which lasts until the turn's end; Claude Code only."""
    return ToolUse(
        name="Skill",
        input={"skill": name},
        text=f"Launching skill: {name}",
        result={"success": True, "commandName": name},
        command="",
        tokens=rng.randint(900, 2_400),
        takes_ms=rng.randint(20, 90),
    )


def clean_up(rng: Random) -> ToolUse:
    """Remove build output: the kind of command that asks for permission."""
    return shell("rm -rf build dist", "Remove build output", "", rng, takes_ms=400)


def shell(
    command: str,
    about: str,
    output: str,
    rng: Random,
    *,
    takes_ms: int,
    tokens: int = 0,
    git: Json | None = None,
) -> ToolUse:
    """Run a command that succeeds. tokens: what its output holds; 0 for a little."""
    result: Json = {
        "stdout": output,
        "stderr": "",
        "interrupted": False,
        "isImage": False,
        "noOutputExpected": False,
    }
    if git:
        result["gitOperation"] = git
    return ToolUse(
        name="Bash",
        input={"command": command, "description": about},
        text=output,
        result=result,
        command=command,
        tokens=tokens or rng.randint(120, 900),
        takes_ms=takes_ms,
    )


def failing(command: str, about: str, error: str, rng: Random, *, takes_ms: int) -> ToolUse:
    """Run a command that fails."""
    message = f"Exit code 1\n{error}"
    return ToolUse(
        name="Bash",
        input={"command": command, "description": about},
        text=message,
        result=f"Error: {message}",
        command=command,
        exit_code=1,
        tokens=rng.randint(700, 1400),
        takes_ms=takes_ms,
    )


def _patch_command(patch: str) -> str:
    return f"apply_patch <<'EOF'\n*** Begin Patch\n{patch}\n*** End Patch\nEOF"


def code(rng: Random, path: str, count: int) -> list[str]:
    """Return lines as the file has them."""
    verbs = ("load", "merge", "check", "build", "update", "collect")
    if path.endswith(".md"):
        return [f"- {rng.choice(verbs)} the {rng.choice(NAMES)} first" for _ in range(count)]
    end = "" if path.endswith(".py") else ";"
    word = {"py": "", "rs": "let ", "ts": "const ", "sx": "const "}[path[-2:]]
    return [
        f"    {word}{rng.choice(NAMES)} = {rng.choice(verbs)}({rng.choice(NAMES)}){end}"
        for _ in range(count)
    ]
