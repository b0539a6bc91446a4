"""All sessions as they were answered, with what the live picture knows better laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tokenwatch.answers.past import PastSession, PastSessions, as_past
from tokenwatch.snapshot import SessionRow, Snapshot


class PastPicture:
    """The sessions of one period. A session stays the same value while nothing of it changes."""

    def __init__(self) -> None:
        self._answer: PastSessions | None = None
        self._answered: dict[str, PastSession] = {}
        self._seen: dict[str, SessionRow] = {}
        """Rows of pictures since the answer, also of sessions that have left the picture."""
        self._laid: dict[str, tuple[SessionRow, PastSession | None]] = {}
        self._merged: dict[str, PastSession] = {}
        self._in_all: int | None = None
        """How many sessions the picture counted with the answer."""
        self._is_stale = False
        self._is_answered_now = False
        """An answer is being taken: what it leaves out does not belong to the period."""

    @property
    def is_known(self) -> bool:
        """Whether there is an answer."""
        return self._answer is not None

    @property
    def sessions(self) -> Mapping[str, PastSession]:
        """All sessions by id, in no order."""
        return self._merged

    @property
    def is_stale(self) -> bool:
        """Whether pictures have told of something that only another answer can bring."""
        return self._is_stale

    def seen(self, key: str) -> SessionRow | None:
        """Return a session's row in the latest picture that had one, since the answer."""
        return self._seen.get(key)

    def answer(self, answer: PastSessions, snapshot: Snapshot | None) -> None:
        """Take a newer answer, and the picture in view."""
        known = self._answered
        self._answer = answer
        # Equal values stay the same ones, and so does what was made of them.
        self._answered = {
            row.id: old if (old := known.get(row.id)) == row else row for row in answer.rows
        }
        self._seen, self._is_stale = {}, False
        self._in_all = snapshot.sessions_in_all if snapshot else None
        self._is_answered_now = True
        self.see(snapshot.sessions if snapshot else ())
        self._merge()
        self._is_answered_now = False

    def look(self, snapshot: Snapshot) -> bool:
        """Take a newer picture; return whether any session has changed."""
        if self._answer is None:
            return False
        progress = snapshot.progress
        if snapshot.sessions_in_all != self._in_all or (progress and not progress.done):
            self._is_stale = True
        return self.see(snapshot.sessions) and self._merge()

    def see(self, rows: Iterable[SessionRow]) -> bool:
        """Take rows of a picture; return whether any is new."""
        news = {row.id: row for row in rows if self._seen.get(row.id) is not row}
        self._seen |= news
        return bool(news)

    def _merge(self) -> bool:
        """Lay what was seen over what was answered; return whether anything has changed."""
        merged = dict(self._answered)
        laid: dict[str, tuple[SessionRow, PastSession | None]] = {}
        for key, row in self._seen.items():
            known = self._answered.get(key)
            before = self._laid.get(key)
            if before is not None and before[0] is row and key in self._merged:
                over = self._merged[key] if before[1] is known else self._over(row, known)
            else:
                over = self._over(row, known)
            laid[key] = row, known
            if over is not None:
                merged[key] = over
        changed = merged.keys() != self._merged.keys() or any(
            self._merged[key] is not session for key, session in merged.items()
        )
        self._merged, self._laid = merged, laid
        return changed

    def _over(self, row: SessionRow, known: PastSession | None) -> PastSession | None:
        """Return a session as a picture shows it; None if it does not belong to the period."""
        assert self._answer is not None
        since, until = self._answer.since_ms, self._answer.until_ms
        within = until is None and (since is None or (row.started_ms or 0) >= since)
        if within and (since is None or row.spend.requests):
            return as_past(row, known)
        # What it spent within the period the picture does not tell.
        if known is None:
            self._is_stale |= until is None and not self._is_answered_now
            return None
        self._is_stale |= until is None and row.last_ms != known.last_ms
        return known._replace(state=row.state, last_ms=row.last_ms)
