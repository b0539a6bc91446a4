"""What files say of themselves, and how far each was read: gathered, then written at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from tokenwatch.events import Bookmark, FileFacts
from tokenwatch.format import clean, one_line
from tokenwatch.found import LogFile
from tokenwatch.sources.source import Pass
from tokenwatch.store.ledger import stored_path
from tokenwatch.store.places import TITLE_LENGTH, Places

_COLUMNS = (
    *("key", "source", "root", "path", "kind", "device", "inode", "size", "mtime_ns", "gone_ms"),
    *("session", "agent_id", "agent_kind", "parent_agent_id", "rank", "first_ms", "last_ms"),
    *("cwd", "project", "git_branch", "version", "entrypoint", "scripted", "client_title"),
    *("agent_name", "agent_task", "tool_use_id", "prompt_fingerprint", "fork_of"),
    *("context_limit", "context_estimate", "lines"),
)
_WRITE = (
    f"INSERT OR REPLACE INTO files ({', '.join(_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_MARK = (
    "INSERT OR REPLACE INTO bookmarks (file, pass, offset, line, head, anchor, state, seen_size,"
    " seen_mtime_ns, read_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NEW = dict.fromkeys(_COLUMNS) | {"lines": 0}
_AT_ONCE = 400

Row = dict[str, object]
Where = tuple[int, str]
"""Offset and anchor of a bookmark."""


class Files:
    """The rows of one transaction's files, and their bookmarks."""

    def __init__(self, sql: sqlite3.Connection, places: Places, titles: str) -> None:
        """titles: as in `Details`."""
        self._sql = sql
        self._places = places
        self._titles = titles
        self.forget()

    def forget(self) -> None:
        """Drop everything that was gathered: it is written, or was rolled back."""
        self._rows: dict[str, Row] = {}
        self._changed: dict[str, Row] = {}
        self._where: dict[tuple[int, str], Where] = {}
        self._marks: dict[tuple[int, str], tuple[object, ...]] = {}
        self._last = 0

    def load(self, logs: Iterable[LogFile]) -> None:
        """Read what is known of these files; before anything else of a transaction."""
        self.forget()
        paths = list(dict.fromkeys(log.path for log in logs))
        self._last = self._sql.execute("SELECT max(key) FROM files").fetchone()[0] or 0
        for start in range(0, len(paths), _AT_ONCE):
            part = paths[start : start + _AT_ONCE]
            by_stored = {stored_path(path): path for path in part}
            marks = ",".join("?" * len(part))
            found = self._sql.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM files WHERE path IN ({marks})",
                tuple(by_stored),
            ).fetchall()
            for row in found:
                self._rows[by_stored[row["path"]]] = dict(zip(_COLUMNS, row, strict=True))
            keys = [row["key"] for row in found]
            self._where |= {
                (row[0], row[1]): (row[2], row[3])
                for row in self._sql.execute(
                    "SELECT file, pass, offset, anchor FROM bookmarks WHERE file IN"
                    f" ({','.join('?' * len(keys))})",
                    keys,
                )
            }

    def key(self, log: LogFile) -> int:
        """Return the key of a file that was loaded, as the file system shows it now."""
        row = self._rows.get(log.path)
        if row is None:
            self._last += 1
            row = self._rows[log.path] = _NEW | {
                "key": self._last,
                "source": log.source,
                "path": stored_path(log.path),
            }
        row["root"] = stored_path(log.root)
        row["kind"] = log.kind
        row["device"] = log.device
        row["inode"] = log.inode
        row["size"] = log.size
        row["mtime_ns"] = log.mtime_ns
        row["gone_ms"] = None
        self._changed[log.path] = row
        return _int(row["key"])

    def stands_at(self, file: int, which: Pass, before: Bookmark | None) -> bool:
        """Tell whether a pass has read a file up to this bookmark, and not beyond."""
        where = self._where.get((file, which.value))
        if where is None or before is None:
            return (where is None) == (before is None)
        return where == (before.offset, before.anchor)

    def learn(self, log: LogFile, facts: FileFacts) -> set[int]:
        """Add what a batch learnt of its file; return the keys of the sessions that it tells of."""
        row = self._rows[log.path]
        sessions = set() if row["session"] is None else {_int(row["session"])}
        if facts.session_id is not None:
            session = self._places.session(log.source, facts.session_id)
            self._places.agent(session, facts.session_id, facts.agent_id or facts.session_id)
            sessions.add(session)
            row["session"] = session
        for name, value in self._told(facts):
            if value is not None:
                row[name] = value
        if facts.last_ms is not None:
            row["last_ms"] = max(_int(row["last_ms"] or 0), facts.last_ms)
        return sessions

    def _told(self, facts: FileFacts) -> tuple[tuple[str, object], ...]:
        titles = self._titles
        return (
            ("agent_id", _clean(facts.agent_id or (facts.kind and facts.session_id))),
            ("agent_kind", None if facts.kind is None else facts.kind.value),
            ("parent_agent_id", _clean(facts.parent_agent_id)),
            ("rank", facts.rank),
            ("first_ms", facts.first_ms),
            ("cwd", _clean(facts.cwd)),
            ("project", _clean(facts.project)),
            ("git_branch", _clean(facts.git_branch)),
            ("version", _clean(facts.version)),
            ("entrypoint", _clean(facts.entrypoint)),
            ("scripted", None if facts.scripted is None else int(facts.scripted)),
            ("client_title", _short(facts.client_title) if titles != "none" else None),
            ("agent_name", _short(facts.agent_name)),
            ("agent_task", _short(facts.agent_task) if titles == "full" else None),
            ("tool_use_id", _clean(facts.tool_use_id)),
            ("prompt_fingerprint", facts.prompt_fingerprint),
            ("fork_of", _clean(facts.fork_of)),
            ("context_limit", facts.context_limit),
            ("context_estimate", facts.context_estimate),
        )

    def mark(self, log: LogFile, which: Pass, mark: Bookmark, seen_size: int, read_ms: int) -> None:
        """Note how far a pass has read a file."""
        row = self._rows[log.path]
        key = _int(row["key"]), which.value
        self._where[key] = mark.offset, mark.anchor
        self._marks[key] = (
            *key,
            mark.offset,
            mark.line,
            mark.head,
            mark.anchor,
            mark.state,
            seen_size,
            log.mtime_ns,
            read_ms,
        )
        if which is Pass.USAGE:
            row["lines"] = mark.line

    def flush(self) -> None:
        """Write what was learnt of the files; ranks that were asked for before may be others."""
        if self._changed:
            self._sql.executemany(_WRITE, [tuple(row.values()) for row in self._changed.values()])
            self._changed.clear()
            self._places.forget_ranks()
        self._sql.executemany(_MARK, self._marks.values())
        self._marks.clear()


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _clean(text: str | None) -> str | None:
    return clean(text) if text else None


def _short(text: str | None) -> str | None:
    return one_line(text, TITLE_LENGTH) if text else None
