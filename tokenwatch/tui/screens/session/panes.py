"""The boxes over a session's tables: who it is, what its cost is made of, how its turns went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from rich.text import Text
from textual import events
from textual.message import Message

from tokenwatch import format as fmt
from tokenwatch.model import NO_SPEND, AgentKind, Spend
from tokenwatch.snapshot import SessionDetail, SessionRow, TurnRow
from tokenwatch.tui.looks.themes import STATE_GLYPH, Ink
from tokenwatch.tui.names import session_name
from tokenwatch.tui.screens.session.turns import turn_mark, turn_word
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.pane import Pane, app_of, beside, ink_of
from tokenwatch.tui.widgets.sparkgraph import graph

SEPARATOR = " · "
WIDEST_BAR = 10
"""As many columns a turn gets at most."""
APART = 3
"""From so many columns on the last one is left free, so that turns can be told apart."""


class DetailPane(Pane, can_focus=True):
    """A pane that shows some of a session; the row is there before the detail has been read."""

    _row: SessionRow | None = None
    _detail: SessionDetail | None = None

    def show(self, row: SessionRow, detail: SessionDetail | None) -> None:
        """Take a newer picture."""
        self._row, self._detail = row, detail
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        if self._row is None:
            return Text("reading…", ink_of(self).quiet)
        return self.draw_from(self._row, self._detail, width, height)

    def draw_from(
        self, row: SessionRow, detail: SessionDetail | None, width: int, height: int
    ) -> Text:
        """Return the lines for a session."""
        raise NotImplementedError


class HeadPane(DetailPane):
    """Name, source, models, place, time and what came out."""

    def draw_from(
        self, row: SessionRow, detail: SessionDetail | None, width: int, height: int
    ) -> Text:
        ink = ink_of(self)
        state = Text.assemble(
            (f"{STATE_GLYPH[row.state]} ", ink.state(row.state)), (row.state.value, ink.text)
        )
        source = fmt.source_name(row.source)
        if detail and detail.version:
            source += f" {fmt.one_line(detail.version, 20)}"
        models = " + ".join(fmt.clean(fmt.model_name(m)) for m in row.models[:3])
        lines = [
            beside(Text(session_name(row), ink.strong), state, width),
            Text(SEPARATOR.join(part for part in (source, models) if part), ink.text),
            Text(self._place(row), ink.quiet),
            Text(self._course(row), ink.text),
            Text(outcome(row, detail), ink.text),
            beside(self._flags(detail), self._caveat(row), width),
        ]
        return Text("\n").join(line for line in lines if line.plain.strip())

    def _place(self, row: SessionRow) -> str:
        project = fmt.short_path(row.project, app_of(self).home) if row.project else ""
        branch = f"branch {fmt.one_line(row.git_branch, 40)}" if row.git_branch else ""
        return SEPARATOR.join(part for part in (project, branch) if part)

    def _course(self, row: SessionRow) -> str:
        app = app_of(self)
        if row.started_ms is None or row.last_ms is None:
            return ""
        now = app.now()
        begun = fmt.clock(row.started_ms, app.zone, now)
        until = fmt.clock(row.last_ms, app.zone, now) if row.state.value == "ended" else "now"
        end = row.last_ms if row.state.value == "ended" else now
        parts = [
            f"{begun} → {until}",
            fmt.span(end - row.started_ms),
            many(row.turns, "turn"),
            many(row.spend.requests, "request"),
        ]
        return SEPARATOR.join(parts)

    def _flags(self, detail: SessionDetail | None) -> Text:
        """Return what deserves a look, each with how many turns have it."""
        counts: dict[str, int] = {}
        for turn in detail.turns if detail else ():
            for word in (*turn.flags, *(("failed",) if turn.how == "failed" else ())):
                if word not in ("commit", "compaction"):
                    counts[word] = counts.get(word, 0) + 1
        if not counts:
            return Text()
        words = SEPARATOR.join(f"{fmt.one_line(word, 12)} {n}" for word, n in counts.items())
        return Text(f"▲ {words}", ink_of(self).watch)

    def _caveat(self, row: SessionRow) -> Text:
        ink = ink_of(self)
        if row.log_expires_ms is not None:
            left = fmt.span(row.log_expires_ms - app_of(self).now())
            return Text(f"▲ the log may be deleted in {left}", ink.watch)
        if row.unlogged is not None and row.unlogged.cost_pico != 0:
            cost = fmt.with_sign(fmt.dollars(row.unlogged.cost_pico))
            return Text(f"+ {cost} reported beyond the log", ink.quiet)
        return Text()


def outcome(row: SessionRow, detail: SessionDetail | None) -> str:
    """Return what came out: lines, commits, and compactions on the way; empty where nothing did."""
    parts = []
    if row.compactions:
        parts.append(many(row.compactions, "compaction"))
    if detail is None:
        return "".join(parts)
    if detail.lines_added or detail.lines_removed:
        added, removed = fmt.count(detail.lines_added), fmt.count(detail.lines_removed)
        parts.append(f"+{added} −{removed} lines")
    if detail.commits:
        parts.append(many(detail.commits, "commit"))
    return SEPARATOR.join(parts)


def many(number: int, word: str) -> str:
    """Return a number with its word, in the plural where it is not one."""
    return f"{fmt.count(number)} {word}{'' if number == 1 else 's'}"


class KindsPane(DetailPane):
    """Cost by kind of token, as lengths."""

    def draw_from(
        self, row: SessionRow, detail: SessionDetail | None, width: int, height: int
    ) -> Text:
        ink = ink_of(self)
        if detail is None:
            return Text("reading…", ink.quiet)
        total = sum(kind.cost_pico for kind in detail.by_kind)
        room = width - 12 - 5 - 8 - 10
        lines = []
        for kind in detail.by_kind:
            part = kind.cost_pico / total if total else 0.0
            lines.append(
                Text.assemble(
                    (f"{fmt.clean(kind.kind):<12}", ink.quiet),
                    meter(part, max(4, room), ink.bar, ink.line),
                    (f"{fmt.share(part):>5}", ink.text),
                    (f"{fmt.tokens(kind.tokens):>8}", ink.quiet),
                    (f"{fmt.with_sign(fmt.dollars(kind.cost_pico)):>10}", ink.text),
                )
            )
        if len(lines) < height:
            lines.append(_parts(row, ink))
        return Text("\n").join(lines)


def _parts(row: SessionRow, ink: Ink) -> Text:
    """Return which part of the cost isn't the main agent's, and what has no price."""
    text = Text()
    for kind, word in ((AgentKind.SUBAGENT, "subagents"), (AgentKind.AUXILIARY, "auxiliary")):
        spend = _spend_of(row, kind)
        if spend.requests:
            text.append(f"{word} {fmt.with_sign(fmt.spend_dollars(spend))}  ", ink.quiet)
    if row.spend.unpriced_requests:
        text.append(f"? {fmt.count(row.spend.unpriced_requests)} unpriced", ink.watch)
    text.rstrip()
    return text


def _spend_of(row: SessionRow, kind: AgentKind) -> Spend:
    return reduce(add, (a.spend for a in row.agents if a.kind is kind), NO_SPEND)


@dataclass
class TurnPicked(Message):
    """A turn's bar was clicked."""

    turn_id: str


