"""Processes that read logs side by side, and one that takes what they found.

They are forked, so they know all that was imported and set before. Each waits for jobs at a pipe,
and ends when that is closed. Where a process can't be forked there are none, and whoever wants
something read reads it.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import signal
import struct
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from tokenwatch.found import LogFile
from tokenwatch.sources import all_sources, source
from tokenwatch.sources.source import Pass

if TYPE_CHECKING:
    from tokenwatch.events import Batch, Bookmark

MOST = 4
"""With more of them, the one that takes what they find would be what all wait for."""
AHEAD = {Pass.USAGE: 32, Pass.DETAIL: 4}
"""So many jobs a scanner has at once: it need not wait while what was found is being written, and
what it has is soon done when something more urgent comes."""
AHEAD_BYTES = 32 * 1024
"""Nor more at once than surely fits into a pipe: both sides would wait for each other."""
PIPE_BYTES = 1 << 20
_JOB = struct.Struct("<I")
_RESULT = struct.Struct("<IB")
"""Size of the content; what it is."""
_BATCH, _END, _FAILED, _LOST = range(4)


class Job(NamedTuple):
    """One file to be read on from a bookmark."""

    log: LogFile
    bookmark: Bookmark | None
    which: Pass
    now_ms: int
    complaints: tuple[str, ...] = ()
    """The user's own words for one (`sources.wording.own_words`)."""


class Failed(NamedTuple):
    """A file could not be read (on)."""

    missing: bool
    """It does not exist any more."""
    why: str


class Lost(NamedTuple):
    """A scanner could not say what it found, or ended: the file is still to be read (on)."""


class Scanners:
    """Some scanners. For one thread, and for one `read` at a time."""

    def __init__(self, number: int) -> None:
        """Fork them; raises OSError if that is impossible. Fork before threads are started."""
        self._all: list[_Scanner] = []
        try:
            for _ in range(number):
                self._all.append(_Scanner(self._all))
        except OSError:
            self.close()
            raise

    def read(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Batch | Failed | Lost | None]]:
        """Yield what is found: each job's batches in order, and then None or why there are no more.

        Jobs are begun in their order, and asked for as late as possible. Whoever stops asking
        ends all scanners.
        """
        try:
            yield from self._read(iter(jobs))
        finally:
            if any(scanner.jobs for scanner in self._all):
                self.close()

    def _read(self, waiting: Iterator[Job]) -> Iterator[tuple[Job, Batch | Failed | Lost | None]]:
        import msgspec

        from tokenwatch.events import Batch

        decode = msgspec.msgpack.Decoder(Batch).decode
        poll = select.poll()
        by_end = {scanner.results: scanner for scanner in self._all}
        for scanner in self._all:
            poll.register(scanner.results, select.POLLIN)
            self._feed(scanner, waiting)
        while any(scanner.jobs for scanner in self._all):
            for end, _ in poll.poll():
                scanner = by_end[end]
                for kind, data in scanner.receive():
                    job = scanner.jobs[0]
                    if kind == _BATCH:
                        yield job, decode(data)
                    else:
                        scanner.done()
                        self._feed(scanner, waiting)
                        yield job, _outcome(kind, data)
                if scanner.ended:
                    poll.unregister(end)
                    for job in scanner.jobs:
                        yield job, Lost()
                    scanner.jobs.clear()
        for job in waiting:
            yield job, Lost()

    def _feed(self, scanner: _Scanner, waiting: Iterator[Job]) -> None:
        while scanner.takes_more:
            job = next(waiting, None)
            if job is None:
                return
            scanner.give(job)

    def close(self) -> None:
        """End them, whatever they are doing."""
        for scanner in self._all:
            scanner.end()
        self._all.clear()


def start_ready() -> Scanners | None:
    """Start scanners that know all that reading needs: this process needs most of it as well."""
    for one in all_sources():
        one.prepare()
    return start()


