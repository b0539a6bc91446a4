"""What a state means for an event of a client's. Pure, but for what it is given.

In this order: what the user allowed goes on; then the hard budgets that are exceeded, then caps of
agents, then loops. A budget of a turn and a loop never stop a prompt: it begins another turn.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokenwatch.guard.state import Cap, Over, Running, State

PROMPT, TOOL = "UserPromptSubmit", "PreToolUse"
STARTERS = frozenset({"Agent", "Task", "spawn_agent"})
"""Tools that start a subagent: of Claude Code, of its older versions, of Codex."""
UNNAMED = {"claude-code": "general-purpose", "codex": "default"}
"""What a subagent is whose type is not said."""
NOTICE = "<task-notification>"
MAIN = "main"
BLOCK, DENY, ASK, END, PASS = "block", "deny", "ask", "end", "pass"
ALLOW_WORDS = "tokenwatch budget allow --for 1h"


class Event:
    """What a client asks about."""

    __slots__ = (
        *("agent_id", "agent_type", "by_user", "cwd", "name", "session_id", "source", "starts"),
        "tool",
    )

    def __init__(self, document: Mapping[str, object], source: str) -> None:
        """Take what is there of a hook's input; what is missing or of another kind is None."""
        self.source = source
        self.name = _text(document.get("hook_event_name")) or ""
        self.session_id = _text(document.get("session_id"))
        self.agent_id = _text(document.get("agent_id"))
        self.cwd = _text(document.get("cwd"))
        kind = _text(document.get("agent_type")) if self.agent_id is not None else MAIN
        self.agent_type = (kind or "").lower()
        """Of the agent that asks: a main one has no id, though it may be of a type as well."""
        self.tool = _text(document.get("tool_name"))
        self.by_user = self.agent_id is None and not (
            _text(document.get("prompt")) or ""
        ).startswith(NOTICE)
        """Of a prompt: it is none that a subagent is started with (Codex tells of these too), nor
        the client that wakes the agent because a subagent ended."""
        self.starts: str | None = None
        """The type of the subagent that would be started; None where none would."""
        if self.name == TOOL and self.tool in STARTERS:
            given = document.get("tool_input")
            wanted = None
            if isinstance(given, dict):
                wanted = given.get("subagent_type") or given.get("agent_type")
            self.starts = (_text(wanted) or UNNAMED.get(source, "")).lower()


class Decision:
    """What is done about an event."""

    __slots__ = ("cause", "kind", "reason")

    def __init__(self, kind: str, cause: str = "", reason: str = "") -> None:
        self.kind = kind
        """block a prompt, deny or ask about a tool call, end the turn, or pass."""
        self.cause = cause
        """`budget:NAME`, `agents:NAME` or `loop`."""
        self.reason = reason


class Since:
    """What hooks saw since the state was made, of the event's session."""

    __slots__ = ("prompt_ms", "starts")

    def __init__(self, prompt_ms: int = 0, starts: Sequence[tuple[str, str]] = ()) -> None:
        self.prompt_ms = prompt_ms
        """The latest prompt in this session; 0 where none was seen."""
        self.starts = starts
        """Session and type of the subagents that were let start shortly before it was made, or
        after that, in any session."""


def decide(state: State, event: Event, now_ms: int, since: Since | None = None) -> Decision:
    """Return what is done about an event. Raises KeyError or TypeError for a state that is none."""
    since = Since() if since is None else since
    if event.name not in (PROMPT, TOOL) or _is_allowed(state, event, now_ms):
        return Decision(PASS)
    how = state["over_budget"]
    if how != "off":
        for over in state["budgets"]:
            if _concerns(over, event, now_ms) and not _is_past(over, event, state, since):
                decision = _over_budget(how, over, event)
                if decision.kind != PASS:
                    return decision
        if event.starts is not None:
            for cap in state["caps"]:
                if (many := _running(cap, state["running"], event, since)) >= cap["limit"]:
                    return _full(how, cap, many, event)
    if event.name == TOOL and state["loops"] != "off":
        for loop in state["looping"]:
            if loop["session_id"] == event.session_id and loop["last_ms"] >= since.prompt_ms:
                kind = END if state["loops"] == END else ASK
                return Decision(kind, "loop", _to_user(f"A loop: {loop['words']}", event))
    return Decision(PASS)


def _is_allowed(state: State, event: Event, now_ms: int) -> bool:
    return any(
        each["session_id"] in (None, event.session_id)
        and (each["until_ms"] is None or each["until_ms"] > now_ms)
        for each in state["allowances"]
    )


# Budgets ----------------------------------------------------------------------------------------


