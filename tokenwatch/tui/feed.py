"""Where the screens' values come from."""

from __future__ import annotations

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
        """Return what is known before any log is read, or None."""

    def session(self, session_id: str) -> SessionDetail | None:
        """Return a session with its turns. Blocks: never on the UI's thread."""

    def requests(self, session_id: str, turn_id: str) -> tuple[ExplainedRequest, ...]:
        """Return a turn's requests in the order of time. Blocks: never on the UI's thread."""

    def refresh(self) -> None:
        """Look at the logs now instead of at the next change."""
