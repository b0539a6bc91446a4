"""Logs that changed, as the system tells of them, gathered until somebody takes them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tokenwatch.sources.roots import Root

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
"""While there is nothing to watch, folders are looked for this often."""
AGAIN_S: Final = 60.0
"""After a failure watching is tried again so much later."""
LATE_MS, SOON_MS = 2000, 500
"""New folders are looked for this often where all are there, and where one is missing: a client
makes it with its first session, which is to be shown at once."""


class Changes:
    """Watches the folders of roots on a thread of its own, `run`."""

    def __init__(self, roots: Callable[[], Sequence[Root]], told: Callable[[], None]) -> None:
        """told: called after each change, from the watching thread."""
        self._roots = roots
        self._told = told
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self.is_new = False
        """A folder came that was not watched: what is in it was told by nobody."""
        self.is_watching = False
        """Whatever changes is told; else all has to be looked at from time to time."""

    def take(self) -> set[str]:
        """Return the paths that changed since the last time."""
        with self._lock:
            paths, self._paths = self._paths, set()
        return paths

    def run(self, stop: threading.Event) -> None:
        """Gather until stopped; where the system can't tell, try again from time to time."""
        while not stop.is_set():
            folders = self._folders()
            if not any(folder.is_dir() for folder in folders):
                stop.wait(LOOK_S)
                continue
            try:
                self._watch(folders, stop)
            except (OSError, RuntimeError) as error:
                log.warning("changes can't be watched, looking every second instead: %s", error)
                self.is_watching = False
                stop.wait(AGAIN_S)
            finally:
                self.is_watching = False

    def _watch(self, folders: Sequence[Path], stop: threading.Event) -> None:
        """Gather until stopped, or until other folders are to be watched."""
        from watchfiles import watch

        roots = self._roots()
        there = [folder for folder in folders if folder.is_dir()]
        for changes in watch(
            *map(str, there),
            stop_event=stop,
            step=30,
            debounce=100,
            watch_filter=None,
            raise_interrupt=False,
            rust_timeout=LATE_MS if len(there) == len(folders) else SOON_MS,
            yield_on_timeout=True,
        ):
            # Only now is it certain that the watcher works: until then all is looked at.
            self.is_watching = True
            if changes:
                with self._lock:
                    self._paths |= {path for _, path in changes}
                self._told()
            if any(folder.is_dir() for folder in self._folders() if folder not in there):
                self.is_new = True
                self._told()
                return
            if self._roots() is not roots:
                return

    def _folders(self) -> list[Path]:
        return [folder for root in self._roots() for folder in root.source.watched(root.path)]
