"""Claude Code's words for usage: a request's own, and the session's running total."""

from __future__ import annotations

from tokenwatch.demo.disk import Json
from tokenwatch.demo.script import CLIENT_RATES
from tokenwatch.demo.tools import ToolUse
from tokenwatch.model import NO_USAGE, Usage, usd


class Meter:
    """Counts all requests of a session's process, also those that no transcript holds."""

    def __init__(self, session_id: str, started_ms: int) -> None:
        self._session_id, self._started_ms = session_id, started_ms
        self._usage: dict[str, Usage] = {}
        self._added = self._removed = 0

    def add(self, model: str, usage: Usage) -> None:
        self._usage[model] = self._usage.get(model, NO_USAGE) + usage

    def add_lines(self, use: ToolUse) -> None:
        """Count the lines that a successful tool call changed."""
        self._added += use.lines_added
        self._removed += use.lines_removed

    def record(self, at_ms: int) -> Json:
        """Return the record to write now."""
        models: Json = {}
        total_pico = 0
        for model, usage in sorted(self._usage.items()):
            cost_pico = _client_cost(model, usage)
            total_pico += cost_pico
            models[model] = {
                "inputTokens": usage.input,
                "outputTokens": usage.output,
                "thinkingTokens": usage.reasoning,
                "cacheReadInputTokens": usage.cache_read,
                "cacheCreationInputTokens": usage.cache_write_5m + usage.cache_write_1h,
                "cacheCreationEphemeral5mInputTokens": usage.cache_write_5m,
                "cacheCreationEphemeral1hInputTokens": usage.cache_write_1h,
                "webSearchRequests": 0,
                "costUSD": float(usd(cost_pico)),
            }
        return {
            "type": "cost-state",
            "sessionId": self._session_id,
            "totalCostUSD": float(usd(total_pico)),
            "totalLinesAdded": self._added,
            "totalLinesRemoved": self._removed,
            "totalDuration": at_ms - self._started_ms,
            "startTime": self._started_ms,
            "modelUsage": models,
            "hasUnknownModelCost": any(model not in CLIENT_RATES for model in self._usage),
        }


def usage_as_logged(usage: Usage) -> Json:
    """Return a request's usage as its records have it."""
    return {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write_5m + usage.cache_write_1h,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
        "service_tier": "standard",
        "cache_creation": {
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
            "ephemeral_5m_input_tokens": usage.cache_write_5m,
        },
        "inference_geo": "",
        "iterations": [],
        "speed": "standard",
    }


def _client_cost(model: str, usage: Usage) -> int:
    """Return picodollars; the client counts a model it doesn't know as nothing."""
    rates = CLIENT_RATES.get(model, (0, 0, 0, 0, 0))
    counts = (
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_1h,
    )
    return sum(count * rate for count, rate in zip(counts, rates, strict=True))
