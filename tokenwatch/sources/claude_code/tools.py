"""Tool calls, their results, and what these changed: lines, commits, pull requests."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from tokenwatch.events import CommitSeen, EditSeen, Event, ToolCallSeen, ToolResultSeen
from tokenwatch.sources.claude_code.contents import Block, Details, Record
from tokenwatch.sources.claude_code.prompts import INTERRUPTED
from tokenwatch.sources.claude_code.records import block_text, call_key, value
from tokenwatch.sources.values import error_fingerprint, fingerprint, mapping, sequence, text

EDITING = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
LAUNCHING = frozenset({"Agent", "Task"})
DENIALS = frozenset({"user-rejected", "automode-blocked", "automode-unavailable"})
REFUSED = "The user doesn't want to proceed with this tool use"
REJECTED = "User rejected tool use"
_SORTED = msgspec.json.Encoder(order="sorted")
_STEPS = re.compile(r"&&|;|\n")
_WORDS = re.compile(r"[^\s;&|()<>\"'`]+")
_COMMIT = re.compile(r"\bgit\s+(?:-[cC]\s+\S+\s+)*commit\b(?![^\n;&|]*--dry-run)")
_COMMITTED = re.compile(r"^\[(\S+)(?: [^\]]*?)? ([0-9a-f]{7,40})\]", re.M)
_PULL_REQUEST = re.compile(r"\bgh\s+pr\s+create\b")
_PULL_URL = re.compile(r"https://[^\s\"'<>]+/pull/\d+")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a record was written."""

    session_id: str
    agent_id: str
    at_ms: int
    line: int
    is_copy: bool = False
    cwd: str | None = None
    branch: str | None = None


class Call(msgspec.Struct, omit_defaults=True):
    """A call whose result will mean more than success: what must be known of it by then."""

    id: str
    purpose: str
    """edit, commit, pull-request, launch, stop."""
    line: int = 0
    at_ms: int = 0
    subject: str | None = None
    """The file that is edited, or the agent that is stopped."""
    added: int = 0
    removed: int = 0


def call(
    block: Block, place: Place, request_id: str | None, skill: str | None
) -> tuple[ToolCallSeen, Call | None] | None:
    """Return a `tool_use` block's call and what to remember of it; None for one without an id."""
    key, name = call_key(block.id, place.session_id), text(block.name) or "unknown"
    if key is None:
        return None
    given = mapping(block.input)
    seen = ToolCallSeen(
        id=key,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        name=name,
        request_id=request_id,
        target=_target(name, given),
        fingerprint=fingerprint(name, _SORTED.encode(given)),
        mcp_server=name.split("__")[1] or None if name.startswith("mcp__") else None,
        skill=(text(given.get("skill")) if name == "Skill" else None) or skill,
        is_copy=place.is_copy,
    )
    return seen, _remembered(key, name, given, place)


def _remembered(key: str, name: str, given: dict[str, object], place: Place) -> Call | None:
    purpose, subject, added, removed = "", None, 0, 0
    if name == "Bash":
        purpose = _purpose(text(given.get("command")) or "")
    elif name in EDITING:
        purpose = "edit"
        subject = text(given.get("file_path")) or text(given.get("notebook_path"))
        added, removed = _asked_lines(given)
    elif name in LAUNCHING:
        purpose = "launch"
    elif name == "TaskStop":
        purpose, subject = "stop", text(given.get("task_id"))
    if not purpose:
        return None
    return Call(key, purpose, place.line, place.at_ms, subject, added, removed)


def _purpose(command: str) -> str:
    if "create" in command and _PULL_REQUEST.search(command):
        return "pull-request"
    if "commit" in command and _COMMIT.search(command):
        return "commit"
    return ""


def _target(name: str, given: dict[str, object]) -> str | None:
    for field in ("file_path", "notebook_path", "path"):
        path = text(given.get(field))
        if path is not None:
            return path
    address = text(given.get("url"))
    if address is not None:
        try:
            return urlsplit(address).hostname
        except ValueError:
            return None
    command = text(given.get("command"))
    if command is not None:
        return command_word(command)
    if name in LAUNCHING:
        return text(given.get("subagent_type"))
    return None


def command_word(command: str) -> str | None:
    """Return the program a shell command runs, past `cd …`, assignments and `sudo`."""
    for step in _STEPS.split(command[:4000]):
        for match in _WORDS.finditer(step):
            word = match[0]
            if "=" in word or word in ("sudo", "env", "time", "exec", "nohup"):
                continue
            if word in ("cd", "export", "set", "source"):
                break
            return word.rsplit("/", 1)[-1][:80]
    return None


