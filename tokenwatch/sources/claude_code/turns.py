"""Follow one agent's turns: what began them, and when the agent last waited again."""

from __future__ import annotations

import msgspec

from tokenwatch.events import Event, PromptSeen, TurnEnded, TurnStarted

FINAL_REASONS = frozenset({"end_turn", "stop_sequence", "max_tokens", "refusal"})
"""Stop reasons after which the agent waits, unless its program goes on by itself."""


class Turn(msgspec.Struct, omit_defaults=True):
    """The latest turn."""

    id: str
    open: bool = True
    over: bool = False
    """Closed by the program's own word, so that what follows is another turn."""
    answered: bool = False
    """Its latest record is an answer that asks for no tool."""
    last_ms: int | None = None
    how: str | None = None
    """How it ended; None while it is open."""


class Cause(msgspec.Struct, omit_defaults=True):
    """Something that will begin a turn if the agent sets to work on it."""

    id: str
    at_ms: int
    line: int
    cause: str
    prompt: PromptSeen | None = None
    """A slash command."""


class TurnsMemory(msgspec.Struct, omit_defaults=True):
    """One agent's turns so far."""

    turn: Turn | None = None
    waiting: Cause | None = None


class Turns:
    """Emits the turns of one agent into `events`, record by record."""

    def __init__(
        self, memory: TurnsMemory, session_id: str, agent_id: str, events: list[Event]
    ) -> None:
        self.memory = memory
        self.session_id = session_id
        self._agent_id = agent_id
        self._events = events

    @property
    def is_open(self) -> bool:
        """Tell whether the agent is at work, as far as the log has been read."""
        return self.memory.turn is not None and self.memory.turn.open

    def begin(
        self,
        turn_id: str,
        at_ms: int,
        line: int,
        cause: str,
        *,
        is_copy: bool = False,
        breaks: bool = True,
    ) -> None:
        """Begin a turn; one that is still open ended with its last record.

        breaks: whether that means that it was broken off, where its last record is no answer.
        """
        turn = self.memory.turn
        if turn is not None and turn.open:
            how = "interrupted" if breaks and not turn.answered else "completed"
            self._ended(turn, turn.last_ms or at_ms, line, how)
        self.memory.turn = Turn(id=turn_id, last_ms=at_ms)
        self.memory.waiting = None
        self._events.append(
            TurnStarted(
                id=turn_id,
                session_id=self.session_id,
                agent_id=self._agent_id,
                at_ms=at_ms,
                line=line,
                cause=cause,
                is_copy=is_copy,
            )
        )

    def wait_for(self, cause: Cause) -> None:
        """Remember what may set the agent to work; in an open turn a notice just joins in."""
        if cause.prompt is not None or not self.is_open:
            self.memory.waiting = cause

    def forget_command(self) -> None:
        """Drop a slash command that turned out to be the program's own business."""
        waiting = self.memory.waiting
        if waiting is not None and waiting.prompt is not None:
            self.memory.waiting = None

    def work(self, record_id: str, at_ms: int, line: int, *, answered: bool) -> None:
        """Note a record of work. One behind a closed turn begins another, or reopens it."""
        waiting, turn = self.memory.waiting, self.memory.turn
        if waiting is not None:
            self._begin_waiting(waiting)
        elif turn is None or not turn.open and turn.over:
            self.begin(record_id, at_ms, line, "notification" if turn else "prompt")
        turn = self.memory.turn
        assert turn is not None
        turn.open, turn.answered, turn.how = True, answered, None
        turn.last_ms = max(at_ms, turn.last_ms or 0)

    def touch(self, at_ms: int) -> None:
        """Note a tool's result: no answer yet, but a sign of life."""
        turn = self.memory.turn
        if turn is not None and turn.open:
            turn.answered = False
            turn.last_ms = max(at_ms, turn.last_ms or 0)

    def _begin_waiting(self, cause: Cause) -> None:
        if cause.prompt is not None:
            self._events.append(cause.prompt)
        self.begin(cause.id, cause.at_ms, cause.line, cause.cause)

    def end(self, at_ms: int, line: int, how: str = "completed", *, over: bool = False) -> None:
        """Close the turn. Later ends move it, unless the program has said that it is over."""
        turn = self.memory.turn
        if turn is None or turn.over and not turn.open:
            return
        turn.open, turn.over = False, over
        turn.how = turn.how or how
        turn.last_ms = max(at_ms, turn.last_ms or 0)
        self._ended(turn, at_ms, line, turn.how)

    def _ended(self, turn: Turn, at_ms: int, line: int, how: str) -> None:
        self._events.append(
            TurnEnded(
                turn_id=turn.id,
                session_id=self.session_id,
                agent_id=self._agent_id,
                at_ms=at_ms,
                line=line,
                how=how,
            )
        )
