"""What a monitor leaves beside the ledger for others, and takes from there: the guard's state, the
guard's decisions, what status lines show.

Each by itself: what one can't write keeps nothing from the others.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokenwatch import format as fmt
from tokenwatch.guard import record
from tokenwatch.guard.state import MONITOR, replace, write

if TYPE_CHECKING:
    from tokenwatch.answers.budgets import Standing
    from tokenwatch.config.guard import GuardConfig
    from tokenwatch.snapshot import SessionRow, Snapshot
    from tokenwatch.store.ledger import Ledger

log = logging.getLogger(__name__)

NOW: Final = "now.json"
"""What status lines may show of the monitor, beside the ledger: at (ms), today, flags."""
AGAIN_MS: Final = 5 * 60_000
"""What status lines show is written again after so long though it is the same: they believe it for
twice as long."""
ASKED_MS: Final = 60 * 60_000
"""A hook that noted something within so long may ask again."""


class Beside:
    """Writes after each look what others go by. For one thread."""

    def __init__(self, ledger: Ledger, folder: Path, zone: tzinfo) -> None:
        # Not before the first picture: it decides alone what a start waits for.
        from tokenwatch.clients.hooked import Lookout

        self._ledger, self._folder, self._zone = ledger, folder, zone
        self._settings = Lookout()
        self._shown: tuple[str, list[str]] | None = None
        """What status lines were told last: today, flags."""
        self._shown_ms = 0
        self._said: dict[str, str] = {}
        """Why something could not be done the last time, each by what it was."""

    def is_guarded(self, now_ms: int) -> bool:
        """Tell whether any client asks the guard: by its settings, or it did a while ago.

        Settings of a single project are not looked for.
        """
        asked_ms = record.noted_ns(str(self._folder)) // 1_000_000
        return 0 <= now_ms - asked_ms <= ASKED_MS or self._settings.is_guarded()

    def write(
        self,
        snapshot: Snapshot,
        standings: Sequence[Standing],
        guard: GuardConfig | None,
        rows: Callable[[], list[SessionRow]],
    ) -> None:
        """Write what the guard and status lines go by. What fails is logged once, and no more.

        guard: None for no guard. rows: sessions that may have an agent at work.
        """
        from tokenwatch.store.decisions import take_decisions

        now_ms = snapshot.taken_ms
        if guard is not None and self.is_guarded(now_ms):
            how = guard
            self._try(
                "what the guard goes by can't be written",
                lambda: self._write_state(standings, how, rows, now_ms),
            )
        self._try("what the guard decided can't be taken", lambda: take_decisions(self._ledger))
        self._try("what status lines show can't be written", lambda: self._write_now(snapshot))

    def _try(self, what: str, act: Callable[[], object]) -> None:
        try:
            act()
            self._said.pop(what, None)
        except OSError as error:
            if str(error) != self._said.get(what):
                self._said[what] = str(error)
                log.warning("%s: %s", what, error)

    def _write_state(
        self,
        standings: Sequence[Standing],
        how: GuardConfig,
        rows: Callable[[], list[SessionRow]],
        now_ms: int,
    ) -> None:
        from tokenwatch.guard.gather import gather

        made = gather(
            self._ledger, standings, how, rows, now_ms=now_ms, zone=self._zone, by=MONITOR
        )
        write(str(self._folder), made)

    def _write_now(self, snapshot: Snapshot) -> None:
        """Write it where it is new, gone, or will soon be too old to be believed."""
        flags = sorted({flag.words for row in snapshot.sessions for flag in row.flags})
        today = fmt.with_sign(fmt.spend_dollars(snapshot.today))
        at_ms, path = snapshot.taken_ms, self._folder / NOW
        is_young = 0 <= at_ms - self._shown_ms < AGAIN_MS
        if is_young and self._shown == (today, flags) and path.is_file():
            return
        replace(str(path), json.dumps({"at": at_ms, "today": today, "flags": flags}))
        self._shown, self._shown_ms = (today, flags), at_ms
