"""Run detectors over a session, turn by turn, and keep what they found up to date as it grows.

A turn that has grown is looked at again from the memory before it, and so is everything behind it;
all before stays. What that costs depends on the turns that changed, not on the session's length.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tokenwatch.analysis.waste.claims import Claim, Id, grants
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.finding import Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Money, Session, Turn
from tokenwatch.analysis.waste.merge import Gathered
from tokenwatch.analysis.waste.shared import SharedTurn

log = logging.getLogger(__name__)


class _Story:
    """What is known of one finding."""

    __slots__ = ("base", "behind", "granted", "shown", "signs")

    def __init__(self) -> None:
        self.signs: list[tuple[int, Sign]] = []
        """Each with its step."""
        self.base = Gathered()
        """Those of steps before `behind`: what is likely to stay."""
        self.behind = 0
        self.shown: Gathered | None = None
        """All of them; None if there is no such finding."""
        self.granted: dict[int, int] = {}

    def gather(self, last: int) -> None:
        """Add the signs up; those of step `last` are the ones that may still change."""
        for step, sign in self.signs:
            if self.behind <= step < last:
                self.base.add(sign)
        self.behind = max(self.behind, last)
        top = self.base.branch()
        for step, sign in self.signs:
            if step >= last:
                top.add(sign)
        self.shown = top if top.stands else None

    def cut(self, number: int) -> list[Sign]:
        """Forget the signs of the steps from this one on, and return them."""
        gone = [sign for step, sign in self.signs if step >= number]
        self.signs = [pair for pair in self.signs if pair[0] < number]
        if number < self.behind:
            self.base, self.behind = Gathered(), 0
        return gone


class Fold:
    """What the detectors have seen of one session. Not for two threads at once."""

    def __init__(self, session: Session, detectors: Sequence[Detector]) -> None:
        self.session = session
        self.failed: dict[Kind, str] = {}
        """Detectors that an error stopped, with its words: they have no say in this session."""
        self._detectors = tuple(detectors)
        self._begins: list[int] = []
        """When each turn that was looked at begins."""
        self._memories: list[tuple[Any, ...]] = []
        """What each detector remembers after each of these turns."""
        self._said: list[tuple[Id, ...]] = []
        """The findings that each step tells of."""
        self._paid: list[tuple[int, ...]] = []
        """The requests of each step."""
        self._costs: dict[int, Money] = {}
        self._stories: dict[Id, _Story] = {}
        self._claimants: dict[int, set[Id]] = {}
        self.findings: dict[Id, Finding] = {}
        """All findings, in no order."""

    @property
    def turns(self) -> int:
        """How many turns have been looked at."""
        return len(self._begins)

    def begins(self, number: int) -> int:
        """Return when a turn that has been looked at begins."""
        return self._begins[number]

    def memory(self, kind: Kind) -> Any:
        """Return what the detector of a kind remembers by now; None before the first turn."""
        for index, detector in enumerate(self._detectors):
            if detector.kind is kind and self._memories:
                return self._memories[-1][index]
        return None

    def take(self, turns: Sequence[Turn]) -> set[Id]:
        """Look at these turns, the last ones of the session, in place of those with their numbers.

        Their numbers follow each other, and the first is at most `turns`. Returns the findings that
        are new, different or gone (then they are not in `findings`).
        """
        if not turns:
            return set()
        changed: dict[Id, list[Sign]] = {}
        requests = self._cut(turns[0].number, changed)
        for turn in turns:
            self._step(turn, changed)
            requests.update(self._paid[-1])
        for finding, signs in changed.items():
            requests |= self._gather(finding, signs)
        return self._settle(set(changed), requests)

    def _cut(self, number: int, changed: dict[Id, list[Sign]]) -> set[int]:
        """Forget the steps from this one on; note the signs, and return the requests, of these."""
        requests: set[int] = set()
        for step in range(number, len(self._begins)):
            for finding in self._said[step]:
                changed.setdefault(finding, [])
            for request in self._paid[step]:
                self._costs.pop(request, None)
                requests.add(request)
        for finding, signs in changed.items():
            signs += self._stories[finding].cut(number)
        for parts in (self._begins, self._memories, self._said, self._paid):
            del parts[number:]
        return requests

    def _step(self, turn: Turn, changed: dict[Id, list[Sign]]) -> None:
        before = self._memories[-1] if self._memories else (None,) * len(self._detectors)
        memories: list[Any] = []
        said: set[Id] = set()
        number = len(self._begins)
        turn = SharedTurn.of(turn)
        for request in turn.requests:
            self._costs[request.key] = request.cost
        for detector, memory in zip(self._detectors, before, strict=True):
            seen: Iterable[Sign] = ()
            if not self.failed or detector.kind not in self.failed:
                try:
                    memory, seen = detector.observe(memory, turn, self.session)
                except Exception as error:  # noqa: BLE001 - one detector's error must not stop others
                    log.exception("%s failed on session %s", detector.kind, self.session.id)
                    self.failed[detector.kind] = f"{type(error).__name__}: {error}"
                    self._silence(detector.kind, changed)
            memories.append(memory)
            for sign in seen:
                finding = (sign.kind, sign.key)
                self._stories.setdefault(finding, _Story()).signs.append((number, sign))
                changed.setdefault(finding, []).append(sign)
                said.add(finding)
        self._begins.append(turn.at_ms)
        self._memories.append(tuple(memories))
        self._said.append(tuple(said))
        self._paid.append(tuple(request.key for request in turn.requests))

    def _silence(self, kind: Kind, changed: dict[Id, list[Sign]]) -> None:
        """Drop all that a detector has said."""
        for finding, story in self._stories.items():
            if finding[0] is kind:
                changed.setdefault(finding, []).extend(story.cut(0))

    def _gather(self, finding: Id, signs: Iterable[Sign]) -> set[int]:
        """Add a finding's signs up again; return the requests whose claims may have changed.

        signs: those that it lost or gained.
        """
        story = self._stories[finding]
        old = story.shown
        story.gather(len(self._begins) - 1)
        new = story.shown
        requests = {request for sign in signs for request, _ in sign.asks}
        if old is None or new is None or any(sign.replaces for sign in signs):
            requests |= old.requests() if old is not None else set()
            requests |= new.requests() if new is not None else set()
        for request in requests:
            claimants = self._claimants.setdefault(request, set())
            if new is not None and new.asked(request) is not None:
                claimants.add(finding)
            else:
                claimants.discard(finding)
                story.granted.pop(request, None)
        return requests

    def _settle(self, changed: set[Id], requests: Iterable[int]) -> set[Id]:
        """Grant anew what is asked of these requests; return the findings that changed."""
        for request in requests:
            claimants = self._claimants.get(request)
            if not claimants:
                continue
            granted = self._grants_of(request)
            for finding in claimants:
                amounts = self._stories[finding].granted
                amount = granted.get(finding, 0)
                if amounts.get(request, 0) != amount:
                    amounts[request] = amount
                    changed.add(finding)
        for finding in changed:
            story = self._stories[finding]
            if story.shown is None:
                self.findings.pop(finding, None)
                if not story.signs:
                    del self._stories[finding]
            else:
                self.findings[finding] = story.shown.finding(story.granted, self._costs)
        return changed

    def _grants_of(self, request: int) -> dict[Id, int]:
        cost = self._costs.get(request)
        return {} if cost is None else grants(cost, self._claims_of(request))

    def _claims_of(self, request: int) -> Iterator[Claim]:
        for finding in self._claimants.get(request, ()):
            shown = self._stories[finding].shown
            asked = shown.asked(request) if shown is not None else None
            if shown is not None and asked is not None:
                yield Claim(finding, shown.is_conditional, asked.money)
