"""What is told of a session: how fast it spends, how far it runs by itself, how full it is.

Thresholds are those of §9.3 of the specification of budgets and alerts, where real sessions are
measured; what is ours says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.alert import AlertKind, Condition, Severity
from tokenwatch.analysis.alerts.baseline import threshold
from tokenwatch.model import PICO

BURN_PICO: Final = 3 * PICO
"""In five minutes; one of a hundred such stretches of real sessions has more."""
BURN_TIMES: Final = 4
TOKENS: Final = 1_500_000
"""In a minute, with what is read from the cache."""
TOKENS_TIMES: Final = 3
REQUESTS: Final = 100
"""Since the last prompt of a person."""
REQUESTS_TIMES: Final = 2
AGENTS: Final = 8
"""At once in a session."""
AGENTS_MORE: Final = 3
SPAWNED: Final = 16
"""In ten minutes."""
WARM_TOKENS: Final = 60_000
WARM_LEFT_MS: Final = 60_000
CONTEXT: Final = 0.8
CONTEXT_OVER: Final = 0.7
"""Ours: compacting leaves far less, and nothing else takes as much away."""
UNATTENDED_MS: Final = 60 * 60_000
UNATTENDED_PICO: Final = PICO


class Usual(NamedTuple):
    """What is usual for the user (`baseline.percentile`); None where too little is known."""

    window_pico: int | None = None
    """95th percent of what sessions cost in five minutes in which they cost anything."""
    minute_tokens: int | None = None
    """95th percent of their tokens in a minute with any."""
    requests: int | None = None
    """99th percent of requests between two prompts of a person."""
    agents: int | None = None
    """99th percent of the most agents at once in a session."""


class SessionValues(NamedTuple):
    """A session as it is now."""

    id: str
    name: str
    """As it is called in a sentence."""
    windows_pico: tuple[int, ...] = ()
    """Cost of the last two stretches of five minutes, oldest first; empty where none is known."""
    minutes_tokens: tuple[int, ...] = ()
    """All tokens in each of the last three minutes, oldest first."""
    requests: int = 0
    """Since the last prompt of a person, with those of subagents."""
    agents: int = 0
    """At work or waiting now."""
    spawned: int = 0
    """Agents that started in the last ten minutes."""
    context_used: int | None = None
    context_limit: int | None = None
    """Where the client compacts by itself, else the model's window."""
    is_waiting: bool = False
    """For the user."""
    warm_tokens: int = 0
    """In the provider's cache."""
    warm_until_ms: int | None = None
    last_ms: int | None = None
    """When it did something last."""
    last_prompt_ms: int | None = None
    """Of a person; None: nobody ever typed one."""
    pico_since_prompt: int = 0


def of_session(
    of: SessionValues, usual: Usual, now_ms: int, *, is_quiet: bool
) -> Iterator[Condition]:
    """Yield what holds of a session; is_quiet: these are the user's quiet hours."""
    yield _burn(of, threshold(BURN_PICO, usual.window_pico, BURN_TIMES))
    yield _tokens(of, threshold(TOKENS, usual.minute_tokens, TOKENS_TIMES))
    yield _autonomous(of, threshold(REQUESTS, usual.requests, REQUESTS_TIMES))
    yield _agents(of, threshold(AGENTS, usual.agents, more=AGENTS_MORE))
    yield _cache(of, now_ms)
    yield _context(of)
    yield _unattended(of, now_ms, is_quiet)


def _condition(
    kind: AlertKind,
    of: SessionValues,
    severity: Severity,
    *,
    holds: bool,
    is_over: bool,
    said: str,
    action: str,
) -> Condition:
    return Condition(
        key=f"{kind.value}/{of.id}",
        kind=kind,
        severity=severity,
        holds=holds,
        is_over=is_over,
        text=f"Session {fmt.one_line(of.name, 60)}: {said}",
        action=action,
        session_id=of.id,
    )


def _usd(pico: int) -> str:
    return fmt.with_sign(fmt.dollars(pico))


def _burn(of: SessionValues, limit: int) -> Condition:
    last = of.windows_pico[-2:]
    costs = " and ".join(map(_usd, last))
    return _condition(
        AlertKind.BURN,
        of,
        Severity.WARNING,
        holds=len(last) == 2 and min(last) >= limit,
        is_over=all(pico * 2 < limit for pico in last),
        said=f"{costs} in the last two stretches of 5 m, from {_usd(limit)} on",
        action="See its agents, and stop those that are not needed",
    )


