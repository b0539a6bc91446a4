"""The boxes around the lanes: how many agents were at work at once, and the selected one."""

from __future__ import annotations

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.analysis.lanes import Interval, Kind, length
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.model import AgentKind, State
from tokenwatch.tui.looks.themes import STATE_GLYPH
from tokenwatch.tui.screens.agents.axis import DAY_MS, Axis, highest
from tokenwatch.tui.screens.agents.lanes import name_of
from tokenwatch.tui.widgets.lanes import place
from tokenwatch.tui.widgets.pane import Pane, app_of, beside, ink_of
from tokenwatch.tui.widgets.record_table import MARK_WIDTH
from tokenwatch.tui.widgets.sparkgraph import graph

STATE_WORDS = {
    State.WORKING: "working",
    State.WAITING: "waiting for you",
    State.IDLE: "idle",
    State.ENDED: "ended",
}


class AtOncePane(Pane, can_focus=True):
    """How many agents were at work at once, over the lanes' own axis."""

    _answer: Lanes | None = None
    _axis: Axis | None = None
    _now_ms = 0
    _more = 0

    def show(self, answer: Lanes | None, axis: Axis | None, now_ms: int, more: int) -> None:
        """Take the answer, the axis in view, the time, and how much wider the names are."""
        self._answer, self._axis, self._now_ms, self._more = answer, axis, now_ms, more
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        answer, axis = self._answer, self._axis
        if answer is None or axis is None:
            return Text("reading…", ink_of(self).quiet)
        at, columns = place(width + MARK_WIDTH, self._more)
        at -= MARK_WIDTH
        figures = self._figures(answer, at - 1, height)
        bars = self._bars(answer, axis, height)
        lines = []
        for number in range(height):
            left = figures[number] if number < len(figures) else Text()
            left.truncate(at - 1, overflow="ellipsis")
            left.pad_right(at - left.cell_len)
            lines.append(left.append(bars[number][:columns], ink_of(self).bar))
        return Text("\n").join(lines)

    def _bars(self, answer: Lanes, axis: Axis, height: int) -> list[str]:
        until, levels = answer.until_ms, answer.levels
        if answer.is_present:
            # What is open goes on since the answer.
            until = max(self._now_ms, answer.now_ms)
            levels = tuple(level for level in levels if level.at_ms < answer.now_ms)
        values = highest(levels, axis, until)
        return graph(values, height, answer.peak.agents if answer.peak else 0)

    def _figures(self, answer: Lanes, width: int, height: int) -> list[Text]:
        ink = ink_of(self)
        busy = sum(lane.state in (State.WORKING, State.WAITING) for lane in answer.lanes)
        agents = sum(lane.kind is not AgentKind.AUXILIARY for lane in answer.lanes)
        peak = answer.peak
        rows = [
            (
                "peak",
                fmt.count(peak.agents) if peak else "0",
                self._when(peak.at_ms, answer) if peak else "",
            )
        ]
        if answer.is_present:
            rows.insert(0, ("now", fmt.count(busy), ""))
        rows.append(("agents", fmt.count(agents + answer.left_out), ""))
        lines = []
        for label, value, note in rows:
            line = Text.assemble((f"{label:<7}", ink.quiet), (f"{value:>4}", ink.strong))
            if note and line.cell_len + len(note) + 2 <= width:
                line.append(f"  {note}", ink.quiet)
            lines.append(line)
        return lines[: max(1, height)]

    def _when(self, at_ms: int, answer: Lanes) -> str:
        zone = app_of(self).zone
        day = fmt.clock(at_ms, zone, answer.now_ms)
        time = fmt.time_of_day(at_ms, zone)[:5]
        return day if ":" in day else f"{day} {time}"


