"""Claude Code's settings.json: its status line and its hooks, ours among them.

All functions take the text of the file ('' where there is none) and return the changed one. They
raise JsonTextError for a text that is no JSON, and where a key holds another kind of value than the
program has there. Codex' hooks.json has hooks of the same form.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tokenwatch.clients import json_text
from tokenwatch.clients.json_text import JsonTextError, Node, dotted, find, parse, value
from tokenwatch.clients.running import starts_within, words_behind
from tokenwatch.errors import ClientSettingsError

NAME = "settings.json"
_LINE = ("statusLine",)
_COMMAND = ("statusLine", "command")


class Hook(NamedTuple):
    """A command that the program runs at an event."""

    command: str
    matcher: str | None = None
    """Of tools' names; None: at every event of the kind."""
    timeout: int | None = None
    """Seconds; None: the program's own."""


def settings_path(folder: str) -> Path:
    """Return where settings.json is or would be in a folder that the user named.

    Raises ClientSettingsError if there is no such folder.
    """
    if not folder:
        raise ClientSettingsError("no folder is named")
    found = Path(os.path.expanduser(folder)).absolute()  # noqa: PTH111 - raises for no name
    if not found.is_dir():
        raise ClientSettingsError(f"Claude Code has no folder here: there is no {found}")
    return found / NAME


def status_line(text: str) -> str | None:
    """Return the command of the status line, whoever set it; None if none is set."""
    root = _root(text)
    node = find(root, _LINE)
    if node is None:
        return None
    if node.kind != "object":
        raise JsonTextError(f"{dotted(_LINE)} is no object, as Claude Code has it")
    command = value(text, find(root, _COMMAND))
    if not isinstance(command, str):
        raise JsonTextError(f"{dotted(_COMMAND)} is no text, as Claude Code has it")
    return command


def is_our_status_line(command: str) -> bool:
    """Tell whether a status line is ours: what it wraps, if anything, is the only option."""
    words = words_behind(command)
    if words is None or words[:1] != ["statusline"]:
        return False
    return len(words) == 1 or wrapped(command) is not None


def has_our_status_line(command: str) -> bool:
    """Tell whether a status line that is not ours runs ours among other things."""
    return not is_our_status_line(command) and any(
        words[:1] == ["statusline"] for words in starts_within(command)
    )


def wrapped(command: str) -> str | None:
    """Return the command that a status line of ours runs as well; None if it runs none."""
    words = words_behind(command) or []
    if len(words) == 3 and words[:2] == ["statusline", "--wrap"]:
        return words[2]
    if len(words) == 2 and words[1].startswith("--wrap="):
        return words[1].removeprefix("--wrap=")
    return None


def with_status_line(text: str, command: str) -> str:
    """Return the text with a status line, in place of the one there may be.

    Of a status line that is there only the command is changed: its padding and the like stay.
    """
    if status_line(text) is not None:
        return json_text.put(text, _COMMAND, command)
    return json_text.put(text, _LINE, {"type": "command", "command": command})


def without_status_line(text: str, before: str | None) -> str:
    """Return the text without our status line; the one it wraps is back as it was written.

    before: as `json_text.take_out` has it.
    """
    command = status_line(text)
    if command is None or not is_our_status_line(command):
        return text
    inner = wrapped(command)
    if inner is None:
        return json_text.take_out(text, _LINE, before)
    back = json_text.put(text, _COMMAND, inner)
    if before is not None:
        old, now = find(parse(before), _COMMAND), find(parse(back), _COMMAND)
        if old is not None and now is not None and value(before, old) == inner:
            # The same text may be written in several ways.
            back = back[: now.start] + before[old.start : old.end] + back[now.end :]
    return back


def is_our_hook(command: str) -> bool:
    """Tell whether a hook's command is ours."""
    return (words_behind(command) or [])[:2] == ["hooks", "run"]


