"""Where the screens' values come from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from tokenwatch.snapshot import ExplainedRequest, SessionDetail, Snapshot


class Feed(Protocol):
    """Reads logs on a thread of its own and tells the screens what it found."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin to read. `publish` is called on the feed's thread, at most ten times a second."""

    def stop(self) -> None:
        """End the reading at once; no snapshot is published afterwards."""

    def latest(self) -> Snapshot | None:
        """Return the newest picture there is, None before the first. For any thread."""

    def session(self, session_id: str) -> SessionDetail | None:
        """Return a session with its turns. Blocks: never on the UI's thread."""

    def requests(self, session_id: str, turn_id: str) -> tuple[ExplainedRequest, ...]:
        """Return a turn's requests in the order of time. Blocks: never on the UI's thread."""

    def refresh(self) -> None:
        """Look at the logs now instead of at the next change."""


class Early:
    """A feed that is asked before the screens are imported.

    What is known is taken at once, and reading begins when that has been drawn: both at the same
    time would be in each other's way. Where nothing is known, reading begins at once, and there is
    no picture before logs were looked for: it would say that nothing was spent.
    """

    def __init__(self, feed: Feed, drawn: Callable[[], None]) -> None:
        """drawn: called once, on any thread, when the first picture stands."""
        self._feed = feed
        self._drawn = drawn
        self._lock = threading.Lock()
        self._publish: Callable[[Snapshot], None] | None = None
        known = feed.latest()
        self._newest = known if known is not None and _tells(known) else None
        self._began = self._newest is None
        if self._began:
            feed.start(self._take)

    def _take(self, snapshot: Snapshot) -> None:
        if not _tells(snapshot):
            return
        with self._lock:
            self._newest = snapshot
            if self._publish is not None:
                self._publish(snapshot)

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Go on, with `publish` for what is newer than the first picture."""
        self._drawn()
        if not self._began:
            self._feed.start(publish)
            return
        with self._lock:
            self._publish = publish
            if self._newest is not None:
                publish(self._newest)

    def stop(self) -> None:
        """End the reading."""
        self._feed.stop()

    def latest(self) -> Snapshot | None:
        """Return the newest picture so far. Never blocks."""
        return self._newest

    def session(self, session_id: str) -> SessionDetail | None:
        """Return a session with its turns. Blocks."""
        return self._feed.session(session_id)

    def requests(self, session_id: str, turn_id: str) -> tuple[ExplainedRequest, ...]:
        """Return a turn's requests. Blocks."""
        return self._feed.requests(session_id, turn_id)

    def refresh(self) -> None:
        """Look at the logs now."""
        self._feed.refresh()


def _tells(snapshot: Snapshot) -> bool:
    """Return whether it is more than an empty ledger's picture."""
    return bool(snapshot.sessions_in_all or snapshot.looked or snapshot.warnings)