class TurnBarsPane(DetailPane):
    """Context and cost of each turn, as wide as there is room; the selected one stands out.

    The latest is at the right, unless an earlier one is selected that would be out of sight.
    """

    _selected: str | None = None
    _at: tuple[int, int] = (0, 1)
    """Place of the first turn drawn, and columns a turn has."""

    def mark(self, turn_id: str | None) -> None:
        """Let another turn stand out."""
        if turn_id != self._selected:
            self._selected = turn_id
            self.redraw()

    def draw_from(
        self, row: SessionRow, detail: SessionDetail | None, width: int, height: int
    ) -> Text:
        ink = ink_of(self)
        turns = detail.turns if detail else ()
        if not turns:
            return Text("reading…" if detail is None else "no turn yet", ink.quiet)
        place = next((at for at, turn in enumerate(turns) if turn.id == self._selected), None)
        room = max(1, width - _LABEL - _LEGEND)
        first = max(0, len(turns) - room)
        first = first if place is None else min(first, place)
        shown = turns[first : first + room]
        each = max(1, min(WIDEST_BAR, room // len(shown)))
        self._at = first, each
        contexts = _spread([turn.context or 0 for turn in shown], each)
        costs = _spread([turn.spend.cost_pico for turn in shown], each)
        chosen = None if place is None else turns[place]
        column = None if place is None else (place - first) * each
        rows = max(1, (height - 2) // 2)
        lines = _bars("context", graph(contexts, rows), _contexts(row, turns, chosen), ink)
        if height > 2 * rows + 1:
            lines.append(Text())
        lines += _bars("cost", graph(costs, rows), _costs(turns, chosen), ink)
        if column is not None:
            for line in lines:
                line.stylize(ink.strong, _LABEL + column, _LABEL + column + each - (each >= APART))
        if height > 2 * rows:
            lines.append(_marks(shown, each, column, ink))
        return Text("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        turns = self._detail.turns if self._detail else ()
        first, each = self._at
        if offset is not None and offset.x >= _LABEL:
            at = first + (offset.x - _LABEL) // each
            if at < len(turns):
                self.post_message(TurnPicked(turns[at].id))


_LABEL, _LEGEND = 9, 28


def _spread(values: Sequence[int], each: int) -> list[int]:
    """Return a value for each column of the bars; 0 where one is left free."""
    free = int(each >= APART)
    return [value for each_value in values for value in [each_value] * (each - free) + [0] * free]


def _contexts(row: SessionRow, turns: Sequence[TurnRow], chosen: TurnRow | None) -> tuple[str, ...]:
    limit = f" of {fmt.tokens(row.context_limit)}" if row.context_limit else ""
    most = f"max {fmt.tokens(max(turn.context or 0 for turn in turns))}{limit}"
    return (
        (most,) if chosen is None else (f"turn {chosen.number}: {fmt.tokens(chosen.context)}", most)
    )


def _costs(turns: Sequence[TurnRow], chosen: TurnRow | None) -> tuple[str, ...]:
    biggest = max(turns, key=lambda turn: turn.spend.cost_pico)
    cost = fmt.with_sign(fmt.dollars(biggest.spend.cost_pico))
    most = f"max {cost}, turn {biggest.number}"
    if chosen is None:
        return (most,)
    own = fmt.with_sign(fmt.spend_dollars(chosen.spend))
    return f"turn {chosen.number}: {own}", most


def _marks(shown: Sequence[TurnRow], each: int, column: int | None, ink: Ink) -> Text:
    """Return the line below the bars: what deserves a look, and where the selection is."""
    line = Text(" " * _LABEL)
    for at, turn in enumerate(shown):
        mark = turn_mark(turn)
        style = ink.act if mark == "■" else ink.watch if mark else ink.line
        is_chosen = column is not None and at * each == column
        if is_chosen:
            mark, style = (f"{mark}↑"[:each], style) if mark else ("↑", ink.accent)
        line.append((mark or "·").ljust(each), style)
    chosen = None if column is None else shown[column // each]
    word = turn_word(chosen) if chosen else ""
    if chosen and word:
        line.append(f"  {turn_mark(chosen) or '↑'} {word}", ink.quiet)
    elif any(turn_mark(turn) for turn in shown):
        line.append("  ▲ compaction …  ■ failed, loop …", ink.quiet)
    return line


def _bars(label: str, lines: list[str], legends: tuple[str, ...], ink: Ink) -> list[Text]:
    """Return a graph with its label ahead of it and legends behind it, the first one on top."""
    last = len(lines) - 1
    told = [""] * (len(lines) - len(legends)) + list(legends[: len(lines)])
    return [
        Text.assemble(
            (f"{label if at == last else '':<9}", ink.quiet),
            (line, ink.bar),
            (f"  {told[at]}" if told[at] else "", ink.quiet),
        )
        for at, line in enumerate(lines)
    ]


class SummaryPane(DetailPane):
    """All of it in four lines, for small terminals."""

    def draw_from(
        self, row: SessionRow, detail: SessionDetail | None, width: int, height: int
    ) -> Text:
        ink = ink_of(self)
        now = app_of(self).now()
        end = (row.last_ms or now) if row.state.value == "ended" else now
        facts = [
            fmt.source_name(row.source),
            fmt.clean(fmt.model_name(row.models[0] if row.models else None)),
            fmt.span(end - row.started_ms) if row.started_ms is not None else "",
            many(row.turns, "turn"),
        ]
        head = Text.assemble(
            (f"{STATE_GLYPH[row.state]} ", ink.state(row.state)),
            (SEPARATOR.join(fact for fact in facts if fact), ink.text),
        )
        cost = Text(fmt.with_sign(fmt.spend_dollars(row.spend)), ink.strong)
        lines = [
            beside(head, cost, width),
            self._kinds(detail),
            self._context_line(row, detail, width),
        ]
        came = outcome(row, detail)
        lines.append(beside(Text(came, ink.text), _parts(row, ink), width))
        return Text("\n").join(lines)

    def _kinds(self, detail: SessionDetail | None) -> Text:
        ink = ink_of(self)
        kinds = detail.by_kind if detail else ()
        total = sum(kind.cost_pico for kind in kinds)
        text = Text()
        for kind in kinds:
            part = kind.cost_pico / total if total else 0.0
            text.append(f"{fmt.clean(kind.kind)} ", ink.quiet).append(
                f"{fmt.share(part)}  ", ink.text
            )
        return text

    def _context_line(self, row: SessionRow, detail: SessionDetail | None, width: int) -> Text:
        ink = ink_of(self)
        limit = f" of {fmt.tokens(row.context_limit)}" if row.context_limit else ""
        words = f"  {fmt.tokens(row.context_used)}{limit}"
        contexts = [turn.context or 0 for turn in detail.turns] if detail else []
        bars = graph(contexts[-max(1, width - 8 - len(words)) :], 1)
        return Text.assemble(("context ", ink.quiet), (bars[0], ink.bar), (words, ink.text))
