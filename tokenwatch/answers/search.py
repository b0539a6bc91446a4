"""Prompts that hold words, read from the logs: nothing of them is stored.

A search through all sessions is asked for part by part, the newest sessions first, so that it shows
what it has, and ends when nobody asks on.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from tokenwatch.answers.looked import Looked, TurnIds
from tokenwatch.answers.moment import Moment
from tokenwatch.sources import source
from tokenwatch.sources.search import Wanted, holding, wanted
from tokenwatch.sources.tail import is_compressed
from tokenwatch.store import sessions as stored
from tokenwatch.store import turns
from tokenwatch.store.prompts import (
    Behind,
    Prompted,
    PromptPlace,
    latest_prompted,
    prompted,
)

PART_SESSIONS = 400
PART_BYTES = 32 * 1024 * 1024
"""One part looks through as many sessions, and ends after as many bytes of logs."""
PACKED = 8
"""A packed log holds about so many times its size."""


def search(moment: Moment, *, terms: tuple[str, ...], behind: Behind | None = None) -> Looked:
    """Look through sessions for prompts that hold terms, on from where another part ended.

    terms: each is looked for by itself; case and the length of blanks do not count.
    """
    looked, gone, read_bytes = [], 0, 0
    wants = [wanted(term) for term in terms]
    part = latest_prompted(moment.ledger, behind, PART_SESSIONS)
    for session in part:
        found, missing = _holding(session, wants)
        looked.append((session.id, frozenset[str]().union(*found.values())))
        gone += missing
        read_bytes += _bytes(session)
        behind = session.last_ms, session.key
        if read_bytes >= PART_BYTES:
            break
    is_done = len(looked) == len(part) < PART_SESSIONS
    return Looked(tuple(looked), gone, None if is_done else behind)


def matching_turns(moment: Moment, *, session_id: str, words: str) -> TurnIds:
    """Return the ids of those of a session's turns (`turns.turns`) of which a prompt holds words.

    words: looked for as they stand, but for case and the length of blanks. A log that is gone
    matches nothing. NotFound for an unknown session.
    """
    key = stored.find(moment.ledger, session_id)
    session = prompted(moment.ledger, key)
    rows = [turn for turn in turns.turns(moment.ledger, key) if turn.number]
    ids = {turn.id for turn in rows}
    starts = [turn.at_ms for turn in rows]
    held, _ = _holding(session, [wanted(words)])
    found = set()
    for place in held:
        # As turns are titled: by their own prompt, else by one that was typed within them.
        at = bisect_right(starts, place.at_ms + 1000) - 1
        found.add(place.id if place.id in ids else rows[at].id if at >= 0 else "")
    return TurnIds(found)


def _logs_of(session: Prompted) -> dict[str, dict[int, PromptPlace]]:
    """Return a session's prompts by log and line."""
    logs: dict[str, dict[int, PromptPlace]] = {}
    for place in session.prompts:
        logs.setdefault(place.path, {})[place.line] = place
    return logs


def _holding(
    session: Prompted, wants: Sequence[Wanted]
) -> tuple[dict[PromptPlace, frozenset[str]], int]:
    """Return the prompts that hold words, with those words; and the number of logs not read."""
    found, gone = {}, 0
    read = source(session.source).prompt_at
    for path, places in _logs_of(session).items():
        try:
            for line, terms in holding(path, places, wants, read):
                found[places[line]] = terms
        except OSError:
            gone += 1
    return found, gone


def _bytes(session: Prompted) -> int:
    sizes = {place.path: place.size for place in session.prompts}
    return sum(size * (PACKED if is_compressed(path) else 1) for path, size in sizes.items())