def start() -> Scanners | None:
    """Start as many scanners as there are cores to use; None where that gains nothing.

    Each imports what it needs with its first job.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if not hasattr(os, "fork") or not hasattr(select, "poll") or (cores or 1) < 2:
        return None
    try:
        return Scanners(min(cores or 1, MOST))
    except OSError:
        return None


def _outcome(kind: int, data: bytes) -> Failed | Lost | None:
    if kind == _FAILED:
        return Failed(missing=data[:1] == b"1", why=str(data[1:], "utf-8"))
    return Lost() if kind == _LOST else None


class _Scanner:
    """One process, seen from the one that started it."""

    _jobs: int
    results: int

    def __init__(self, others: Sequence[_Scanner]) -> None:
        jobs_out, jobs_in = os.pipe()
        results_out, results_in = os.pipe()
        _widen(results_in)
        _widen(jobs_in)
        try:
            self._pid = os.fork()
        except OSError:
            for end in (jobs_out, jobs_in, results_out, results_in):
                os.close(end)
            raise
        if self._pid == 0:
            # An end that another process holds open would never tell that it was closed.
            for other in others:
                os.close(other._jobs)
                os.close(other.results)
            os.close(jobs_in)
            os.close(results_out)
            _serve(jobs_out, results_in)
        os.close(jobs_out)
        os.close(results_in)
        self._jobs, self.results = jobs_in, results_out
        self.jobs: deque[Job] = deque()
        """What it was given and has not done."""
        self._sizes: deque[int] = deque()
        """Of these, as they were sent."""
        self.ended = False
        self._rest = b""

    @property
    def takes_more(self) -> bool:
        """Whether it should be given another job."""
        if self.ended:
            return False
        few = not self.jobs or len(self.jobs) < AHEAD[self.jobs[-1].which]
        return few and sum(self._sizes) < AHEAD_BYTES

    def done(self) -> None:
        """Take note that it has done its oldest job."""
        self.jobs.popleft()
        self._sizes.popleft()

    def give(self, job: Job) -> None:
        """Give it a job. That it has ended is told by its results."""
        data = _packed(job)
        self.jobs.append(job)
        self._sizes.append(len(data))
        with suppress(BrokenPipeError):
            _write(self._jobs, _JOB.pack(len(data)) + data)

    def receive(self) -> Iterator[tuple[int, bytes]]:
        """Wait for results, and yield those that are whole: what each is, and its content."""
        data = os.read(self.results, PIPE_BYTES)
        self.ended = not data
        data, at = self._rest + data, 0
        while len(data) - at >= _RESULT.size:
            size, kind = _RESULT.unpack_from(data, at)
            start = at + _RESULT.size
            if len(data) - start < size:
                break
            at = start + size
            yield kind, data[start:at]
        self._rest = data[at:]

    def end(self) -> None:
        """End the process, and wait until it is gone."""
        os.close(self._jobs)
        os.close(self.results)
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _packed(job: Job) -> bytes:
    log, mark = job.log, job.bookmark
    place = None if mark is None else (mark.offset, mark.line, mark.head, mark.anchor, mark.state)
    file = (
        *(log.source, log.root, log.path, log.kind),
        *(log.size, log.mtime_ns, log.device, log.inode),
    )
    return marshal.dumps((file, place, job.which.value, job.now_ms, job.complaints))


def _unpacked(data: bytes) -> Job:
    from tokenwatch.events import Bookmark

    file, place, which, now_ms, complaints = marshal.loads(data)
    name, root, path, kind, size, mtime_ns, device, inode = file
    log = LogFile(
        source=name, root=root, path=path, kind=kind,
        size=size, mtime_ns=mtime_ns, device=device, inode=inode,
    )  # fmt: skip
    if place is None:
        return Job(log, None, Pass(which), now_ms, complaints)
    offset, line, head, anchor, state = place
    bookmark = Bookmark(offset=offset, line=line, head=head, anchor=anchor, state=state)
    return Job(log, bookmark, Pass(which), now_ms, complaints)


def prepare(which: Pass, complaints: Sequence[str]) -> None:
    """Let a pass that reads prompts know what the user calls a complaint, before it begins."""
    if which is Pass.DETAIL:
        from tokenwatch.sources.wording import own_words

        own_words.use(complaints)


def _serve(jobs: int, results: int) -> NoReturn:
    """Do jobs until there are no more. It never returns to what the fork interrupted."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # What readers make has no cycles, and a scanner does not live long.
        gc.freeze()
        gc.disable()
        while head := _exactly(jobs, _JOB.size):
            _do(_unpacked(_exactly(jobs, _JOB.unpack(head)[0])), results)
        os._exit(0)
    finally:
        os._exit(1)


def _do(job: Job, results: int) -> None:
    import msgspec

    def say(kind: int, content: bytes = b"") -> None:
        _write(results, _RESULT.pack(len(content), kind) + content)

    try:
        prepare(job.which, job.complaints)
        for batch in source(job.log.source).read(
            job.log, job.bookmark, job.which, now_ms=job.now_ms
        ):
            say(_BATCH, msgspec.msgpack.encode(batch))
    except UnicodeEncodeError:
        # A name that is no text, of a file for example, does not fit into a result.
        say(_LOST)
    except Exception as error:  # noqa: BLE001 - one file's damage must not stop the others
        why = f"{type(error).__name__}: {error}".encode(errors="backslashreplace")
        say(_FAILED, b"01"[isinstance(error, FileNotFoundError) :][:1] + why)
    else:
        say(_END)


def _exactly(end: int, size: int) -> bytes:
    """Read so many bytes; fewer only if the other end was closed."""
    found = b""
    while len(found) < size and (more := os.read(end, size - len(found))):
        found += more
    return found


def _write(end: int, data: bytes) -> None:
    with memoryview(data) as view:
        done = 0
        while done < len(data):
            done += os.write(end, view[done:])


def _widen(end: int) -> None:
    """Let a pipe hold more, where the system can, so that neither side waits for the other."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
