"""`tokenwatch alerts list | ack | snooze | test | watch`: what was told; to tell without a screen.

`list --json` is a document `tokenwatch.alerts/1`: {"alerts": [{"number": 7, <an alert as channels
get it, without `schema`>, "how": "told|quiet|snoozed|digested", "deliveries": [{"channel": …,
"problem": … | null}], "seen_at": … | null, "over_at": … | null}], "snoozes": [{"name": …,
"until_at": …}]}.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tokenwatch import config, paths
from tokenwatch.alert import Alert, AlertKind, Severity
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.ground import print_json
from tokenwatch.cli.options import zone_of
from tokenwatch.cli.table import Column, print_table, print_text
from tokenwatch.errors import LedgerError, NotFound, UsageError
from tokenwatch.export import documents
from tokenwatch.format import clean, clock, rfc3339
from tokenwatch.store import alerts as stored
from tokenwatch.store.ledger import Ledger

if TYPE_CHECKING:
    import argparse

    from tokenwatch.cli.options import Zone
    from tokenwatch.export.documents import Json
    from tokenwatch.store.alerts import StoredAlert

ACTIONS = {
    "list": ("json", "all", "timezone", "redact"),
    "ack": (),
    "snooze": ("hours",),
    "test": (),
    "watch": ("timezone", "quietly"),
}
"""The options that each takes."""
SHOWN = 50
"""So many are listed unless all are asked for."""
COLUMNS = (
    Column(name="no", right=True),
    Column(name="time"),
    Column(name="severity", rank=2),
    Column(name="kind"),
    Column(name="alert", least=24),
    Column(name="what to do", least=20, rank=3),
    Column(name="done", rank=4),
)
_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="list", help="(list)")
    to.add_argument(
        "names",
        nargs="*",
        metavar="WHAT",
        help="ack: numbers of alerts, or all; snooze: a number or a kind of alert",
    )
    to.add_argument("--for", dest="hours", metavar="TIME", help="snooze: 30m, 1h, 7d or 0 (1h)")
    to.add_argument("--all", action="store_true", help="list: every alert of the last 90 days")
    to.add_argument("--json", action="store_true", help="list: one JSON document on stdout")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--redact", action="store_true", help="list: without budgets' names, sessions")
    to.add_argument("--quietly", action="store_true", help="watch: print nothing, deliver alone")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for; return the exit code."""
    _refuse_strays(options)
    if options.action == "test":
        return _test()
    if options.action == "watch":
        from tokenwatch.cli.alerts_watch import watch

        return watch(options)
    ledger = Ledger.open(paths.ledger())
    try:
        if options.action == "ack":
            return _acknowledge(ledger, options.names)
        if options.action == "snooze":
            return _snooze(ledger, options)
        return _list(ledger, options)
    finally:
        ledger.close()


def _refuse_strays(options: argparse.Namespace) -> None:
    """Raise UsageError for what belongs to another action."""
    action = options.action
    if options.names and action not in ("ack", "snooze"):
        raise UsageError(f"alerts {action}: {options.names[0]!r} is too much")
    for others in ACTIONS.values():
        for option in others:
            if getattr(options, option) not in (None, False) and option not in ACTIONS[action]:
                flag = "--for" if option == "hours" else f"--{option}"
                of = [name for name, its in ACTIONS.items() if option in its]
                raise UsageError(f"{flag} belongs to alerts {' and '.join(of)}, not to {action}")


# What was told -------------------------------------------------------------------------------


def _list(ledger: Ledger, options: argparse.Namespace) -> int:
    zone = zone_of(options, config.load(paths.config()).timezone)
    now = now_ms()
    found = stored.inbox(ledger, -1 if options.all else SHOWN)
    silent = stored.snoozes(ledger, now)
    if options.json:
        print_json(
            documents.head("alerts", now, zone.name)
            | {
                "alerts": [_document(each, redact=options.redact) for each in found],
                "snoozes": [
                    {"name": None if options.redact else name, "until_at": rfc3339(until)}
                    for name, until in sorted(silent.items())
                ],
            }
        )
        return 0
    notes = [
        f"silent until {clock(until, zone.zone, now)}: {'hidden' if options.redact else name}"
        for name, until in sorted(silent.items())
    ]
    if not found:
        for line in ("nothing was told yet", *notes):
            print_text(line)
        return 0
    print_table(COLUMNS, [_cells(each, zone, now, options.redact) for each in found], notes=notes)
    return 0


def _document(each: StoredAlert, *, redact: bool) -> Json:
    from tokenwatch.channels.document import document

    told = document(each.alert, redact=redact)
    del told["schema"]
    if redact:
        told |= {"text": None, "action": None}
    return {
        "number": each.number,
        **told,
        "how": each.alert.how.value,
        "deliveries": [
            {"channel": channel, "problem": ("hidden" if redact else problem) if problem else None}
            for channel, problem in each.deliveries
        ],
        "seen_at": rfc3339(each.seen_ms),
        "over_at": rfc3339(each.over_ms),
    }


