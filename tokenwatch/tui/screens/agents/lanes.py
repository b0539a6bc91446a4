"""Lanes as lines: the tree of who started whom, its order, and each cell's text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from rich.style import Style
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.analysis.lanes import AT_WORK, Interval, Kind
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.export.sheets import Cell
from tokenwatch.model import AgentKind, State
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import STATE_GLYPH, Ink
from tokenwatch.tui.names import project_name
from tokenwatch.tui.screens.agents.axis import Axis

GLYPHS: Final = {
    Kind.WORKING: "━",
    Kind.DELEGATING: "╌",
    Kind.WAITING: "▲",
    Kind.IDLE: "·",
    Kind.UNKNOWN: "?",
}
STARTS, STARTED, STARTED_TOO, PASSES = "┳", "┗", "┣", "│"
"""On the lane of who starts another agent; at the beginning of the one that was started, the last
or not the last at that time; and on lanes between the two."""
LEGENDS: Final = (
    "━ works  ╌ waits for its subagents  ▲ waits for you  · idle  ? unknown  ┳┗ starts one",
    "━ works  ╌ its subagents  ▲ waits for you  · idle  ? unknown",
    "━ works ╌ subagents ▲ waits · idle",
)
SORTS: Final = ("start", "cost", "work")
"""What `s` goes through: latest start, most first. What is still open comes first by start."""
SORT_WORDS: Final = {"start": "start", "cost": "cost", "work": "time at work"}
_DEEPEST: Final = 4
"""Levels of the tree that are told apart."""


class LaneLine(NamedTuple):
    """A lane in its place in the tree."""

    key: str
    lane: Lane
    branch: str
    """Glyphs of the tree before its name."""
    started: tuple[int, ...]
    """When it started those below it."""
    passing: tuple[tuple[tuple[int, ...], int], ...] = ()
    """When siblings, its own and those of who started it, began: in the order of their lines, and
    from which of them on they stand below."""

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column: lengths in milliseconds, the lane as the
        times between which the agent is known, with a slash as in ISO 8601."""
        lane = self.lane
        match column:
            case "agent":
                return name_of(lane)
            case "lane":
                if not lane.intervals:
                    return ""
                start, end = lane.intervals[0].start_ms, lane.intervals[-1].end_ms
                return f"{fmt.rfc3339(start)}/{fmt.rfc3339(end)}"
            case "work":
                return lane.work_ms
            case "waited":
                return lane.waited_ms
            case "model":
                return lane.model
            case "cost":
                return exact.cost(lane.spend)
        return None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {"cost_is": exact.mark_of(self.lane.spend)}

    def begun_below(self, axis: Axis) -> set[int]:
        """Return the columns in which a line leads to agents further down."""
        return {
            column
            for starts, first in self.passing
            for at_ms in starts[first:]
            if 0 <= (column := axis.column(at_ms)) < axis.columns
        }


def lines_of(lanes: Sequence[Lane], sort: str, reverse: bool) -> list[LaneLine]:
    """Return lanes as a tree: who was started is below who started it.

    Main agents and those of one parent are sorted by the sums over all below them.
    """
    known = {lane.key for lane in lanes}
    below: dict[str | None, list[Lane]] = {}
    for lane in lanes:
        parent = lane.parent_key if lane.parent_key in known else None
        below.setdefault(None if parent == lane.key else parent, []).append(lane)
    tree = _Tree(below, sort, reverse)
    tree.add(None)
    return tree.lines


class _Tree:
    def __init__(self, below: dict[str | None, list[Lane]], sort: str, reverse: bool) -> None:
        self._below = below
        self._sort = sort
        self._reverse = reverse
        self.lines: list[LaneLine] = []

    def add(
        self,
        parent: str | None,
        stem: str = "",
        depth: int = 0,
        passing: tuple[tuple[tuple[int, ...], int], ...] = (),
    ) -> None:
        """Add the lines of all lanes below a parent, and those below them."""
        lanes = self._sorted(parent, depth)
        starts = tuple(
            lane.started_ms for lane in lanes if depth and lane.started_ms and lane.intervals
        )
        passed = 0
        for number, lane in enumerate(lanes):
            is_last = number + 1 == len(lanes)
            branch = "" if not depth else stem + ("└ " if is_last else "├ ")
            passed += bool(depth and lane.started_ms and lane.intervals)
            through = (*passing, (starts, passed)) if passed < len(starts) else passing
            begun = tuple(
                child.started_ms
                for child in self._below.get(lane.key, ())
                if child.started_ms and child.intervals
            )
            self.lines.append(LaneLine(lane.key, lane, branch, begun, through))
            deeper = stem if not depth or depth >= _DEEPEST else stem + ("  " if is_last else "│ ")
            self.add(lane.key, deeper, depth + 1, through)

    def _sorted(self, parent: str | None, depth: int) -> list[Lane]:
        """Return who is below a parent in order; subagents by start are as they were started."""
        lanes = sorted(self._below.get(parent, ()), key=lambda lane: lane.key)
        is_rising = bool(depth) and self._sort == "start"
        lanes.sort(key=self._rank, reverse=self._reverse is is_rising)
        lanes.sort(key=lambda lane: lane.kind is AgentKind.AUXILIARY)
        return lanes

    def _rank(self, lane: Lane) -> tuple[int, int]:
        if self._sort == "start":
            is_open = lane.state is not State.ENDED and lane.parent_key is None
            return int(is_open), lane.started_ms or 0
        return sum(self._figures(lane)), lane.started_ms or 0

    def _figures(self, lane: Lane) -> Iterable[int]:
        yield lane.spend.cost_pico if self._sort == "cost" else lane.work_ms
        for child in self._below.get(lane.key, ()):
            yield from self._figures(child)


