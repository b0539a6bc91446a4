"""Results of tools that are larger than what was needed of them, and stay in the context.

oversized-result: a large result stays in the context
  Means: A tool answered with very much text (a whole file, a build's log, a page), and every later
    request of the agent sent all of it again.
  Signal: A result of more than 5,000 tokens that more than three requests held. What it holds is
    the growth of the context where usage shows it, else its bytes.
  Money: What is beyond 2,000 tokens, written once and read by each later request until the context
    is replaced. Half of it is claimed, since part of the text was of use: the range is from 0.3 of
    it to all of it.
  Next time: Ask for a part: offset and limit of a file, the failing tests, the first matches. Or
    let a subagent read it and answer in a few lines.
  When wrong: All of it was needed. Where later edits touch much of a file that was read as a whole,
    nothing is claimed; what is needed only for thinking, the log does not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste.carry import START, Chain, Room, Step, holds, remembered, walked
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Call, Edit, Money, Session, Turn

LARGE = 5_000
"""Tokens of a result from which on it is looked at (the specification's lower limit)."""
VERY_LARGE = 10_000
"""Tokens of a result of the heavier class (the specification's upper limit)."""
NEEDED = 2_000
"""Tokens of a result that nothing is claimed of (the specification)."""
SHORT_LIVED = 3
"""Requests that may hold a result without a finding: the agent was done soon after."""
CLAIMED, LEAST, MOST = 0.5, 0.3, 1.0
"""Shares of the excess: what is claimed and its range. Leaving out useless and outdated results
halved the input of agents with equal success (AgentDiet, arXiv 2509.23586)."""
LINE = 40
"""Bytes of a line of code, with its number. Ours."""
SPREAD = 0.5
"""Share of a file's lines that edits touch when it was needed as a whole. A replaced line counts
twice, once as it was and once as it is: what lies around it had to be seen, too."""
MANY_EDITS = 5
"""Edits of a file that are hardly all in one place. Ours."""
MOST_ITEMS = 64
"""Results of an agent that are followed at a time: the largest."""


class Item(NamedTuple):
    """A large result in an agent's context."""

    call: Call
    start: int
    tokens: int
    at_ms: int
    request_id: str
    """Of the first request that held it."""
    paid: int = 0
    """What the first request paid for what is beyond the needed part, in picodollars."""
    held: int = 0
    """Requests so far."""
    unsaid: int = 0
    """Of them, those that no sign has told of yet."""
    asks: tuple[Ask, ...] = ()
    """Not asked for yet."""
    edits: int = 0
    """Of its file, since it was read."""
    lines: int = 0
    """That they touched."""


class State(NamedTuple):
    """One agent."""

    chain: Chain = START
    items: tuple[Item, ...] = ()


Memory = Mapping[str, State]
"""By agent."""


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Follow the large results of each agent through the requests of a turn."""
    known = memory or {}
    edits: dict[int, list[Edit]] = {}
    for edit in turn.edits:
        edits.setdefault(edit.name, []).append(edit)
    parts: list[tuple[str, Chain, list[Item], list[Item]]] = []
    for strand in turn.strands:
        agent = strand.agent.id
        state = known.get(agent, State())
        chain, steps = walked(state.chain, turn, strand)
        parts.append((agent, chain, *_followed(state.items, steps)))
    if edits:
        seen = {agent for agent, *_ in parts}
        parts.extend((a, s.chain, list(s.items), []) for a, s in known.items() if a not in seen)
    signs: list[Sign] = []
    changed: list[tuple[str, State]] = []
    for agent, chain, held, over in parts:
        kept = [_judged(_edited(item, edits), agent, turn.at_ms, signs) for item in held]
        for item in over:
            _judged(_edited(item, edits), agent, turn.at_ms, signs)
        changed.append((agent, State(chain, tuple(item for item in kept if item is not None))))
    return Seen(remembered(known, changed), tuple(signs))


def _followed(items: Iterable[Item], steps: Iterable[Step]) -> tuple[list[Item], list[Item]]:
    """Return the items that are in the context after these requests, and those that left it."""
    held, over = [_Followed(item) for item in items], []
    for step in steps:
        if not held and all(arrival.tokens <= LARGE for arrival in step.arrivals):
            continue
        room = Room(step.request)
        current: list[_Followed] = []
        for one in held:
            start, tokens = one.item.start, one.item.tokens
            if holds(step, start, tokens):
                one.sent(
                    step, Money(cache_read=_claimed(room.reading(start + NEEDED, tokens - NEEDED)))
                )
                current.append(one)
            else:
                over.append(one)
        for arrival in step.arrivals:
            if arrival.call is not None and arrival.tokens > LARGE:
                money = room.entering(arrival.tokens - NEEDED)
                item = Item(
                    call=arrival.call,
                    start=arrival.start,
                    tokens=arrival.tokens,
                    at_ms=arrival.at_ms,
                    request_id=step.request.id,
                    paid=money.total,
                )
                new = _Followed(item)
                new.sent(step, Money(*map(_claimed, money)))
                current.append(new)
        while len(current) > MOST_ITEMS:
            least = min(current, key=lambda one: (one.item.tokens, one.item.call.id))
            current.remove(least)
            over.append(least)
        held = current
    return [one.after() for one in held], [one.after() for one in over]


class _Followed:
    """An item while a turn's requests are gone through."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self._requests = 0
        self._asks: list[Ask] = []

    def sent(self, step: Step, money: Money) -> None:
        """Note a request that held it, and what is asked of that."""
        self._requests += 1
        if any(money):
            self._asks.append(Ask(step.request.key, money))

    def after(self) -> Item:
        """Return the item with all that was noted."""
        item, more = self.item, self._requests
        return item._replace(
            asks=(*item.asks, *self._asks), held=item.held + more, unsaid=item.unsaid + more
        )


def _claimed(money: int) -> int:
    return money * int(CLAIMED * 10) // 10


def _edited(item: Item, edits: Mapping[int, list[Edit]]) -> Item:
    """Count what was edited in the file since it was read."""
    if item.call.purpose != "read":
        return item
    for name in item.call.touches & edits.keys():
        for edit in edits[name]:
            if edit.at_ms >= item.at_ms:
                lines = item.lines + edit.added + edit.removed
                item = item._replace(edits=item.edits + 1, lines=lines)
    return item


def _needed_whole(item: Item) -> bool:
    lines = max(1, item.call.output_bytes // LINE)
    return item.edits >= MANY_EDITS or item.lines > SPREAD * lines


def _judged(item: Item, agent: str, at_ms: int, signs: list[Sign]) -> Item | None:
    """Say what is to be said of an item; None if it is no finding, now or ever."""
    is_first = item.held == item.unsaid
    call = item.call
    if _needed_whole(item):
        if not is_first:
            signs.append(
                Sign(
                    kind=Kind.OVERSIZED_RESULT,
                    key=call.id,
                    at_ms=max(at_ms, item.at_ms),
                    replaces=True,
                    withdrawn=True,
                    agent_id=agent,
                )
            )
        return None
    if item.held <= SHORT_LIVED or not item.asks:
        return item
    counts = {"requests": item.unsaid}
    evidence: tuple[Evidence, ...] = ()
    if is_first:
        counts |= {"tokens": item.tokens}
        what = f"{call.name} answered with {format.tokens(item.tokens)} tokens"
        evidence = (Evidence(item.at_ms, what, item.paid, item.request_id),)
    signs.append(
        Sign(
            kind=Kind.OVERSIZED_RESULT,
            key=call.id,
            at_ms=max(at_ms, item.at_ms),
            asks=item.asks,
            evidence=evidence,
            low=LEAST / CLAIMED,
            high=MOST / CLAIMED,
            agent_id=agent,
            counts=counts,
            names={
                "tool": call.name,
                "target": call.target,
                "purpose": call.purpose,
                "server": call.mcp_server,
                "part": "part" if call.partial else "",
            },
            signature=f"{call.name} {call.target}",
        )
    )
    return item._replace(asks=(), unsaid=0)


def tell(finding: Finding) -> Told:
    """Say how large the result was, how often it was sent, and how to get less of it."""
    tokens = finding.counts.get("tokens", 0)
    requests = finding.counts.get("requests", 0)
    tool, target = finding.names.get("tool", ""), finding.names.get("target", "")
    about = f" ({target})" if target else ""
    size = "very large" if tokens > VERY_LARGE else "large"
    return Told(
        headline=f"{size} result of {tool}{about} carried along",
        explanation=(
            f"The result held {format.tokens(tokens)} tokens and was sent with"
            f" {format.count(requests)} requests. Claimed is half of what is beyond"
            f" {format.tokens(NEEDED)} tokens, since part of it was of use."
        ),
        advice=_advice(finding.names),
    )


def _advice(names: Mapping[str, str]) -> str:
    purpose, target = names.get("purpose", ""), names.get("target", "") or "the file"
    if names.get("server"):
        return (
            f"Ask {names['server']} for less (filters, fields, page size), or let a subagent call"
            " it and answer in a few lines."
        )
    if purpose == "read" and not names.get("part"):
        return f"Search in {target} first, then read a part of it (offset and limit, `sed -n`)."
    return ADVICE.get(purpose, OTHER_ADVICE)


ADVICE: Mapping[str, str] = {
    "read": "Read a smaller part, or let a subagent read it and answer in a few lines.",
    "check": (
        "Show only what failed: the quiet option of the test runner, `| tail -50`, or a hook that"
        " filters the output."
    ),
    "search": "Limit the matches (`head_limit`, `| head -50`) or list only the files that match.",
    "web": "Ask for what is wanted of the page, or let a subagent read it and answer briefly.",
    "launch": "Ask the subagent for a short answer: the finding and the places, not the text.",
    "edit": "Let the tool answer with what changed, not with the whole file.",
}
"""By the call's purpose."""
OTHER_ADVICE = (
    "Limit the output (`| head -50`, a quiet option, BASH_MAX_OUTPUT_LENGTH) or let a subagent read"
    " it and answer in a few lines."
)

DETECTORS = (Detector(kind=Kind.OVERSIZED_RESULT, observe=observe, tell=tell),)
