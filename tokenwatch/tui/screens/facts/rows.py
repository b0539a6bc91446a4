"""Facts and their evidence → cells of tables, and what each fact means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import Final

from rich.style import Style
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.fact import Evidence, Fact
from tokenwatch.export.sheets import Cell
from tokenwatch.model import Spend
from tokenwatch.tui import exact
from tokenwatch.tui.explanations import Explanation, Line
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.record_table import Column

INCIDENT_COLUMNS: Final = (
    Column(key="fact", title="what happened", width=0, least=22),
    Column(key="times", title="times", width=6, right=True),
    Column(key="turns", title="turns", width=6, right=True, drop=3),
    Column(key="tokens", title="tokens", width=7, right=True, drop=1),
    Column(key="cost", title="turns $", width=9, right=True),
    Column(key="detail", title=" ", width=25, drop=2),
)
PACE_COLUMNS: Final = (
    Column(key="fact", title="fact", width=0, least=23),
    Column(key="amount", title="$", width=10, right=True),
    Column(key="before", title="before $", width=9, right=True, drop=2),
    Column(key="change", title="change", width=7, right=True, drop=3),
    Column(key="tokens", title="tokens", width=7, right=True, drop=4),
    Column(key="detail", title=" ", width=27, drop=1),
)
EVIDENCE_COLUMNS: Final = (
    Column(key="time", title="time", width=12),
    Column(key="title", title="session", width=0, least=18),
    Column(key="project", title="project", width=16, drop=3),
    Column(key="what", title="what", width=20, drop=2),
    Column(key="tokens", title="tokens", width=7, right=True, drop=1),
    Column(key="cost", title="cost $", width=9, right=True),
)
MEANINGS: Final = {
    "interrupted": ("Turns that their user or their client ended before the answer was done.",),
    "failed": ("Turns that an error ended.",),
    "retry": ("Requests that failed and that the client sent again.",),
    "error": ("Requests that failed for good, as the client logged it.",),
    "compaction": (
        "The client replaced the context by a summary. Beside it, where the log tells:",
        "the tokens of all these contexts before, and after.",
    ),
    "same-error": (
        "Failed calls of tools whose error was seen before, in the same session and period.",
        "Errors are compared without numbers, paths and times; their text is not kept.",
    ),
    "tool-failed": ("Calls of a tool that the log says failed.",),
    "tool-denied": ("Calls of a tool that the user, or a rule of theirs, refused.",),
    "rewritten": (
        "Requests that wrote into the cache what the request before had there already.",
        "Tokens: what that one read and wrote, less what this one read, at most what it wrote.",
        "A context that shrank is left out.",
    ),
    "cache-read": ("Tokens that were read from a cache, of all requests in the period.",),
    "cache-write-5m": (
        "Tokens written to a cache for five minutes, or without a stated lifetime.",
    ),
    "cache-write-1h": ("Tokens written to a cache for an hour.",),
    "today": ("Since midnight; before: yesterday until this time.",),
    "week": ("Since Monday; before: last week until this day and time.",),
    "month": ("Since the first; before: last month until this day and time.",),
    "month-pace": (
        "What was spent, and as much again for the rest of the month as until now:",
        "a straight line, no forecast. Told once seven days of it had any request.",
    ),
    "highest-day": ("The day of the last 30 that cost most.",),
    "highest-turn": ("The turn of the last 30 days that cost most, its subagents included.",),
    "mean": ("Sum of the days before today that had any request, by their number; 30 days back.",),
    "median": ("Half of the days that had any request cost less; 30 days back, without today.",),
}
TURNS_TOLD: Final = (
    "Turns and their cost: of each turn in which it happened, once, from prompt to prompt, with",
    "its subagents. A turn may stand in several rows, so rows don't add up. No part of it is",
    "claimed to have been avoidable.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactLine:
    """A fact as a row."""

    fact: Fact

    @property
    def key(self) -> str:
        return self.fact.key

    @property
    def name(self) -> str:
        """What the fact is called, on one line."""
        of = f": {fmt.one_line(self.fact.name, 60)}" if self.fact.name else ""
        return self.fact.label + of

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column."""
        fact = self.fact
        match column:
            case "times":
                return fact.times
            case "turns":
                return fact.turns
            case "tokens" if fact.tokens is not None:
                return fact.tokens
            case "tokens" if fact.spend is not None and fact.pico is None:
                return fact.spend.usage.total
            case "amount" if fact.pico is not None:
                return fmt.exact_usd(fact.pico)
            case "amount" | "cost":
                return exact.cost(fact.spend)
            case "before" if fact.before_pico is not None:
                return fmt.exact_usd(fact.before_pico)
        return None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {"cost_is": exact.mark_of(self.fact.spend)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """A row that a fact was counted from."""

    row: Evidence

    @property
    def key(self) -> str:
        return self.row.key

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column."""
        row = self.row
        match column:
            case "time":
                return row.day or fmt.rfc3339(row.at_ms)
            case "title" if row.title is None:
                return row.session_id
            case "project":
                return row.project
            case "tokens" if row.spend is not None:
                return row.spend.usage.total
            case "cost":
                return exact.cost(row.spend)
        return None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {"cost_is": exact.mark_of(self.row.spend)}


def paint_fact(line: FactLine, column: str, ink: Ink) -> Text:
    """Return one cell of a table of facts."""
    fact = line.fact
    # What did not happen stands back.
    body = ink.quiet if fact.times == 0 else ink.text
    match column:
        case "fact":
            return Text(line.name, body)
        case "times":
            return _count(fact.times, body)
        case "turns":
            return _count(fact.turns, body)
        case "tokens":
            return Text(_fact_tokens(fact), ink.quiet)
        case "cost":
            return Text(_dollars(fact.spend), body)
        case "amount":
            return Text(amount(fact), ink.strong)
        case "before":
            before = fact.before_pico
            return Text("–" if before is None else fmt.dollars(before), ink.quiet)
        case "change":
            cost = fact.spend.cost_pico if fact.spend else 0
            change = fmt.change(cost, fact.before_pico) if fact.before_pico else "–"
            return Text(change, ink.quiet)
        case _:
            return Text(" " + fact.detail, ink.quiet)


def paint_evidence(line: EvidenceLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell of a table of evidence."""
    row = line.row
    match column:
        case "time":
            return Text(moment_of(row.at_ms, zone, now_ms), ink.quiet)
        case "title":
            if row.session_id is None:
                return Text(row.what, ink.text)
            return Text(fmt.one_line(row.title or fmt.short_id(row.session_id), 200), ink.text)
        case "project":
            project = PurePath(row.project).name or "/" if row.project else "–"
            return Text(fmt.one_line(project, 60), ink.quiet)
        case "what":
            if row.session_id is None:
                return Text("")
            return Text(fmt.one_line(" ".join(filter(None, (row.name, row.what))), 60), ink.text)
        case "tokens":
            return Text(_tokens(row.spend), ink.quiet)
        case _:
            return Text(_dollars(row.spend), ink.text)


def amount(fact: Fact) -> str:
    """Return the fact's own amount in dollars, with the mark of the sum it was made from."""
    if fact.pico is None:
        return _dollars(fact.spend)
    mark = "" if fact.spend is None else fmt.spend_mark(fact.spend)
    return mark if mark == "?" else mark + fmt.dollars(fact.pico)


def figure_of(fact: Fact) -> str:
    """Return what the fact comes down to: tokens, times or dollars."""
    if fact.tokens is not None:
        return f"{fmt.count(fact.tokens)} tokens"
    return fmt.with_sign(amount(fact)) if fact.times is None else fmt.count(fact.times)


def moment_of(at_ms: int | None, zone: tzinfo, now_ms: int) -> str:
    """Return a time of today as `14:32`, one before as `21 Nov 14:32`."""
    if at_ms is None:
        return "–"
    at = datetime.fromtimestamp(at_ms / 1000, zone)
    if at.date() == datetime.fromtimestamp(now_ms / 1000, zone).date():
        return f"{at:%H:%M}"
    return f"{at.day} {at:%b %H:%M}"


def _count(number: int | None, ink: Style) -> Text:
    return Text("–" if number is None else fmt.count(number), ink)


def _fact_tokens(fact: Fact) -> str:
    if fact.tokens is not None:
        return fmt.tokens(fact.tokens)
    return _tokens(fact.spend) if fact.pico is None else "–"


def _tokens(spend: Spend | None) -> str:
    return fmt.tokens(spend.usage.total) if spend is not None and spend.requests else "–"


def _dollars(spend: Spend | None) -> str:
    return "–" if spend is None else fmt.spend_dollars(spend)


def meaning(fact: Fact) -> tuple[str, ...]:
    """Return in sentences what a fact counts."""
    told = MEANINGS[fact.key.split(" ")[0]]
    return told if fact.turns is None else (*told, *TURNS_TOLD)


def explain_fact(fact: Fact, period: str) -> Explanation:
    """Explain a fact: what is counted, over what time, and what its sums are of."""
    lines = [Line(text=text) for text in MEANINGS[fact.key.split(" ")[0]]]
    if fact.detail:
        lines.append(Line(text=fact.detail, ink="quiet"))
    if fact.turns is not None:
        lines += [Line(), *(Line(text=text) for text in TURNS_TOLD)]
    if period:
        lines += [Line(), Line(text=f"period: {period}", ink="quiet")]
    return Explanation(title=FactLine(fact=fact).name, figure=figure_of(fact), lines=tuple(lines))


def explain_rows(rows: Sequence[Evidence], in_all: int, order: str) -> str:
    """Return how many rows are shown of how many, and in what order."""
    of = f" of {fmt.count(in_all)}" if len(rows) < in_all else ""
    return " · ".join(filter(None, (fmt.count(len(rows)) + of, order)))
