"""Code that was written only to be removed, or written out again without a change.

discarded-code: written and soon removed
  Means: Lines that the agent wrote were removed or overwritten by it within the next three
    prompts, or whole files were written again though most of their lines stayed as they were.
  Signal: Of the lines that its edits left behind, at least 30 and at least a fifth are gone three
    prompts later, together with the unchanged lines of whole-file writes that changed less than
    two fifths. Lines that only moved to another file, or that one turn itself took back, do not
    count, nor do brackets and other lines of fewer than four characters.
  Money: None is claimed: what the attempts cost is counted elsewhere.
  Next time: Agree on the approach before it is written out (plan mode), and have large files
    changed by edits in place of whole-file writes.
  When wrong: When the first version was a draft that you wanted to see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.lines import Lines, of_turn, rewritten
from tokenwatch.analysis.waste.attempts.work import asked
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Session, Turn

PROMPTS = 3
"""Prompts after which a line counts as kept. Measured: 2.5 to 2.9 % of lines go within three."""
FEWEST_LINES = 30
"""Lines that have to be discarded in a session. Ours."""
LEAST_SHARE = 0.20
"""And the share of all lines written. Ours: seven times what is usual."""
UNCHANGED = 0.60
"""Share of a file's lines that a whole-file write leaves as they were, from which it counts."""
MOST_EVIDENCE = 12
"""Lines of proof that are kept, the first ones."""


class Written(NamedTuple):
    """Lines of one turn that are still there, and the prompts since."""

    lines: Lines
    prompts: int = 0


class Memory(NamedTuple):
    """What a session has written and discarded so far."""

    recent: tuple[Written, ...] = ()
    written: int = 0
    discarded: int = 0
    rewrites: int = 0
    repeated: int = 0
    evidence: tuple[Evidence, ...] = ()


START = Memory()


def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]:
    """Count the lines of the last prompts that this turn removed, and its whole-file rewrites."""
    before = memory or START
    lines = of_turn(turn)
    prompt = asked(turn)
    recent: list[Written] = []
    gone = 0
    taking = lines
    for one in reversed(before.recent):
        prompts = one.prompts + (prompt is not None)
        if prompts > PROMPTS:
            continue
        gone += rewritten(one.lines, taking)
        rest, taking = _parted(one.lines, taking)
        recent.insert(0, Written(rest, prompts))
    if lines.files:
        recent.append(Written(lines))
    rewrites = [
        edit
        for edit in turn.edits
        if edit.repeated > 0 and edit.repeated >= UNCHANGED * (edit.repeated + edit.added)
    ]
    repeated = sum(edit.repeated for edit in rewrites)
    evidence = before.evidence
    where = None if prompt is None else prompt.id
    if gone:
        what = f"{gone} lines of the prompts before removed or overwritten"
        evidence = (*evidence, Evidence(turn.at_ms, what, prompt_id=where))
    for edit in rewrites:
        name = edit.path.replace("\\", "/").rsplit("/", 1)[-1]
        what = f"{name} written as a whole: {edit.repeated} lines unchanged, {edit.added} new"
        evidence = (*evidence, Evidence(edit.at_ms, what, prompt_id=where))
    after = Memory(
        recent=tuple(recent[-2 * PROMPTS :]),
        written=before.written + lines.added + repeated,
        discarded=before.discarded + gone,
        rewrites=before.rewrites + len(rewrites),
        repeated=before.repeated + repeated,
        evidence=evidence[:MOST_EVIDENCE],
    )
    return Seen(after, _sign(before, after, turn))


def _parted(lines: Lines, later: Lines) -> tuple[Lines, Lines]:
    """Return what is left of a turn's lines, and what the later turn took beside them.

    So each line is discarded once, and each removal discards one line.
    """
    left, taking = dict(lines.files), dict(later.files)
    for name, file in lines.files.items():
        more = taking.get(name)
        if later.reverts(name):
            del left[name]
        elif more is not None and more.removed and file.added:
            left[name] = file._replace(added=_minus(file.added, more.removed))
            taking[name] = more._replace(removed=_minus(more.removed, file.added))
    return lines._replace(files=left), later._replace(files=taking)


def _minus(lines: Mapping[int, int], others: Mapping[int, int]) -> dict[int, int]:
    rest = {line: count - others.get(line, 0) for line, count in lines.items()}
    return {line: count for line, count in rest.items() if count > 0}


def _sign(before: Memory, after: Memory, turn: Turn) -> tuple[Sign, ...]:
    """Return the session's finding as it is now; take it back where more was kept since."""
    if not _is_much(after):
        if not _is_much(before):
            return ()
        return (
            Sign(
                kind=Kind.DISCARDED_CODE,
                key="discarded",
                at_ms=turn.at_ms,
                replaces=True,
                withdrawn=True,
            ),
        )
    if after == before._replace(recent=after.recent):
        return ()
    return (
        Sign(
            kind=Kind.DISCARDED_CODE,
            key="discarded",
            at_ms=turn.at_ms,
            evidence=after.evidence,
            replaces=True,
            counts={
                "lines_written": after.written,
                "lines_discarded": after.discarded + after.repeated,
                "lines_repeated": after.repeated,
                "rewrites": after.rewrites,
            },
        ),
    )


def _is_much(memory: Memory) -> bool:
    lines = memory.discarded + memory.repeated
    return lines >= FEWEST_LINES and lines >= LEAST_SHARE * memory.written


def tell(finding: Finding) -> Told:
    """Say in words how much of what was written is gone."""
    counts = finding.counts
    written, gone = counts.get("lines_written", 0), counts.get("lines_discarded", 0)
    repeated = counts.get("lines_repeated", 0)
    parts = [f"{gone} of {written} lines that the agent wrote were soon removed or unchanged"]
    if repeated:
        files = counts.get("rewrites", 0)
        parts.append(f"{repeated} of them stood in {files} files that were written as a whole")
    advice = "Let the agent show its approach first (plan mode), and say what must not change."
    if repeated * 2 > gone:
        advice = "Ask for edits in place of whole files: “change only the lines that need it”."
    return Told(
        headline=f"{gone} lines written and soon removed",
        explanation="; ".join(parts) + ".",
        advice=advice,
    )


DETECTORS = (Detector(kind=Kind.DISCARDED_CODE, observe=observe, tell=tell),)
