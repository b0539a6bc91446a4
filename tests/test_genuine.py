"""Real clients' logs against the truth: the API that answered them was ours."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.cases import NAMES, Desk, expected
from tests.cli.box import Box
from tokenwatch.answers import session as answers
from tokenwatch.model import NO_SPEND, Spend, Usage
from tokenwatch.snapshot import SessionRow
from tokenwatch.sources.source import Pass
from tokenwatch.store import explain, spend
from tokenwatch.store import sessions as stored
from tokenwatch.store.spend import GROUPS, Filter

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def _figures(of: Spend) -> dict[str, int]:
    return {kind: getattr(of.usage, kind) for kind in KINDS} | {"requests": of.requests}


def _read(case: str, home: Path) -> Desk:
    return cases.read(cases.copy(case, home))


def test_figures_are_the_apis(case: str, tmp_path: Path) -> None:
    want = expected(case)
    desk = _read(case, tmp_path)
    rows = desk.rows()
    by_model = dict(spend.grouped(desk.ledger, "model", Filter(), cases.UTC))
    assert _figures(spend.total(desk.ledger, Filter())) == want["totals"]
    assert {k: _figures(v) for k, v in by_model.items()} == want["by_model"]
    if "by_session" in want:
        by_session = {id: _figures(row.spend) for id, row in rows.items() if row.spend.requests}
        assert by_session == want["by_session"]
    if want["output_is_lower_bound"] is not None:
        low = any(row.spend.lower_bound_requests for row in rows.values())
        assert low == want["output_is_lower_bound"]


def test_every_table_has_the_same_total(case: str, tmp_path: Path) -> None:
    desk = _read(case, tmp_path)
    total = spend.total(desk.ledger, Filter())
    assert total.requests > 0
    for by in GROUPS:
        groups = dict(spend.grouped(desk.ledger, by, Filter(), cases.UTC))
        assert reduce(add, groups.values(), NO_SPEND) == total, by
    rows = desk.rows()
    assert reduce(add, (row.spend for row in rows.values()), NO_SPEND) == total
    for row in rows.values():
        assert reduce(add, (agent.spend for agent in row.agents), NO_SPEND) == row.spend


def test_explained_requests_are_the_sessions_row(case: str, tmp_path: Path) -> None:
    desk = _read(case, tmp_path)
    for key in stored.all_keys(desk.ledger):
        row = desk.overview.sessions([key], {}, desk.now_ms)[0]
        requests = explain.requests(desk.ledger, key)
        assert sum((r.usage for r in requests), Usage()) == row.spend.usage
        assert sum(r.cost_pico or 0 for r in requests) == row.spend.cost_pico
        assert len(requests) == row.spend.requests
        for request in requests:
            if request.cost_pico is not None:
                assert sum(cost for _, _, cost in explain.parts(request)) == request.cost_pico
            assert request.file is not None and request.line is not None
            _is_the_line(request.file, request.line, request.usage.output)


def _is_the_line(file: str, line: int, output: int) -> None:
    """The line that is shown as a request's origin holds its output."""
    text = Path(file).read_text(encoding="utf-8").splitlines()[line - 1]
    assert f'"output_tokens":{output}' in text


def test_turns_hold_every_request(case: str, tmp_path: Path) -> None:
    desk = _read(case, tmp_path)
    for session_id in desk.ids():
        detail = answers.detail(desk.moment(), session_id)
        assert reduce(add, (t.spend for t in detail.turns), NO_SPEND) == detail.row.spend
        starts = [turn.at_ms for turn in detail.turns]
        assert starts == sorted(starts)


def test_a_second_reading_finds_nothing(case: str, tmp_path: Path) -> None:
    desk = _read(case, tmp_path)
    before = cases.contents(desk.ledger)
    desk.close()
    again = Desk.open(tmp_path)
    again.sync.look()
    assert [again.sync.pending(which) for which in Pass] == [[], []]
    again.read()
    assert cases.contents(again.ledger) == before


def test_the_rollup_is_the_sum_of_the_requests(case: str, tmp_path: Path) -> None:
    desk = _read(case, tmp_path)
    assert cases.rollup(desk.ledger) == cases.rollup_of_requests(desk.ledger)
    assert cases.rollup(desk.ledger)


