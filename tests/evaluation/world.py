"""A home that fills with sessions and labels: clocks, identities, folders, sums."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any

from tests.evaluation.files import NOUNS, VERBS
from tests.evaluation.label import LEAST_SHOWN, LOOK, Label, Written
from tests.evaluation.money import Req
from tokenwatch.model import NO_USAGE, Usage

NOW_MS = 1_795_356_000_000
"""2026-11-22 14:00 UTC: the program's clock while it is measured."""
DAY_MS = 86_400_000
MINUTE_MS = 60_000
DAYS = 12
"""Sessions lie so many days back, and no further."""


class World:
    """One home, its clock, and what is known of it. `share`: 1.0 for all cases, less for fewer."""

    def __init__(self, folder: Path, name: str, seed: int, share: float = 1.0) -> None:
        self.folder, self.name, self.share = folder, name, share
        self.rng = Random(f"{seed}:{name}")
        self.labels: list[Label] = []
        self.judged: set[str] = {name}
        self.usage: dict[str, Usage] = {}
        self.spend: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self.costs: dict[str, int] = {}
        self._numbers = 0

    def count(self, full: int) -> int:
        """Return how many cases of so many are to be made."""
        return max(1, round(full * self.share))

    def start(self, *, days: int = DAYS) -> int:
        """Return when a session may begin: in working hours, long enough ago."""
        day = self.rng.randrange(1, days + 1)
        midnight = NOW_MS - 14 * 3_600_000 - day * DAY_MS
        return midnight + self.rng.randrange(8 * 3_600_000, 15 * 3_600_000)

    def project(self) -> str:
        """Return a folder of its own for a session or a group of them."""
        self._numbers += 1
        rng = self.rng
        return f"/home/dev/{rng.choice(NOUNS)}-{rng.choice(VERBS)}-{self._numbers}"

    def billed(self, session: str, req: Req) -> None:
        """Count a request for its session."""
        self.usage[session] = self.usage.get(session, NO_USAGE) + req.usage
        self.spend[session] = self.spend.get(session, 0) + req.cost
        self.counts[session] = self.counts.get(session, 0) + 1
        self.costs[req.id] = req.cost

    def save(self, path: Path, records: list[dict[str, Any]], at_ms: int) -> None:
        """Write a log as old as its last record."""
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(path, ns=(at_ms * 1_000_000,) * 2)

    def hit(
        self,
        kind: str,
        sessions: str | tuple[str, ...],
        requests: list[Req] | tuple[Req, ...] = (),
        money: int = 0,
        what: str = "",
        *,
        cause: str | None = None,
        language: str = "",
        **values: object,
    ) -> None:
        """Note that there is waste."""
        ids = (sessions,) if isinstance(sessions, str) else sessions
        self.labels.append(
            Label(
                kind=kind,
                positive=True,
                sessions=ids,
                requests=frozenset(req.id for req in requests),
                money=money,
                cause=cause,
                language=language,
                what=what,
                values=values,
                small=kind not in LOOK and money < LEAST_SHOWN * 11 // 10,
            )
        )

    def either(self, kind: str, session: str, what: str) -> None:
        """Note a place where a finding is right and none is right as well."""
        label = Label(kind=kind, positive=True, sessions=(session,), what=what, small=True)
        self.labels.append(label)

    def quiet(
        self,
        kind: str,
        sessions: str | tuple[str, ...],
        what: str = "",
        requests: list[Req] | tuple[Req, ...] = (),
        *,
        language: str = "",
        **values: object,
    ) -> None:
        """Note that there is none, although it may look like it."""
        ids = (sessions,) if isinstance(sessions, str) else sessions
        self.labels.append(
            Label(
                kind=kind,
                positive=False,
                sessions=ids,
                requests=frozenset(req.id for req in requests),
                language=language,
                what=what,
                values=values,
            )
        )

    def written(self) -> Written:
        """Return all that is known of the home."""
        return Written(
            name=self.name,
            kinds=tuple(sorted(self.judged)),
            labels=tuple(self.labels),
            sessions=len(self.spend),
            spend=sum(self.spend.values()),
            session_spend=self.spend,
            session_requests=self.counts,
            requests=self.costs,
        )
