"""Sessions as detectors of waste look at them: turns, with everything that was done in each."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tokenwatch.analysis.waste.history import (
    NO_MONEY,
    Agent,
    Call,
    Change,
    Commit,
    Compaction,
    Edit,
    Failure,
    Money,
    Price,
    Prompt,
    Request,
    Session,
    Strand,
    Turn,
)
from tokenwatch.model import AgentKind, Usage
from tokenwatch.sources.lines import name_hash
from tokenwatch.store import history_rows as rows
from tokenwatch.store.callers import Callers
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.wordings import unhashed, unpacked

_LONGEST_CALL_MS = 86_400_000


class _Mark(NamedTuple):
    """Where a turn begins, and how it went."""

    id: str
    at_ms: int
    ended_ms: int | None
    how: str | None
    cause: str


class _Part:
    """One agent's work in one turn, while it is gathered."""

    __slots__ = ("calls", "changes", "commits", "compactions", "edits", "failures", "requests")

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.calls: list[Call] = []
        self.edits: list[Edit] = []
        self.commits: list[Commit] = []
        self.compactions: list[Compaction] = []
        self.failures: list[Failure] = []
        self.changes: list[Change] = []

    def strand(self, agent: Agent) -> Strand:
        return Strand(agent=agent, **{name: tuple(getattr(self, name)) for name in self.__slots__})

    def first_ms(self) -> int:
        return min(
            int(getattr(self, name)[0].at_ms) for name in self.__slots__ if getattr(self, name)
        )


def session(ledger: Ledger, key: int, *, is_over: bool) -> Session | None:
    """Return what holds for a session; None for an unknown one."""
    row = ledger.sql.execute(
        "SELECT id, source, project, version, scripted FROM sessions WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    return Session(
        key=key,
        id=row["id"],
        source=row["source"],
        project=row["project"],
        version=row["version"],
        scripted=bool(row["scripted"]),
        is_over=is_over,
    )


def turns(ledger: Ledger, key: int, since_ms: int = 0) -> list[Turn]:
    """Return a session's turns in the order of time, from the one on that holds `since_ms`.

    If a call of an earlier turn got its result since then, from that one on. Call it within
    `ledger.reading()`.
    """
    return _Loader(ledger, key, since_ms).turns()


