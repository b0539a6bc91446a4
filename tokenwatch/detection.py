"""Bring findings of waste up to date with the ledger: only sessions that changed are looked at.

What was seen of a session that is at work is kept in memory, so that another turn costs no more
than itself. After a restart, or when another process has been at work on the session, it is looked
at from its beginning; the findings are the same.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.returned import Returned
from tokenwatch.analysis.waste.catalogue import EDITION, detectors
from tokenwatch.analysis.waste.claims import Id
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.finding import Finding, Kind
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.store import findings, histories, likenesses, returning, unassessed
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.unassessed import QUIET_MS, Due

logging.getLogger("tokenwatch.analysis").addHandler(logging.NullHandler())
"""What stops a detector is kept in the ledger, and told from there; it is no command's output."""

KEPT = 24
"""Sessions that are remembered: more are hardly at work at once."""
ROUNDS = 3
"""What one session shows may change what is known of others, which are then looked at once more;
that again changes nothing, so the last round has nothing to do."""
_LATEST = 2**62


class News(NamedTuple):
    """What changed in one session."""

    session: int
    session_id: str
    changed: dict[Id, Finding | None]
    """None is a finding that is gone."""


class _Kept(NamedTuple):
    stamp: int
    fold: Fold


class Detection:
    """Makes findings of what the ledger holds. For one thread; the ledger is that thread's."""

    def __init__(
        self,
        ledger: Ledger,
        *,
        now: Callable[[], int],
        having: Callable[[], Sequence[Detector]] = detectors,
    ) -> None:
        self._ledger = ledger
        self._now = now
        self._having = having
        self._folds: OrderedDict[int, _Kept] = OrderedDict()
        self._is_current = False
        self._called_back = False
        """A session that may be done is to be looked at again."""

    def due(self) -> list[Due]:
        """Return the sessions whose findings are not up to date, latest activity first."""
        self._begin_edition()
        return unassessed.due(self._ledger, self._now())

    def assess(
        self,
        stop: Callable[[], bool] = lambda: False,
        report: Callable[[int, int], None] | None = None,
        since_ms: int = 0,
    ) -> list[News]:
        """Bring every session's findings up to date, the latest first; return what changed.

        stop is asked between sessions. report is told how many are done, of how many. since_ms:
        leave sessions alone whose last activity was before.
        """
        found: list[News] = []
        done = 0
        for _ in range(ROUNDS):
            due = [session for session in self.due() if session.last_ms >= since_ms]
            total = done + len(due)
            self._called_back = False
            for session in due:
                if stop():
                    return found
                news = self._assess(session.session)
                if news is not None and news.changed:
                    found.append(news)
                done += 1
                if report is not None:
                    report(done, total)
            if not self._called_back:
                break
        return found

    def _begin_edition(self) -> None:
        """Let all be made anew if the findings are of other detectors than these."""
        if self._is_current:
            return
        if self._ledger.meta("detectors") != EDITION:
            with self._ledger.transaction():
                self._ledger.sql.execute("DELETE FROM findings")
                self._ledger.sql.execute("DELETE FROM assessments")
                likenesses.forget(self._ledger.sql)
                unassessed.forget_failures(self._ledger.sql)
                unassessed.mark_all(self._ledger.sql)
                self._ledger.set_meta("detectors", EDITION)
        self._is_current = True

    def _assess(self, key: int) -> News | None:
        ledger, now_ms = self._ledger, self._now()
        with ledger.transaction():
            due = unassessed.is_due(ledger, key, now_ms)
            if due is None:
                return None
            is_over = due.last_ms + QUIET_MS <= now_ms
            stamp = unassessed.stamp(ledger, key)
            fold, is_new = self._fold(due, stamp, is_over=is_over)
            if fold is None:
                return None
            turns = histories.turns(ledger, key, 0 if is_new else _since(due, fold))
            if turns and turns[0].number > fold.turns:
                fold, is_new = Fold(fold.session, self._having()), True
                turns = histories.turns(ledger, key)
            ids = fold.take(turns)
            changed = {each: fold.findings.get(each) for each in ids}
            if is_new:
                findings.clear(ledger, key)
            findings.write(ledger, key, fold.session.id, changed)
            unassessed.done(ledger, due, stamp + 1, is_over=is_over, failed=fold.failed)
            self._link(fold, {turn.id for turn in turns})
        self._keep(key, _Kept(stamp + 1, fold))
        return News(key, fold.session.id, changed)

    def _fold(self, due: Due, stamp: int, *, is_over: bool) -> tuple[Fold | None, bool]:
        """Return what is known of a session, and whether that is nothing yet."""
        session = histories.session(self._ledger, due.session, is_over=is_over)
        if session is None:
            return None, True
        again = likenesses.again(self._ledger, due.session)
        known = Returned.made(session, again)
        kept = self._folds.get(due.session)
        if kept is not None and kept.stamp == stamp:
            fold = kept.fold
            # What others tell of it counts with its last turn, which is looked at again anyway.
            if Returned.made(fold.session, again) == known:
                fold.session = known
                return fold, False
        return Fold(known, self._having()), True

    def _link(self, fold: Fold, seen: set[str]) -> None:
        """Let the sessions be looked at again of which this one tells something new."""
        kind = Kind.REPEATED_ATTEMPTS
        memory = None if kind in fold.failed else fold.memory(kind)
        key = fold.session.key
        tasks = returning.of_session(fold.session, memory)
        changed = returning.link(self._ledger, key, tasks, seen)
        if changed:
            unassessed.mark(self._ledger.sql, dict.fromkeys(changed, _LATEST))
            self._called_back = True

    def _keep(self, key: int, kept: _Kept) -> None:
        self._folds[key] = kept
        self._folds.move_to_end(key)
        while len(self._folds) > KEPT:
            self._folds.popitem(last=False)


def _since(due: Due, fold: Fold) -> int:
    """Return from when on to look at a session again: the turn that was its last one may not be."""
    if not fold.turns:
        return 0
    return min(due.since_ms, fold.begins(fold.turns - 1))
