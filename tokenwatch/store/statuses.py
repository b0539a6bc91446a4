"""Take what Claude Code told its status line into the ledger: statuses, and readings of windows.

A session that rests goes on telling the windows of its last answer. So that a window is used less
than it was is believed only from a session whose cost has moved since it last told anything.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch import paths
from tokenwatch.format import clean
from tokenwatch.model import DAY_MS
from tokenwatch.sources.claude_code.locate import SOURCE_NAME
from tokenwatch.sources.roots import Root
from tokenwatch.store import quotas
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.quotas import Reading

if TYPE_CHECKING:
    from tokenwatch.sources.claude_code.statuses import Status, Window

ORIGIN = "statusline"
KEPT_MS = 35 * DAY_MS
"""After so long a day's file is removed; what it told is in the ledger."""
SAME_WINDOW_MS = 10 * 60_000
"""Reset times nearer to each other are of the same window."""
AGAIN_MS = 10 * 60_000
"""What has not changed is stored again after so long: it shows how old the reading is."""
AT_ONCE = 8 * 1024 * 1024
_META = "status-lines"


class SessionStatus(NamedTuple):
    """What was told of a session last."""

    session_id: str
    observed_ms: int
    version: str | None
    model: str | None
    cost_usd: str | None
    """As the program estimates it at list price; a decimal number."""
    context_tokens: int | None
    context_limit: int | None


def statuses(ledger: Ledger) -> dict[str, SessionStatus]:
    """Return the latest status of every session that told one, by its id."""
    rows = ledger.sql.execute(
        "SELECT session_id, observed_ms, version, model, cost_usd, context_tokens, context_limit"
        " FROM statuses"
    )
    return {row[0]: SessionStatus(*row) for row in rows}


def passed_over(ledger: Ledger) -> dict[str, int]:
    """Return how many lines were damaged, and how many limits had no length or no use."""
    found = _progress(ledger).skipped
    return {name: count for name, count in found.items() if count}


def sync_statuses(ledger: Ledger, roots: Sequence[Root], now_ms: int) -> int:
    """Store what was told since the last time; return how many lines that were.

    Days beyond `KEPT_MS` are removed, once a day. Raises LedgerError; a file that can't be read is
    read when it can.
    """
    folder = paths.status_lines()
    sizes = _sizes(folder)
    known = _progress(ledger)
    today = now_ms // DAY_MS
    if known.pruned == today and not _unread(sizes, known):
        return 0
    if not sizes and not known.offsets:
        return 0
    # Only now: it decodes.
    from tokenwatch.sources.claude_code.statuses import status

    with ledger.transaction():
        # Another process may have read it meanwhile.
        known = _progress(ledger)
        taking = _Taking(ledger, roots)
        lines = 0
        for name in _unread(sizes, known):
            for line in _new_lines(folder / name, name, known):
                lines += 1
                taking.take(status(line, now_ms))
        known.offsets = {name: at for name, at in known.offsets.items() if name in sizes}
        known.ends = {name: at for name, at in known.ends.items() if name in sizes}
        is_new_day, known.pruned = known.pruned != today, today
        for reason, count in taking.skipped.items():
            known.skipped[reason] = known.skipped.get(reason, 0) + count
        ledger.set_meta(_META, json.dumps(known.__dict__))
    if is_new_day:
        # Not before it is certain that what they told is kept.
        _prune(folder, sizes, now_ms)
    return lines


class _Progress:
    """How far each day's file was read."""

    def __init__(self) -> None:
        self.offsets: dict[str, int] = {}
        """Behind the last whole line."""
        self.ends: dict[str, int] = {}
        """Where it ended then: behind a torn line, if there is one."""
        self.pruned = 0
        self.skipped: dict[str, int] = {}


def _progress(ledger: Ledger) -> _Progress:
    known = _Progress()
    found = ledger.meta(_META)
    if found is not None:
        known.__dict__.update(json.loads(found))
    return known


def _sizes(folder: Path) -> dict[str, int]:
    """Return the sizes of the days' files, in the order of the days."""
    found = {}
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                stem, dot, ending = entry.name.partition(".")
                is_day = len(stem) == 8 and stem.isascii() and stem.isdigit()
                if is_day and dot + ending == ".jsonl" and entry.is_file(follow_symlinks=False):
                    found[entry.name] = entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return {}
    except OSError as error:
        _log(folder, error)
        return {}
    return dict(sorted(found.items()))


def _unread(sizes: dict[str, int], known: _Progress) -> list[str]:
    ends = known.offsets | known.ends
    return [name for name, size in sizes.items() if size != ends.get(name, 0)]


def _new_lines(path: Path, name: str, known: _Progress) -> Iterator[bytes]:
    """Yield the lines behind the offset, which moves along; a torn last line waits."""
    try:
        with path.open("rb") as file:
            at = known.offsets.get(name, 0)
            if at > os.fstat(file.fileno()).st_size:
                at = 0
            while True:
                file.seek(at)
                part = file.read(AT_ONCE)
                whole = part.rfind(b"\n") + 1
                if not whole:
                    # So long a line is none of ours; its end is looked for in the next part.
                    at += len(part) if len(part) == AT_ONCE else 0
                    known.offsets[name] = at
                    if len(part) < AT_ONCE:
                        known.ends[name] = at + len(part)
                        return
                    continue
                at += whole
                known.offsets[name] = at
                yield from part[: whole - 1].split(b"\n")
    except OSError as error:
        _log(path, error)


