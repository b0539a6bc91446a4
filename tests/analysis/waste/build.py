"""Sessions in a line, for tests of detectors: invented values, and a fold without a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tokenwatch.analysis.waste.claims import Id
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.finding import Finding, Sign
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import (
    NO_MONEY,
    Agent,
    Call,
    Change,
    Compaction,
    Edit,
    Money,
    Price,
    Prompt,
    Request,
    Session,
    Strand,
    Turn,
)
from tokenwatch.analysis.waste.merge import Gathered
from tokenwatch.model import AgentKind, Usage
from tokenwatch.wording import Wording

T0 = 1_795_348_800_000
"""2026-11-22 12:00 UTC."""
SECOND = 1_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

SONNET = Price(
    input=3_000_000,
    output=15_000_000,
    cache_read=300_000,
    cache_write_5m=3_750_000,
    cache_write_1h=6_000_000,
)
"""$3, $15, $0.30, $3.75 and $6 a million tokens."""
OPUS = Price(*(amount * 5 for amount in SONNET))
HAIKU = Price(*(amount // 3 for amount in SONNET))
GPT = Price(
    input=1_750_000,
    output=14_000_000,
    cache_read=175_000,
    cache_write_5m=1_750_000,
    cache_write_1h=1_750_000,
)
"""One that bills no cache writes."""

MAIN = "s1"


def request(
    key: int,
    at_ms: int = 0,
    *,
    model: str | None = "claude-sonnet-4-5",
    input: int = 0,
    read: int = 0,
    write_5m: int = 0,
    write_1h: int = 0,
    output: int = 0,
    price: Price | None = SONNET,
    agent: str = MAIN,
    lasts: int = 0,
    **more: Any,
) -> Request:
    """Return a request whose answer began `at_ms` after T0 and took `lasts`."""
    usage = Usage(
        input=input,
        cache_read=read,
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        output=output,
    )
    return Request(
        key=key,
        id=f"m{key}",
        agent_id=agent,
        at_ms=T0 + at_ms,
        ended_ms=T0 + at_ms + lasts,
        model=model,
        usage=usage,
        cost=NO_MONEY if price is None else cost(usage, price),
        price=price,
        **more,
    )


def cost(usage: Usage, price: Price) -> Money:
    """Return what a usage costs, by component."""
    return Money(
        input=usage.input * price.input,
        cache_read=usage.cache_read * price.cache_read,
        cache_write=usage.cache_write_5m * price.cache_write_5m
        + usage.cache_write_1h * price.cache_write_1h,
        output=usage.output * price.output,
    )


def call(
    number: int,
    request_key: int | None,
    at_ms: int = 0,
    *,
    name: str = "Bash",
    command: str = "npm test",
    result: str = "fine",
    ok: bool | None = True,
    **more: Any,
) -> Call:
    """Return a call of `command`, with the fingerprints that it and its result would have."""
    values: dict[str, Any] = {
        "fingerprint": command.encode(),
        "likeness": command.encode(),
        "target": command.split(" ")[0],
        "done_ms": T0 + at_ms + 100,
        "ok": ok,
        "output_bytes": len(result),
        "output_fingerprint": result.encode(),
        "error_fingerprint": result.encode() if ok is False else b"",
    }
    return Call(
        id=f"c{number}",
        at_ms=T0 + at_ms,
        request_key=request_key,
        name=name,
        **{**values, **more},
    )


def edit(number: int, at_ms: int, path: str = "src/app.py") -> Edit:
    """Return an edit that the call of this number made."""
    return Edit(
        call_id=f"c{number}", at_ms=T0 + at_ms, path=path, name=hash(path), added=1, removed=1
    )


def change(kind: str, at_ms: int, what: str | None = None) -> Change:
    return Change(T0 + at_ms, kind, what)


def compaction(at_ms: int, trigger: str = "auto") -> Compaction:
    return Compaction(T0 + at_ms, trigger, 150_000, 20_000)


def prompt(number: int, at_ms: int = 0, **more: Any) -> Prompt:
    """Return a prompt; `more` are fields of Prompt."""
    return Prompt(**{"id": f"p{number}", "at_ms": T0 + at_ms, "wording": Wording(), **more})


def strand(agent: str = MAIN, kind: AgentKind | None = None, **parts: Sequence[Any]) -> Strand:
    """Return what an agent did; any but the main one is a subagent."""
    if kind is None:
        kind = AgentKind.MAIN if agent == MAIN else AgentKind.SUBAGENT
    return Strand(
        agent=Agent(id=agent, kind=kind), **{name: tuple(part) for name, part in parts.items()}
    )


def turn(
    number: int,
    at_ms: int = 0,
    *,
    others: Sequence[Strand] = (),
    prompts: Sequence[Prompt] | None = None,
    agent: str = MAIN,
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
        is_last=is_last,
        prompts=(prompt(number, at_ms),) if prompts is None else tuple(prompts),
        strands=(strand(agent, **parts), *others),
    )


def session(source: str = "claude-code", **more: Any) -> Session:
    """Return a session; `more` are fields of Session."""
    return Session(**{"key": 1, "id": MAIN, "source": source, **more})


def run(detector: Detector, turns: Sequence[Turn], of: Session | None = None) -> dict[str, Finding]:
    """Return a session's findings by key, each granted all that it asks for."""
    memory: Any = None
    signs: list[Sign] = []
    for one in turns:
        memory, seen = detector.observe(memory, one, of or session())
        signs += seen
    return together(signs)


