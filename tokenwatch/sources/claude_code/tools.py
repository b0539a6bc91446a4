"""Tool calls, their results, and the commits and pull requests that these made."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from tokenwatch.events import CommitSeen, Event, ToolCallSeen, ToolResultSeen
from tokenwatch.sources.claude_code import edits
from tokenwatch.sources.claude_code.contents import Block, Details, Record
from tokenwatch.sources.claude_code.deeds import EDITING, LAUNCHING, act
from tokenwatch.sources.claude_code.places import Place
from tokenwatch.sources.claude_code.prompts import INTERRUPTED
from tokenwatch.sources.claude_code.records import block_text, call_key, value
from tokenwatch.sources.outputs import fault, output_fingerprint
from tokenwatch.sources.values import error_fingerprint, fingerprint, mapping, text

DENIALS = frozenset(
    {"user-rejected", "automode-blocked", "automode-unavailable", "permission-rule"}
)
"""What did not run; `permission-rule` is also what a hook denied."""
REFUSED = "The user doesn't want to proceed with this tool use"
_HOOKED = re.compile(r"PreToolUse:\S+ hook error: ")
"""Before what a hook said, also in versions that tell no kind of denial."""
REJECTED = "User rejected tool use"
_REMINDER, _REMINDER_END = "<system-reminder>", "</system-reminder>"
_SORTED = msgspec.json.Encoder(order="sorted")
_STEPS = re.compile(r"&&|;|\n")
_WORDS = re.compile(r"[^\s;&|()<>\"'`]+")
_COMMIT = re.compile(r"\bgit\s+(?:-[cC]\s+\S+\s+)*commit\b(?![^\n;&|]*--dry-run)")
_COMMITTED = re.compile(r"^\[(\S+)(?: [^\]]*?)? ([0-9a-f]{7,40})\]", re.M)
_PULL_REQUEST = re.compile(r"\bgh\s+pr\s+create\b")
_PULL_URL = re.compile(r"https://[^\s\"'<>]+/pull/\d+")


class Call(msgspec.Struct, omit_defaults=True):
    """A call whose result will mean more than success: what must be known of it by then."""

    id: str
    purpose: str
    """edit, commit, pull-request, launch, stop."""
    line: int = 0
    at_ms: int = 0
    subject: str | None = None
    """The file that is edited, or the agent that is stopped."""
    edit: edits.Asked | None = None


def call(
    block: Block, place: Place, request_id: str | None, skill: str | None
) -> tuple[ToolCallSeen, Call | None] | None:
    """Return a `tool_use` block's call and what to remember of it; None for one without an id."""
    key, name = call_key(block.id, place.session_id), text(block.name) or "unknown"
    if key is None:
        return None
    given = mapping(block.input)
    deed = act(name, given)
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
        purpose=deed.purpose,
        likeness=deed.likeness or None,
        touches=deed.touches,
        partial=deed.partial,
    )
    return seen, _remembered(key, name, given, place)


def _remembered(key: str, name: str, given: dict[str, object], place: Place) -> Call | None:
    purpose, subject, edit = "", None, None
    if name == "Bash":
        purpose = _purpose(text(given.get("command")) or "")
    elif name in EDITING:
        purpose = "edit"
        subject = text(given.get("file_path")) or text(given.get("notebook_path"))
        edit = edits.asked(given, hashed=place.agent_id != place.session_id)
    elif name in LAUNCHING:
        purpose = "launch"
    elif name == "TaskStop":
        purpose, subject = "stop", text(given.get("task_id"))
    if not purpose:
        return None
    return Call(key, purpose, place.line, place.at_ms, subject, edit)


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


def outcome(block: Block, key: str, place: Place, record: Record) -> ToolResultSeen:
    """Return how a call went."""
    output = block_text(block.content)
    words = _without_reminders(output)
    failed = block.is_error is True
    denial = record.toolDenialKind
    denied = failed and (
        text(denial) in DENIALS
        or words.startswith(REFUSED)
        or _HOOKED.match(words) is not None
        or record.toolUseResult == REJECTED
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
        output_bytes=len(output) if output.isascii() else len(output.encode("utf-8", "replace")),
        error_fingerprint=error_fingerprint(words) if tool_failed else None,
        output_fingerprint=_printed(words, record) if words else None,
        fault=fault(words) if tool_failed else "",
    )


def _printed(words: str, record: Record) -> str:
    """Return an output's digest. Only what ran tells times of that; a file or a search does not."""
    told = record.toolUseResult
    untimed = isinstance(told, Details) and bool(
        told.type is not None or told.content or told.structuredPatch
    )
    return output_fingerprint(words, timed=not untimed)


def _without_reminders(words: str) -> str:
    """Return an output without what the program added to it for the agent, which varies."""
    while _REMINDER_END in words[-24:] and (start := words.rfind(_REMINDER)) >= 0:
        words = words[:start].rstrip()
    return words


def changes(
    known: Call | None, seen: ToolResultSeen, block: Block, place: Place, told: Details
) -> list[Event]:
    """Return what a successful call changed: one edit, or commits, pushes and pull requests."""
    if not seen.ok:
        return []
    purpose, path, asked = None, None, None
    if known is not None:
        purpose, path, asked = known.purpose, known.subject, known.edit
    edit = edits.edit(path if asked is not None else None, asked, seen, told)
    if edit is not None:
        return [edit]
    if told.gitOperation is None and purpose not in ("commit", "pull-request"):
        return []
    output = text(value(told.stdout)) or block_text(block.content)
    return _commits(purpose, output, mapping(told.gitOperation), seen, place)


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