def hooks(text: str) -> dict[str, list[Hook]]:
    """Return our hooks by their events; a damaged entry of others is passed over."""
    found: dict[str, list[Hook]] = {}
    for place in _ours(text):
        found.setdefault(place.event, []).append(place.hook)
    return found


def with_hooks(text: str, wanted: Mapping[str, Sequence[Hook]]) -> str:
    """Return the text with exactly these hooks of ours, each in a group of its own, the last.

    The hooks of others stay where they are; so do ours, if they are these already.
    """
    found = hooks(text)
    if {event: sorted(each, key=repr) for event, each in found.items()} == {
        event: sorted(each, key=repr) for event, each in wanted.items() if each
    }:
        return text
    after = text
    for event, each in wanted.items():
        for hook in each:
            after = json_text.append(after, ["hooks", event], _group(hook))
    # The old ones go last, so that what holds both is never empty.
    for event, each in found.items():
        for _ in each:
            old = next(place for place in _ours(after) if place.event == event)
            after = json_text.take_out(after, old.path, None)
    return after


def without_hooks(text: str, before: str | None) -> str:
    """Return the text without any hook of ours. before: as `json_text.take_out` has it."""
    while place := next(_ours(text), None):
        text = json_text.take_out(text, place.path, before)
    return text


def without_ours(text: str, before: str | None) -> str:
    """Return the text without our status line and without our hooks.

    What is something else than the program has there holds neither.
    """
    for take_out in (without_status_line, without_hooks):
        with suppress(JsonTextError):
            text = take_out(text, before)
    return text


class _Place(NamedTuple):
    event: str
    hook: Hook
    path: tuple[str | int, ...]
    """Of its group, if it is alone in there."""


def _root(text: str) -> Node | None:
    root = parse(text)
    if root is not None and root.kind != "object":
        raise JsonTextError("it holds no object, as Claude Code's settings do")
    return root


def _ours(text: str) -> Iterator[_Place]:
    """Yield our hooks. Raises JsonTextError where `hooks`, or an event's value, is something
    else."""
    root = _root(text)
    node = find(root, ["hooks"])
    if node is None:
        return
    if node.kind != "object":
        raise JsonTextError('"hooks" is no object, as Claude Code has it')
    for event in dict.fromkeys(str(item.key) for item in node.items):
        groups = find(node, [event])
        if groups is None or groups.kind != "list":
            raise JsonTextError(f"{dotted(['hooks', event])} is no list, as Claude Code has it")
        for number, group in enumerate(groups.items):
            each = find(group.node, ["hooks"])
            if each is None or each.kind != "list":
                continue
            matcher = value(text, find(group.node, ["matcher"]))
            for place, item in enumerate(each.items):
                hook = _hook(text, item.node, matcher)
                if hook is not None and is_our_hook(hook.command):
                    path: tuple[str | int, ...] = ("hooks", event, number)
                    if len(each.items) > 1:
                        path = (*path, "hooks", place)
                    yield _Place(event, hook, path)


def _group(hook: Hook) -> dict[str, object]:
    entry: dict[str, object] = {"type": "command", "command": hook.command}
    if hook.timeout is not None:
        entry["timeout"] = hook.timeout
    group: dict[str, object] = {} if hook.matcher is None else {"matcher": hook.matcher}
    return group | {"hooks": [entry]}


def _hook(text: str, node: Node, matcher: object) -> Hook | None:
    found = json.loads(text[node.start : node.end])
    if not isinstance(found, dict) or not isinstance(found.get("command"), str):
        return None
    timeout = found.get("timeout")
    return Hook(
        command=found["command"],
        matcher=matcher if isinstance(matcher, str) else None,
        timeout=timeout if type(timeout) is int else None,
    )


def wrapping(command: str, foreign: str) -> str:
    """Return a status line of ours that runs another one as well."""
    return f"{command} --wrap {shlex.quote(foreign)}"
