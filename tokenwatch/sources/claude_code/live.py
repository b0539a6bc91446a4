"""The registry of running processes: `<root>/sessions/<pid>.json`, one file for each.

The program removes its file when it exits; after a crash it stays. So an entry counts only if the
process lives and began when the entry says. The `.key` files beside it hold secrets.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from tokenwatch.events import LiveProcess
from tokenwatch.sources.tail import read_document
from tokenwatch.sources.values import mapping, text

STATUSES = frozenset({"busy", "idle", "waiting"})
ENTRY_LIMIT = 1024 * 1024
_PANE = re.compile(r"%\d+$")
_NAMESPACE = re.compile(r"pid:\[\d+\]")


def processes(root: Path, proc: Path = Path("/proc")) -> Sequence[LiveProcess]:
    """Return one entry for each registry file that names a session; never raises.

    Entries of another pid namespace (a container) are left out: nothing can be said of them.
    """
    try:
        paths = sorted((root / "sessions").iterdir())
    except OSError:
        return []
    entries = (_entry(path, proc) for path in paths if path.name.endswith(".json"))
    return [entry for entry in entries if entry is not None]


def _entry(path: Path, proc: Path) -> LiveProcess | None:
    try:
        document = mapping(json.loads(read_document(str(path), ENTRY_LIMIT)))
    except (OSError, ValueError, RecursionError):
        return None
    session, pid = text(document.get("sessionId")), document.get("pid")
    if session is None or type(pid) is not int or not 0 < pid < 2**31:
        return None
    if _is_foreign(text(document.get("pidDomain")), proc):
        return None
    status = text(document.get("status"))
    pane = _PANE.search(text(document.get("tmux")) or "")
    return LiveProcess(
        session_id=session,
        alive=_is_alive(pid, document.get("procStart"), proc),
        status=status if status in STATUSES else None,
        waiting_for=text(document.get("waitingFor")),
        status_ms=_time(document.get("statusUpdatedAt")) or _time(document.get("updatedAt")),
        pid=pid,
        tmux_pane=pane[0] if pane else None,
    )


def _time(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**53 else None


def _is_foreign(domain: str | None, proc: Path) -> bool:
    """Tell whether an entry's pid counts in another namespace than ours."""
    theirs = _NAMESPACE.search(domain or "")
    if theirs is None:
        return False
    try:
        return str((proc / "self" / "ns" / "pid").readlink()) != theirs[0]
    except OSError:
        return False


def _is_alive(pid: int, started: object, proc: Path) -> bool:
    """Tell whether the process runs, and is the one that wrote the entry where that shows."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    except OSError:
        return False
    try:
        status = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    # Field 22, counted behind the program's name, which may hold blanks and brackets.
    fields = status.rpartition(")")[2].split()
    if len(fields) < 20 or fields[0] == "Z":
        return len(fields) < 20
    known = str(started) if isinstance(started, str | int) else ""
    return fields[19] == known if known.isdecimal() else True
