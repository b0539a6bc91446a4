"""Bring the ledger up to date with the logs: only what grew is read, newest files first."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from time import monotonic

from tokenwatch.events import Batch, Bookmark
from tokenwatch.found import LogFile, Trouble
from tokenwatch.lookout import Lookout
from tokenwatch.model import DAY_MS
from tokenwatch.pricing import PriceBook
from tokenwatch.scanners import Failed, Job, Lost, Scanners, prepare
from tokenwatch.snapshot import Looked, Progress
from tokenwatch.sources.roots import Root
from tokenwatch.sources.source import SETTLED_MS, Pass
from tokenwatch.sources.tail import Tail
from tokenwatch.store import progress
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.unread import is_read
from tokenwatch.store.writer import Reading, Writer

log = logging.getLogger(__name__)

EVENTS_AT_ONCE = 20_000
BYTES_AT_ONCE = 160 * 1024 * 1024
SECONDS_AT_ONCE = 1.0
ALONE_BYTES = 8 * 1024 * 1024
"""Less is read sooner than scanners are started."""


class Sync:
    """Reads what is new into the ledger. For one thread; the ledger is that thread's."""

    def __init__(
        self,
        ledger: Ledger,
        where: Sequence[Root],
        book: PriceBook,
        *,
        titles: str,
        now: Callable[[], int],
        scanners: Callable[[], Scanners | None] = lambda: None,
        complaints: Sequence[str] = (),
    ) -> None:
        """scanners: called at most once, when there is enough to read to be worth them.

        complaints: the user's own words for one.
        """
        self._complaints = tuple(complaints)
        self._ledger = ledger
        self._start_scanners = scanners
        self._scanners: Scanners | None = None
        self.roots = tuple(where)
        self._sources = {root.source.name: root.source for root in self.roots}
        self._now = now
        self.writer = Writer(ledger, book.quote, titles=titles)
        self._marks = {which: progress.marks(ledger, which) for which in Pass}
        self._lookout = Lookout(self.roots)
        self._given_up: dict[tuple[Pass, str], tuple[int, int]] = {}
        """Size and time of files that could not be read: tried again when they have changed."""

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What the latest look came upon."""
        return self._lookout.troubles

    @property
    def looked(self) -> tuple[Looked, ...]:
        """What the latest look found, by root."""
        return self._lookout.looked

    def look(self) -> None:
        """Look at all roots for files that are new, changed or gone."""
        self._lookout.look()
        files = self._lookout.files
        self._follow_renames(files.values())
        known = progress.known_paths(self._ledger)
        if back := [path for path, is_gone in known.items() if is_gone and path in files]:
            self.writer.back(back)
        gone = [
            path
            for path, is_gone in known.items()
            if not is_gone and path not in files and not os.path.lexists(path)
        ]
        if gone:
            self.writer.gone(gone, self._now())

    def _follow_renames(self, files: Iterable[LogFile]) -> None:
        """Let files keep their bookmarks when they were moved (archived, renamed)."""
        moves = []
        for file in files:
            if self._is_known(file):
                continue
            old = progress.by_inode(self._ledger, file)
            if old is not None and not os.path.lexists(old) and self._goes_on(old, file):
                moves.append((old, file))
        if not moves:
            return
        self.writer.moved(moves)
        for _, file in moves:
            for which in Pass:
                mark = progress.mark(self._ledger, file.path, which)
                if mark is not None:
                    self._marks[which][file.path] = mark

    def _is_known(self, file: LogFile) -> bool:
        return any(file.path in self._marks[which] for which in Pass)

    def _goes_on(self, old: str, file: LogFile) -> bool:
        """Tell whether a file holds what was read of another one, up to the bookmark there."""
        mark = progress.mark(self._ledger, old, Pass.USAGE)
        if mark is None or not mark.bookmark.offset:
            return False
        try:
            with Tail(file, mark.bookmark, now_ms=self._now()) as tail:
                return not tail.restarted
        except OSError:
            return False

    def look_at(self, paths: Iterable[str]) -> bool:
        """Look at these paths only; False if that can't show all, so that `look` is due."""
        for path in paths:
            new = self._lookout.look_at(path)
            if new is None or any(self._is_known(file) for file in new):
                return False
            self._follow_renames(new)
        return True

    def pending(self, which: Pass) -> list[LogFile]:
        """Return the files with something unread for this pass, newest first.

        Asked are those that changed since, and those whose last line may still be unfinished.
        """
        now_ms = self._now()
        marks = self._marks[which]
        resting_ns = (now_ms - SETTLED_MS) * 1_000_000
        waiting: list[LogFile] = []
        doubtful: set[str] = set()
        for path in self._lookout.doubtful[which]:
            file = self._lookout.files.get(path)
            if file is None or not is_read(file, which):
                continue
            if self._given_up.get((which, path)) == (file.size, file.mtime_ns):
                continue
            if path not in marks or not marks[path].is_current(file, now_ms):
                waiting.append(file)
            elif file.mtime_ns < resting_ns:
                continue
            doubtful.add(path)
        self._lookout.doubtful[which] = doubtful
        return sorted(waiting, key=lambda file: (-file.mtime_ns, file.path))

    def unread_bytes(self, which: Pass) -> int:
        """Return how many bytes this pass has still to read."""
        return sum(self._marked(which, file) for file in self.pending(which))

    def bytes_of(self, source: str) -> int:
        """Return the size of all files of a source that were found."""
        return sum(file.size for file in self._lookout.files.values() if file.source == source)

    def read(
        self,
        which: Pass,
        *,
        report: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
        since_ms: int = 0,
    ) -> int:
        """Read everything that is pending for this pass; return how many batches were stored.

        report is called after each transaction. stop is asked between batches; what was read by
        then is kept. since_ms: leave files alone that have not changed since.
        """
        stored = 0
        for attempt in range(3):
            waiting = [f for f in self.pending(which) if f.mtime_ns >= since_ms * 1_000_000]
            if not waiting or (attempt and stop()):
                break
            total = self.unread_bytes(which)
            done = 0
            for group in self._groups(which, waiting, stop):
                stored += self._store(which, group)
                done += sum(reading.batch.bytes for reading in group)
                if report is not None:
                    report(
                        Progress(phase=which.value, read_bytes=min(done, total), total_bytes=total)
                    )
        return stored

    def _groups(
        self, which: Pass, waiting: Sequence[LogFile], stop: Callable[[], bool]
    ) -> Iterator[list[Reading]]:
        """Gather batches until they are worth a transaction."""
        group: list[Reading] = []
        latest: dict[str, int] = {}
        quiet: list[tuple[LogFile, Pass]] = []
        events = size = 0
        since = monotonic()
        today_ns = (self._now() - DAY_MS) * 1_000_000
        news = sum(file.mtime_ns > today_ns for file in waiting)
        for file, reading in self._readings(which, waiting, stop):
            if reading is None:
                news -= file.mtime_ns > today_ns
                # Read to its end: that belongs to its last reading, if it is still here.
                index = latest.pop(file.path, None)
                if index is None:
                    quiet.append((file, which))
                else:
                    group[index].complete = True
                if news or not group:
                    continue
                # What is needed for today is all there: nobody should wait for what is older.
                news = -1
                yield group
                group, latest, events, size, since = [], {}, 0, 0, monotonic()
                continue
            latest[file.path] = len(group)
            group.append(reading)
            events += len(reading.batch.events)
            size += reading.batch.bytes
            late = monotonic() - since > SECONDS_AT_ONCE or stop()
            if events >= EVENTS_AT_ONCE or size >= BYTES_AT_ONCE or late:
                yield group
                group, latest, events, size, since = [], {}, 0, 0, monotonic()
        if group:
            yield group
        if quiet:
            self._seen(quiet)

    def _readings(
        self, which: Pass, waiting: Sequence[LogFile], stop: Callable[[], bool]
    ) -> Iterator[tuple[LogFile, Reading | None]]:
        """Yield each file's readings in order and, if it was read to its end, None behind them.

        The readings of several files may be mixed.
        """
        scanners = self._scanners_for(sum(self._marked(which, file) for file in waiting))
        if scanners is None:
            for file in waiting:
                if stop():
                    return
                yield from self._of_file(which, file, self._bookmark(which, file), stop)
            return
        now_ms = self._now()
        behind: dict[str, Bookmark] = {}
        jobs = (
            Job(file, self._bookmark(which, file), which, now_ms, self._complaints)
            for file in takewhile(lambda _: not stop(), waiting)
        )
        for job, found in scanners.read(jobs):
            before = behind.pop(job.log.path, job.bookmark)
            if isinstance(found, Failed):
                self._fail(which, job.log, missing=found.missing, why=found.why)
            elif isinstance(found, Lost):
                yield from self._of_file(which, job.log, before, stop)
            elif found is None:
                yield job.log, None
            else:
                yield job.log, _reading(job.log, which, before, found)
                behind[job.log.path] = found.bookmark

    def _scanners_for(self, size: int) -> Scanners | None:
        """Return the scanners, if there are any and so many bytes are worth them."""
        if size < ALONE_BYTES:
            return None
        if self._scanners is None:
            self._scanners = self._start_scanners()
            self._start_scanners = lambda: None
        return self._scanners

    def close(self) -> None:
        """End the scanners; what is left to read is read without them."""
        if self._scanners is not None:
            self._scanners.close()
            self._scanners = None

    def _marked(self, which: Pass, file: LogFile) -> int:
        mark = self._marks[which].get(file.path)
        return file.size if mark is None else mark.unread(file)

    def _bookmark(self, which: Pass, file: LogFile) -> Bookmark | None:
        mark = self._marks[which].get(file.path)
        return None if mark is None or mark.bookmark is _NOTHING else mark.bookmark

    def _of_file(
        self, which: Pass, file: LogFile, before: Bookmark | None, stop: Callable[[], bool]
    ) -> Iterator[tuple[LogFile, Reading | None]]:
        """Read on in a file; none of the readings knows yet that it is the last one."""
        source = self._sources[file.source]
        prepare(which, self._complaints)
        try:
            for batch in source.read(file, before, which, now_ms=self._now()):
                yield file, _reading(file, which, before, batch)
                before = batch.bookmark
                if stop():
                    return
        except Exception as error:  # noqa: BLE001 - one file's damage must not stop the others
            missing = isinstance(error, FileNotFoundError)
            self._fail(which, file, missing=missing, why=f"{type(error).__name__}: {error}")
        else:
            yield file, None

    def _fail(self, which: Pass, file: LogFile, *, missing: bool, why: str) -> None:
        if missing:
            self._lookout.files.pop(file.path, None)
            return
        log.warning("%s: %s", file.path, why)
        self._given_up[which, file.path] = (file.size, file.mtime_ns)
        self.writer.unreadable(file, which, why)

    def _store(self, which: Pass, group: list[Reading]) -> int:
        now_ms = self._now()
        stored = self.writer.apply(group, now_ms)
        last = {reading.log.path: reading for reading in group}
        for path, reading in last.items():
            if stored == len(group):
                self._marks[which][path] = progress.Mark(
                    bookmark=reading.batch.bookmark,
                    seen_size=reading.log.size if reading.complete else progress.UNSEEN,
                    seen_mtime_ns=reading.log.mtime_ns,
                    read_ms=now_ms,
                )
            else:
                mark = progress.mark(self._ledger, path, which)
                if mark is not None:
                    self._marks[which][path] = mark
        return stored

    def _seen(self, quiet: list[tuple[LogFile, Pass]]) -> None:
        now_ms = self._now()
        for file, which in quiet:
            mark = self._marks[which].get(file.path)
            self._marks[which][file.path] = progress.Mark(
                bookmark=_NOTHING if mark is None else mark.bookmark,
                seen_size=file.size,
                seen_mtime_ns=file.mtime_ns,
                read_ms=now_ms,
            )
        self.writer.seen(quiet, now_ms)


_NOTHING = Bookmark(offset=0, line=0, head="0:", anchor="0:")


def _reading(file: LogFile, which: Pass, before: Bookmark | None, batch: Batch) -> Reading:
    return Reading(log=file, which=which, before=before, batch=batch, complete=False)
