"""How a number was made: its inputs, the rates and where they come from, and what it leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add

from tokenwatch import format as fmt
from tokenwatch.model import NO_SPEND, PICO, AgentKind, Spend, Usage
from tokenwatch.snapshot import (
    Activity,
    AgentRow,
    ExplainedRequest,
    KindCost,
    SessionRow,
    Snapshot,
    TurnRow,
)
from tokenwatch.tui.names import agent_name, session_name

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
WORDS = {
    "input": "input",
    "cache_read": "cache read",
    "cache_write_5m": "cache write 5 m",
    "cache_write_1h": "cache write 1 h",
    "output": "output",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of an explanation."""

    text: str = ""
    ink: str = "text"
    """Name of an `Ink` style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What `i` shows."""

    title: str
    figure: str
    lines: tuple[Line, ...]
    session_id: str | None = None
    """Whose costs by kind may be added once they have been read."""

    @property
    def text(self) -> str:
        """All of it, to be copied."""
        return "\n".join([self.title, self.figure, *(line.text for line in self.lines)])


def _head(text: str) -> Line:
    return Line(text=text, ink="quiet")


def _row(label: str, *figures: str, note: str = "") -> Line:
    cells = "".join(f"{figure:>16}" for figure in figures)
    return Line(text=f"  {label:<18}{cells}  {note}".rstrip())


def explain_session(row: SessionRow, by_kind: Sequence[KindCost] = ()) -> Explanation:
    """Explain a session's sum over all its agents.

    by_kind: its cost per kind of token, where it has been read.
    """
    lines = [_head("Sum over the session's requests, each: tokens × the price of its own day")]
    if by_kind:
        lines += [
            _row(kind.kind, fmt.count(kind.tokens), f"${fmt.exact_usd(kind.cost_pico)}")
            for kind in by_kind
        ]
        lines.append(_row("in all", fmt.count(row.spend.usage.total), _exact(row.spend)))
    else:
        lines += _usage_rows(row.spend.usage)
    lines += [Line(), _head("Whose they are")]
    for kind, word in (
        (AgentKind.MAIN, "main agent"),
        (AgentKind.SUBAGENT, "subagents"),
        (AgentKind.AUXILIARY, "auxiliary"),
    ):
        agents = [a for a in row.agents if a.kind is kind]
        if agents:
            spend = reduce(add, (a.spend for a in agents), NO_SPEND)
            many = "" if len(agents) == 1 else f"{len(agents)} agents"
            lines.append(_row(word, fmt.count(spend.usage.total), _exact(spend), note=many))
    lines += _trust(row.spend)
    if row.unlogged and (row.unlogged.usage.total or row.unlogged.cost_pico != 0):
        lines += _unlogged(row)
    lines += [Line(), _head(f"session {fmt.clean(row.id)} · {fmt.source_name(row.source)}")]
    return Explanation(
        title=session_name(row),
        figure=_figure(row.spend),
        lines=tuple(lines),
        session_id=row.id,
    )


def explain_agent(
    session: SessionRow, agent: AgentRow | None, spend: Spend, label: str | None
) -> Explanation:
    """Explain a subagent's own sum, or that of several agents under one label."""
    name = agent_name(agent) if agent else (label or "agents")
    lines = [_head("Sum over its own requests, each: tokens × the price of its own day")]
    lines += _usage_rows(spend.usage)
    lines += _trust(spend)
    lines += [Line(), _head(f"of session {fmt.clean(session.id)} · {session_name(session)}")]
    if agent:
        lines.append(_head(f"agent {fmt.clean(agent.id)}"))
    return Explanation(title=name, figure=_figure(spend), lines=tuple(lines))


