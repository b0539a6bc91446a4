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

from tokenwatch.found import LiveProcess
from tokenwatch.sources.values import mapping, text

STATUSES = frozenset({"busy", "idle", "waiting"})
ENTRY_LIMIT = 1024 * 1024
_PANE = re.compile(r"%\d+$")
_NAMESPACE = re.compile(r"pid:\[\d+\]")
_FIRST_NAMESPACE = "pid:[4026531836]"
"""Linux's own number for the namespace that sees every process of the machine."""


def processes(root: Path, proc: Path = Path("/proc")) -> Sequence[LiveProcess]:
    """Return one entry for each registry file that names a session; never raises.

    An entry of another pid namespace (a container) is checked where its processes show in ours;
    of one elsewhere, or on another machine, it is unknown whether it lives.
    """
    try:
        paths = sorted((root / "sessions").iterdir())
    except OSError:
        return []
    entries = (_entry(path, proc) for path in paths if path.name.endswith(".json"))
    return [entry for entry in entries if entry is not None]


def _entry(path: Path, proc: Path) -> LiveProcess | None:
    # Where no client runs, a question about that should not wait for what decodes logs.
    from tokenwatch.sources.tail import read_document

    try:
        document = mapping(json.loads(read_document(str(path), ENTRY_LIMIT)))
    except (OSError, ValueError, RecursionError):
        return None
    session, pid = text(document.get("sessionId")), document.get("pid")
    if session is None or type(pid) is not int or not 0 < pid < 2**31:
        return None
    started = document.get("procStart")
    domain = text(document.get("pidDomain")) or ""
    space = _foreign_namespace(domain, proc)
    status = text(document.get("status"))
    pane = _PANE.search(text(document.get("tmux")) or "")
    return LiveProcess(
        session_id=session,
        alive=_is_alive(pid, started, proc)
        if space is None
        else _lives_in(space, domain, started, proc),
        status=status if status in STATUSES else None,
        waiting_for=text(document.get("waitingFor")),
        status_ms=_time(document.get("statusUpdatedAt")) or _time(document.get("updatedAt")),
        pid=pid,
        tmux_pane=pane[0] if pane else None,
    )


def _time(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**53 else None


def _foreign_namespace(domain: str, proc: Path) -> str | None:
    """Return the pid namespace that an entry counts in; None if it is ours.

    domain: `linux:<machine id>:pid:[<namespace>]`.
    """
    theirs = _NAMESPACE.search(domain)
    try:
        ours = str((proc / "self" / "ns" / "pid").readlink())
    except OSError:
        return None
    return theirs[0] if theirs is not None and theirs[0] != ours else None


def _lives_in(space: str, domain: str, started: object, proc: Path) -> bool | None:
    """Tell whether a process that began then runs in a namespace; None if that can't be seen.

    Its pid there says nothing here, but the start time, in ticks since boot, is the same.
    """
    seen = False
    for entry in proc.iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            if str((entry / "ns" / "pid").readlink()) != space:
                continue
        except OSError:
            continue
        seen = True
        if started and _start_of(entry) == str(started):
            return True
    sees_all = str((proc / "self" / "ns" / "pid").readlink()) == _FIRST_NAMESPACE
    return False if seen or (sees_all and _machine() in domain.split(":")) else None


def _machine() -> str:
    try:
        return Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return "unknown"


def _start_of(process: Path) -> str | None:
    """Return field 22 of a process's `stat`; None for one that is gone or a zombie."""
    try:
        status = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # Counted behind the program's name, which may hold blanks and brackets.
    fields = status.rpartition(")")[2].split()
    return None if len(fields) < 20 or fields[0] == "Z" else fields[19]


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
