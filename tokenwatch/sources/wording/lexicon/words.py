"""What a language's module holds, and how its patterns are written.

A pattern is a regular expression over folded text (`normalise.folded`: lower case, no accents,
simplified Chinese characters, English contractions as one word: "doesnt") with four short forms:

* `^` in front: only where a clause begins, after fillers ("ok", "hmm", "but"),
* ` _ `: up to four words between,
* `~`: any ending of the word,
* `(` groups without capturing.

It matches whole words where blanks part words. Accents may be written or left out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How people speak to agents in one language, sorted by what it tells."""

    strict: tuple[str, ...]
    """The work before is wrong, in so many words."""
    loose: tuple[str, ...]
    """Symptoms, doubts, contradictions: perhaps a complaint."""
    restated: tuple[str, ...]
    """What is expected (should, must, instead): perhaps a complaint, if no task is set by it."""
    contrasts: tuple[str, ...]
    """But, except: takes a praise back."""
    accepts: tuple[str, ...]
    """It works."""
    thanks: tuple[str, ...]
    """Praise that may also be manners: it accepts only where no symptom follows."""
    moves_on: tuple[str, ...]
    control: tuple[str, ...]
    """All that such a prompt consists of."""
    chores: tuple[str, ...]
    chore_stops: tuple[str, ...]
    """What shows that a text that begins like a chore asks for more."""
    tasks: tuple[str, ...]
    """How a task begins."""
    questions: tuple[str, ...]
    """How a question begins."""
    requests: tuple[str, ...]
    """Questions that ask for work."""
    known_by: str
    """Words that only this one of the Latin languages has, parted by blanks."""
    hypotheses: tuple[str, ...] = ()
    """Words whose clause tells of nothing that happened: if, make sure that."""
    fillers: tuple[str, ...] = ()
