"""The latest requests as lines of a feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.snapshot import Activity
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.names import project_name
from tokenwatch.tui.widgets.record_table import Column

ACTIVITY_COLUMNS: Final = (
    Column(key="time", title="time", width=8),
    Column(key="project", title="project", width=12, drop=3),
    Column(key="model", title="model", width=13, drop=2),
    Column(key="what", title="what", width=0, least=14),
    Column(key="input", title="in", width=8, drop=5),
    Column(key="output", title="out", width=9, drop=4),
    Column(key="read", title="read", width=10, drop=6),
    Column(key="write", title="write", width=11, drop=7),
    Column(key="cost", title="cost $", width=8, right=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """A request in the feed."""

    key: str
    line: Activity


def activity_lines(feed: Iterable[Activity]) -> list[ActivityLine]:
    """Return the feed's lines, each with a key of its own that lasts as long as the request."""
    seen: Counter[str] = Counter()
    lines = []
    for line in feed:
        key = f"{line.at_ms}/{line.session_id}/{line.agent_id}"
        seen[key] += 1
        lines.append(ActivityLine(key=f"{key}/{seen[key]}", line=line))
    return lines


def paint_activity(row: ActivityLine, column: str, ink: Ink, zone: tzinfo) -> Text:
    """Return one cell."""
    line, usage = row.line, row.line.usage
    match column:
        case "time":
            return Text(fmt.time_of_day(line.at_ms, zone), ink.quiet)
        case "project":
            return Text(project_name(line.project) or "–", ink.text)
        case "model":
            return Text(fmt.clean(fmt.model_name(line.model)), ink.quiet)
        case "what":
            text = Text(fmt.one_line(line.what, 120), ink.text)
            if line.agent_id != line.session_id:
                text.append("  subagent", ink.quiet)
            return text
        case "input":
            return _labelled("in", usage.input, ink)
        case "output":
            return _labelled("out", usage.output, ink)
        case "read":
            return _labelled("read", usage.cache_read, ink)
        case "write":
            return _labelled("write", usage.cache_write_5m + usage.cache_write_1h, ink)
        case "cost":
            style = ink.watch if line.cost_pico is None else ink.text
            return Text(fmt.dollars(line.cost_pico, 4), style)
    return Text("")


def _labelled(label: str, tokens: int, ink: Ink) -> Text:
    value = fmt.tokens(tokens) if tokens else "–"
    return Text.assemble((f"{label} ", ink.quiet), (value, ink.text if tokens else ink.quiet))