def _tokens(of: SessionValues, limit: int) -> Condition:
    last = of.minutes_tokens[-3:]
    return _condition(
        AlertKind.TOKENS,
        of,
        Severity.WARNING,
        holds=len(last) == 3 and min(last) >= limit,
        is_over=all(tokens * 2 < limit for tokens in last),
        said=f"at least {fmt.tokens(min(last, default=0))} tokens in each of the last 3 m,"
        f" from {fmt.tokens(limit)} on",
        action="Run fewer agents at once, or shorten its context",
    )


def _autonomous(of: SessionValues, limit: int) -> Condition:
    # The number only ever falls by a prompt, so it needs no band.
    holds = of.requests >= limit
    return _condition(
        AlertKind.AUTONOMOUS,
        of,
        Severity.WARNING,
        holds=holds,
        is_over=not holds,
        said=f"{fmt.count(of.requests)} requests since the last prompt, from {fmt.count(limit)} on",
        action="Look whether it is still on its way",
        # One that stands still since before the start is no news.
    )._replace(cause_ms=of.last_ms)


def _agents(of: SessionValues, limit: int) -> Condition:
    is_many = of.agents >= limit
    said = f"{fmt.count(of.agents)} agents at once, from {fmt.count(limit)} on"
    if of.spawned >= SPAWNED and not is_many:
        said = f"{fmt.count(of.spawned)} agents started in 10 m, from {SPAWNED} on"
    return _condition(
        AlertKind.AGENTS,
        of,
        Severity.WARNING,
        holds=is_many or of.spawned >= SPAWNED,
        is_over=of.agents * 4 < limit * 3 and of.spawned * 4 < SPAWNED * 3,
        said=said,
        action="Stop those that are not needed",
    )


def _cache(of: SessionValues, now_ms: int) -> Condition:
    left = None if of.warm_until_ms is None else of.warm_until_ms - now_ms
    is_warm = of.is_waiting and of.warm_tokens >= WARM_TOKENS and left is not None and left > 0
    # A minute is left for longer than any look takes: no band.
    holds = is_warm and left is not None and left <= WARM_LEFT_MS
    return _condition(
        AlertKind.CACHE,
        of,
        Severity.INFO,
        holds=holds,
        is_over=not holds,
        said=f"{fmt.tokens(of.warm_tokens)} tokens of context (from {fmt.tokens(WARM_TOKENS)} on)"
        f" leave the cache in {fmt.span(left or 0)}",
        action="Go on now, or begin a new session for what comes next",
    )


def _context(of: SessionValues) -> Condition:
    share = of.context_used / of.context_limit if of.context_used and of.context_limit else None
    return _condition(
        AlertKind.CONTEXT,
        of,
        Severity.INFO,
        holds=share is not None and share >= CONTEXT,
        is_over=share is not None and share < CONTEXT_OVER,
        said=f"context at {fmt.tokens(of.context_used)} of {fmt.tokens(of.context_limit)} tokens"
        f" ({fmt.share(share)}), from {fmt.share(CONTEXT)} on",
        action="Compact it, or begin a new session for what comes next",
    )


def _unattended(of: SessionValues, now_ms: int, is_quiet: bool) -> Condition:
    alone = None if of.last_prompt_ms is None else now_ms - of.last_prompt_ms
    is_alone = alone is None or alone >= UNATTENDED_MS
    is_active = bool(of.windows_pico) and of.windows_pico[-1] > 0
    since = (
        "without any prompt" if alone is None else f"since the last prompt {fmt.span(alone)} ago"
    )
    return _condition(
        AlertKind.UNATTENDED,
        of,
        Severity.WARNING,
        holds=is_quiet and is_alone and is_active and of.pico_since_prompt >= UNATTENDED_PICO,
        is_over=not is_quiet or not is_alone,
        said=f"{_usd(of.pico_since_prompt)} {since}, in quiet hours"
        f" (from {_usd(UNATTENDED_PICO)} and {fmt.span(UNATTENDED_MS)} on)",
        action="Look whether it is to go on",
    )