def fold_growing(
    detectors: Sequence[Detector], turns: Sequence[Turn], of: Session | None = None
) -> dict[Id, Finding]:
    """Return what a fold finds that sees each turn again after each of its requests and calls."""
    fold = Fold(of or session(), detectors)
    for one in turns:
        for part in growing(one):
            fold.take([part])
        fold.take([one])
    assert not fold.failed
    return fold.findings


def fold_at_once(
    detectors: Sequence[Detector], turns: Sequence[Turn], of: Session | None = None
) -> dict[Id, Finding]:
    """Return what a fold finds in all turns together."""
    fold = Fold(of or session(), detectors)
    fold.take(turns)
    assert not fold.failed
    return fold.findings


def growing(one: Turn) -> Iterator[Turn]:
    """Yield a turn as it was after each of its requests and calls, still open."""
    times = sorted({request.at_ms for request in one.requests} | {call.at_ms for call in one.calls})
    for now in times:
        yield replace(
            one,
            is_last=True,
            ended_ms=None,
            strands=tuple(_until(part, now) for part in one.strands),
        )


def _until(part: Strand, now: int) -> Strand:
    names = ("requests", "calls", "edits", "commits", "compactions", "failures", "changes")
    return replace(
        part,
        **{name: tuple(x for x in getattr(part, name) if x.at_ms <= now) for name in names},
    )


def together(signs: Sequence[Sign]) -> dict[str, Finding]:
    """Return signs as findings, by key; those of several kinds must not be mixed."""
    groups: dict[str, list[Sign]] = {}
    for sign in signs:
        groups.setdefault(sign.key, []).append(sign)
    found: dict[str, Finding] = {}
    for key, group in groups.items():
        gathered = added_up(group)
        if gathered.stands:
            asks = {request: gathered.asked(request) for request in gathered.requests()}
            costs = {request: ask.money for request, ask in asks.items() if ask is not None}
            granted = {request: money.total for request, money in costs.items()}
            found[key] = gathered.finding(granted, costs)
    return found


def added_up(signs: Iterable[Sign]) -> Gathered:
    """Return the signs of one finding together."""
    gathered = Gathered()
    for sign in signs:
        gathered.add(sign)
    return gathered


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
                groups[sign.key] = {}
            group = groups.setdefault(sign.key, {})
            for ask in sign.asks:
                group[ask.request] = group.get(ask.request, NO_MONEY) + ask.money
    return groups


def within(amount: Money, limit: Money) -> bool:
    """Return whether no component is below 0 or above the limit's."""
    return all(0 <= a <= b for a, b in zip(amount, limit, strict=True))
