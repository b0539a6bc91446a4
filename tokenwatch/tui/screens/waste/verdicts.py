"""What the user says of findings, one after the other, and how to take it back."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tokenwatch.answers.waste_view import Judged, Said, judge
from tokenwatch.tui.messages import Unanswered
from tokenwatch.tui.widgets.pane import app_of

if TYPE_CHECKING:
    from tokenwatch.tui.screens.frame import FrameScreen

_KEY = "verdicts"
MOST_UNDONE = 50
"""So many changes can be taken back."""


class Verdicts:
    """Sends verdicts to the ledger in the order they were given: never two at once."""

    def __init__(self, screen: FrameScreen, done: Callable[[], None]) -> None:
        """done: called when one was remembered."""
        self._screen = screen
        self._done = done
        self._waiting: deque[tuple[tuple[Said, ...], str, bool]] = deque()
        self._is_busy = False
        self._number = 0
        """Of the question: one asked by the same key again might be taken for the one before."""
        self._undoing: deque[tuple[Said, ...]] = deque(maxlen=MOST_UNDONE)
        """What takes the last changes back, the latest last."""

    def say(self, said: tuple[Said, ...], words: str) -> None:
        """Remember what was said; words: the notice that tells so."""
        self._waiting.append((said, words, True))
        self._send()

    def undo(self) -> bool:
        """Take the last change back; False where there is none."""
        if not self._undoing:
            return False
        self._waiting.append((self._undoing.pop(), "taken back", False))
        self._send()
        return True

    def _send(self) -> None:
        if self._is_busy or not self._waiting:
            return
        said, words, can_undo = self._waiting.popleft()
        self._is_busy = True
        self._number += 1
        app_of(self._screen).ask(
            (_KEY, self._number),
            partial(judge, said=said),
            self._screen,
            partial(self._take, words, can_undo),
        )

    def _take(self, words: str, can_undo: bool, answer: Judged) -> None:
        self._is_busy = False
        if can_undo:
            self._undoing.append(answer.before)
            words = f"{words} · U takes it back"
        app_of(self._screen).notify(words, markup=False, timeout=5)
        self._send()
        self._done()

    def fail(self, message: Unanswered) -> None:
        """Give up what could not be remembered."""
        if message.key == ((_KEY, self._number), id(self._screen)):
            self._is_busy = False
            self._send()