def _log(path: Path, error: OSError) -> None:
    import logging

    logging.getLogger(__name__).warning("%s can't be used: %s", path, error.strerror or error)


def _prune(folder: Path, sizes: dict[str, int], now_ms: int) -> None:
    from datetime import UTC, datetime

    oldest = datetime.fromtimestamp((now_ms - KEPT_MS) / 1000, UTC).strftime("%Y%m%d")
    for name in sizes:
        if name[:8] < oldest:
            try:
                (folder / name).unlink(missing_ok=True)
            except OSError as error:
                _log(folder / name, error)


class _Last(NamedTuple):
    """The newest reading of a window."""

    observed_ms: int
    used_percent: float
    resets_ms: int | None


class _Taking:
    """Stores statuses in the order they were told; within one transaction."""

    def __init__(self, ledger: Ledger, roots: Sequence[Root]) -> None:
        self._ledger, self._sql = ledger, ledger.sql
        self._roots = [root.path for root in roots if root.source.name == SOURCE_NAME]
        self._by_real = {os.path.realpath(path): str(path) for path in reversed(self._roots)}
        self._windows: dict[tuple[str, str, int], int] = {}
        self._last: dict[int, _Last | None] = {}
        self.skipped: dict[str, int] = {}

    def take(self, told: Status | None) -> None:
        """Store a status; None: a line that held none."""
        if told is None:
            self._skip("malformed", 1)
            return
        self._skip("no-window", told.passed_over)
        spoke = self._remember(told)
        root = self._root(told.root)
        if root is not None:
            for window in told.windows:
                self._read(root, window, told.at_ms, spoke)

    def _skip(self, reason: str, count: int) -> None:
        if count:
            self.skipped[reason] = self.skipped.get(reason, 0) + count

    def _remember(self, told: Status) -> bool:
        """Store a session's status; tell whether its program has had an answer since its last."""
        if told.session_id is None:
            return False
        session = clean(told.session_id)
        row = self._sql.execute(
            "SELECT cost_usd FROM statuses WHERE session_id = ?", (session,)
        ).fetchone()
        self._sql.execute(
            "INSERT INTO statuses VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE"
            " SET observed_ms = excluded.observed_ms, version = excluded.version,"
            " model = excluded.model, cost_usd = excluded.cost_usd,"
            " context_tokens = excluded.context_tokens, context_limit = excluded.context_limit"
            " WHERE excluded.observed_ms >= observed_ms",
            (
                session,
                told.at_ms,
                None if told.version is None else clean(told.version),
                None if told.model is None else clean(told.model),
                told.cost_usd,
                told.context_tokens,
                told.context_limit,
            ),
        )
        return told.cost_usd is not None and (row is None or row[0] != told.cost_usd)

    def _root(self, told: str | None) -> str | None:
        """Return the root as the ledger calls it; the first one for a folder that is not there.

        One whose logs are not read stays what it is: its account may be another one.
        """
        if told is not None and os.path.isabs(told) and "\0" not in told:  # noqa: PTH117
            if found := self._by_real.get(os.path.realpath(told)):
                return found
            if os.path.isdir(told):  # noqa: PTH112
                return told
        return str(self._roots[0]) if self._roots else None

    def _read(self, root: str, told: Window, at_ms: int, spoke: bool) -> None:
        key = self._window(root, told)
        if key not in self._last:
            row = self._sql.execute(
                'SELECT observed_ms, used_percent, resets_ms FROM quotas WHERE "window" = ?'
                " ORDER BY observed_ms DESC LIMIT 1",
                (key,),
            ).fetchone()
            self._last[key] = None if row is None else _Last(*row)
        last = self._last[key]
        if last is not None and told.resets_ms is None and (last.resets_ms or 0) > at_ms:
            # When it is reset was told before, and that is not yet over.
            told = told._replace(resets_ms=last.resets_ms)
        if not _is_news(last, told, at_ms, spoke):
            return
        reading = Reading(at_ms, told.used_percent, told.resets_ms, None, ORIGIN)
        quotas.add(self._ledger, key, reading)
        self._last[key] = _Last(at_ms, told.used_percent, told.resets_ms)

    def _window(self, root: str, told: Window) -> int:
        name = (root, told.limit_id, told.minutes)
        if name not in self._windows:
            self._windows[name] = quotas.window_key(
                self._ledger, SOURCE_NAME, root, told.limit_id, told.minutes
            )
        return self._windows[name]


def _is_news(last: _Last | None, told: Window, at_ms: int, spoke: bool) -> bool:
    """Tell whether a reading says something that the newest one does not.

    spoke: the session has had an answer since it last told anything.
    """
    if last is None:
        return True
    if at_ms <= last.observed_ms:
        return False
    if told.resets_ms is None or last.resets_ms is None:
        is_same = told.resets_ms == last.resets_ms
        # The last one is over if it is told without a time: from who just spoke that is the next.
        is_later = last.resets_ms is None or spoke
    else:
        is_same = abs(told.resets_ms - last.resets_ms) < SAME_WINDOW_MS
        is_later = told.resets_ms > last.resets_ms
    if not is_same:
        return is_later
    if told.used_percent != last.used_percent:
        return spoke or told.used_percent > last.used_percent
    return spoke and at_ms - last.observed_ms >= AGAIN_MS
