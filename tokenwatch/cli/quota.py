"""`tokenwatch quota`: plan windows, with the age of each reading."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tokenwatch.answers.quota import PlanUse, PlanWindow, plan_uses, plan_windows, plan_words
from tokenwatch.cli.cells import cost_text
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.table import Column, print_table
from tokenwatch.errors import OfflineError, TokenwatchError
from tokenwatch.export import documents
from tokenwatch.format import clean, clock, rfc3339, share, source_name, span
from tokenwatch.store import quotas
from tokenwatch.store.statuses import statuses

if TYPE_CHECKING:
    import argparse

    from tokenwatch.cli.ground import Ground
    from tokenwatch.export.documents import Json

COLUMNS = (
    Column(name="plan"),
    Column(name="window", right=True),
    Column(name="used", right=True),
    Column(name="resets", right=True),
    Column(name="in", right=True, rank=2),
    Column(name="list price USD", right=True, rank=3),
    Column(name="read", right=True),
    Column(name="logs", least=12, rank=4, middle=True),
)
ABSENT = (
    "Claude Code's windows are not recorded: it tells them to its status line alone; to read them:"
    " tokenwatch statusline install"
)

UNTOLD = (
    "Claude Code's windows are not known: its status line was told none (Claude Code tells them on"
    " a plan alone, after a session's first answer)"
)


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options: windows are of now, so there is no range to choose."""
    to.add_argument("--json", action="store_true", help="one JSON document on stdout")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--source", choices=("claude-code", "codex"), help="one source only")
    to.add_argument("--redact", action="store_true", help="hide the logs' folders")
    to.add_argument("--no-sync", action="store_true", help="answer from what was read before")
    to.add_argument(
        "--ask-codex",
        action="store_true",
        help="ask your own `codex` for its windows now, which takes the network",
    )
    to.set_defaults(since=None, until=None, project=None, model=None)


def run(options: argparse.Namespace) -> int:
    """Print the windows."""
    with ground(options, details=True) as on:
        code = _ask_codex(on) if options.ask_codex else 0
        found = [
            window
            for window in plan_windows(on.ledger, on.now_ms)
            if options.source in (None, window.source)
        ]
        plans = [
            use
            for use in plan_uses(on.ledger, on.settings.plans, on.now_ms, on.zone.zone)
            if options.source in (None, use.plan.source)
        ]
        if options.json:
            print_json(
                documents.head("quota", on.now_ms, on.zone.name)
                | {"windows": [document(window, redacted=options.redact) for window in found]}
                | {"plans": [plan_document(use) for use in plans]}
            )
            return code
        told = {window.source for window in found}
        notes = []
        if options.source != "codex" and "claude-code" not in told:
            notes.append(UNTOLD if statuses(on.ledger) else ABSENT)
        if any(window.is_stale for window in found):
            notes.append("stale: the window has been reset since its last reading")
        for use in plans:
            spent, fee = plan_words(use)
            name = source_name(use.plan.source)
            notes.append(f"{name}: this month at list price {spent} · the plan's fee {fee} a month")
        print_table(COLUMNS, [_cells(on, window, options.redact) for window in found], notes=notes)
    return code


def _ask_codex(on: Ground) -> int:
    """Store what Codex says of its windows now; return the exit code.

    What was read before is shown even if it can't be asked. Raises OfflineError.
    """
    if os.environ.get("TOKENWATCH_OFFLINE") == "1":
        raise OfflineError("TOKENWATCH_OFFLINE=1 forbids the network, which codex would go to")
    from tokenwatch.sources.codex import app_server

    roots = [root.path for root in on.roots if root.source.name == "codex"]
    root = next((path for path in roots if path.is_dir()), roots[0])
    try:
        seen = app_server.ask(os.environ | {"CODEX_HOME": str(root)}, on.now_ms)
    except TokenwatchError as error:
        print(f"tokenwatch: {clean(str(error))}", file=sys.stderr)
        return 1
    with on.ledger.transaction():
        for each in seen:
            key = quotas.window_key(
                on.ledger, "codex", str(root), each.limit_id, each.window_minutes
            )
            told = (each.observed_ms, each.used_percent, each.resets_ms, each.plan)
            quotas.add(on.ledger, key, quotas.Reading(*told, "app-server"))
    if not seen:
        print("tokenwatch: codex tells of no plan window", file=sys.stderr)
    return 0


def document(window: PlanWindow, *, redacted: bool) -> Json:
    """Return a window as JSON has it; `spent` is at list price, since the window opened."""
    spent = window.spend
    line = window.projection
    return {
        "provider": window.provider,
        "plan": window.plan,
        "name": window.name,
        "used_percent": window.used_percent,
        "resets_at": rfc3339(window.resets_ms),
        "observed_at": rfc3339(window.observed_ms),
        "stale": window.is_stale,
        "from": window.origin,
        "source": window.source,
        "root": None if redacted else window.root,
        "limit": window.limit_id,
        "minutes": window.minutes,
        "spent": None if spent is None else documents.spend(spent),
        "projection": None
        if line is None
        else {
            "percent_at_reset": round(line.at_reset, 1),
            "full_at": rfc3339(line.full_ms),
            "readings": line.readings,
            "readings_since": rfc3339(line.since_ms),
        },
    }


def plan_document(use: PlanUse) -> Json:
    """Return a plan as JSON has it: the month's fee, and the month's use at list price."""
    return {
        "source": use.plan.source,
        "fee": f"{use.plan.fee:f}",
        "currency": use.plan.currency,
        "since": rfc3339(use.since_ms),
        "spent": documents.spend(use.spend),
    }


def _cells(on: Ground, window: PlanWindow, redacted: bool) -> list[str]:
    used, left = share(window.used_percent / 100), "–"
    if window.resets_ms is not None and not window.is_stale:
        left = span(window.resets_ms - on.now_ms)
    plan = " ".join(filter(None, (source_name(window.source), window.plan)))
    limit = "" if window.limit_id == window.source else f" {window.limit_id}"
    return [
        f"{plan}{limit}",
        window.name,
        f"stale (was {used})" if window.is_stale else used,
        clock(window.resets_ms, on.zone.zone, on.now_ms),
        left,
        "–" if window.spend is None else cost_text(window.spend),
        f"{span(on.now_ms - window.observed_ms)} ago",
        "hidden" if redacted else window.root,
    ]
