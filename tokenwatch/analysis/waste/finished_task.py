"""What stays in the context of the main agent after the task that it was for is finished.

stale-context: a finished task is carried along
  Means: A task was finished, another one was begun in the same session, and each request of the new
    task sent all of the old one's context again.
  Signal: A commit or a pull request, or more than 30 minutes without work; then a prompt for a task
    that shares less than a fifth of its files and names with the one before. What is stale is the
    context at the boundary without what the session began with, if it is 10,000 tokens or more.
    It ends with a compaction, with clearing, or when a later prompt comes back to that task.
  Money: What each later request paid to read the stale tokens, less the price of writing 10,000
    tokens once, since a fresh session would have to read some files again. The range is from half
    of it to all of it, because some of the context may still help; seven eighths are claimed.
  Next time: `/clear` after the commit (`/rename` before it, to come back to it later), and name the
    files of the new task in its first prompt.
  When wrong: The new task builds on what was learnt in the old one without naming it. Where its
    edits turn out to be in the same files, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from tokenwatch import format
from tokenwatch.analysis.waste.carry import START, Chain, Room, Step, walked
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Money, Request, Session, Turn
from tokenwatch.wording import Wording

SHARED = 0.2
"""Share of the smaller task's names from which on two tasks are one (the specification)."""
GAP_MS = 30 * 60_000
"""Time without work after which a new topic is a new task (the specification)."""
GAP_NAMES = 2
"""Names that both tasks must have, to tell two topics apart without a commit. Ours."""
GAP_ALIKE = 0.2
"""Share of common words from which on two prompts are about one topic. Ours."""
SMALLEST = 10_000
"""Stale tokens below which nothing is said. Ours: about what is read again for a task anyway."""
RELOADED = 10_000
"""Tokens that a fresh session would read again (the specification)."""
CLAIMED, LEAST, MOST = 0.875, 0.5, 1.0
"""Shares of what reading the stale tokens cost beyond reloading: what is claimed, and its range
(the specification's). Claimed is the middle of the upper half, since a task that shares names or
files with the one before was left out already."""
MOST_LAYERS = 8
"""Finished tasks that are followed at a time: the latest."""
MOST_NAMES = 256
"""Names of a task that are remembered: the smallest hashes."""
NAMELESS = 2
"""Edited files that tell the topic of a prompt that names nothing. Ours."""
SILENT = frozenset({"control", "chore", "command", "auto"})
"""Kinds of prompts that say nothing of what is worked on."""
CERTAIN = 2
"""Of a complaint, and that it is about the work before it."""


class Task(NamedTuple):
    """What is being worked on."""

    names: frozenset[int] = frozenset()
    """Of what prompts name, and of edited files."""
    files: frozenset[int] = frozenset()
    """Of files among them."""
    told: frozenset[int] = frozenset()
    """Of files that prompts name: a plan that both name makes two tasks one."""
    edited: frozenset[int] = frozenset()
    """Of edited files, so that a file and its tests are one."""
    words: frozenset[int] = frozenset()
    """Of the latest prompt."""
    prompt_id: str | None = None
    """The first prompt."""

    def joined(self, other: Task) -> Task:
        """Return both as one task, begun by this one."""
        return Task(
            _bounded(self.names | other.names),
            _bounded(self.files | other.files),
            _bounded(self.told | other.told),
            _bounded(self.edited | other.edited),
            other.words or self.words,
            self.prompt_id or other.prompt_id,
        )

    def is_about(self, other: Task) -> bool:
        """Return whether both are one topic, as far as files and names tell."""
        return _are_alike(self.names, other.names) or self.takes_up(other)

    def takes_up(self, other: Task) -> bool:
        """Return whether it works on the same files; other names may be shared by chance."""
        return (
            bool(self.told & other.told)
            or _are_alike(self.files, other.files)
            or _are_alike(self.edited, other.edited)
        )


class Boundary(NamedTuple):
    """The end of a task."""

    key: str
    at_ms: int
    context: int
    what: str


class Layer(NamedTuple):
    """A finished task in the context."""

    boundary: Boundary
    task: Task
    start: int
    end: int
    """Tokens of the context between which it lies."""
    owed: int = -1
    """Picodollars that reloading would still cost; -1 before the first request."""
    said: bool = False


