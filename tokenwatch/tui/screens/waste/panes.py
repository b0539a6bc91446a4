"""What findings come to, in a sentence for each tier."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Tier
from tokenwatch.answers.waste import Sum, Waste
from tokenwatch.answers.waste_quota import in_words
from tokenwatch.answers.waste_view import Compared, WasteView
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.widgets.pane import Pane, ink_of

GAP = "    "
ONCE = (
    "each dollar is claimed once: never more than was spent",
    "each dollar is claimed once",
)
OWN = {"today": "day", "24h": "24 hours", "7d": "week", "30d": "30 days", "month": "month"}
"""What the stretch right before a period is called."""


class SumsPane(Pane, can_focus=True):
    """What was spent, what of it could have been avoided, and the same before."""

    _view: WasteView | None = None

    def show(self, view: WasteView | None) -> None:
        """Take newer sums."""
        self._view = view
        self.redraw()

    def draw(self, width: int, height: int) -> Text:
        ink = ink_of(self)
        if self._view is None:
            return Text("reading the ledger…", ink.quiet)
        found = self._view.waste
        lines = next(
            (
                lines
                for lines in (_flow(pieces, width) for pieces in self._wordings(ink))
                if len(lines) <= max(1, height - 1)
            ),
            _flow(list(_wordings(found, ink))[-1], width),
        )
        if len(lines) < height:
            lines.append(self._second(width))
        return Text("\n").join(lines)

    def _wordings(self, ink: Ink) -> Iterator[list[Text]]:
        """Yield what there is to say with the share of a plan, then without."""
        assert self._view is not None
        every = list(_wordings(self._view.waste, ink))
        if plan := in_words(self._view.shares):
            for lead in ("of your plan ", ""):
                piece = Text.assemble((lead, ink.quiet), (plan, ink.text))
                yield from ([*pieces, piece] for pieces in every)
        yield from every

    def _second(self, width: int) -> Text:
        """Return the line of the stretch before, and that sums are no estimates of the same."""
        ink = ink_of(self)
        view = self._view
        pieces = [_before(view.before, view.asked.period.length, ink)] if view else []
        left = Text(GAP).join(piece for piece in pieces if piece.cell_len)
        for note in ONCE:
            gap = GAP if left.cell_len else ""
            if left.cell_len + len(gap) + len(note) <= width:
                return Text.assemble(left, gap, (note, ink.quiet))
        return left


def _wordings(found: Waste, ink: Ink) -> Iterator[list[Text]]:
    """Yield what there is to say, in many words, then in fewer."""
    proved, likely = found.sums[Tier.PROVED], found.sums[Tier.LIKELY]
    look = sum(shown.finding.tier is Tier.LOOK for shown in found.findings)
    spent = (f"${fmt.dollars(found.spent)}", ink.strong)
    sure = Text.assemble(("proved ", ink.quiet), (f"${fmt.dollars(proved.wasted)}", ink.strong))
    about = (f"${fmt.dollars(likely.wasted)}", ink.strong)
    for spent_word, about_word, to, look_words in (
        (" spent", "likely about ", " to ", "worth a look: {}, no dollars claimed"),
        ("", "likely about ", "–", "look {}"),
        ("", "likely ", None, ""),
    ):
        span = "" if to is None else _range(likely, to)
        pieces = [
            Text.assemble(("of ", ink.quiet), spent, (spent_word, ink.quiet)),
            sure,
            Text.assemble((about_word, ink.quiet), about, (span, ink.quiet)),
        ]
        if look and look_words:
            words, _, rest = look_words.partition("{}")
            pieces.append(Text.assemble((words, ink.quiet), (str(look), ink.text), rest))
            pieces[-1].stylize(ink.quiet, len(pieces[-1]) - len(rest))
        yield pieces


def _range(likely: Sum, to: str) -> str:
    if likely.low == likely.high == likely.wasted:
        return ""
    return f" ({fmt.dollars(likely.low)}{to}{fmt.dollars(likely.high)})"


def _flow(pieces: list[Text], width: int) -> list[Text]:
    """Return the pieces on as few lines as hold them whole, if that can be."""
    lines: list[Text] = []
    for piece in pieces:
        if lines and lines[-1].cell_len + len(GAP) + piece.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], GAP, piece)
        else:
            lines.append(piece.copy())
    return lines


def _before(before: Compared | None, length: str, ink: Ink) -> Text:
    if before is None:
        return Text()
    proved, likely = before.sums[Tier.PROVED].wasted, before.sums[Tier.LIKELY].wasted
    return Text.assemble(
        (f"your own {OWN.get(length, 'time')} before, of ", ink.quiet),
        (f"${fmt.dollars(before.spent)}", ink.text),
        (": proved ", ink.quiet),
        (f"${fmt.dollars(proved)}", ink.text),
        (", likely about ", ink.quiet),
        (f"${fmt.dollars(likely)}", ink.text),
    )


def notes_of(found: Waste) -> list[str]:
    """Return what to know besides, for the border: all of it, then less and less."""
    said = []
    if found.unread_sessions:
        said.append(f"{_many(found.unread_sessions, 'session')} still to be looked at")
    if found.muted:
        kinds = ", ".join(explained()[kind].title for kind in found.muted)
        said.append(f"muted, since mostly found wrong: {kinds}")
    if found.too_small:
        said.append(f"{len(found.too_small)} too small to list, in the sums")
    every = [
        " · ".join(part) for size in range(len(said), 0, -1) for part in combinations(said, size)
    ]
    if found.muted:
        every.append(f"muted: {len(found.muted)}")
    return every


def _many(number: int, word: str) -> str:
    return f"{fmt.count(number)} {word}{'s' * (number != 1)}"


def nothing_found(view: WasteView) -> str:
    """Return what a table without findings says: what was looked at."""
    looked = _many(view.looked, "session")
    if not view.looked:
        return "nothing spent in this period · t: another length, [ the period before"
    left = view.waste.unread_sessions
    if left:
        return f"nothing found yet: {fmt.count(left)} of {looked} are still to be looked at"
    what = f"nothing found in {looked}, ${fmt.dollars(view.waste.spent)} spent"
    small = len(view.waste.too_small)
    if small:
        return f"{what}, but {_many(small, 'finding')} too small to list"
    return f"{what}; {len(explained())} kinds were looked for"
