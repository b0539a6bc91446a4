"""What of a turn has to be remembered to judge the turns that follow it."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.lines import Lines, joined, of_turn
from tokenwatch.analysis.waste.finding import Ask
from tokenwatch.analysis.waste.history import Prompt, Session, Turn
from tokenwatch.analysis.waste.taken import ADDS
from tokenwatch.wording import Wording

LEAST_REQUESTS = 3
"""Requests from which a turn without an edit counts as an attempt."""
RESEND_MS = 3 * 60_000
"""A turn stopped within this time and without an edit was only a slip of the key."""
AUTOMATIC = "auto"


class Work(NamedTuple):
    """One turn: what was asked for and what was done."""

    turn_id: str
    at_ms: int
    ended_ms: int
    """When it ended; of an open one, when something was last known of it."""
    is_open: bool
    how: str | None
    prompt_id: str | None
    wording: Wording
    queued: bool
    """The prompt was typed before the work that it follows was done."""
    steered: bool
    """A complaint was typed while the turn worked."""
    lines: Lines
    written: frozenset[str]
    """Files that commands wrote, as logged."""
    errors: frozenset[bytes]
    """How calls failed (tests, builds, programs), tools that were misused left out."""
    failing: frozenset[bytes]
    """Those of commands that did not succeed later in the turn."""
    touched: frozenset[int]
    """Files that it read, by the hash of their names."""
    committed: bool
    rewound: int
    """Turns that were dropped from the conversation."""
    requests: int
    cost: int
    asks: tuple[Ask, ...]
    """All that its requests cost, as far as they are priced."""

    @property
    def has_edits(self) -> bool:
        """It changed files, as far as the log shows."""
        return bool(self.lines.files or self.written)

    @property
    def is_attempt(self) -> bool:
        """It did, or tried to do, something that can turn out to be wrong."""
        if self.has_edits:
            return True
        if self.lines.reverted or self.how == "interrupted":
            return False
        return self.requests >= LEAST_REQUESTS or self.is_idle

    @property
    def is_idle(self) -> bool:
        """It was asked to do something, ended of itself and changed nothing."""
        return (
            not self.has_edits
            and not self.lines.reverted
            and self.requests > 0
            and self.how == "completed"
            and self.wording.kind in ("task", "complaint")
        )


def is_scripted(turn: Turn, session: Session) -> bool:
    """Whether a program asked: repetition is its plan then."""
    prompt = asked(turn)
    return session.scripted or (prompt is not None and prompt.scripted)


def asked(turn: Turn) -> Prompt | None:
    """Return what a turn is to do: its first prompt that no program made, if there is one."""
    for prompt in turn.prompts:
        if prompt.wording.kind != AUTOMATIC:
            return prompt
    return None


NOTHING_SAID = Wording(kind=AUTOMATIC)


def of(turn: Turn) -> Work:
    """Sum up a turn. A turn that nobody asked for gets an empty wording of the kind "auto"."""
    prompt = asked(turn)
    written: set[str] = set()
    errors: set[bytes] = set()
    failing: dict[bytes, bytes] = {}
    touched: set[int] = set()
    for strand in turn.strands:
        for call in strand.calls:
            if call.purpose == "write" and call.target and call.ok is not False:
                written.add(call.target)
            elif call.purpose == "read":
                touched.update(call.touches - {ADDS})
            if call.failed and call.error_fingerprint and not call.fault:
                errors.add(call.error_fingerprint)
                failing[call.likeness or call.id.encode()] = call.error_fingerprint
            elif call.ok:
                failing.pop(call.likeness, None)
    requests = turn.requests
    ended = turn.ended_ms
    latest = max([turn.at_ms, *(request.ended_ms for request in requests[-1:])])
    return Work(
        turn_id=turn.id,
        at_ms=turn.at_ms,
        ended_ms=latest if ended is None else max(ended, turn.at_ms),
        is_open=turn.is_last and turn.how is None,
        how="completed" if turn.how is None and not turn.is_last else turn.how,
        prompt_id=None if prompt is None else prompt.id,
        wording=NOTHING_SAID if prompt is None else prompt.wording,
        queued=prompt is not None and prompt.queued,
        steered=any(
            other.wording.complaint for other in turn.prompts if other is not prompt and prompt
        ),
        lines=of_turn(turn),
        written=frozenset(written),
        errors=frozenset(errors),
        failing=frozenset(failing.values()),
        touched=frozenset(touched),
        committed=any(strand.commits for strand in turn.strands),
        rewound=sum(
            max(0, change.size)
            for strand in turn.strands
            for change in strand.changes
            if change.kind == "rewind"
        ),
        requests=len(requests),
        cost=turn.cost,
        asks=tuple(
            Ask(request.key, request.cost) for request in requests if request.price is not None
        ),
    )


def carried_out(work: Work, more: Work) -> Work:
    """Return a request together with the turn that did it ("yes, do it"): both are one attempt."""
    return going_on(work, more)._replace(
        is_open=more.is_open,
        requests=work.requests + more.requests,
        cost=work.cost + more.cost,
        asks=work.asks + more.asks,
    )


def going_on(work: Work, more: Work) -> Work:
    """Return an attempt together with a turn that only went on with it ("continue").

    What that turn cost stays its own.
    """
    return work._replace(
        lines=joined(work.lines, more.lines),
        written=work.written | more.written,
        errors=more.errors if more.has_edits else work.errors | more.errors,
        failing=more.failing if more.has_edits else work.failing | more.failing,
        ended_ms=max(work.ended_ms, more.ended_ms),
        how=more.how,
        committed=work.committed or more.committed,
    )
