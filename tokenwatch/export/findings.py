"""Findings of waste as JSON and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo

from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import Evidence, Tier
from tokenwatch.answers.waste import Shown, Waste, evidence
from tokenwatch.answers.waste_groups import grouped
from tokenwatch.export import documents
from tokenwatch.export.documents import Json, Redaction
from tokenwatch.format import clock, dollars, rfc3339


def document(found: Waste, redaction: Redaction, quotes: Mapping[str, str]) -> Json:
    """Return what was found, every amount exact.

    quotes: beginnings of prompts by their id, as far as they are known.
    """
    sums = found.sums
    likely = sums[Tier.LIKELY]
    return {
        "spend_usd": documents.money(found.spent),
        "wasted_usd": {
            tier.value: documents.money(sums[tier].wasted) for tier in (Tier.PROVED, Tier.LIKELY)
        },
        "likely_range_usd": [documents.money(likely.low), documents.money(likely.high)],
        "findings": [_finding(each, redaction, quotes) for each in found.findings],
        "too_small": len(found.too_small),
        "dismissed": len(found.dismissed),
        "muted": [kind.value for kind in found.muted],
        "unread_sessions": found.unread_sessions,
    }


def _finding(shown: Shown, redaction: Redaction, quotes: Mapping[str, str]) -> Json:
    value, told = shown.finding, shown.told
    claims = shown.wasted is not None
    return {
        "id": shown.id,
        "kind": value.kind.value,
        "cause": value.cause,
        "tier": value.tier.value,
        "session_id": shown.session_id,
        "agent_id": value.agent_id,
        "source": shown.source,
        "project": redaction.project(shown.project),
        "wasted_usd": documents.money(shown.wasted),
        "range_usd": [documents.money(shown.low), documents.money(shown.high)] if claims else None,
        "advice_value_usd": documents.money(shown.advice_value),
        "first_at": rfc3339(value.first_ms),
        "last_at": rfc3339(value.last_ms),
        "requests": list(shown.requests),
        "headline": redaction.text(told.headline) or _title(shown),
        "explanation": redaction.text(told.explanation) or explained()[value.kind].means,
        "evidence": [_line(line, redaction, quotes) for line in evidence(shown)],
        "advice": redaction.text(told.advice) or explained()[value.kind].advice,
    }


def _line(line: Evidence, redaction: Redaction, quotes: Mapping[str, str]) -> Json:
    quote = quotes.get(line.prompt_id) if line.prompt_id is not None else None
    return {
        "at": rfc3339(line.at_ms),
        "what": redaction.text(line.what),
        "cost_usd": documents.money(line.cost),
        "request_id": line.request_id,
        "quote": redaction.text(quote),
    }


def _title(shown: Shown) -> str:
    return explained()[shown.finding.kind].title


def headline(found: Waste) -> tuple[str, ...]:
    """Return what findings come to, in a sentence for each tier."""
    proved, likely = found.sums[Tier.PROVED], found.sums[Tier.LIKELY]
    look = sum(each.finding.tier is Tier.LOOK for each in found.findings)
    said = [
        f"of {_usd(found.spent)} spent, could have been avoided:",
        f"proved {_usd(proved.wasted)}",
        f"likely about {_usd(likely.wasted)}{_range(likely.low, likely.high, likely.wasted)}",
    ]
    if look:
        said.append(f"worth a look: {look}, no dollars claimed")
    return tuple(said)


def notes(found: Waste) -> list[str]:
    """Return what a reader of the findings should know besides."""
    said = []
    if found.too_small:
        said.append(
            f"{len(found.too_small)} findings under $0.10 are not listed; they are in the sums"
        )
    if found.dismissed:
        said.append(f"{len(found.dismissed)} dismissed as fine; they count for nothing")
    if found.muted:
        said.append(
            f"muted, since you found them wrong more often than right: {', '.join(found.muted)}"
        )
    if found.unread_sessions:
        said.append(f"{found.unread_sessions} sessions are still to be looked at")
    return said


def markdown(
    found: Waste,
    names: Mapping[int, str],
    quotes: Mapping[str, str],
    zone: tzinfo,
    now_ms: int,
) -> Iterable[str]:
    """Yield the lines of a document: the sums, a table, then each finding with its proof.

    names: what sessions are called, by key.
    """
    first, *sums = headline(found)
    yield f"# Waste\n\n{first}\n"
    yield from (f"- {each}" for each in sums)
    yield "\n| finding | where | tier | seen | USD | range |\n|---|---|---|---:|---:|---|"
    for group in grouped(found.findings):
        where = _where(group.sessions, names)
        amount = "" if group.wasted is None else dollars(group.wasted)
        span = _range(group.low, group.high, group.wasted or 0).strip(" ()")
        cells = (group.title, where, group.tier, str(len(group.findings)), amount, span)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    for each in found.findings:
        yield from _section(each, names, quotes, zone, now_ms)
    yield ""
    yield from (f"- {note}" for note in notes(found))


def _section(
    shown: Shown, names: Mapping[int, str], quotes: Mapping[str, str], zone: tzinfo, now_ms: int
) -> Iterable[str]:
    told = shown.told
    amount = "" if shown.wasted is None else f", {_usd(shown.wasted)}"
    yield f"\n## {_plain(told.headline)} ({shown.finding.tier}{amount})\n"
    yield f"{_plain(_where(shown.sessions, names))}. {_plain(told.explanation)}\n"
    for line in evidence(shown):
        quote = quotes.get(line.prompt_id) if line.prompt_id is not None else None
        said = f"- {clock(line.at_ms, zone, now_ms)} {_plain(line.what)}"
        said += f" “{_plain(quote)}”" if quote else ""
        yield said + ("" if line.cost is None else f" {_usd(line.cost)}")
    yield f"\nNext time: {_plain(told.advice)}"


def _where(sessions: tuple[int, ...], names: Mapping[int, str]) -> str:
    if len(sessions) == 1:
        return names.get(sessions[0], "–")
    return f"{len(sessions)} sessions"


def _usd(pico: int) -> str:
    return f"${dollars(pico)}"


def _range(low: int, high: int, wasted: int) -> str:
    if low == high == wasted or not high:
        return ""
    return f" ({dollars(low)} to {dollars(high)})"


def _plain(text: str) -> str:
    """Return a text that Markdown takes for nothing but text."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in " ".join(text.split()))


def _cell(text: str) -> str:
    return _plain(text)
