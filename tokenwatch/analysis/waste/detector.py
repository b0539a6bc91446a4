"""What a detector is: one step of a session at a time, with a memory that is never changed.

    def observe(memory: Memory | None, turn: Turn, session: Session) -> Seen[Memory]

`memory` is what the step before returned, None before the first turn. It must be a new value where
it differs (tuples, frozen dataclasses, mappings that are copied before they are written to), since
an open turn is looked at again each time it grows: the step is then repeated from the memory
before it. A step may ask for money of earlier turns, or replace what it said of them. It looks at
the turn, its memory and the session, at nothing else: then reading in one go, in pieces or again
after a restart gives the same findings.

What a step costs must not grow with the session: memories are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from tokenwatch.analysis.waste.across import Concluded, Partial
from tokenwatch.analysis.waste.finding import Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Session, Turn

Memory = TypeVar("Memory")


class Seen(NamedTuple, Generic[Memory]):
    """What a step found, and what it remembers."""

    memory: Memory
    signs: tuple[Sign, ...] = ()


class Told(NamedTuple):
    """A finding in words. Money is written by the caller; durations and tokens through `format`."""

    headline: str
    """What a list shows: "cache expired while idle", "asked for the same thing 4 times"."""
    explanation: str
    """One or two sentences with this finding's own figures."""
    advice: str
    """What to do next, specific: names, files, commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One kind's step and words. The docstring of `observe`'s module explains the kind."""

    kind: Kind
    observe: Callable[[Any, Turn, Session], Seen[Any]]
    tell: Callable[[Finding], Told]
    conclude: Callable[[Sequence[Partial]], tuple[Concluded, ...]] | None = None
    """Of a kind whose signs are conditional: makes findings of those of all sessions in range
    (`across.merged`); what it leaves out is not shown and counts for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What `--explain` and the screen say of a kind, from its docstring's section."""

    title: str
    means: str
    signal: str
    money: str
    advice: str
    wrong: str


def meanings(docstring: str) -> Mapping[str, Meaning]:
    """Return the explanations that a detector module's docstring holds, by kind.

    A section is headed by the kind's name and holds five paragraphs, each begun by one of the
    words below and going on in indented lines:

        cache-expired: cache expired while idle
          Means: …
          Signal: …
          Money: …
          Next time: …
          When wrong: …

    Raises ValueError for a section that lacks one.
    """
    found: dict[str, Meaning] = {}
    kinds = {kind.value for kind in Kind}
    parts: dict[str, str] = {}
    name = title = part = ""

    def close() -> None:
        if not name:
            return
        missing = [word for word in WORDS if not parts.get(word)]
        if missing:
            raise ValueError(f"{name}: the docstring lacks {', '.join(missing)}")
        found[name] = Meaning(title=title, **{WORDS[word]: parts[word] for word in WORDS})

    for line in docstring.splitlines():
        head, _, rest = line.partition(":")
        if head in kinds:
            close()
            name, title, parts, part = head, rest.strip(), {}, ""
        elif head.strip() in WORDS and line.startswith(" ") and name:
            part = head.strip()
            parts[part] = rest.strip()
        elif part and line.startswith(" ") and line.strip():
            parts[part] += " " + line.strip()
        elif line.strip():
            part = ""
    close()
    return found


WORDS = {
    "Means": "means",
    "Signal": "signal",
    "Money": "money",
    "Next time": "advice",
    "When wrong": "wrong",
}
