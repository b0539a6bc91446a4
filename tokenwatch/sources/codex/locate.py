"""Which files below a Codex home hold sessions."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from tokenwatch.found import Found, LogFile, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAME = "codex"
ARCHIVE = "archived_sessions"
LOCKS = "thread-writer-locks"
_ENDINGS = (".jsonl", ".jsonl.zst")


def roots(environment: Mapping[str, str], home: Path) -> list[Path]:
    """Return the homes that `CODEX_HOME` names (one folder, or a list), else `~/.codex`."""
    value = environment.get("CODEX_HOME", "")
    if not value.strip():
        return [home / ".codex"]
    parts = [value] if Path(value).is_dir() else value.replace(",", os.pathsep).split(os.pathsep)
    named = [Path(part.strip()) for part in parts if part.strip()]
    return list(dict.fromkeys(_at_home(path, home) for path in named))


def _at_home(path: Path, home: Path) -> Path:
    if path.parts[:1] == ("~",):
        return home.joinpath(*path.parts[1:])
    return path if path.is_absolute() else Path.cwd() / path


def find(root: Path, below: Path | None = None) -> Found:
    """Return the rollouts of a home, each once however many links lead to it.

    below: only those in or below this folder.
    """
    files: dict[tuple[int, int], LogFile] = {}
    troubles: list[Trouble] = []
    for entry, folder in _rollouts(root, below, troubles):
        log = _log(root, entry, folder, troubles)
        if log is not None:
            files.setdefault((log.device, log.inode), log)
    kept = _prefer_plain(sorted(files.values(), key=lambda log: log.path))
    return Found(files=tuple(kept), troubles=tuple(troubles))


def rank(path: str) -> int:
    """Return who owns what two copies of a thread share: active before archived before packed."""
    if path.endswith(".zst"):
        return 2
    return 1 if Path(path).parent.name == ARCHIVE else 0


def rollout_of(root: Path, thread_id: str) -> Path | None:
    """Return the file of a thread below a home, found by its name; None if there is none."""
    from datetime import UTC, datetime, timedelta

    from tokenwatch.sources.codex.thread import uuid7_ms

    if not thread_id or not all(c.isalnum() or c in "-_" for c in thread_id):
        return None
    pattern = f"rollout-*{thread_id}*.jsonl*"
    sessions = root / "sessions"
    born = uuid7_ms(thread_id)
    folders = [sessions, root / ARCHIVE]
    if born is not None:
        # Folders are named by local days, ids tell UTC.
        day = datetime.fromtimestamp(born / 1000, UTC)
        days = (day + timedelta(days=n) for n in (0, -1, 1))
        folders[:0] = [sessions / d.strftime("%Y/%m/%d") for d in days]
    for folder in folders:
        if found := _first(folder.glob(pattern)):
            return found
    return None if born is not None else _first(sessions.rglob(pattern))


def _first(paths: Iterator[Path]) -> Path | None:
    try:
        return min((p for p in paths if p.name.endswith(_ENDINGS)), default=None)
    except OSError:
        return None


def _rollouts(
    root: Path, below: Path | None, troubles: list[Trouble]
) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield rollouts, each with its folder's path behind all links."""
    sessions, archive = root / "sessions", root / ARCHIVE
    top = str(sessions)
    if below is None or _is_searched(below, sessions):
        for entry, folder in _walk(str(below or sessions), troubles, deep=True):
            at_top = os.path.dirname(entry.path) == top  # noqa: PTH120 - a hot loop over strings
            old = at_top and entry.name.startswith("rollout-") and entry.name.endswith(".json")
            if old or entry.name.endswith(_ENDINGS):
                yield entry, folder
    if below is None or below == archive:
        for entry, folder in _walk(str(archive), troubles, deep=False):
            if entry.name.endswith(_ENDINGS):
                yield entry, folder


def _is_searched(folder: Path, sessions: Path) -> bool:
    """Tell whether a search of all sessions comes to a folder, if that is one."""
    if not folder.is_relative_to(sessions):
        return False
    inside = [sessions / part for part in folder.relative_to(sessions).parents if part.name]
    return (
        not any(part.is_symlink() or part.name.endswith(_ENDINGS) for part in (*inside, folder))
        or folder == sessions
    )


def _walk(
    folder: str, troubles: list[Trouble], *, deep: bool
) -> Iterator[tuple[os.DirEntry[str], str]]:
    """Yield what is no folder; links to folders are not followed, so that no loop can arise."""
    waiting = [(folder, os.path.realpath(folder))]
    while waiting:
        here, resolved = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = list(listing)
        except FileNotFoundError:
            continue
        except NotADirectoryError:
            troubles.append(Trouble(path=here, what="not a directory"))
            continue
        except OSError:
            troubles.append(Trouble(path=here, what="unreadable"))
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if deep and not entry.name.endswith(_ENDINGS):
                    waiting.append((entry.path, os.path.join(resolved, entry.name)))  # noqa: PTH118
                elif entry.name.endswith(_ENDINGS):
                    troubles.append(Trouble(path=entry.path, what="not a file"))
            else:
                yield entry, resolved


def _log(
    root: Path, entry: os.DirEntry[str], folder: str, troubles: list[Trouble]
) -> LogFile | None:
    path = entry.path
    try:
        status = entry.stat()
        if entry.is_symlink():
            resolved = os.path.realpath(path, strict=True)
        else:
            resolved = os.path.join(folder, entry.name)  # noqa: PTH118
    except FileNotFoundError:
        troubles.append(Trouble(path=path, what="vanished"))
        return None
    except OSError:
        troubles.append(Trouble(path=path, what="unreadable"))
        return None
    if not stat.S_ISREG(status.st_mode):
        troubles.append(Trouble(path=path, what="not a file"))
        return None
    return _described(str(root), resolved, status)


def log_at(root: Path, path: Path) -> LogFile:
    """Return a rollout as a file to read. Raises OSError if there is none."""
    return _described(str(root), str(path), path.stat())


def _described(root: str, path: str, status: os.stat_result) -> LogFile:
    return LogFile(
        source=NAME,
        root=root,
        path=path,
        kind="sidecar" if path.endswith(".json") else "log",
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        device=status.st_dev,
        inode=status.st_ino,
    )


def _prefer_plain(logs: Sequence[LogFile]) -> Iterator[LogFile]:
    """Leave out a packed file beside its plain one: for an instant both exist."""
    plain = {log.path for log in logs}
    for log in logs:
        if not (log.path.endswith(".zst") and log.path.removesuffix(".zst") in plain):
            yield log
