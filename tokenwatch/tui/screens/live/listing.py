"""The sessions of a picture, to be filtered and sorted.

What is made of a session (its lines, its words for the filter) is kept for as long as pictures
bring the same `SessionRow`, so a new picture costs what is new in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, overload

from tokenwatch import format as fmt
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import SessionRow
from tokenwatch.tui.names import session_name
from tokenwatch.tui.screens.live.rows import ASCENDING, LiveRow, rows_of

if TYPE_CHECKING:
    from tokenwatch.tui.filter.conditions import Condition, Prompts

VALUES: Final[dict[str, Callable[[SessionRow], float | str | None]]] = {
    "burn": lambda session: session.burn_pico_per_hour,
    "cost": lambda session: session.spend.cost_or_none,
    "recent": lambda session: session.last_ms,
    "turns": lambda session: session.turns,
    "context": lambda session: session.context_used,
    "cache": lambda session: session.spend.usage.cache_hit_share,
    "session": lambda session: session_name(session).casefold(),
    "source": lambda session: session.source,
    "model": lambda session: fmt.model_name(session.models[0]) if session.models else None,
    "branch": lambda session: session.git_branch,
    "started": lambda session: session.started_ms,
    "requests": lambda session: session.spend.requests,
    "tokens": lambda session: session.spend.usage.total,
    "in": lambda session: session.spend.usage.input,
    "read": lambda session: session.spend.usage.cache_read,
    "write": lambda session: (
        session.spend.usage.cache_write_5m + session.spend.usage.cache_write_1h
    ),
    "out": lambda session: session.spend.usage.output,
}
"""What each order goes by; None is unknown."""


class Listed:
    """A session, and what was made of it when it was first asked for."""

    __slots__ = ("_rows", "_words", "height", "highest_minute", "session")

    def __init__(self, session: SessionRow) -> None:
        self.session = session
        self._rows: Sequence[LiveRow] | None = None
        self._words: str | None = None
        agents = session.agents
        self.height = 1
        """How many lines it has: most have one, which is made when it is drawn."""
        self.highest_minute = 0
        """The cost of its most expensive minute, of any line."""
        if len(agents) != 1 or agents[0].kind is not AgentKind.MAIN:
            self.height = len(self.rows)
            minutes = chain.from_iterable(row.minutes_pico for row in self.rows)
            self.highest_minute = max(minutes, default=0)
        elif agents[0].minutes_pico:
            self.highest_minute = max(agents[0].minutes_pico)

    @property
    def rows(self) -> Sequence[LiveRow]:
        """Its lines in the table."""
        if self._rows is None:
            self._rows = rows_of(self.session)
        return self._rows

    def words(self, put_together: Callable[[SessionRow], str]) -> str:
        """Return what the filter looks in without a prefix."""
        if self._words is None:
            self._words = put_together(self.session)
        return self._words


class Listing:
    """All sessions of a picture."""

    def __init__(self) -> None:
        self._sessions: Sequence[SessionRow] = ()
        self._known: dict[int, Listed] = {}
        self._orders: dict[tuple[str, bool], list[Listed]] = {}

    def take(self, sessions: Sequence[SessionRow]) -> None:
        """Replace the sessions."""
        if sessions is self._sessions:
            return
        # Each entry holds its session, so no other can have the same identity meanwhile.
        known, self._known = self._known, {}
        for session in sessions:
            self._known[id(session)] = known.get(id(session)) or Listed(session)
        self._sessions = sessions
        self._orders.clear()

    def chosen(
        self,
        sort: str,
        reverse: bool,
        source: str | None,
        conditions: Sequence[Condition],
        *,
        project: str | None = None,
        prompts: Prompts | None = None,
    ) -> list[Listed]:
        """Return the sessions that meet the conditions, in order; source, project: None for all.

        What is equal comes latest first, what is unknown last.
        """
        ordered = self._ordered(sort, reverse)
        if source is not None:
            ordered = [listed for listed in ordered if listed.session.source == source]
        if project is not None:
            ordered = [listed for listed in ordered if listed.session.project == project]
        if not conditions:
            return ordered
        from tokenwatch.tui.filter.conditions import matches, words_of

        if all(condition.field for condition in conditions):
            return [each for each in ordered if matches(each.session, conditions, None, prompts)]
        return [
            each
            for each in ordered
            if matches(each.session, conditions, each.words(words_of), prompts)
        ]

    def _ordered(self, sort: str, reverse: bool) -> list[Listed]:
        found = self._orders.get((sort, reverse))
        if found is None:
            value = VALUES[sort]
            latest_first = sorted(
                self._known.values(), key=lambda each: -(each.session.last_ms or 0)
            )
            valued: list[tuple[Any, Listed]] = [
                (value(each.session), each) for each in latest_first
            ]
            known: list[tuple[Any, Listed]] = [pair for pair in valued if pair[0] is not None]
            known.sort(key=itemgetter(0), reverse=(sort not in ASCENDING) is not reverse)
            unknown = [each for of, each in valued if of is None]
            found = self._orders[sort, reverse] = [each for _, each in known] + unknown
        return found


class Lines(Sequence[LiveRow]):
    """The lines of sessions, each session's agents right below it; made when they are looked at."""

    def __init__(self, sessions: Sequence[Listed]) -> None:
        self._owners: list[Listed] = []
        for owner in sessions:
            if owner.height == 1:
                self._owners.append(owner)
            else:
                self._owners += [owner] * owner.height
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._owners)

    @overload
    def __getitem__(self, at: int) -> LiveRow: ...
    @overload
    def __getitem__(self, at: slice) -> list[LiveRow]: ...
    def __getitem__(self, at: int | slice) -> LiveRow | list[LiveRow]:
        if isinstance(at, slice):
            return [self[place] for place in range(len(self))[at]]
        owner = self._owners[at]
        if owner.height == 1:
            return owner.rows[0]
        first = at = at % len(self)
        while first and self._owners[first - 1] is owner:
            first -= 1
        return owner.rows[at - first]

    def place_of(self, key: str) -> int | None:
        """Return where the line with that key is."""
        if not self._places:
            self._places = {
                owner.session.id if owner.height == 1 else self[at].key: at
                for at, owner in enumerate(self._owners)
            }
        return self._places.get(key)
