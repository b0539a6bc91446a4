"""Where the screens' values come from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from tokenwatch.errors import TokenwatchError
from tokenwatch.snapshot import Snapshot

if TYPE_CHECKING:
    from tokenwatch.answers.moment import Question

T = TypeVar("T")

AGAIN_S = 2.0
"""A feed that could not be made is tried again so much later."""


class Feed(Protocol):
    """Reads logs on a thread of its own and tells the screens what it found."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin to read. `publish` is called on the feed's thread, at most ten times a second."""

    def stop(self) -> None:
        """End the reading at once; no snapshot is published afterwards."""

    def latest(self) -> Snapshot | None:
        """Return the newest picture there is, None before the first. For any thread."""

    def ask(self, question: Question[T]) -> T:
        """Answer a question. Blocks: never on the UI's thread. Raises TokenwatchError."""

    def refresh(self) -> None:
        """Look at the logs now instead of at the next change."""

    def hide(self, hidden: bool) -> None:
        """Know whether titles, paths and names are hidden on the screen, wherever this tells of
        them on the same one. Never blocks."""


class Early:
    """A feed that is made when its first picture has been drawn.

    Making it, reading, and drawing would be in each other's way. Where nothing is known it is made
    and begins at once, and there is no picture before logs were looked for: it would say that
    nothing was spent.
    """

    def __init__(
        self,
        make: Callable[[], Feed],
        known: Callable[[], Snapshot | None] | None,
        drawn: Callable[[], None],
    ) -> None:
        """known: waits for what is to be drawn first. drawn: called once, when that is done."""
        self._make = make
        self._made: Feed | None = None
        self._known = known
        self._drawn = drawn
        self._lock = threading.RLock()
        self._is_hidden = False
        self._hiding = threading.Lock()
        """Never held for long, as the other one is while a feed is made."""
        self._stopped = threading.Event()
        self._publish: Callable[[Snapshot], None] | None = None
        self._newest: Snapshot | None = None
        if known is None:
            self._feed.start(self._take)

    def wait(self) -> None:
        """Wait for what is known. To be called before there are screens."""
        if self._known is not None:
            known = self._known()
            if known is not None and _tells(known):
                self._newest = known
            else:
                self._known = None
                self._feed.start(self._take)

    @property
    def _feed(self) -> Feed:
        with self._lock:
            if self._made is None:
                made = self._make()
                with self._hiding:
                    made.hide(self._is_hidden)
                    self._made = made
            return self._made

    def _take(self, snapshot: Snapshot) -> None:
        if not _tells(snapshot):
            return
        with self._lock:
            self._newest = snapshot
            if self._publish is not None:
                self._publish(snapshot)

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Go on, with `publish` for what is newer than the first picture.

        Returns when the feed has begun or was stopped: while it can't be made, the picture says
        why.
        """
        self._drawn()
        with self._lock:
            self._publish, newest = publish, self._newest
            if self._known is None:
                if newest is not None:
                    publish(newest)
                return
        while not self._stopped.is_set():
            try:
                self._feed.start(self._take)
                return
            except TokenwatchError as error:
                if newest is not None:
                    self._take(replace(newest, warnings=(str(error),)))
            self._stopped.wait(AGAIN_S)

    def stop(self) -> None:
        """End the reading, if it began."""
        self._stopped.set()
        with self._lock:
            made = self._made
        if made is not None:
            made.stop()

    def latest(self) -> Snapshot | None:
        """Return the newest picture so far. Never blocks."""
        return self._newest

    def ask(self, question: Question[T]) -> T:
        """Answer a question. Blocks."""
        return self._feed.ask(question)

    def refresh(self) -> None:
        """Look at the logs now."""
        self._feed.refresh()

    def hide(self, hidden: bool) -> None:
        """Tell the feed, as soon as there is one. Never blocks."""
        with self._hiding:
            self._is_hidden = hidden
            if self._made is not None:
                self._made.hide(hidden)


def _tells(snapshot: Snapshot) -> bool:
    """Return whether it is more than an empty ledger's picture."""
    return bool(snapshot.sessions_in_all or snapshot.looked or snapshot.warnings)