def _cells(each: StoredAlert, zone: Zone, now: int, redact: bool) -> list[str]:
    alert = each.alert
    open_ends = [
        f"{channel} {'…' if stored.is_under_way(each, problem, now) else 'failed'}"
        for channel, problem in each.deliveries
        if problem
    ]
    done = ", ".join([alert.how.value, *open_ends, *(["seen"] if each.seen_ms else [])])
    return [
        str(each.number),
        clock(alert.at_ms, zone.zone, now),
        alert.severity.value,
        alert.kind.value,
        "hidden" if redact else alert.text,
        "hidden" if redact else alert.action,
        done,
    ]


# What the user says --------------------------------------------------------------------------


def _acknowledge(ledger: Ledger, names: list[str]) -> int:
    if not names:
        raise UsageError("usage: tokenwatch alerts ack NUMBER … | all")
    if names == ["all"]:
        many = stored.see(ledger, None, now_ms())
    else:
        numbers = [_number(name) for name in names]
        for number in numbers:
            if stored.name_of(ledger, number) is None:
                raise NotFound(f"no alert has the number {number}: `tokenwatch alerts` lists them")
        many = stored.see(ledger, numbers, now_ms())
    print_text(f"{many} {'alert' if many == 1 else 'alerts'} marked as seen")
    return 0


def _number(name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 16):
        raise UsageError(f"{name!r} is no number of an alert: `tokenwatch alerts` lists them")
    return int(name)


def _snooze(ledger: Ledger, options: argparse.Namespace) -> int:
    kinds = [kind.value for kind in AlertKind]
    if len(options.names) != 1:
        raise UsageError(f"usage: tokenwatch alerts snooze NUMBER|KIND; kinds: {', '.join(kinds)}")
    name = options.names[0]
    if name not in kinds:
        if not name.isdecimal():
            known = f"`tokenwatch alerts` lists them, and no kind: {', '.join(kinds)}"
            raise UsageError(f"{name!r} is no number of an alert: {known}")
        number = _number(name)
        found = stored.name_of(ledger, number)
        if found is None:
            raise NotFound(f"no alert has the number {number}: `tokenwatch alerts` lists them")
        name = found
    until = _until(options.hours)
    stored.snooze(ledger, name, until)
    print_text(f"{name}: " + ("heard again" if until is None else "silent"))
    return 0


def _until(text: str | None) -> int | None:
    """Return the end of a silence; None for an end at once."""
    text = text or "1h"
    if text == "0":
        return None
    number, unit = text[:-1], text[-1]
    if not (number.isascii() and number.isdigit() and unit in _UNITS and 0 < len(number) < 5):
        raise UsageError(f"--for {text!r}: allowed are 30m, 1h, 7d, or 0 to hear it again")
    return now_ms() + int(number) * _UNITS[unit] if int(number) else None


# Trying the channels -------------------------------------------------------------------------


def _test() -> int:
    """Give an alert to every channel that is on; return 1 if one of them fails.

    It is not put into the inbox, but doctor's and a monitor's warnings go by the result.
    """
    import os

    from tokenwatch.channels.channel import Channel, enabled
    from tokenwatch.channels.delivery import send_now
    from tokenwatch.config.alerts import AlertsConfig

    settings = config.load(paths.config()).alerts or AlertsConfig()
    alert = Alert(
        key="test",
        kind=AlertKind.DATA,
        severity=Severity.CRITICAL,
        at_ms=now_ms(),
        text="This is a test of tokenwatch's alerts: nothing happened.",
        action="Nothing is to be done.",
    )
    on = enabled(settings)
    results = dict(send_now(alert, settings, os.environ))
    outward = {channel.value: problem or "" for channel, problem in results.items()}
    inward = [each for each in (Channel.BELL, Channel.TERMINAL) if each in on]
    if inward and sys.stdout.isatty():
        from tokenwatch.cli.alerts_watch import ring

        results |= ring(alert, on)
    failed = False
    for channel in Channel:
        if channel not in on:
            print_text(f"{channel.value:10} off")
        elif channel in inward and channel not in results:
            print_text(f"{channel.value:10} on: there is no terminal here to try it in")
        elif channel is Channel.TOAST:
            print_text(f"{channel.value:10} on: shown by the monitor alone")
        elif problem := results.get(channel):
            failed = True
            print_text(f"{channel.value:10} FAILED: {clean(problem)}")
        else:
            print_text(f"{channel.value:10} sent")
    _note(outward)
    return 1 if failed else 0


def _note(results: dict[str, str]) -> None:
    """Let doctor, and a monitor, know how channels did."""
    if not results:
        return
    try:
        ledger = Ledger.open(paths.ledger())
        try:
            with ledger.explained():
                stored.keep_trials(ledger, results, now_ms())
        finally:
            ledger.close()
    except LedgerError as error:
        print(clean(f"tokenwatch: the result is not noted: {error}"), file=sys.stderr)
