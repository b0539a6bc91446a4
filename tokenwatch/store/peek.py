"""Read the beginning of a ledger's file beside SQLite, without taking SQLite's locks away.

A process that closes any descriptor of a file gives up all its POSIX locks on it, those of SQLite
among them. Another process that closes its connection then takes itself for the last one, and
removes the write-ahead log under a connection that goes on writing into it. So while this process
has a connection to a file, a descriptor of it stays open once it is. Source: SQLite, "How To
Corrupt An SQLite Database File", 2.2.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

Identity = tuple[int, int]
"""Device and inode."""

_lock = threading.Lock()
_connections: dict[Identity, int] = {}
_descriptors: dict[Identity, int] = {}


def connected(file: Identity) -> None:
    """Say that this process has one more connection to a file."""
    with _lock:
        _connections[file] = _connections.get(file, 0) + 1


def disconnected(file: Identity) -> None:
    """Say that one of its connections was closed."""
    with _lock:
        left = _connections.get(file, 0) - 1
        if left > 0:
            _connections[file] = left
            return
        _connections.pop(file, None)
        if (descriptor := _descriptors.pop(file, None)) is not None:
            os.close(descriptor)


def head(path: Path, size: int) -> bytes:
    """Return the first bytes of a file. Raises OSError."""
    with _lock:
        found = path.stat()
        file = found.st_dev, found.st_ino
        descriptor = _descriptors.get(file)
        if descriptor is None:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            opened = os.fstat(descriptor)
            file = opened.st_dev, opened.st_ino
            if file in _connections and file not in _descriptors:
                _descriptors[file] = descriptor
        try:
            return os.pread(descriptor, size, 0)
        finally:
            if _descriptors.get(file) != descriptor and file not in _connections:
                os.close(descriptor)
