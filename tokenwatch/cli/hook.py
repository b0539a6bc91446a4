"""`tokenwatch hooks run`: decide about one event of a client's, or let it go on.

The client waits for this at every prompt and every call of a tool, so it starts as little as it can
and never keeps it waiting: after `LATEST_S` the process ends. It ends with 0 whatever happens (2
would stop the client) and prints nothing but a decision.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import start_new_thread

from tokenwatch.guard import record
from tokenwatch.guard.answer import answer, told
from tokenwatch.guard.decide import PASS, PROMPT, TOOL, Decision, Event, Since, decide
from tokenwatch.guard.plain import dumps, loads
from tokenwatch.guard.state import BROKEN, FRESH_MS, MONITOR, folder, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokenwatch.guard.state import State

SOURCES = ("claude-code", "codex")
REFRESH_S = 1.0
"""So long a client is kept waiting for the ledger to be brought up to date."""
READ_S = 0.45
"""Nothing new is begun to be read after so long: what was read is still to be stored and asked."""
LATEST_S = 2.0
LARGEST = 64 * 1024 * 1024
"""Bytes of an event; a larger one is let go on."""
AGAIN_MS = 10_000
"""Where no monitor keeps the state, it is made anew behind an answer when it is so old."""
KEPT_MS = 30_000
"""A monitor makes the state anew every ten seconds: one that has not for so long is gone, or reads
older logs."""
_TURN = "guard-turn"
"""Touched by who makes the state anew behind an answer, so that one does it at a time."""


def run(arguments: Sequence[str]) -> int:
    """Answer the event on stdin; this process ends here, with 0."""
    _end_late(LATEST_S, "it took too long")
    _end_late(LATEST_S + 0.25, None)
    try:
        source = source_of(arguments)
        event = Event(_event(_input()), source)
        said, then = respond(event)
        if said:
            _print(said)
        if then:
            _behind()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the client goes on
        _failed(f"{type(error).__name__}: {error}")
    os._exit(0)


def notify() -> int:
    """Tell a monitor that a turn has ended; Codex adds words of its own, which are not needed."""
    _end_late(LATEST_S, None)
    try:
        record.wake(folder())
    except OSError as error:
        _failed(f"{type(error).__name__}: {error}")
    return 0


def source_of(arguments: Sequence[str]) -> str:
    """Return whose event it is. Raises ValueError for a source or an option that is unknown."""
    if not arguments:
        return SOURCES[0]
    name = arguments[-1].removeprefix("--source=")
    flag = arguments[0] if len(arguments) == 2 else arguments[0][: len("--source")]
    if len(arguments) > 2 or flag != "--source" or name not in SOURCES:
        raise ValueError(f"hooks run: wrong options: {' '.join(arguments)}")
    return name


def respond(event: Event) -> tuple[str, bool]:
    """Return what to print, and whether the state should be made anew behind this answer."""
    if event.name not in (PROMPT, TOOL):
        return "", False
    at, now_ms = folder(), _now_ms()
    began = time.monotonic()
    state, why = read(at, now_ms)
    if why.startswith(BROKEN):
        _failed(f"{at}: the state is {why}")
    age_ms = 0 if state is None else now_ms - state["at_ms"]
    is_kept = state is not None and state["by"] == MONITOR and age_ms <= KEPT_MS
    is_fresh = is_kept and age_ms <= FRESH_MS
    if event.name == PROMPT and not is_fresh:
        state = _refreshed(at, state)
    decision = _decision(at, event, state)
    if event.name == TOOL and decision.kind != PASS and not is_kept:
        # Whoever is to be stopped is not stopped because of what was so a while ago.
        state = _refreshed(at, state)
        decision = _decision(at, event, state)
    decision = told(decision, event.source)
    if decision.kind != PASS:
        _noted(lambda: record.decided(at, _now_ms(), event, decision))
    elif event.name == PROMPT and event.by_user and state is not None:
        _noted(lambda: record.saw(at, _now_ms(), event))
    document = answer(decision)
    # What could not be read while the client waited is read behind its back.
    old = state is None or (not is_kept and _now_ms() - state["at_ms"] > AGAIN_MS)
    behind = old if event.name == TOOL else time.monotonic() - began > READ_S
    return "" if document is None else dumps(document), behind


def _decision(at: str, event: Event, state: State | None) -> Decision:
    if state is None:
        return Decision(PASS)
    decision = decide(state, event, _now_ms(), _since(at, event, state))
    if decision.kind == PASS and event.starts is not None and state["caps"]:
        # Of subagents that start at the same time each must see those before it: it says that it
        # starts, then looks who said so earlier.
        _noted(lambda: record.saw(at, _now_ms(), event))
        decision = decide(state, event, _now_ms(), _since(at, event, state))
    return decision


def _since(at: str, event: Event, state: State) -> Since:
    now_ms = _now_ms()
    try:
        return record.since(at, event, state["at_ms"], now_ms)
    except OSError as error:
        # Where it is not known, another turn may have begun: what is of a turn stops nothing.
        _failed(f"{at}: what hooks saw can't be read: {error}")
        return Since(now_ms)


def _noted(note: Callable[[], None]) -> None:
    """Take a note; a decision stands without it, on a full disk as well."""
    try:
        note()
    except OSError as error:
        _failed(f"what was decided can't be noted: {error}")


def _refreshed(at: str, state: State | None) -> State | None:
    """Return the state as it is now, or the one there is if that takes too long."""
    found: list[State | None] = []
    wrong: list[str] = []

    def work() -> None:
        try:
            from tokenwatch.cli.hook_state import make

            found.append(make(at, within_s=READ_S))
        except BaseException as error:  # noqa: BLE001 - told below
            wrong.append(f"{type(error).__name__}: {error}")

    until = time.monotonic() + REFRESH_S
    start_new_thread(work, ())
    while not found and not wrong and time.monotonic() < until:
        time.sleep(0.005)
    if found:
        return found[0]
    _failed(wrong[0] if wrong else f"the ledger could not be read within {REFRESH_S:g} s")
    return state


def _behind() -> None:
    """Make the state anew in a process of its own, unless another one just does."""
    at = folder()
    turn = f"{at}/{_TURN}"
    try:
        # What is from later than now was touched before the clock was set back.
        if 0 <= time.time() - os.stat(turn).st_mtime < AGAIN_MS / 1000:  # noqa: PTH116
            return
    except FileNotFoundError:
        pass
    os.makedirs(at, mode=0o700, exist_ok=True)  # noqa: PTH103
    os.close(os.open(turn, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    os.utime(turn)
    if not hasattr(os, "fork") or os.fork():
        return
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    _end_late(30.0, "the ledger could not be brought up to date behind an answer")
    from tokenwatch.cli.hook_state import make

    make(at, within_s=20.0, looks_for_loops=True)


def _input() -> bytes:
    parts, left = [], LARGEST
    while part := os.read(0, 1 << 20):
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise ValueError("the event is too large")
    return b"".join(parts)


def _event(given: bytes) -> dict[str, object]:
    found = loads(given.decode("utf-8", "replace"))
    if not isinstance(found, dict):
        raise ValueError("the event is no JSON object")
    return found


def _print(text: str) -> None:
    out = f"{text}\n".encode()
    while out:
        out = out[os.write(1, out) :]
    os.close(1)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _end_late(seconds: float, why: str | None) -> None:
    """End this process with 0 after so long, whatever it waits for then."""

    def end() -> None:
        time.sleep(seconds)
        if why is not None:
            _failed(why)
        os._exit(0)

    start_new_thread(end, ())


def _failed(what: str) -> None:
    try:
        record.failed(folder(), _now_ms(), what)
    except BaseException:  # noqa: BLE001 - there is nothing to tell it with
        sys.stderr.write("tokenwatch: the guard could not decide\n")
