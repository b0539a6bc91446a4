"""How a lane's figures were made."""

from __future__ import annotations

from typing import Final

from tokenwatch import format as fmt
from tokenwatch.analysis.lanes import Interval, Kind, length
from tokenwatch.answers.timeline import Lane, Lanes
from tokenwatch.tui.explanations import Explanation, Line
from tokenwatch.tui.screens.agents.lanes import GLYPHS, name_of

_RULES: Final = (
    (Kind.WORKING, "works", "a turn is open, from its start to its end in the log"),
    (Kind.DELEGATING, "subagents", "its turn is open; a call lasts until its subagent is done"),
    (Kind.WAITING, "waits for you", "a question, a plan, a refused call; now: the client's sign"),
    (Kind.IDLE, "idle", "between two turns, or after the last one while still open"),
    (Kind.UNKNOWN, "unknown", "a turn without an end after its last record, or no turn at all"),
)
_LIMITS: Final = (
    "A permission that was granted leaves no trace in a log: it counts as work.",
    "Whether a program was left and taken up again between two turns, no log tells.",
)


def explain_lane(lane: Lane, parts: tuple[Interval, ...]) -> Explanation:
    """Explain one agent's times and cost."""
    lines = [_quiet("What the lane shows, and how much of it lies in this stretch"), Line()]
    for kind, word, rule in _RULES:
        time = fmt.span(length(parts, kind)) if length(parts, kind) else "–"
        lines += [
            Line(text=f"  {GLYPHS[kind]} {word:<14}{time:>10}"),
            _quiet(f"      {rule}"),
        ]
    lines += [Line(), *(_quiet(text) for text in _LIMITS), Line()]
    spend = lane.spend
    cost = "unpriced" if spend.cost_or_none is None else f"${fmt.exact_usd(spend.cost_pico)}"
    lines += [
        _quiet("Cost of its own requests in the stretch; its subagents have lanes of their own"),
        Line(
            text=f"  {fmt.count(spend.requests)} requests · {fmt.count(spend.usage.total)} tokens"
            f" · {cost}"
        ),
    ]
    work = length(parts, Kind.WORKING, Kind.DELEGATING)
    return Explanation(title=name_of(lane), figure=f"{fmt.span(work)} at work", lines=tuple(lines))


def explain_at_once(answer: Lanes) -> Explanation:
    """Explain how many agents were at work at once."""
    peak = answer.peak
    lines = [
        _quiet("Agents whose turns were open at the same time: those at work, and those that"),
        _quiet("waited for you. A column shows the most at any instant in it."),
        Line(),
        _quiet("Main agents and subagents count alike; the program's own auxiliary agents don't."),
        _quiet("Turns that only touch are not at the same time."),
    ]
    if answer.left_out:
        lines += [
            Line(),
            Line(text=f"{fmt.count(answer.left_out)} agents have no lane but are counted here."),
        ]
    return Explanation(
        title="at work at once",
        figure=f"peak {fmt.count(peak.agents if peak else 0)}",
        lines=tuple(lines),
    )


def _quiet(text: str) -> Line:
    return Line(text=text, ink="quiet")
