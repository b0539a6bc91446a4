"""Tell what a shell command is for, by the programs it runs; see `events.ToolCallSeen.purpose`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tokenwatch.sources.git_commands import in_another, is_elsewhere
from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.programs import LOOKING, LOOKING_AT, knows_any, program, step_of
from tokenwatch.sources.shell import LONGEST, Simple, parts, unwrapped
from tokenwatch.sources.steps import LOOK, NEUTRAL, UNKNOWN, WAIT, Step, operands
from tokenwatch.sources.values import fingerprint

MOST_FILES = 32
"""Files of one command that are told."""
EVERYTHING = (0,)
ADDED = 1
"""Among `Deed.touches`: the others are what is added to a commit."""
_PAGERS = frozenset({"head", "tail", "cat", "less", "more"})


class Deed(NamedTuple):
    """What a shell command does."""

    purpose: str
    """check, wait, revert, remove, commit, read, search, write, web; "" for anything else."""
    likeness: str
    """Equal for commands that do the same; of a wait, for equal things that are waited for."""
    touches: tuple[int, ...]
    """Hashes of the names of files that are read, reverted or removed, behind them `ADDED` if it
    adds any to a commit as well; of any other command, of those it adds, with `ADDED`, else of
    scripts it runs. 0 for all files."""
    partial: bool
    """Only a part of a file or of an output is asked for."""


_WEIGHT = {
    NEUTRAL: 0, LOOK: 1, "read": 2, "search": 2, WAIT: 3, UNKNOWN: 4, "web": 5, "write": 6,
    "check": 7, "remove": 8, "revert": 9, "commit": 10,
}  # fmt: skip
_PASSING = frozenset({UNKNOWN, "read", "search"})
"""What decides nothing where it only works on what another program prints."""
_LOOKING_VERBS = LOOKING_AT | {"watch", "wait"}
_LOOKS = frozenset({NEUTRAL, LOOK, "read", "search", "web"})


@lru_cache(maxsize=512)
def _describe(command: str, whole_length: int) -> Deed:
    if "\n" in command and "<<" not in command and not knows_any(command):
        # A script of programs that are all unknown: there is nothing to tell apart.
        return Deed("", fingerprint(" ".join(command.split()), str(whole_length)), (), False)
    simples, documents = parts(unwrapped(command))
    steps: list[Step] = []
    purpose, waits, only_waits = NEUTRAL, False, True
    # Whether only a part of a file or of an output is asked for, by purpose; and what the programs
    # that are joined by pipes are for.
    cut: dict[str, bool] = {}
    line, elsewhere = NEUTRAL, False
    for simple in simples:
        step = in_another(step_of(simple)) if elsewhere else step_of(simple)
        steps.append(step)
        if simple.words[:1] in (["cd"], ["pushd"]):
            elsewhere = elsewhere or is_elsewhere("".join(simple.words[1:2]))
        found = step.purpose
        if found == WAIT:
            waits = True
        elif found not in _LOOKS:
            only_waits = False
        if simple.before != "|" or found not in _PASSING and _WEIGHT[found] > _WEIGHT[line]:
            line = found
        cut[line] = cut.get(line, False) or step.partial
        if _WEIGHT[line] > _WEIGHT[purpose]:
            purpose = line
    if waits and only_waits:
        return Deed("wait", _awaited(simples, steps), (), any(cut.values()))
    partial = cut.get(purpose, False)
    purpose = "" if purpose in (NEUTRAL, LOOK) else purpose
    likeness = _likeness(simples, documents, whole_length)
    return Deed(purpose, likeness, _touches(purpose, steps, is_cut=whole_length > 0), partial)


def _touches(purpose: str, steps: list[Step], *, is_cut: bool) -> tuple[int, ...]:
    if purpose in ("read", "remove", "revert"):
        deciding = [step for step in steps if step.purpose == purpose]
        every = any(step.everything for step in deciding)
        names = EVERYTHING if every else _hashes(deciding)[:MOST_FILES]
        return (*names, ADDED) if any(step.stages for step in steps) else names
    staging = [step for step in steps if step.stages]
    if not staging:
        running = [step for step in steps if step.purpose in (UNKNOWN, "check")]
        return _hashes(running)[:MOST_FILES]
    names = _hashes(staging)
    if is_cut or len(names) >= MOST_FILES or any(step.everything for step in staging):
        # Names that are not told may be any.
        return EVERYTHING
    return (ADDED, *names)


def _hashes(steps: list[Step]) -> tuple[int, ...]:
    names = dict.fromkeys(name_hash(name) for step in steps for name in step.files)
    return tuple(name for name in names if name)


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
    """Return a digest of what a wait looks at: of programs and names, not of options.

    Nor of the words by which a program looks at it: a run that is viewed again and again is waited
    for as well as one that is watched.
    """
    told: list[str] = []
    for simple, step in zip(simples, steps, strict=True):
        words = program(simple.words)
        if simple.piped or step.purpose == NEUTRAL or words[:1] == ["sleep"]:
            continue
        named = [word for word in words if not word.startswith("-")]
        if words[0] in LOOKING:
            named = [word for word in named if word not in _LOOKING_VERBS]
        told += step.files or named
    return fingerprint("\x1f".join(told)) if told else fingerprint("sleep")
