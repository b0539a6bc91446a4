"""Budgets and alerts → cells of their tables, and the explanation of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from rich.style import Style
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.alert import How, Severity
from tokenwatch.analysis.budgets import State
from tokenwatch.answers.budgets import Standing
from tokenwatch.export import budgets as words
from tokenwatch.store.alerts import StoredAlert, is_under_way
from tokenwatch.store.budgets import Allowance
from tokenwatch.tui.explanations import Explanation, Line
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.record_table import Column

BUDGET_COLUMNS: Final = (
    Column(key="sign", title="", width=1),
    Column(key="name", title="budget", width=0, least=12),
    Column(key="scope", title="scope", width=22, drop=4),
    Column(key="period", title="period", width=7, drop=2),
    Column(key="meter", title="spent", width=16, drop=3),
    Column(key="used", title="", width=5, right=True),
    Column(key="spent", title="now", width=9, right=True),
    Column(key="limit", title="of", width=9, right=True),
    Column(key="pace", title="on pace", width=11, right=True, drop=1),
)
ALERT_COLUMNS: Final = (
    Column(key="time", title="time", width=6),
    Column(key="sign", title="", width=1),
    Column(key="text", title="alert", width=0, least=48),
    Column(key="kind", title="kind", width=10, drop=2),
    Column(key="how", title="what was done", width=26, drop=1),
)
SIGNS: Final = {State.OK: "●", State.WARNING: "▲", State.EXCEEDED: "■"}
ALERT_SIGNS: Final = {Severity.INFO: "●", Severity.WARNING: "▲", Severity.CRITICAL: "■"}
STATES: Final = {State.OK: "within", State.WARNING: "near the limit", State.EXCEEDED: "exceeded"}
HOW: Final = {
    How.TOLD: "told",
    How.QUIET: "quiet hours: kept here",
    How.SNOOZED: "snoozed: kept here",
    How.DIGESTED: "many at once: kept here",
    How.OFF: "off",
}
DAY_MS: Final = 86_400_000
METER: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """A budget as a row."""

    standing: Standing

    @property
    def key(self) -> str:
        return self.standing.budget.name

    @property
    def session_id(self) -> str | None:
        """The one whose figure it is, if it is one's."""
        return self.standing.session_id

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column."""
        of = self.standing.budget
        match column:
            case "sign":
                return self.standing.state.value
            case "name":
                return of.name
            case "scope":
                return of.scope.words
            case "meter" | "used":
                ratio = self.standing.ratio
                return None if ratio is None else f"{ratio:g}"
            case "spent" | "limit":
                value = words.amount(
                    of.unit, self.standing.spent if column == "spent" else of.limit
                )
                return value if value is None or isinstance(value, int) else str(value)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """An alert as a row."""

    stored: StoredAlert
    snoozed_ms: int | None
    """Until when its like is silent."""

    @property
    def key(self) -> str:
        return str(self.stored.number)

    @property
    def session_id(self) -> str | None:
        """The one that it is about, if it is about one."""
        return self.stored.alert.session_id

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column."""
        alert = self.stored.alert
        match column:
            case "time":
                return fmt.rfc3339(alert.at_ms)
            case "sign":
                return alert.severity.value
            case "text":
                return alert.text
        return None


def lines_of(alerts: Sequence[StoredAlert], snoozes: Mapping[str, int]) -> list[AlertLine]:
    """Return alerts as rows, each with the end of its silence."""
    return [
        AlertLine(
            stored=each,
            snoozed_ms=snoozes.get(each.alert.key, snoozes.get(each.alert.kind.value)),
        )
        for each in alerts
    ]


def ink_of_state(state: State, ink: Ink) -> Style:
    """Return the style of a budget's state."""
    return {State.OK: ink.good, State.WARNING: ink.watch, State.EXCEEDED: ink.act}[state]


def ink_of_severity(severity: Severity, ink: Ink) -> Style:
    """Return the style of an alert's sign."""
    return {Severity.INFO: ink.good, Severity.WARNING: ink.watch, Severity.CRITICAL: ink.act}[
        severity
    ]


def paint_budget(line: BudgetLine, column: str, ink: Ink, zone: tzinfo) -> Text:
    """Return one cell of the budgets' table."""
    standing, of = line.standing, line.standing.budget
    match column:
        case "sign":
            return Text(SIGNS[standing.state], ink_of_state(standing.state, ink))
        case "name":
            name = Text(fmt.one_line(of.name, 60), ink.strong)
            return name.append(" hard", ink.watch) if of.hard else name
        case "scope":
            unit = {"agents": "agents · ", "window-percent": "plan window · "}.get(of.unit, "")
            scope = "everything" if of.scope.kind == "all" else of.scope.words
            return Text(fmt.one_line(unit + scope, 60), ink.text)
        case "period":
            return Text(of.period, ink.text)
        case "meter":
            filled = ink.bar if standing.state is State.OK else ink_of_state(standing.state, ink)
            return meter(standing.ratio or 0.0, METER, filled, ink.line)
        case "used":
            style = ink_of_state(standing.state, ink) if standing.ratio else ink.text
            return Text(fmt.used(standing.ratio), style)
        case "spent":
            return Text(words.shown(of.unit, standing.spent), ink.text)
        case "limit":
            return Text(words.shown(of.unit, of.limit), ink.quiet)
        case _:
            return _pace(standing, ink, zone)


