"""What a transcript says of itself: its session, times, folder, version and title."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from tokenwatch.events import FileFacts
from tokenwatch.model import AgentKind
from tokenwatch.sources.claude_code.locate import Place
from tokenwatch.sources.claude_code.records import Head
from tokenwatch.sources.values import Oddities, instant_ms, mapping, text

TITLES = {
    "summary": ("summary", 1),
    "ai-title": ("aiTitle", 2),
    "agent-name": ("agentName", 3),
    "custom-title": ("customTitle", 4),
}
"""Record type → its field, and how much its title counts: within a type the last one does."""
RECENT = 32
LONGEST = 4096
_WORKTREE = re.compile(r"^(.+?)[\\/]\.claude[\\/]worktrees[\\/][^\\/]+(?:[\\/].*)?$", re.S)


class Times(msgspec.Struct, omit_defaults=True):
    """How late it had become: by the latest answer, and by the latest record.

    That is enough where clocks run forward, and no other record needs to be read for its time.
    """

    answers_ms: int | None = None
    record_ms: int | None = None

    def see(self, at_ms: int, *, answer: bool) -> None:
        """Note the time of the file's next record."""
        self.record_ms = at_ms
        if answer and (self.answers_ms is None or at_ms > self.answers_ms):
            self.answers_ms = at_ms

    @property
    def latest_ms(self) -> int | None:
        """Return the later one; None if no record had a time."""
        if self.record_ms is None or self.answers_ms is None:
            return self.record_ms
        return max(self.record_ms, self.answers_ms)


class FactsMemory(msgspec.Struct, omit_defaults=True):
    """What must be known of the part of the file that has been read."""

    session_id: str | None = None
    first_ms: int | None = None
    times: Times = msgspec.field(default_factory=Times)
    """Of all records: nothing above in the file happened later."""
    own_times: Times = msgspec.field(default_factory=Times)
    """Of records that were not copied from another session."""
    cwd: str | None = None
    worktree: tuple[str, str] | None = None
    """A worktree's folder, and the one it was made from."""
    entrypoint: str | None = None
    version: str | None = None
    title_weight: int = 0
    agent_name: str | None = None
    fork_of: str | None = None
    recent: list[str] = []
    """Beginnings of the ids of the latest answers' records, of versions that write summaries: a
    summary names the record that it ends with, and most summaries in a file are about other files.
    """
    latest: str = ""
    """Beginning of the id of the latest record of any kind, of such a version."""

    @property
    def seen_ms(self) -> int | None:
        """Return how late it had become by the latest record."""
        return self.times.latest_ms


