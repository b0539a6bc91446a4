"""Find out which sessions come back to what another one of their project left undone.

The outcome depends on what the ledger holds of both, not on which of them was looked at first: a
session that changed lets all be judged anew that it is alike to, earlier and later ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Set

from tokenwatch.analysis.waste.attempts.bands import keys
from tokenwatch.analysis.waste.attempts.chain import Memory
from tokenwatch.analysis.waste.attempts.returned import (
    MOST,
    ROUTINE,
    WITHIN_MS,
    Again,
    alike,
    complains_itself,
    judged,
    left_at,
    lefts,
    stands_out,
    worth_judging,
)
from tokenwatch.analysis.waste.attempts.work import of
from tokenwatch.analysis.waste.history import Session
from tokenwatch.store import histories, likenesses
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.likenesses import BEGUN, LEFT, Attempt, Task
from tokenwatch.wording import Wording


def of_session(session: Session, memory: Memory | None) -> tuple[Task, ...]:
    """Return by what a session is to be found, from what `attempts` remembers of it."""
    if memory is None or session.project is None or session.scripted:
        return ()
    found = [
        Task(
            session.key,
            BEGUN,
            each.turn_id,
            each.prompt_id,
            each.at_ms,
            each.at_ms,
            keys(each.wording, session.project),
        )
        for each in memory.begun
        if not each.is_open
    ]
    for left in lefts(memory):
        work = left.work
        bands = keys(work.wording, session.project)
        found.append(
            Task(
                session.key,
                LEFT,
                work.turn_id,
                work.prompt_id or "",
                work.at_ms,
                work.ended_ms,
                bands,
            )
        )
    return tuple(task for task in found if task.bands)


def link(ledger: Ledger, session: int, new: Iterable[Task], seen: Collection[str]) -> set[int]:
    """Keep by what a session is found, and judge anew what that may change.

    seen: ids of the turns that were looked at just now. Returns the sessions, by key, of whose
    attempts something else is known now (`likenesses.again`). In a transaction.
    """
    old, kept = likenesses.tasks(ledger, session), frozenset(new)
    # What a session left depends on all that came after it there.
    touched = (old ^ kept) | {task for task in kept if task.role == LEFT or task.turn_id in seen}
    if not touched:
        return set()
    crowds = _keep(ledger, old, kept) if old != kept else frozenset()
    changed: set[int] = set()
    begun = {task.turn_id for task in kept if task.role == BEGUN}
    for turn_id in likenesses.returning(ledger, session) - begun:
        changed |= likenesses.set_returns(ledger, session, turn_id, {})
    to_judge = {task for task in touched & kept if task.role == BEGUN}
    to_judge.update(_others(ledger, session, touched))
    to_judge.update(task for task in likenesses.near(ledger, crowds) if task.role == BEGUN)
    for task in to_judge:
        changed |= _judge(ledger, task)
    return changed


def _keep(ledger: Ledger, old: Set[Task], new: Set[Task]) -> frozenset[int]:
    """Keep tasks in place of others; return the bands that are crowded since then, or no more."""
    bands = {band for task in old ^ new for band in task.bands}
    before = likenesses.crowded(ledger, bands)
    likenesses.keep(ledger, old - new, new - old)
    return before ^ likenesses.crowded(ledger, bands)


def _others(ledger: Ledger, session: int, tasks: Iterable[Task]) -> list[Task]:
    """Return what other sessions were begun with that may be alike to one of these."""
    found = {}
    for task in tasks:
        since, until = task.begun_ms - WITHIN_MS, task.at_ms + WITHIN_MS
        for other in likenesses.near(ledger, _telling(ledger, task), since, until):
            if other.role == BEGUN and other.session != session:
                found[other.session, other.turn_id] = other
    return list(found.values())


def _telling(ledger: Ledger, task: Task) -> frozenset[int]:
    return frozenset(task.bands) - likenesses.crowded(ledger, task.bands)


def _judge(ledger: Ledger, task: Task) -> set[int]:
    """Find the attempts that a prompt comes back to; return the sessions for which that is new."""
    found = _proofs(ledger, task, _earlier(ledger, task))
    return likenesses.set_returns(ledger, task.session, task.turn_id, found)


def _earlier(ledger: Ledger, task: Task) -> list[Task]:
    """Return the attempts that a prompt may come back to, by its words: the latest `MOST` ones."""
    own = likenesses.wording(ledger, task.prompt_id)
    may_stand_out = stands_out(own)
    bands = _telling(ledger, task)
    routine = len(bands) < len(task.bands)
    if routine and not may_stand_out:
        return []
    since, until = task.at_ms - WITHIN_MS, task.at_ms + WITHIN_MS
    near: list[tuple[Task, Wording]] = []
    same: list[Wording] = []
    sessions: set[int] = set()
    for other in likenesses.near(ledger, bands, since, until):
        if other.session == task.session:
            continue
        said = likenesses.wording(ledger, other.prompt_id)
        near.append((other, said))
        if alike(said, own):
            same.append(said)
            sessions.add(other.session)
            routine |= len(sessions) >= ROUTINE
            if routine and not may_stand_out:
                return []
    complains = complains_itself(own, same)
    earlier = [
        other
        for other, said in near
        if other.role == LEFT
        and other.at_ms <= task.at_ms
        and worth_judging(said, own, routine=routine, complains=complains)
    ]
    earlier.sort(key=lambda other: (other.at_ms, other.turn_id))
    return earlier[-MOST:]


def _proofs(ledger: Ledger, task: Task, earlier: Collection[Task]) -> dict[Attempt, Again]:
    found: dict[Attempt, Again] = {}
    if not earlier:
        return found
    turns = histories.turns(ledger, task.session, task.begun_ms)
    later = next((turn for turn in turns if turn.id == task.turn_id), None)
    if later is None:
        return found
    work = of(later)
    for other in earlier:
        session = histories.session(ledger, other.session, is_over=False)
        turns = histories.turns(ledger, other.session, other.begun_ms)
        begin = next((n for n, turn in enumerate(turns) if turn.id == other.turn_id), None)
        if session is None or begin is None:
            continue
        left = left_at(turns[begin:], session)
        again = None if left is None else judged(left, work)
        if again is not None:
            found[other.session, other.turn_id] = again
    return found
