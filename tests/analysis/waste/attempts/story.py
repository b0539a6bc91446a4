"""Sessions told in few words: prompts with what a reader would tell of them, and lines of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from tokenwatch.analysis.waste.finding import Sign
from tokenwatch.analysis.waste.history import (
    Agent,
    Call,
    Change,
    Commit,
    Edit,
    Money,
    Price,
    Prompt,
    Request,
    Session,
    Strand,
    Turn,
)
from tokenwatch.model import AgentKind, Usage
from tokenwatch.wording import Wording

T0 = 1_795_348_800_000
MINUTE = 60_000
PRICE = Price(3_000_000, 15_000_000, 300_000, 3_750_000, 6_000_000)
COST = Money(input=1_000, cache_read=200_001, cache_write=50_003, output=90_007)


def hashed(text: str) -> int:
    return crc32(text.encode())


def says(text: str, kind: str = "task", *, size: int = 3, **more: Any) -> Wording:
    """Return a wording. Words with a capital, a dot or an underscore inside name something."""
    plain = text.casefold()
    words = text.split()
    named = [w for w in words if any(c in w[1:-1] for c in "._#") or not w[1:].islower()]
    named = [w for w in named if len(w) > 2]
    return Wording(
        **{
            "kind": kind,
            "chars": len(text),
            "words": len(words),
            "tokens": tuple(
                hashed(w.casefold()) | 1 if w in named else hashed(w.casefold()) & ~1
                for w in words[:64]
            ),
            "grams": tuple(
                sorted({hashed(plain[i : i + size]) for i in range(len(plain) - size + 1)})[:96]
            ),
            "entities": tuple(hashed(w.casefold()) for w in named),
            "files": tuple(hashed(w.casefold()) for w in named if "." in w),
            "opening": hashed(plain[:80]),
            **more,
        }
    )


def file(path: str, added: Iterable[str] = (), removed: Iterable[str] = (), **more: Any) -> Edit:
    """Return an edit; the turn sets its time."""
    new, old = list(added), list(removed)
    return Edit(
        **{
            "call_id": "c",
            "at_ms": 0,
            "path": path,
            "name": hashed(path.rsplit("/", 1)[-1]),
            "added": len(new),
            "removed": len(old),
            "lines_added": tuple(map(hashed, new)),
            "lines_removed": tuple(map(hashed, old)),
            **more,
        }
    )


def lines(name: str, count: int, first: int = 0) -> list[str]:
    return [f"{name} {number}" for number in range(first, first + count)]


def ran(purpose: str = "check", error: str = "", **more: Any) -> Call:
    return Call(
        **{
            "id": "c",
            "at_ms": 0,
            "request_key": None,
            "name": "Bash",
            "purpose": purpose,
            "done_ms": T0,
            "ok": not error,
            "error_fingerprint": error.encode(),
            **more,
        }
    )


class Story:
    """A session that is told turn by turn, five minutes apart."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._key = 0
        self._at = T0

    def turn(
        self,
        said: Wording | Prompt | None,
        *edits: Edit,
        calls: Sequence[Call] = (),
        requests: int = 4,
        how: str | None = "completed",
        after: int = 5 * MINUTE,
        lasts: int = 2 * MINUTE,
        commits: int = 0,
        changes: Sequence[Change] = (),
        scripted: bool = False,
        others: Sequence[Prompt] = (),
        priced: bool = True,
    ) -> Story:
        number = len(self.turns)
        self._at += after
        at = self._at
        prompts: list[Prompt] = []
        if isinstance(said, Prompt):
            prompts = [said]
        elif said is not None:
            prompts = [Prompt(f"p{number}", at, said, scripted=scripted)]
        asked = []
        for index in range(requests):
            self._key += 1
            asked.append(
                Request(
                    key=self._key,
                    id=f"m{self._key}",
                    agent_id="s",
                    at_ms=at + index * 1000,
                    ended_ms=at + index * 1000 + 500,
                    model="m",
                    usage=Usage(output=10),
                    cost=COST if priced else Money(),
                    price=PRICE if priced else None,
                )
            )
        self.turns.append(
            Turn(
                number=number,
                id=f"t{number}",
                at_ms=at,
                ended_ms=None if how is None else at + lasts,
                how=how,
                prompts=(*prompts, *others),
                cause="prompt" if prompts else "notification",
                strands=(
                    Strand(
                        agent=Agent("s", AgentKind.MAIN),
                        requests=tuple(asked),
                        calls=tuple(c._replace(at_ms=at + 100 + i) for i, c in enumerate(calls)),
                        edits=tuple(e._replace(at_ms=at + 500 + i) for i, e in enumerate(edits)),
                        commits=tuple(Commit(f"k{number}", "commit", at) for _ in range(commits)),
                        changes=tuple(changes),
                    ),
                ),
            )
        )
        return self

    def told(self) -> list[Turn]:
        """Return the turns, the last one marked as such."""
        return [*self.turns[:-1], replace(self.turns[-1], is_last=True)]


SESSION = Session(key=1, id="s", source="claude-code")


def found(observe: Any, turns: Sequence[Turn], session: Session = SESSION) -> Mapping[str, Sign]:
    """Return what the last signs of each finding say; only of detectors whose signs replace."""
    memory: Any = None
    signs: dict[str, Sign] = {}
    for turn in turns:
        memory, seen = observe(memory, turn, session)
        for sign in seen:
            assert sign.replaces
            signs[sign.key] = sign
    return {key: sign for key, sign in signs.items() if not sign.withdrawn}