def grown(lane: Lane, answer: Lanes, now_ms: int) -> tuple[Interval, ...]:
    """Return a lane's intervals at a later moment than that of the answer: what goes on, goes on.

    The answer's end is the present's only if it reaches to it.
    """
    parts = lane.intervals
    if (
        not parts
        or lane.state is State.ENDED
        or not answer.is_present
        or parts[-1].end_ms < answer.now_ms
        or now_ms <= answer.now_ms
    ):
        return parts
    return (*parts[:-1], parts[-1]._replace(end_ms=now_ms))


def cells(parts: Sequence[Interval], axis: Axis) -> list[Kind | None]:
    """Return what each column shows: what took most of it; anything before being idle."""
    shares: list[dict[Kind, int]] = [{} for _ in range(axis.columns)]
    for start, end, kind in parts:
        if end <= axis.start_ms or start >= axis.end_ms:
            continue
        first, last = max(0, axis.column(start)), min(axis.columns - 1, axis.column(end - 1))
        for column in range(first, last + 1):
            from_ms = axis.start_ms + column * axis.column_ms
            length = min(end, from_ms + axis.column_ms) - max(start, from_ms)
            shares[column][kind] = shares[column].get(kind, 0) + length
    return [
        max(share, key=lambda kind: (kind is not Kind.IDLE, share[kind])) if share else None
        for share in shares
    ]


def paint_lane(line: LaneLine, parts: Sequence[Interval], axis: Axis, ink: Ink) -> Text:
    """Return a lane for the columns of the axis."""
    shown = cells(parts, axis)
    if line.lane.state is State.WAITING and parts and parts[-1].kind is Kind.WAITING:
        # However short, what waits now is seen.
        column = axis.column(parts[-1].end_ms - 1)
        if 0 <= column < axis.columns:
            shown[column] = Kind.WAITING
    glyphs = [" " if kind is None else GLYPHS[kind] for kind in shown]
    for at_ms in line.started:
        column = axis.column(at_ms)
        if 0 <= column < axis.columns and shown[column] not in (None, Kind.WAITING):
            glyphs[column] = STARTS
    below = line.begun_below(axis)
    for column in below:
        if shown[column] is None:
            glyphs[column] = PASSES
    lane = line.lane
    if lane.parent_key and lane.started_ms is not None and parts:
        column = axis.column(lane.started_ms)
        if 0 <= column < axis.columns and shown[column] in AT_WORK:
            glyphs[column] = STARTED_TOO if column in below else STARTED
    text = Text()
    for glyph, kind in zip(glyphs, shown, strict=True):
        text.append(glyph, _ink_of(kind, ink))
    return text


def _ink_of(kind: Kind | None, ink: Ink) -> Style:
    if kind is None:
        return ink.line
    if kind in AT_WORK:
        return ink.bar
    return ink.watch if kind is Kind.WAITING else ink.quiet


def main_name(lane: Lane) -> str:
    """Return `project ▸ title`; what is missing is replaced by the id's beginning."""
    title = fmt.one_line(lane.title, 120) if lane.title else fmt.short_id(lane.session_id)
    project = project_name(lane.project)
    return f"{project} ▸ {title}" if project else title


def name_of(lane: Lane) -> str:
    """Return what a lane is called: its session, or its type and task."""
    if lane.kind is AgentKind.MAIN:
        return main_name(lane)
    if lane.kind is AgentKind.AUXILIARY:
        return "auxiliary"
    words = [text for text in (lane.name, lane.task) if text]
    return "  ".join(fmt.one_line(word, 120) for word in words) or fmt.one_line(lane.agent_id, 12)


def paint_name(line: LaneLine, ink: Ink) -> Text:
    """Return the state's glyph, the tree and the name."""
    lane = line.lane
    is_over = lane.state is State.ENDED
    text = Text.assemble((line.branch, ink.quiet))
    if lane.kind is AgentKind.AUXILIARY:
        return text.append(name_of(lane), ink.quiet)
    text.append(f"{STATE_GLYPH[lane.state]} ", ink.state(lane.state))
    at = len(text)
    text.append(name_of(lane), ink.quiet if is_over or line.branch else ink.text)
    project = project_name(lane.project)
    if lane.kind is AgentKind.MAIN and project and not is_over:
        text.stylize(ink.strong, at, at + len(project))
    return text


def paint_length(milliseconds: int, ink: Ink) -> Text:
    """Return a length of time; a dash for none."""
    return Text(fmt.span(milliseconds), ink.text) if milliseconds else Text("–", ink.quiet)


def paint_cell(
    line: LaneLine, column: str, parts: Sequence[Interval], axis: Axis | None, ink: Ink
) -> Text:
    """Return one cell. parts: the lane's intervals up to now."""
    lane = line.lane
    match column:
        case "agent":
            return paint_name(line, ink)
        case "lane" if axis is not None:
            return paint_lane(line, parts, axis, ink)
        case "work" | "waited" if lane.kind is not AgentKind.AUXILIARY:
            shown = replace(lane, intervals=tuple(parts))
            return paint_length(shown.work_ms if column == "work" else shown.waited_ms, ink)
        case "model":
            return Text(" " + fmt.clean(fmt.model_name(lane.model)), ink.quiet)
        case "cost":
            style = ink.watch if lane.spend.cost_or_none is None else ink.text
            return Text(fmt.spend_dollars(lane.spend), style)
    return Text()
