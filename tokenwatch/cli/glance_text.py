"""A glance as lines of a terminal: what matters least goes first where there is little room."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.cli.terminal import cell_len, cut
from tokenwatch.format import (
    change,
    clock,
    dollars,
    model_name,
    one_line,
    share,
    source_name,
    spend_dollars,
    time_of_day,
    with_sign,
)
from tokenwatch.model import NO_SPEND, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from tokenwatch.answers.glance import Glance, Worker
    from tokenwatch.answers.quota import PlanWindow

GLYPH = {State.WORKING: "●", State.WAITING: "▲"}
INK = {State.WORKING: "good", State.WAITING: "watch"}
COLOURS = {
    "strong": "1",
    "quiet": "2",
    "line": "90",
    "bar": "94",
    "good": "32",
    "watch": "33",
    "act": "1;91",
}
"""The terminal's own colours, by what they mean."""
ATTRIBUTES = {"strong": "1", "quiet": "2", "watch": "1", "act": "7"}
"""For NO_COLOR."""
NARROW_METER, WIDE_METER = 7, 24
WORKER_WIDTH = 120
ROOMY = 60
"""From so many columns on a pane says whose windows they are."""
NEAR = 80
"""From so many percent on a window is marked."""
PLAIN = str.maketrans("●▲▼○━╸─·…≥–", "*^v.==--.>-")
"""For terminals without these glyphs; as on the monitor's screens."""


class Look(NamedTuple):
    """How texts reach the terminal."""

    styles: Mapping[str, str] = {}
    """SGR parameters by meaning; empty for none at all."""
    is_ascii: bool = False

    def __call__(self, text: str, style: str = "") -> str:
        """Return a text as it is written."""
        if self.is_ascii:
            text = text.translate(PLAIN)
        code = self.styles.get(style)
        return f"\x1b[{code}m{text}\x1b[0m" if code else text


def look_of(environment: Mapping[str, str], *, styles: bool) -> Look:
    """Return the look that the environment asks for. styles: there is a terminal for them."""
    codes = ATTRIBUTES if environment.get("NO_COLOR") else COLOURS
    return Look(codes if styles else {}, environment.get("TOKENWATCH_ASCII") == "1" or _is_poor())


def _is_poor() -> bool:
    """Tell that stdout has no way to write our glyphs."""
    try:
        "●━".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


class Part(NamedTuple):
    """A piece of a line."""

    rank: int
    """Those of the highest are left out first, together; those of 0 never are."""
    texts: tuple[tuple[str, str], ...]
    """(text, meaning)."""
    gap: int = 3
    """Blanks before it, unless it is the first."""

    @property
    def width(self) -> int:
        return self.gap + sum(cell_len(text) for text, _ in self.texts)


def join(parts: Iterable[Part], width: int, look: Look) -> str:
    """Return the parts that fit in a line, ready to be written."""
    kept = list(parts)
    while sum(part.width for part in kept) - kept[0].gap > width:
        last = max(part.rank for part in kept)
        if last == 0:
            return look(cut("".join(t for p in kept for t, _ in p.texts), max(0, width)))
        kept = [part for part in kept if part.rank != last]
    line = "".join(" " * p.gap + "".join(look(*text) for text in p.texts) for p in kept)
    return line[kept[0].gap :]


def line_of(glance: Glance, width: int, look: Look) -> str:
    """Return the glance in one line of at most `width` cells."""
    return join([*_head(glance), *_quota(glance)], width, look)


def lines_of(glance: Glance, width: int, height: int, look: Look, zone: tzinfo) -> list[str]:
    """Return the glance in at most `height` lines: totals, plan windows, then agents at work."""
    lines = [join(_head(glance), width, look)]
    windows = [w for w in glance.windows if not w.is_stale]
    shown_windows = windows[: max(1, height - 2)] if height > 1 else ()
    labels = [_full_label(window) if width >= ROOMY else _label(window) for window in shown_windows]
    longest = max(map(cell_len, labels), default=0)
    for window, label in zip(shown_windows, labels, strict=True):
        padded = label + " " * (max(5, longest) - cell_len(label))
        lines.append(join(_window_line(window, padded, glance.now_ms, zone), width, look))
    if not glance.workers and height - len(lines) > 1:
        lines.append(look(cut("no agent is at work", width), "quiet"))
    room = height - len(lines)
    workers = glance.workers
    shown = workers if len(workers) <= room else workers[: max(0, room - 1)]
    lines += [join(_worker(worker, width), width, look) for worker in shown]
    if shown is not workers and room > 0:
        rest = f"… {len(workers) - len(shown)} more at work"
        lines.append(look(cut(rest, width), "quiet"))
    return lines[:height]


