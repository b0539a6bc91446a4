"""`tokenwatch budget set | list | rm | check | allow`: limits of the user's own.

`allow` lets hard budgets stop nothing for a while, or in one session, `--end` takes that back.

`list` and `check` have `--json`: a document `tokenwatch.budget/1` (`export.budgets` says what is in
it). `check` ends with 3 where a budget is exceeded, else with 4 where one is past its warning
threshold, else with 0. An allowance changes no figure and no state.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from tokenwatch import config, paths
from tokenwatch.analysis.budgets import State
from tokenwatch.answers import budgets as answers
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.table import Column, print_table, print_text
from tokenwatch.clients import hooked
from tokenwatch.config import edit
from tokenwatch.config.budgets import Budget, budget, combinations, mismatch
from tokenwatch.config.check import number_from, problem_of, shown
from tokenwatch.config.setting import Setting
from tokenwatch.config.tables import BUDGETS, PERIODS, UNITS
from tokenwatch.errors import NotFound, UsageError
from tokenwatch.export import budgets as export
from tokenwatch.export import documents
from tokenwatch.format import short_id, used
from tokenwatch.guard import allowing
from tokenwatch.store import budgets as stored

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from decimal import Decimal

    from tokenwatch.answers.budgets import Standing
    from tokenwatch.cli.ground import Ground
    from tokenwatch.snapshot import SessionRow

    Row = dict[str, str | bool | Decimal | None]

ACTIONS = {
    "set": ("limit", "unit", "period", "scope", "hard", "warn"),
    "list": ("json", "timezone", "redact", "no_sync"),
    "rm": (),
    "check": ("json", "timezone", "redact", "no_sync"),
    "allow": ("hours", "session", "end", "timezone", "no_sync"),
}
"""The options that each takes."""
NAMED = {"set": True, "rm": True, "check": None}
"""Whether a name is needed; None: it may be there. All others take none."""
CODES = {State.EXCEEDED: 3, State.WARNING: 4, State.OK: 0}
COLUMNS = (
    Column(name="budget", least=12),
    Column(name="scope", least=12, rank=3, middle=True),
    Column(name="period", rank=2),
    Column(name="spent", right=True),
    Column(name="limit", right=True),
    Column(name="used", right=True, rank=1),
    Column(name="state"),
    Column(name="forecast", rank=4),
    Column(name="notes", rank=5, least=16),
)
_FOR = {"m": 1, "h": 60, "d": 1440}
_WHOLE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_DAYS = 366
FOR_WORDS = "30m, 1h or 2d, up to 366d"


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="list", help="(list)")
    to.add_argument("name", nargs="?", metavar="NAME", help="of a budget, for set, rm and check")
    to.add_argument("--limit", metavar="N", help="set: dollars, or what the unit says")
    to.add_argument("--unit", choices=UNITS, help="set: what is counted (usd)")
    to.add_argument("--period", choices=PERIODS, help="set: the time it is for (day)")
    to.add_argument("--scope", metavar="SCOPE", help=f"set: {_field('scope').wanted} (all)")
    to.add_argument("--hard", action="store_true", help="set: stop at it, not only tell of it")
    to.add_argument("--warn", metavar="SHARE", help="set: the share of it that warns (0.8)")
    to.add_argument("--for", dest="hours", metavar="TIME", help=f"allow: {FOR_WORDS} (1h)")
    to.add_argument("--session", metavar="ID", help="allow: one session, as long as it lasts")
    to.add_argument("--end", action="store_true", help="allow: end what holds, or --session's")
    to.add_argument("--json", action="store_true", help="list, check: one JSON document on stdout")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--redact", action="store_true", help="list, check: hide projects")
    to.add_argument("--no-sync", action="store_true", help="answer from what was read before")
    to.set_defaults(since=None, until=None, source=None, project=None, model=None)
    to.epilog = f"units · periods · scopes that go together:\n{_rules()}\n\n{to.epilog or ''}"


def _rules() -> str:
    from textwrap import indent, wrap

    lines = []
    for what, meaning in combinations():
        lines += wrap(what, 76, subsequent_indent="  ")
        lines += [f"    {line}" for line in wrap(meaning, 72)]
    return indent("\n".join(lines), "  ")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for; return the exit code."""
    _refuse_strays(options)
    if options.action == "set":
        return _set(options)
    if options.action == "rm":
        path = paths.config()
        edit.remove_budget(path, options.name)
        print_text(f"{options.name}: removed   ({path})")
        return 0
    if options.action == "allow":
        return _allow(options)
    return _show(options)


