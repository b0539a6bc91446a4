"""Which requests count for findings, and what of a finding lies among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tokenwatch.analysis.waste.finding import Finding, Tier
from tokenwatch.store import spend
from tokenwatch.store.findings import Granted
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter
from tokenwatch.store.unassessed import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A filter, as far as it tells requests of one session apart."""

    keys: tuple[int, ...] | None
    """Sessions with a request that counts; None for all."""
    since_ms: int
    until_ms: int | None
    models: frozenset[str | None] | None
    """None for all."""
    mixed: frozenset[int]
    """Sessions that used other models besides."""

    @property
    def is_whole(self) -> bool:
        """Tell that of a session every request counts, or none."""
        return not self.since_ms and self.until_ms is None and self.models is None

    def counts(self, request: Granted) -> bool:
        """Tell whether a request of one of the sessions counts."""
        return (
            request.at_ms >= self.since_ms
            and (self.until_ms is None or request.at_ms < self.until_ms)
            and (self.models is None or request.model in self.models)
        )

    def sum_of(self, granted: Iterable[tuple[int, int]], requests: Mapping[int, Granted]) -> int:
        """Return the picodollars granted of requests that count."""
        return sum(
            amount for key, amount in granted if key in requests and self.counts(requests[key])
        )

    def among(self, failures: Iterable[Failure]) -> Iterator[Failure]:
        """Yield failures with those of their sessions that count; without any, not at all."""
        if self.keys is None:
            yield from failures
            return
        known = frozenset(self.keys)
        for each in failures:
            if sessions := tuple(key for key in each.sessions if key in known):
                yield each._replace(sessions=sessions)

    def cut(
        self, session: int, finding: Finding, requests: Mapping[int, Granted]
    ) -> Finding | None:
        """Return a finding with what it was granted of requests that count; None for nothing.

        One that claims nothing is in range if a part of it is, but if its figures are added to
        those of other sessions, only as a whole: they can't be cut.
        """
        if self.is_whole:
            return finding
        if not finding.granted:
            within = self._holds(session, finding) if finding.conditional else self._meets(finding)
            return finding if within else None
        granted = tuple(
            (key, amount)
            for key, amount in finding.granted
            if key in requests and self.counts(requests[key])
        )
        if len(granted) == len(finding.granted):
            return finding
        if not granted:
            return None
        part, whole = sum(amount for _, amount in granted), finding.wasted
        return replace(
            finding,
            granted=granted,
            low=finding.low * part // whole,
            high=-(-finding.high * part // whole),
        )

    def _meets(self, finding: Finding) -> bool:
        return finding.last_ms >= self.since_ms and (
            self.until_ms is None or finding.first_ms < self.until_ms
        )

    def _holds(self, session: int, finding: Finding) -> bool:
        if finding.tier is not Tier.LOOK:
            return self._meets(finding)
        return (
            finding.first_ms >= self.since_ms
            and (self.until_ms is None or finding.last_ms < self.until_ms)
            and session not in self.mixed
        )


def range_of(ledger: Ledger, where: Filter) -> Range:
    """Return what a filter means for findings."""
    keys = None if where.is_open else tuple(sorted(spend.by_session(ledger, where)))
    models: frozenset[str | None] | None = None
    mixed: frozenset[int] = frozenset()
    if where.model is not None:
        models = frozenset(spend.matching_models(ledger, where.model))
        used = spend.models_by_session(ledger, where._replace(model=None, sessions=keys))
        mixed = frozenset(key for key, names in used.items() if not names.keys() <= models)
    return Range(
        keys=keys,
        since_ms=where.since_ms or 0,
        until_ms=where.until_ms,
        models=models,
        mixed=mixed,
    )
