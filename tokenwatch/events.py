"""What readers yield: facts found in a log, before the ledger merges them.

Every event is keyed, so that reading a log in any chunks, in any order of files, twice, or in two
copies gives the same ledger:

* an event with an `id` that occurs in several files belongs to the file that the source ranks
  first (`FileFacts.rank`), and there to the lowest line;
* `is_copy` marks a record that itself says it was copied here from another session.

Text in events (titles, names, tasks) is as logged; the ledger cleans and shortens it. Nothing else
of a prompt's or a file's content is in an event, only fingerprints (`sources.fingerprint`).
"""

from __future__ import annotations

import msgspec

from tokenwatch.attribution import Attribution
from tokenwatch.model import AgentKind, Usage
from tokenwatch.wording import Wording


class _Fact(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Immutable, and cheap to make and to send from one process to another."""


class FileFacts(_Fact, frozen=True):
    """What a file says of itself and its session; a None leaves what was known before."""

    session_id: str | None = None
    agent_id: str | None = None
    """The agent whose log this is; the main agent's id is the session's."""
    kind: AgentKind | None = None
    parent_agent_id: str | None = None
    rank: int | None = None
    """Lower owns a shared id first; ties go to the earlier `first_ms`, then to the path."""
    first_ms: int | None = None
    """Time of the first record, in file order, that has one."""
    last_ms: int | None = None
    """Latest time of an own (not copied) record: the last activity. The ledger keeps the latest."""
    cwd: str | None = None
    """The first working directory."""
    project: str | None = None
    """`cwd`, absolute, with worktrees folded into their repository."""
    git_branch: str | None = None
    """The latest; None outside git."""
    version: str | None = None
    """The latest version of the program that wrote."""
    entrypoint: str | None = None
    """How it was started, in the source's own words (`cli`, `sdk-cli`, `exec`, …)."""
    scripted: bool | None = None
    """Started by a program rather than typed."""
    client_title: str | None = None
    """The client's own title for the session."""
    agent_name: str | None = None
    """A subagent's type or nickname."""
    agent_task: str | None = None
    """What a subagent was asked to do, in a few words."""
    tool_use_id: str | None = None
    """The tool call that launched the agent."""
    prompt_fingerprint: str | None = None
    """Fingerprint of a subagent's first prompt, to find its launch where no id links them."""
    fork_of: str | None = None
    """The session this one was forked from, where the log says so."""
    context_limit: int | None = None
    context_estimate: int | None = None
    """Context of the main agent now, where the client states it apart from a request."""


class RequestSeen(_Fact, frozen=True, tag=True):
    """One file's copy of one billed request, as far as this chunk of the file tells.

    Of several copies of one id, the usage is taken whole from the best record: `final` first, then
    the larger output, then the larger total; owner, time and position come from the owning file,
    and the attribution is what all of them tell together.
    """

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    """When the answer began to be written: the time of the id's first record in this file."""
    line: int
    """1-based line of that first record."""
    model: str | None
    """As logged."""
    usage: Usage
    usage_line: int
    """1-based line of the record whose usage was taken."""
    final: bool
    """The record was written after the answer's end."""
    lower_bound: bool = False
    """The log holds less output than was answered."""
    is_copy: bool = False
    speed: str | None = None
    service_tier: str | None = None
    geo: str | None = None
    web_searches: int = 0
    turn_id: str | None = None
    estimated: str | None = None
    """Why the model or tier is an assumption; None where the log states it."""
    attribution: Attribution | None = None
    """What all records of the answer tell together; None where none tells anything."""


class MeterSeen(_Fact, frozen=True, tag=True):
    """A client's own running total for a session (Claude Code's `cost-state`)."""

    session_id: str
    started_ms: int
    """Identity of the meter: resumes go on with it, forks inherit it."""
    as_of_ms: int
    """Latest record time above it in the file: what it can have counted."""
    line: int
    usage_by_model: tuple[tuple[str, Usage, int], ...]
    """(model, usage, web searches), sorted by model."""
    reported_cost_usd: str | None = None


class AgentLaunched(_Fact, frozen=True, tag=True):
    """An agent asked for another one."""

    session_id: str
    parent_agent_id: str
    tool_use_id: str
    at_ms: int
    line: int
    name: str | None = None
    task: str | None = None
    prompt_fingerprint: str | None = None
    agent_id: str | None = None
    """Where the launch itself names it."""


class AgentEnded(_Fact, frozen=True, tag=True):
    """A client's own word that an agent is done. A later record of the agent reopens it."""

    session_id: str
    ref: str
    """The agent's id, or the `tool_use_id` that launched it; `*` for all of the session."""
    at_ms: int
    line: int
    status: str
    """completed, failed, killed, stopped, interrupted."""


class PromptSeen(_Fact, frozen=True, tag=True):
    """What a person (or a script) asked for."""

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    title: str
    """The beginning of the text, at most 200 characters."""
    scripted: bool = False
    queued: bool = False
    """Typed while the agent worked: joins the open turn."""
    is_copy: bool = False
    wording: Wording | None = None


class TurnStarted(_Fact, frozen=True, tag=True):
    """An agent left its waiting state. `id` is the prompt's where a prompt caused it."""

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    cause: str = "prompt"
    """prompt, command, notification, spawn."""
    is_copy: bool = False


class TurnEnded(_Fact, frozen=True, tag=True):
    """The agent waits again; only the latest end of a turn counts."""

    turn_id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    how: str = "completed"
    """completed, interrupted, failed."""


class ToolCallSeen(_Fact, frozen=True, tag=True):
    """One use of a tool."""

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    name: str
    request_id: str | None = None
    target: str | None = None
    """The file, command word or URL host it works on: enough to recognise, never content."""
    fingerprint: str | None = None
    """Of name and arguments: equal for identical calls."""
    mcp_server: str | None = None
    skill: str | None = None
    is_copy: bool = False
    purpose: str = ""
    """What it is for, as far as its arguments tell: read, search, edit, write (a file by a shell
    command), remove, revert, check (tests, builds, linters), commit, wait (asks again how
    something is getting on, or sleeps), launch (an agent), plan, ask (the user), web; "" for
    anything else."""
    likeness: str | None = None
    """Digest of a command without what does not change what it does (redirections, pagers, folder
    changes); of a wait, of what is waited for. None where `fingerprint` says it all."""
    touches: tuple[int, ...] = ()
    """Hashes of the base names of files that it reads, reverts or removes, 0 for all of them. Of
    any other purpose: of scripts that it runs or, beside a 1, of what it adds to a commit."""
    partial: bool = False
    """It asks for a part of a file or of an output."""


class ToolResultSeen(_Fact, frozen=True, tag=True):
    """How a tool call went."""

    call_id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    ok: bool | None
    """None where the log does not tell."""
    denied: bool = False
    """The user (or a policy) refused it: no failure of the tool."""
    interrupted: bool = False
    output_bytes: int | None = None
    error_fingerprint: str | None = None
    """Of the error text without numbers, paths and times: equal for the same error again."""
    output_fingerprint: str | None = None
    """Of the output without durations and times of day: equal for the same output again."""
    fault: str = ""
    """How a tool was misused, where the error says so: not-found (text to replace), not-read,
    changed (since it was read), ambiguous, too-large, no-file, cancelled (beside a failed one)."""


class EditSeen(_Fact, frozen=True, tag=True):
    """Lines that a successful tool call changed in one file."""

    call_id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    path: str
    added: int
    removed: int
    created: bool = False
    lines_added: bytes = b""
    """Hashes of the lines (`sources.lines.packed`): at most 512 of them, the telling ones only."""
    lines_removed: bytes = b""
    repeated: int = 0
    """Lines of a file written as a whole that were there before."""


class CommitSeen(_Fact, frozen=True, tag=True):
    """A commit (or pull request) the log shows to have been made."""

    id: str
    """The commit's sha as printed, or the pull request's URL."""
    kind: str
    """commit, push, pull-request."""
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    call_id: str | None = None
    cwd: str | None = None
    branch: str | None = None


class CompactionSeen(_Fact, frozen=True, tag=True):
    """The client replaced the context by a summary."""

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    trigger: str | None = None
    """manual or auto; None where unknown."""
    pre_tokens: int | None = None
    post_tokens: int | None = None
    is_copy: bool = False


class ChangeSeen(_Fact, frozen=True, tag=True):
    """Something about how an agent runs became different, or was said for the first time."""

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    kind: str
    """version, effort, tools (their definitions), rewind (`size`: turns that were dropped), clear,
    server (an MCP server whose tools are in the context; `size`: characters), skill, memory
    (instruction files; `size`: characters), miss (the client says why the cache was missed)."""
    what: str | None = None
    """The new value, or the name."""
    size: int = 0


class FailureSeen(_Fact, frozen=True, tag=True):
    """A request that failed: a retry that follows, or an error that ended the turn."""

    id: str
    session_id: str
    agent_id: str
    at_ms: int
    line: int
    kind: str
    """retry or error."""
    status: str | None = None
    """HTTP status or the client's word (`rate_limit`, `overloaded`, …)."""
    attempt: int | None = None


class QuotaSeen(_Fact, frozen=True, tag=True):
    """A plan window as the provider reported it."""

    limit_id: str
    window_minutes: int
    observed_ms: int
    used_percent: float
    resets_ms: int | None = None
    plan: str | None = None


Event = (
    RequestSeen
    | MeterSeen
    | AgentLaunched
    | AgentEnded
    | PromptSeen
    | TurnStarted
    | TurnEnded
    | ToolCallSeen
    | ToolResultSeen
    | EditSeen
    | CommitSeen
    | CompactionSeen
    | ChangeSeen
    | FailureSeen
    | QuotaSeen
)


class Skipped(_Fact, frozen=True):
    """Lines or values that were passed over, by reason, since the previous batch."""

    reason: str
    """malformed, not_an_object, unknown_type, too_long, bad_number, bad_time, unreadable, …"""
    count: int
    sample: str | None = None
    """At most 200 characters with no prompt text: line number and the reader's own words."""


class Bookmark(_Fact, frozen=True):
    """How far a pass has read a file, and what it must remember to read on."""

    offset: int
    """Bytes consumed; always just behind a line end (of the decompressed text for `.zst`)."""
    line: int
    """Lines consumed."""
    head: str
    """Digest of the first bytes, with their number: another head is another file."""
    anchor: str
    """Digest of the bytes before `offset`: another anchor means the file was rewritten."""
    state: bytes = b""
    """The reader's own memory, opaque to everyone else."""


class Batch(_Fact, frozen=True):
    """Events of one stretch of one file, to be stored together with the bookmark behind it."""

    bookmark: Bookmark
    facts: FileFacts
    events: tuple[Event, ...]
    skipped: tuple[Skipped, ...] = ()
    from_start: bool = False
    """The stretch begins at the file's start although it was read before: it was rewritten."""
    lines: int = 0
    bytes: int = 0