class Memory(NamedTuple):
    """A session."""

    chain: Chain = START
    floor: int = -1
    """Tokens of the context below the current task; -1 before the first request."""
    task: Task = Task()
    ended: Boundary | None = None
    """The current task is finished; whether a new one follows is not known yet."""
    layers: tuple[Layer, ...] = ()
    busy_ms: int = 0
    """When the agent last did something."""
    turn_id: str = ""


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Tell whether a turn begins another task, and price what it carries of finished ones."""
    signs: list[Sign] = []
    known = _with_task(memory or Memory(), turn, signs)
    chain, steps = walked(known.chain, turn, turn.main)
    layers, floor, ended = list(known.layers), known.floor, known.ended
    paid: dict[str, list[Ask]] = {}
    for step in steps:
        if floor < 0 or step.ending not in ("", "rewind"):
            layers, floor, ended = [], step.request.context, None
        elif step.ending == "rewind":
            layers = [kept for layer in layers if (kept := _cut(layer, step)) is not None]
            floor = min(floor, step.request.context)
        if layers:
            room = Room(step.request)
            layers = [_read(layer, room, paid) for layer in layers]
    held = {layer.boundary.key: layer for layer in known.layers}
    signs.extend(_sign(held[key], asks, turn) for key, asks in paid.items())
    layers = [layer._replace(said=layer.said or layer.boundary.key in paid) for layer in layers]
    known = known._replace(
        chain=chain, floor=floor, ended=ended, layers=tuple(layers[-MOST_LAYERS:])
    )
    return Seen(_closed(known, turn, steps), tuple(signs))


def _with_task(known: Memory, turn: Turn, signs: list[Sign]) -> Memory:
    """Tell what the turn is about, and lay aside a finished task that it is not about."""
    own = _topic(turn)
    wording = turn.prompts[0].wording if turn.prompts else Wording(kind="auto")
    ended = known.ended or _gap(known, turn, own, wording)
    is_new = None if ended is None else _is_new(known.task, own, wording)
    if ended is not None and is_new:
        if ended.context - known.floor >= SMALLEST:
            layer = Layer(ended, known.task, known.floor, ended.context)
            layers = (*known.layers, layer)
            known = known._replace(task=own, layers=layers, floor=ended.context)
        else:
            known = known._replace(task=known.task.joined(own))
        known = known._replace(ended=None)
    else:
        # A prompt that says nothing of its topic leaves open whether a task follows.
        known = known._replace(
            task=known.task.joined(own), ended=known.ended if is_new is None else None
        )
    return _without_taken_up(known, turn, signs)


def _without_taken_up(known: Memory, turn: Turn, signs: list[Sign]) -> Memory:
    """Drop the layers that the current task works on after all.

    The task right before it was not finished, then: nothing is claimed of it. Of an older one
    nothing more is claimed.
    """
    layers = [layer for layer in known.layers[:-1] if not known.task.takes_up(layer.task)]
    if not known.layers:
        return known
    latest = known.layers[-1]
    if not known.task.takes_up(latest.task):
        return known._replace(layers=(*layers, latest))
    if latest.said:
        key = latest.boundary.key
        signs.append(
            Sign(
                kind=Kind.STALE_CONTEXT,
                key=key,
                at_ms=turn.at_ms,
                replaces=True,
                withdrawn=True,
            )
        )
    task = latest.task.joined(known.task)
    return known._replace(task=task, floor=latest.start, layers=tuple(layers))


def _is_new(before: Task, own: Task, wording: Wording) -> bool | None:
    """Return whether a turn is about another task; None if nothing tells."""
    if wording.kind in SILENT:
        return None
    if wording.complaint >= CERTAIN or own.is_about(before):
        return False
    if wording.kind == "question" and not own.edited:
        return None
    if wording.moves_on:
        return True
    if not before.names:
        return None
    is_named = bool(wording.entities or wording.files)
    return True if is_named or len(own.edited) >= NAMELESS else None


def _gap(known: Memory, turn: Turn, own: Task, wording: Wording) -> Boundary | None:
    """Return the boundary that a long time without work is, if the topics are clearly two."""
    last = known.chain.last
    if last is None or not known.turn_id or turn.at_ms - known.busy_ms <= GAP_MS:
        return None
    if min(len(own.names), len(known.task.names)) < GAP_NAMES or own.names & known.task.names:
        return None
    words = own.words | known.task.words
    if words and len(own.words & known.task.words) >= GAP_ALIKE * len(words):
        return None
    idle = format.span(turn.at_ms - known.busy_ms)
    return Boundary(known.turn_id, known.busy_ms, last.context, f"{idle} without work")


def _topic(turn: Turn) -> Task:
    """Return what a turn's prompts name and what it edits."""
    told = [prompt for prompt in turn.prompts if prompt.wording.kind not in SILENT]
    files = {name for prompt in told for name in prompt.wording.files}
    worked_on = files | {edit.name for edit in turn.edits}
    names = {name for prompt in told for name in prompt.wording.entities}
    return Task(
        _bounded(names | worked_on),
        _bounded(worked_on),
        _bounded(files),
        _bounded({_stem(edit.path) for edit in turn.edits}),
        frozenset(told[0].wording.tokens) if told else frozenset(),
        told[0].id if told else None,
    )


