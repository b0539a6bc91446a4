"""What every request carries before anything is asked: servers, skills and instruction files.

fixed-overhead: loaded in every session, never used
  Means: The definitions of an MCP server's tools or of a skill were loaded into session after
    session, and none of them ever called it; or an instruction file is so long that all requests
    carry much text that few of them need (cause `memory`).
  Signal: The log names what was loaded and its size. At least five sessions, more than a day apart,
    loaded it, and none used it. An instruction file counts from 8,000 characters (about 200 lines,
    the most that the documentation advises), and only with what is beyond.
  Money: Its tokens, written once for each session and read by each later request of the main agent.
    How many tokens it holds is estimated from its characters.
  Next time: Remove or disable it, or enable it only in the project that needs it; move what is
    needed at times out of the instructions into a skill.
  When wrong: It is needed, if rarely; or the client only loads names and fetches the definitions
    when they are needed (then the log states a small size, and little is claimed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tokenwatch import format
from tokenwatch.analysis.waste.across import Concluded, Partial, merged
from tokenwatch.analysis.waste.carry import Room, estimated
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Change, Request, Session, Turn
from tokenwatch.model import DAY_MS

SESSIONS = 5
"""Sessions that loaded it (the specification)."""
AGE_MS = DAY_MS
"""It is known for longer than this: what was just added had no time to be used."""
SMALLEST = 400
"""Characters from which on it is looked at. Ours: about 110 tokens; less is never worth showing."""
LONG_MEMORY = 8_000
"""Characters of an instruction file that nothing is claimed of: the 200 lines that Claude Code's
documentation advises as the most."""
LEAST, MOST = 0.75, 1.25
"""The range: what an estimate from characters is off by."""
MOST_ITEMS = 32
"""Items of a session that are followed: the largest of those that were loaded first."""
MEMORY = "memory"
ITEMS = frozenset({"server", "skill", MEMORY})
"""Kinds of changes that load something."""


class Item(NamedTuple):
    """Something that was loaded."""

    kind: str
    what: str
    at_ms: int
    tokens: int
    """What is claimed of it."""
    characters: int
    written: bool = False
    """A request has sent it."""
    said: bool = False


class Memory(NamedTuple):
    """A session."""

    items: Mapping[str, Item]
    """By key."""
    calls: Mapping[str, int]
    """How often each server and skill was used, by key."""


class Asked(NamedTuple):
    """What an item asks for in this turn."""

    asks: list[Ask]
    requests: list[Request]
    """All that carried it."""


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Price what the main agent's requests carry of each item that has not been used so far.

    What was used is told, too, without money: `conclude` must know of it.
    """
    known = memory or Memory({}, {})
    new_calls = _calls(turn)
    calls = dict(known.calls)
    for key, number in new_calls.items():
        calls[key] = calls.get(key, 0) + number
    items, asked = _carried(known.items, turn, calls)
    signs: list[Sign] = []
    for key, item in items.items():
        used = _uses(item, calls)
        if used:
            if not item.said or _uses(item, new_calls):
                signs.append(_used(key, item, used, turn))
        elif key in asked:
            signs.append(_unused(key, item, asked[key]))
        else:
            continue
        items[key] = item._replace(said=True)
    signs += _used_unseen(new_calls, known, items, turn)
    return Seen(Memory(items, dict(list(calls.items())[-4 * MOST_ITEMS :])), tuple(signs))


def _calls(turn: Turn) -> dict[str, int]:
    """Return how often servers and skills were used by any agent, by key."""
    calls: dict[str, int] = {}
    for call in turn.calls:
        for kind, what in (("server", call.mcp_server), ("skill", call.skill)):
            for name in _names(kind, what):
                calls[name] = calls.get(name, 0) + 1
    return calls


def _names(kind: str, what: str) -> Iterable[str]:
    """Return the keys that a name may go by: a plugin's skill is also known without the plugin."""
    if what:
        yield _key(kind, what)
        if kind == "skill" and ":" in what:
            yield _key(kind, what.rpartition(":")[2])


def _uses(item: Item, calls: Mapping[str, int]) -> int:
    return max((calls.get(name, 0) for name in _names(item.kind, item.what)), default=0)


def _key(kind: str, what: str) -> str:
    """Return the key of an item; names of tools spell their server with `_` for other signs."""
    if kind == MEMORY:
        return f"{kind}:{what}"
    kept = "-_:" if kind == "skill" else "-_"
    plain = "".join(c if c.isalnum() or c in kept else "_" for c in what.casefold())
    return f"{kind}:{plain}"


def _carried(
    before: Mapping[str, Item], turn: Turn, calls: Mapping[str, int]
) -> tuple[dict[str, Item], dict[str, Asked]]:
    """Return the items after this turn, and what its requests paid for the unused ones."""
    items = dict(before)
    asked: dict[str, Asked] = {}
    changes = [change for change in turn.main.changes if change.kind in ITEMS and change.what]
    at = 0
    for request in turn.main.requests:
        while at < len(changes) and changes[at].at_ms <= request.at_ms:
            _load(items, changes[at])
            at += 1
        if not items:
            continue
        room = Room(request)
        front = 0
        for key, item in items.items():
            money = room.carrying(front, item.tokens) if item.written else None
            front += item.tokens
            if money is None:
                money = room.entering(item.tokens)
                if not money.total:
                    # Another session had written it shortly before.
                    money = room.carrying(front - item.tokens, item.tokens)
                items[key] = item._replace(written=True)
            if item.tokens and not _uses(item, calls):
                one = asked.setdefault(key, Asked([], []))
                one.requests.append(request)
                if money.total > 0:
                    one.asks.append(Ask(request.key, money))
    for change in changes[at:]:
        _load(items, change)
    return items, {key: one for key, one in asked.items() if one.asks}


