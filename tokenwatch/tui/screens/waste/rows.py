"""Findings, one by one or together, → rows and cells of their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.analysis.waste.finding import Kind, Tier
from tokenwatch.answers.waste import Shown
from tokenwatch.answers.waste_groups import RESOLVED, Group, grouped
from tokenwatch.answers.waste_view import WasteView
from tokenwatch.export.sheets import Cell
from tokenwatch.store.incidents import Named
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.names import project_name, title_of
from tokenwatch.tui.widgets.record_table import MARK_WIDTH, Column

COLUMNS: Final = (
    Column(key="mark", title=" ", width=1),
    Column(key="finding", title="finding", width=0, least=28),
    Column(key="where", title="where", width=26, drop=3),
    Column(key="tier", title="tier", width=6),
    Column(key="seen", title="seen", width=4, right=True, drop=1),
    Column(key="last", title="last", width=6, right=True, drop=5),
    Column(key="tokens", title="tokens", width=6, right=True, drop=4),
    Column(key="cost", title="$", width=7, right=True),
    Column(key="range", title=" range", width=13, drop=2),
)
AGREED: Final = " · you agreed"
LEAST_WHERE, MOST_WHERE = 18, 60
SORTS: Final = ("cost", "seen", "last", "tokens", "finding", "where", "tier")
"""What `s` goes through; `cost` is the order that findings are answered in."""
SORT_WORDS: Final = {"cost": "dollars", "seen": "number", "last": "time last seen"}
HEADERS: Final = {"mark": "cost", "range": "cost"}
"""Columns whose header sorts by another one."""
ASCENDING: Final = frozenset({"finding", "where", "tier"})
"""Columns whose natural order begins with the smallest."""
LARGE, MIDDLING = 0.05, 0.01
"""Parts of what was spent from which on a row has the glyph of something large, or middling."""
LEGENDS: Final = (
    "■ 5% of the spend and more  ▲ 1% and more  ● less  ○ no dollars claimed",
    "of the spend ■ 5% and more  ▲ 1%  ● less  ○ none claimed",
    "■ ≥5% ▲ ≥1% ● less ○ none",
)
_TIERS: Final = list(Tier)


def columns_for(width: int, longest: int) -> tuple[Column, ...]:
    """Return the columns; places get what the findings' names leave.

    longest: cells of the longest name. width: of the table.
    """
    finding, where = COLUMNS[1], COLUMNS[2]
    others = sum(column.width for column in COLUMNS) - where.width + len(COLUMNS) - 1
    left = width - MARK_WIDTH - others - max(finding.least, longest)
    size = min(MOST_WHERE, max(LEAST_WHERE, left))
    return (*COLUMNS[:2], replace(where, width=size), *COLUMNS[3:])


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """A row: findings of one kind and cause, or one alone."""

    key: str
    group: Group
    where: str
    spent: int
    """Picodollars of all requests that count."""

    @property
    def only(self) -> Shown | None:
        """The finding, where the row is about one alone."""
        return self.group.findings[0] if len(self.group.findings) == 1 else None

    @property
    def title(self) -> str:
        """What was found, on one line."""
        title = fmt.one_line(self.group.title, 120)
        if self.group.kind is Kind.NO_OUTPUT and "?" not in title:
            title += ": was it research?"
        return title

    @property
    def is_agreed(self) -> bool:
        """Whether the user said of all that it could have been avoided."""
        return all(shown.verdict == "waste" for shown in self.group.findings)

    @property
    def label(self) -> str:
        """What the table shows of it."""
        title = f"{self.title} · {RESOLVED}" if self.group.resolved else self.title
        return f"{title}{AGREED}" if self.is_agreed else title

    @property
    def tokens(self) -> int | None:
        """Tokens that the findings are about, where they are about tokens."""
        if self.group.wasted is None:
            return None
        return sum(each.finding.counts.get("tokens", 0) for each in self.group.findings) or None

    @property
    def has_range(self) -> bool:
        """Whether the amount is uncertain."""
        group = self.group
        return group.wasted is not None and not group.low == group.high == group.wasted

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        group = self.group
        claims = group.wasted is not None
        return {
            "kind": group.kind.value,
            "cause": group.cause or "",
            "low": exact.money(group.low if claims else None),
            "high": exact.money(group.high if claims else None),
            "sessions": len(group.sessions),
            "ids": exact.names([each.id for each in group.findings]),
        }

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        match column:
            case "finding" | "where":
                return self.title if column == "finding" else self.where
            case "seen":
                return len(self.group.findings)
            case "last":
                return exact.time(self.group.last_ms)
            case "tokens":
                return exact.number(self.tokens)
            case "cost":
                return exact.money(self.group.wasted)
        return None


def finding_lines(
    view: WasteView, *, one_by_one: bool, dismissed: bool, sort: str, reverse: bool
) -> list[FindingLine]:
    """Return the rows in order; dismissed: those that the user said were fine instead."""
    found = view.waste.dismissed if dismissed else view.waste.findings
    groups = [alone(shown) for shown in found] if one_by_one else grouped(found, view.resolved)
    lines = [
        FindingLine(
            key=group.findings[0].id if one_by_one else group.key,
            group=group,
            where=where_of(group.sessions, view.names),
            spent=view.waste.spent,
        )
        for group in groups
    ]
    if sort != "cost":
        lines.sort(key=lambda line: _value(line, sort), reverse=sort not in ASCENDING)
    return lines[::-1] if reverse else lines


def alone(shown: Shown) -> Group:
    """Return a finding as a group of its own."""
    finding = shown.finding
    return Group(
        key=shown.id,
        title=shown.told.headline,
        kind=finding.kind,
        cause=finding.cause,
        tier=finding.tier,
        findings=(shown,),
        wasted=shown.wasted,
        low=shown.low,
        high=shown.high,
    )


def _value(line: FindingLine, sort: str) -> tuple[int, str]:
    match sort:
        case "seen":
            return len(line.group.findings), ""
        case "last":
            return line.group.last_ms, ""
        case "tokens":
            return line.tokens or 0, ""
        case "tier":
            return _TIERS.index(line.group.tier), ""
    return 0, (line.where if sort == "where" else line.title).casefold()


def where_of(sessions: Sequence[int], names: Mapping[int, Named]) -> str:
    """Return what sessions are called: `web ▸ dark mode`, `6 sessions in web, infra`."""
    known = [names[key] for key in sessions if key in names]
    if len(sessions) == 1 and known:
        title = title_of(known[0].title, known[0].id)
        project = project_name(known[0].project)
        return f"{project} ▸ {title}" if project else title
    projects = dict.fromkeys(project_name(named.project) for named in known)
    told = [name for name in projects if name]
    several = f"{len(sessions)} sessions"
    if not told:
        return several
    more = ", …" if len(told) > 3 else ""
    return f"{several} in {', '.join(told[:3])}{more}"


def mark_of(line: FindingLine) -> str:
    """Return the glyph of how much a row is about."""
    wasted = line.group.wasted
    if wasted is None:
        return "○"
    if wasted >= line.spent * LARGE:
        return "■"
    return "▲" if wasted >= line.spent * MIDDLING else "●"


def paint_finding(line: FindingLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell."""
    group = line.group
    match column:
        case "mark":
            mark = mark_of(line)
            return Text(mark, {"■": ink.act, "▲": ink.watch, "○": ink.quiet}.get(mark, ink.text))
        case "finding":
            agreed = line.label[len(line.title) :]
            return Text.assemble((line.title, ink.text), (agreed, ink.quiet))
        case "where":
            return Text(fmt.one_line(line.where, 120), ink.quiet)
        case "tier":
            return Text(group.tier.value, ink.text)
        case "seen":
            return Text(fmt.count(len(group.findings)), ink.text)
        case "last":
            return Text(fmt.clock(group.last_ms, zone, now_ms), ink.quiet)
        case "tokens":
            return Text(fmt.tokens(line.tokens) if line.tokens else "", ink.quiet)
        case "cost":
            return Text("" if group.wasted is None else fmt.dollars(group.wasted), ink.strong)
        case "range" if line.has_range:
            return Text(f" {fmt.dollars(group.low)}–{fmt.dollars(group.high)}", ink.quiet)
    return Text("")


def amount_of(wasted: int | None, low: int, high: int) -> str:
    """Return an amount in words: `$2.71 (1.90 to 2.71)`, `no dollars claimed`."""
    if wasted is None:
        return "no dollars claimed"
    amount = f"${fmt.dollars(wasted)}"
    if low == high == wasted:
        return amount
    return f"{amount} ({fmt.dollars(low)} to {fmt.dollars(high)})"
