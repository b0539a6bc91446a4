"""What speaks for it that a prompt is there because the attempt before it failed.

Each sign counts in bits: the logarithm (base 2) of how many times more often it is seen after a
failed attempt than after a good one. They are added up, and `chain` adds what is known before
anything is seen. Where they come from: of 45 strict complaints in real sessions about 69 % were
about the agent's own work, of loose ones 42 %; of near-duplicates with edits between, 66 %; after a
complaint 29 to 40 % of turns rework three own lines or more, otherwise 16 to 20 %; and of all
prompts that follow an attempt about 13 % push back. 69 % where 13 % were to be expected is
log2((.69/.31) / (.13/.87)) = 3.9 bits; a word list is wrong twice for the same reason, so less is
counted. How long the prompt is matters as much, as 214 prompts of public sessions show. What was
not measured is set by the same yardstick and called ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.lines import rewritten, undone
from tokenwatch.analysis.waste.attempts.similarity import (
    BLANKLESS,
    Likeness,
    Verdict,
    compare,
)
from tokenwatch.analysis.waste.attempts.work import Work
from tokenwatch.wording import Wording

STILL = 3.8
"""A complaint that it is still so (`Wording.complaint` 3), however long. Ours."""
CLEAR = ((25, 3.3), (40, 2.0))
LENGTHY = 1.0
"""Of any other clear complaint, by the words of the prompt, up to so many: measured on 214 prompts
in public sessions of some twenty people. Short ones were nearly all about the work before; in a
long one the same words tell as often of a new task."""
POSSIBLE = {"complaint": 1.4, "evidence": 1.4, "question": 0.7, "chore": 0.7, "control": 0.7}
"""Of a possible one, by `Wording.kind`: measured. Where the prompt sets a task as well, it is as
frequent without a failure, and counts nothing."""
PAIRS = 2
"""Characters that count as a word where no blanks part words."""
QUEUED = 0.2
"""What is left of a complaint that was typed before the work was done. Ours."""
REPEATED = 3.7
"""The same request again, after an attempt with edits: measured."""
EXTENDED = 1.8
"""The same request with more behind it: half of that, as often a new detail. Ours."""
ERROR_AGAIN = 4.5
"""An error that was quoted before is quoted again. Ours: nearly always the same failure."""
EVIDENCE = 1.5
"""An error or a log is pasted after edits; it may be one that was to be expected. Ours."""
PICTURE = 1.0
"""A picture with a few words, after edits: mostly of what is still wrong. Ours."""
PICTURE_WORDS = 40
SUBJECT = 0.7
"""Both prompts are about the same, as letters tell. Ours."""
ENTITY = 0.7
"""Both name the same thing; twice for two things. Ours."""
STEERED = 0.5
"""A complaint was typed while the attempt worked: some of it may still have been done. Ours."""

SAME_FILES = 0.9
"""Both turns edit a file: about 75 % of failures, 40 % of other pairs. Ours."""
OTHER_FILES = -1.5
"""Both edit, and no file is the same. Ours, from the same shares."""
REWRITES = (0.0, 0.9, 1.5, 2.0)
"""Lines of the attempt are gone after the turn: none, three, a good part, most of them. The first
step is measured (a factor of two); what is more is ours."""
SOME, GOOD, MOST = 3, 5, 3
"""Lines that have to be gone for that."""
GOOD_SHARE, MOST_SHARE = 0.25, 0.5
STANDS = -0.8
"""Nothing that the attempt wrote in these files is touched: it may have been right, unless the same
request or error says otherwise. Ours."""
EARLIER = 0.5
"""In place of it, where lines of attempts before it are gone. Ours."""
UNDOES = 1.2
"""Three lines that the attempt took away are there again. Ours."""
REVERTS = 3.0
"""Files that the attempt changed are put back or removed, or the turn is dropped. Ours."""
FAILS_AGAIN = 1.5
"""A command fails as it did at the end of the attempt. Ours."""
STOPPED = 1.2
"""The user stopped the attempt after an edit. Ours."""
NOTHING_DONE = 0.7
"""The attempt changed nothing, and the same is asked again. Ours."""
TWEAK = 0.4
"""Both change few lines of the same one or two files. Ours."""
TWEAK_LINES = 30

ACCEPTS = -3.0
MOVES_ON = -3.0
BUT = -1.0
"""In place of either where the same prompt complains in so many words."""
COMMITTED = -1.0
"""A turn in between committed: the work had been found good. Ours."""
SERIES = -1.5
"""One of several prompts that begin alike, or the same request with other material. Ours."""
VARIATION = -1.5
"""The same request with a word changed: something is tried out. Ours."""
SILENT = -1.3
"""Neither complaint nor error nor repetition is in the words: about 35 % of failures, 85 % of other
pairs. Ours."""
HEDGED = -0.5
"""In place of it, where a short prompt sets a task with a word of doubt in it. Ours."""
HEDGED_WORDS = 15
REFINES = -0.4
"""Of such words, at least `NOVEL` are new: the request goes on. Ours."""
NOVEL = 0.4
WORDS = ("complaint", "hint", "error-again", "evidence", "picture", "repeated", "extended")
"""What in a text says that the attempt failed."""
LATE = -1.0
"""More than `LATE_MS` have passed. Ours."""
LATE_MS = 2 * 3_600_000
BETWEEN = -1.0
"""For each other request in between. Ours."""
BROKE_OFF = -1.5
"""The attempt ended with an error of the service, so it is only sent again. Ours."""


_AGAIN = frozenset(("error-again", "repeated"))
"""The same error or request, whatever became of the lines."""


class Link(NamedTuple):
    """What speaks for it that one attempt failed, told by a later prompt and its turn."""

    text: float
    """Bits from the prompts, those that speak against it left out."""
    behaviour: float
    """Bits from what was done, the same."""
    bits: float
    """All together."""
    said: frozenset[str]
    """Names of what was seen that speaks for it."""
    gone: int = 0
    """Lines of the attempt that the later turn took away."""


class Context(NamedTuple):
    """What lies between an attempt and a prompt, and around them."""

    tasks: int = 0
    """Other requests in between."""
    committed: bool = False
    series: bool = False
    """At least two earlier prompts began as this one does."""
    earlier: tuple[Work, ...] = ()
    """Attempts of the same chain before this one."""


def link(attempt: Work, later: Work, context: Context) -> Link | None:
    """Judge an attempt by a prompt that follows it; None where nothing ties the two together."""
    likeness = compare(attempt.wording, later.wording)
    if likeness.verdict is Verdict.PARAMETER:
        return None
    said = _said(attempt, later, likeness, context)
    done, gone = _done(attempt, later, context, said)
    if not _same_target(attempt, later, likeness, said, done, context):
        return None
    text = sum(bits for bits in said.values() if bits > 0)
    behaviour = sum(bits for bits in done.values() if bits > 0)
    against = sum(_against(attempt, later, likeness, said, context))
    against += sum(bits for bits in (*said.values(), *done.values()) if bits < 0)
    return Link(
        text=text,
        behaviour=behaviour,
        bits=text + behaviour + against,
        said=frozenset(name for name, bits in (*said.items(), *done.items()) if bits > 0),
        gone=gone,
    )


def _said(attempt: Work, later: Work, likeness: Likeness, context: Context) -> dict[str, float]:
    """Return what the later prompt's text says, by sign."""
    one, two = attempt.wording, later.wording
    said: dict[str, float] = {}
    if bits := _complaint(two):
        name = "complaint" if two.complaint > 1 else "hint"
        said[name] = bits * (QUEUED if later.queued else 1.0)
    quoted = {*one.errors, *(e for work in context.earlier for e in work.wording.errors)}
    if quoted.intersection(two.errors):
        said["error-again"] = ERROR_AGAIN
    elif attempt.has_edits and (two.errors or two.kind == "evidence"):
        said["evidence"] = EVIDENCE
    elif attempt.has_edits and two.images and two.words <= PICTURE_WORDS:
        said["picture"] = PICTURE
    if likeness.verdict is Verdict.SAME:
        if two.blocks and set(two.blocks).isdisjoint(one.blocks) and "error-again" not in said:
            said["series"] = SERIES
        elif "error-again" not in said:
            said["repeated"] = REPEATED
    elif likeness.verdict is Verdict.EXTENDED:
        said["extended"] = EXTENDED
    elif likeness.verdict is Verdict.VARIATION:
        said["variation"] = VARIATION
    named = len(set(one.entities).intersection(two.entities))
    if named:
        said["entities"] = ENTITY * min(named, 2)
    elif likeness.subject and likeness.verdict is Verdict.OTHER:
        said["subject"] = SUBJECT
    if attempt.steered:
        said["steered"] = STEERED
    return said


