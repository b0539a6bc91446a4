"""Options that the reporting commands share, and what they mean."""

import argparse
import os
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple

from tokenwatch.errors import UsageError
from tokenwatch.sources import SOURCES
from tokenwatch.store.spend import Filter

_AGO = r"(\d{1,5})([hdw])"
_DATE = r"\d{4}-\d\d-\d\d"
_HOURS = {"h": 1, "d": 24, "w": 168}
WHEN = "a date, an RFC 3339 time, 7d or 24h, today, yesterday, month"


def add_common(to: argparse.ArgumentParser, *, json: bool = True) -> None:
    """Add the options of every command that answers from the ledger.

    json: the command has a document to print.
    """
    if json:
        to.add_argument("--json", action="store_true", help="one JSON document on stdout")
    to.add_argument("--since", metavar="WHEN", help=f"inclusive: {WHEN}")
    to.add_argument("--until", metavar="WHEN", help="includes that whole local day")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--source", choices=tuple(SOURCES), help="one source only")
    to.add_argument("--project", metavar="PATH", help="a project's path or name")
    to.add_argument("--model", metavar="ID", help="a model's id, or a part of it")
    to.add_argument("--redact", action="store_true", help="hide projects, titles, branches, files")
    to.add_argument("--no-sync", action="store_true", help="answer from what was read before")


class Zone(NamedTuple):
    """A time zone with the name that documents carry."""

    name: str
    zone: tzinfo


def zone_of(options: argparse.Namespace, setting: str | None = None) -> Zone:
    """Return `--timezone`, else that of the settings, else the machine's zone.

    Raises UsageError for an unknown `--timezone`.
    """
    chosen = setting if options.timezone is None else options.timezone
    name = _local_name() if chosen is None else chosen
    if name == "UTC":
        return Zone(name=name, zone=UTC)
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return Zone(name=name, zone=ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if options.timezone is None:
            return Zone(name="UTC", zone=UTC)
        raise UsageError(
            f"--timezone {name!r}: no such zone; IANA names such as Europe/Madrid are allowed"
        ) from error


def _local_name() -> str:
    """Return the IANA name of the machine's zone; UTC where it can't be told."""
    named = os.environ.get("TZ", "").lstrip(":")
    if named and not named.startswith("/"):
        return named
    link = os.path.realpath(named or "/etc/localtime")
    _, found, name = link.partition("/zoneinfo/")
    if found:
        return name.removeprefix("posix/").removeprefix("right/")
    try:
        return Path("/etc/timezone").read_text(encoding="ascii").strip() or "UTC"
    except (OSError, UnicodeDecodeError):
        return "UTC"


def filter_of(options: argparse.Namespace, zone: tzinfo, now_ms: int) -> Filter:
    """Return the requests that the options ask for. Raises UsageError for a wrong value."""
    since = until = None
    if options.since is not None:
        since, _ = _instant("--since", options.since, zone, now_ms)
    if options.until is not None:
        start, whole_day = _instant("--until", options.until, zone, now_ms)
        until = _next_day(start, zone) if whole_day else start + 1
    project = options.project
    if project is not None:
        project = _project(project)
    if options.model == "":
        raise UsageError("--model '': allowed are a model's id, or a part of it")
    return Filter(
        since_ms=since,
        until_ms=until,
        source=options.source,
        project=project,
        model=options.model,
    )


def _project(value: str) -> str:
    """Return a project's name as it is, and any path as an absolute one; links are kept."""
    if not value or "\0" in value:
        raise UsageError(f"--project {value!r}: allowed are a project's path or name")
    if not value.startswith((".", "~")) and "/" not in value:
        return value
    try:
        return os.path.abspath(os.path.expanduser(value))  # noqa: PTH100, PTH111
    except OSError as error:
        raise UsageError(
            f"--project {value!r}: the current folder is gone; an absolute path is allowed"
        ) from error


def _instant(option: str, value: str, zone: tzinfo, now_ms: int) -> tuple[int, bool]:
    """Return the instant a value names, and whether it names a whole day by its start."""
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    days = {
        "today": today,
        "yesterday": today - timedelta(days=1),
        "month": today.replace(day=1),
    }
    if value in days:
        return _start(days[value], zone), True
    if ago := re.fullmatch(_AGO, value):
        return now_ms - int(ago[1]) * _HOURS[ago[2]] * 3_600_000, False
    try:
        if re.fullmatch(_DATE, value):
            return _start(date.fromisoformat(value), zone), True
        moment = datetime.fromisoformat(value.upper())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return round(moment.timestamp() * 1000), False
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option} {value!r}: allowed are {WHEN}") from error


def _start(day: date, zone: tzinfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def _next_day(start_ms: int, zone: tzinfo) -> int:
    day = datetime.fromtimestamp(start_ms / 1000, zone).date()
    if day == date.max:
        return start_ms + 86_400_000
    return _start(day + timedelta(days=1), zone)
