"""Findings of waste as JSON and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo

from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import Evidence, Tier
from tokenwatch.answers.waste import Shown, Waste, evidence
from tokenwatch.answers.waste_groups import grouped
from tokenwatch.answers.waste_quota import WindowShare, in_words
from tokenwatch.export import documents
from tokenwatch.export.documents import Json, Redaction
from tokenwatch.format import clock, dollars, money, rfc3339, with_sign


def private(found: Waste, redaction: Redaction) -> Waste:
    """Return the same with what `--redact` hides taken out; without it, what was given.

    A finding is then in the words of its kind, its proof in times and amounts.
    """
    if not redaction.on:
        return found
    return replace(
        found,
        findings=tuple(_private(each, redaction) for each in found.findings),
        too_small=tuple(_private(each, redaction) for each in found.too_small),
        dismissed=tuple(_private(each, redaction) for each in found.dismissed),
        failed=tuple(each._replace(error="") for each in found.failed),
    )


def _private(shown: Shown, redaction: Redaction) -> Shown:
    finding, kind = shown.finding, explained()[shown.finding.kind]
    lines = tuple(line._replace(what="", prompt_id=None) for line in finding.evidence)
    return replace(
        shown,
        finding=replace(finding, key=shown.id, names={}, signature="", evidence=lines),
        told=Told(kind.title, kind.means, kind.advice),
        project=redaction.project(shown.project),
    )


def document(found: Waste, quotes: Mapping[str, str], shares: Sequence[WindowShare] = ()) -> Json:
    """Return what was found, every amount exact.

    quotes: beginnings of prompts by their id, as far as they are known. shares: of plan windows.
    """
    sums = found.sums
    likely = sums[Tier.LIKELY]
    return {
        "spend_usd": documents.money(found.spent),
        "wasted_usd": documents.tiers({tier: each.wasted for tier, each in sums.items()}),
        "likely_range_usd": [documents.money(likely.low), documents.money(likely.high)],
        "findings": [_finding(each, quotes) for each in found.findings],
        "plan_window_share": [
            each._replace(percent=round(each.percent, 2))._asdict() for each in shares
        ],
        "too_small": len(found.too_small),
        "dismissed": len(found.dismissed),
        "muted": [kind.value for kind in found.muted],
        "unread_sessions": found.unread_sessions,
        "unpriced_requests": found.unpriced,
        "failed": [
            {
                "kind": each.kind.value,
                "sessions": len(each.sessions),
                "error": each.error or None,
            }
            for each in found.failed
        ],
    }


def _finding(shown: Shown, quotes: Mapping[str, str]) -> Json:
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
        "project": shown.project,
        "wasted_usd": documents.money(shown.wasted),
        "range_usd": [documents.money(shown.low), documents.money(shown.high)] if claims else None,
        "advice_value_usd": documents.money(shown.advice_value),
        "first_at": rfc3339(value.first_ms),
        "last_at": rfc3339(value.last_ms),
        "requests": list(shown.requests),
        "headline": told.headline,
        "explanation": told.explanation,
        "evidence": [_line(line, quotes) for line in evidence(shown)],
        "advice": told.advice,
    }


def _line(line: Evidence, quotes: Mapping[str, str]) -> Json:
    return {
        "at": rfc3339(line.at_ms),
        "what": line.what or None,
        "cost_usd": documents.money(line.cost),
        "request_id": line.request_id,
        "quote": quotes.get(line.prompt_id) if line.prompt_id is not None else None,
    }


def headline(found: Waste, shares: Sequence[WindowShare] = ()) -> tuple[str, ...]:
    """Return what findings come to, a sentence for each tier: they are never one number.

    shares: of plan windows, in a sentence of their own.
    """
    proved, likely = found.sums[Tier.PROVED], found.sums[Tier.LIKELY]
    look = sum(each.finding.tier is Tier.LOOK for each in found.findings)
    of = f"of {_usd(found.spent)}"
    said = [
        f"could have been avoided, proved: {_usd(proved.wasted)} {of}",
        f"could have been avoided, likely: about {_usd(likely.wasted)} {of}"
        f"{in_brackets(likely.low, likely.high, likely.wasted)}",
    ]
    if look:
        said.append(f"worth a look: {_many(look, 'finding')}, no dollars claimed")
    if plan := in_words(shares):
        said.append(f"of your plan, proved and likely together: {plan}")
    return tuple(said)


def notes(found: Waste) -> list[str]:
    """Return what a reader of the findings should know besides."""
    said = []
    if small := len(found.too_small):
        said.append(f"{_many(small, 'finding')} under $0.10 not listed; in the sums all the same")
    if dismissed := len(found.dismissed):
        said.append(f"{_many(dismissed, 'finding')} dismissed as fine: counted nowhere")
    if found.muted:
        said.append(
            f"muted, since you found them wrong more often than right: {', '.join(found.muted)}"
        )
    for each in found.failed:
        why = f"an error stopped it{each.error and f' ({each.error})'}"
        said.append(
            f"{each.kind} not looked for in {_many(len(each.sessions), 'session')}: {why};"
            " `tokenwatch doctor` says what to do"
        )
    if found.unpriced:
        said.append(f"{_many(found.unpriced, 'request')} unpriced: nothing is claimed of them")
    if found.unread_sessions:
        said.append(
            f"{_many(found.unread_sessions, 'session')} not read or looked at as a whole yet: the"
            " sums may be too low"
        )
    return said


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def markdown(
    found: Waste,
    names: Mapping[int, str],
    quotes: Mapping[str, str],
    zone: tzinfo,
    now_ms: int,
    shares: Sequence[WindowShare] = (),
) -> Iterable[str]:
    """Yield the lines of a document: the sums, a table, then each finding with its proof.

    names: what sessions are called, by key. shares: as in `headline`.
    """
    yield "# What could have been avoided\n"
    yield from (f"- {_plain(each)}" for each in headline(found, shares))
    if found.findings:
        yield "\n| finding | where | tier | seen | USD | range |\n|---|---|---|---:|---:|---|"
    for group in grouped(found.findings):
        where = _where(group.sessions, names)
        amount = "" if group.wasted is None else dollars(group.wasted)
        span = in_brackets(group.low, group.high, group.wasted or 0).strip(" ()")
        cells = (group.title, where, group.tier, str(len(group.findings)), amount, span)
        yield f"| {' | '.join(_plain(cell) for cell in cells)} |"
    for each in found.findings:
        yield from _section(each, names, quotes, zone, now_ms)
    yield ""
    if not found.findings:
        yield "Nothing was found."
    yield from (f"- {_plain(note)}" for note in notes(found))


def _section(
    shown: Shown, names: Mapping[int, str], quotes: Mapping[str, str], zone: tzinfo, now_ms: int
) -> Iterable[str]:
    told = shown.told
    amount = "" if shown.wasted is None else f", {_usd(shown.wasted)}"
    yield f"\n## {_plain(told.headline)} ({_plain(shown.finding.tier + amount)})\n"
    yield f"In {_plain(_where(shown.sessions, names))}. {_plain(told.explanation)}\n"
    for line in evidence(shown):
        quote = quotes.get(line.prompt_id) if line.prompt_id is not None else None
        parts = [line.what, f"“{quote}”" if quote else "", cost_of(line.cost)]
        yield f"- {' '.join([clock(line.at_ms, zone, now_ms), *map(_plain, filter(None, parts))])}"
    yield f"\nNext time: {_plain(told.advice)}"


def _where(sessions: tuple[int, ...], names: Mapping[int, str]) -> str:
    if len(sessions) == 1:
        return names.get(sessions[0], "–")
    return f"{len(sessions)} sessions"


def cost_of(pico: int | None) -> str:
    """Return what one line of proof cost, with as many digits as tell; nothing for None."""
    return "" if pico is None else with_sign(money(pico))


def _usd(pico: int) -> str:
    return with_sign(dollars(pico))


def in_brackets(low: int, high: int, wasted: int) -> str:
    """Return the range of an amount behind a blank; nothing where it has none."""
    if low == high == wasted or not high:
        return ""
    return f" ({dollars(low)} to {dollars(high)})"


_MARKS = frozenset("\\`*_{}[]<>#|&$~")
"""What Markdown, in one of its dialects, may take for more than a letter within a line."""


def _plain(text: str) -> str:
    """Return a text that Markdown takes for nothing but text, on one line."""
    return "".join(f"\\{c}" if c in _MARKS else c for c in " ".join(text.split()))