class LanePane(Pane, can_focus=True):
    """The selected agent: who started it, what it did, how long it waited."""

    _lane: Lane | None = None
    _parts: tuple[Interval, ...] = ()
    _starter: Lane | None = None
    _now_ms = 0

    def show(
        self, lane: Lane | None, parts: tuple[Interval, ...], parent: Lane | None, now_ms: int
    ) -> None:
        """Take a lane, its intervals up to now, and who started it."""
        self._lane, self._parts, self._starter, self._now_ms = lane, parts, parent, now_ms
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        lane = self._lane
        if lane is None:
            return Text("no agent selected", ink_of(self).quiet)
        lines = [self._head(lane, width), self._spend(lane), self._times(lane), self._life(lane)]
        if height < len(lines):
            return Text("\n").join(lines[:height])
        lines.append(self._asked(lane))
        return Text("\n").join(lines[:height])

    def _head(self, lane: Lane, width: int) -> Text:
        ink = ink_of(self)
        state = STATE_WORDS[lane.state]
        if self._waits_since is not None:
            state += f" {fmt.span(self._now_ms - self._waits_since)}"
        if lane.waiting_for:
            state += f": {fmt.one_line(lane.waiting_for, 40)}"
        left = Text.assemble(
            (f"{STATE_GLYPH[lane.state]} ", ink.state(lane.state)), (name_of(lane), ink.strong)
        )
        return beside(left, Text(f"  {state}", ink.state(lane.state)), width)

    def _spend(self, lane: Lane) -> Text:
        ink = ink_of(self)
        spend = lane.spend
        cost = fmt.with_sign(fmt.spend_dollars(spend))
        words = [
            fmt.source_name(lane.source),
            *([fmt.clean(fmt.model_name(lane.model))] if lane.model else []),
            _many(lane.turns, "turn"),
            _many(spend.requests, "request"),
            f"{fmt.tokens(spend.usage.total)} tokens",
        ]
        return Text.assemble((f"{cost}  ", ink.strong), (" · ".join(words), ink.text))

    def _times(self, lane: Lane) -> Text:
        ink = ink_of(self)
        parts = self._parts
        helped = length(parts, Kind.DELEGATING)
        work = length(parts, Kind.WORKING) + helped
        line = Text.assemble(("at work ", ink.quiet), (fmt.span(work), ink.text))
        if helped:
            line.append(f", of which {fmt.span(helped)} for its subagents", ink.quiet)
        for label, kind in (("waited for you", Kind.WAITING), ("idle", Kind.IDLE)):
            if part := length(parts, kind):
                line.append(f" · {label} ", ink.quiet).append(fmt.span(part), ink.text)
        if unknown := length(parts, Kind.UNKNOWN):
            line.append(f" · unknown {fmt.span(unknown)}", ink.quiet)
        return line

    def _life(self, lane: Lane) -> Text:
        ink = ink_of(self)
        line = Text()
        if lane.started_ms is not None:
            line.append("started ", ink.quiet).append(self._at(lane.started_ms), ink.text)
        if self._starter is not None:
            line.append(" by ", ink.quiet).append(name_of(self._starter), ink.text)
        if lane.state is State.ENDED and lane.last_ms is not None:
            line.append(" · last record ", ink.quiet).append(self._at(lane.last_ms), ink.text)
        return line

    @property
    def _waits_since(self) -> int | None:
        """Since when it waits for the user; None if it does not."""
        last = self._parts[-1] if self._parts else None
        if last is None or last.kind is not Kind.WAITING or self._lane is None:
            return None
        return last.start_ms if self._lane.state is State.WAITING else None

    def _asked(self, lane: Lane) -> Text:
        ink = ink_of(self)
        since = self._waits_since
        line = Text()
        if since is not None:
            line.append("waits for you since ", ink.watch).append(self._at(since), ink.text)
        if lane.asked:
            line.append(" · " if since is not None else "", ink.quiet)
            line.append(f"asked you {_many(lane.asked, 'time')}, refused calls included", ink.quiet)
        return line

    def _at(self, at_ms: int) -> str:
        zone = app_of(self).zone
        time = fmt.time_of_day(at_ms, zone)
        if self._now_ms - at_ms < DAY_MS // 2 and at_ms <= self._now_ms:
            return time
        day = fmt.clock(at_ms, zone, self._now_ms)
        return time if ":" in day else f"{day} {time[:5]}"


def _many(number: int, word: str) -> str:
    return f"{fmt.count(number)} {word}{'' if number == 1 else 's'}"
