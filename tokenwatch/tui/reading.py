"""Blocking reads on threads: never two of the same at once, never one too few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import partial

from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump

from tokenwatch.errors import TokenwatchError
from tokenwatch.tui.messages import Unanswered


class Reading:
    """Runs reads; who asks while the same read runs gets a second run after it."""

    def __init__(self, app: App[str]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._busy: set[Hashable] = set()
        self._again: set[Hashable] = set()

    def ask(self, key: Hashable, read: Callable[[], Message], to: MessagePump) -> None:
        """Run `read` on a thread and post what it returns."""
        with self._lock:
            if key in self._busy:
                self._again.add(key)
                return
            self._busy.add(key)
        self._app.run_worker(partial(self._run, key, read, to), thread=True, group="reading")

    def _run(self, key: Hashable, read: Callable[[], Message], to: MessagePump) -> None:
        while True:
            try:
                to.post_message(read())
            except TokenwatchError as error:
                to.post_message(Unanswered(str(error), key))
            with self._lock:
                if key not in self._again or not self._app.is_running:
                    self._busy.discard(key)
                    self._again.discard(key)
                    return
                self._again.discard(key)
