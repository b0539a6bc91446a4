"""Which files there are below the roots, and which of them may hold something unread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tokenwatch.found import LogFile, Trouble
from tokenwatch.snapshot import Looked
from tokenwatch.sources.roots import Root
from tokenwatch.sources.source import Pass


class Lookout:
    """Knows the files as they were when they were looked at last. Never opens one."""

    def __init__(self, roots: Sequence[Root]) -> None:
        self._roots = tuple(roots)
        self.files: dict[str, LogFile] = {}
        """By path."""
        self._inodes: set[tuple[str, int, int]] = set()
        """Identities of the files, links to one being one."""
        self.doubtful: dict[Pass, set[str]] = {which: set() for which in Pass}
        """Paths of the files that a pass may have to read: whoever has looked takes them out."""
        self.troubles: tuple[Trouble, ...] = ()
        self.looked: tuple[Looked, ...] = ()

    def look(self) -> None:
        """Look at all roots for files that are new, changed or gone."""
        self.files, self._inodes = {}, set()
        troubles: list[Trouble] = []
        looked = []
        for root in self._roots:
            found = root.source.find(root.path)
            troubles += found.troubles
            for file in found.files:
                if _identity(file) not in self._inodes:
                    self._inodes.add(_identity(file))
                    self.files[file.path] = file
            looked.append(
                Looked(
                    source=root.source.name,
                    title=root.source.title,
                    path=str(root.path),
                    exists=root.path.is_dir(),
                    files=_logs(found.files),
                )
            )
        self.doubtful = {which: set(self.files) for which in Pass}
        self.troubles, self.looked = tuple(troubles), tuple(looked)

    def look_at(self, path: str) -> Sequence[LogFile] | None:
        """Look at one path only, a folder with all below it; return the files that are new.

        None if that can't show all that has changed, so that `look` is due.
        """
        real = os.path.realpath(path)
        file = self.files.get(real)
        if file is None:
            return self._new(Path(path), real)
        try:
            status = os.stat(real)  # noqa: PTH116
        except OSError:
            return None
        self._take(
            file._replace(
                size=status.st_size,
                mtime_ns=status.st_mtime_ns,
                device=status.st_dev,
                inode=status.st_ino,
            )
        )
        return ()

    def _new(self, path: Path, real: str) -> Sequence[LogFile] | None:
        """Take in what is new at a path.

        Most is no log: locks, entries of registries, what vanished before it was looked at.
        """
        if not path.exists():
            is_lost = any(known.startswith(real + os.sep) for known in self.files)
            return None if is_lost else ()
        roots = [root for root in self._roots if path.is_relative_to(root.path)]
        new: list[LogFile] = []
        for root in roots:
            found = root.source.find(root.path, path if path.is_dir() else path.parent)
            unknown = [file for file in found.files if file.path not in self.files]
            if found.troubles or any(_identity(file) in self._inodes for file in unknown):
                return None
            for file in unknown:
                self._take(file)
            self.looked = tuple(
                replace(at, files=at.files + _logs(unknown)) if at.path == str(root.path) else at
                for at in self.looked
            )
            new += unknown
        return new if roots else None

    def _take(self, file: LogFile) -> None:
        self.files[file.path] = file
        self._inodes.add(_identity(file))
        for doubtful in self.doubtful.values():
            doubtful.add(file.path)


def _identity(file: LogFile) -> tuple[str, int, int]:
    return file.source, file.device, file.inode


def _logs(files: Iterable[LogFile]) -> int:
    return sum(file.kind == "log" for file in files)