def explain_turn(turn: TurnRow) -> Explanation:
    """Explain a turn's sum; its requests are a key away."""
    title = fmt.one_line(turn.title, 120) if turn.title else turn.cause
    lines = [_head("Sum over the turn's requests, subagents included")]
    lines += _usage_rows(turn.spend.usage)
    lines += _trust(turn.spend)
    lines += [Line(), _head("enter on the turn: each request with its rate, file and line")]
    return Explanation(
        title=f"turn {turn.number} · {title}", figure=_figure(turn.spend), lines=tuple(lines)
    )


def explain_request(request: ExplainedRequest) -> Explanation:
    """Explain one request: tokens × rates, to the last digit."""
    lines = [_head("tokens × rate per million tokens")]
    for kind in KINDS:
        tokens = getattr(request.usage, kind)
        rate = request.rates.get(kind)
        if tokens and rate is not None:
            product = Decimal(tokens) * Decimal(rate) / 10**6
            lines.append(
                _row(
                    WORDS[kind],
                    fmt.count(tokens),
                    f"× ${rate}",
                    f"${fmt.exact_usd(int(product * PICO))}",
                )
            )
        elif tokens:
            lines.append(_row(WORDS[kind], fmt.count(tokens), "no rate", "?"))
    if request.web_searches:
        rate = request.rates.get("web_search")
        made = Decimal(request.web_searches) * Decimal(rate) / 1000 if rate else None
        lines.append(
            _row(
                "web searches",
                fmt.count(request.web_searches),
                f"× ${rate}/1000" if rate else "no rate",
                "?" if made is None else f"${fmt.exact_usd(int(made * PICO))}",
            )
        )
    if request.usage.reasoning:
        reasoning = fmt.count(request.usage.reasoning)
        lines.append(_head(f"  of the output, {reasoning} tokens are reasoning"))
    chosen = " · ".join(f"{key} {value}" for key, value in sorted(request.context.items()))
    lines += [
        Line(),
        _head("Where the rate comes from"),
        Line(text=f"  {fmt.clean(request.rates_from or 'no price is known for this model')}"),
        Line(text=f"  basis {request.basis}" + (f" · {fmt.clean(chosen)}" if chosen else "")),
    ]
    if request.lower_bound:
        lines.append(
            Line(text="  ≥ the log holds less output than was answered: a lower bound", ink="watch")
        )
    if request.made_for:
        lines += [Line(), _head("What it was made for, as Claude Code reports")]
        lines += [
            Line(text=f"  {word:<14}{fmt.clean(name)}") for word, name in request.made_for.items()
        ]
    place = fmt.clean(request.file) if request.file else "hidden"
    lines += [
        Line(),
        _head("Where the tokens come from"),
        Line(text=f"  {place}:{request.line or '?'}"),
        _head(f"  request {fmt.clean(request.id)} · model {fmt.clean(request.model or '?')}"),
    ]
    return Explanation(
        title=f"request · {fmt.model_name(request.model)}",
        figure="no price" if request.cost_pico is None else f"${fmt.exact_usd(request.cost_pico)}",
        lines=tuple(lines),
    )


def explain_activity(line: Activity) -> Explanation:
    """Explain a line of the feed as far as it tells."""
    lines = [_head("One request: tokens × the price of its own day"), *_usage_rows(line.usage)]
    lines += [Line(), _head("enter: its session, where each turn opens its requests with rates")]
    return Explanation(
        title=f"request · {fmt.model_name(line.model)} · {fmt.one_line(line.what, 60)}",
        figure="no price" if line.cost_pico is None else f"${fmt.exact_usd(line.cost_pico)}",
        lines=tuple(lines),
    )


def explain_sum(
    title: str, head: str, spend: Spend, parts: Sequence[tuple[str, str, str]] = (), end: str = ""
) -> Explanation:
    """Explain a sum over requests.

    head: which requests. parts: label, figure and note of what it is split or compared by.
    """
    lines = [_head(head), *_usage_rows(spend.usage), *_trust(spend)]
    if parts:
        lines += [Line(), *(_row(label, figure, note=note) for label, figure, note in parts)]
    if end:
        lines += [Line(), _head(end)]
    return Explanation(title=title, figure=_figure(spend), lines=tuple(lines))


