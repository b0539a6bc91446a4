"""What was spent within the last hour, and the latest requests: kept, and brought up to date."""

from __future__ import annotations

from collections.abc import Collection

from tokenwatch.analysis import burn
from tokenwatch.model import DAY_MS
from tokenwatch.snapshot import Activity
from tokenwatch.store import explain, sessions
from tokenwatch.store.ledger import Ledger

MINUTES = 60
LINES = 40


class Lately:
    """Asks the ledger for what was written since the last answer.

    touched: keys of the sessions that were written to since; None: all is asked anew.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._hour: dict[int, tuple[tuple[int, ...], int]] = {}
        """Costs by minute and tokens of ten minutes, by the session's key."""
        self._lines: list[explain.Latest] = []

    def hour(self, now_ms: int, touched: Collection[int] | None) -> tuple[tuple[int, ...], int]:
        """Return costs by minute of an hour, and the tokens of its last ten minutes.

        Of touched sessions the last ten minutes are asked anew, of all others nothing.
        """
        ten, keys = burn.BURN_MINUTES, None if touched is None else tuple(touched)
        if keys is None:
            self._hour = {}
        since = now_ms - (MINUTES if keys is None else ten) * burn.MINUTE_MS
        costs: dict[int, list[tuple[int, int]]] = {}
        tokens: dict[int, list[tuple[int, int]]] = {}
        for key, _, at_ms, cost, count in sessions.minutes(self._ledger, since, now_ms, keys):
            costs.setdefault(key, []).append((at_ms, cost))
            tokens.setdefault(key, []).append((at_ms, count))
        for key in costs.keys() | set(touched or ()):
            minutes = burn.by_minute(costs.get(key, ()), now_ms, MINUTES)
            if key in self._hour:
                minutes = self._hour[key][0][:-ten] + (minutes or (0,) * MINUTES)[-ten:]
            if minutes:
                self._hour[key] = minutes, sum(burn.by_minute(tokens.get(key, ()), now_ms, ten))
        sums = tuple(map(sum, zip(*(minutes for minutes, _ in self._hour.values()), strict=True)))
        return sums, sum(count for _, count in self._hour.values())

    def activity(self, now_ms: int, touched: Collection[int] | None) -> tuple[Activity, ...]:
        """Return the latest requests of a day, latest first.

        Of touched sessions those are asked for that are no older than what is known.
        """
        kept, since = self._lines, now_ms - DAY_MS
        keys = None if touched is None else tuple(touched)
        if keys is None:
            kept = []
        elif len(kept) == LINES:
            since = kept[-1].at_ms
        news = explain.latest_requests(self._ledger, LINES, since, keys)
        kept = [line for line in kept if line.session not in (keys or ())]
        self._lines = sorted(kept + news, key=lambda line: line[:2], reverse=True)[:LINES]
        return tuple(line.activity for line in self._lines)
