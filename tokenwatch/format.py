"""Numbers and foreign text → text for people. The only place that rounds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from tokenwatch.model import PICO, Spend

_CONTROL = "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"


def clean(text: str) -> str:
    """Return text safe for a terminal, a file or JSON.

    Control characters (C0, C1, DEL), bidi overrides and lone surrogates become U+FFFD.
    """
    # What str calls printable has none of these, and to ask is much faster than to search.
    return text if text.isprintable() else re.sub(_CONTROL, "\ufffd", text)


def one_line(text: str, limit: int) -> str:
    """Return the words of `text` on one clean line of at most `limit` characters."""
    if len(text) <= limit and " " not in text and text.isprintable():
        # Most are a single word already.
        return text
    line = clean(" ".join(text[: limit * 8].split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def short_id(session_id: str) -> str:
    """Return what a session is called by where it has no title: the beginning of its id, clean.

    Eight characters; of a UUID of version 7 thirteen, which are its whole millisecond: the first
    eight are the same for 65 seconds, and agents start more often than that.
    """
    dashes = len(session_id) == 36 and all(session_id[at] == "-" for at in (8, 13, 18, 23))
    return clean(session_id[: 13 if dashes and session_id[14] == "7" else 8])


def exact_usd(pico: int) -> str:
    """Return money as JSON has it: never rounded, at least six decimals."""
    whole, decimals = divmod(abs(pico), PICO)
    text = f"{decimals:012}".rstrip("0").ljust(6, "0")
    return f"{'-' if pico < 0 else ''}{whole}.{text}"


def money(pico: int | None) -> str:
    """Return dollars for a screen: cents from a cent on, more digits below; `?` if unpriced."""
    if pico is None:
        return "?"
    if pico == 0:
        return "0.00"
    if abs(pico) < PICO // 10_000:
        return "<0.0001" if pico > 0 else ">-0.0001"
    return _rounded(pico, 2 if abs(pico) >= PICO // 10 else 4)


def _rounded(pico: int, places: int) -> str:
    """Return dollars with so many decimals, at least one; a half goes to the even digit.

    In whole numbers: importing `decimal` would take longer than a whole report of sums.
    """
    unit = PICO // 10**places
    units, rest = divmod(abs(pico), unit)
    if rest * 2 > unit or (rest * 2 == unit and units % 2):
        units += 1
    whole, decimals = divmod(units, 10**places)
    return f"{'-' if pico < 0 else ''}{whole:,}.{decimals:0{places}}"


def dollars(pico: int | None, places: int = 2) -> str:
    """Return dollars with a fixed number of decimals, for a column: `6.84`, `<0.01`, `?`."""
    if pico is None:
        return "?"
    if 0 < pico < PICO // 10**places:
        return f"<0.{1:0{places}}"
    return _rounded(pico, places)


def spend_mark(spend: Spend) -> str:
    """Return how a sum's figure is to be read: `?` unpriced, `≥` lower bound, `~` estimated."""
    if spend.cost_or_none is None:
        return "?"
    if spend.unpriced_requests or spend.lower_bound_requests:
        return "≥"
    return "~" if spend.estimated_requests else ""


def spend_dollars(spend: Spend, places: int = 2) -> str:
    """Return a sum's cost with its mark, for a column: `6.84`, `~0.03`, `≥2.10`, `?`, `–`."""
    if not spend.requests:
        return "–"
    mark = spend_mark(spend)
    if mark == "?":
        return mark
    text = dollars(spend.cost_pico, places)
    return text if text.startswith("<") else mark + text


def with_sign(figure: str) -> str:
    """Return a figure of dollars with its sign, behind any mark: `≥$2.10`, `<$0.01`, `?`, `–`."""
    at = next((place for place, letter in enumerate(figure) if letter.isdigit()), None)
    return figure if at is None else f"{figure[:at]}${figure[at:]}"


def count(number: int) -> str:
    """Return a whole number with thousands apart: `1,204`."""
    return f"{number:,}"


def change(now: int, before: int | None) -> str:
    """Return how far `now` is from `before`: `▲ 18%`, `▼ 4%`, `= 0%`; empty without a before."""
    if not before:
        return ""
    difference = abs(now - before) / before
    if difference >= 9.995:
        times = now / before
        return f"▲ {times:.0f}×"
    sign = "▲" if now > before else "▼" if now < before else "="
    return f"{sign} {share(difference)}"


def tokens(count: int | None) -> str:
    """Return a token count with three significant digits: `940`, `41.2k`, `412k`, `1.10M`."""
    if count is None:
        return "–"
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if abs(count) >= size * 0.9995:
            value = count / size
            return f"{value:#.3g}{unit}" if abs(value) < 99.95 else f"{value:.0f}{unit}"
    return str(count)


def share(part: float | None) -> str:
    """Return a share as whole percents; never 100 % unless it is, never 0 % unless it is."""
    if part is None:
        return "–"
    if 0 < part < 0.005:
        return "<1%"
    if 0.995 <= part < 1:
        return "99%"
    return f"{part:.0%}"


def used(ratio: float | None) -> str:
    """Return what is used of a limit, for a column of five: `84%`, `104%`, `13×`, `>999×`, `?`."""
    if ratio is None:
        return "?"
    if ratio < 9.995:
        return share(ratio)
    return f"{ratio:.0f}×" if ratio < 999.5 else ">999×"


def span(milliseconds: int) -> str:
    """Return a length of time: `42 s`, `6 m`, `4 h 33`, `3 d 4 h`."""
    seconds = max(0, milliseconds) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600} h"


def rfc3339(ms: int | None) -> str | None:
    """Return an instant as JSON has it: UTC, milliseconds, `Z`."""
    if ms is None:
        return None
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    return f"{moment.isoformat()[:19]}.{ms % 1000:03d}Z"


def clock(ms: int | None, zone: tzinfo, now_ms: int) -> str:
    """Return a time for a table: `14:32` today, else `21 Nov`."""
    if ms is None:
        return "–"
    moment = datetime.fromtimestamp(ms / 1000, zone)
    today = datetime.fromtimestamp(now_ms / 1000, zone)
    if moment.date() == today.date():
        return f"{moment:%H:%M}"
    return f"{moment.day} {moment:%b}" if moment.year == today.year else f"{moment:%b %Y}"


def time_of_day(ms: int, zone: tzinfo) -> str:
    """Return a time with seconds: `14:31:58`."""
    return f"{datetime.fromtimestamp(ms / 1000, zone):%H:%M:%S}"


def short_path(path: str, home: str | None) -> str:
    """Return a clean path with the user's own folder as `~`."""
    folder = (home or "").rstrip("/")
    if folder and (path == folder or path.startswith(f"{folder}/")):
        path = "~" + path[len(folder) :]
    return clean(path)


_MODEL_DATE = r"[-@](20\d{6}|20\d\d-\d\d-\d\d)$"


def model_name(model: str | None) -> str:
    """Return a model's short name: `claude-opus-4-5-20251101` → `opus-4.5`."""
    if not model:
        return "–"
    name = re.sub(_MODEL_DATE, "", model.removesuffix("[1m]").rpartition("/")[2])
    name = name.removeprefix("claude-")
    return re.sub(r"(?<=\d)-(?=\d{1,2}$)", ".", name)


def source_name(source: str) -> str:
    """Return the name people use for a source."""
    return {"claude-code": "Claude Code", "codex": "Codex"}.get(source, source)
