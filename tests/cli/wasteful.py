"""Sessions in which something could have been avoided, as Claude Code writes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.cli.logs import SESSION, Record, assistant, claude_log, user
from tokenwatch.format import rfc3339

BEGIN_MS = 1_795_255_200_000
"""2026-11-21 10:00 UTC."""
MINUTE = 60_000
PROMPTS = (
    "fix the balance column in balance_views.xml",
    "no, that is wrong, the balance column in balance_views.xml is still empty",
    "it still doesn't work, the balance column in balance_views.xml is as before",
    "still wrong! fix the balance column in balance_views.xml",
)


def another(number: int) -> str:
    """Return a session's id; the ids of what is in it begin with its first four letters."""
    return f"{number:04x}{SESSION[4:]}"


class Story:
    """Writes a session's records one after the other, on a clock of its own."""

    def __init__(self, session: str = SESSION, *, project: str = "/home/dev/app", at_ms: int = 0):
        self.session = session
        self.project = project
        self.now_ms = at_ms or BEGIN_MS
        self.records: list[Record] = []
        self._number = 0
        self.context = 20_000

    def wait(self, minutes: float) -> Story:
        """Let time pass."""
        self.now_ms += int(minutes * MINUTE)
        return self

    def prompt(self, text: object, **more: object) -> Story:
        """Let the user ask for something."""
        self._add(user(text, self._at(), **more))
        return self

    def answer(
        self,
        *calls: Record,
        write: int = 500,
        read: int | None = None,
        output: int = 200,
        **more: object,
    ) -> Story:
        """Let the model answer. write: tokens that go into the cache; read: all before them."""
        read = self.context if read is None else read
        self.context = read + write
        usage = {
            "input_tokens": 10,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": write,
            "output_tokens": output,
        }
        self._number += 1
        name = f"msg_{self.session[:4]}{self._number:04}"
        self._add(assistant(name, self._at(), usage=usage, content=[*calls], **more))
        return self

    def result(self, call: Record, output: str = "", *, error: bool = False) -> Story:
        """Let a tool answer."""
        block = {"type": "tool_result", "tool_use_id": call["id"], "content": output}
        return self.prompt([block | ({"is_error": True} if error else {})])

    def call(
        self, tool: str, output: str = "done", *, error: bool = False, **given: object
    ) -> Story:
        """Let the model use a tool, and take its result."""
        self._number += 1
        call = {"type": "tool_use", "id": f"toolu_{self.session[:4]}{self._number}"}
        call |= {"name": tool, "input": given}
        return self.answer(call).result(call, output, error=error)

    def edit(self, path: str, old: str, new: str) -> Story:
        """Let a file be changed."""
        self.call("Edit", file_path=path, old_string=old, new_string=new)
        patch = {
            "oldStart": 1,
            "oldLines": old.count("\n") + 1,
            "newStart": 1,
            "newLines": new.count("\n") + 1,
            "lines": [
                *("-" + line for line in old.split("\n")),
                *("+" + line for line in new.split("\n")),
            ],
        }
        self.records[-1]["toolUseResult"] = {
            "filePath": path,
            "oldString": old,
            "newString": new,
            "structuredPatch": [patch],
        }
        return self

    def _at(self) -> str:
        self.now_ms += 2_000
        return rfc3339(self.now_ms) or ""

    def _add(self, record: Record) -> None:
        more = {"sessionId": self.session, "cwd": self.project}
        more["uuid"] = f"{self.session[:8]}-{len(self.records)}"
        self.records.append(record | more)

    def write(self, root: Path, more: Iterable[object] = ()) -> Path:
        """Write the log."""
        return claude_log(root, [*self.records, *more], self.session)


def expired(session: str = SESSION, *, at_ms: int = 0, project: str = "/home/dev/app") -> Story:
    """A cache of 150k tokens that expired while nobody asked, half an hour after the beginning."""
    story = Story(session, at_ms=at_ms, project=project)
    story.prompt("read all of it").answer(write=150_000, read=0)
    story.wait(1).prompt("what is in it").answer()
    story.wait(30).prompt("and go on").answer(write=151_000, read=0)
    return story.wait(1).prompt("thanks").answer()


def again(session: str = SESSION, *, project: str = "/home/dev/app") -> Story:
    """The same thing asked for four times, the same lines written again each time."""
    story = Story(session, project=project)
    file = f"{project}/balance_views.xml"
    before = "\n".join(f"    <field name='old_{n}' of='balance'/>" for n in range(12))
    for number, prompt in enumerate(PROMPTS):
        after = "\n".join(f"    <field name='try_{number}_{n}' of='balance'/>" for n in range(12))
        story.prompt(prompt).call("Read", before, file_path=file).edit(file, before, after)
        story.answer(write=60_000, output=2_000).wait(3)
        before = after
    return story


def failing(session: str = SESSION, *, project: str = "/home/dev/app", tries: int = 6) -> Story:
    """A command that fails again and again in the same way."""
    story = Story(session, project=project)
    story.context = 150_000
    story.prompt("run the importer until it works")
    for _ in range(tries):
        story.call(
            "Bash",
            f"Error: Exit code 1\nKeyError: 'column' in {project}/importer.py",
            error=True,
            command=f"python {project}/importer.py --all",
        )
    return story.answer()


def habit(number: int) -> Story:
    """One day of many on which a cache of an hour would have been cheaper: 25 requests."""
    story = Story(another(number), at_ms=BEGIN_MS - number * 1440 * MINUTE)
    story.prompt("begin the day").answer(write=100_000, read=0)
    for step in range(24):
        pause = step % 6 == 5
        story.wait(20 if pause else 1).prompt(f"step {step} of part {number}")
        story.answer(write=100_000, read=0) if pause else story.answer()
    return story
