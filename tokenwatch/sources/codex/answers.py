"""Which answer of the model a call is part of, as far as a log says so by the call's line.

What an answer used is written behind its calls: ahead of their outputs (0.77 to 0.121; 0.169, in a
record of its own) or behind those too (0.145). Such a call is left without a request; the next one
of the file is its own. Versions that wrote an answer down only once it was complete (0.42 to 0.64)
state what it used ahead of it, and each call with its output. Which of both it is shows at each
prompt: the first growth of the total comes behind a part of the answer, or ahead of all. What a
script calls is reported while it runs, so it belongs to the latest answer that is complete.
"""

from __future__ import annotations

import msgspec

from tokenwatch.sources.codex.fold import Counter, Counts, counts, info_of
from tokenwatch.sources.values import TOKEN_LIMIT, Oddities, text

_IMPORTED = "external-import-turn-"


def is_imported(turn: str | None) -> bool:
    """Tell a turn taken over from another program's session: it is not Codex's spend."""
    return turn is not None and turn.startswith(_IMPORTED)


def row_id(rollout: str, number: int) -> str:
    """Return the id of a rollout's n-th request that has none of its own."""
    return f"{rollout}#{number}"


class Answers(msgspec.Struct):
    """The answers of one file so far, named as the usage pass names them."""

    rows: int = 0
    """Requests so far that have no id of their own."""
    counter: Counter = msgspec.field(default_factory=Counter)
    turn: str | None = None
    latest: str | None = None
    """The request of the latest complete answer."""
    calls_since: bool = False
    """A call by the model has come since."""
    awaited: bool = False
    """A prompt, and nothing yet of the answer to it."""
    ahead: bool = False
    """What the answers to this prompt used is written ahead of them."""

    def called(self) -> str | None:
        """Note a call by the model; return its request, None for the next one of the file."""
        self.calls_since, self.awaited = True, False
        return self.latest if self.ahead else None

    def reported(self) -> str | None:
        """Return the request of a call that only the client tells of, as `called` does."""
        return self.latest if self.ahead or not self.calls_since else None

    def answered(self) -> None:
        """Note the text of an answer."""
        self.awaited = False

    def prompted(self) -> None:
        """Note, in a log that does not mark turns, what answers so far do not go on beyond."""
        if self.calls_since and not self.ahead:
            # What that answer used is still to come, or was never written.
            return
        self.calls_since, self.awaited, self.ahead = False, True, False

    def began(self, turn: str | None) -> None:
        """Note a marked turn: versions that mark them write what was used behind the calls."""
        self.turn, self.awaited, self.ahead = turn, False, False

    def inherit(self, payload: dict[str, object], line: int) -> None:
        """Take a copied `token_count`."""
        info = info_of(payload)
        if info:
            self.counter.inherit(info, line, Oddities())

    def record(self, payload: dict[str, object], line: int, rollout: str) -> None:
        """Take an own `token_usage_record`."""
        spent = counts(payload.get("usage"), line, Oddities(), TOKEN_LIMIT)
        if spent is None:
            return
        self.counter.record(spent)
        turn = text(payload.get("turn_id")) or self.turn
        self._complete(rollout, text(payload.get("response_id")), turn)

    def count(self, payload: dict[str, object], line: int, rollout: str) -> None:
        """Take an own `token_count` of any shape."""
        info = info_of(payload)
        if info and self.counter.count(info, line, Oddities()) is not None:
            self._counted(rollout)

    def add(self, total: Counts, last: Counts, rollout: str) -> None:
        """Take an own `token_count` of the usual shape."""
        if self.counter.add(total, last) is not None:
            self._counted(rollout)

    def _counted(self, rollout: str) -> None:
        self.ahead, self.awaited = self.ahead or self.awaited, False
        self._complete(rollout, None, self.turn)

    def _complete(self, rollout: str, response_id: str | None, turn: str | None) -> None:
        if is_imported(turn):
            return
        if response_id is None:
            self.rows += 1
        self.latest, self.calls_since = response_id or row_id(rollout, self.rows), False
