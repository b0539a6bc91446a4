"""A conversation whose context grows by known amounts, for tests of what is carried along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from tests.analysis.waste import build
from tests.analysis.waste.build import MAIN, SECOND, SONNET, T0
from tokenwatch.analysis.waste.detector import Detector
from tokenwatch.analysis.waste.finding import Finding
from tokenwatch.analysis.waste.fold import Fold
from tokenwatch.analysis.waste.history import (
    Change,
    Commit,
    Compaction,
    Edit,
    Price,
    Request,
    Strand,
    Turn,
)
from tokenwatch.wording import Wording


def hashed(name: str) -> int:
    """Return the hash of a file's base name or of another name."""
    return crc32(name.rsplit("/", 1)[-1].casefold().encode())


def run_once(detector: Detector, turns: Sequence[Turn]) -> dict[str, Finding]:
    """Return the findings of a fold that sees all turns together, by key."""
    return _fold(detector, [turns])


def run_growing(detector: Detector, turns: Sequence[Turn]) -> dict[str, Finding]:
    """Return those of a fold that sees each turn again after each of its requests and calls."""
    return _fold(detector, [[part] for one in turns for part in (*build.growing(one), one)])


def _fold(detector: Detector, batches: Sequence[Sequence[Turn]]) -> dict[str, Finding]:
    fold = Fold(build.session(), (detector,))
    for batch in batches:
        fold.take(batch)
    assert not fold.failed
    return {finding.key: finding for finding in fold.findings.values()}


class Talk:
    """Requests 10 seconds apart. What is added enters with the next request of its agent."""

    def __init__(
        self,
        *,
        base: int = 20_000,
        output: int = 200,
        price: Price | None = SONNET,
        writes: bool = True,
        agent: str = MAIN,
    ) -> None:
        self.base, self.output, self.price, self.writes = base, output, price, writes
        self.agent = agent
        self.now = 0
        self.key = 0 if agent == MAIN else 10_000
        self.number = 0
        self.context = self.cached = 0
        self.added = base
        self.parts: list[dict[str, Any]] = []
        self.prompts: list[list[Any]] = []
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.last: Request | None = None

    def ask(
        self, kind: str = "task", *, after: int = SECOND, files: Sequence[str] = (), **wording: Any
    ) -> int:
        """Begin a turn; return its number."""
        if self.begun:
            self.ended.append(self.now)
        self.now += after
        number = len(self.begun)
        self.begun.append(self.now)
        told = Wording(kind=kind, files=tuple(map(hashed, files)), **wording)
        self.prompts.append([build.prompt(number, self.now, wording=told)])
        self.parts.append(
            {n: [] for n in ("requests", "calls", "edits", "commits", "compactions", "changes")}
        )
        return number

    def say(self, times: int = 1, *, expired: bool = False) -> Request:
        """Send so many requests; `expired`: the first one reads nothing of the cache."""
        for _ in range(times):
            if not self.parts:
                self.ask()
            self.now += 10 * SECOND
            self.key += 1
            self.context += self.added
            read = 0 if expired else min(self.cached, self.context)
            new = self.context - read
            request = build.request(
                self.key,
                self.now,
                read=read,
                input=0 if self.writes else new,
                write_5m=new if self.writes else 0,
                output=self.output,
                price=self.price,
                agent=self.agent,
            )
            self.cached = self.context
            self.added, expired = self.output, False
            self.parts[-1]["requests"].append(request)
            self.last = request
        assert self.last is not None
        return self.last

    def call(self, tokens: int, *, bytes_each: int = 4, **more: Any) -> str:
        """Let the latest request call something that answers with so many tokens."""
        self.number += 1
        assert self.last is not None
        values = {"name": "Read", "purpose": "read", "command": f"Read {self.number}"} | more
        values.setdefault("output_bytes", tokens * bytes_each)
        number = self.number if self.agent == MAIN else 10_000 + self.number
        one = build.call(number, self.last.key, self.now + SECOND, **values)
        self.parts[-1]["calls"].append(one)
        self.added += tokens
        return one.id

    def read(self, path: str, tokens: int, *, result: str = "text", **more: Any) -> str:
        return self.call(
            tokens,
            command=f"Read {path}",
            result=f"{path} {result}",
            target=path,
            touches=frozenset({hashed(path)}),
            output_bytes=tokens * 4,
            **more,
        )

    def edit(self, path: str, lines: int = 3) -> None:
        self.now += SECOND * 2
        self.parts[-1]["edits"].append(
            Edit(
                call_id=f"e{self.now}",
                at_ms=T0 + self.now,
                path=path,
                name=hashed(path),
                added=lines,
                removed=lines,
            )
        )

    def commit(self, sha: str = "abc1234", kind: str = "commit") -> None:
        self.now += SECOND * 2
        self.parts[-1]["commits"].append(Commit(sha, kind, T0 + self.now))

    def compact(self, left: int = 25_000) -> None:
        self.now += SECOND * 2
        self.parts[-1]["compactions"].append(Compaction(T0 + self.now, "auto", self.context, left))
        self.context, self.cached, self.added = 0, 0, left

    def change(self, kind: str, what: str | None = None, size: int = 0) -> None:
        self.parts[-1]["changes"].append(Change(T0 + self.now, kind, what, size))

    def rewind(self, to: int) -> None:
        """Take the conversation back to a context of so many tokens."""
        self.now += SECOND * 2
        self.change("rewind", size=1)
        self.context, self.cached, self.added = to, to, 0

    @property
    def turns(self) -> list[Turn]:
        """All turns so far, the last one open."""
        ends = [*self.ended, None]
        return [
            build.turn(n, at, prompts=self.prompts[n], ended=end, is_last=end is None, **parts)
            for n, (at, end, parts) in enumerate(zip(self.begun, ends, self.parts, strict=True))
        ]

    def strand(self) -> Strand:
        """Return all that was done as one subagent's part of a turn."""
        parts: dict[str, Any] = {}
        for part in self.parts:
            for name, values in part.items():
                parts.setdefault(name, []).extend(values)
        return build.strand(self.agent, **parts)