def _pace(standing: Standing, ink: Ink, zone: tzinfo) -> Text:
    """Return where it goes: an end, or of a pace when it reaches the limit, else how fast it is."""
    found = standing.outlook
    if found is None:
        return Text("–", ink.quiet)
    if found.pace is None:
        text = words.shown(standing.budget.unit, found.p50)
    elif found.crosses_ms is None:
        text = words.per_hour(standing.budget.unit, found.pace)
    else:
        text = f"≈ {words.soon(found, zone)}"
    if found.crosses_ms is not None:
        return Text(f"▲ {text}", ink.watch)
    return Text(text, ink.text)


def paint_alert(line: AlertLine, column: str, ink: Ink, zone: tzinfo, now_ms: int) -> Text:
    """Return one cell of the alerts' table."""
    stored, alert = line.stored, line.stored.alert
    match column:
        case "time":
            return Text(fmt.clock(alert.at_ms, zone, now_ms), ink.quiet)
        case "sign":
            if stored.seen_ms is not None:
                return Text("·", ink.quiet)
            return Text(ALERT_SIGNS[alert.severity], ink_of_severity(alert.severity, ink))
        case "text":
            return Text(fmt.clean(alert.text), ink.quiet if stored.seen_ms else ink.text)
        case "kind":
            return Text(alert.kind.value, ink.quiet)
        case _:
            return Text(done(line, zone, now_ms), ink.quiet)


def done(line: AlertLine, zone: tzinfo, now_ms: int) -> str:
    """Say what became of an alert: told by whom, kept, silent until when, channels that failed.

    A channel with `…` is at work on it.
    """
    stored = line.stored
    failed: list[str] = []
    well: list[str] = []
    for channel, problem in stored.deliveries:
        if is_under_way(stored, problem, now_ms):
            well.append(f"{channel} …")
        else:
            (failed if problem else well).append(channel)
    if stored.number < 0:
        return "by the guard"
    said = HOW[stored.alert.how]
    if well:
        said = f"{said}: {', '.join(well)}"
    if failed:
        said = f"{', '.join(failed)} failed · {said}"
    if line.snoozed_ms is not None:
        until = fmt.clock(line.snoozed_ms, zone, now_ms)
        return f"silent until {until} · {said}"
    return said


def explain_budget(
    standing: Standing, allowances: Sequence[Allowance], zone: tzinfo, now_ms: int
) -> Explanation:
    """Explain a budget: what counts, how it stands, where it goes, what it stops."""
    of = standing.budget
    spent = words.shown(of.unit, standing.spent)
    lines = [
        Line(text="set", ink="quiet"),
        Line(text=words.sentence(of)),
        Line(),
        Line(text="now", ink="quiet"),
        Line(
            text=f"{SIGNS[standing.state]} {STATES[standing.state]}: {spent} of"
            f" {words.shown(of.unit, of.limit)}"
        ),
    ]
    if standing.span is not None:
        since = fmt.clock(standing.span.since_ms, zone, now_ms)
        lines.append(Line(text=f"counted since {since}"))
    lines += [Line(text=note) for note in standing.notes]
    lines += [Line(), Line(text="where it goes", ink="quiet")]
    lines += [Line(text=said) for said in words.outlook_lines(standing, zone, now_ms)]
    lines += [Line(), Line(text="what it stops", ink="quiet")]
    stops = (
        "hard: with `tokenwatch hooks install` the agent is stopped at the limit"
        if of.hard
        else "nothing: it tells, and never stops (e makes it a hard one)"
    )
    lines.append(Line(text=stops))
    lines += [Line(text=words.allowance_words(each, zone, now_ms)) for each in allowances]
    return Explanation(title=of.name, figure=spent, lines=tuple(lines))


def explain_alert(line: AlertLine, zone: tzinfo, now_ms: int) -> Explanation:
    """Explain an alert: what, what to do, and how it was delivered."""
    stored, alert = line.stored, line.stored.alert
    lines = [
        Line(text=fmt.clean(alert.text)),
        Line(),
        Line(text="what to do", ink="quiet"),
        Line(text=fmt.clean(alert.action)),
        Line(),
        Line(text="what was done", ink="quiet"),
        Line(text=done(line, zone, now_ms)),
    ]
    lines += [
        Line(text=f"{channel}: {problem or 'delivered'}") for channel, problem in stored.deliveries
    ]
    if stored.over_ms is not None:
        lines.append(Line(text=f"over since {fmt.clock(stored.over_ms, zone, now_ms)}"))
    if alert.session_id is not None:
        lines += [Line(), Line(text="session", ink="quiet"), Line(text=alert.session_id)]
    return Explanation(
        title=f"{alert.kind.value} · {alert.severity.value}",
        figure=fmt.clock(alert.at_ms, zone, now_ms),
        lines=tuple(lines),
    )
