"""Shares of a session's spend → rows of its tables of tools and of purposes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.style import Style
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.answers.breakdown import Basis, By, Share
from tokenwatch.export.sheets import Cell
from tokenwatch.tui import exact
from tokenwatch.tui.explanations import Explanation, Line
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.meter import meter
from tokenwatch.tui.widgets.record_table import Column

_METER = 20
TOOL_COLUMNS: Final = (
    Column(key="name", title="tool", width=0, least=20),
    Column(key="calls", title="calls", width=6, right=True, drop=2),
    Column(key="failed", title="failed", width=6, right=True, drop=4),
    Column(key="requests", title="req", width=5, right=True, drop=3),
    Column(key="shared", title="shared", width=6, right=True, drop=5),
    Column(key="tokens", title="tokens", width=7, right=True, drop=6),
    Column(key="out", title="out", width=6, right=True, drop=7),
    Column(key="meter", title="", width=_METER, drop=9),
    Column(key="part", title="part", width=5, right=True, drop=1),
    Column(key="cost", title="cost $", width=8, right=True),
)
PURPOSE_COLUMNS: Final = (
    Column(key="by", title="by", width=10),
    Column(key="name", title="name", width=0, least=18),
    Column(key="basis", title="how it is known", width=23, drop=1),
    Column(key="calls", title="calls", width=5, right=True, drop=8),
    Column(key="requests", title="req", width=5, right=True, drop=3),
    Column(key="tokens", title="tokens", width=7, right=True, drop=5),
    Column(key="out", title="out", width=6, right=True, drop=6),
    Column(key="meter", title="", width=_METER, drop=9),
    Column(key="part", title="part", width=5, right=True, drop=2),
    Column(key="cost", title="cost $", width=8, right=True),
)
SHARE_SORTS: Final = ("cost", "calls", "requests", "tokens", "out", "name")
_REST: Final = {
    By.TOOL: "no tool (answers)",
    By.MCP_SERVER: "no MCP server",
    By.SKILL: "no skill",
    By.PLUGIN: "no plugin",
    By.SUBAGENT: "main agent",
}
_BEYOND: Final = {
    Basis.REPORTED: "Claude Code itself says on each answer whose it is",
    Basis.CALLED: "the requests that called it; the log says nothing else of whose they are",
    Basis.OWN: "all requests of the subagents that are called so",
    Basis.REST: "requests of which nothing of the kind is known",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """A share as a row."""

    share: Share
    whole_pico: int
    """What all shares of its kind add up to."""
    is_first: bool
    """It is the first of its kind."""

    @property
    def key(self) -> str:
        return self.share.key

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        share = self.share
        return {"kind": share.by.value, "unpriced": share.unpriced}

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        share = self.share
        match column:
            case "by":
                return share.by.value
            case "basis":
                return share.basis.value
            case "calls" | "failed" | "requests" | "shared" | "tokens":
                number: int = getattr(share, column)
                return number
            case "out":
                return share.output
            case "cost":
                is_known = not share.unpriced or share.unpriced < share.requests
                return exact.money(share.cost_pico) if is_known else exact.UNKNOWN
            case "meter":
                return ""
        return None


def share_lines(
    shares: Sequence[Share], whole_pico: int, sort: str, reverse: bool
) -> list[ShareLine]:
    """Return the shares, kind by kind; within one the largest first (names: a to z), the rest last.

    `reverse` turns the order round within a kind.
    """
    lines: list[ShareLine] = []
    for by in dict.fromkeys(share.by for share in shares):
        own = sorted(
            (share for share in shares if share.by is by and share.name is not None),
            key=lambda share: _value(share, sort),
            reverse=reverse if sort == "name" else not reverse,
        )
        rest = [share for share in shares if share.by is by and share.name is None]
        for at, share in enumerate((*own, *rest)):
            lines.append(ShareLine(share=share, whole_pico=whole_pico, is_first=at == 0))
    return lines


def _value(share: Share, sort: str) -> tuple[int, str]:
    number = {
        "calls": share.calls,
        "requests": share.requests,
        "tokens": share.tokens,
        "out": share.output,
        "name": 0,
    }.get(sort, share.cost_pico)
    return number, share_name(share)


def share_name(share: Share) -> str:
    """Return what a share is called: a server's tool behind its server, the rest in words."""
    if share.name is None:
        return _REST[share.by]
    name = fmt.one_line(share.name, 80)
    if share.server is None:
        return name
    server = fmt.one_line(share.server, 40)
    return f"{server} ▸ {name.removeprefix(f'mcp__{server}__')}"


