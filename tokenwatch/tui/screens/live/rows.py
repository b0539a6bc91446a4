"""Sessions → rows of the Live table: order, folding, and each cell's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import reduce
from itertools import zip_longest
from operator import add
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.model import NO_SPEND, AgentKind, Spend, State
from tokenwatch.snapshot import AgentRow, SessionRow
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import STATE_GLYPH, Ink
from tokenwatch.tui.names import agent_name, project_name, session_name
from tokenwatch.tui.widgets.record_table import Column
from tokenwatch.tui.widgets.sparkgraph import spark

if TYPE_CHECKING:
    from tokenwatch.export.sheets import Cell

COLUMNS: Final = (
    Column(key="state", title=" ", width=1),
    Column(key="session", title="session", width=0, least=24),
    Column(key="now", title="now", width=16, drop=3),
    Column(key="source", title="source", width=11, drop=10),
    Column(key="model", title="model", width=13, drop=4),
    Column(key="branch", title="branch", width=18, drop=19),
    Column(key="started", title="began", width=6, right=True, drop=14),
    Column(key="turns", title="turns", width=5, right=True, drop=5),
    Column(key="requests", title="req", width=5, right=True, drop=12),
    Column(key="context", title="context", width=10, right=True, drop=8),
    Column(key="in", title="in", width=6, right=True, drop=17),
    Column(key="read", title="read", width=6, right=True, drop=15),
    Column(key="write", title="write", width=6, right=True, drop=16),
    Column(key="out", title="out", width=6, right=True, drop=13),
    Column(key="tokens", title="tokens", width=7, right=True, drop=11),
    Column(key="cache", title="cache", width=5, right=True, drop=6),
    Column(key="minutes", title="last 10 m", width=10, drop=9),
    Column(key="burn", title="$/h", width=6, right=True, drop=2),
    Column(key="cost", title="cost $", width=8, right=True),
)
FLAG: Final = Column(key="flag", title=" flag", width=19, drop=1)
"""Behind the others where any session has something to flag."""
SHORT_FLAG: Final = Column(key="short-flag", title=" flag", width=16, drop=1)
"""The same where the screen is narrow, without how many more there are."""

SORTS: Final = (
    *("burn", "cost", "recent", "turns", "context", "cache", "session", "source", "model"),
    *("started", "requests", "tokens", "in", "read", "write", "out", "branch"),
)
"""What the table can be sorted by; `recent` is the last activity."""
SORT_WORDS: Final = {
    "burn": "$/h",
    "recent": "last activity",
    "started": "start",
    "cache": "cache hit",
    "in": "input",
    "read": "cache read",
    "write": "cache write",
    "out": "output",
}
ASCENDING: Final = frozenset({"session", "source", "model", "branch"})
"""Columns whose natural order begins with the smallest."""
FEW: Final = 3
"""As many ended subagents of a session have rows of their own; more are summed into one."""


URGENT: Final = frozenset({"loop", "repeated-attempts"})
"""Kinds of findings that can still be stopped."""
COUNTED_MS: Final = 5 * 60_000
"""A large cache is counted down when so little is left before it expires."""


class LiveRow(NamedTuple):
    """A line of the table: a session's main agent, a subagent, or several summed."""

    key: str
    session: SessionRow
    agent: AgentRow | None
    """None for a sum, and for a session of which no agent is known."""
    spend: Spend
    state: State
    depth: int = 0
    label: str | None = None
    """What a sum is called."""
    burn_pico: int | None = None
    """Per hour."""
    minutes_pico: tuple[int, ...] = ()

    @property
    def is_main(self) -> bool:
        return self.depth == 0

    @property
    def is_auxiliary(self) -> bool:
        return self.key.endswith("/*auxiliary")

    @property
    def context(self) -> tuple[int | None, int | None]:
        """Context used, and its limit."""
        if self.agent and self.agent.context_used is not None:
            return self.agent.context_used, self.agent.context_limit
        if self.is_main:
            return self.session.context_used, self.session.context_limit
        return None, None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        key = self.agent.key if self.agent else self.key
        return {"id": key, "cost_is": exact.mark_of(self.spend)}

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        agent, session = self.agent, self.session
        match column:
            case "state":
                return self.state.value
            case "session":
                if self.is_main:
                    return session_name(session)
                return self.label or (agent_name(agent) if agent else "")
            case "source":
                return session.source
            case "model":
                return (agent.model or "") if agent else exact.names(session.models)
            case "branch":
                return session.git_branch or ""
            case "turns":
                return session.turns if self.is_main else agent.turns if agent else ""
            case "started":
                started = agent.started_ms if agent else session.started_ms
                return exact.time(started if self.label is None else None)
            case "context":
                return exact.number(self.context[0])
            case "burn":
                return exact.money(self.burn_pico or 0)
            case "minutes":
                return ", ".join(map(fmt.exact_usd, self.minutes_pico[-10:]))
            case "flag" | "short-flag":
                return ", ".join(flag.words for flag in session.flags) if self.is_main else ""
        return exact.of_spend(self.spend, column)