def _complaint(wording: Wording) -> float:
    """Return what a prompt's complaint counts."""
    if wording.complaint < 2:
        return POSSIBLE.get(wording.kind, 0.0) if wording.complaint else 0.0
    if wording.complaint > 2:
        return STILL
    return next((bits for most, bits in CLEAR if _words(wording) <= most), LENGTHY)


def _words(wording: Wording) -> int:
    return wording.words // PAIRS if wording.script in BLANKLESS else wording.words


def _done(
    attempt: Work, later: Work, context: Context, said: Mapping[str, float]
) -> tuple[dict[str, float], int]:
    """Return what the later turn's work says, by sign, and how many lines it took away."""
    done: dict[str, float] = {}
    mine, theirs = attempt.lines, later.lines
    shared = mine.files.keys() & theirs.files.keys()
    gone = rewritten(mine, theirs)
    reverts = any(theirs.reverts(name) for name in mine.files) or later.rewound > context.tasks
    if shared or not attempt.written.isdisjoint(later.written):
        done["same-files"] = SAME_FILES
        if _is_small(attempt) and _is_small(later):
            done["tweak"] = TWEAK
    elif attempt.has_edits and later.has_edits and not reverts:
        done["other-files"] = OTHER_FILES
    if reverts and attempt.has_edits:
        done["reverts"] = REVERTS
    elif grade := _grade(gone, mine.added):
        done["rewrites" if grade > 1 else "touches"] = REWRITES[grade]
    elif shared and mine.added and not gone and not _is_again(said):
        before = sum(rewritten(work.lines, theirs) for work in context.earlier)
        done["earlier" if before >= SOME else "stands"] = EARLIER if before >= SOME else STANDS
    if shared and undone(mine, theirs) >= SOME:
        done["undoes"] = UNDOES
    if attempt.failing & later.errors:
        done["fails-again"] = FAILS_AGAIN
    if attempt.how == "interrupted" and attempt.has_edits:
        done["stopped"] = STOPPED
    if "repeated" in said and not attempt.has_edits:
        done["nothing-done"] = NOTHING_DONE
    return done, gone


