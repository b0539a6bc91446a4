"""Which threads a process has open: locks that Codex holds since about 0.149.

A lock file that is left over tells nothing; a lock that is held does. Where the system lists its
locks, that list is asked. Else the lock is tried without waiting and given back at once, on a
file opened for reading: nothing is created, changed or removed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tokenwatch.found import LiveProcess
from tokenwatch.sources.codex.locate import LOCKS

_ENDING = ".lock"
_SYSTEM_LOCKS = Path("/proc/locks")
_FAR_FUTURE_MS = 2**53

_sessions: dict[tuple[str, str], str] = {}
"""By home and thread: locks are looked at every second, headers never change."""


def writers(root: Path) -> Sequence[LiveProcess]:
    """Return the sessions with a lock file, each once: alive if one of its threads is held."""
    if sys.platform == "win32":
        return ()
    try:
        paths = sorted(path for path in (root / LOCKS).iterdir() if path.name.endswith(_ENDING))
    except OSError:
        return ()
    listed = _listed()
    found: dict[str, LiveProcess] = {}
    for path in paths:
        thread_id = path.name.removesuffix(_ENDING)
        if not thread_id or thread_id.startswith("."):
            continue
        held, pid = _state(path, listed)
        if held is None:
            continue
        session_id = _session(root, thread_id)
        if held or session_id not in found:
            found[session_id] = LiveProcess(session_id=session_id, alive=held, pid=pid)
    return tuple(found.values())


def _listed() -> dict[tuple[int, int, int], int]:
    """Return the pid behind each advisory lock of the system, by device and inode."""
    try:
        lines = _SYSTEM_LOCKS.read_text().splitlines()
    except OSError:
        return {}
    locks = {}
    for line in lines:
        words = line.split()
        if len(words) < 6 or words[1] == "->":
            continue
        try:
            major, minor, inode = words[5].split(":")
            locks[int(major, 16), int(minor, 16), int(inode)] = int(words[4])
        except ValueError:
            continue
    return locks


def _state(path: Path, listed: dict[tuple[int, int, int], int]) -> tuple[bool | None, int | None]:
    """Tell whether a process holds a lock, and which; None if that can't be found out."""
    try:
        status = path.lstat()
    except OSError:
        return None, None
    key = (os.major(status.st_dev), os.minor(status.st_dev), status.st_ino)
    if key in listed:
        pid = listed[key]
        return True, pid if pid > 0 else None
    return _try(path), None


def _try(path: Path) -> bool | None:
    # Other processes' locks may be hidden from the list: containers, some file systems.
    import fcntl

    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    else:
        fcntl.flock(handle, fcntl.LOCK_UN)
        return False
    finally:
        os.close(handle)


def _session(root: Path, thread_id: str) -> str:
    """Return the root of the thread's tree; its own id while it has no file."""
    known = _sessions.get((str(root), thread_id))
    if known is not None:
        return known
    from msgspec.structs import replace

    from tokenwatch.sources.codex.family import header, settle
    from tokenwatch.sources.codex.locate import rollout_of

    path = rollout_of(root, thread_id)
    found = None if path is None else header(path, _FAR_FUTURE_MS)
    if found is None:
        return thread_id
    thread = replace(found)
    settle(thread, root, _FAR_FUTURE_MS)
    _sessions[str(root), thread_id] = thread.session
    return thread.session
