"""Plan windows → cells of their table, and the explanation of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.quota import PlanWindow
from tokenwatch.export.sheets import Cell
from tokenwatch.tui import exact
from tokenwatch.tui.explanations import Explanation, Line
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.record_table import Column

ROOMY: Final = 60
"""From so many columns on a reset has its time of day, and what is left over is the meter's."""
PLAN: Final = 10, 36
"""Least and most columns of a plan's name."""
_SMALL: Final = (
    Column(key="plan", title="plan", width=0, least=PLAN[0]),
    Column(key="window", title="window", width=6),
    Column(key="used", title="used", width=6, right=True),
    Column(key="resets", title="resets", width=7, right=True),
    Column(key="left", title="in", width=8, right=True, drop=1),
)
_ROOMY: Final = (
    Column(key="window", title="window", width=6),
    Column(key="meter", title=" ", width=0, least=8, drop=2),
    Column(key="used", title="used", width=6, right=True),
    Column(key="resets", title="resets", width=13, right=True),
    Column(key="left", title="in", width=8, right=True, drop=3),
    Column(key="spent", title="list $", width=8, right=True, drop=4),
    Column(key="read", title="read ago", width=8, right=True, drop=1),
    Column(key="tokens", title="tokens", width=7, right=True, drop=5),
    Column(key="logs", title=" logs of", width=30, drop=6),
)
_TOLD: Final = {
    "rollout": "logged it",
    "statusline": "told its status line",
    "app-server": "answered when it was asked",
}
_WHERE: Final = {"rollout": "below", "statusline": "for", "app-server": "for"}
NEAR: Final = 80
"""From so many percent on a window is marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowLine:
    """A plan window as a row."""

    window: PlanWindow

    @property
    def key(self) -> str:
        return self.window.key

    def exact(self, column: str) -> str | int | None:
        """Return what an export writes for a column: percents as told, times in full."""
        window = self.window
        match column:
            case "meter" | "used":
                return f"{window.used_percent:g}"
            case "resets" | "left":
                return fmt.rfc3339(window.resets_ms)
            case "spent":
                return exact.cost(window.spend)
            case "tokens" if window.spend is not None:
                return window.spend.usage.total
            case "read":
                return fmt.rfc3339(window.observed_ms)
            case "logs":
                return window.root
        return None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {"cost_is": exact.mark_of(self.window.spend)}


def window_columns(windows: Sequence[PlanWindow], width: int) -> tuple[Column, ...]:
    """Return the columns of a table of that width.

    Where logs lie is a column only if a client has several such folders.
    """
    if width < ROOMY:
        return _SMALL
    least, most = PLAN
    longest = max((cell_len(plan_name(window)) for window in windows), default=0)
    plan = Column(key="plan", title="plan", width=min(most, max(least, longest)))
    places = {(window.source, window.root) for window in windows}
    has_several = len(places) > len({source for source, _ in places})
    rest = _ROOMY if has_several else _ROOMY[:-1]
    return (plan, *rest)


def moment_of(at_ms: int | None, zone: tzinfo, now_ms: int) -> str:
    """Return a time: `14:32` today, else `21 Nov 14:32`."""
    day = fmt.clock(at_ms, zone, now_ms)
    return day if at_ms is None or ":" in day else f"{day} {fmt.time_of_day(at_ms, zone)[:5]}"


def is_stale(window: PlanWindow, now_ms: int) -> bool:
    """Tell whether the window has been reset since its last reading."""
    return window.is_stale or (window.resets_ms is not None and window.resets_ms <= now_ms)


def plan_name(window: PlanWindow) -> str:
    """Return what the window is a window of: `Codex pro`, `Codex pro · premium`."""
    plan = " ".join(filter(None, (fmt.source_name(window.source), window.plan)))
    name = plan if window.limit_id == window.source else f"{plan} · {window.limit_id}"
    return fmt.one_line(name, 80)


def length_name(window: PlanWindow) -> str:
    """Return how long the window is open: `5 h`, `7 d`."""
    return f"{window.name[:-1]} {window.name[-1]}"


def percent(used: float) -> str:
    """Return a share of a window; what the provider says is already in percent."""
    return fmt.share(used / 100)


def paint_window(
    line: WindowLine,
    column: str,
    ink: Ink,
    zone: tzinfo,
    now_ms: int,
    home: str | None,
    bar: int,
) -> Text:
    """Return one cell of the windows' table. bar: columns of the meter; none on a small one."""
    window = line.window
    stale = is_stale(window, now_ms)
    match column:
        case "plan":
            return Text(plan_name(window), ink.text)
        case "window":
            return Text(length_name(window), ink.text)
        case "meter":
            part = 0.0 if stale else window.used_percent / 100
            return meter(part, bar, ink.bar, ink.line)
        case "used":
            return _used(window, stale, ink)
        case "resets":
            at = (moment_of if bar else fmt.clock)(window.resets_ms, zone, now_ms)
            return Text(at, ink.quiet if stale else ink.text)
        case "left":
            left = "–" if stale or window.resets_ms is None else fmt.span(window.resets_ms - now_ms)
            return Text(left, ink.quiet)
        case "spent":
            spent = "–" if window.spend is None else fmt.spend_dollars(window.spend)
            return Text(spent, ink.quiet if stale else ink.text)
        case "tokens":
            total = None if window.spend is None else window.spend.usage.total
            return Text(fmt.tokens(total), ink.quiet)
        case "read":
            return Text(fmt.span(now_ms - window.observed_ms), ink.quiet)
        case _:
            return Text(" " + fmt.short_path(window.root, home), ink.quiet)


