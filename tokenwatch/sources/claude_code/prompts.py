"""Tell what a person asked from everything else that is written as a `user` record.

Most user records are tool results, reminders, notices and echoes of commands. Newer versions say
where a prompt came from (`origin`, `turnOrigin`, `promptSource`); for the others its text decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from tokenwatch.events import PromptSeen
from tokenwatch.sources.claude_code.contents import Attachment, Block, Record, any_blocks
from tokenwatch.sources.claude_code.places import Place
from tokenwatch.sources.values import mapping, text
from tokenwatch.sources.wording import wording

TITLE = 200
INTERRUPTED = "[Request interrupted by user"
NOTIFICATION = "<task-notification>"
COMMAND = ("<command-name>", "<command-message>")
LOCAL_OUTPUT = ("<local-command-stdout>", "<local-command-stderr>")
WAKING = (
    NOTIFICATION,
    "<teammate-message",
    "<cross-session-message",
    "[SYSTEM NOTIFICATION",
    "Another Claude session sent a message:",
)
"""Beginnings of messages from others than the user, which may set the agent to work."""
NO_PROMPT = (
    *LOCAL_OUTPUT,
    "<local-command-caveat>",
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "<user-memory-input>",
    "<observed",
    "Caveat: The messages below were generated",
    "[Image: source:",
    "Stop hook feedback:",
    "Base directory for this skill:",
    "This session is being continued from a previous conversation",
)
LOCAL_COMMANDS = frozenset({
    "add-dir", "agents", "bashes", "branch", "clear", "color", "compact", "config", "context",
    "copy", "cost", "doctor", "effort", "exit", "export", "fast", "fork", "help", "hooks", "ide",
    "keybindings", "login", "logout", "mcp", "memory", "model", "output-style", "permissions",
    "plugin", "privacy-settings", "quit", "release-notes", "rename", "resume", "rewind", "stats",
    "status", "tasks", "terminal-setup", "theme", "todos", "upgrade", "usage", "vim",
})  # fmt: skip
"""Slash commands that the program answers itself."""
_CONTEXT = re.compile(
    r"\s*<(system-reminder|ide_opened_file|ide_selection|ide_diagnostics)>.*?(?:</\1>|\Z)", re.S
)
"""What the program or an editor's extension puts before the text."""
_ARGUMENTS = re.compile(r"<command-args>(.*?)</command-args>", re.S)
_COMMAND_NAME = re.compile(r"<command-name>\s*/?([^<\s]+)")