def explain_figure(pane: str, snapshot: Snapshot) -> Explanation:
    """Explain one of the boxes: `today`, `burn` or `agents`."""
    if pane == "today":
        lines = [_head(f"Sum over all requests since midnight, {fmt.clean(snapshot.timezone)}")]
        lines += [*_usage_rows(snapshot.today.usage), *_trust(snapshot.today)]
        if snapshot.week_mean_pico is not None:
            mean = fmt.exact_usd(snapshot.week_mean_pico)
            lines += [
                Line(),
                _row("7-day mean", f"${mean}"),
                _head("  of those of the seven days before that had any cost"),
            ]
        return Explanation(title="today", figure=_figure(snapshot.today), lines=tuple(lines))
    if pane == "burn":
        rate = snapshot.burn_pico_per_hour
        last = sum(snapshot.minutes_pico[-10:])
        lines = [
            _head("Cost of the last ten minutes × 6"),
            _row("last ten minutes", f"${fmt.exact_usd(last)}"),
            _row("last hour", f"${fmt.exact_usd(sum(snapshot.minutes_pico))}"),
        ]
        figure = f"${fmt.exact_usd(rate)} per hour" if rate else "nothing in the last ten minutes"
        return Explanation(title="burn rate", figure=figure, lines=tuple(lines))
    lines = [
        _head("Running: agents at work or waiting for you, auxiliary ones left out"),
        _row("running now", fmt.count(snapshot.agents_running)),
        _row("day's peak", fmt.count(snapshot.peak_agents_today), note="at work at the same time"),
        _row("sessions", fmt.count(snapshot.sessions_today), note="with a request today"),
        _row("turns", fmt.count(snapshot.turns_today), note="a prompt until the agent waits again"),
        _row("tokens", fmt.count(snapshot.today.usage.total), note="of all kinds"),
    ]
    figure = f"{fmt.count(snapshot.agents_running)} running"
    return Explanation(title="agents", figure=figure, lines=tuple(lines))


def _usage_rows(usage: Usage) -> list[Line]:
    rows = [
        _row(WORDS[kind], fmt.count(getattr(usage, kind))) for kind in KINDS if getattr(usage, kind)
    ]
    hit = fmt.share(usage.cache_hit_share)
    return [*rows, _row("in all", fmt.count(usage.total), note=f"cache hit {hit}")]


def _trust(spend: Spend) -> list[Line]:
    lines = [Line(), _head(f"How far it can be trusted · {fmt.count(spend.requests)} requests")]
    for number, text in (
        (spend.unpriced_requests, "? {} without a price: left out, so the sum is a lower bound"),
        (spend.lower_bound_requests, "≥ {} whose log holds less output than was answered"),
        (spend.estimated_requests, "~ {} priced under an assumption the rate's origin names"),
    ):
        if number:
            lines.append(Line(text="  " + text.format(fmt.count(number)), ink="watch"))
    if len(lines) == 2:
        lines.append(Line(text="  every request is logged in full and priced by the list"))
    return lines


def _unlogged(row: SessionRow) -> list[Line]:
    unlogged = row.unlogged
    if unlogged is None:
        return []
    cost = "?" if unlogged.cost_pico is None else f"${fmt.exact_usd(unlogged.cost_pico)}"
    return [
        Line(),
        _head("Not in any log, as the program itself reports; never part of the sum"),
        _row("unlogged", fmt.count(unlogged.usage.total), cost),
    ]


def _figure(spend: Spend) -> str:
    if spend.cost_or_none is None:
        return "no price"
    return f"{fmt.spend_mark(spend)}${fmt.exact_usd(spend.cost_pico)}"


def _exact(spend: Spend) -> str:
    return "?" if spend.cost_or_none is None else f"${fmt.exact_usd(spend.cost_pico)}"