def _concerns(over: Over, event: Event, now_ms: int) -> bool:
    """Tell whether an exceeded budget is of what would be done."""
    if over["until_ms"] is not None and over["until_ms"] <= now_ms:
        return False
    if over["sessions"] is not None and event.session_id not in over["sessions"]:
        return False
    kind, value = over["kind"], over["value"]
    if kind == "agent":
        return value.lower() in (event.agent_type, event.starts)
    if kind in ("model", "session"):
        return over["sessions"] is not None
    if event.session_id is not None and event.session_id in over.get("within", ()):
        return True
    return _covers(kind, value, event.session_id, event.source, event.cwd)


def _covers(kind: str, value: str, session_id: str | None, source: str, cwd: str | None) -> bool:
    if kind == "project":
        return lies_in(cwd, value)
    if kind == "source":
        return source == value
    if kind == "session":
        return session_id is not None and session_id.startswith(value)
    return True


def lies_in(path: str | None, wanted: str) -> bool:
    """Tell whether a folder is in a project: its path or one below; its last name, or one below.

    As `analysis.budgets.lies_in`, which knows the project's own folder alone.
    """
    if path is None:
        return False
    wanted = wanted.rstrip("/")
    if not wanted.startswith("/") and wanted:
        return f"/{wanted}/" in f"{path}/"
    return path == (wanted or "/") or path.startswith(f"{wanted}/")


def _is_past(over: Over, event: Event, state: State, since: Since) -> bool:
    """Tell whether a budget of a turn is of one that is over."""
    begins_another = event.name == PROMPT and event.agent_id is None
    return over["turn"] and (begins_another or since.prompt_ms >= state["at_ms"])


def _over_budget(how: str, over: Over, event: Event) -> Decision:
    cause, words = f"budget:{over['name']}", over["words"]
    if event.name == PROMPT:
        if how == ASK:
            return Decision(PASS)
        return Decision(BLOCK, cause, _to_user(words, event))
    if how == END:
        return Decision(END, cause, _to_user(words, event))
    if how == BLOCK and event.starts is not None:
        return Decision(DENY, cause, _to_agent(words, event))
    return Decision(ASK, cause, _to_user(words, event))


# Agents at once ---------------------------------------------------------------------------------


def _running(cap: Cap, rows: Sequence[Running], event: Event, since: Since) -> int:
    """Return how many agents run that a cap counts; -1 where it is not of this subagent."""
    kind, value = cap["kind"], cap["value"].lower()
    if kind == "agent" and value != event.starts:
        return -1
    if kind != "agent" and not _covers(
        kind, cap["value"], event.session_id, event.source, event.cwd
    ):
        return -1
    many, known, own_main = 0, 0, False
    for row in rows:
        own = row["session_id"] == event.session_id
        if cap["each"] and not own:
            continue
        if kind != "agent" and not (
            own or _covers(kind, cap["value"], row["session_id"], row["source"], row["project"])
        ):
            continue
        many += sum(kind != "agent" or name == value for name in row["names"])
        known += sum(kind != "agent" or name == value for name in row["fresh"])
        own_main = own_main or (own and MAIN in row["names"])
    starts = [
        name
        for session, name in since.starts
        if (not cap["each"] or session == event.session_id) and (kind != "agent" or name == value)
    ]
    many += max(0, len(starts) - known)
    # Who asks is at work, whatever the state knew of it when it was made.
    return many + (kind != "agent" and not own_main)


def _full(how: str, cap: Cap, many: int, event: Event) -> Decision:
    cause = f"agents:{cap['name']}"
    what = f"{cap['value']} agents" if cap["kind"] == "agent" else "agents"
    words = f"Budget {cap['name']}: {many} {what} run, {cap['limit']} at once are allowed"
    if how == END:
        return Decision(END, cause, _to_user(words, event))
    if how == ASK:
        return Decision(ASK, cause, _to_user(words, event))
    return Decision(DENY, cause, _to_agent(words, event, again="until one of them has ended"))


# Words ------------------------------------------------------------------------------------------


def _to_user(words: str, event: Event) -> str:
    """Say what is the matter, and how to go on."""
    return f"{words}. To go on all the same: {_ways(event)}"


def _to_agent(words: str, event: Event, again: str = "") -> str:
    """Say it to the model too: that it should not try again, and what to tell its user."""
    when = f" {again}" if again else ""
    return (
        f"{words}. Start no other subagent{when}; go on without, or stop and tell the user."
        f" To go on all the same, the user can run: {_ways(event)}"
    )


def _ways(event: Event) -> str:
    session = event.session_id
    if session is None or not session.replace("-", "").replace("_", "").isalnum():
        return ALLOW_WORDS
    # The whole id: those of Codex begin with the time, and begin alike for a minute.
    return f"{ALLOW_WORDS}   (only this session: tokenwatch budget allow --session {session})"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
