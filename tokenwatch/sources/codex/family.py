"""Whose session a thread belongs to, where its own header does not say.

Since 0.142 a header names the root of the tree. Before, a child names its parent only, and a
reviewer's thread nobody: then the answer is in other files of the same home.
"""

from __future__ import annotations

from pathlib import Path

from tokenwatch.model import AgentKind
from tokenwatch.sources.codex.locate import log_at, rollout_of
from tokenwatch.sources.codex.records import read_record
from tokenwatch.sources.codex.thread import Thread, ids_in_name, thread_of, uuid7_ms
from tokenwatch.sources.tail import Tail, open_log
from tokenwatch.sources.values import Oddities, text

DEPTH_LIMIT = 32
REVIEW_START_MS = 10_000
"""A review run by itself writes its parent's file within this of the reviewer's, often later."""
REVIEW_HEAD_BYTES = 256 * 1024
_KNOWN_LIMIT = 512

_known: dict[str, Thread] = {}
"""Headers of files that were asked for: they never change."""


def header(path: Path, now_ms: int) -> Thread | None:
    """Return the thread of a file by its first line; None if that can't be read."""
    name = str(path)
    if name not in _known:
        try:
            with Tail(log_at(path.parent, path), None, now_ms=now_ms) as tail:
                number, first = next(iter(tail), (1, b""))
        except OSError:
            return None
        record = read_record(number, first, lambda *_: True, now_ms, Oddities())
        thread = None
        if record is not None and record.type == "session_meta":
            thread = thread_of(record, name, now_ms)
        if thread is None:
            return None
        if len(_known) >= _KNOWN_LIMIT:
            _known.clear()
        _known[name] = thread
    return _known[name]


def settle(thread: Thread, root: Path, now_ms: int) -> None:
    """Fill in `session_id`: the root of the tree, as far as the home's files tell.

    A child of nobody becomes a session of its own: that its parent is unknown is no reason to
    leave its usage out.
    """
    if thread.session_id is None and thread.parent_id is not None:
        thread.session_id = _root(thread.parent_id, root, now_ms)
    if thread.session_id in (None, thread.id):
        thread.session_id = thread.id
        thread.kind = AgentKind.MAIN
        thread.parent_id = None
    elif thread.parent_id is None:
        thread.parent_id = thread.session_id


def _root(parent_id: str, root: Path, now_ms: int) -> str:
    seen = {parent_id}
    for _ in range(DEPTH_LIMIT):
        path = rollout_of(root, parent_id)
        parent = None if path is None else header(path, now_ms)
        if parent is None:
            return parent_id
        above = parent.session_id or parent.parent_id
        if above is None or above in seen:
            return parent_id
        if parent.session_id is not None:
            return parent.session_id
        seen.add(above)
        parent_id = above
    return parent_id


def reviewed_by_turn(thread: Thread, path: str, turn_id: str) -> str | None:
    """Return the thread that a reviewer works for: it started the same turn.

    Looks at the files that began shortly before the reviewer's, in the same folder.
    """
    born = uuid7_ms(thread.id)
    if born is None:
        return None
    for other in sorted(Path(path).parent.glob("rollout-*.jsonl")):
        other_id = ids_in_name(other.name)[0]
        age = born - (uuid7_ms(other_id) or 0)
        if other_id and other_id != thread.id and 0 <= age <= REVIEW_START_MS:
            try:
                with open_log(str(other)) as file:
                    head = file.read(REVIEW_HEAD_BYTES)
            except OSError:
                continue
            if turn_id.encode() in head and b'"entered_review_mode"' in head:
                return text(other_id)
    return None


def may_be_reviewed_yet(thread: Thread, now_ms: int) -> bool:
    """Tell whether the file of the thread that a reviewer works for may be still to be written."""
    born = uuid7_ms(thread.id)
    return born is not None and 0 <= now_ms - born <= REVIEW_START_MS