def rows_of(session: SessionRow) -> list[LiveRow]:
    """Return a session's rows: its main agent, subagents, then one for the auxiliary agents."""
    main = next((a for a in session.agents if a.kind is AgentKind.MAIN), None)
    rows = [_main_row(session, main)]
    if main is not None and len(session.agents) == 1:
        return rows
    subagents = [a for a in session.agents if a.kind is AgentKind.SUBAGENT]
    ended = [a for a in subagents if a.state is State.ENDED]
    folded = {a.id for a in ended} if len(ended) > FEW else set()
    rows += [
        LiveRow(
            key=a.key,
            session=session,
            agent=a,
            spend=a.spend,
            state=a.state,
            depth=max(1, a.depth),
            burn_pico=a.burn_pico_per_hour,
            minutes_pico=a.minutes_pico,
        )
        for a in subagents
        if a.id not in folded
    ]
    if folded:
        rows.append(_sum_row(session, ended, "ended", f"{len(ended)} ended subagents"))
    auxiliary = [a for a in session.agents if a.kind is AgentKind.AUXILIARY and a.spend.requests]
    if auxiliary:
        rows.append(_sum_row(session, auxiliary, "auxiliary", "auxiliary"))
    return rows


def _main_row(session: SessionRow, main: AgentRow | None) -> LiveRow:
    return LiveRow(
        key=session.id,
        session=session,
        agent=main,
        spend=main.spend if main else NO_SPEND if session.agents else session.spend,
        state=session.state,
        burn_pico=main.burn_pico_per_hour if main else session.burn_pico_per_hour,
        minutes_pico=main.minutes_pico if main else (),
    )


def _sum_row(session: SessionRow, agents: Sequence[AgentRow], kind: str, label: str) -> LiveRow:
    return LiveRow(
        key=f"{session.id}/*{kind}",
        session=session,
        agent=None,
        spend=reduce(add, (a.spend for a in agents), NO_SPEND),
        state=State.ENDED,
        depth=1,
        label=label,
        burn_pico=sum(a.burn_pico_per_hour or 0 for a in agents) or None,
        minutes_pico=_added([a.minutes_pico for a in agents]),
    )


