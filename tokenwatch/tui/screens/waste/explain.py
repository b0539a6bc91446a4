"""How the figures of Waste were made."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tokenwatch import format as fmt
from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Tier
from tokenwatch.answers.waste import SHOWN_FROM, Shown, Sum
from tokenwatch.answers.waste_view import WasteView
from tokenwatch.tui.explanations import Explanation, Line
from tokenwatch.tui.screens.waste.rows import FindingLine

WIDTH = 76
TIERS = {
    Tier.PROVED: "proved: the usage itself shows it",
    Tier.LIKELY: "likely: what was meant, or how many tokens an item holds, is inferred",
    Tier.LOOK: "worth a look: no dollars are claimed",
}
CLAIMS = (
    "Findings claim parts of what each request cost. A dollar that several of them ask for goes to"
    " the surest, then to the most specific one, so all together never claim more than was spent."
    " The tiers are not added up: they are not equally sure."
)


def explain_finding(row: FindingLine, shown: Shown | None, period: str) -> Explanation:
    """Explain a row's amount; shown: one of its findings, if that one is looked at alone."""
    only = shown or row.only
    group = row.group
    meaning = explained()[group.kind]
    wasted, low, high = group.wasted, group.low, group.high
    if only is not None:
        wasted, low, high = only.wasted, only.low, only.high
    lines = [Line(text=TIERS[group.tier], ink="quiet"), *_amounts(wasted, low, high)]
    if only is not None:
        many = len(only.requests)
        lines += [
            Line(),
            *_paragraph("What happened", only.told.explanation),
            Line(
                text=f"claims part of what {fmt.count(many)} request{'s' * (many != 1)} cost"
                if many
                else "claims nothing of any request",
                ink="quiet",
            ),
        ]
    for head, text in (
        ("What it is", meaning.means),
        ("How we know", meaning.signal),
        ("What it cost", meaning.money),
        ("Next time", only.told.advice if only else meaning.advice),
        ("When wrong", meaning.wrong),
    ):
        lines += [Line(), *_paragraph(head, text)]
    name = f"{group.kind.value} · {period}"
    if only is not None:
        name += f" · finding {only.id}"
    lines += [Line(), Line(text=name, ink="quiet")]
    return Explanation(
        title=row.title if shown is None else fmt.one_line(shown.told.headline, 120),
        figure="no dollars claimed" if wasted is None else f"${fmt.exact_usd(wasted)}",
        lines=tuple(lines),
    )


def explain_sums(view: WasteView, period: str) -> Explanation:
    """Explain what all findings of a period come to."""
    found = view.waste
    lines = [*_paragraph("", CLAIMS), Line()]
    for tier in Tier:
        lines += _tier(tier, found.sums[tier])
    shown, small = fmt.count(len(found.findings)), fmt.count(len(found.too_small))
    lines += [
        Line(text=text, ink="quiet")
        for text in (
            f"{shown} findings are listed; {small} are too small to be, but count",
            f"(under ${fmt.dollars(SHOWN_FROM)}, and under 0.5% of the spend)",
            f"{len(found.dismissed)} that you said were fine count for nothing",
            f"{period} · {fmt.count(view.looked)} sessions",
        )
    ]
    return Explanation(
        title="could have been avoided",
        figure=f"of ${fmt.exact_usd(found.spent)} spent",
        lines=tuple(lines),
    )


def _tier(tier: Tier, of: Sum) -> Iterator[Line]:
    yield Line(text=TIERS[tier], ink="quiet")
    if tier is Tier.LOOK:
        yield Line(text=f"  {fmt.count(of.findings)} findings")
    else:
        yield Line(text=f"  ${fmt.exact_usd(of.wasted)} in {fmt.count(of.findings)} findings")
        if not of.low == of.high == of.wasted:
            yield Line(text=f"  between ${fmt.exact_usd(of.low)} and ${fmt.exact_usd(of.high)}")
    yield Line()


def _amounts(wasted: int | None, low: int, high: int) -> Iterator[Line]:
    if wasted is not None and not low == high == wasted:
        yield Line(text=f"between ${fmt.exact_usd(low)} and ${fmt.exact_usd(high)}")


def _paragraph(head: str, text: str) -> list[Line]:
    found = [Line(text=head, ink="quiet")] if head else []
    indent = "  " if head else ""
    rows = textwrap.wrap(fmt.clean(text), WIDTH, initial_indent=indent, subsequent_indent=indent)
    return [*found, *(Line(text=row) for row in rows)]
