"""What proves a finding, and what to do about it, → lines for the room there is."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Evidence, Kind
from tokenwatch.answers import waste
from tokenwatch.answers.waste import Shown
from tokenwatch.export.sheets import Cell
from tokenwatch.store.incidents import Named
from tokenwatch.tui import exact
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.screens.facts.rows import moment_of
from tokenwatch.tui.screens.waste.rows import FindingLine, amount_of, where_of

HEAD: Final = 16
"""Columns of what a paragraph is called."""
SPACIOUS: Final = 90
"""From so many columns on, every line tells its day."""
QUOTED: Final = 40
"""A prompt's beginning takes as many columns at most where it shares a line."""
HAPPENED, IS, KNOW, COST, NEXT, WRONG = (
    "What happened",
    "What it is",
    "How we know",
    "What it cost",
    "Next time",
    "When wrong",
)


class Item(NamedTuple):
    """A line of proof; or a finding, where several are told of together."""

    key: str
    at_ms: int
    what: str
    cost: int | None
    """Picodollars."""
    line: Evidence | None = None
    shown: Shown | None = None

    def quote(self, quotes: Mapping[str, str]) -> str:
        """Return the beginning of its prompt, in quotes; empty where none is known."""
        said = quotes.get(self.line.prompt_id or "") if self.line else None
        return f'"{fmt.one_line(said, 200)}"' if said else ""


class Proof(NamedTuple):
    """All there is to say of a finding, or of several."""

    title: str
    state: str
    items: tuple[Item, ...]
    words: Mapping[str, str]
    """Paragraphs by what they are called, in order; the first stands above the items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLine:
    """A line on screen."""

    key: str
    parts: tuple[tuple[str, str], ...]
    """(text, name of an ink)."""
    item: Item | None = None

    @property
    def text(self) -> str:
        """All of it, without colours."""
        return "".join(text for text, _ in self.parts)

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the text."""
        item = self.item
        line = item.line if item else None
        return {
            "at": exact.time(item.at_ms) if item else "",
            "cost": exact.money(item.cost) if item else "",
            "request": (line.request_id or "") if line else "",
            "prompt": (line.prompt_id or "") if line else "",
        }

    def paint(self, ink: Ink) -> Text:
        """Return it in colours."""
        return Text.assemble(*((text, getattr(ink, name)) for text, name in self.parts))


def proof_of(
    row: FindingLine, opened: Shown | None, names: Mapping[int, Named], *, may_judge: bool
) -> Proof:
    """Return the proof of a row; opened: the one of its findings that is looked at alone."""
    shown = opened or row.only
    if shown is None:
        return _of_several(row, names, may_judge)
    finding, told = shown.finding, shown.told
    said = " · you agreed" if shown.verdict == "waste" else ""
    title = row.title if opened is None else fmt.one_line(told.headline, 120)
    meaning = explained()[finding.kind]
    return Proof(
        title=title,
        state=f"{finding.tier} · {amount_of(shown.wasted, shown.low, shown.high)}{said}",
        items=tuple(
            Item(f"{shown.id} {number}", line.at_ms, fmt.clean(line.what), line.cost, line)
            for number, line in enumerate(waste.evidence(shown))
        ),
        words={
            HAPPENED: told.explanation,
            KNOW: meaning.signal,
            COST: meaning.money + _advice_value(shown),
            NEXT: told.advice,
            WRONG: _wrong(finding.kind, may_judge),
        },
    )


def _of_several(row: FindingLine, names: Mapping[int, Named], may_judge: bool) -> Proof:
    group = row.group
    meaning = explained()[group.kind]
    advice = {shown.told.advice for shown in group.findings}
    told = [(shown.told.headline, shown.told.explanation) for shown in group.findings]
    # What sets them apart, in as few words as do.
    details = next((words for words in zip(*told, strict=True) if len(set(words)) > 1), None)
    return Proof(
        title=row.title,
        state=f"{group.tier} · {amount_of(group.wasted, group.low, group.high)}",
        items=tuple(
            Item(
                shown.id,
                shown.finding.last_ms,
                where_of(shown.sessions, names)
                + (f" · {fmt.clean(details[number])}" if details else ""),
                shown.wasted,
                shown=shown,
            )
            for number, shown in enumerate(group.findings)
        ),
        words={
            IS: meaning.means,
            KNOW: meaning.signal,
            COST: meaning.money,
            NEXT: advice.pop() if len(advice) == 1 else meaning.advice,
            WRONG: _wrong(group.kind, may_judge),
        },
    )


def _advice_value(shown: Shown) -> str:
    value = shown.advice_value
    if shown.wasted is not None or not value:
        return ""
    return f" The advice would have saved about ${fmt.dollars(value)}."


def _wrong(kind: Kind, may_judge: bool) -> str:
    words = explained()[kind].wrong
    if not may_judge:
        return words
    if kind is Kind.NO_OUTPUT:
        return f"{words} Was it research? Press d: it was fine."
    return f"{words} If so, press d: it will not be shown again, nor what is like it."


