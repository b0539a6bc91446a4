"""The JSON shapes that scripts rely on. The command-line contract fixes every field's name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.format import clean, exact_usd, rfc3339
from tokenwatch.model import AgentKind, Spend, Usage

if TYPE_CHECKING:
    from tokenwatch.analysis.waste.finding import Tier
    from tokenwatch.snapshot import AgentRow, ExplainedRequest, SessionRow, Unlogged

Json = dict[str, object]


class Redaction(NamedTuple):
    """What `--redact` hides; `secret` makes project names stable on one machine only."""

    on: bool = False
    secret: str = ""

    def project(self, path: str | None) -> str | None:
        """Return the path, or `project-<6 hex>` in its place."""
        if path is None or not self.on:
            return path and clean(path)
        import hashlib

        digest = hashlib.blake2b(path.encode("utf-8", "surrogatepass"), key=self.secret.encode())
        return f"project-{digest.hexdigest()[:6]}"

    def text(self, text: str | None) -> str | None:
        """Return the text, or None in its place."""
        return None if text is None or self.on else clean(text)


def safe(value: object) -> object:
    """Return a document with every text in it cleaned, keys included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [safe(item) for item in value]
    return value


def head(command: str, now_ms: int, timezone: str) -> Json:
    """Return the fields that every document begins with."""
    return {
        "schema": f"tokenwatch.{command}/1",
        "generated_at": rfc3339(now_ms),
        "timezone": timezone,
    }


def usage(value: Usage) -> Json:
    """Return the disjoint kinds and their total."""
    return {
        "input": value.input,
        "cache_read": value.cache_read,
        "cache_write_5m": value.cache_write_5m,
        "cache_write_1h": value.cache_write_1h,
        "output": value.output,
        "reasoning": value.reasoning,
        "total": value.total,
    }


def money(pico: int | None) -> str | None:
    """Return exact dollars as a string; None stays None."""
    return None if pico is None else exact_usd(pico)


def spend(value: Spend) -> Json:
    """Return usage, requests and cost of a sum."""
    return {
        "usage": usage(value.usage),
        "requests": value.requests,
        "cost_usd": money(value.cost_or_none),
        "unpriced_requests": value.unpriced_requests,
    }


def unlogged(value: "Unlogged | None") -> Json | None:
    """Return the unlogged part."""
    if value is None:
        return None
    return {
        "usage": usage(value.usage),
        "web_searches": value.web_searches,
        "cost_usd": money(value.cost_pico),
    }


def session(
    row: "SessionRow", redaction: Redaction, wasted: "Mapping[Tier, int] | None" = None
) -> Json:
    """Return one row of `sessions`.

    wasted: what could have been avoided; None where that is not known.
    """
    counted = [a for a in row.agents if a.kind is not AgentKind.AUXILIARY]
    context = None
    if row.context_used is not None:
        context = {"used_tokens": row.context_used, "limit_tokens": row.context_limit}
    return {
        "id": row.id,
        "source": row.source,
        "title": redaction.text(row.title),
        "project": redaction.project(row.project),
        "git_branch": redaction.text(row.git_branch),
        "models": list(row.models),
        "started_at": rfc3339(row.started_ms),
        "last_activity_at": rfc3339(row.last_ms),
        "state": row.state.value,
        "prompts": row.prompts,
        "scripted_prompts": row.scripted_prompts,
        "turns": row.turns,
        **spend(row.spend),
        "agents": {"running": row.running, "total": len(counted)},
        "compactions": row.compactions,
        "unlogged": unlogged(row.unlogged),
        "output_is_lower_bound": row.spend.lower_bound_requests > 0,
        "context": context,
        "burn_usd_per_hour": money(row.burn_pico_per_hour),
        "wasted_usd": wasted and tiers(wasted),
    }


def tiers(wasted: "Mapping[Tier, int]") -> Json:
    """Return the tiers that claim dollars, each with its sum of picodollars."""
    return {tier.value: money(pico) for tier, pico in wasted.items() if tier.value != "look"}


def agent(row: "AgentRow", redaction: Redaction) -> Json:
    """Return one row of `agents`."""
    return {
        "id": row.id,
        "session_id": row.session_id,
        "source": row.source,
        "parent_id": row.parent_id,
        "kind": row.kind.value,
        "name": redaction.text(row.name),
        "task": redaction.text(row.task),
        "model": row.model,
        "state": row.state.value,
        "started_at": rfc3339(row.started_ms),
        "last_activity_at": rfc3339(row.last_ms),
        **spend(row.spend),
    }


def request(row: "ExplainedRequest", redaction: Redaction) -> Json:
    """Return one request of `explain`."""
    context: Mapping[str, str] = row.context
    return {
        "id": clean(row.id),
        "at": rfc3339(row.at_ms),
        "agent_id": row.agent_id,
        "model": row.model,
        "usage": usage(row.usage),
        "web_searches": row.web_searches,
        "cost_usd": money(row.cost_pico),
        "basis": row.basis,
        "rates": row.rates or None,
        "rates_from": row.rates_from,
        "context": dict(context),
        "output_is_lower_bound": row.lower_bound,
        "file": redaction.text(row.file),
        "line": row.line,
    }
