"""The small file that says what the guard has to stop: `guard.json` beside the ledger.

A monitor writes it with every picture while any client asks (`alerting.beside`); where none does, a
hook makes it (`cli.hook_state`). Times are ms.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NotRequired, TypedDict

    class Over(TypedDict):
        """A hard budget that is exceeded."""

        name: str
        kind: str
        """Of its scope: all, project, source, model, agent or session."""
        value: str
        """Of its scope; of a model nothing that a hook is told."""
        words: str
        """A sentence without its full stop."""
        until_ms: int | None
        """When its period ends; None where that is not known."""
        sessions: list[str] | None
        """The only ones it is of; None: all in its scope."""
        turn: bool
        """It is of a turn: the next prompt begins another one."""
        within: NotRequired[list[str]]
        """Of a project: sessions that are counted there, wherever they go."""

    class Loop(TypedDict):
        """A session that goes in circles."""

        session_id: str
        words: str
        last_ms: int
        """The latest call of it; a prompt after it ends it."""

    class Cap(TypedDict):
        """A hard budget of agents at once."""

        name: str
        kind: str
        """Of its scope: all, project, source, agent or session."""
        value: str
        limit: int
        each: bool
        """It is of every session by itself; else of all in its scope together."""

    class Running(TypedDict):
        """The agents that run in a session."""

        session_id: str
        source: str
        project: str | None
        names: list[str]
        """Of each agent that runs, its type in small letters; `main` of the main one."""
        fresh: list[str]
        """Types of the subagents that were started within `record.UNSEEN_MS`."""
        spawned: int
        """Subagents that were started in the last ten minutes."""

    class Allowed(TypedDict):
        """What the user let go on."""

        until_ms: int | None
        session_id: str | None
        """None: everything."""

    class State(TypedDict):
        """All of it."""

        version: int
        at_ms: int
        pid: int
        by: str
        """monitor or hook."""
        over_budget: str
        loops: str
        """As in the settings (`config.guard`)."""
        budgets: list[Over]
        looping: list[Loop]
        caps: list[Cap]
        running: list[Running]
        allowances: list[Allowed]


VERSION = 1
NAME = "guard.json"
MONITOR, HOOK = "monitor", "hook"
STALE_MS = {MONITOR: 120_000, HOOK: 600_000}
"""What is older says nothing any more: a monitor writes often, hooks when something happens."""
FRESH_MS = 5_000
"""What is younger need not be made anew before a prompt."""
AHEAD_MS = 5_000
"""The clock was set back if a state is from later than that."""
ABSENT, STALE, BROKEN = "absent", "stale", "broken"
_LISTS = ("budgets", "looping", "caps", "running", "allowances")


def folder() -> str:
    """Return the data folder as `paths.data_dir` does, for most users without its imports.

    Those are `pathlib` and what that needs: 10 ms, where all that a hook imports takes 3.
    """
    chosen = os.environ.get("TOKENWATCH_DATA_DIR")
    if chosen:
        return os.path.expanduser(chosen)  # noqa: PTH111
    if sys.platform == "linux" and os.environ.get("HOME") and "ANDROID_DATA" not in os.environ:
        base = os.environ.get("XDG_DATA_HOME", "")
        if not base.strip():
            base = f"{os.environ['HOME']}/.local/share"
        return f"{base}/tokenwatch"
    from tokenwatch import paths

    return str(paths.data_dir())


def state(
    *,
    at_ms: int,
    by: str,
    over_budget: str,
    loops: str,
    budgets: Sequence[Over] = (),
    looping: Sequence[Loop] = (),
    caps: Sequence[Cap] = (),
    running: Sequence[Running] = (),
    allowances: Sequence[Allowed] = (),
) -> State:
    """Return a state, of this process."""
    return {
        "version": VERSION,
        "at_ms": at_ms,
        "pid": os.getpid(),
        "by": by,
        "over_budget": over_budget,
        "loops": loops,
        "budgets": list(budgets),
        "looping": list(looping),
        "caps": list(caps),
        "running": list(running),
        "allowances": list(allowances),
    }


def write(at: str, new: State) -> None:
    """Put a state into a folder in place of the one before, for the owner alone. Raises OSError.

    One that is older than what is there is dropped: of two writers the slower one must not win.
    """
    from tokenwatch.guard.plain import dumps

    before, _ = read(at, new["at_ms"])
    if before is not None and before["at_ms"] > new["at_ms"]:
        return
    text = dumps(new)
    os.makedirs(at, mode=0o700, exist_ok=True)  # noqa: PTH103
    replace(f"{at}/{NAME}", text)


def put_allowances(at: str, new: Sequence[Allowed]) -> None:
    """Put these into the state that stands, if there is one; it grows no younger. Raises OSError.

    A state that was written meanwhile may be lost: its writer makes another one soon.
    """
    from tokenwatch.guard.plain import dumps

    now, _ = stored(at)
    if now is not None and now["allowances"] != new:
        now["allowances"] = list(new)
        replace(f"{at}/{NAME}", dumps(now))


def replace(path: str, text: str) -> None:
    """Put a text in the place of a file, at once and for the owner alone. Raises OSError."""
    draft = f"{path}.{os.getpid()}"
    try:
        out = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            put(out, text)
        finally:
            os.close(out)
        os.replace(draft, path)  # noqa: PTH105
    except BaseException:
        if os.path.lexists(draft):
            os.unlink(draft)  # noqa: PTH108
        raise


def put(out: int, text: str) -> None:
    """Write all of a text into an open file: a disk that fills up takes a part. Raises OSError."""
    left = text.encode("utf-8", "replace")
    while left:
        left = left[os.write(out, left) :]


def read(at: str, now_ms: int) -> tuple[State | None, str]:
    """Return the state in a folder and "", or None and why: absent, stale, or broken and how."""
    found, why = stored(at)
    if found is None:
        return None, why
    age = now_ms - found["at_ms"]
    if age < -AHEAD_MS or age > STALE_MS[found["by"]]:
        return None, STALE
    return found, ""


def stored(at: str) -> tuple[State | None, str]:
    """Return what `read` does, of any age."""
    from tokenwatch.guard.plain import loads

    try:
        text = content(f"{at}/{NAME}")
    except FileNotFoundError:
        return None, ABSENT
    except OSError as error:
        return None, f"{BROKEN}: {error.strerror}"
    try:
        found = loads(text)
    except (ValueError, RecursionError):
        return None, f"{BROKEN}: no JSON"
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None, f"{BROKEN}: of another version"
    proper = (
        type(found.get("at_ms")) is int
        and found.get("by") in STALE_MS
        and all(isinstance(found.get(name), list) for name in _LISTS)
        and all(_is_row(row) for name in _LISTS for row in found[name])
    )
    return (found, "") if proper else (None, f"{BROKEN}: not as it was written")  # type: ignore[return-value]


def _is_row(row: object) -> bool:
    """Tell whether a row may be one of ours: we write no fractions, and NaN is not comparable."""
    return isinstance(row, dict) and float not in map(type, row.values())


def content(path: str, most: int = 4_000_000) -> str:
    """Return the text of an ordinary file; a pipe or a device is never waited for."""
    source = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if (os.fstat(source).st_mode & 0o170000) != 0o100000:
            raise OSError(22, "it is no file")
        parts = []
        while part := os.read(source, most):
            parts.append(part)
            most -= len(part)
            if most <= 0:
                raise OSError(27, "it is too large")
    finally:
        os.close(source)
    return b"".join(parts).decode("utf-8", "replace")
