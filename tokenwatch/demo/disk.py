"""Logs as they grow: lines wait here until a flush appends them whole.

A file's modification time is that of its last record, so that history looks its age.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

Json = dict[str, object]
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class Log:
    """One JSON Lines file."""

    def __init__(self, disk: Disk, path: Path) -> None:
        self._disk = disk
        self.path = path

    def add(self, record: Mapping[str, object], at_ms: int) -> None:
        """Append one record that was written at `at_ms`."""
        self._disk.append(self.path, encode(record) + "\n", at_ms)


class Disk:
    """Everything written but not yet flushed."""

    def __init__(self) -> None:
        self._lines: dict[Path, list[str]] = {}
        self._last_ms: dict[Path, int] = {}

    def append(self, path: Path, text: str, at_ms: int) -> None:
        self._lines.setdefault(path, []).append(text)
        self._last_ms[path] = at_ms

    def replace(self, path: Path, document: Mapping[str, object], at_ms: int) -> None:
        """Write a whole small file at once."""
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, encode(document))
        _set_time(path, at_ms)

    def flush(self) -> None:
        """Append all that waits. Raises OSError; what could not be written still waits."""
        for path in list(self._lines):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write("".join(self._lines[path]))
            del self._lines[path]
            _set_time(path, self._last_ms.pop(path))


def encode(record: Mapping[str, object]) -> str:
    """Return compact JSON as the clients write it: keys in their order, no escapes of letters."""
    return _encode(record)


def replace_file(path: Path, text: str) -> None:
    """Write a file so that no reader sees half of it. Raises OSError."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _set_time(path: Path, at_ms: int) -> None:
    os.utime(path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
