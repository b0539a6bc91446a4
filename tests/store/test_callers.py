"""Which request made a call. Answer n of a real log put out 500 + 7 n, and names its calls so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import cases
from tokenwatch.store import explain, histories, purposes
from tokenwatch.store import sessions as stored
from tokenwatch.store.callers import Callers
from tokenwatch.store.ledger import Ledger

CASES = tuple(name for name in cases.NAMES if name.startswith("codex-"))


def _answer_of(call_id: str) -> int | None:
    number = call_id.rpartition("call_fake")[2][:4]
    return 500 + 7 * int(number) if number.isdigit() else None


def _made(ledger: Ledger) -> list[tuple[str, int | None]]:
    """Return each call, and what its request put out."""
    found = []
    for key in stored.all_keys(ledger):
        for turn in histories.turns(ledger, key):
            for strand in turn.strands:
                output = {request.key: request.usage.output for request in strand.requests}
                found += [(call.id, output.get(call.request_key or 0)) for call in strand.calls]
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_call_has_its_request(case: str, tmp_path: Path) -> None:
    made = _made(cases.read(cases.copy(case, tmp_path)).ledger)
    known = [(call_id, output) for call_id, output in made if _answer_of(call_id) is not None]
    assert known == [(call_id, _answer_of(call_id)) for call_id, _ in known]
    assert all(output is not None for _, output in made)


@pytest.mark.parametrize("case", CASES)
def test_all_who_ask_are_told_the_same(case: str, tmp_path: Path) -> None:
    ledger = cases.read(cases.copy(case, tmp_path)).ledger
    ids = dict(ledger.sql.execute("SELECT key, id FROM requests").fetchall())
    by_history: dict[str, int] = {}
    by_purpose: dict[str, int] = {}
    for key in stored.all_keys(ledger):
        for turn in histories.turns(ledger, key):
            for strand in turn.strands:
                for call in strand.calls:
                    assert call.request_key is not None
                    request = ids[call.request_key]
                    by_history[request] = by_history.get(request, 0) + 1
        for use in purposes.calls(ledger, key):
            assert use.request is not None
            by_purpose[use.request] = by_purpose.get(use.request, 0) + 1
    shown = {line.id: line.activity.what for line in explain.latest_requests(ledger, 1000, 0)}
    assert by_history == by_purpose
    assert {id for id, what in shown.items() if what != "answer"} == set(by_history)
    assert len(shown) == len(ids)


@pytest.mark.parametrize(
    ("case", "what"),
    [
        ("codex-0.42.0/live", ["shell echo", "shell echo", "answer"]),
        ("codex-0.121.0/fork", ["exec_command echo", *["answer"] * 5]),
        (
            "codex-0.169.0/subagents-v2",
            [
                *("spawn_agent ×2", "exec, exec_command ls", "wait_agent"),
                *("exec, exec_command ls", "answer", "wait_agent", "exec, exec_command cat"),
                *("answer", "answer"),
            ],
        ),
    ],
)
def test_a_line_of_activity_names_the_tools(case: str, what: list[str], tmp_path: Path) -> None:
    ledger = cases.read(cases.copy(case, tmp_path)).ledger
    latest = explain.latest_requests(ledger, 1000, 0)
    assert [line.activity.what for line in reversed(latest)] == what


@pytest.mark.parametrize(
    ("source", "of"),
    [
        ("codex", [(1, "a"), (3, "b"), (4, "b"), (6, None)]),
        ("claude-code", [(1, None), (2, "a"), (4, "a"), (5, "b"), (6, "b")]),
    ],
)
def test_a_call_without_a_request_is_told_by_its_line(
    source: str, of: list[tuple[int, str | None]]
) -> None:
    """Claude Code's may share a line with what its answer used."""
    requests = [(1, 1, 5, "b"), (1, 1, 2, "a"), (1, 2, 3, "another file's"), (2, 1, 3, "another's")]
    callers: Callers[str] = Callers(source, requests)
    assert [(line, callers.of(1, 1, line)) for line, _ in of] == of
    assert callers.of(3, 1, 3) is None
