"""What keeps the guard from stopping anything, where clients ask it: one plain sentence."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from tokenwatch.answers.moment import Moment
from tokenwatch.clients import hooked
from tokenwatch.format import span
from tokenwatch.guard import record
from tokenwatch.guard.state import ABSENT, AHEAD_MS, BROKEN, MONITOR, STALE, read, stored
from tokenwatch.model import DAY_MS

MORE: Final = "tokenwatch hooks"
"""The command that says more."""


class Trouble(NamedTuple):
    """What a screen says of the guard."""

    words: str = ""
    """A sentence without its full stop; empty where nothing is the matter, or nobody asks it."""


def trouble(moment: Moment) -> Trouble:
    """Return what is the matter while a monitor runs here, so that the state has to be young."""
    if not hooked.is_guarded():
        return Trouble()
    at = str(moment.ledger.path.parent)
    return Trouble(of_state(at, moment.now_ms, is_kept=True))


def is_asked(moment: Moment) -> bool:
    """Answer whether any client asks the guard, so that hard budgets can stop anything."""
    return hooked.is_guarded()


def troubles(at: str, now_ms: int) -> list[str]:
    """Return the same in any process, and whether hooks failed within a day; a sentence each."""
    if not hooked.is_guarded():
        return []
    found = [of_state(at, now_ms, is_kept=_is_kept(at))]
    last = record.failure(at)
    at_ms = None if last is None else last.get("at_ms")
    if last is not None and isinstance(at_ms, int) and abs(now_ms - at_ms) < DAY_MS:
        many = last["count"]
        found.append(
            f"the guard could not decide and let go on {many} time{'s' * (many != 1)}, the last"
            f" {span(now_ms - at_ms)} ago"
        )
    return [words for words in found if words]


def of_state(at: str, now_ms: int, *, is_kept: bool) -> str:
    """Say what is wrong with the state in a folder. is_kept: a monitor writes it."""
    _, why = read(at, now_ms)
    found, _ = stored(at)
    if os.path.isdir(at) and not os.access(at, os.W_OK):  # noqa: PTH112
        return "the guard's folder can't be written, so what is spent from now on stops nothing"
    if why.startswith(BROKEN):
        return f"the guard's state is {why}, so no tool is stopped by it"
    if why == STALE and is_kept and found is not None:
        age_ms = now_ms - found["at_ms"]
        old = "from later than now" if age_ms < -AHEAD_MS else f"{span(age_ms)} old"
        return f"the guard's state is {old}, so no tool is stopped by it"
    if why == ABSENT and is_kept:
        return "the guard has no state, so no tool is stopped"
    return ""


def _is_kept(at: str) -> bool:
    """Tell whether the monitor that wrote the state still runs, as far as that can be told."""
    found, _ = stored(at)
    if found is None or found["by"] != MONITOR or os.name != "posix":
        return False
    pid = found.get("pid")
    if type(pid) is not int or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # It is there, and of another user.
        return True
    return True