def _used(window: PlanWindow, stale: bool, ink: Ink) -> Text:
    if stale:
        return Text("stale", ink.watch)
    used = percent(window.used_percent)
    if window.used_percent >= NEAR:
        return Text(f"▲ {used}", ink.watch)
    return Text(used, ink.strong)


def explain_window(window: PlanWindow, zone: tzinfo, now_ms: int, home: str | None) -> Explanation:
    """Explain a window: who said what of it and when, and what its spend is the sum of."""

    def at(ms: int | None) -> str:
        return "unknown" if ms is None else moment_of(ms, zone, now_ms)

    head = f"{plan_name(window)} · {length_name(window)}"
    used = percent(window.used_percent)
    lines = [
        Line(text="used", ink="quiet"),
        Line(text=f"{used}, as {fmt.source_name(window.source)} {_TOLD[window.origin]}"),
        Line(text=f"{fmt.span(now_ms - window.observed_ms)} ago, {at(window.observed_ms)}"),
        Line(text=f"{_WHERE[window.origin]} {fmt.short_path(window.root, home)}"),
    ]
    if is_stale(window, now_ms):
        gone = "The window has been reset since: what is used of the present one is unknown."
        lines.append(Line(text=gone, ink="watch"))
    lines += [
        Line(),
        Line(text="window", ink="quiet"),
        Line(text=f"{at(window.start_ms)} to {at(window.resets_ms)}, its length before its reset"),
        Line(),
        Line(text="at list price", ink="quiet"),
    ]
    if window.spend is None:
        lines.append(Line(text="No reset was told, so it is unknown when the window opened."))
    else:
        requests = fmt.count(window.spend.requests)
        cost = fmt.with_sign(fmt.spend_dollars(window.spend))
        lines.append(Line(text=f"{cost}: {requests} requests in these logs since it opened,"))
        lines.append(Line(text="of all models. What a plan counts is its provider's own matter."))
    return Explanation(
        title=head,
        figure="stale" if is_stale(window, now_ms) else used,
        lines=(*lines, *_projected(window, at)),
    )


def _projected(window: PlanWindow, at: Callable[[int | None], str]) -> tuple[Line, ...]:
    line = window.projection
    if line is None:
        return (
            Line(),
            Line(text="projection", ink="quiet"),
            Line(text="None: that takes three recent readings or more that rise by two points."),
        )
    minutes = fmt.span(line.until_ms - line.since_ms)
    return (
        Line(),
        Line(text="projection", ink="quiet"),
        Line(text=f"a straight line through {line.readings} readings over {minutes},"),
        Line(
            text=f"{at(line.since_ms)} to {at(line.until_ms)}: {line.per_hour:.1f} points an hour"
        ),
    )