def _load(items: dict[str, Item], change: Change) -> None:
    """Take a change into the items; one without a size takes it out again."""
    what = change.what or ""
    key = _key(change.kind, what)
    size = max(0, change.size)
    claimed = max(0, size - LONG_MEMORY) if change.kind == MEMORY else size
    if size < SMALLEST or not claimed:
        if key in items:
            items[key] = items[key]._replace(tokens=0)
        return
    old = items.get(key)
    if old is not None:
        items[key] = old._replace(tokens=estimated(claimed), characters=size)
        return
    items[key] = Item(change.kind, what, change.at_ms, estimated(claimed), size)
    if len(items) > MOST_ITEMS:
        # What was told of must go on being followed: a use would take it back.
        untold = [name for name, item in items.items() if not item.written]
        del items[min(untold, key=lambda name: (items[name].characters, name))]


def _used_unseen(
    calls: Mapping[str, int], known: Memory, items: Mapping[str, Item], turn: Turn
) -> list[Sign]:
    """Tell once of what is used although the log does not say that it was loaded."""
    listed = {name for item in items.values() for name in _names(item.kind, item.what)}
    return [
        Sign(
            kind=Kind.FIXED_OVERHEAD,
            key=key,
            at_ms=turn.at_ms,
            conditional=True,
            counts={"calls": number},
            signature=key,
        )
        for key, number in calls.items()
        if key not in listed and key not in known.calls
    ]


def _used(key: str, item: Item, calls: int, turn: Turn) -> Sign:
    return Sign(
        kind=Kind.FIXED_OVERHEAD,
        key=key,
        at_ms=max(turn.at_ms, item.at_ms),
        evidence=(Evidence(item.at_ms, f"{item.kind} loaded"),),
        replaces=True,
        conditional=True,
        counts={"calls": calls, "loaded": 1},
        names={"item": item.kind, "what": item.what},
        signature=key,
    )


def _unused(key: str, item: Item, asked: Asked) -> Sign:
    counts = {"requests": len(asked.requests)}
    evidence: tuple[Evidence, ...] = ()
    if not item.said:
        counts |= {"calls": 0, "loaded": 1, "tokens": item.tokens, "characters": item.characters}
        what = f"{item.kind} loaded, {format.tokens(estimated(item.characters))} tokens"
        first = asked.requests[0]
        evidence = (Evidence(item.at_ms, what, asked.asks[0].money.total, first.id),)
    return Sign(
        kind=Kind.FIXED_OVERHEAD,
        key=key,
        at_ms=max(item.at_ms, asked.requests[-1].at_ms),
        asks=tuple(asked.asks),
        evidence=evidence,
        low=LEAST,
        high=MOST,
        cause=MEMORY if item.kind == MEMORY else None,
        conditional=True,
        counts=counts,
        names={"item": item.kind, "what": item.what},
        signature=key,
    )


def conclude(members: Sequence[Partial]) -> tuple[Concluded, ...]:
    """Make one finding of each item that enough sessions loaded and none of them used."""
    groups: dict[tuple[str, str, str], list[Partial]] = {}
    for member in members:
        key = member.finding.key
        # Two projects' instruction files may have the same name.
        project = (member.project or "") if member.finding.cause == MEMORY else ""
        groups.setdefault((member.source, key, project), []).append(member)
    found = []
    for (source, key, project), parts in sorted(groups.items()):
        one = merged(parts, key=" ".join(part for part in (source, key, project) if part))
        counts = one.finding.counts
        if counts.get("loaded", 0) < SESSIONS or counts.get("calls", 0):
            continue
        if one.finding.wasted and one.finding.last_ms - one.finding.first_ms >= AGE_MS:
            found.append(one)
    return tuple(found)


def tell(finding: Finding) -> Told:
    """Name the item, how much it is and how often it was loaded, and how to be rid of it."""
    item, what = finding.names.get("item", "item"), finding.names.get("what", "")
    requests = format.count(finding.counts.get("requests", 0))
    loaded = max(1, finding.counts.get("loaded", 1))
    sessions = format.count(loaded)
    tokens = format.tokens(finding.counts.get("tokens", 0) // loaded)
    if item == MEMORY:
        lines = format.count(finding.counts.get("characters", 0) // loaded)
        return Told(
            headline=f"long instructions in {what}",
            explanation=(
                f"{what} holds {lines} characters. What is beyond {format.count(LONG_MEMORY)} is"
                f" about {tokens} tokens, carried by {requests} requests of {sessions} sessions."
            ),
            advice=(
                f"Shorten {what} to what every task needs (under 200 lines); move the rest into"
                " skills, or into files that it names."
            ),
        )
    kind = "MCP server" if item == "server" else item
    return Told(
        headline=f"{kind} {what} loaded, never used",
        explanation=(
            f"{what} was loaded in {sessions} sessions, about {tokens} tokens each time, and sent"
            f" with {requests} requests; none of the sessions used it."
        ),
        advice=_removal(item, what),
    )


def _removal(item: str, what: str) -> str:
    if item == "server":
        return (
            f"`claude mcp remove {what}` (Codex: `codex mcp remove {what}`), or enable it only in"
            " the project that needs it."
        )
    return (
        f"Disable the skill {what}, or move it to the project that needs it; shorten its"
        " description if it stays."
    )


DETECTORS = (Detector(kind=Kind.FIXED_OVERHEAD, observe=observe, tell=tell, conclude=conclude),)