class Kind(Enum):
    """What a user record is."""

    PROMPT = auto()
    COMMAND = auto()
    """A slash command, which may or may not set the agent to work."""
    LOCAL_OUTPUT = auto()
    """What a slash command printed: it was a local one."""
    WAKING = auto()
    """A notice or a message of another agent, or a schedule."""
    INTERRUPT = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A user record, told apart."""

    kind: Kind
    text: str = ""
    scripted: bool = False
    images: bool = False
    """There is more than text."""
    arguments: str = ""
    """Of a slash command."""

    @property
    def whole(self) -> str:
        """Return the text, of a slash command with its arguments."""
        return f"{self.text} {self.arguments}".strip()


def said(record: Record, parts: list[Block]) -> Said:
    """Tell what a user record of a main agent is that carries no results of tools."""
    words, images = prompt_text(parts)
    if words.startswith(INTERRUPTED):
        return Said(kind=Kind.INTERRUPT)
    if words.startswith(WAKING):
        return Said(kind=Kind.WAKING, text=words)
    if words.startswith(LOCAL_OUTPUT):
        return Said(kind=Kind.LOCAL_OUTPUT)
    if record.isMeta is True or record.isCompactSummary is True:
        return Said(kind=Kind.OTHER)
    if record.isVisibleInTranscriptOnly is True or words.startswith(NO_PROMPT):
        return Said(kind=Kind.OTHER)
    source = _source(record)
    if source is Kind.WAKING:
        return Said(kind=Kind.WAKING, text=words)
    scripted = source is Kind.OTHER
    if words.startswith(COMMAND):
        name = command_name(words)
        kind = Kind.OTHER if name is None or name in LOCAL_COMMANDS else Kind.COMMAND
        given = _ARGUMENTS.search(words)
        arguments = given[1].strip() if given is not None else ""
        return Said(kind=kind, text=f"/{name}", scripted=scripted, arguments=arguments)
    if not words and not images:
        return Said(kind=Kind.OTHER)
    return Said(kind=Kind.PROMPT, text=words, scripted=scripted, images=images)


def seen(uuid: str, said: Said, place: Place, *, queued: bool = False) -> PromptSeen:
    """Return what is kept of a prompt or a slash command."""
    return PromptSeen(
        id=uuid,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        title=said.text[:TITLE],
        scripted=said.scripted,
        queued=queued,
        is_copy=place.is_copy,
        wording=wording(
            said.whole,
            scripted=said.scripted,
            images=said.images,
            command=said.kind is Kind.COMMAND,
        ),
    )


def is_result(record: Record, parts: list[Block]) -> bool:
    """Tell whether a user record carries what tools returned."""
    if record.toolUseResult is not None:
        return True
    if record.sourceToolAssistantUUID is not None or record.sourceToolUseID is not None:
        return True
    return any(block.type == "tool_result" for block in parts)


def prompt_text(parts: list[Block]) -> tuple[str, bool]:
    """Return the text that was typed, and whether there is anything but text."""
    words: list[str] = []
    others = False
    for block in parts:
        written = text(block.text)
        if block.type != "text":
            others = True
        elif written is not None:
            while context := _CONTEXT.match(written):
                written = written[context.end() :]
            words.append(written)
    return "\n".join(words).strip(), others


def command_name(words: str) -> str | None:
    """Return the name of a slash command, without the slash."""
    match = _COMMAND_NAME.search(words[:2000])
    return match.group(1) if match else None


def _source(record: Record) -> Kind:
    """Return who asked: PROMPT a person, OTHER a program, WAKING neither."""
    if isinstance(record.origin, dict) and record.origin:
        origin = text(record.origin.get("kind")) or text(record.origin.get("type"))
        return Kind.PROMPT if origin == "human" else Kind.WAKING
    for word in (text(record.turnOrigin), text(record.promptSource)):
        if word in ("human", "typed", "queued", "suggestion_accepted"):
            return Kind.PROMPT
        if word == "sdk":
            return Kind.OTHER
        if word is not None:
            return Kind.WAKING
    entrypoint = text(record.entrypoint) or ""
    return Kind.OTHER if entrypoint.startswith("sdk") else Kind.PROMPT


def tells_queued(version: str | None) -> bool:
    """Tell whether that version marks what was typed while the agent worked (since 2.1.90).

    Before, it looks like the first prompt after a process that died.
    """
    number = tuple(int(part) for part in (version or "").split(".") if part.isdecimal())
    return number >= (2, 1, 90)


def queued(attachment: Attachment) -> Said:
    """Tell what a `queued_command` attachment is: typed while the agent worked, or a notice."""
    words, others = prompt_text(any_blocks(attachment.prompt))
    mode = text(attachment.commandMode)
    if mode == "task-notification" or words.startswith(WAKING):
        return Said(kind=Kind.WAKING, text=words)
    origin = mapping(attachment.origin)
    by = text(origin.get("kind")) or text(origin.get("type"))
    if mode not in (None, "prompt") or attachment.isMeta is True:
        return Said(kind=Kind.OTHER)
    if by not in (None, "human") or words.startswith((*NO_PROMPT, INTERRUPTED)):
        return Said(kind=Kind.OTHER)
    return Said(kind=Kind.PROMPT if words or others else Kind.OTHER, text=words, images=others)
