"""Open the ledger: private, WAL, of a version that this program knows."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tokenwatch.errors import LedgerBusy, LedgerError, LedgerGone, LedgerNewer
from tokenwatch.paths import make_private
from tokenwatch.store import peek, schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MEND = "move the file away and start again: it is built anew from the logs"
MAGIC = b"SQLite format 3\0"
PATIENCE_S = 20.0
"""How long a transaction of another process is waited for."""


class Ledger:
    """One connection to the ledger. A thread needs its own; processes may have any number."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.sql = connection
        connection.row_factory = sqlite3.Row
        self._file = _identity(path)
        self._beside: dict[Path, tuple[int, int]] = {}
        """What SQLite kept beside the file at the last check; it has no use without that."""
        self._is_gone = False
        self._is_open = True
        if self._file is not None:
            peek.connected(self._file)

    @classmethod
    def open(cls, path: Path, *, patience_s: float | None = None) -> Ledger:
        """Open for writing; create or migrate as needed.

        patience_s: how long another process's transaction is waited for; PATIENCE_S if None.

        Raises LedgerNewer (and changes nothing) for a ledger of a newer version, LedgerBusy if
        another process holds it, LedgerError for anything else that stands in the way.
        """
        patience_s = PATIENCE_S if patience_s is None else patience_s
        with _explained(path):
            make_private(path.parent)
            if path.exists():
                _refuse_newer(path)
                _tighten(path)
            else:
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            connection = sqlite3.connect(path, timeout=patience_s, isolation_level=None)
            ledger = cls(path, connection)
            try:
                ledger._prepare()
            except BaseException:
                ledger.close()
                raise
            return ledger

    def _prepare(self) -> None:
        self.sql.execute("PRAGMA journal_mode = WAL")
        self.sql.execute("PRAGMA synchronous = NORMAL")
        self.sql.execute("PRAGMA foreign_keys = OFF")
        self.sql.execute("PRAGMA cache_size = -16000")
        if self._version() < schema.VERSION:
            with self.transaction():
                from tokenwatch.store import migrations

                migrations.upgrade(self.sql, self._version())
                self.sql.execute(f"PRAGMA user_version = {schema.VERSION}")

    def _version(self) -> int:
        return int(self.sql.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all of the block or nothing; waits for other writers, then raises LedgerBusy."""
        with _explained(self.path):
            self.sql.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._roll_back()
                raise
            try:
                self.sql.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        """Undo a transaction, unless SQLite has: on a full disk it does so by itself."""
        if self.sql.in_transaction:
            self.sql.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the ledger throughout the block, whatever is written meanwhile."""
        with _explained(self.path):
            self.sql.execute("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def check(self) -> None:
        """Raise LedgerError if others removed, replaced, overwrote or upgraded the file in use.

        SQLite would not notice, and what is written after that would be lost or do harm.
        """
        with _explained(self.path):
            if _identity(self.path) != self._file:
                self._is_gone = True
                raise LedgerGone(f"{self.path} was removed or replaced: it is opened anew")
            if peek.head(self.path, len(MAGIC)) not in (b"", MAGIC):
                raise LedgerError(f"{self.path}: file is not a database; {MEND}")
            if self._version() > schema.VERSION:
                _refuse_newer(self.path)
            for ending in ("-wal", "-shm"):
                path = self.path.with_name(self.path.name + ending)
                if identity := _identity(path):
                    self._beside[path] = identity

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what goes wrong in SQLite within the block as LedgerError."""
        with _sqlite_explained(self.path):
            yield

    def meta(self, key: str) -> str | None:
        """Return a remembered word."""
        row = self.sql.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a word; inside a transaction."""
        self.sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def close(self) -> None:
        """Close the connection."""
        self.sql.close()
        if self._is_open and self._file is not None:
            peek.disconnected(self._file)
        self._is_open = False
        if self._is_gone:
            # SQLite leaves them to the file that has the name; read into it, they would harm it.
            for path, identity in self._beside.items():
                if _identity(path) == identity:
                    path.unlink(missing_ok=True)


def stored_path(path: str) -> str | bytes:
    """Return a path as a column holds it: text, or bytes where it is no valid text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def real_path(stored: str | bytes) -> str:
    """Return the path of such a column."""
    return os.fsdecode(stored)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells the file from another of the same name; None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _uri(path: Path) -> str:
    from urllib.parse import quote

    return f"file:{quote(str(path))}?mode=ro"


def _tighten(path: Path) -> None:
    """Take the file, and what SQLite keeps beside it, away from everybody but its owner.

    SQLite makes the others with the ledger's mode: those made while it was read-only would keep it
    so.
    """
    is_ours = path.stat().st_mode & 0o200
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(FileNotFoundError):
            file = path.with_name(name)
            mode = file.stat().st_mode
            if mode & 0o077 or (is_ours and not mode & 0o200):
                file.chmod(0o600)


def _version(path: Path) -> int:
    """Return the version of a ledger without leaving a trace beside it.

    Even a connection for reading makes files there, unless another process has them in use.
    """
    wal = path.with_name(f"{path.name}-wal")
    if not wal.exists() or not wal.stat().st_size:
        header = peek.head(path, 64)
        return int.from_bytes(header[60:64], "big") if header.startswith(MAGIC) else 0
    connection = sqlite3.connect(_uri(path), uri=True, timeout=PATIENCE_S)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def _refuse_newer(path: Path) -> None:
    version = _version(path)
    if version > schema.VERSION:
        raise LedgerNewer(
            f"{path} was written by a newer tokenwatch (its schema is {version}, this "
            f"program knows {schema.VERSION}): update tokenwatch, "
            "or set TOKENWATCH_DATA_DIR to another folder"
        )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into ours, with the file's name."""
    try:
        with _sqlite_explained(path):
            yield
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror or error}") from error


@contextmanager
def _sqlite_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise LedgerBusy(f"{path} has been locked by another process for too long") from error
        raise LedgerError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{path}: {error}; {MEND}") from error
