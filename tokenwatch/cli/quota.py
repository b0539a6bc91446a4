"""`tokenwatch quota`: plan windows, with the age of each reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokenwatch.answers.quota import ORIGIN, PlanWindow, plan_windows
from tokenwatch.cli.cells import cost_text
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.table import Column, print_table
from tokenwatch.export import documents
from tokenwatch.format import clock, rfc3339, share, source_name, span

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
    "Claude Code's windows are not recorded: it tells them to its status line alone, which a later"
    " version reads"
)


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options: windows are of now, so there is no range to choose."""
    to.add_argument("--json", action="store_true", help="one JSON document on stdout")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.add_argument("--source", choices=("claude-code", "codex"), help="one source only")
    to.add_argument("--redact", action="store_true", help="hide the logs' folders")
    to.add_argument("--no-sync", action="store_true", help="answer from what was read before")
    to.set_defaults(since=None, until=None, project=None, model=None)


def run(options: argparse.Namespace) -> int:
    """Print the windows."""
    with ground(options, details=True) as on:
        found = [
            window
            for window in plan_windows(on.ledger, on.now_ms)
            if options.source in (None, window.source)
        ]
        if options.json:
            print_json(
                documents.head("quota", on.now_ms, on.zone.name)
                | {"windows": [document(window, redacted=options.redact) for window in found]}
            )
            return 0
        notes = [] if options.source == "codex" else [ABSENT]
        if any(window.is_stale for window in found):
            notes.append("stale: the window has been reset since its last reading")
        print_table(COLUMNS, [_cells(on, window, options.redact) for window in found], notes=notes)
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
        "from": ORIGIN,
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
