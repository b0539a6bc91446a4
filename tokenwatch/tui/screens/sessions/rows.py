"""Sessions of all time and their groups → cells of the Sessions table."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.past import PastSession
from tokenwatch.model import Spend, State
from tokenwatch.snapshot import SessionRow
from tokenwatch.tui.looks.themes import STATE_GLYPH, Ink
from tokenwatch.tui.names import project_name, title_of
from tokenwatch.tui.screens.live.rows import FLAG, flag_cell
from tokenwatch.tui.screens.sessions.listing import Entry, Group, Line, length_ms
from tokenwatch.tui.widgets.record_table import Column

UNITS: Final = ("money", "tokens", "share")
"""What `u` goes through."""
_COST: Final = {"money": "cost $", "tokens": "tokens", "share": "share"}
SORT_WORDS: Final = {
    "last": "last activity",
    "started": "start",
    "length": "duration",
    "cache": "cache hit",
    "in": "input",
    "read": "cache read",
    "write": "cache write",
    "out": "output",
    "lines": "changed lines",
}

_COLUMNS: Final = (
    Column(key="state", title=" ", width=1),
    Column(key="session", title="session", width=0, least=36),
    Column(key="source", title="source", width=11, drop=8),
    Column(key="model", title="model", width=13, drop=3),
    Column(key="branch", title="branch", width=14, drop=10),
    Column(key="turns", title="turns", width=6, right=True, drop=2),
    Column(key="agents", title="agents", width=6, right=True, drop=6),
    Column(key="prompts", title="prompts", width=7, right=True, drop=16),
    Column(key="compactions", title="compact", width=7, right=True, drop=18),
    Column(key="commits", title="commits", width=7, right=True, drop=17),
    Column(key="lines", title="lines ±", width=13, right=True, drop=19),
    Column(key="started", title="started", width=7, right=True, drop=9),
    Column(key="last", title="last", width=7, right=True, drop=1),
    Column(key="length", title="length", width=8, right=True, drop=7),
    Column(key="context", title="context", width=7, right=True, drop=11),
    Column(key="in", title="in", width=6, right=True, drop=15),
    Column(key="read", title="read", width=6, right=True, drop=13),
    Column(key="write", title="write", width=6, right=True, drop=14),
    Column(key="out", title="out", width=6, right=True, drop=12),
    Column(key="cache", title="cache", width=5, right=True, drop=5),
    Column(key="cost", title="cost $", width=10, right=True),
)


@lru_cache(maxsize=8)
def columns(units: str, flags: bool = False) -> tuple[Column, ...]:
    """Return the table's columns; the last one shows what a session spent, in one of UNITS.

    flags: whether a column of flags stands behind it.
    """
    cost = Column(key="cost", title=_COST[units], width=10, right=True)
    return (*_COLUMNS[:-1], cost, *((FLAG,) if flags else ()))


class View(NamedTuple):
    """What cells depend on beside their row."""

    ink: Ink
    zone: tzinfo
    now_ms: int
    units: str
    total: Spend
    """Of all that is shown: what shares are shares of."""
    grouped: str = ""
    live: SessionRow | None = None
    """The row's session in the picture, if it is there."""


def paint(line: Line, column: str, view: View) -> Text:
    """Return one cell."""
    if isinstance(line, Group):
        return _group_cell(line, column, view)
    session, ink = line.session, view.ink
    body = ink.quiet if session.state is State.ENDED else ink.text
    match column:
        case "state":
            return Text(STATE_GLYPH[session.state], ink.state(session.state))
        case "session":
            return _name(line, view)
        case "source":
            return Text(fmt.source_name(session.source), ink.quiet)
        case "model":
            models = session.models
            name = fmt.clean(fmt.model_name(models[0])) if models else "–"
            return Text(name, body)
        case "branch":
            branch = fmt.one_line(session.git_branch, 60) if session.git_branch else "–"
            return Text(branch, ink.quiet)
        case "context":
            return Text(fmt.tokens(session.context_used), body)
        case "flag":
            return flag_cell(view.live, ink, view.now_ms) if view.live else Text("")
    return _figure(session, column, view, body == ink.quiet)


def _name(line: Entry, view: View) -> Text:
    session, ink = line.session, view.ink
    ended = session.state is State.ENDED
    project = None if view.grouped == "project" else project_name(session.project)
    title = title_of(session.title, session.id)
    if not session.title:
        title = f"{title}…"
    indent = "  " if view.grouped else ""
    if project is None:
        return Text.assemble(indent, (title, ink.quiet if ended else ink.text))
    strong, rest = (ink.text, ink.quiet) if ended else (ink.strong, ink.text)
    return Text.assemble(indent, (project, strong), (f" ▸ {title}", rest))


def _group_cell(group: Group, column: str, view: View) -> Text:
    ink = view.ink
    match column:
        case "state":
            return Text("▼" if group.is_open else "▸", ink.accent)
        case "session":
            many = "1 session" if group.many == 1 else f"{fmt.count(group.many)} sessions"
            return Text.assemble((group.label, ink.strong), (f"  {many}", ink.quiet))
        case "source" | "model" | "branch" | "context" | "length" | "flag":
            return Text("")
    return _figure(group.session, column, view, False)


def _figure(session: PastSession, column: str, view: View, quiet: bool) -> Text:
    """Return a cell that sessions and groups have alike."""
    ink, usage = view.ink, session.spend.usage
    body = ink.quiet if quiet else ink.text
    counts = {
        "turns": session.turns,
        "agents": session.agents,
        "prompts": session.prompts,
        "compactions": session.compactions,
        "commits": session.commits,
    }
    if column in counts:
        return Text(fmt.count(counts[column]) if counts[column] else "–", body)
    tokens = {
        "in": usage.input,
        "read": usage.cache_read,
        "write": usage.cache_write_5m + usage.cache_write_1h,
        "out": usage.output,
    }
    if column in tokens:
        return Text(fmt.tokens(tokens[column]) if tokens[column] else "–", body)
    match column:
        case "started":
            return Text(fmt.clock(session.started_ms, view.zone, view.now_ms), ink.quiet)
        case "last":
            return Text(fmt.clock(session.last_ms, view.zone, view.now_ms), body)
        case "length":
            length = length_ms(session)
            return Text("–" if length is None else fmt.span(length), body)
        case "lines":
            changed = session.lines_added or session.lines_removed
            text = f"+{fmt.tokens(session.lines_added)} −{fmt.tokens(session.lines_removed)}"
            return Text(text if changed else "–", body)
        case "cache":
            return Text(fmt.share(usage.cache_hit_share), body)
        case "cost":
            return _cost(session.spend, view, quiet)
    return Text("")


def _cost(spend: Spend, view: View, quiet: bool) -> Text:
    ink = view.ink
    body = ink.quiet if quiet else ink.text
    if view.units == "tokens":
        return Text(fmt.tokens(spend.usage.total), body)
    if spend.cost_or_none is None:
        return Text("?", ink.watch)
    if view.units == "share":
        whole = view.total.cost_pico
        return Text(fmt.share(spend.cost_pico / whole) if whole else "–", body)
    return Text(fmt.spend_dollars(spend), body)


def sum_words(total: Spend, units: str) -> str:
    """Return what all that is shown comes to, in words for the border."""
    if units == "tokens":
        return f"{fmt.tokens(total.usage.total)} tokens"
    return fmt.with_sign(fmt.spend_dollars(total))
