"""Who a rollout belongs to: what its first `session_meta` says of the thread."""

from __future__ import annotations

import re

import msgspec

from tokenwatch.model import AgentKind
from tokenwatch.sources.codex.records import Record
from tokenwatch.sources.values import EARLIEST_MS, instant_ms, mapping, text

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_NAME = re.compile(rf"({_UUID})(?:_({_UUID}))?\.jsonl?(?:\.zst)?$")

SCRIPTED = frozenset({"exec", "mcp"})
"""Sources behind which a program, not a person, writes the prompts."""


class Thread(msgspec.Struct):
    """A thread's identity. `session_id` is the root of its tree, once that has been found."""

    id: str
    rollout: str
    """Unlike the thread's id, each file's own after a revert."""
    session_id: str | None = None
    kind: AgentKind = AgentKind.MAIN
    parent_id: str | None = None
    fork_of: str | None = None
    review: bool = False
    """A reviewer's thread that does not name its parent (before 0.142)."""
    scripted: bool = False
    human: bool = True
    """Its prompts are a user's (or a script's), not another agent's."""
    entrypoint: str | None = None
    name: str | None = None
    path: str | None = None
    """A subagent's place in its tree, like `/root/reviewer`."""
    created_ms: int | None = None
    cwd: str | None = None
    project: str | None = None
    git_branch: str | None = None
    version: str | None = None
    provisional: bool = False
    """Known from the file's name alone so far."""
    history_base: bool = False
    paginated: bool = False
    """Commands and patches are reported as items, also those of scripts."""
    start_ordinal: int | None = None

    @property
    def session(self) -> str:
        return self.session_id or self.id

    def turn_key(self, turn_id: str) -> str:
        """Return a turn's id; a reviewer shares its turn's with the thread it reviews for."""
        return f"{self.id}/{turn_id}" if self.kind is AgentKind.AUXILIARY else turn_id

    def call_key(self, call_id: str) -> str:
        """Return a tool call's id: some providers number calls in each thread anew."""
        return f"{self.id}/{call_id}"


def ids_in_name(path: str) -> tuple[str | None, str | None]:
    """Return the thread's and, after a revert, the rollout's id in a file's name."""
    found = _NAME.search(path)
    return (found[1], found[2]) if found else (None, None)


def thread_of_name(path: str) -> Thread | None:
    """Return what the file's name tells, for a file whose first line is damaged."""
    thread_id, rollout = ids_in_name(path)
    if thread_id is None:
        return None
    return Thread(
        id=thread_id,
        rollout=rollout or thread_id,
        created_ms=uuid7_ms(thread_id),
        provisional=True,
    )


def thread_of(record: Record, path: str, now_ms: int) -> Thread | None:
    """Return the thread of a `session_meta`; None without an id."""
    meta = record.payload
    thread_id = text(meta.get("id"))
    if thread_id is None:
        return None
    thread = Thread(
        id=thread_id,
        rollout=ids_in_name(path)[1] or thread_id,
        created_ms=instant_ms(meta.get("timestamp"), now_ms) or uuid7_ms(thread_id) or record.at_ms,
        cwd=text(meta.get("cwd")),
        history_base=isinstance(meta.get("history_base"), dict),
        paginated=meta.get("history_mode") == "paginated",
        start_ordinal=_count(meta.get("subagent_history_start_ordinal")),
    )
    refresh(thread, meta)
    _origin(thread, meta)
    return thread


def refresh(thread: Thread, meta: dict[str, object]) -> None:
    """Take over what a later `session_meta` of the same thread may change."""
    thread.git_branch = text(mapping(meta.get("git")).get("branch")) or thread.git_branch
    thread.version = text(meta.get("cli_version")) or thread.version


def _origin(thread: Thread, meta: dict[str, object]) -> None:
    source = meta.get("source")
    feature = text(meta.get("thread_source")) or "user"
    child = mapping(source).get("subagent")
    spawn = mapping(mapping(child).get("thread_spawn"))
    thread.parent_id = text(meta.get("parent_thread_id")) or text(spawn.get("parent_thread_id"))
    thread.session_id = text(meta.get("session_id"))
    forked_from = text(meta.get("forked_from_id"))
    if spawn or (feature == "subagent" and child is None):
        thread.kind = AgentKind.SUBAGENT
    elif child is not None or "internal" in mapping(source) or feature not in ("user", "unknown"):
        thread.kind = AgentKind.AUXILIARY
        thread.review = child == "review"
    elif thread.parent_id and thread.session_id not in (None, thread.id):
        thread.kind = AgentKind.AUXILIARY
    if thread.kind is AgentKind.MAIN:
        thread.session_id, thread.parent_id = thread.id, None
        thread.fork_of = forked_from
    else:
        thread.human = False
        thread.path = text(spawn.get("agent_path")) or text(meta.get("agent_path"))
        thread.name = _agent_name(thread.path or "", spawn, meta, child)
    thread.scripted = source in SCRIPTED if isinstance(source, str) else False
    thread.entrypoint = (
        text(source) or text(mapping(source).get("custom")) or text(meta.get("originator"))
    )


def _agent_name(
    path: str, spawn: dict[str, object], meta: dict[str, object], child: object
) -> str | None:
    return (
        path.rstrip("/").rpartition("/")[2]
        or text(spawn.get("agent_nickname"))
        or text(meta.get("agent_nickname"))
        or text(spawn.get("agent_role"))
        or text(spawn.get("agent_type"))
        or text(meta.get("agent_role"))
        or text(child)
        or text(mapping(child).get("other"))
        or text(meta.get("thread_source"))
    )


def uuid7_ms(value: str | None) -> int | None:
    """Return the time inside a version 7 UUID; None for anything else."""
    if not value or not re.fullmatch(_UUID, value) or value[14] != "7":
        return None
    milliseconds = int(value[:8] + value[9:13], 16)
    return milliseconds if milliseconds >= EARLIEST_MS else None


def _count(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if type(value) is int and value >= 0 else None
