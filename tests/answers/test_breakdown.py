"""What a session's spend was for adds up to it exactly, however requests are divided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import cases
from tests.cases import NAMES
from tests.store.batches import AT_MS, Book, request
from tokenwatch.answers.breakdown import Basis, Breakdown, By, Share, breakdown, requests_of
from tokenwatch.answers.moment import Moment
from tokenwatch.answers.session import log_of_agent, requests_of_agent
from tokenwatch.attribution import Attribution
from tokenwatch.errors import NotFound
from tokenwatch.events import ToolCallSeen
from tokenwatch.overview import Overview
from tokenwatch.sources.source import Pass

TOOLS = st.sampled_from([("Read", None), ("Bash", None), ("mcp__m__t", "m"), ("mcp__n__t", "n")])


def moment_of(book: Book) -> Moment:
    overview = Overview(book.ledger, cases.book(), cases.UTC, "UTC")
    return Moment(book.ledger, overview, {}, AT_MS, cases.UTC)


def call(number: int, name: str, line: int, **more: Any) -> ToolCallSeen:
    fields = {"session_id": "a", "agent_id": "a", "at_ms": AT_MS, "line": line} | more
    return ToolCallSeen(id=f"c{number}", name=name, **fields)


def by(found: Breakdown, kind: By) -> dict[str | None, Share]:
    shares = [share for share in (*found.tools, *found.purposes) if share.by is kind]
    return {share.name: share for share in shares}


def assert_whole(found: Breakdown, tokens: int, cost_pico: int) -> None:
    assert found.cost_pico == cost_pico
    for kind in {share.by for share in (*found.tools, *found.purposes)}:
        shares = by(found, kind).values()
        assert sum(share.cost_pico for share in shares) == cost_pico
        assert sum(share.tokens for share in shares) == tokens


@pytest.mark.parametrize("case", NAMES)
def test_shares_of_genuine_sessions_add_up(case: str, tmp_path: Path) -> None:
    desk = cases.read(cases.copy(case, tmp_path))
    for session_id, row in desk.rows().items():
        found = breakdown(desk.moment(), session_id)
        assert_whole(found, row.spend.usage.total, row.spend.cost_pico)
        for share in (*found.tools, *found.purposes):
            assert len(requests_of(desk.moment(), session_id, share.key)) == share.requests
        for agent in row.agents:
            own = requests_of_agent(desk.moment(), session_id, agent.id)
            assert sum(r.cost_pico or 0 for r in own) == agent.spend.cost_pico


def test_subagents_of_a_genuine_session(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/subagents", tmp_path))
    (session_id,) = desk.ids()
    found = by(breakdown(desk.moment(), session_id), By.SUBAGENT)
    row = desk.rows()[session_id]
    assert found["general-purpose"].basis is Basis.REPORTED
    assert found[None].cost_pico == row.agents[0].spend.cost_pico
    place = log_of_agent(desk.moment(), session_id, row.agents[1].id)
    assert place is not None and Path(place.file).name == f"agent-{row.agents[1].id}.jsonl"
    assert log_of_agent(desk.moment(), session_id, "nobody") is None


def test_codex_tells_a_calls_request_by_its_lines(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("codex-0.169.0/subagents-v2", tmp_path))
    (session_id,) = desk.ids()
    found = breakdown(desk.moment(), session_id)
    tools = by(found, By.TOOL)
    assert tools["spawn_agent"].calls == 2 and tools["spawn_agent"].requests == 1
    assert {share.basis for share in by(found, By.SUBAGENT).values()} == {Basis.OWN, Basis.REST}


@given(
    called=st.lists(st.lists(TOOLS, max_size=7), min_size=1, max_size=6),
    tokens=st.lists(st.integers(0, 99), min_size=5, max_size=5),
)
def test_any_calls(
    tmp_path_factory: pytest.TempPathFactory,
    called: list[list[tuple[str, str | None]]],
    tokens: list[int],
) -> None:
    book = Book(tmp_path_factory.mktemp("shares"))
    asked = [request(f"r{n}", "a", line=n, tokens=tuple(tokens)) for n in range(len(called))]
    book.put("/r/a.jsonl", asked)
    calls = [
        call(10 * n + k, name, n, mcp_server=server, request_id=f"r{n}")
        for n, names in enumerate(called)
        for k, (name, server) in enumerate(names)
    ]
    book.put("/r/a.jsonl", calls, which=Pass.DETAIL)
    found = breakdown(moment_of(book), "a")
    of_each = tokens[0] * 5 + tokens[1] + tokens[2] * 6 + tokens[3] * 10 + tokens[4] * 25
    assert_whole(found, sum(tokens) * len(called), of_each * len(called))
    assert sum(share.calls for share in found.tools) == len(calls)
    book.ledger.close()


def test_a_request_is_divided_among_its_calls(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.put("/r/a.jsonl", [request("r1", "a", tokens=(0, 0, 0, 0, 8)), request("r2", "a", line=9)])
    names = ("Read", "Read", "Read", "Bash")
    calls = [call(n, name, 1, request_id="r1") for n, name in enumerate(names)]
    book.put("/r/a.jsonl", [*calls, call(9, "Bash", 4, request_id="gone")], which=Pass.DETAIL)
    tools = by(breakdown(moment_of(book), "a"), By.TOOL)
    read, bash, rest = tools["Read"], tools["Bash"], tools[None]
    assert (read.cost_pico, read.calls, read.requests, read.shared) == (150, 3, 1, 1)
    assert (bash.cost_pico, bash.calls, bash.requests, bash.shared) == (50, 2, 1, 1)
    assert (rest.requests, rest.shared, rest.basis) == (1, 0, Basis.REST)


def test_what_the_client_says_goes_ahead_of_the_calls(tmp_path: Path) -> None:
    book = Book(tmp_path)
    book.put(
        "/r/a.jsonl",
        [
            request("r1", "a", attribution=Attribution(mcp_server="said", plugin="p")),
            request("r2", "a", line=2, model="free"),
            request("r3", "a", line=3),
        ],
    )
    seen = call(1, "mcp__called__t", 2, mcp_server="called", skill="s", request_id="r2")
    book.put("/r/a.jsonl", [seen], which=Pass.DETAIL)
    found = breakdown(moment_of(book), "a")
    assert set(by(found, By.MCP_SERVER)) == {"said", None}
    assert by(found, By.MCP_SERVER)["said"].basis is Basis.REPORTED
    skill = by(found, By.SKILL)["s"]
    assert skill.basis is Basis.CALLED
    assert (skill.requests, skill.unpriced, skill.cost_pico) == (1, 1, 0)
    assert set(by(found, By.PLUGIN)) == {"p", None}
    assert not by(found, By.SUBAGENT)
    (only,) = requests_of(moment_of(book), "a", by(found, By.MCP_SERVER)["said"].key)
    assert only.made_for == {"plugin": "p", "MCP server": "said"}
    assert requests_of(moment_of(book), "a", "no such key") == ()
    with pytest.raises(NotFound):
        breakdown(moment_of(book), "nobody")
