"""Prompts and turns of one thread.

Three generations: turns with ids and prompts as items; turns with ids and prompts as events; and
before 0.104 prompts alone, where each begins a turn and an answer ends it.
"""

from __future__ import annotations

import msgspec

from tokenwatch.events import Event, FailureSeen, PromptSeen, TurnEnded, TurnStarted
from tokenwatch.model import AgentKind
from tokenwatch.sources.codex.prompts import typed
from tokenwatch.sources.codex.thread import Thread
from tokenwatch.sources.codex.tools import Place
from tokenwatch.sources.values import fingerprint, mapping, text
from tokenwatch.sources.wording import wording

TITLE_LENGTH = 200
_TURNS_KEPT = 16


class Candidate(msgspec.Struct):
    """A message in the user's role that no prompt event has confirmed yet."""

    words: str | None
    """Left out of what is remembered: a reader that goes on later looks the line up again."""
    at_ms: int
    line: int
    images: bool = False


class Turns(msgspec.Struct):
    """What reading on must remember of prompts and turns."""

    turn: str | None = None
    """The open turn, as its events name it."""
    prompted: bool = False
    """The open turn has its prompt."""
    recent: list[str] = []
    """Turns that were started lately, as logged."""
    modern: bool = False
    """The log marks turns itself."""
    stated: bool = False
    """The log states prompts itself."""
    answered: bool = False
    """An answer's text has come last, in a log that does not mark turns."""
    candidate: Candidate | None = None
    last_prompt: str | None = None
    """Fingerprint of the latest prompt."""
    last_line: int = 0
    last_ms: int | None = None
    """Time of the latest own record."""
    task: str | None = None
    """What a subagent was asked to do first; empty once it has been told."""

    def start(self, payload: dict[str, object], place: Place, events: list[Event]) -> None:
        """Open a turn; one that is still open has died."""
        self.modern = True
        if self.turn is not None and not self.answered:
            died = Place(thread=place.thread, at_ms=self.last_ms or place.at_ms, line=place.line)
            self._end(self.turn, "interrupted", died, events)
        logged = text(payload.get("turn_id"))
        if logged is not None:
            self.recent = [*self.recent, logged][-_TURNS_KEPT:]
        own = logged or f"{place.thread.rollout}:{place.line}"
        self._open(place.thread.turn_key(own), place, events)

    def end(self, payload: dict[str, object], how: str, place: Place, events: list[Event]) -> None:
        """Close the turn that a terminator names, or the open one if it names none we know.

        A thread that has a reviewer work for it ends the turn under another id.
        """
        error = payload.get("error")
        logged = text(payload.get("turn_id"))
        named = None if logged is None else place.thread.turn_key(logged)
        known = named is not None and (named == self.turn or logged in self.recent)
        turn = named if known else self.turn
        if turn is None:
            return
        self.settle(place.thread, events)
        failed = isinstance(error, dict) or (isinstance(error, str) and bool(error))
        self._end(turn, "failed" if failed else how, place, events)
        if failed:
            events.append(
                FailureSeen(
                    id=f"{turn}:error",
                    session_id=place.thread.session,
                    agent_id=place.thread.id,
                    at_ms=place.at_ms,
                    line=place.line,
                    kind="error",
                    status=error_word(mapping(error)),
                )
            )
        if turn == self.turn:
            self.turn = None

    def answer(self, place: Place, events: list[Event]) -> None:
        """Note an answer's text, which ends a turn in logs that don't mark turns."""
        if not self.modern and self.turn is not None:
            self.answered = True
            self._end(self.turn, "completed", place, events)

    def prompt(
        self,
        words: str,
        place: Place,
        events: list[Event],
        *,
        turn_id: str | None = None,
        images: bool = False,
    ) -> None:
        """Note a prompt that the log itself states."""
        self.stated, self.candidate = True, None
        if turn_id is not None and turn_id in self.recent:
            turn_id = place.thread.turn_key(turn_id)
        else:
            turn_id = self.turn
        # A review's request is written twice, line after line.
        same = fingerprint(words)
        if same == self.last_prompt and place.line == self.last_line + 1:
            return
        self.last_prompt, self.last_line = same, place.line
        self._prompt(words, place, events, turn_id, images=images)

    def message(
        self, words: str | None, place: Place, events: list[Event], *, images: bool = False
    ) -> None:
        """Note a message in the user's role, which may be all that tells of a prompt."""
        if self.stated or words is None:
            return
        self.settle(place.thread, events)
        self.candidate = Candidate(words=words, at_ms=place.at_ms, line=place.line, images=images)

    def settle(self, thread: Thread, events: list[Event]) -> None:
        """Take a waiting message for a prompt: the log has gone on without stating one."""
        waiting, self.candidate = self.candidate, None
        if waiting is not None and waiting.words is not None:
            place = Place(thread=thread, at_ms=waiting.at_ms, line=waiting.line)
            self._prompt(waiting.words, place, events, self.turn, images=waiting.images)

    def _prompt(
        self, words: str, place: Place, events: list[Event], turn: str | None, *, images: bool
    ) -> None:
        thread, mine = place.thread, typed(words)
        if not thread.human:
            if thread.kind is not AgentKind.MAIN and self.task is None:
                self.task = mine[:TITLE_LENGTH] or None
            return
        joins = self.modern and turn is not None and (self.prompted or turn != self.turn)
        own = f"{thread.rollout}:{place.line}"
        if not self.modern:
            if self.turn is not None and not self.answered:
                before = Place(thread=thread, at_ms=self.last_ms or place.at_ms, line=place.line)
                self._end(self.turn, "completed", before, events)
            self._open(own, place, events)
        elif turn is not None and not joins:
            own, self.prompted = turn, True
        events.append(
            PromptSeen(
                id=own,
                session_id=thread.session,
                agent_id=thread.id,
                at_ms=place.at_ms,
                line=place.line,
                title=mine[:TITLE_LENGTH],
                scripted=thread.scripted,
                queued=joins,
                wording=wording(mine, scripted=thread.scripted, images=images),
            )
        )

    def _open(self, turn: str, place: Place, events: list[Event]) -> None:
        self.turn, self.prompted, self.answered = turn, False, False
        events.append(
            TurnStarted(
                id=turn,
                session_id=place.thread.session,
                agent_id=place.thread.id,
                at_ms=place.at_ms,
                line=place.line,
                cause="prompt" if place.thread.human else "spawn",
            )
        )

    def _end(self, turn: str, how: str, place: Place, events: list[Event]) -> None:
        events.append(
            TurnEnded(
                turn_id=turn,
                session_id=place.thread.session,
                agent_id=place.thread.id,
                at_ms=place.at_ms,
                line=place.line,
                how=how,
            )
        )


def error_word(error: dict[str, object]) -> str | None:
    """Return a failure's kind in the client's words, or its HTTP status."""
    info = error.get("codex_error_info")
    word = info if isinstance(info, str) else next(iter(mapping(info)), None)
    inner = mapping(mapping(info).get(word or ""))
    status = inner.get("http_status_code")
    return str(status) if type(status) is int else word
