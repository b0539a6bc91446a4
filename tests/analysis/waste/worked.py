"""Invented turns for tests of detectors that judge what was done, and a fold without a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.analysis.waste.build import MAIN, MINUTE, T0, added_up, change, prompt, session, strand
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.finding import Finding, Sign
from tokenwatch.analysis.waste.history import (
    NO_MONEY,
    Call,
    Edit,
    Money,
    Price,
    Prompt,
    Request,
    Session,
    Strand,
    Turn,
)
from tokenwatch.model import Usage

__all__ = ["MAIN", "MINUTE", "T0", "change", "prompt", "session", "strand"]

SECOND = 1_000
SONNET = Price(3_000_000, 15_000_000, 300_000, 3_750_000, 6_000_000)
"""$3, $15, $0.30, $3.75 and $6 a million tokens."""
OPUS = Price(*(amount * 5 for amount in SONNET))


def request(
    key: int,
    at_ms: int = 0,
    *,
    model: str | None = "claude-sonnet-4-5",
    read: int = 0,
    write_5m: int = 0,
    output: int = 0,
    price: Price | None = SONNET,
    agent: str = MAIN,
    input: int = 0,
) -> Request:
    """Return a request whose answer began `at_ms` after T0."""
    usage = Usage(input=input, cache_read=read, cache_write_5m=write_5m, output=output)
    return Request(
        key=key,
        id=f"m{key}",
        agent_id=agent,
        at_ms=T0 + at_ms,
        ended_ms=T0 + at_ms,
        model=model,
        usage=usage,
        cost=NO_MONEY if price is None else _cost(usage, price),
        price=price,
    )


def _cost(usage: Usage, price: Price) -> Money:
    return Money(
        usage.input * price.input,
        usage.cache_read * price.cache_read,
        usage.cache_write_5m * price.cache_write_5m,
        usage.output * price.output,
    )


def call(
    number: int,
    request_key: int | None,
    at_ms: int = 0,
    *,
    name: str = "Bash",
    command: str = "frobnicate all",
    ok: bool | None = True,
    **more: Any,
) -> Call:
    """Return a call of `command`; of unknown purpose unless one is given."""
    return Call(
        id=f"c{number}",
        at_ms=T0 + at_ms,
        request_key=request_key,
        name=name,
        target=command.split(" ")[0],
        ok=ok,
        **more,
    )


def edit(number: int, at_ms: int, path: str = "src/app.py") -> Edit:
    """Return an edit that the call of this number made."""
    return Edit(f"c{number}", T0 + at_ms, path, name=1, added=1, removed=1)


def turn(
    number: int,
    at_ms: int = 0,
    *,
    others: Sequence[Strand] = (),
    prompts: Sequence[Prompt] | None = None,
    is_last: bool = False,
    ended: int | None = None,
    **parts: Sequence[Any],
) -> Turn:
    """Return a turn; `parts` are the main agent's (requests, calls, edits, …)."""
    return Turn(
        number=number,
        id=f"t{number}",
        at_ms=T0 + at_ms,
        ended_ms=None if ended is None else T0 + ended,
        how=None if ended is None else "completed",
        is_last=is_last,
        prompts=(prompt(number, at_ms),) if prompts is None else tuple(prompts),
        strands=(strand(**parts), *others),
    )


def run(detector: Detector, turns: Sequence[Turn], of: Session | None = None) -> dict[str, Finding]:
    """Return a session's findings by key, each granted all that it asks for."""
    memory: Any = None
    signs: list[Sign] = []
    for one in turns:
        memory, seen = detector.observe(memory, one, of or session())
        signs += seen
    return _together(signs, turns)


def run_growing(
    detector: Detector, turns: Sequence[Turn], of: Session | None = None
) -> dict[str, Finding]:
    """Return the same, each turn looked at after each of its records as if it were the last."""
    memory: Any = None
    signs: list[Sign] = []
    for one in turns:
        for part in _growing(one):
            detector.observe(memory, part, of or session())
        memory, seen = detector.observe(memory, one, of or session())
        signs += seen
    return _together(signs, turns)


def _growing(one: Turn) -> Iterator[Turn]:
    times = {request.at_ms for request in one.requests} | {call.at_ms for call in one.calls}
    for now in sorted(times):
        strands = tuple(_until(part, now) for part in one.strands)
        yield replace(one, is_last=True, ended_ms=None, how=None, strands=strands)
        yield replace(one, is_last=True, strands=strands)


def _until(part: Strand, now: int) -> Strand:
    names = ("requests", "calls", "edits", "commits", "compactions", "failures", "changes")
    return replace(
        part,
        **{name: tuple(x for x in getattr(part, name) if x.at_ms <= now) for name in names},
    )


def _together(signs: Sequence[Sign], turns: Sequence[Turn]) -> dict[str, Finding]:
    costs = {request.key: request.cost for one in turns for request in one.requests}
    groups: dict[str, list[Sign]] = {}
    for sign in signs:
        groups.setdefault(sign.key, []).append(sign)
    found: dict[str, Finding] = {}
    for key, group in groups.items():
        gathered = added_up(group)
        if gathered.stands:
            asks = {request: gathered.asked(request) for request in gathered.requests()}
            granted = {request: ask.money.total for request, ask in asks.items() if ask is not None}
            found[key] = gathered.finding(granted, costs)
    return found


def asked(
    detector: Detector, turns: Sequence[Turn], of: Session | None = None
) -> Mapping[str, Mapping[int, Money]]:
    """Return what each finding asks for of each request, by component."""
    memory: Any = None
    groups: dict[str, dict[int, Money]] = {}
    for one in turns:
        memory, seen = detector.observe(memory, one, of or session())
        for sign in seen:
            if sign.replaces:
                groups.pop(sign.key, None)
            if sign.withdrawn:
                continue
            group = groups.setdefault(sign.key, {})
            for ask in sign.asks:
                group[ask.request] = group.get(ask.request, NO_MONEY) + ask.money
    return groups


def within(amount: Money, limit: Money) -> bool:
    """Return whether no component is below 0 or above the limit's."""
    return all(0 <= a <= b for a, b in zip(amount, limit, strict=True))