def _asked_lines(given: dict[str, object]) -> tuple[int, int]:
    """Return the lines an edit asks to add and to remove, without those it repeats."""
    whole = text(given.get("content")) or text(given.get("new_source"))
    if whole is not None:
        return _lines(whole), 0
    edits = [mapping(edit) for edit in sequence(given.get("edits"))] or [given]
    added = removed = 0
    for edit in edits:
        old = (text(edit.get("old_string")) or "").splitlines()
        new = (text(edit.get("new_string")) or "").splitlines()
        same = _same_lines(old, new)
        same += _same_lines(old[same:][::-1], new[same:][::-1])
        added, removed = added + len(new) - same, removed + len(old) - same
    return added, removed


def _same_lines(old: list[str], new: list[str]) -> int:
    """Return with how many equal lines both begin."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def _lines(content: str) -> int:
    return content.count("\n") + (not content.endswith("\n")) if content else 0


def outcome(block: Block, key: str, place: Place, record: Record) -> ToolResultSeen:
    """Return how a call went."""
    words = block_text(block.content)
    failed = block.is_error is True
    denial = record.toolDenialKind
    denied = failed and (
        text(denial) in DENIALS or words.startswith(REFUSED) or record.toolUseResult == REJECTED
    )
    interrupted = (
        record.details.interrupted is True
        or denial == "interrupted"
        or words.startswith(INTERRUPTED)
    )
    tool_failed = failed and not denied and not interrupted
    return ToolResultSeen(
        call_id=key,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        ok=not failed and not interrupted,
        denied=denied,
        interrupted=interrupted,
        output_bytes=len(words) if words.isascii() else len(words.encode("utf-8", "replace")),
        error_fingerprint=error_fingerprint(words) if tool_failed else None,
    )


def changes(
    known: Call | None, seen: ToolResultSeen, block: Block, place: Place, told: Details
) -> list[Event]:
    """Return what a successful call changed: one edit, or commits, pushes and pull requests."""
    if not seen.ok:
        return []
    edit = _edit(known, seen, place, told)
    if edit is not None:
        return [edit]
    purpose = known.purpose if known is not None else None
    if told.gitOperation is None and purpose not in ("commit", "pull-request"):
        return []
    output = text(value(told.stdout)) or block_text(block.content)
    return _commits(purpose, output, mapping(told.gitOperation), seen, place)


def _edit(known: Call | None, seen: ToolResultSeen, place: Place, told: Details) -> EditSeen | None:
    path = text(told.filePath) or text(told.notebook_path)
    created = told.type == "create"
    patched = patched_lines(told.structuredPatch) if path is not None else None
    if patched is not None:
        added, removed = patched
        if created and not added:
            added = _lines(text(value(told.content)) or "")
    elif known is not None and known.purpose == "edit":
        path = path or known.subject
        added, removed = known.added, known.removed
    else:
        return None
    if path is None:
        return None
    return EditSeen(
        call_id=seen.call_id,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        path=path,
        added=added,
        removed=removed,
        created=created,
    )


def patched_lines(patch: msgspec.Raw) -> tuple[int, int] | None:
    """Return the lines a structured patch adds and removes; None if there is none."""
    hunks = value(patch)
    if not isinstance(hunks, list):
        return None
    added = removed = 0
    for hunk in hunks:
        for line in sequence(mapping(hunk).get("lines")):
            if isinstance(line, str):
                added += line.startswith("+")
                removed += line.startswith("-")
    return added, removed


def _commits(
    purpose: str | None,
    output: str,
    operation: dict[str, object],
    seen: ToolResultSeen,
    place: Place,
) -> list[Event]:
    commit, push = mapping(operation.get("commit")), mapping(operation.get("push"))
    sha, branch = text(commit.get("sha")), text(commit.get("branch"))
    found: list[Event] = []
    if sha is not None:
        printed = [match for match in _COMMITTED.finditer(output) if match[2].startswith(sha[:7])]
        branch = branch or (printed[0][1] if printed else None)
        found.append(_commit(sha, "commit", seen, place, branch))
    elif purpose == "commit":
        for match in _COMMITTED.finditer(output):
            found.append(_commit(match[2], "commit", seen, place, match[1]))
    if push:
        pushed = sha or f"push:{seen.call_id}"
        found.append(_commit(pushed, "push", seen, place, text(push.get("branch"))))
    if purpose == "pull-request":
        address = _PULL_URL.search(output)
        if address is not None:
            found.append(_commit(address[0], "pull-request", seen, place, None))
    return found


def _commit(
    identifier: str, kind: str, seen: ToolResultSeen, place: Place, branch: str | None
) -> CommitSeen:
    return CommitSeen(
        id=identifier,
        kind=kind,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        call_id=seen.call_id,
        cwd=place.cwd,
        branch=branch or place.branch,
    )