def _complains(said: Mapping[str, float]) -> bool:
    return not {"complaint", "hint"}.isdisjoint(said)


def _is_again(said: Mapping[str, float]) -> bool:
    return not _AGAIN.isdisjoint(said) or said.get("complaint", 0.0) >= STILL


def _grade(gone: int, written: int) -> int:
    """Return how much of an attempt is gone: 0 nothing to speak of, 3 most of it."""
    share = gone / written if written else 0.0
    if gone >= MOST and share >= MOST_SHARE:
        return 3
    if gone >= GOOD and share >= GOOD_SHARE:
        return 2
    return 1 if gone >= SOME else 0


def _is_small(work: Work) -> bool:
    changed = sum(file.plus + file.minus for file in work.lines.files.values())
    return len(work.lines.files) <= 2 and changed <= TWEAK_LINES


def _against(
    attempt: Work, later: Work, likeness: Likeness, said: Mapping[str, float], context: Context
) -> list[float]:
    wording = later.wording
    against: list[float] = []
    softened = wording.complaint >= 2
    if wording.accepts:
        against.append(BUT if softened else ACCEPTS)
    if wording.moves_on:
        against.append(BUT if softened else MOVES_ON)
    if context.committed:
        against.append(COMMITTED)
    if said.keys().isdisjoint(WORDS):
        hedged = wording.complaint > 0 and _words(wording) <= HEDGED_WORDS
        against.append(HEDGED if hedged else SILENT)
        if context.series:
            against.append(SERIES)
        elif not hedged and likeness.novelty >= NOVEL:
            against.append(REFINES)
    if later.at_ms - attempt.ended_ms > LATE_MS:
        against.append(LATE)
    if attempt.how == "failed":
        against.append(BROKE_OFF)
    against.append(BETWEEN * context.tasks)
    return against


def _same_target(
    attempt: Work,
    later: Work,
    likeness: Likeness,
    said: Mapping[str, float],
    done: Mapping[str, float],
    context: Context,
) -> bool:
    """Whether the later prompt is about what the attempt was about."""
    names = not attempt.lines.files.keys().isdisjoint(later.wording.files)
    strong = not {"repeated", "error-again", "reverts"}.isdisjoint({*said, *done})
    if attempt.is_idle and not attempt.requests >= 3:
        return "repeated" in said and not context.tasks
    if context.tasks:
        reworked = done.get("rewrites", 0.0) >= REWRITES[2]
        return strong or (_complains(said) and (names or reworked))
    if strong or names or not {"extended", "entities", "subject"}.isdisjoint(said):
        return True
    if not {"same-files", "fails-again"}.isdisjoint(done):
        return True
    if _is_again(said):
        return True
    # Nothing is named and nothing done yet: "still not working" means what was done last.
    return (
        attempt.has_edits
        and "other-files" not in done
        and not {"complaint", "hint", "evidence", "picture"}.isdisjoint(said)
    )
