"""Flat rows as CSV or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from tokenwatch.export.documents import Json, safe
from tokenwatch.format import clean

_FORMULA = tuple("=+-@＝＋－＠")
_IGNORED = " \u00a0\u3000\ufeff\ufffd\"'"
"""What a spreadsheet may pass over before it takes a cell for a formula."""


def flat(row: Json) -> Json:
    """Return a document's row without nesting: `usage.input` becomes `usage_input`."""
    result: Json = {}
    for name, value in row.items():
        if isinstance(value, dict):
            result |= {f"{name}_{inner}": v for inner, v in flat(value).items()}
        elif isinstance(value, list):
            result[name] = " ".join(str(item) for item in value)
        else:
            result[name] = value
    return result


def jsonl(rows: Iterable[Json]) -> Iterator[str]:
    """Return one JSON document a line, as nested as `--json` has it."""
    for row in rows:
        yield json.dumps(safe(row), ensure_ascii=False) + "\n"


def csv_lines(rows: Iterable[Json], columns: tuple[str, ...]) -> Iterator[str]:
    """Return CSV with a header; an unknown value is empty, and no cell can start a formula."""
    yield csv_line(columns)
    for row in rows:
        cells = flat(row)
        yield csv_line([cells.get(name) for name in columns])


def csv_line(cells: Sequence[object]) -> str:
    """Return one line of CSV; an unknown value is empty, and no cell can start a formula."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return buffer.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    text = clean(value)
    return "'" + text if text.lstrip(_IGNORED).startswith(_FORMULA) else text


_USAGE = tuple(
    f"usage_{kind}"
    for kind in (
        "input",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "output",
        "reasoning",
        "total",
    )
)
COLUMNS = {
    "requests": (
        *("session_id", "source", "project", "id", "at", "agent_id", "model"),
        *_USAGE,
        *("web_searches", "cost_usd", "basis", "rates_from", "output_is_lower_bound"),
        *("file", "line"),
    ),
    "sessions": (
        *("id", "source", "title", "project", "git_branch", "models", "started_at"),
        *("last_activity_at", "state", "prompts", "scripted_prompts", "turns", "requests"),
        *_USAGE,
        *("cost_usd", "unpriced_requests", "output_is_lower_bound", "compactions"),
        *("agents_total", "unlogged_usage_total", "unlogged_cost_usd"),
        *("wasted_usd_proved", "wasted_usd_likely"),
    ),
    "agents": (
        *("id", "session_id", "source", "parent_id", "kind", "name", "task", "model", "state"),
        *("started_at", "last_activity_at", "requests"),
        *_USAGE,
        *("cost_usd", "unpriced_requests"),
    ),
}