@lru_cache(maxsize=1024)
def _stem(path: str) -> int:
    """Return a hash of a file's name that is the same for a module and its tests."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1].casefold()
    name = name.lstrip(".").split(".", 1)[0]
    for affix in ("test", "tests", "spec"):
        for mark in ("_", "-"):
            name = name.removeprefix(affix + mark).removesuffix(mark + affix)
    return crc32(name.encode("utf-8", "surrogatepass"))


def _cut(layer: Layer, step: Step) -> Layer | None:
    """Return what a rewind left of a layer."""
    end = min(layer.end, step.request.context)
    return layer._replace(end=end) if end > layer.start else None


def _read(layer: Layer, room: Room, paid: dict[str, list[Ask]]) -> Layer:
    """Ask for what a request paid to read a layer, once reloading has been paid for."""
    request = room.request
    money = room.reading(layer.start, layer.end - layer.start)
    if request.price is None:
        return layer
    owed = layer.owed
    if owed < 0:
        owed = min(RELOADED, layer.end - layer.start) * _write_price(request)
    spared = max(0, money - owed)
    claimed = int(CLAIMED * 1000) * spared // 1000
    if claimed:
        ask = Ask(request.key, Money(cache_read=claimed))
        paid.setdefault(layer.boundary.key, []).append(ask)
    return layer._replace(owed=max(0, owed - money))


def _write_price(request: Request) -> int:
    """Return what a token costs that is sent first, as the request sent its own."""
    price, usage = request.price, request.usage
    if price is None:
        return 0
    if usage.cache_write_1h:
        return price.cache_write_1h
    return price.cache_write_5m if usage.cache_write_5m else price.input


def _closed(known: Memory, turn: Turn, steps: Sequence[Step]) -> Memory:
    """Note where the turn ended its task, if it did, and when the agent was last at work."""
    busy = max(
        turn.at_ms, turn.ended_ms or 0, *(step.request.ended_ms for step in steps), known.busy_ms
    )
    known = known._replace(busy_ms=busy, turn_id=turn.id or known.turn_id)
    commits = turn.main.commits
    if not commits or (known.ended is not None and not turn.edits):
        return known
    commit = commits[-1]
    replaced = any(
        step.ending not in ("", "rewind") and step.request.at_ms > commit.at_ms for step in steps
    )
    before = [step.request for step in steps if step.request.at_ms <= commit.at_ms]
    last = before[-1] if before else known.chain.last
    if replaced or known.chain.ending or last is None:
        return known
    return known._replace(ended=Boundary(commit.id, commit.at_ms, last.context, commit.kind))


def _sign(layer: Layer, asks: Sequence[Ask], turn: Turn) -> Sign:
    boundary, tokens = layer.boundary, layer.end - layer.start
    size = format.tokens(tokens)
    cost = sum(ask.money.total for ask in asks)
    prompt_id = turn.prompts[0].id if turn.prompts else None
    what = f"{size} tokens of the task before sent with {format.count(len(asks))} requests"
    evidence = [Evidence(turn.at_ms, what, cost, prompt_id=prompt_id)]
    counts = {"requests": len(asks)}
    if not layer.said:
        end = Evidence(
            boundary.at_ms,
            f"end of a task ({boundary.what}), {size} tokens",
            prompt_id=layer.task.prompt_id,
        )
        evidence.insert(0, end)
        counts |= {"tokens": tokens}
    return Sign(
        kind=Kind.STALE_CONTEXT,
        key=boundary.key,
        at_ms=max(turn.at_ms, boundary.at_ms),
        asks=tuple(asks),
        evidence=tuple(evidence),
        low=LEAST / CLAIMED,
        high=MOST / CLAIMED,
        counts=counts,
        names={"boundary": boundary.what},
    )


def _are_alike(one: frozenset[int], other: frozenset[int]) -> bool:
    return bool(one and other) and len(one & other) >= SHARED * min(len(one), len(other))


def _bounded(names: Iterable[int]) -> frozenset[int]:
    kept = frozenset(names)
    return kept if len(kept) <= MOST_NAMES else frozenset(sorted(kept)[:MOST_NAMES])


def tell(finding: Finding) -> Told:
    """Say how much of the task before was carried along, and since when."""
    tokens = format.tokens(finding.counts.get("tokens", 0))
    requests = format.count(finding.counts.get("requests", 0))
    boundary = finding.names.get("boundary", "")
    after = "the pause" if "without" in boundary else f"the {boundary.replace('-', ' ')}"
    return Told(
        headline=f"{tokens} tokens of a finished task carried along",
        explanation=(
            f"A task ended with {after}; the next one is about other files. {requests} of its"
            f" requests sent the {tokens} tokens again. The price of reading files anew in a fresh"
            " session is taken off."
        ),
        advice=(
            f"/clear after {after} (/rename before it, to find the session again), then name the"
            " files of the new task in its first prompt."
        ),
    )


DETECTORS = (Detector(kind=Kind.STALE_CONTEXT, observe=observe, tell=tell),)
