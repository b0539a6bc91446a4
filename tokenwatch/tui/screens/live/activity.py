"""The latest requests as lines of a feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.snapshot import Activity, SessionRow
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.names import project_name, title_of
from tokenwatch.tui.widgets.record_table import Column

if TYPE_CHECKING:
    from tokenwatch.export.sheets import Cell

ACTIVITY_COLUMNS: Final = (
    Column(key="time", title="time", width=8, drop=1),
    Column(key="project", title="project", width=14, drop=3),
    Column(key="title", title="session", width=40, drop=8),
    Column(key="model", title="model", width=13, drop=2),
    Column(key="what", title="what", width=0, least=18),
    Column(key="input", title="in", width=6, right=True, drop=5),
    Column(key="read", title="read", width=6, right=True, drop=6),
    Column(key="write", title="write", width=6, right=True, drop=7),
    Column(key="output", title="out", width=6, right=True, drop=4),
    Column(key="cost", title="cost $", width=8, right=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """A request in the feed."""

    key: str
    line: Activity
    title: str
    """Of its session; empty where that is not in the picture."""

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        cost_is = "no price" if self.line.cost_pico is None else ""
        return {"id": f"{self.line.session_id}/{self.line.agent_id}", "cost_is": cost_is}

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        line = self.line
        match column:
            case "time":
                return exact.time(line.at_ms)
            case "project":
                return line.project or ""
            case "model":
                return line.model or ""
            case "cost":
                return exact.money(line.cost_pico)
        return exact.of_usage(line.usage, column)


def activity_lines(feed: Iterable[Activity], sessions: Iterable[SessionRow]) -> list[ActivityLine]:
    """Return the feed's lines, each with a key of its own that lasts as long as the request."""
    titles = {row.id: title_of(row.title, row.id) for row in sessions}
    seen: Counter[str] = Counter()
    lines = []
    for line in feed:
        key = f"{line.at_ms}/{line.session_id}/{line.agent_id}"
        seen[key] += 1
        title = titles.get(line.session_id, "")
        lines.append(ActivityLine(key=f"{key}/{seen[key]}", line=line, title=title))
    return lines


def paint_activity(row: ActivityLine, column: str, ink: Ink, zone: tzinfo) -> Text:
    """Return one cell."""
    line, usage = row.line, row.line.usage
    match column:
        case "time":
            return Text(fmt.time_of_day(line.at_ms, zone), ink.quiet)
        case "project":
            return Text(project_name(line.project) or "–", ink.text)
        case "title":
            return Text(row.title, ink.quiet)
        case "model":
            return Text(fmt.clean(fmt.model_name(line.model)), ink.quiet)
        case "what":
            text = Text(fmt.one_line(line.what, 120), ink.text)
            if line.agent_id != line.session_id:
                text.append("  subagent", ink.quiet)
            return text
        case "input" | "output" | "read" | "write":
            tokens = exact.of_usage(usage, column)
            return Text(fmt.tokens(int(tokens)) if tokens else "–", ink.text)
        case "cost":
            style = ink.watch if line.cost_pico is None else ink.text
            return Text(fmt.dollars(line.cost_pico, 4), style)
    return Text("")
