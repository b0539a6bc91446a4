"""When the user is told: conditions and what is remembered of them in, alerts out.

Of each key, in turn:

- What begins to hold is raised once. It can be raised anew after it was over for five minutes
  (`REARM_MS`), whatever it did in between; a key without a condition counts as over.
- Within half an hour after it was told of (`COOL_DOWN_MS`) only a higher level or severity is told.
  What begins anew in that time goes into the inbox (DIGESTED), and is told when the half hour is
  over if it still holds. So is, after a snooze, what began within it.
- Three are told in an hour (`MOST_TOLD`), most severe first; the others go into the inbox. Mere
  information is counted by itself: it takes no place of what matters. Critical and urgent ones are
  told all the same, urgent ones also in quiet hours; but not while they are snoozed.
- What was kept in quiet hours, or beyond three in an hour, is told in one line (a digest) as soon
  as they are over and there is a place again; of mere information beyond three nothing is.

Nothing is replayed at the start: memories outlive the program, so what was told is not told again,
while a budget that was exceeded when nothing was running is told once. A condition with an instant
(`Condition.cause_ms`) before the start, or an hour ago, is never told. What is over for good, such
as a budget's past period, has no condition that holds, however late its lines are read.

A kind that is switched off raises nothing and changes no memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from tokenwatch.alert import DIGEST_KEY, Alert, AlertKind, Condition, How, Severity
from tokenwatch.analysis.alerts.memory import FRESH, FRESH_MS, REARM_MS, Memory
from tokenwatch.analysis.timescale import HOUR_MS

MOST_TOLD: Final = 3
"""In an hour, but for urgent ones. Source: §9.3 of the specification of budgets and alerts."""
_DAY_MINUTES: Final = 1440


class Rules(NamedTuple):
    """How the user wants to hear of things."""

    zone: tzinfo
    off: Collection[str] = ()
    """Kinds that say nothing."""
    quiet: tuple[int, int] | None = None
    """First minute of the local day that is quiet, and the first one after it that is not; over
    midnight where the second is the smaller one. None, or both the same: never."""
    snoozes: Mapping[str, int] = {}
    """Keys and kinds that are silent, each until when."""

    def is_quiet(self, now_ms: int) -> bool:
        """Tell whether these are quiet hours, by the clock on the wall."""
        if self.quiet is None:
            return False
        begin, end = self.quiet
        local = datetime.fromtimestamp(now_ms / 1000, self.zone)
        minute = local.hour * 60 + local.minute
        return (minute - begin) % _DAY_MINUTES < (end - begin) % _DAY_MINUTES

    def is_snoozed(self, condition: Condition, now_ms: int) -> bool:
        """Tell whether the key or the kind of a condition is silent."""
        names = (condition.key, condition.kind.value)
        return any(self.snoozes.get(name, now_ms) > now_ms for name in names)


class Recent(NamedTuple):
    """When alerts were told in the last hour, in any order."""

    loud: Sequence[int] = ()
    """Warnings and critical ones."""
    quiet: Sequence[int] = ()
    """Mere information."""


class Stepped(NamedTuple):
    """What one look came to."""

    memories: dict[str, Memory]
    """All of them, for the next look; a key that is missing needs none any more."""
    raised: tuple[Alert, ...]
    """For the inbox, in the order in which they were weighed; told are those with How.TOLD."""
    over: tuple[str, ...]
    """Keys of what was raised before and has ended."""
    started_ms: int
    """For the next look: earlier than before where the clock went back."""


def step(
    memories: Mapping[str, Memory],
    conditions: Sequence[Condition],
    now_ms: int,
    rules: Rules,
    recent: Recent,
    started_ms: int,
) -> Stepped:
    """Look once at everything.

    memories: of the look before; at the start those that were kept. conditions: of a key that comes
    twice the more severe one counts. started_ms: when the program began to look, then what the look
    before says.
    """
    look = _Look(now_ms, rules, recent, min(started_ms, now_ms))
    before = {key: memory.aged(now_ms) for key, memory in memories.items()}
    over = tuple(key for key, aged in before.items() if aged.is_armed > memories[key].is_armed)
    if not look.is_quiet:
        before = look.digested(before)
    after = dict(before)
    for condition in _by_weight(conditions):
        if condition.kind not in rules.off:
            after[condition.key] = look.weighed(before.get(condition.key, FRESH), condition)
    for key in before.keys() - {condition.key for condition in conditions}:
        after[key] = _ended(before[key], now_ms)
    needed = {key: memory for key, memory in after.items() if memory.is_needed(now_ms)}
    return Stepped(needed, tuple(look.raised), over, look.started_ms)


def _by_weight(conditions: Sequence[Condition]) -> Iterator[Condition]:
    """Yield one condition of each key, those first that matter most."""

    def weight(each: Condition) -> tuple[bool, bool, int, int]:
        return each.holds, each.is_urgent, each.severity.rank, each.level

    seen: set[str] = set()
    for condition in sorted(conditions, key=weight, reverse=True):
        if condition.key not in seen:
            seen.add(condition.key)
            yield condition


class _Look:
    """One look at everything: what was told in the last hour, and what is raised."""

    def __init__(self, now_ms: int, rules: Rules, recent: Recent, started_ms: int) -> None:
        self.started_ms = started_ms
        self.is_quiet = rules.is_quiet(now_ms)
        self.raised: list[Alert] = []
        self._now_ms = now_ms
        self._rules = rules
        # Instants to come were told before the clock went back, and say nothing.
        self._told = Counter(
            {
                is_loud: sum(now_ms - HOUR_MS < at_ms <= now_ms for at_ms in told)
                for is_loud, told in ((True, recent.loud), (False, recent.quiet))
            }
        )

    def digested(self, memories: dict[str, Memory]) -> dict[str, Memory]:
        """Tell what was kept in one line, if one may be told; return memories."""
        kept = [memory for memory in memories.values() if memory.queued]
        if not kept:
            return memories
        worst = max(kept, key=lambda memory: memory.rank)
        severity = list(Severity)[worst.rank]
        if self._is_full(severity):
            return memories
        counts: Counter[str] = Counter()
        for memory in kept:
            counts[memory.kind] += memory.queued
        number = counts.total()
        kinds = ", ".join(name if n == 1 else f"{name} ×{n}" for name, n in counts.most_common())
        self._tell(
            Alert(
                key=DIGEST_KEY,
                kind=AlertKind(worst.kind),
                severity=severity,
                at_ms=self._now_ms,
                text=f"{number} alert{'' if number == 1 else 's'} not told until now: {kinds}",
                action="See them in the inbox: tokenwatch alerts list",
            )
        )
        return {key: memory._replace(queued=0) for key, memory in memories.items()}

    def weighed(self, memory: Memory, condition: Condition) -> Memory:
        """Raise what a condition says, if that is news; return what to remember then."""
        now_ms = self._now_ms
        if not condition.holds:
            if condition.is_over:
                return _ended(memory, now_ms)
            return memory._replace(over_ms=None, held_ms=None, lower_ms=None)
        memory = _lowered(_held(memory, condition, now_ms), condition, now_ms)
        since_ms = now_ms if memory.held_ms is None else memory.held_ms
        if now_ms - since_ms < condition.hold_ms or not self._is_news(memory, condition):
            return memory
        is_higher = condition.level > memory.level or condition.severity.rank > memory.rank
        is_snoozed = self._rules.is_snoozed(condition, now_ms)
        is_cooling = memory.is_cooling(now_ms)
        is_owed = memory.is_owed and not (is_cooling or is_snoozed)
        if not (memory.is_armed or is_higher or is_owed):
            return memory
        is_repeated = is_cooling and not is_higher
        how = self._how(condition, is_snoozed, is_repeated)
        self._tell(_alert(condition, now_ms, how))
        return _raised(memory, condition, now_ms, how, is_kept=is_snoozed or is_repeated)

    def _is_news(self, memory: Memory, condition: Condition) -> bool:
        if condition.cause_ms is None:
            return True
        if condition.cause_ms < max(self.started_ms, self._now_ms - FRESH_MS):
            return False
        told_ms = memory.cause_ms if memory.is_armed else None
        return told_ms is None or told_ms > self._now_ms or condition.cause_ms > told_ms

    def _how(self, condition: Condition, is_snoozed: bool, is_repeated: bool) -> How:
        if is_snoozed:
            return How.SNOOZED
        if is_repeated:
            return How.DIGESTED
        if not condition.is_urgent:
            if self.is_quiet:
                return How.QUIET
            if condition.severity is not Severity.CRITICAL and self._is_full(condition.severity):
                return How.DIGESTED
        return How.TOLD

    def _tell(self, alert: Alert) -> None:
        self.raised.append(alert)
        self._told[alert.severity is not Severity.INFO] += alert.how is How.TOLD

    def _is_full(self, severity: Severity) -> bool:
        return self._told[severity is not Severity.INFO] >= MOST_TOLD


def _alert(condition: Condition, now_ms: int, how: How) -> Alert:
    return Alert(
        key=condition.key,
        kind=condition.kind,
        severity=condition.severity,
        at_ms=now_ms,
        text=condition.text,
        action=condition.action,
        level=condition.level,
        session_id=condition.session_id,
        how=how,
    )


def _raised(
    memory: Memory, condition: Condition, now_ms: int, how: How, *, is_kept: bool
) -> Memory:
    """Return what to remember of what was just raised; is_kept: only to be told of later."""
    is_anew = memory.is_armed and not memory.is_cooling(now_ms)
    is_beyond = how is How.DIGESTED and not is_kept and condition.severity is not Severity.INFO
    return memory._replace(
        kind=condition.kind.value,
        level=condition.level if is_anew else max(memory.level, condition.level),
        rank=condition.severity.rank if is_anew else max(memory.rank, condition.severity.rank),
        is_armed=False,
        is_owed=is_kept,
        queued=memory.queued + (how is How.QUIET or is_beyond),
        told_ms=memory.told_ms if is_kept else now_ms,
        cause_ms=condition.cause_ms,
    )


def _ended(memory: Memory, now_ms: int) -> Memory:
    over_ms = now_ms if memory.over_ms is None else memory.over_ms
    return memory._replace(over_ms=over_ms, held_ms=None, lower_ms=None)


def _held(memory: Memory, condition: Condition, now_ms: int) -> Memory:
    held_ms = now_ms if memory.held_ms is None else memory.held_ms
    return memory._replace(over_ms=None, held_ms=held_ms if condition.hold_ms else None)


def _lowered(memory: Memory, condition: Condition, now_ms: int) -> Memory:
    """Return the memory at the level that a condition has fallen to for good.

    As for what is over, that takes five minutes, and no cool-down.
    """
    base = condition.level if condition.base_level is None else condition.base_level
    if memory.is_armed or base >= memory.level:
        return memory._replace(lower_ms=None)
    lower_ms = now_ms if memory.lower_ms is None else memory.lower_ms
    if now_ms - lower_ms < REARM_MS or memory.is_cooling(now_ms):
        return memory._replace(lower_ms=lower_ms)
    rank = condition.severity.rank if base == condition.level else memory.rank
    return memory._replace(level=base, rank=rank, lower_ms=None)