def _unlogged(row: SessionRow) -> dict[str, int] | None:
    if row.unlogged is None:
        return None
    return {k: v for k, v in row.unlogged.usage._asdict().items() if v and k != "reasoning"}


UNLOGGED: Mapping[str, Mapping[str, Any]] = {
    "claude-2.1.330/compact": {
        "a5436471-03c9-4fd3-ad7d-060862ba92d1": {
            "input": 14, "cache_read": 20400, "cache_write_5m": 1040, "output": 328,
        },
    },
    "claude-2.1.330/websearch": {
        "ac920961-e962-451d-bdc6-f76e27c888c0": {
            "input": 27, "cache_read": 40700, "cache_write_5m": 2070, "output": 649,
        },
    },
    # Each fork's meter begins with its parent's, which is known: nothing is left.
    "claude-2.1.330/fork": {
        "02ae8233-f486-4f88-9682-913f2e785839": {},
        "9d27646e-bd8d-4d9d-90b0-76115bf503c8": {},
        "c476d94f-5e55-4ef8-9be4-918fd7c7acc6": {},
    },
    "claude-2.1.330/subagents": {"0029d472-f34e-4c48-af75-62732c3b5cf4": {}},
    # Killed before the program wrote its meter.
    "claude-2.1.330/live-tool--live": {"246045f9-bf58-46a3-8375-b5368950716d": None},
    "claude-1.0.128/concurrent": {
        "ab2ca8c2-82aa-4aff-83c2-222482ff4865": None,
        "777c4b3e-c109-40d6-a23b-f79b78ab8736": None,
        "62d64692-e7eb-4719-8476-ef4657df6f91": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", UNLOGGED)
def test_unlogged(name: str, tmp_path: Path) -> None:
    rows = _read(name, tmp_path).rows()
    assert {id: _unlogged(row) for id, row in rows.items()} == UNLOGGED[name]


def test_what_left_no_record_is_unlogged(case: str, tmp_path: Path) -> None:
    """What the API answered beyond the log is what the meter holds beyond it, where it is exact."""
    want = expected(case)
    if not case.startswith("claude-2.1.330") or want["output_lower_bound_requests"]:
        return
    found = [_unlogged(row) for row in _read(case, tmp_path).rows().values()]
    if None in found:
        assert "--" in case, "only a session that is still running has no meter"
        return
    have = {kind: sum(part.get(kind, 0) for part in found if part) for kind in KINDS}
    missing = {kind: want["answered_totals"][kind] - want["totals"][kind] for kind in KINDS}
    assert have == missing


# What could have been avoided, as a careful reader of these logs would say it --------------------

SONNET = {"write_5m": 3_750_000, "write_1h": 6_000_000, "read": 300_000}
"""Picodollars a token of claude-sonnet-4-5."""


def _waste(case: str, home: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what `tokenwatch waste --json` says, and its findings."""
    box = Box(cases.copy(case, home))
    document: dict[str, Any] = box.run("waste", "--json").document
    assert document["unread_sessions"] == document["too_small"] == 0
    assert document["failed"] == []
    return document, document["findings"]


def _usd(pico: int) -> Decimal:
    return Decimal(pico) / 10**12


def test_findings_never_claim_more_than_was_spent(case: str, tmp_path: Path) -> None:
    box = Box(cases.copy(case, tmp_path))
    document = box.run("waste", "--json").document
    by_session: dict[str, Decimal] = {}
    for each in document["findings"]:
        by_session.setdefault(each["session_id"], Decimal())
        by_session[each["session_id"]] += Decimal(each["wasted_usd"] or 0)
    rows = {row["id"]: row for row in box.run("sessions", "--json").rows}
    for session, row in rows.items():
        claimed = by_session.get(session, Decimal())
        wasted = sum(Decimal(value) for value in row["wasted_usd"].values())
        assert claimed <= wasted <= Decimal(row["cost_usd"])
    total = sum(Decimal(value) for value in document["wasted_usd"].values())
    assert sum(by_session.values()) <= total <= Decimal(document["spend_usd"])


@pytest.mark.parametrize("case", ["claude-2.1.330/reprompt", "codex-0.169.0/reprompt"])
def test_a_script_that_asks_the_same_four_times(case: str, tmp_path: Path) -> None:
    """Whether a script's repetition is its plan the log does not tell: no dollars are claimed."""
    document, found = _waste(case, tmp_path)
    (one,) = [each for each in found if each["kind"] == "repeated-attempts"]
    first = {
        "claude-2.1.330/reprompt": "16324be0-b176-4cc2-8c43-cc4851112847",
        "codex-0.169.0/reprompt": "01a2006b-2050-7e53-bb2e-dc6d000ed7e8",
    }
    assert (one["session_id"], one["tier"]) == (first[case], "look")
    assert one["wasted_usd"] is None and one["requests"] == []
    assert "4 times" in one["headline"] and "script" in one["headline"]
    assert [line["quote"] for line in one["evidence"]] == ["fix the failing test"] * 4
    costs = [Decimal(line["cost_usd"]) for line in one["evidence"]]
    session = Box(tmp_path).run("explain", one["session_id"], "--json").document["requests"]
    assert costs == [Decimal(each["cost_usd"]) for each in session]
    assert document["wasted_usd"]["proved"] == "0.000000"


def test_a_person_who_asks_the_same_four_times(tmp_path: Path) -> None:
    _, found = _waste("claude-1.0.128/reprompt", tmp_path)
    (one,) = found
    assert (one["kind"], one["tier"]) == ("repeated-attempts", "likely")
    assert one["session_id"] == "20e76558-ead2-4168-993c-88ea9ee39cfa"
    assert "4 times" in one["headline"]
    assert [line["quote"] for line in one["evidence"]] == ["fix the failing test"] * 4
    # The last attempt is never counted, and nothing tells how much of the others was kept.
    assert one["requests"] == ["msg_fake000001", "msg_fake000005", "msg_fake000008"]
    failed = sum(Decimal(line["cost_usd"]) for line in one["evidence"][:3])
    assert Decimal(one["wasted_usd"]) == failed / 2
    assert [Decimal(value) for value in one["range_usd"]] == [failed / 2, failed]


def test_a_short_pause_costs_nothing(tmp_path: Path) -> None:
    """Twenty seconds between two prompts, and all of the first context is read again."""
    _, found = _waste("claude-2.1.330/idle", tmp_path)
    assert found == []


def test_models_that_change_without_a_rebuild(tmp_path: Path) -> None:
    _, found = _waste("claude-2.1.330/model-switch", tmp_path)
    assert found == []


def test_a_cache_that_the_client_rebuilt(tmp_path: Path) -> None:
    """Of 25,111 tokens in the cache 20,200 were read two seconds later, and 7,000 written."""
    document, found = _waste("claude-2.1.330/cache", tmp_path)
    (one,) = found
    assert (one["kind"], one["cause"], one["tier"]) == ("cache-broken", "client", "proved")
    assert one["requests"] == ["msg_fake000002"]
    (second,) = [
        each
        for each in Box(tmp_path).run("explain", one["session_id"], "--json").document["requests"]
        if each["id"] == "msg_fake000002"
    ]
    usage = second["usage"]
    assert usage["cache_read"] == 20_200
    written = usage["cache_write_5m"] + usage["cache_write_1h"]
    full = sum(usage[f"cache_{name}"] * SONNET[name] for name in ("write_5m", "write_1h"))
    lost = 25_111 - 20_200
    assert Decimal(one["wasted_usd"]) == _usd(full * lost // written - lost * SONNET["read"])
    assert document["wasted_usd"] == {"proved": one["wasted_usd"], "likely": "0.000000"}


def test_a_prompt_that_was_stopped_and_sent_again(tmp_path: Path) -> None:
    _, found = _waste("claude-2.1.330/interactive", tmp_path)
    (one,) = found
    assert (one["kind"], one["cause"], one["tier"]) == ("interrupted-work", "resend", "likely")
    assert one["session_id"] == "798a71c0-8891-4d23-a3de-7fb46a3e2770"
    assert one["requests"] == ["msg_fake000003"]
    assert one["evidence"][0]["quote"] == "a long story please"
    assert Decimal(one["wasted_usd"]) == Decimal(one["evidence"][0]["cost_usd"])