def paint_share(line: ShareLine, column: str, ink: Ink) -> Text:
    """Return one cell of the tables of tools and of purposes."""
    share = line.share
    style = ink.quiet if share.name is None else ink.text
    match column:
        case "by":
            return Text(share.by.value if line.is_first else "", ink.strong)
        case "name":
            return Text(share_name(share), style)
        case "basis":
            return Text(share.basis.value, ink.quiet)
        case "calls":
            return _number(share.calls, style)
        case "failed":
            return _number(share.failed, ink.watch)
        case "requests":
            return _number(share.requests, style)
        case "shared":
            return _number(share.shared, ink.quiet)
        case "tokens":
            return Text(fmt.tokens(share.tokens) if share.tokens else "–", style)
        case "out":
            return Text(fmt.tokens(share.output) if share.output else "–", style)
        case "meter":
            return meter(_part(line), _METER, ink.bar, ink.line)
        case "part":
            return Text(fmt.share(_part(line)), ink.quiet)
        case "cost":
            return _cost(share, ink, style is ink.quiet)
    return Text("")


def _number(number: int, style: Style) -> Text:
    return Text(fmt.count(number) if number else "–", style)


def _part(line: ShareLine) -> float:
    return line.share.cost_pico / line.whole_pico if line.whole_pico else 0.0


def _cost(share: Share, ink: Ink, is_quiet: bool) -> Text:
    if share.unpriced and share.unpriced == share.requests:
        return Text("?", ink.watch)
    mark = "≥" if share.unpriced else ""
    return Text(mark + fmt.dollars(share.cost_pico), ink.quiet if is_quiet else ink.text)


def explain_share(share: Share, whole_pico: int) -> Explanation:
    """Explain a share: what counts, and what part of which requests."""
    lines = [
        Line(text=_BEYOND[share.basis], ink="quiet"),
        _row("requests", fmt.count(share.requests)),
    ]
    if share.shared:
        lines.append(_row("of them shared", fmt.count(share.shared)))
        lines.append(
            Line(
                text="  each divided among its calls in equal parts, to the last digit", ink="quiet"
            )
        )
    if share.calls:
        lines.append(_row("calls", fmt.count(share.calls)))
        lines.append(_row("of them failed", fmt.count(share.failed)))
    lines.append(_row("tokens", fmt.count(share.tokens)))
    lines.append(_row("of them output", fmt.count(share.output)))
    if share.unpriced:
        text = f"  ? {fmt.count(share.unpriced)} of the requests have no price: left out"
        lines.append(Line(text=text, ink="watch"))
    lines += [
        Line(),
        Line(text=f"All rows by {share.by.value} add up to the session", ink="quiet"),
        _row("session", f"${fmt.exact_usd(whole_pico)}"),
        Line(),
        Line(text="enter on the row: its requests, each with rate, file and line", ink="quiet"),
    ]
    return Explanation(
        title=f"{share.by.value} · {share_name(share)}",
        figure=f"{'≥' if share.unpriced else ''}${fmt.exact_usd(share.cost_pico)}",
        lines=tuple(lines),
    )


def _row(label: str, figure: str) -> Line:
    return Line(text=f"  {label:<18}{figure:>16}")
