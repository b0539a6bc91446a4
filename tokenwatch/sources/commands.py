"""Tell what a shell command is for, by the programs it runs; see `events.ToolCallSeen.purpose`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.programs import (
    LOOK,
    NEUTRAL,
    UNKNOWN,
    WAIT,
    Step,
    operands,
    program,
    step_of,
)
from tokenwatch.sources.shell import LONGEST, Simple, parts, unwrapped
from tokenwatch.sources.values import fingerprint

MOST_FILES = 32
"""Files of one command that are told."""
EVERYTHING = (0,)
_PAGERS = frozenset({"head", "tail", "cat", "less", "more"})


class Deed(NamedTuple):
    """What a shell command does."""

    purpose: str
    """check, wait, revert, remove, commit, read, search, write, web; "" for anything else."""
    likeness: str
    """Equal for commands that do the same; of a wait, for equal things that are waited for."""
    touches: tuple[int, ...]
    """Hashes of the names of files that are read, reverted or removed; 0 for all of them."""
    partial: bool
    """Only a part of a file or of an output is asked for."""


_WEIGHT = {
    NEUTRAL: 0, LOOK: 1, "read": 2, "search": 2, WAIT: 3, UNKNOWN: 4, "web": 5, "write": 6,
    "check": 7, "remove": 8, "revert": 9, "commit": 10,
}  # fmt: skip
_PASSING = frozenset({UNKNOWN, "read", "search"})
"""What decides nothing where it only works on what another program prints."""
_LOOKS = frozenset({NEUTRAL, LOOK, "read", "search", "web"})


@lru_cache(maxsize=512)
def _describe(command: str, whole_length: int) -> Deed:
    simples, documents = parts(unwrapped(command))
    steps: list[Step] = []
    purpose, partial, waits, only_waits = NEUTRAL, False, False, True
    for simple in simples:
        step = step_of(simple)
        steps.append(step)
        partial = partial or step.partial
        found = step.purpose
        if found == WAIT:
            waits = True
        elif found not in _LOOKS:
            only_waits = False
        passes_on = simple.before == "|" and found in _PASSING
        if not passes_on and _WEIGHT[found] > _WEIGHT[purpose]:
            purpose = found
    if waits and only_waits:
        return Deed("wait", _awaited(simples, steps), (), partial)
    purpose = "" if purpose in (NEUTRAL, LOOK) else purpose
    likeness = _likeness(simples, documents, whole_length)
    return Deed(purpose, likeness, _touches(purpose, steps), partial)


def _touches(purpose: str, steps: list[Step]) -> tuple[int, ...]:
    if purpose not in ("read", "remove", "revert"):
        return ()
    deciding = [step for step in steps if step.purpose == purpose]
    if any(step.everything for step in deciding):
        return EVERYTHING
    names = dict.fromkeys(name_hash(name) for step in deciding for name in step.files)
    return tuple(name for name in names if name)[:MOST_FILES]


def describe(command: str) -> Deed:
    """Return what a shell command does; of a command with several parts, the most telling one.

    That is, in this order: commit, revert, remove, check, write, web, anything unknown, and then
    the first of reads and searches. A wait only waits, and looks how something is getting on.
    """
    return _describe(command[:LONGEST], len(command) if len(command) > LONGEST else 0)


def _likeness(simples: list[Simple], documents: int, whole_length: int) -> str:
    """Return a digest of a command; leading `cd`, trailing pagers and `|| true` are left out."""
    first, last = 0, len(simples)
    while first < last - 1 and simples[first].words[:1] in (["cd"], ["pushd"], ["export"], []):
        if simples[first].redirects:
            break
        first += 1
    while last - 1 > first and _is_passing(simples[last - 1]):
        last -= 1
    told: list[str] = []
    for simple in simples[first:last]:
        told.append(simple.before if told else "")
        told += simple.words
        told += simple.redirects
    if documents or whole_length:
        told.append(f"\n{documents} {whole_length}")
    return fingerprint("\x1f".join(told))


def _is_passing(simple: Simple) -> bool:
    """Tell whether a last program changes nothing of what the ones before it do."""
    if simple.redirects:
        return False
    if simple.before == "||":
        return simple.words in (["true"], [":"])
    given = operands(simple.words[1:], {"-n", "-c"})
    return simple.piped and simple.words[0] in _PAGERS and not given


def _awaited(simples: list[Simple], steps: list[Step]) -> str:
    """Return a digest of what a wait looks at: of programs and names, not of options."""
    told: list[str] = []
    for simple, step in zip(simples, steps, strict=True):
        words = program(simple.words)
        if simple.piped or step.purpose == NEUTRAL or words[:1] == ["sleep"]:
            continue
        told += step.files or [word for word in words if not word.startswith("-")]
    return fingerprint("\x1f".join(told)) if told else fingerprint("sleep")
