"""All sessions there ever were, to be filtered, sorted, grouped and summed: 10,000 at once.

What is made of a session is kept for as long as it stays the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokenwatch import format as fmt
from tokenwatch.answers.past import PastSession
from tokenwatch.model import NO_SPEND, NO_USAGE, Spend, State, Usage
from tokenwatch.tui import exact
from tokenwatch.tui.filter.conditions import Condition, Prompts, matches, words_of
from tokenwatch.tui.names import project_name, title_of

if TYPE_CHECKING:
    from tokenwatch.export.sheets import Cell

GROUPS: Final = ("", "project", "model", "branch", "day")
"""What `b` goes through; "" is no grouping."""
_STATES: Final = {State.WORKING: 0, State.WAITING: 1, State.IDLE: 2, State.ENDED: 3}


class Entry:
    """A session as a line, and what was made of it when it was first asked for."""

    __slots__ = ("_name", "_words", "key", "session")

    def __init__(self, session: PastSession) -> None:
        self.key = session.id
        self.session = session
        self._name: str | None = None
        self._words: str | None = None

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {
            "id": self.key,
            "project": self.session.project or "",
            "tokens": self.session.spend.usage.total,
            "cost_is": exact.mark_of(self.session.spend),
        }

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        if column == "session":
            return title_of(self.session.title, self.session.id)
        return _exact(self.session, column)

    @property
    def name(self) -> str:
        """Project and title, folded."""
        if self._name is None:
            title = title_of(self.session.title, self.session.id)
            self._name = f"{project_name(self.session.project) or ''} {title}".casefold()
        return self._name

    @property
    def words(self) -> str:
        """What the filter looks in without a prefix."""
        if self._words is None:
            self._words = words_of(self.session)
        return self._words


class Group(NamedTuple):
    """The header of a group: what its sessions come to."""

    key: str
    label: str
    name: str
    """What it is sorted by among its like where names are asked for."""
    many: int
    """Sessions."""
    session: PastSession
    """The sums of its sessions; what has no sum is empty."""
    is_open: bool

    @property
    def more(self) -> dict[str, Cell]:
        """What an export has beside the columns."""
        return {
            "id": "",
            "project": "",
            "tokens": self.session.spend.usage.total,
            "cost_is": exact.mark_of(self.session.spend),
        }

    def exact(self, column: str) -> Cell:
        """Return what an export writes for a column."""
        match column:
            case "session":
                return f"{self.label}, sessions: {self.many}"
            case "state" | "source" | "model" | "branch" | "context" | "length":
                return ""
        return _exact(self.session, column)


def _exact(session: PastSession, column: str) -> Cell:
    match column:
        case "state":
            return session.state.value
        case "source":
            return session.source
        case "model":
            return exact.names(session.models)
        case "branch":
            return session.git_branch or ""
        case "started":
            return exact.time(session.started_ms)
        case "last":
            return exact.time(session.last_ms)
        case "length":
            return exact.number(length_ms(session))
        case "context":
            return exact.number(session.context_used)
        case "turns" | "agents" | "prompts" | "compactions" | "commits":
            number: int = getattr(session, column)
            return number
        case "lines":
            return f"+{session.lines_added} -{session.lines_removed}"
    return exact.of_spend(session.spend, column)


Line = Entry | Group


@lru_cache(maxsize=1024)
def _model(models: tuple[str, ...]) -> str | None:
    return fmt.model_name(models[0]) if models else None


VALUES: Final[dict[str, Callable[[Any], Any]]] = {
    "state": lambda line: _STATES[line.session.state],
    "session": lambda line: line.name,
    "source": lambda line: line.session.source,
    "model": lambda line: _model(line.session.models),
    "branch": lambda line: line.session.git_branch,
    "turns": lambda line: line.session.turns,
    "agents": lambda line: line.session.agents,
    "prompts": lambda line: line.session.prompts,
    "compactions": lambda line: line.session.compactions,
    "commits": lambda line: line.session.commits,
    "lines": lambda line: line.session.lines_added + line.session.lines_removed,
    "started": lambda line: line.session.started_ms,
    "last": lambda line: line.session.last_ms,
    "length": lambda line: length_ms(line.session),
    "context": lambda line: line.session.context_used,
    "cache": lambda line: line.session.spend.usage.cache_hit_share,
    "in": lambda line: line.session.spend.usage.input,
    "read": lambda line: line.session.spend.usage.cache_read,
    "write": lambda line: _written(line.session.spend.usage),
    "out": lambda line: line.session.spend.usage.output,
    "tokens": lambda line: line.session.spend.usage.total,
    "cost": lambda line: line.session.spend.cost_or_none,
}
"""What each order goes by; None is unknown."""
ASCENDING: Final = frozenset({"state", "session", "source", "model", "branch"})
"""Columns whose natural order begins with the smallest."""


def length_ms(session: PastSession) -> int | None:
    """Return how long a session lasted so far."""
    if session.started_ms is None or session.last_ms is None:
        return None
    return max(0, session.last_ms - session.started_ms)


def _written(usage: Usage) -> int:
    return usage.cache_write_5m + usage.cache_write_1h


def sum_of(spends: Iterable[Spend]) -> Spend:
    """Return the exact sum of many spends."""
    columns = list(zip(*spends, strict=True))
    if not columns:
        return NO_SPEND
    usages, *counts = columns
    usage = Usage(*map(sum, zip(*usages, strict=True))) if usages else NO_USAGE
    return Spend(usage, *map(sum, counts))


class PastListing:
    """The sessions of a period."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._orders: dict[tuple[str, bool], list[Entry]] = {}

    def take(self, sessions: Mapping[str, PastSession]) -> None:
        """Replace the sessions, by their ids."""
        known, self._entries = self._entries, {}
        for key, session in sessions.items():
            entry = known.get(key)
            same = entry is not None and entry.session is session
            self._entries[key] = entry if same and entry is not None else Entry(session)
        self._orders.clear()

    @property
    def entries(self) -> Iterable[Entry]:
        """All of them, in no order."""
        return self._entries.values()

    def chosen(
        self,
        sort: str,
        reverse: bool,
        conditions: Sequence[Condition] = (),
        prompts: Prompts | None = None,
        *,
        source: str | None = None,
        project: str | None = None,
    ) -> list[Entry]:
        """Return the sessions that meet the conditions, in order; source, project: None for all.

        What is equal comes latest first, what is unknown last.
        """
        found = self._ordered(sort, reverse)
        if source is not None:
            found = [entry for entry in found if entry.session.source == source]
        if project is not None:
            found = [entry for entry in found if entry.session.project == project]
        if not conditions:
            return found
        if all(condition.field for condition in conditions):
            return [e for e in found if matches(e.session, conditions, None, prompts)]
        return [e for e in found if matches(e.session, conditions, e.words, prompts)]

    def _ordered(self, sort: str, reverse: bool) -> list[Entry]:
        known = self._orders.get((sort, reverse))
        if known is None:
            known = self._orders[sort, reverse] = in_order(self._entries.values(), sort, reverse)
        return known