class _Layout:
    """Lays a proof out for a width."""

    def __init__(
        self, proof: Proof, quotes: Mapping[str, str], width: int, zone: tzinfo, now_ms: int
    ) -> None:
        self._proof, self._quotes, self._width = proof, quotes, width
        times = [self._time(item, zone, now_ms) for item in proof.items]
        size = max(map(len, times), default=0)
        self._times = [f" {time:>{size}}  " for time in times]
        self._costs = [
            "" if item.cost is None else f"${fmt.dollars(item.cost)}" for item in proof.items
        ]
        self._cost = max(map(len, self._costs), default=0) + 2
        self._room = max(8, width - size - 3 - self._cost)
        quoted = [cell_len(item.quote(quotes)) for item in proof.items]
        self._quoted = min(QUOTED, self._room // 2, max(quoted, default=0))
        self._ink = "quiet" if self._quoted else "text"
        """Of our own words: beside the user's they stand back."""

    def _time(self, item: Item, zone: tzinfo, now_ms: int) -> str:
        if self._width >= SPACIOUS:
            return moment_of(item.at_ms, zone, now_ms)
        if item.shown is not None:
            return fmt.clock(item.at_ms, zone, now_ms)
        return f"{datetime.fromtimestamp(item.at_ms / 1000, zone):%H:%M}"

    def short(self, place: int) -> list[ProofLine]:
        """Return an item on one line."""
        item = self._proof.items[place]
        quote = item.quote(self._quotes)
        parts = []
        room = self._room
        if self._quoted:
            cut = _cut(quote, self._quoted)
            parts.append((set_cell_size(cut, self._quoted) + "  ", "text"))
            room -= self._quoted + 2
        parts.append((set_cell_size(_cut(item.what, room), room), self._ink))
        return [self._line(place, 0, tuple(parts), self._costs[place])]

    def whole(self, place: int) -> list[ProofLine]:
        """Return an item on as many lines as it needs."""
        item = self._proof.items[place]
        quote = item.quote(self._quotes)
        room = self._room - (self._quoted + 2 if self._quoted else 0)
        if cell_len(item.what) <= room and cell_len(quote) <= max(self._quoted, 0):
            return self.short(place)
        rows = [(row, self._ink) for row in textwrap.wrap(item.what, self._room)]
        rows += [(row, "text") for row in textwrap.wrap(quote, self._room)]
        lines = []
        for number, (row, ink) in enumerate(rows or [("", "text")]):
            cost = self._costs[place] if not number else ""
            parts = ((set_cell_size(row, self._room), ink),)
            lines.append(self._line(place, number, parts, cost))
        return lines

    def _line(
        self, place: int, number: int, parts: tuple[tuple[str, str], ...], cost: str
    ) -> ProofLine:
        item, time = self._proof.items[place], self._times[place]
        return ProofLine(
            key=f"{item.key} {number}" if number else item.key,
            parts=(
                (time if not number else " " * len(time), "quiet"),
                *parts,
                (f"{cost:>{self._cost}}", "text"),
            ),
            item=item,
        )

    def paragraph(self, head: str, most: int | None = None) -> list[ProofLine]:
        """Return a paragraph, cut behind so many lines."""
        text = " ".join(self._proof.words[head].split())
        rows = textwrap.wrap(text, max(10, self._width - HEAD - 1))
        if most is not None and len(rows) > most:
            rows = rows[:most]
            if rows:
                rows[-1] = f"{rows[-1][: max(1, self._width - HEAD - 2)]}…"
        ink = "strong" if head == NEXT else "text"
        return [
            ProofLine(
                key=f"{head} {number}",
                parts=((f" {head if not number else '':<{HEAD - 1}}", "quiet"), (row, ink)),
            )
            for number, row in enumerate(rows)
        ]


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip(" …") + "…" if width > 0 else ""


def laid_out(
    proof: Proof,
    quotes: Mapping[str, str],
    *,
    width: int,
    height: int,
    whole: bool,
    zone: tzinfo,
    now_ms: int,
) -> list[ProofLine]:
    """Return the lines: all of them if `whole` or if there is room, else what matters most."""
    layout = _Layout(proof, quotes, width, zone, now_ms)
    heads = list(proof.words)
    items = range(len(proof.items))
    above = layout.paragraph(heads[0])
    proved = [line for place in items for line in layout.whole(place)]
    below = [line for head in heads[1:] for line in layout.paragraph(head)]
    if proved and (whole or len(above) + len(proved) + len(below) + 2 <= height):
        return [*above, _blank(1), *proved, _blank(2), *below]
    if whole or len(above) + len(proved) + len(below) <= height:
        return [*above, *proved, *below]
    needs = {head: len(layout.paragraph(head)) for head in heads}
    shares = _shares(needs, len(items), heads, height)
    shown = shares.pop("")
    lines = layout.paragraph(heads[0], shares[heads[0]])
    if 0 < shown < len(items):
        lines += [line for place in range(shown - 1) for line in layout.short(place)]
        lines.append(_more(len(items) - shown + 1))
    else:
        lines += [line for place in range(shown) for line in layout.short(place)]
    return lines + [line for head in heads[1:] for line in layout.paragraph(head, shares[head])]


def _shares(
    needs: Mapping[str, int], items: int, heads: Sequence[str], height: int
) -> dict[str, int]:
    """Return how many lines each paragraph gets, and under "" the items."""
    needed = {**needs, "": items}
    shares = dict.fromkeys(needed, 0)
    everything = 10**6
    for name, most in (
        *((NEXT, 1), ("", 2), (heads[0], 1), (NEXT, 2), ("", 3), (NEXT, everything)),
        *((heads[0], 2), ("", 4), (WRONG, 1), (KNOW, 1), (COST, 1), ("", everything)),
        *((heads[0], everything), (KNOW, everything), (COST, everything), (WRONG, everything)),
    ):
        room = height - sum(shares.values())
        shares[name] += max(0, min(room, most - shares[name], needed[name] - shares[name]))
    return shares


def _blank(number: int) -> ProofLine:
    return ProofLine(key=f"blank {number}", parts=())


def _more(number: int) -> ProofLine:
    return ProofLine(key="more", parts=((f" … {number} more: tab shows all", "quiet"),))