def _refuse_strays(options: argparse.Namespace) -> None:
    """Raise UsageError for what belongs to another action."""
    action = options.action
    named = NAMED.get(action, False)
    if (options.name is None) if named else (named is False and options.name is not None):
        usage = " NAME" if named else ""
        seen = "" if options.name is None else f"; {options.name!r} is too much"
        raise UsageError(f"usage: tokenwatch budget {action}{usage} [options]{seen}")
    for others in ACTIONS.values():
        for option in others:
            if getattr(options, option) not in (None, False) and option not in ACTIONS[action]:
                flag = {"hours": "--for", "no_sync": "--no-sync"}.get(option, f"--{option}")
                of = [name for name, its in ACTIONS.items() if option in its]
                raise UsageError(f"{flag} belongs to budget {' and '.join(of)}, not to {action}")


def _field(name: str) -> Setting:
    return next(field for field in BUDGETS.fields if field.key == name)


def _set(options: argparse.Namespace) -> int:
    if options.limit is None:
        raise UsageError(f"--limit is missing: {_field('limit').wanted} is needed")
    row: Row = {
        "name": options.name,
        "limit": number_from(_field("limit"), options.limit),
        "unit": options.unit,
        "period": options.period,
        "scope": None if options.scope is None else _absolute(options.scope),
        "hard": True if options.hard else None,
        "warn": None if options.warn is None else number_from(_field("warn"), options.warn),
    }
    for name, flag in (("name", "NAME"), ("scope", "--scope")):
        value = row[name]
        if value is not None and (wrong := problem_of(_field(name), value)):
            raise UsageError(f"{flag} {shown(value)}: {wrong}")
    wanted = budget({name: value for name, value in row.items() if value is not None})
    if wrong_pair := mismatch(wanted):
        key, said = wrong_pair
        seen = {"period": wanted.period, "scope": wanted.scope.words, "limit": options.limit}[key]
        raise UsageError(f"--{key} {seen}: {said}")
    path = paths.config()
    before = [each for each in config.load(path).budgets if each.name == wanted.name]
    edit.put_budget(path, row)
    print_text(f"{export.sentence(wanted)}   ({path})")
    if before and before[0] != wanted:
        print_text(f"before: {export.sentence(before[0]).removeprefix(f'{wanted.name}: ')}")
    if wanted.hard and not hooked.is_guarded():
        print_text(hooked.UNGUARDED)
    return 0


def _absolute(scope: str) -> str:
    """Return a scope with a project's path from here made one from the root."""
    kind, _, value = scope.partition(":")
    if kind != "project" or not value or not ("/" in value or value.startswith(".")):
        return scope
    if value.startswith("~"):
        return scope
    try:
        return f"project:{os.path.abspath(value)}"  # noqa: PTH100 - links are kept
    except (OSError, ValueError):
        return scope


def _show(options: argparse.Namespace) -> int:
    """Print how budgets stand; return the code of `check`."""
    settings = config.load(paths.config())
    chosen = [each for each in settings.budgets if options.name in (None, each.name)]
    if options.name is not None and not chosen:
        names = [each.name for each in settings.budgets]
        raise NotFound(edit.unknown_budget(options.name, names))
    with ground(options, details=answers.needs_details(chosen)) as on:
        found = _standings(on, chosen)
        allowed = stored.allowances(on.ledger, on.now_ms)
        if options.json:
            head = documents.head("budget", on.now_ms, on.zone.name)
            print_json(head | export.document(found, allowed, on.redaction))
        else:
            notes = [export.allowance_words(each, on.zone.zone, on.now_ms) for each in allowed]
            notes += ["`tokenwatch budget allow --end` takes that back"] if allowed else []
            _table(on, found, notes)
    return CODES[answers.worst(found)] if options.action == "check" else 0


