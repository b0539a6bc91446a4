"""Small turns that were thought about at length.

oversized-effort: more reasoning than a small turn needs
  Means: Chores, short questions and words of control were answered after long reasoning, which is
    billed as output.
  Signal: A turn of at most 40 words, 3 tool calls and 4 requests, without edits, of whose output at
    least 60 % and at least 1,500 tokens were reasoning. Not if the effort was already set low.
  Money: Half of the reasoning, at the price of output. How much a lower effort leaves is not known
    beforehand: the range is from a quarter to three quarters of it.
  Next time: Set a lower effort for chores (`/effort low`, or a profile of its own), between tasks
    rather than within one: it is part of what the cache is keyed by.
  When wrong: If a short question was a hard one.
"""

from __future__ import annotations

from tokenwatch import format as fmt
from tokenwatch.analysis.waste import deeds
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Money, Session, Turn
from tokenwatch.analysis.waste.small_turns import kind_of

LEAST_REASONING = 1_500
"""Reasoning tokens of a turn. §5 of the specification."""
LEAST_SHARE = 60
"""Percent of the turn's output. §5 of the specification."""
LOW, HIGH = 0.5, 1.5
"""The range, as factors of the half that is claimed. Ours: with a lower effort between a quarter
and three quarters of the reasoning remains."""
ALREADY_LOW = frozenset({"none", "off", "minimal", "low"})


def observe(memory: str | None, turn: Turn, session: Session) -> Seen[str]:
    """Look at the main agent's part of a turn; what is remembered is the effort, "" if unknown."""
    effort = memory or ""
    for change in turn.main.changes:
        if change.kind == "effort":
            effort = (change.what or "")[:20].casefold()
    if effort in ALREADY_LOW or not deeds.is_settled(turn, session):
        return Seen(effort)
    sign = _sign(turn, session, effort)
    return Seen(effort, (sign,) if sign else ())


def _sign(turn: Turn, session: Session, effort: str) -> Sign | None:
    requests = turn.main.requests
    output = sum(request.usage.output for request in requests)
    reasoning = sum(request.usage.reasoning for request in requests)
    if reasoning < LEAST_REASONING or reasoning * 100 < LEAST_SHARE * output:
        return None
    kind = kind_of(turn, session)
    if not kind:
        return None
    asks = tuple(
        Ask(request.key, Money(output=half))
        for request in requests
        if request.price is not None
        and (half := min(request.usage.reasoning * request.price.output, request.cost.output) // 2)
        > 0
    )
    if not asks:
        return None
    return Sign(
        kind=Kind.OVERSIZED_EFFORT,
        key="effort",
        at_ms=turn.at_ms,
        asks=asks,
        evidence=(
            Evidence(
                at_ms=requests[0].at_ms,
                what=f"{fmt.tokens(reasoning)} of {fmt.tokens(output)} output tokens are reasoning",
                cost=sum(request.cost.output for request in requests),
                request_id=requests[0].id,
                prompt_id=turn.prompts[0].id,
            ),
        ),
        low=LOW,
        high=HIGH,
        cause=kind,
        counts={"turns": 1, "reasoning": reasoning, "output": output},
        names={"effort": effort} if effort else {},
        signature=f"effort:{effort}",
    )


def tell(finding: Finding) -> Told:
    """Return a finding in words."""
    turns = finding.counts.get("turns", 0)
    reasoning, output = finding.counts.get("reasoning", 0), finding.counts.get("output", 0)
    effort = fmt.one_line(finding.names.get("effort", ""), 20)
    at = f" at effort {effort}" if effort else ""
    small = "a small turn" if turns == 1 else f"{fmt.count(turns)} small turns"
    return Told(
        f"long reasoning for {small}",
        f"{fmt.tokens(reasoning)} of {fmt.tokens(output)} output tokens of {small}{at} were "
        f"reasoning, {fmt.share(reasoning / output if output else None)}.",
        "Use a lower effort for chores and short questions (`/effort low`, in Codex a profile). "
        "Change it between tasks: within one the cache is written anew.",
    )


DETECTORS: tuple[Detector, ...] = (
    Detector(kind=Kind.OVERSIZED_EFFORT, observe=observe, tell=tell),
)
