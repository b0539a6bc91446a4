"""How fast agents go, as the ledger tells it."""

from __future__ import annotations

from pathlib import Path

from tests.store.batches import AT_MS, Book, request
from tokenwatch.events import PromptSeen
from tokenwatch.sources.source import Pass
from tokenwatch.store import paces, sessions
from tokenwatch.store.ledger import Ledger

MINUTE = 60_000
ONE = 5 + 2 * 1 + 3 * 6 + 4 * 10 + 5 * 25
"""Cost of an invented request."""


def _ledger(folder: Path) -> Ledger:
    """Store a session with two prompts of a person, one of a script, and seven requests."""
    book = Book(folder)
    minutes = (1, 2, 3, 61, 62, 66, 70)
    book.put(
        "/r/a.jsonl",
        [
            request(f"r{n}", "a", at_ms=AT_MS + minute * MINUTE, line=n + 1)
            for n, minute in enumerate(minutes)
        ],
    )
    book.put(
        "/r/a.jsonl",
        [
            PromptSeen(
                id=f"p{n}",
                session_id="a",
                agent_id="a",
                at_ms=AT_MS + minute * MINUTE,
                line=n + 20,
                title="",
                scripted=scripted,
            )
            for n, (minute, scripted) in enumerate(((0, False), (60, False), (65, True)))
        ],
        which=Pass.DETAIL,
    )
    return book.ledger


def test_work_without_a_person_is_counted_from_the_last_prompt(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    keys = sessions.all_keys(ledger)
    found = paces.alone(ledger, keys, AT_MS + 71 * MINUTE)
    assert found == {keys[0]: paces.Alone(AT_MS + 60 * MINUTE, 4, 4 * ONE)}
    early = paces.alone(ledger, keys, AT_MS + 10 * MINUTE)[keys[0]]
    assert early.prompted_ms == AT_MS
    assert paces.alone(ledger, (), AT_MS) == {}


def test_costs_and_requests_as_a_rule(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    assert sorted(paces.costs_of_five_minutes(ledger, 0)) == [ONE, ONE, 2 * ONE, 3 * ONE]
    assert paces.costs_of_five_minutes(ledger, AT_MS + 65 * MINUTE) == [ONE, ONE]
    assert sorted(paces.requests_a_prompt(ledger, 0)) == [3, 4]
    assert paces.requests_a_prompt(ledger, AT_MS + 100 * MINUTE) == []


def test_tokens_as_a_rule(tmp_path: Path) -> None:
    ledger = _ledger(tmp_path)
    assert sorted(paces.tokens_a_minute(ledger, 0)) == [5, 5, 5, 10, 10]
