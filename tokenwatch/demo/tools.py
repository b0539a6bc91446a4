"""Uses of tools with their outcome, invented for one project, in words both writers understand."""

from __future__ import annotations

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
    takes_ms: int = 900
    lines_added: int = 0
    lines_removed: int = 0


def read(rng: Random, project: Project, path: str) -> ToolUse:
    """Look at a file."""
    lines = _code(rng, path, 14)
    text = "\n".join(lines)
    full = f"{project.cwd}/{path}"
    return ToolUse(
        name="Read",
        input={"file_path": full},
        text="\n".join(f"{number}\t{line}" for number, line in enumerate(lines, 1)),
        result={
            "type": "text",
            "file": {
                "filePath": full,
                "content": text,
                "numLines": len(lines),
                "startLine": 1,
                "totalLines": len(lines),
            },
        },
        command=f"sed -n 1,200p {path}",
        tokens=rng.randint(400, 2600),
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
    before = _code(rng, path, 6)
    new = _code(rng, path, rng.randint(1, 7))
    start = rng.randint(4, 180)
    gone = before[2:4]
    lines = [f" {line}" for line in before[:2]]
    lines += [f"-{line}" for line in gone] + [f"+{line}" for line in new]
    lines += [f" {line}" for line in before[4:]]
    old_size, new_size = 6, 4 + len(new)
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


def create(rng: Random, project: Project, path: str) -> ToolUse:
    """Write a new file."""
    lines = _code(rng, path, rng.randint(8, 16))
    content = "\n".join(lines) + "\n"
    full = f"{project.cwd}/{path}"
    patch = "\n".join([f"*** Add File: {path}", *(f"+{line}" for line in lines)])
    return ToolUse(
        name="Write",
        input={"file_path": full, "content": content},
        text=f"File created successfully at: {full}",
        result={
            "type": "create",
            "filePath": full,
            "content": content,
            "structuredPatch": [],
            "originalFile": None,
            "userModified": False,
        },
        command=_patch_command(patch),
        changes={full: {"type": "add", "content": content}},
        tokens=rng.randint(120, 300),
        takes_ms=rng.randint(100, 350),
        lines_added=len(lines),
    )


def test_run(rng: Random, project: Project, *, passes: bool = True) -> ToolUse:
    """Run the project's tests."""
    takes_ms = rng.randint(2500, 9000)
    if passes:
        return _shell(project.test, "Run the tests", project.passed, rng, takes_ms=takes_ms)
    message = f"Exit code 1\n{project.failed}"
    return ToolUse(
        name="Bash",
        input={"command": project.test, "description": "Run the tests"},
        text=message,
        result=f"Error: {message}",
        command=project.test,
        exit_code=1,
        tokens=rng.randint(700, 1400),
        takes_ms=takes_ms,
    )


def commit(rng: Random, project: Project, topic: str) -> ToolUse:
    """Commit what was done."""
    message = rng.choice(COMMITS).format(topic=topic)
    sha = ids.hexadecimal(rng, 7)
    output = f"[{project.branch} {sha}] {message}\n 2 files changed, 14 insertions(+)"
    done: Json = {"commit": {"sha": sha, "kind": "committed", "branch": project.branch}}
    command = f"git add -A && git commit -m '{message}'"
    return _shell(command, "Commit the change", output, rng, git=done, takes_ms=700)


def ticket(rng: Random, project: Project, topic: str) -> ToolUse:
    """Look up a ticket at an MCP server; Claude Code only."""
    number = rng.randint(100, 900)
    text = f"#{number} {topic}: reported twice this week, see {rng.choice(project.files)}"
    return ToolUse(
        name=f"mcp__{TRACKER}__{rng.choice(TRACKER_TOOLS)}",
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
    return _shell("rm -rf build dist", "Remove build output", "", rng, takes_ms=400)


def _shell(
    command: str, about: str, output: str, rng: Random, *, takes_ms: int, git: Json | None = None
) -> ToolUse:
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
        tokens=rng.randint(120, 900),
        takes_ms=takes_ms,
    )


def _patch_command(patch: str) -> str:
    return f"apply_patch <<'EOF'\n*** Begin Patch\n{patch}\n*** End Patch\nEOF"


def _code(rng: Random, path: str, count: int) -> list[str]:
    names = ("value", "items", "limit", "total", "result", "entry", "config", "row")
    verbs = ("load", "merge", "check", "build", "update", "collect")
    if path.endswith(".md"):
        return [f"- {rng.choice(verbs)} the {rng.choice(names)} first" for _ in range(count)]
    end = "" if path.endswith(".py") else ";"
    word = {"py": "", "rs": "let ", "ts": "const ", "sx": "const "}[path[-2:]]
    return [
        f"    {word}{rng.choice(names)} = {rng.choice(verbs)}({rng.choice(names)}){end}"
        for _ in range(count)
    ]
