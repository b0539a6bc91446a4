"""One look at what is to be told: rules over the picture, the inbox, the channels, the guard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, NamedTuple

from tokenwatch.alert import Alert, Condition, How
from tokenwatch.alerting import values
from tokenwatch.alerting.beside import Beside
from tokenwatch.analysis.alerts.conditions import Values, conditions
from tokenwatch.analysis.alerts.engine import Recent, Rules, Stepped, step
from tokenwatch.analysis.alerts.finding_rules import Trouble
from tokenwatch.analysis.alerts.memory import Memory, from_json, to_json
from tokenwatch.analysis.alerts.quota_rule import WindowValues
from tokenwatch.answers import budgets as answers
from tokenwatch.answers.budgets import Standing
from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.config.budgets import Budget
from tokenwatch.config.guard import GuardConfig
from tokenwatch.snapshot import Notice, Snapshot
from tokenwatch.store import alerts as stored
from tokenwatch.store.ledger import Ledger

if TYPE_CHECKING:
    from tokenwatch.snapshot import SessionRow

TOLD_MS: Final = 120_000
"""A picture shows what was told so long ago."""
SLOW_MS: Final = 60_000
"""Plan windows and troubles are looked at this often."""
LOOK_MS: Final = 1_000
"""Pictures come up to ten times a second; rules are asked at most this often, and at once where a
detector saw something."""
BUDGETS_MS: Final = 2_000
"""Budgets are at most this often counted anew."""
HOUR_MS: Final = 3_600_000


class Wishes(NamedTuple):
    """What the user wants to be told of, and how."""

    budgets: tuple[Budget, ...] = ()
    alerts: AlertsConfig = AlertsConfig()
    guard: GuardConfig | None = None
    """None: there is no guard to tell anything, as in the demo."""


class Result(NamedTuple):
    """How a channel did with an alert."""

    alert: Alert
    channel: str
    problem: str


def keep_results(ledger: Ledger, results: SimpleQueue[Result]) -> None:
    """Put into the inbox how channels did with its alerts."""
    while True:
        try:
            result = results.get_nowait()
        except Empty:
            return
        number = stored.number_of(ledger, result.alert)
        if number is not None:
            stored.delivered(ledger, number, result.channel, result.problem)


class Alerting:
    """Looks at each picture. For one thread; results may come from any."""

    def __init__(
        self,
        ledger: Ledger,
        wishes: Callable[[], Wishes],
        zone: tzinfo,
        started_ms: int,
        *,
        deliver: Callable[[Alert], None],
        results: SimpleQueue[Result],
        folder: Path | None,
    ) -> None:
        """deliver: gives an alert to the channels, and puts how they did into results. folder:
        where the guard and status lines look for what is so now; None: nowhere."""
        self._ledger = ledger
        self._wishes = wishes
        self._zone = zone
        self._started_ms = started_ms
        self._before = stored.last_before(ledger, started_ms)
        """The number of the last alert that was raised before the start."""
        self._deliver = deliver
        self._results = results
        self._beside = None if folder is None else Beside(ledger, folder, zone)
        self._usuals = values.Usuals(ledger)
        self._standings: tuple[Standing, ...] = ()
        self._counted_ms: int | None = None
        self._slow_ms: int | None = None
        self._windows: tuple[WindowValues, ...] = ()
        self._troubles: tuple[Trouble, ...] = ()
        self._looked_ms: int | None = None
        self._seen: frozenset[str] = frozenset()
        """Keys of what detectors saw by then."""
        self._shown: tuple[tuple[Notice, ...], tuple[int, int]] = ((), (0, 0))
        self._wished: Wishes | None = None
        """By what it was looked last."""

    @property
    def is_due(self) -> bool:
        """Tell whether the user wishes something else than at the last look."""
        return self._wished is not None and self._wishes() != self._wished

    def look(self, snapshot: Snapshot, rows: Callable[[], list[SessionRow]]) -> Snapshot:
        """Return the picture with what was told in the last minutes, and how much is unseen.

        Its notices are what detectors saw. rows: sessions that may have agents at work.
        """
        now_ms = snapshot.taken_ms
        self.take_results()
        seen = frozenset(notice.key for notice in snapshot.notices)
        looked = self._looked_ms
        is_early = looked is not None and 0 <= now_ms - looked < LOOK_MS
        if not (is_early and seen <= self._seen):
            self._looked_ms, self._seen = now_ms, seen
            self._shown = self._look(snapshot, rows, now_ms)
        notices, unseen = self._shown
        return replace(snapshot, notices=notices, unseen=unseen)

    def _look(
        self, snapshot: Snapshot, rows: Callable[[], list[SessionRow]], now_ms: int
    ) -> tuple[tuple[Notice, ...], tuple[int, int]]:
        """Ask the rules; return what a picture shows of it."""
        wishes = self._wished = self._wishes()
        self._count(wishes, now_ms, rows)
        self._look_slowly(now_ms)
        self._tell(snapshot, wishes, now_ms)
        if self._beside is not None:
            self._beside.write(snapshot, self._standings, wishes.guard, rows)
        told = [
            _notice(each.alert, each.number)
            for each in stored.just_told(self._ledger, now_ms - TOLD_MS, now_ms)
            if each.number > self._before
        ]
        return tuple(told), stored.unseen(self._ledger)

    # Looking --------------------------------------------------------------------------------

    def _count(self, wishes: Wishes, now_ms: int, rows: Callable[[], list[SessionRow]]) -> None:
        """Bring the budgets up to date."""
        known = tuple(each.budget for each in self._standings)
        counted = self._counted_ms
        if known == wishes.budgets and counted is not None and 0 <= now_ms - counted < BUDGETS_MS:
            return
        self._counted_ms = now_ms
        self._standings = answers.standings(self._ledger, wishes.budgets, now_ms, self._zone, rows)

    def _look_slowly(self, now_ms: int) -> None:
        if self._slow_ms is not None and 0 <= now_ms - self._slow_ms < SLOW_MS:
            return
        self._slow_ms = now_ms
        self._windows = values.of_windows(self._ledger, now_ms)
        self._troubles = values.of_troubles(self._ledger, now_ms)

    def _tell(self, snapshot: Snapshot, wishes: Wishes, now_ms: int) -> None:
        """Raise what is news, keep it, and give it to the channels."""
        quiet = wishes.alerts.quiet
        # Where nothing lies beside the ledger, as in the demo, nobody can ask either.
        beside = None if wishes.guard is None else self._beside
        rules = Rules(
            zone=self._zone,
            off=wishes.alerts.off,
            quiet=None if quiet is None else (quiet.begin, quiet.end),
            snoozes=stored.snoozes(self._ledger, now_ms),
        )
        looked = Values(
            budgets=values.of_standings(
                self._standings,
                self._zone,
                is_guarded=lambda: beside is not None and beside.is_guarded(now_ms),
            ),
            windows=self._windows,
            sessions=values.of_sessions(self._ledger, snapshot.sessions, now_ms),
            troubles=self._troubles,
        )
        if looked.sessions:
            looked = looked._replace(usual=self._usuals.now(now_ms))
        found = conditions(looked, now_ms, self._zone, is_quiet=rules.is_quiet(now_ms))
        found += tuple(values.of_notices(snapshot.notices))
        before, stepped = self._step(found, rules, now_ms)
        self._started_ms = stepped.started_ms
        if before == stepped.memories and not stepped.raised and not stepped.over:
            return
        # Another monitor may look at the same ledger: what it told is not told again.
        with self._ledger.transaction():
            before, stepped = self._step(found, rules, now_ms)
            stored.remember(self._ledger, _changed(before, stepped.memories))
            stored.add(self._ledger, stepped.raised, _under_way(wishes.alerts))
            stored.over(self._ledger, stepped.over, now_ms)
            if stepped.raised:
                stored.forget_old(self._ledger, now_ms)
        for alert in stepped.raised:
            if alert.how is How.TOLD:
                self._deliver(alert)

    def _step(
        self, found: Sequence[Condition], rules: Rules, now_ms: int
    ) -> tuple[dict[str, Memory], Stepped]:
        """Return what rules remembered, and what they come to now."""
        before = {name: from_json(text) for name, text in stored.memories(self._ledger).items()}
        recent = Recent(*stored.told_since(self._ledger, now_ms - HOUR_MS))
        return before, step(before, found, now_ms, rules, recent, self._started_ms)

    def take_results(self) -> None:
        """Keep how channels did meanwhile."""
        keep_results(self._ledger, self._results)


def _under_way(settings: AlertsConfig) -> list[tuple[str, str]]:
    """Return what is said of the channels that are on until they have told how they did."""
    from tokenwatch.channels.channel import OUTWARD, enabled

    on = enabled(settings)
    return [(channel.value, stored.UNDER_WAY) for channel in OUTWARD if channel in on]


def _changed(before: dict[str, Memory], after: dict[str, Memory]) -> dict[str, str | None]:
    """Return the memories that are others now, None for those that are not needed any more."""
    changed: dict[str, str | None] = {
        name: to_json(memory) for name, memory in after.items() if before.get(name) != memory
    }
    return changed | dict.fromkeys(before.keys() - after.keys())


def _notice(alert: Alert, number: int) -> Notice:
    return Notice(
        # Numbers begin anew where a ledger does.
        key=f"alert/{number}/{alert.at_ms}",
        session_id=alert.session_id or "",
        kind=alert.kind.value,
        text=f"{alert.text}. {alert.action}" if alert.action else alert.text,
        at_ms=alert.at_ms,
        alert=alert,
    )