def _head(glance: Glance) -> list[Part]:
    working, waiting = glance.count(State.WORKING), glance.count(State.WAITING)
    glyph, ink = ("○", "quiet")
    if working or waiting:
        state = State.WAITING if waiting else State.WORKING
        glyph, ink = GLYPH[state], INK[state]
    today = with_sign(spend_dollars(glance.today))
    if glance.today == NO_SPEND:
        today = "$0.00"
    if not glance.is_complete and today[0] not in "≥?":
        today = "≥" + today.lstrip("~")
    parts = [Part(0, ((glyph, ink), (" ", ""), (today, "strong"), (" today", "quiet")))]
    trend = change(glance.today.cost_pico, glance.week_mean_pico)
    if trend and glance.today.cost_pico:
        parts.append(Part(3, ((trend.replace(" ", ""), "quiet"),), gap=1))
    if glance.burn_pico_per_hour:
        parts.append(Part(2, ((f"${dollars(glance.burn_pico_per_hour)}/h", "strong"),)))
    if working or waiting:
        agents = f"{working + waiting} agent" + "s" * (working + waiting != 1)
        parts.append(Part(4, ((agents, ""),)))
    if waiting:
        parts.append(Part(5, ((" · ", "quiet"), (f"{waiting} waiting", "watch")), gap=0))
    return parts


def _quota(glance: Glance) -> list[Part]:
    """Return the windows that are open; what can be left out of them first is the meter."""
    parts = []
    fresh = [window for window in glance.windows if not window.is_stale]
    for at, window in enumerate(fresh):
        label, used = _label(window), _used(window)
        parts.append(Part(1 if at == 0 else 20 + at, ((label, "quiet"),)))
        bar = meter(window.used_percent / 100, NARROW_METER)
        parts.append(Part(8 if at == 0 else 40 + at, bar, gap=1))
        parts.append(Part(1 if at == 0 else 20 + at, used, gap=1))
        if at + 1 == len(fresh) or fresh[at + 1].source != window.source:
            # Whose windows they are goes first: their user knows.
            parts.append(Part(60 + at, ((source_name(window.source), "quiet"),), gap=1))
    return parts


def _label(window: PlanWindow) -> str:
    unit = window.name[-1]
    name = f"{window.name[:-1]} {unit}"
    return name if window.limit_id == window.source else f"{name} {one_line(window.limit_id, 16)}"


def _full_label(window: PlanWindow) -> str:
    return f"{source_name(window.source)} {_label(window)}"


def _used(window: PlanWindow) -> tuple[tuple[str, str], ...]:
    used = share(window.used_percent / 100)
    if window.used_percent >= NEAR:
        return ((used, "watch"), (" ▲", "watch"))
    return ((used, ""),)


def meter(part: float, width: int) -> tuple[tuple[str, str], ...]:
    """Return a bar whose filled length is a share; anything above nothing shows half a cell."""
    halves = round(min(1.0, max(0.0, part)) * width * 2) or int(part > 0)
    whole, half = divmod(halves, 2)
    filled = "━" * whole + "╸" * half
    return ((filled, "bar"), ("─" * (width - len(filled)), "line"))


def _window_line(window: PlanWindow, label: str, now_ms: int, zone: tzinfo) -> list[Part]:
    parts = [
        Part(0, ((label, "quiet"),)),
        Part(2, meter(window.used_percent / 100, WIDE_METER), gap=1),
        Part(0, ((f"{share(window.used_percent / 100):>4}", ""),), gap=1),
    ]
    if window.used_percent >= NEAR:
        parts.append(Part(0, ((" ▲", "watch"),), gap=0))
    if window.resets_ms is not None:
        day = clock(window.resets_ms, zone, now_ms)
        time = "" if ":" in day else f" {time_of_day(window.resets_ms, zone)[:5]}"
        parts.append(Part(3, ((f"resets {day}", "quiet"),)))
        parts.append(Part(4, ((time, "quiet"),), gap=0))
    return parts


def _worker(worker: Worker, width: int) -> list[Part]:
    indent = "" if worker.is_main else "  "
    name = one_line(worker.name or ("main agent" if worker.is_main else "subagent"), 200)
    burn = worker.burn_pico_per_hour
    right = [Part(0, ((f"{worker.state.value:7}", INK[worker.state]),))]
    rate = f"${dollars(burn)}/h" if burn else ""
    right.append(Part(2, ((f"{rate:>9}", ""),), gap=1))
    if width >= 60:
        right.append(Part(4, ((model_name(worker.model)[:14].ljust(14), "quiet"),), gap=2))
    if worker.is_main and worker.project and width >= 80:
        project = one_line(PurePath(worker.project).name or "/", 18)
        right.insert(0, Part(5, ((project, "quiet"),), gap=2))
    room = min(width, WORKER_WIDTH) - 2 - len(indent) - sum(part.width for part in right)
    if cell_len(name) > room:
        name = cut(name, max(0, room - 1)) + "…"
    blanks = " " * max(0, room - cell_len(name))
    mark = (f"{indent}{GLYPH[worker.state]} ", INK[worker.state])
    return [Part(0, (mark, (name + blanks, ""))), *right]