class _Loader:
    """Reads the rows of one session, and cuts them into turns."""

    def __init__(self, ledger: Ledger, key: int, since_ms: int) -> None:
        self._sql = ledger.sql.cursor()
        self._sql.row_factory = None
        self._key = key
        self._marks = [_Mark._make(row) for row in self._sql.execute(rows.MARKS, (key,))]
        self._starts = [mark.at_ms for mark in self._marks]
        self._first = self._turn_of(self._earliest(since_ms))
        self._since = self._starts[self._first - 1] if self._first else 0
        self._agents, self._main = self._read_agents()
        self._parts: dict[tuple[int, int], _Part] = defaultdict(_Part)
        """By turn and agent."""
        self._prompts: dict[int, list[Prompt]] = defaultdict(list)
        self._callers: Callers[int]
        self._keys: dict[str, int] = {}

    def _turn_of(self, at_ms: int) -> int:
        return bisect_right(self._starts, at_ms)

    def _earliest(self, since_ms: int) -> int:
        if since_ms <= 0:
            return since_ms
        values = (self._key, since_ms - _LONGEST_CALL_MS, since_ms, since_ms)
        found = self._sql.execute(rows.LATER_RESULTS, values).fetchone()[0]
        return since_ms if found is None else min(since_ms, found)

    def _read_agents(self) -> tuple[dict[int, Agent], int | None]:
        asked = dict(self._sql.execute(rows.ASKED, (self._key, self._key)).fetchall())
        agents: dict[int, Agent] = {}
        main = None
        for row in self._sql.execute(rows.AGENTS, (self._key,)):
            key, agent_id, kind, name, parent, started, ended, status = row
            agents[key] = Agent(
                id=agent_id,
                kind=AgentKind(kind),
                name=name,
                parent_id=parent,
                prompt=asked.get(agent_id),
                started_ms=started,
                ended_ms=ended,
                end_status=status,
            )
            if kind == AgentKind.MAIN:
                main = key
        return agents, main

    def turns(self) -> list[Turn]:
        self._read()
        last = len(self._marks)
        return [self._turn(number, last) for number in range(self._first, last + 1)]

    def _turn(self, number: int, last: int) -> Turn:
        mark = self._marks[number - 1] if number else _Mark("", self._start(), None, None, "start")
        parts = {
            agent: self._parts[number, agent]
            for agent in self._agents
            if (number, agent) in self._parts
        }
        main = parts.pop(self._main, _Part()) if self._main is not None else _Part()
        others = sorted(
            (part.first_ms(), self._agents[agent].id, agent) for agent, part in parts.items()
        )
        prompts = sorted(self._prompts.get(number, ()), key=lambda p: p.id != mark.id)
        return Turn(
            number=number,
            id=mark.id,
            at_ms=mark.at_ms,
            ended_ms=mark.ended_ms,
            how=mark.how,
            cause=mark.cause,
            is_last=number == last,
            prompts=tuple(prompts),
            strands=(
                main.strand(self._main_agent()),
                *(parts[agent].strand(self._agents[agent]) for _, _, agent in others),
            ),
        )

    def _main_agent(self) -> Agent:
        if self._main is not None:
            return self._agents[self._main]
        row = self._sql.execute("SELECT id FROM sessions WHERE key = ?", (self._key,)).fetchone()
        return Agent(id=row[0], kind=AgentKind.MAIN)

    def _start(self) -> int:
        """Return when turn 0 begins: with the first thing in it, else with the first turn."""
        times = [part.first_ms() for (number, _), part in self._parts.items() if number == 0]
        return min(times, default=self._starts[0] if self._starts else 0)

    def _rows(self, query: str) -> Iterator[tuple[_Part, tuple[Any, ...]]]:
        for row in self._sql.execute(query, (self._key, self._since)).fetchall():
            yield self._parts[self._turn_of(row[1]), row[0]], row

    def _read(self) -> None:
        requests = list(self._rows(rows.REQUESTS))
        for part, row in requests:
            part.requests.append(self._request(row))
        source = self._sql.execute("SELECT source FROM sessions WHERE key = ?", (self._key,))
        # Agent, file, line and key.
        places = ((row[0], row[2], row[3], row[4]) for _, row in requests)
        self._callers = Callers(source.fetchone()[0], places)
        for part, row in self._rows(rows.CALLS):
            part.calls.append(self._call(row))
        for part, row in self._rows(rows.EDITS):
            part.edits.append(_edit(row))
        for part, row in self._rows(rows.COMMITS):
            part.commits.append(Commit(id=row[2], kind=row[3], at_ms=row[1]))
        for part, row in self._rows(rows.COMPACTIONS):
            part.compactions.append(Compaction(*row[1:]))
        for part, row in self._rows(rows.FAILURES):
            part.failures.append(Failure(*row[1:]))
        for part, row in self._rows(rows.CHANGES):
            part.changes.append(Change(*row[1:]))
        self._read_prompts()
        self._set_ends()

    def _read_prompts(self) -> None:
        """Put each prompt to the turn it began, else to the one that it was typed in."""
        own = {mark.id: n + 1 for n, mark in enumerate(self._marks)}
        for row in self._sql.execute(rows.PROMPTS, (self._key, self._since - 1000)).fetchall():
            agent, at_ms, prompt_id, wording, scripted, queued = row
            if agent != self._main:
                continue
            number = own.get(prompt_id)
            if number is None:
                # A command's prompt is told a moment before the turn that it begins.
                number = self._turn_of(at_ms + 1000)
            if number >= self._first:
                self._prompts[number].append(
                    Prompt(prompt_id, at_ms, unpacked(wording), bool(scripted), bool(queued))
                )

    def _request(self, row: tuple[Any, ...]) -> Request:
        agent, at_ms, _, _, key, request_id, model = row[:7]
        usage = Usage(*row[7:13])
        cost = row[13]
        self._keys[request_id] = key
        price = None
        money = NO_MONEY
        if cost is not None and row[14] is not None and row[15] is not None:
            price = Price(*(rate or 0 for rate in row[14:19]))
            written = (
                usage.cache_write_5m * price.cache_write_5m
                + usage.cache_write_1h * price.cache_write_1h
            )
            fresh, read = usage.input * price.input, usage.cache_read * price.cache_read
            money = Money(fresh, read, written, cost - fresh - read - written)
        return Request(
            key=key,
            id=request_id,
            agent_id=self._agents[agent].id,
            at_ms=at_ms,
            ended_ms=at_ms,
            model=model,
            usage=usage,
            cost=money,
            price=price,
            speed=row[19],
            web_searches=row[20],
            lower_bound=bool(row[21]),
        )

    def _call(self, row: tuple[Any, ...]) -> Call:
        agent, at_ms, file, line, call_id, request_id, name, purpose, target = row[:9]
        fingerprint = _bytes(row[9])
        return Call(
            id=call_id,
            at_ms=at_ms,
            request_key=self._keys.get(request_id)
            if request_id
            else self._callers.of(agent, file, line),
            name=name,
            purpose=purpose,
            target=target,
            fingerprint=fingerprint,
            likeness=_bytes(row[10]) or fingerprint,
            touches=frozenset(unhashed(row[11])),
            partial=bool(row[12]),
            mcp_server=row[13],
            skill=row[14],
            done_ms=row[15],
            ok=None if row[16] is None else bool(row[16]),
            denied=bool(row[17]),
            interrupted=bool(row[18]),
            output_bytes=row[19] or 0,
            output_fingerprint=_bytes(row[20]),
            error_fingerprint=_bytes(row[21]),
            fault=row[22] or "",
        )

    def _set_ends(self) -> None:
        """Let each request end with the last call it made, the last of a turn with the turn.

        A turn that was broken off ended when that was noticed, which may be much later.
        """
        for (number, agent), part in self._parts.items():
            last_call: dict[int, int] = {}
            for call in part.calls:
                if call.request_key is not None:
                    last_call[call.request_key] = max(
                        call.at_ms, last_call.get(call.request_key, 0)
                    )
            for index, request in enumerate(part.requests):
                end = max(request.at_ms, last_call.get(request.key, 0))
                following = part.requests[index + 1 : index + 2]
                if following:
                    end = min(end, max(request.at_ms, following[0].at_ms))
                elif agent == self._main and number:
                    mark = self._marks[number - 1]
                    if mark.how == "completed":
                        end = max(end, mark.ended_ms or 0)
                if end != request.ended_ms:
                    part.requests[index] = request._replace(ended_ms=end)


def _edit(row: Sequence[Any]) -> Edit:
    _, at_ms, call_id, path, added, removed, created, lines_added, lines_removed, repeated = row
    return Edit(
        call_id=call_id,
        at_ms=at_ms,
        path=path,
        name=name_hash(path),
        added=added,
        removed=removed,
        created=bool(created),
        lines_added=unhashed(lines_added),
        lines_removed=unhashed(lines_removed),
        repeated=repeated,
    )


def _bytes(column: bytes | str | None) -> bytes:
    return column.encode() if isinstance(column, str) else column or b""