def in_order(lines: Iterable[Any], sort: str, reverse: bool) -> list[Any]:
    """Return sessions or groups in an order; equals latest first, unknowns last."""
    value = VALUES[sort]
    latest = [(-(line.session.last_ms or 0), line) for line in lines]
    latest.sort(key=itemgetter(0))
    valued = [(value(line), line) for _, line in latest]
    known = [pair for pair in valued if pair[0] is not None]
    known.sort(key=itemgetter(0), reverse=(sort not in ASCENDING) is not reverse)
    return [line for _, line in known] + [line for of, line in valued if of is None]


class Grouping:
    """Puts sessions below headers, and remembers which groups are open."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    def toggle(self, key: str) -> None:
        """Open a group that is closed, close one that is open."""
        self._open ^= {key}

    def lines(
        self,
        entries: Sequence[Entry],
        by: str,
        sort: str,
        reverse: bool,
        zone: tzinfo,
        now_ms: int,
    ) -> list[Line]:
        """Return the groups in the order that their sums give them, open ones with sessions.

        entries: in order, which they keep within their group. by: one of GROUPS but "".
        """
        name = _namer(by, zone, now_ms)
        members: dict[str, list[Entry]] = {}
        for entry in entries:
            members.setdefault(name(entry.session).key, []).append(entry)
        groups = [
            self._group(by, name(own[0].session), own, is_open=f"{by}:{key}" in self._open)
            for key, own in members.items()
        ]
        lines: list[Line] = []
        for group in in_order(groups, sort, reverse):
            lines.append(group)
            if group.is_open:
                lines += members[group.key.partition(":")[2]]
        return lines

    def _group(self, by: str, name: _Name, own: Sequence[Entry], *, is_open: bool) -> Group:
        sessions = [entry.session for entry in own]
        return Group(
            key=f"{by}:{name.key}",
            label=name.label,
            name=name.sort,
            many=len(own),
            session=_sums(sessions),
            is_open=is_open,
        )


def group_of(session: PastSession, by: str, zone: tzinfo, now_ms: int) -> str:
    """Return the key of the header that a session stands below."""
    return f"{by}:{_namer(by, zone, now_ms)(session).key}"


def _sums(sessions: Sequence[PastSession]) -> PastSession:
    started = [s.started_ms for s in sessions if s.started_ms is not None]
    last = [s.last_ms for s in sessions if s.last_ms is not None]
    return PastSession(
        id="",
        source="",
        title=None,
        project=None,
        git_branch=None,
        models=(),
        started_ms=min(started, default=None),
        last_ms=max(last, default=None),
        state=min((s.state for s in sessions), key=_STATES.__getitem__),
        spend=sum_of([s.spend for s in sessions]),
        agents=sum([s.agents for s in sessions]),
        named="",
        prompts=sum([s.prompts for s in sessions]),
        turns=sum([s.turns for s in sessions]),
        compactions=sum([s.compactions for s in sessions]),
        commits=sum([s.commits for s in sessions]),
        lines_added=sum([s.lines_added for s in sessions]),
        lines_removed=sum([s.lines_removed for s in sessions]),
    )


class _Name(NamedTuple):
    key: str
    label: str
    sort: str


def _namer(by: str, zone: tzinfo, now_ms: int) -> Callable[[PastSession], _Name]:
    """Return what names the group of a session."""
    return {
        "project": lambda session: _by_project(session.project),
        "model": lambda session: _by_model(session.models[0] if session.models else None),
        "branch": lambda session: _by_branch(session.project, session.git_branch),
        "day": lambda session: _by_day(session.last_ms, zone, now_ms),
    }[by]


@lru_cache(maxsize=4096)
def _by_project(project: str | None) -> _Name:
    label = project_name(project) or "no project"
    return _Name(project or "", label, label.casefold())


@lru_cache(maxsize=1024)
def _by_model(model: str | None) -> _Name:
    label = fmt.clean(fmt.model_name(model)) if model else "no model"
    return _Name(label, label, label)


@lru_cache(maxsize=4096)
def _by_branch(project: str | None, branch: str | None) -> _Name:
    where = project_name(project)
    name = fmt.one_line(branch, 80) if branch else "no branch"
    label = f"{where} ▸ {name}" if where else name
    return _Name(f"{project or ''}\n{branch or ''}", label, label.casefold())


def _by_day(last_ms: int | None, zone: tzinfo, now_ms: int) -> _Name:
    if last_ms is None:
        return _Name("", "no time", "")
    return _day(last_ms // 900_000, zone, now_ms // 900_000)


# Days of every zone begin with a quarter of an hour.
@lru_cache(maxsize=65_536)
def _day(quarter: int, zone: tzinfo, now_quarter: int) -> _Name:
    day = datetime.fromtimestamp(quarter * 900, zone).date()
    today = datetime.fromtimestamp(now_quarter * 900, zone).date()
    label = f"{day:%a} {day.day} {day:%b}"
    if day.year != today.year:
        label += f" {day.year}"
    if day == today:
        label = f"today, {label}"
    elif day == today - timedelta(days=1):
        label = f"yesterday, {label}"
    return _Name(day.isoformat(), label, day.isoformat())
