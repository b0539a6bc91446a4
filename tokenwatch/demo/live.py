"""The live signs of running agents: Claude Code's registry, Codex's locked files.

All of them name this process, which therefore stands for every invented client.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

from tokenwatch.demo.claude import VERSION, ClaudeSession
from tokenwatch.demo.disk import Json, encode, replace_file
from tokenwatch.demo.stage import Stage


class LiveSigns:
    """Keeps the signs on disk equal to who is running."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._start = _process_start()
        self._registered: dict[Path, str] = {}
        self._locks: dict[Path, BinaryIO] = {}

    def renew(self) -> None:
        """Write what changed since the last time. Raises OSError."""
        folder = self._stage.claude_root / "sessions"
        folder.mkdir(parents=True, exist_ok=True)
        wanted = {
            folder / f"{os.getpid()}-{session.number}.json": encode(self._entry(session))
            for session in self._stage.sessions
        }
        for path in self._registered.keys() - wanted.keys():
            path.unlink(missing_ok=True)
        for path, text in wanted.items():
            if self._registered.get(path) != text:
                replace_file(path, text)
        self._registered = wanted
        self._renew_locks()

    def remove(self) -> None:
        """Remove every sign, as if all clients had left. Raises OSError."""
        for path in self._registered:
            path.unlink(missing_ok=True)
        self._registered = {}
        for path in list(self._locks):
            self._unlock(path)

    def _entry(self, session: ClaudeSession) -> Json:
        name = f"{session.project.name}-{session.number:02x}"
        entry: Json = {
            "pid": os.getpid(),
            "sessionId": session.id,
            "cwd": session.project.cwd,
            "startedAt": session.started_ms,
            "procStart": self._start,
            "version": VERSION,
            "peerProtocol": 1,
            "kind": "interactive",
            "entrypoint": "cli",
            "name": name,
            "nameSource": "derived",
            "nameSince": session.started_ms,
            "status": session.status,
            "updatedAt": session.status_ms,
            "statusUpdatedAt": session.status_ms,
        }
        if session.waiting_for:
            entry["waitingFor"] = session.waiting_for
        return entry

    def _renew_locks(self) -> None:
        folder = self._stage.codex_root / "thread-writer-locks"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".coordination.lock").touch()
        wanted = {folder / f"{thread.id}.lock" for thread in self._stage.threads}
        for path in self._locks.keys() - wanted:
            self._unlock(path)
        for path in wanted - self._locks.keys():
            lock = path.open("ab")
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._locks[path] = lock

    def _unlock(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._locks.pop(path).close()


def _process_start() -> str:
    """Return when this process began, in the words of the registry on this platform."""
    if sys.platform == "linux":
        # The name in field 2 may hold spaces and parentheses: count from its end.
        rest = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return rest.split()[22 - 3]
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    return shown.stdout.strip()