def _added(series: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the sums of series that end at the same minute, whatever their lengths."""
    backwards = zip_longest(*(reversed(values) for values in series), fillvalue=0)
    return tuple(reversed([sum(minute) for minute in backwards]))


class View(NamedTuple):
    """What cells depend on beside their row."""

    ink: Ink
    zone: tzinfo
    now_ms: int
    highest_minute: int
    """What a full bar of `last 10 m` stands for, the same for all rows."""
    doing: Mapping[tuple[str, str], str]
    """What the latest request of an agent was for, by session and agent."""


def paint(row: LiveRow, column: str, view: View) -> Text:
    """Return one cell."""
    ink = view.ink
    body = ink.quiet if row.state is State.ENDED else ink.text
    match column:
        case "state":
            return Text("" if row.is_auxiliary else STATE_GLYPH[row.state], ink.state(row.state))
        case "session":
            return _name(row, ink)
        case "source":
            return Text(fmt.source_name(row.session.source) if row.is_main else "", ink.quiet)
        case "model":
            return Text(_model(row), body)
        case "turns":
            return Text(_turns(row), body)
        case "context":
            return _context(row, ink)
        case "cache":
            return Text(fmt.share(row.spend.usage.cache_hit_share), body)
        case "minutes":
            return _minutes(row, ink, view.highest_minute)
        case "burn":
            burn = row.burn_pico
            return Text(fmt.dollars(burn), ink.text) if burn else Text("–", ink.quiet)
        case "cost":
            style = ink.watch if row.spend.cost_or_none is None else body
            return Text(fmt.spend_dollars(row.spend), style)
        case "now":
            return _now(row, view)
        case "flag" | "short-flag" if row.is_main:
            return flag_cell(row.session, ink, view.now_ms, counts=column == FLAG.key)
        case "started":
            return Text(_started(row, view), ink.quiet)
        case "branch":
            branch = row.session.git_branch if row.is_main else None
            return Text(fmt.one_line(branch, 60) if branch else "", ink.quiet)
        case "requests":
            return Text(fmt.count(row.spend.requests), body)
        case "in" | "read" | "write" | "out" | "tokens":
            tokens = exact.of_usage(row.spend.usage, column)
            return Text(fmt.tokens(int(tokens)) if tokens else "–", body)
    return Text("")


def _now(row: LiveRow, view: View) -> Text:
    """Return what an agent at work does; of any other one its state, and since when."""
    ink = view.ink
    if row.state is State.WORKING:
        agent = row.agent.id if row.agent else row.session.id
        doing = view.doing.get((row.session.id, agent))
        return Text(fmt.one_line(doing, 60) if doing else row.state.value, ink.text)
    if row.label is not None:
        return Text("")
    last = row.agent.last_ms if row.agent else row.session.last_ms
    since = "" if last is None else f" {fmt.clock(last, view.zone, view.now_ms).strip()}"
    if row.state is State.WAITING:
        return Text(f"▲ {row.state.value}{since}", ink.watch)
    return Text(f"{row.state.value}{since}", ink.quiet)


def left_ms(session: SessionRow, now_ms: int) -> int | None:
    """Return how long a large cache lasts that will soon expire; None where none will."""
    left = session.warm.expires_ms - now_ms if session.warm else 0
    return left if 0 < left < COUNTED_MS else None


def has_flag(session: SessionRow, now_ms: int) -> bool:
    """Return whether there is something to flag."""
    return bool(session.flags) or left_ms(session, now_ms) is not None


def flag_cell(session: SessionRow, ink: Ink, now_ms: int, *, counts: bool = True) -> Text:
    """Return how long a large cache lasts, else the most urgent finding.

    counts: say how many more there are.
    """
    left, flags = left_ms(session, now_ms), session.flags
    if left is not None:
        word, glyph = f"cache {left // 60_000}:{left // 1000 % 60:02}", "▲"
    elif flags:
        word, flags = flags[0].words, flags[1:]
        glyph = "■" if session.flags[0].kind in URGENT else "▲"
    else:
        return Text("")
    style = ink.act if glyph == "■" else ink.watch
    return Text.assemble(
        (f" {glyph} {word}", style), (f" +{len(flags)}" if flags and counts else "", ink.quiet)
    )


def _started(row: LiveRow, view: View) -> str:
    if row.label is not None:
        return ""
    started = row.agent.started_ms if row.agent else row.session.started_ms
    return fmt.clock(started, view.zone, view.now_ms)


def _name(row: LiveRow, ink: Ink) -> Text:
    if row.is_main:
        project = project_name(row.session.project)
        style = ink.quiet if row.state is State.ENDED else ink.text
        name = session_name(row.session)
        text = Text(name, style)
        if project and row.state is not State.ENDED:
            text.stylize(ink.strong, 0, len(project))
        return text
    name = row.label or (agent_name(row.agent) if row.agent else "")
    branch = "· " if row.is_auxiliary else "  " * (row.depth - 1) + "└ "
    return Text.assemble((branch, ink.quiet), (name, ink.quiet))


def _model(row: LiveRow) -> str:
    if row.agent and row.agent.model:
        return fmt.clean(fmt.model_name(row.agent.model))
    models = row.session.models
    return fmt.clean(fmt.model_name(models[0])) if row.is_main and models else ""


def _turns(row: LiveRow) -> str:
    if row.is_main:
        return fmt.count(row.session.turns)
    return fmt.count(row.agent.turns) if row.agent and row.agent.turns else ""


def _context(row: LiveRow, ink: Ink) -> Text:
    used, limit = row.context
    if used is None:
        return Text("–" if row.is_main else "", ink.quiet)
    text = Text(fmt.tokens(used), ink.quiet if row.state is State.ENDED else ink.text)
    text.append(f" {fmt.share(used / limit):>4}" if limit else " " * 5, ink.quiet)
    return text


def _minutes(row: LiveRow, ink: Ink, highest: int) -> Text:
    values = row.minutes_pico[-10:]
    if not any(values):
        return Text("▁" * 10 if row.is_main else "", ink.line)
    text = Text(spark(values, highest).rjust(10, "▁"), ink.bar)
    for at, glyph in enumerate(text.plain):
        if glyph == "▁":
            text.stylize(ink.line, at, at + 1)
    return text