class Facts:
    """Collects the facts of one file, record by record."""

    def __init__(self, place: Place, memory: FactsMemory) -> None:
        self.place = place
        self.memory = memory
        self._is_main = place.kind is AgentKind.MAIN
        self._title: str | None = None
        self._branch: str | None = None
        self._context: tuple[object, ...] = ()
        """What the latest record told of its context: most tell the same again."""
        self._names_records = False
        """The latest record's version may write summaries, which name a record by its id."""

    def session_of(self, record: Head) -> str:
        """Return the session a record belongs to: its own word, else the file's."""
        return text(record.sessionId) or self.session_id or f"agent-{self.place.agent_id}"

    @property
    def session_id(self) -> str | None:
        """Return the file's session: an agent's file learns it from its first record."""
        return self.memory.session_id or self.place.session_id

    def is_copy(self, record: Head) -> bool:
        """Tell whether a record says that it was copied here from another session."""
        if isinstance(record.forkedFrom, dict) and record.forkedFrom:
            return True
        session = record.sessionId
        return (
            self._is_main
            and session != self.place.session_id
            and isinstance(session, str)
            and session != ""
        )

    def see(self, record: Head, number: int, now_ms: int, odd: Oddities | None) -> int | None:
        """Learn from a record; return its time. A time that is none is counted in `odd`."""
        memory = self.memory
        at_ms = instant_ms(record.timestamp, now_ms)
        if at_ms is not None:
            own = not self.is_copy(record)
            self.see_time(at_ms, answer=record.type == "assistant", own=own)
        elif record.timestamp is not None and odd is not None:
            odd.add("bad_time", number)
        if not self._is_main and memory.session_id is None:
            memory.session_id = text(record.sessionId)
        uuid = record.uuid
        if isinstance(uuid, str):
            context = (
                record.cwd,
                record.gitBranch,
                record.version,
                record.entrypoint,
                record.attributionAgent,
                record.forkedFrom,
            )
            if context != self._context:
                self._context = context
                self._see_context(record)
                self._names_records = writes_summaries(record.version)
            if self._names_records:
                self.see_id(uuid, answer=record.type == "assistant")
        elif text(record.type) in TITLES:
            self._see_title(record)
        elif record.type == "worktree-state":
            self._see_worktree(record)
        return at_ms

    def see_time(self, at_ms: int, *, answer: bool, own: bool = True) -> None:
        """Note the time of the file's next record."""
        memory = self.memory
        if memory.first_ms is None:
            memory.first_ms = at_ms
        memory.times.see(at_ms, answer=answer)
        if own:
            memory.own_times.see(at_ms, answer=answer)

    def see_id(self, uuid: str, *, answer: bool) -> None:
        """Note the id of the file's next record, which a summary may name; twice is once."""
        memory = self.memory
        memory.latest = uuid[:8]
        if answer and memory.latest not in memory.recent:
            memory.recent.append(memory.latest)
            if len(memory.recent) >= 2 * RECENT:
                del memory.recent[:RECENT]

    def see_answer(self, at_ms: int, attribution: str | None = None) -> None:
        """Learn from an own answer whose context is that of a record which was seen."""
        self.see_time(at_ms, answer=True)
        if attribution is not None and self.place.agent_id is not None:
            self.memory.agent_name = _short(attribution) or self.memory.agent_name

    def _see_context(self, record: Head) -> None:
        memory = self.memory
        if memory.cwd is None:
            memory.cwd = _short(record.cwd)
        if memory.entrypoint is None:
            memory.entrypoint = _short(record.entrypoint)
        if record.version != memory.version:
            memory.version = _short(record.version) or memory.version
        if record.attributionAgent is not None and self.place.agent_id is not None:
            memory.agent_name = _short(record.attributionAgent) or memory.agent_name
        branch = _short(record.gitBranch)
        if branch is not None and branch != "HEAD":
            self._branch = branch
        if memory.fork_of is None and self._is_main:
            memory.fork_of = text(mapping(record.forkedFrom).get("sessionId"))

    def _see_title(self, record: Head) -> None:
        field, weight = TITLES[record.type]
        title = text(getattr(record, field))
        if title is None or weight < self.memory.title_weight:
            return
        leaf = str(record.leafUuid)[:8]
        known = leaf == self.memory.latest or leaf in self.memory.recent
        if record.type == "summary" and not known:
            return
        self.memory.title_weight = weight
        self._title = title

    def _see_worktree(self, record: Head) -> None:
        session = mapping(record.worktreeSession)
        path, original = _short(session.get("worktreePath")), _short(session.get("originalCwd"))
        if path is not None and original is not None and self.memory.worktree is None:
            self.memory.worktree = (path, original)

    def take(self) -> FileFacts:
        """Return what is known, and what was learnt since the last call."""
        memory, place = self.memory, self.place
        self._context = ()
        title, self._title = self._title, None
        branch, self._branch = self._branch, None
        entrypoint = memory.entrypoint
        return FileFacts(
            session_id=self.session_id,
            agent_id=place.agent_id,
            kind=place.kind,
            rank=place.rank,
            first_ms=memory.first_ms,
            last_ms=memory.own_times.latest_ms,
            cwd=memory.cwd,
            project=project(memory.cwd, memory.worktree),
            git_branch=branch,
            version=memory.version,
            entrypoint=entrypoint,
            scripted=None if entrypoint is None else entrypoint.startswith("sdk"),
            client_title=title,
            agent_name=memory.agent_name,
            fork_of=memory.fork_of,
        )


def writes_summaries(version: object) -> bool:
    """Tell whether that version may write records of type `summary` (up to 2.1.27)."""
    return not isinstance(version, str) or _numbers(version) < (2, 1, 28)


@lru_cache(maxsize=512)
def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", version)
    return tuple(map(int, found.groups())) if found else ()


def _short(value: object) -> str | None:
    """Return a text that is fit to be remembered: a longer one is damage."""
    found = text(value)
    return found if found is not None and len(found) <= LONGEST else None


def project(cwd: str | None, worktree: tuple[str, str] | None) -> str | None:
    """Return a folder's project: a worktree counts as the folder it was made from."""
    if cwd is None:
        return None
    if worktree is not None:
        path, original = worktree
        if cwd == path or cwd.startswith((path + "/", path + "\\")):
            cwd = original
    match = _WORKTREE.match(cwd)
    return match.group(1) if match else cwd
