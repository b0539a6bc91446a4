"""What hooks leave behind: decisions, what they saw since the last state, and what went wrong.

Each is a line that is appended with one write, so hooks that run at the same time don't mix theirs.
"""

from __future__ import annotations

import os

from tokenwatch.guard.decide import Since
from tokenwatch.guard.plain import dumps, loads
from tokenwatch.guard.state import AHEAD_MS, content, put, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tokenwatch.guard.decide import Decision, Event

DECISIONS = "decisions.jsonl"
"""One decision a line: at_ms, source, session_id, agent_id, event, decision, cause, reason."""
SEEN = "guard-seen"
"""`<ms> prompt <session>` or `<ms> start <session> <subagent's type> <process that says so>`."""
FAILURE = "guard-failure.json"
"""The latest failure of a hook, and how many there were: at_ms, what, count."""
WAKE = "wake"
"""Touched when a client without hooks tells that a turn has ended; a monitor looks at once."""
UNSEEN_MS = 10_000
"""So much before a state was made, a subagent may have been started that it does not know of."""
_LARGE = 64_000
_LOG_MOST = 500_000


def decided(at: str, now_ms: int, event: Event, decision: Decision) -> None:
    """Append a decision. Raises OSError."""
    line = dumps(
        {
            "at_ms": now_ms,
            "source": event.source,
            "session_id": event.session_id,
            "agent_id": event.agent_id,
            "event": event.name,
            "decision": decision.kind,
            "cause": decision.cause,
            "reason": decision.reason,
        }
    )
    _append(f"{at}/{DECISIONS}", line)


def saw(at: str, now_ms: int, event: Event) -> None:
    """Append that a prompt came, or that a subagent is about to start. Raises OSError."""
    session = _word(event.session_id)
    what = f"prompt {session}"
    if event.starts is not None:
        what = f"start {session} {_word(event.starts)} {os.getpid()}"
    path = f"{at}/{SEEN}"
    if os.path.exists(path) and os.path.getsize(path) > _LARGE:  # noqa: PTH110, PTH202
        lines = content(path).splitlines(keepends=True)
        replace(path, "".join(lines[-len(lines) // 4 :]))
    _append(path, f"{now_ms} {what}")


def since(at: str, event: Event, state_ms: int, now_ms: int) -> Since:
    """Return what hooks saw that a state of then may not know of, up to what this one said.

    What is from later than now is from before the clock was set back. Raises OSError.
    """
    try:
        lines = content(f"{at}/{SEEN}").splitlines()
    except FileNotFoundError:
        return Since()
    prompt_ms, own, mine = 0, _word(event.session_id), str(os.getpid())
    starts: list[tuple[str, str]] = []
    for line in lines:
        at_ms, what, session, name, process = (*line.split(" "), "", "", "", "")[:5]
        if not at_ms.isdecimal() or int(at_ms) > now_ms + AHEAD_MS:
            continue
        if process == mine and int(at_ms) >= state_ms - UNSEEN_MS:
            break
        if what == "prompt" and session == own:
            prompt_ms = max(prompt_ms, int(at_ms))
        elif what == "start" and int(at_ms) >= state_ms - UNSEEN_MS:
            starts.append((session, name))
    return Since(prompt_ms, starts)


def wake(at: str) -> None:
    """Let a monitor look at the logs now. Raises OSError."""
    os.makedirs(at, mode=0o700, exist_ok=True)  # noqa: PTH103
    os.close(os.open(f"{at}/{WAKE}", os.O_WRONLY | os.O_CREAT, 0o600))
    os.utime(f"{at}/{WAKE}")


def woken_ns(at: str) -> int:
    """Return when a monitor was last to look, in nanoseconds; 0 for never."""
    try:
        return os.stat(f"{at}/{WAKE}").st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


def noted_ns(at: str) -> int:
    """Return when a hook noted last what it saw, in nanoseconds; 0 for never."""
    try:
        return os.stat(f"{at}/{SEEN}").st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


def failed(at: str, now_ms: int, what: str) -> None:
    """Remember a failure, and put it into the log. Never raises: nobody is left to tell."""
    try:
        before = failure(at)
        count = before["count"] if before is not None else 0
        assert isinstance(count, int)
        replace(
            f"{at}/{FAILURE}",
            dumps({"at_ms": now_ms, "what": what[:300], "count": count + 1}),
        )
        log = f"{at}/tokenwatch.log"
        if not os.path.exists(log) or os.path.getsize(log) < _LOG_MOST:  # noqa: PTH110, PTH202
            import time

            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now_ms / 1000))
            _append(log, f"{when},{now_ms % 1000:03d} ERROR tokenwatch.guard {dumps(what)[1:-1]}")
    except Exception:  # noqa: BLE001
        os.write(2, f"tokenwatch: the guard could not decide: {dumps(what)[1:-1]}\n".encode())


def failure(at: str) -> dict[str, object] | None:
    """Return the latest failure; None where there was none that can be read."""
    try:
        found = loads(content(f"{at}/{FAILURE}"))
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(found, dict) and type(found.get("count")) is int:
        return found
    return None


def _append(path: str, line: str) -> None:
    out = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        put(out, f"{line}\n")
    finally:
        os.close(out)


def _word(text: str | None) -> str:
    """Return a text without anything that would end a word or a line."""
    return "".join(text.split())[:200] if text else "-"
