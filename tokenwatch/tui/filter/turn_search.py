"""Finds the turns of a session by words of their prompts, which are read from the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tokenwatch.answers.search import matching_turns
from tokenwatch.tui.filter.prompt_search import PAUSE_S
from tokenwatch.tui.widgets.pane import app_of

if TYPE_CHECKING:
    from tokenwatch.answers.looked import TurnIds
    from tokenwatch.snapshot import TurnRow
    from tokenwatch.tui.screens.frame import FrameScreen

HELPS = (
    "words of a prompt, as they stand there: read from the log, nothing of it is kept",
    "words of a prompt, read from the log",
    "words of a prompt",
)


class TurnSearch:
    """What is known of the turns of one session whose prompts hold words."""

    def __init__(self, screen: FrameScreen, changed: Callable[[], None]) -> None:
        """changed: called on the UI's thread when more is known."""
        self._screen = screen
        self._changed = changed
        self._session_id = ""
        self.words = ""
        self._found: frozenset[str] | None = None

    def want(self, session_id: str, words: str) -> None:
        """Look for other words, or in another session; "" shows all turns."""
        words = words.strip()
        if (session_id, words) != (self._session_id, self.words):
            self._session_id, self.words, self._found = session_id, words, None
            if words:
                self._screen.set_timer(PAUSE_S, partial(self._ask, session_id, words))

    def again(self) -> None:
        """Look once more: there may be new prompts."""
        if self.words:
            self._ask(self._session_id, self.words)

    def only(self, turns: Sequence[TurnRow]) -> frozenset[str] | None:
        """Return the ids of the turns to show, by their titles as long as that is all; None: all.

        A title goes on counting where the log is gone.
        """
        if not self.words:
            return None
        word = " ".join(self.words.casefold().split())
        titled = (turn.id for turn in turns if word in (turn.title or "").casefold())
        return frozenset(titled) | (self._found or frozenset())

    @property
    def is_running(self) -> bool:
        """Whether prompts are still being read."""
        return bool(self.words) and self._found is None

    def _ask(self, session_id: str, words: str) -> None:
        if (session_id, words) == (self._session_id, self.words):
            question = partial(matching_turns, session_id=session_id, words=words)
            take = partial(self._take, session_id, words)
            app_of(self._screen).ask(("turns", session_id, words), question, self._screen, take)

    def _take(self, session_id: str, words: str, found: TurnIds) -> None:
        if (session_id, words) == (self._session_id, self.words):
            self._found = found
            self._changed()
