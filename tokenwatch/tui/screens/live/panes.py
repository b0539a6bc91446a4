"""The boxes over the Live table: today's spend, the burn rate, the agents; and the empty state."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.renderables.digits import Digits

from tokenwatch import format as fmt
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.widgets.pane import Pane, app_of, beside, ink_of
from tokenwatch.tui.widgets.sparkgraph import graph, in_buckets

NARROW_BURN = 30
"""Columns up to which the burn rate's line has no room for its unit in words."""


class SnapshotPane(Pane, can_focus=True):
    """A pane that shows some of a snapshot."""

    _snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Take a newer picture."""
        self._snapshot = snapshot
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        return Text() if self._snapshot is None else self.draw_from(self._snapshot, width, height)

    def draw_from(self, snapshot: Snapshot, width: int, height: int) -> Text:
        """Return the lines for a snapshot."""
        raise NotImplementedError


def large(figure: str, style: Style) -> list[Text]:
    """Return a figure in digits three lines tall."""
    parts = Digits(figure).render(style)
    drawn = "".join(part.text for part in parts if isinstance(part, Segment))
    return [Text(line, style) for line in drawn.split("\n")[:3]]


class TodayPane(SnapshotPane):
    """What has been spent since the local midnight."""

    def draw_from(self, snapshot: Snapshot, width: int, height: int) -> Text:
        ink = ink_of(self)
        today = snapshot.today
        figure = Text.assemble(
            (fmt.spend_mark(today) if today.requests else "", ink.watch),
            (fmt.with_sign(fmt.dollars(today.cost_or_none)), ink.strong),
        )
        trend = fmt.change(today.cost_pico, snapshot.week_mean_pico)
        cache = fmt.share(today.usage.cache_hit_share)
        notes = self._notes(snapshot, width)
        if height < 5:
            first = Text.assemble(figure, (f"  {trend}" if trend else "", ink.quiet))
            return Text("\n").join([first, Text(f"cache hit {cache}", ink.text), notes])
        mark = fmt.spend_mark(today) if today.requests else ""
        tall = large(fmt.dollars(today.cost_pico), ink.strong)
        if mark == "?" or app_of(self).is_ascii or max(line.cell_len for line in tall) + 3 > width:
            tall = [Text(), figure, Text()]
        else:
            tall[1] = Text.assemble(
                (mark, ink.watch), ("$ ".rjust(3 - len(mark)), ink.strong), tall[1]
            )
            tall[0].pad_left(3)
            tall[2].pad_left(3)
        mean = f"{trend} over 7-day mean" if trend else "no earlier day to compare"
        lines = [
            *tall,
            Text(mean, ink.text),
            beside(Text("cache hit", ink.quiet), Text(cache, ink.text), width),
            notes,
        ]
        return Text("\n").join(lines)

    def _notes(self, snapshot: Snapshot, width: int) -> Text:
        """Return how many requests have no exact price; marks alone where words don't fit."""
        ink = ink_of(self)
        today = snapshot.today
        marks = [
            (mark, fmt.count(number), word)
            for mark, number, word in (
                ("?", today.unpriced_requests, "unpriced"),
                ("≥", today.lower_bound_requests, "at least"),
                ("~", today.estimated_requests, "estimated"),
            )
            if number
        ]
        if not marks:
            return Text("all requests priced" if today.requests else "", ink.quiet)
        text = "  ".join(f"{mark} {number} {word}" for mark, number, word in marks)
        if len(text) > width:
            text = "  ".join(f"{mark} {number}" for mark, number, _ in marks)
            text += "  requests" if len(text) + 10 <= width else ""
        return Text(text, ink.watch)


