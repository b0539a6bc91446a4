"""What a source finds beside its logs' content: files, troubles, signs of running processes."""

from typing import NamedTuple


class LiveProcess(NamedTuple):
    """A client's own sign that a process has a session open right now."""

    session_id: str
    alive: bool | None
    """Checked against the running process or a held lock; False for a leftover; None where it can't
    be checked (a process of another container or machine)."""
    status: str | None = None
    """busy, idle, waiting, in the client's sense; None where it does not say."""
    waiting_for: str | None = None
    status_ms: int | None = None
    pid: int | None = None
    tmux_pane: str | None = None


class LogFile(NamedTuple):
    """A file that a source may read, as the file system shows it."""

    source: str
    root: str
    path: str
    """Resolved: one path per file, whatever links lead to it."""
    kind: str
    """`log`: appended records. `sidecar`: a small document without usage, read whole when it
    changes, by the detail pass alone."""
    size: int
    mtime_ns: int
    device: int
    inode: int


class Trouble(NamedTuple):
    """Something found while looking for logs that the user should know."""

    path: str
    what: str
    """unreadable, not a file, not a directory, vanished, …"""


class Found(NamedTuple):
    """What one look at a root found."""

    files: tuple[LogFile, ...] = ()
    troubles: tuple[Trouble, ...] = ()
