"""The client's own running totals (`cost-state`, written since 2.1.25x)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import msgspec

from tokenwatch.events import MeterSeen
from tokenwatch.model import NO_USAGE, Usage
from tokenwatch.sources.claude_code.fold import model_name
from tokenwatch.sources.claude_code.records import Envelope
from tokenwatch.sources.values import EARLIEST_MS, Oddities, mapping

LIMIT = 10**13
"""A meter counts for days: far more than a single request can hold."""
DAY_MS = 86_400_000


def read(
    record: Envelope,
    session_id: str,
    seen_ms: int | None,
    number: int,
    now_ms: int,
    odd: Oddities,
) -> MeterSeen | None:
    """Return a meter's state; None for one that can't be told from others, which is counted."""
    started = record.startTime
    if isinstance(started, float) and started.is_integer():
        started = int(started)
    if type(started) is not int or not EARLIEST_MS <= started <= now_ms + DAY_MS:
        odd.add("bad_time", number, "startTime")
        return None
    counts: dict[str, tuple[Usage, int]] = {}
    for model, entry in mapping(record.modelUsage).items():
        name = model_name(model) or model
        usage, searches = counts.get(name, (NO_USAGE, 0))
        more, more_searches = _counts(mapping(entry), number, odd)
        counts[name] = (usage + more, searches + more_searches)
    return MeterSeen(
        session_id=session_id,
        started_ms=started,
        as_of_ms=started if seen_ms is None else seen_ms,
        line=number,
        usage_by_model=tuple((name, *counts[name]) for name in sorted(counts)),
        reported_cost_usd=_amount(record.totalCostUSD),
    )


def _counts(entry: dict[str, object], number: int, odd: Oddities) -> tuple[Usage, int]:
    def count(name: str) -> int:
        value = entry.get(name)
        if value is None:
            return 0
        if type(value) is int and 0 <= value <= LIMIT:
            return value
        odd.add("bad_number", number, name)
        return 0

    hour = count("cacheCreationEphemeral1hInputTokens")
    short = count("cacheCreationEphemeral5mInputTokens")
    written = max(count("cacheCreationInputTokens"), hour + short)
    output = count("outputTokens")
    usage = Usage(
        input=count("inputTokens"),
        cache_read=count("cacheReadInputTokens"),
        cache_write_5m=written - hour,
        cache_write_1h=hour,
        output=output,
        reasoning=min(output, count("thinkingTokens")),
    )
    return usage, count("webSearchRequests")


def _amount(raw: msgspec.Raw) -> str | None:
    """Return an amount exactly as it was written; None for anything that is none."""
    try:
        amount = Decimal(bytes(raw).decode())
    except (InvalidOperation, UnicodeDecodeError):
        return None
    return str(amount) if amount.is_finite() and amount >= 0 else None