class BurnPane(SnapshotPane):
    """What an hour costs at the present pace, and each of the last sixty minutes."""

    def draw_from(self, snapshot: Snapshot, width: int, height: int) -> Text:
        ink = ink_of(self)
        rate = snapshot.burn_pico_per_hour
        pace = snapshot.tokens_per_minute
        unit = " tok/min" if width > NARROW_BURN else "/min"
        head = Text.assemble(
            (
                f"{fmt.with_sign(fmt.dollars(rate))}/h" if rate else "nothing in ten minutes",
                ink.strong if rate else ink.quiet,
            ),
            (f"   {fmt.tokens(pace)}{unit}" if pace and rate else "", ink.text),
        )
        values, each = in_buckets(snapshot.minutes_pico, width)
        peak = max(values, default=0)
        if peak:
            per = "min" if each == 1 else f"{each} min"
            highest = Text(f"peak {fmt.with_sign(fmt.dollars(peak))}/{per}", ink.quiet)
            if head.cell_len + highest.cell_len < width:
                head = beside(head, highest, width)
        cells = max(1, width // max(1, len(values)))
        wide = [value for value in values for _ in range(cells)]
        rows = max(1, height - 2) if height >= 4 else max(1, height - 1)
        bars = [Text(line.rjust(width), ink.bar) for line in graph(wide, rows)]
        lines = [head, *bars]
        if height >= 4:
            lines.append(self._axis(len(snapshot.minutes_pico), len(wide), width))
        return Text("\n").join(lines)

    def _axis(self, all_minutes: int, columns: int, width: int) -> Text:
        """Return `60 m … 30 m … now` under their columns."""
        cells = [" "] * width
        for minutes in (all_minutes, all_minutes // 2, 0):
            word = f"{minutes} m ago" if minutes else "now"
            at = width - (columns * minutes // all_minutes if minutes else len(word))
            for offset, letter in enumerate(word):
                if 0 <= at + offset < width:
                    cells[at + offset] = letter
        return Text("".join(cells), ink_of(self).quiet)


class AgentsPane(SnapshotPane):
    """How much is going on."""

    def draw_from(self, snapshot: Snapshot, width: int, height: int) -> Text:
        ink = ink_of(self)
        tokens = fmt.tokens(snapshot.today.usage.total)
        running = fmt.count(snapshot.agents_running)
        peak = fmt.count(snapshot.peak_agents_today)
        sessions = fmt.count(snapshot.sessions_today)
        turns = fmt.count(snapshot.turns_today)
        running_ink = ink.good if snapshot.agents_running else ink.quiet
        if height < 6:
            return Text("\n").join(
                [
                    Text.assemble(
                        ("● ", running_ink),
                        (running, ink.strong),
                        (f" running · peak {peak}", ink.text),
                    ),
                    Text(f"{sessions} sessions · {turns} turns", ink.text),
                    Text(f"{tokens} tokens", ink.text),
                ]
            )
        rows = (
            ("running now", running, ink.good if snapshot.agents_running else ink.quiet),
            ("day's peak", peak, ink.text),
            ("sessions today", sessions, ink.text),
            ("turns today", turns, ink.text),
            ("requests today", fmt.count(snapshot.today.requests), ink.text),
            ("tokens today", tokens, ink.text),
        )
        return Text("\n").join(
            beside(Text(label, ink.quiet), Text(value, style), width)
            for label, value, style in rows
        )


class EmptyPane(SnapshotPane):
    """What to do when there are no logs at all."""

    def draw_from(self, snapshot: Snapshot, width: int, height: int) -> Text:
        ink = ink_of(self)
        demo = "D" if app_of(self).offers("app.demo") else "tokenwatch serve --demo"
        lines = [Text("No logs of coding agents were found.", ink.strong), Text()]
        lines.append(Text("Looked in", ink.quiet))
        for place in snapshot.looked:
            state = "no logs in it" if place.exists else "not there"
            path = fmt.short_path(place.path, app_of(self).home)
            lines.append(
                Text.assemble(
                    ("  ◐ " if place.exists else "  ○ ", ink.quiet),
                    (f"{fmt.clean(place.title):<13}", ink.text),
                    (f"{path}  ", ink.text),
                    (state, ink.quiet),
                )
            )
        lines += [
            Text(),
            Text.assemble(
                (demo, ink.accent + ink.strong),
                ("  see the demo: invented agents that keep working", ink.text),
            ),
            Text(),
            Text("What to do", ink.quiet),
            Text("  Start Claude Code or Codex: it shows up here within a second.", ink.text),
            Text("  Logs elsewhere? Set CLAUDE_CONFIG_DIR or CODEX_HOME.", ink.text),
        ]
        return Text("\n").join(lines)