def _standings(on: Ground, chosen: Sequence[Budget]) -> tuple[Standing, ...]:
    def running() -> list[SessionRow]:
        from tokenwatch.answers.moment import Moment
        from tokenwatch.sources.roots import live_signs

        live = live_signs(on.roots)
        return answers.at_work(Moment(on.ledger, on.overview, live, on.now_ms, on.zone.zone))

    return answers.standings(on.ledger, chosen, on.now_ms, on.zone.zone, running)


def _table(on: Ground, found: Sequence[Standing], notes: Sequence[str]) -> None:
    if not found:
        print_text("no budget is set: `tokenwatch budget set NAME --limit 20` sets one")
        for note in notes:
            print_text(note)
        return
    print_table(COLUMNS, [_cells(on, each) for each in found], notes=notes)


def _cells(on: Ground, standing: Standing) -> list[str]:
    of = standing.budget
    return [
        f"{of.name} (hard)" if of.hard else of.name,
        export.scope(of.scope, on.redaction),
        of.period,
        export.shown(of.unit, standing.spent),
        export.shown(of.unit, of.limit),
        used(standing.ratio),
        standing.state.value,
        export.outlook_words(standing, on.zone.zone, on.now_ms),
        "; ".join(standing.notes),
    ]


def _allow(options: argparse.Namespace) -> int:
    if options.hours is not None and options.end:
        raise UsageError("--for and --end: one of the two is allowed")
    if options.hours is not None and options.session is not None:
        raise UsageError("--for and --session: one of the two is allowed")
    if options.session == "":
        raise UsageError("--session '': the beginning of a session's id is needed")
    minutes = _minutes("1h" if options.hours is None else options.hours)
    options.redact = False
    with ground(options, details=False) as on:
        if options.end:
            _end(on, options.session)
            return 0
        if options.session is None:
            made = stored.Allowance(on.now_ms, on.now_ms + minutes * 60_000, None)
        else:
            made = stored.Allowance(on.now_ms, None, _session(on, options.session))
        allowing.allow(on.ledger, made)
        print_text(export.allowance_words(made, on.zone.zone, on.now_ms))
    return 0


def _end(on: Ground, session: str | None) -> None:
    """Take allowances back, all or that of a session; say what ended, and what still holds."""
    wanted = None if session is None else _allowed_session(on, session)
    ended = allowing.end(on.ledger, on.now_ms, wanted)
    for each in ended:
        print_text(f"ended: {export.allowance_words(each, on.zone.zone, on.now_ms)}")
    if not ended:
        of = "" if wanted is None else f" for session {short_id(wanted)}"
        print_text(f"no allowance holds{of}")
    for each in stored.allowances(on.ledger, on.now_ms):
        print_text(f"still holds: {export.allowance_words(each, on.zone.zone, on.now_ms)}")


def _allowed_session(on: Ground, prefix: str) -> str:
    """Return the session that an allowance, or else the ledger, has by the beginning of its id."""
    held = [each.session_id for each in stored.allowances(on.ledger, on.now_ms) if each.session_id]
    found = [each for each in held if each.startswith(prefix)]
    if prefix in found or len(found) == 1:
        return prefix if prefix in found else found[0]
    if found:
        raise NotFound(f"{prefix!r} is ambiguous: {', '.join(sorted(found)[:4])}")
    return _session(on, prefix)


def _session(on: Ground, prefix: str) -> str:
    """Return a session's id by its beginning. A whole one may be of a session that logged nothing
    yet: its first prompt was blocked."""
    from tokenwatch.store import incidents, sessions

    try:
        key = sessions.find(on.ledger, prefix)
    except NotFound:
        if _WHOLE_ID.fullmatch(prefix):
            return prefix
        raise
    return incidents.names(on.ledger, [key])[key].id


def _minutes(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([mhd])", text)
    minutes = int(found[1]) * _FOR[found[2]] if found else 0
    if not 0 < minutes <= _LONGEST_DAYS * 1440:
        raise UsageError(f"--for {text!r}: allowed are {FOR_WORDS}")
    return minutes
