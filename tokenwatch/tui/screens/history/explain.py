"""How the figures of History were made."""

from __future__ import annotations

from datetime import datetime, tzinfo

from tokenwatch import format as fmt
from tokenwatch.answers.history import History
from tokenwatch.model import Spend
from tokenwatch.tui.explanations import Explanation, Line, explain_sum
from tokenwatch.tui.screens.history.rows import HistoryLine
from tokenwatch.tui.screens.history.words import SPLIT_WORDS, bar_name, hours, name_of


def explanation(
    answer: History,
    pane: str,
    bar: int | None,
    line: HistoryLine | None,
    zone: tzinfo,
    now_ms: int,
) -> Explanation:
    """Explain what is selected in a pane of the screen, or what the pane is about."""
    if pane == "history-chart" and bar is not None:
        return explain_bar(answer, bar, zone)
    if pane == "history-rows" and line is not None:
        return explain_line(answer, line, zone, now_ms)
    return explain_other(answer, pane, zone, now_ms)


def explain_bar(answer: History, bar: int, zone: tzinfo) -> Explanation:
    """Explain one bar: the sum over its stretch of time, and what it is split into."""
    names = [row.name for row in answer.rows]
    parts = [
        (
            name_of(answer.by, row.name, names),
            _exact(row.units[bar]),
            f"{fmt.count(row.units[bar].requests)} requests",
        )
        for row in answer.rows
        if row.units[bar].requests
    ]
    work = sum(row.work_ms[bar] for row in answer.rows)
    if work:
        peak = fmt.count(answer.at_once.peaks[bar])
        parts.append(("agents' work", hours(work), f"turns added up; at most {peak} at once"))
    start, end = (_time(edge, zone) for edge in answer.edges_ms[bar : bar + 2])
    return explain_sum(
        bar_name(answer, bar, zone),
        f"Sum over all requests from {start} until {end}",
        answer.units[bar],
        parts,
    )


def explain_line(answer: History, line: HistoryLine, zone: tzinfo, now_ms: int) -> Explanation:
    """Explain a row of the split: its sum, and the one that it is compared to."""
    row = line.row
    start, end = answer.edges_ms[0], answer.edges_ms[-1]
    word, _ = SPLIT_WORDS[answer.by]
    parts = [*_before(answer, row.before, zone, now_ms)]
    if any(row.work_ms):
        parts.append(("agents' work", hours(sum(row.work_ms)), "turns added up over agents"))
    end_words = "an agent's work counts for the model it spent most on" * (answer.by == "model")
    return explain_sum(
        f"{word} {line.name}",
        f"Sum over its requests from {_time(start, zone)} until {_time(end, zone)}",
        row.spend,
        parts,
        end_words,
    )


def explain_other(answer: History, pane: str, zone: tzinfo, now_ms: int) -> Explanation:
    """Explain the total, which the other panes are about, and how those are made."""
    start, end = answer.edges_ms[0], answer.edges_ms[-1]
    if pane != "history-once":
        head = f"Sum over all requests from {_time(start, zone)} until {_time(end, zone)}"
        return explain_sum(
            answer.window.words(now_ms, zone),
            head,
            answer.total,
            _before(answer, answer.before, zone, now_ms),
            "by hour: local hours of the weekday, all weeks of the period added up",
        )
    lengths = answer.at_once.lengths_ms
    lines = [
        Line(text="An agent is at work from a turn's start to its end, or to its last record"),
        Line(text="if no end is logged. Auxiliary agents are left out.", ink="text"),
        Line(),
        *(
            Line(text=f"  {count} at once".ljust(20) + fmt.span(length).rjust(12))
            for count, length in enumerate(lengths, 1)
        ),
        Line(),
        Line(text=f"  number × time = {hours(answer.work_ms)} of work", ink="quiet"),
    ]
    return Explanation(
        title="agents at once",
        figure=f"peak {fmt.count(answer.at_once.peak)}",
        lines=tuple(lines),
    )


def _before(
    answer: History, before: Spend, zone: tzinfo, now_ms: int
) -> list[tuple[str, str, str]]:
    since, until = answer.window.before(now_ms, zone)
    return [
        ("before", _exact(before), f"{fmt.count(before.requests)} requests"),
        ("", "", f"from {_time(since, zone)}"),
        ("", "", f"until {_time(until, zone)}"),
    ]


def _exact(spend: Spend) -> str:
    if not spend.requests:
        return "–"
    return "?" if spend.cost_or_none is None else f"${fmt.exact_usd(spend.cost_pico)}"


def _time(at_ms: int, zone: tzinfo) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, zone)
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}"
