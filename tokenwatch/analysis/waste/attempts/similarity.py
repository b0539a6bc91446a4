"""How alike two prompts are, told from the hashes of their words.

Which measure tells depends on length and script: three-letter runs for short texts, runs of four
words for long ones (there, letters alone make everything alike), two-character runs where no blanks
part words. Thresholds are those measured on pairs of real prompts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from rapidfuzz.distance import Indel

from tokenwatch.wording import Wording

LONG = 400
"""Characters from which runs of words are compared in place of letters."""
SAME_GRAMS = 0.60
"""Share of three-letter runs in common (Jaccard) from which two prompts say the same."""
SAME_PAIRS = 0.55
"""The same for two-character runs of scripts without blanks."""
SAME_SHINGLES = 0.50
"""The same for runs of four words."""
SAME_WORDS = 0.85
"""Similarity of the sorted words: the same words in another order, one of twelve mistyped."""
SHORTEST = 12
"""Characters below which texts are not compared: "fix it" says nothing of what."""
FEWEST_WORDS = 3
"""No more words than these are not compared either."""
SHORTEST_BLANKLESS = 6
"""Up to this many characters, the same in scripts without blanks."""
EXTENDS_FROM = 25
"""Characters that an earlier prompt has at least if a later one repeats and goes on with it."""
EXTENDS_TO = 3
"""How many times longer the later one is at most."""
PARAMETERS = 3
"""Named things that differ at most between two runs of the same request for other things."""
TYPO_GRAMS = 3
"""Letter runs that one wrong, missing or added letter changes at most; more are other words. Ours.
"""
SUBJECT = 0.40
"""Share of the shorter text's letter runs that is in the other one from which both are about the
same; unrelated prompts of one person come to 0.15 to 0.3. Ours."""
SUBJECT_FROM = 8
"""Letter runs a text needs to have a subject. Ours."""
BLANKLESS = frozenset(("han", "kana"))
"""Scripts without blanks: their "words" are pairs of characters."""
PAIRED = BLANKLESS | {"hangul"}
"""Scripts whose runs are of two characters."""
REPLACED_PAIRS = 3
"""Pairs that change when one short word of such a script is replaced by another."""


class Verdict(Enum):
    """What a later prompt is to an earlier one, by its words alone."""

    OTHER = "other"
    SAME = "same"
    EXTENDED = "extended"
    """The earlier one in its words, and more."""
    PARAMETER = "parameter"
    """The same request for other things (files, identifiers, issues)."""
    VARIATION = "variation"
    """The same request with one or two other words in the place of its own."""


class Likeness(NamedTuple):
    """How a later prompt compares with an earlier one."""

    verdict: Verdict
    subject: bool
    """Both are about the same, as far as letters tell."""
    novelty: float
    """Share of the later one's words that are not in the earlier one."""


def compare(earlier: Wording, later: Wording) -> Likeness:
    """Compare two prompts. Short ones are never the same, whatever they say."""
    mine, theirs = _sampled(earlier.grams, later.grams)
    common = len(mine & theirs)
    least = min(len(mine), len(theirs))
    known = set(earlier.tokens)
    new = sum(token not in known for token in later.tokens)
    return Likeness(
        verdict=_verdict(earlier, later, mine, theirs),
        subject=least >= SUBJECT_FROM and common / least >= SUBJECT,
        novelty=new / len(later.tokens) if later.tokens else 0.0,
    )


def is_short(wording: Wording) -> bool:
    """Whether the instruction is too short to be compared."""
    if wording.script in BLANKLESS:
        return wording.chars <= SHORTEST_BLANKLESS
    return wording.chars < SHORTEST or wording.words <= FEWEST_WORDS


def _verdict(earlier: Wording, later: Wording, mine: set[int], theirs: set[int]) -> Verdict:
    if is_short(earlier) or is_short(later):
        return Verdict.OTHER
    if not _says_the_same(earlier, later, mine, theirs):
        return Verdict.EXTENDED if _extends(earlier, later) else Verdict.OTHER
    gone, come = _difference(earlier.tokens, later.tokens)
    if gone and come:
        if max(len(gone), len(come)) <= PARAMETERS and all(t & 1 for t in (*gone, *come)):
            return Verdict.PARAMETER
        if later.script in BLANKLESS:
            return Verdict.VARIATION if len(gone) == len(come) <= REPLACED_PAIRS else Verdict.SAME
        if len(gone) == len(come) <= 2:
            changed = max(len(mine - theirs), len(theirs - mine))
            if changed > TYPO_GRAMS * len(gone):
                return Verdict.VARIATION
    return Verdict.SAME


def _says_the_same(earlier: Wording, later: Wording, mine: set[int], theirs: set[int]) -> bool:
    if earlier.chars > LONG or later.chars > LONG:
        if min(earlier.chars, later.chars) <= LONG:
            return False
        return _jaccard(*_sampled(earlier.shingles, later.shingles)) >= SAME_SHINGLES
    if _jaccard(mine, theirs) >= (SAME_PAIRS if later.script in PAIRED else SAME_GRAMS):
        return True
    if later.script in BLANKLESS or not earlier.tokens or not later.tokens:
        return False
    return bool(
        Indel.normalized_similarity(
            sorted(earlier.tokens), sorted(later.tokens), score_cutoff=SAME_WORDS
        )
        >= SAME_WORDS
    )


def _extends(earlier: Wording, later: Wording) -> bool:
    """Whether the later text holds the earlier one, word for word, and goes on."""
    short, long = earlier.tokens, later.tokens
    if earlier.chars < EXTENDS_FROM or later.chars > EXTENDS_TO * earlier.chars or not short:
        return False
    return any(
        long[at : at + len(short)] == short
        for at in range(len(long) - len(short) + 1)
        if long[at] == short[0]
    )


def _difference(earlier: Sequence[int], later: Sequence[int]) -> tuple[list[int], list[int]]:
    mine, theirs = Counter(earlier), Counter(later)
    return list((mine - theirs).elements()), list((theirs - mine).elements())


def _sampled(earlier: Sequence[int], later: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return two sets of smallest hashes, cut to the range that both cover.

    A text has more runs than are kept; what lies above the largest of a full list was cut off.
    """
    if not earlier or not later:
        return set(earlier), set(later)
    if len(earlier) == len(later):
        bound = min(earlier[-1], later[-1])
    else:
        bound = max(earlier, later, key=len)[-1]
    return {h for h in earlier if h <= bound}, {h for h in later if h <= bound}


def _jaccard(mine: set[int], theirs: set[int]) -> float:
    either = len(mine | theirs)
    return len(mine & theirs) / either if either else 0.0
