"""Uses of tools with their outcomes, in words that both clients' writers understand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.evaluation.files import Tree, code, hunk

Json = dict[str, Any]
ANSWERS = (
    "Done. The change is in place and the module still imports cleanly.",
    "I updated the function and adjusted its caller.",
    "That is in. I kept the public names as they were.",
    "Finished: the new path is used everywhere in that file.",
)
"""How a turn ends."""


@dataclass(slots=True, kw_only=True)
class Use:
    """One call and how it went."""

    name: str
    input: Json
    text: str
    """What the model gets to see."""
    result: object = None
    """Claude Code's `toolUseResult`."""
    command: str = ""
    """The same as a shell command, for Codex."""
    changes: Json = field(default_factory=dict)
    """Codex's changes of files."""
    error: bool = False
    denied: bool = False
    tokens: int | None = None
    """By how much the context grows; None for what the text's length says."""
    seconds: float = 1.0
    wrote: tuple[str, tuple[str, ...]] | None = None
    """The file and the lines that it wrote."""
    poll: bool = False
    """Codex: asks a running command again, with empty input."""

    @property
    def size(self) -> int:
        return self.tokens if self.tokens is not None else 12 + int(len(self.text) / 3.6)


def size_of(text: str) -> int:
    """Return about how many tokens a text has."""
    return int(len(text) / (3.6 if text.isascii() else 1.8))


def bash(
    command: str,
    output: str = "",
    *,
    exit_code: int = 0,
    tokens: int | None = None,
    seconds: float = 1.5,
    about: str = "Run",
) -> Use:
    """Run a command."""
    text = output
    result: object = {
        "stdout": output,
        "stderr": "",
        "interrupted": False,
        "isImage": False,
        "noOutputExpected": False,
    }
    if exit_code:
        text = f"Exit code {exit_code}\n{output}"
        result = f"Error: {text}"
    return Use(
        name="Bash",
        input={"command": command, "description": about},
        text=text,
        result=result,
        command=command,
        error=exit_code != 0,
        tokens=tokens,
        seconds=seconds,
    )


def failed(name: str, arguments: Json, message: str) -> Use:
    """Use a tool in a way that it refuses."""
    text = f"<tool_use_error>{message}</tool_use_error>"
    return Use(name=name, input=arguments, text=text, result=f"Error: {message}", error=True)


def read(
    full: str,
    lines: list[str],
    *,
    start: int = 1,
    limit: int | None = None,
    tokens: int | None = None,
) -> Use:
    """Read a file, or a part of it."""
    part = lines[start - 1 :][:limit]
    arguments: Json = {"file_path": full}
    if limit is not None:
        arguments |= {"offset": start, "limit": limit}
    last = start + len(part) - 1
    return Use(
        name="Read",
        input=arguments,
        text="\n".join(f"{number}\t{line}" for number, line in enumerate(part, start)),
        result={
            "type": "text",
            "file": {
                "filePath": full,
                "content": "\n".join(part),
                "numLines": len(part),
                "startLine": start,
                "totalLines": len(lines),
            },
        },
        command=f"sed -n {start},{last}p {full}" if limit else f"cat {full}",
        tokens=tokens,
        seconds=0.2,
    )


def edit(tree: Tree, full: str, before: list[str], after: list[str], at: int | None = None) -> Use:
    """Replace lines of a file by others; without `before`, put them at a place."""
    lines = tree.has(full)
    whole = "\n".join(lines) + "\n"
    if before:
        at = next(
            (i for i in range(len(lines)) if lines[i : i + len(before)] == before),
            lines.index(before[0]),
        )
    elif at is None:
        at = tree.rng.randrange(len(lines))
    around = lines[max(0, at - 1) : at]
    old, new = [*around, *before], [*around, *after]
    lines[at : at + len(before)] = after
    patch = [hunk(max(1, at), before, after, around)]
    diff = "\n".join(
        [f"@@ -{max(1, at)},{len(old)} +{max(1, at)},{len(new)} @@"]
        + [f" {line}" for line in around]
        + [f"-{line}" for line in before]
        + [f"+{line}" for line in after]
    )
    return Use(
        name="Edit",
        input={
            "replace_all": False,
            "file_path": full,
            "old_string": "\n".join(old),
            "new_string": "\n".join(new),
        },
        text=f"The file {full} has been updated successfully.",
        result={
            "filePath": full,
            "oldString": "\n".join(old),
            "newString": "\n".join(new),
            "originalFile": whole if len(whole) < 6_000 else None,
            "structuredPatch": patch,
            "userModified": False,
            "replaceAll": False,
        },
        changes={full: {"type": "update", "unified_diff": diff + "\n", "move_path": None}},
        seconds=0.3,
        wrote=(full, tuple(after)),
    )


def write(tree: Tree, full: str, lines: list[str]) -> Use:
    """Write a whole file, new or not."""
    before = tree.lines.get(full)
    content = "\n".join(lines) + "\n"
    patch = []
    if before is not None:
        gone = [line for line in before if line not in set(lines)]
        new = [line for line in lines if line not in set(before)]
        patch = [hunk(1, gone, new, [])]
    tree.lines[full] = list(lines)
    original = None if before is None else "\n".join(before) + "\n"
    verb = "created" if before is None else "updated"
    change: Json = {"type": "add", "content": content}
    if before is not None:
        body = [f"-{line}" for line in before] + [f"+{line}" for line in lines]
        diff = "\n".join([f"@@ -1,{len(before)} +1,{len(lines)} @@", *body])
        change = {"type": "update", "unified_diff": diff + "\n", "move_path": None}
    return Use(
        name="Write",
        input={"file_path": full, "content": content},
        text=f"File {verb} successfully at: {full}",
        result={
            "type": "create" if before is None else "update",
            "filePath": full,
            "content": content,
            "structuredPatch": patch,
            "originalFile": original,
            "userModified": False,
        },
        changes={full: change},
        seconds=0.3,
        wrote=(full, tuple(lines)),
    )


def search(rng: Random, what: str, hits: int = 6) -> Use:
    """Search the repository."""
    text = "\n".join(code(rng, hits))
    return Use(
        name="Grep",
        input={"pattern": what, "output_mode": "content"},
        text=text,
        result={"mode": "content", "numFiles": hits, "filenames": [], "content": text},
        command=f"rg -n {json.dumps(what)}",
        seconds=0.3,
    )


def commit(rng: Random, message: str, files: list[str] | None = None) -> Use:
    """Commit what was done."""
    sha = f"{rng.getrandbits(28):07x}"
    named = " ".join(files) if files else "-A"
    command = f'git add {named} && git commit -m "{message}"'
    output = f"[main {sha}] {message}\n 2 files changed, 31 insertions(+), 4 deletions(-)"
    use = bash(command, output, about="Commit")
    assert isinstance(use.result, dict)
    use.result["gitOperation"] = {"commit": {"sha": sha, "kind": "committed", "branch": "main"}}
    return use
