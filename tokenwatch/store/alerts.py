"""The inbox of alerts, what was snoozed, and what the rules remember."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tokenwatch.alert import Alert, AlertKind, How, Severity
from tokenwatch.store.ledger import Ledger

KEPT_MS = 90 * 86_400_000
"""Alerts stay in the inbox for so long."""
UNDER_WAY: Final = "under way, or tokenwatch ended before it was delivered"
"""Stands in the inbox until a channel has told how it did: a crash leaves nothing unsaid."""
UNDER_WAY_MS: Final = 60_000
"""What is still under way after so long is more likely lost."""
TRIALS: Final = "channel trials"
"""The word of `meta` with what a test of each channel came to last."""


class StoredAlert(NamedTuple):
    """An alert in the inbox."""

    number: int
    """Its key in the ledger, and its name on the command line."""
    alert: Alert
    deliveries: tuple[tuple[str, str], ...]
    """Each channel that it went through, with what went wrong; "" where nothing did."""
    seen_ms: int | None
    """When the user said to have seen it."""
    over_ms: int | None
    """When what it told of had ended."""


def add(
    ledger: Ledger, alerts: Iterable[Alert], deliveries: Sequence[tuple[str, str]] = ()
) -> list[int]:
    """Put alerts into the inbox; return their numbers, in their order. Inside a transaction.

    deliveries: channels that those that are told are given to, each with a problem until it is
    known how it did (`delivered`).
    """
    return [_add(ledger, alert, deliveries if alert.how is How.TOLD else ()) for alert in alerts]


def _add(ledger: Ledger, alert: Alert, deliveries: Sequence[tuple[str, str]]) -> int:
    made = ledger.sql.execute(
        "INSERT INTO alerts"
        " (name, kind, severity, level, at_ms, session_id, text, action, how, deliveries)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            alert.key,
            alert.kind.value,
            alert.severity.value,
            alert.level,
            alert.at_ms,
            alert.session_id,
            alert.text,
            alert.action,
            alert.how.value,
            json.dumps(deliveries),
        ),
    )
    return int(made.lastrowid or 0)


def number_of(ledger: Ledger, alert: Alert) -> int | None:
    """Return the number of an alert that was put into the inbox; None if it is not there."""
    row = ledger.sql.execute(
        "SELECT max(key) FROM alerts WHERE name = ? AND at_ms = ?", (alert.key, alert.at_ms)
    ).fetchone()
    return None if row[0] is None else int(row[0])


def name_of(ledger: Ledger, number: int) -> str | None:
    """Return the key of an alert in the inbox; None for a number that is not there."""
    row = ledger.sql.execute("SELECT name FROM alerts WHERE key = ?", (number,)).fetchone()
    return None if row is None else str(row[0])


def delivered(ledger: Ledger, number: int, channel: str, problem: str) -> None:
    """Remember how a channel did with an alert; problem: "" for well."""
    with ledger.transaction():
        row = ledger.sql.execute(
            "SELECT deliveries FROM alerts WHERE key = ?", (number,)
        ).fetchone()
        if row is not None:
            known = [each for each in json.loads(row[0]) if each[0] != channel]
            ledger.sql.execute(
                "UPDATE alerts SET deliveries = ? WHERE key = ?",
                (json.dumps([*known, [channel, problem]]), number),
            )


def is_under_way(stored: StoredAlert, problem: str, now_ms: int) -> bool:
    """Tell whether a channel, of which that is said, is likely still at work on an alert."""
    return problem == UNDER_WAY and now_ms - stored.alert.at_ms <= UNDER_WAY_MS


def keep_trials(ledger: Ledger, results: Mapping[str, str], now_ms: int) -> None:
    """Remember how channels did when the user tested them; "" for well."""
    with ledger.transaction():
        known = trials(ledger) | {channel: (now_ms, said) for channel, said in results.items()}
        ledger.set_meta(TRIALS, json.dumps(known))


def trials(ledger: Ledger) -> dict[str, tuple[int, str]]:
    """Return when each channel was tested last, and what went wrong then; "" for nothing."""
    known = json.loads(ledger.meta(TRIALS) or "{}")
    return {channel: (at_ms, problem) for channel, (at_ms, problem) in known.items()}


def failing(ledger: Ledger) -> dict[str, str]:
    """Return the channels that failed when they were tried last, each with what went wrong.

    By an alert, or by a test of the user's.
    """
    found = trials(ledger)
    given: set[str] = set()
    rows = ledger.sql.execute(
        "SELECT at_ms, deliveries FROM alerts WHERE deliveries <> '[]'"
        " ORDER BY at_ms DESC, key DESC LIMIT 100"
    )
    for at_ms, deliveries in rows:
        for channel, problem in json.loads(deliveries):
            if channel not in given and (channel not in found or found[channel][0] < at_ms):
                found[channel] = (at_ms, problem)
            given.add(channel)
    return {channel: problem for channel, (_, problem) in found.items() if problem}


def last_before(ledger: Ledger, at_ms: int) -> int:
    """Return the number of the last alert that was raised before then; 0 for none."""
    row = ledger.sql.execute("SELECT max(key) FROM alerts WHERE at_ms < ?", (at_ms,)).fetchone()
    return int(row[0] or 0)


def just_told(ledger: Ledger, since_ms: int, until_ms: int) -> list[StoredAlert]:
    """Return alerts that were told between two instants, the latest first."""
    return _read(
        ledger,
        "WHERE at_ms BETWEEN ? AND ? AND how = ? ORDER BY at_ms DESC, key DESC",
        (since_ms, until_ms, How.TOLD.value),
    )


def inbox(ledger: Ledger, limit: int) -> list[StoredAlert]:
    """Return the latest alerts, the latest first; a limit below 0: all."""
    return _read(ledger, "ORDER BY at_ms DESC, key DESC LIMIT ?", (limit,))


def _read(ledger: Ledger, which: str, values: tuple[int | str, ...]) -> list[StoredAlert]:
    rows = ledger.sql.execute(
        "SELECT key, name, kind, severity, at_ms, text, action, level, session_id, how,"
        f" deliveries, seen_ms, over_ms FROM alerts {which}",
        values,
    )
    found = []
    for number, *told, deliveries, seen_ms, over_ms in map(tuple, rows):
        name, kind, severity, at_ms, text, action, level, session_id, how = told
        alert = Alert(
            key=name,
            kind=AlertKind(kind),
            severity=Severity(severity),
            at_ms=at_ms,
            text=text,
            action=action,
            level=level,
            session_id=session_id,
            how=How(how),
        )
        given = tuple((str(channel), str(problem)) for channel, problem in json.loads(deliveries))
        found.append(StoredAlert(number, alert, given, seen_ms, over_ms))
    return found


def see(ledger: Ledger, numbers: Sequence[int] | None, now_ms: int) -> int:
    """Remember that alerts were seen, None: all; return how many of them were new."""
    if numbers is not None and not numbers:
        return 0
    where = "" if numbers is None else f" AND key IN ({','.join('?' * len(numbers))})"
    with ledger.transaction():
        made = ledger.sql.execute(
            f"UPDATE alerts SET seen_ms = ? WHERE seen_ms IS NULL{where}",
            (now_ms, *(numbers or ())),
        )
        return made.rowcount


def over(ledger: Ledger, names: Iterable[str], now_ms: int) -> None:
    """Remember that what alerts told of has ended. Inside a transaction."""
    ledger.sql.executemany(
        "UPDATE alerts SET over_ms = ? WHERE name = ? AND over_ms IS NULL",
        [(now_ms, name) for name in names],
    )


def unseen(ledger: Ledger) -> tuple[int, int]:
    """Return how many warnings and how many critical alerts nobody has seen."""
    # Its words are those of the index `alerts_unseen`, which has nothing else.
    warnings, criticals = (
        ledger.sql.execute(
            "SELECT count(*) FROM alerts"
            f" WHERE seen_ms IS NULL AND how <> '{How.SNOOZED.value}' AND severity = ?",
            (severity.value,),
        ).fetchone()[0]
        for severity in (Severity.WARNING, Severity.CRITICAL)
    )
    return int(warnings), int(criticals)


def told_since(ledger: Ledger, since_ms: int) -> tuple[list[int], list[int]]:
    """Return when alerts were told since then, in the order of time: what matters; information."""
    loud: list[int] = []
    quiet: list[int] = []
    for at_ms, severity in ledger.sql.execute(
        "SELECT at_ms, severity FROM alerts WHERE at_ms >= ? AND how = ? ORDER BY at_ms",
        (since_ms, How.TOLD.value),
    ):
        (quiet if severity == Severity.INFO else loud).append(at_ms)
    return loud, quiet


def forget_old(ledger: Ledger, now_ms: int) -> None:
    """Delete what has been in the inbox for too long, and snoozes that have ended.

    Inside a transaction.
    """
    ledger.sql.execute("DELETE FROM alerts WHERE at_ms < ?", (now_ms - KEPT_MS,))
    ledger.sql.execute("DELETE FROM snoozes WHERE until_ms <= ?", (now_ms,))


# What was snoozed ---------------------------------------------------------------------------


def snooze(ledger: Ledger, name: str, until_ms: int | None) -> None:
    """Let an alert, or a kind, be silent until then; None: let it be heard again."""
    with ledger.transaction():
        ledger.sql.execute("DELETE FROM snoozes WHERE name = ?", (name,))
        if until_ms is not None:
            ledger.sql.execute("INSERT INTO snoozes VALUES (?, ?)", (name, until_ms))


def snoozes(ledger: Ledger, now_ms: int) -> dict[str, int]:
    """Return what is silent now, and until when."""
    rows = ledger.sql.execute("SELECT name, until_ms FROM snoozes WHERE until_ms > ?", (now_ms,))
    return dict(tuple(row) for row in rows)


# What the rules remember --------------------------------------------------------------------


def memories(ledger: Ledger) -> dict[str, str]:
    """Return what rules remember, as JSON by the name of an alert."""
    return dict(tuple(row) for row in ledger.sql.execute("SELECT name, memory FROM alert_memories"))


def remember(ledger: Ledger, changed: Mapping[str, str | None]) -> None:
    """Keep memories; None is one that is not needed any more. Inside a transaction."""
    ledger.sql.executemany(
        "DELETE FROM alert_memories WHERE name = ?",
        [(name,) for name, memory in changed.items() if memory is None],
    )
    ledger.sql.executemany(
        "INSERT INTO alert_memories VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET memory = excluded.memory",
        [(name, memory) for name, memory in changed.items() if memory is not None],
    )
