"""Which of several copies counts: owner and time by rank, usage whole from the best record."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests import cases
from tests.cases import Desk, rollup, rollup_of_requests
from tests.store.batches import AT_MS, FLAT, Book, flat, request
from tokenwatch.attribution import Attribution
from tokenwatch.events import (
    AgentEnded,
    AgentLaunched,
    CommitSeen,
    EditSeen,
    MeterSeen,
    PromptSeen,
    QuotaSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.model import AgentKind, Basis, Usage
from tokenwatch.pricing import Priceable, Unpriced
from tokenwatch.sources.source import Pass
from tokenwatch.store import explain
from tokenwatch.store import sessions as stored

HOUR = 3_600_000


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def _balanced(book: Book) -> None:
    assert rollup(book.ledger) == rollup_of_requests(book.ledger)


CLAIMS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # What is different: facts and request of the owner, then of the other.
    "rank": ({"rank": 0, "first_ms": AT_MS + 9}, {"is_copy": True}, {"rank": 1}, {}),
    "is_copy": ({"first_ms": AT_MS + 9}, {}, {}, {"is_copy": True}),
    "first_ms": ({"first_ms": AT_MS - 1}, {"line": 9}, {}, {"line": 2}),
    "path": ({}, {"line": 9}, {}, {"line": 2}),
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("owner_first", [True, False])
def test_the_owner_of_a_shared_request(book: Book, claim: str, owner_first: bool) -> None:
    facts, of_owner, other_facts, of_other = CLAIMS[claim]
    own = ("/r/a.jsonl", [request(session="a", at_ms=AT_MS, **of_owner)], facts)
    copy = ("/r/b.jsonl", [request(session="b", at_ms=AT_MS + HOUR, **of_other)], other_facts)
    for path, events, told in (own, copy) if owner_first else (copy, own):
        book.put(path, events, **told)
    row = book.row()
    assert (row["session_id"], row["path"], row["at_ms"]) == ("a", "/r/a.jsonl", AT_MS)
    assert row["line"] == own[1][0].line
    assert book.by_session() == {"a": (1, 15, 5 + 2 + 18 + 40 + 125)}
    assert [bool(r.inherits) for r in _records(book)] == [True] * (len(_records(book)) - 1) + [
        False
    ]
    _balanced(book)


def _records(book: Book) -> list[stored.SessionRecord]:
    keys = [r[0] for r in book.ledger.sql.execute("SELECT key FROM sessions ORDER BY id DESC")]
    return stored.records(book.ledger, keys)


def test_the_lowest_line_within_a_file(book: Book) -> None:
    book.put("/r/a.jsonl", [request(session="a", line=5, at_ms=AT_MS + 5)])
    book.put("/r/a.jsonl", [request(session="a", line=3, at_ms=AT_MS + 3)])
    book.put("/r/a.jsonl", [request(session="a", line=8, at_ms=AT_MS + 8)])
    assert (book.row()["line"], book.row()["at_ms"]) == (3, AT_MS + 3)


RECORDS: tuple[dict[str, Any], ...] = (
    # From the worst record to the best.
    {"final": False, "tokens": (9, 9, 9, 9, 900), "model": "x"},
    {"final": True, "tokens": (9, 9, 9, 9, 5), "model": "x"},
    {"final": True, "tokens": (1, 2, 3, 4, 6), "model": "x", "web_searches": 3},
    {"final": True, "tokens": (1, 2, 3, 5, 6), "model": "m", "speed": "fast", "web_searches": 1},
)


@pytest.mark.parametrize("order", permutations(range(4)))
def test_usage_is_taken_whole_from_the_best_record(book: Book, order: tuple[int, ...]) -> None:
    for number in order:
        book.put(f"/r/{number}.jsonl", [request(session=str(number), line=4, **RECORDS[number])])
    row = book.row()
    assert row["session_id"] == "0"
    assert (row["usage_path"], row["model_name"], row["speed"]) == ("/r/3.jsonl", "m", "fast")
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "web_searches")
    assert [row[kind] for kind in kinds] == [1, 2, 3, 5, 6, 1]
    assert row["cost_pico"] == 5 + 2 + 18 + 50 + 150 + 1000
    _balanced(book)


def test_that_an_answer_was_cut_off_may_be_told_later(book: Book) -> None:
    book.put("/r/a.jsonl", [request(session="a", line=3)])
    book.put("/r/a.jsonl", [request(session="a", line=4, lower_bound=True)])
    assert (book.row()["lower_bound"], book.row()["usage_line"]) == (1, 3)
    book.put("/r/b.jsonl", [request(session="b", tokens=(1, 2, 3, 4, 50))])
    assert book.row()["lower_bound"] == 0
    _balanced(book)


@pytest.mark.parametrize("order", permutations(range(3)), ids=str)
def test_what_a_request_was_made_for_is_what_all_copies_tell(
    book: Book, order: tuple[int, ...]
) -> None:
    copies = (
        request(final=False, attribution=Attribution(skill="tidy", mcp_server="a")),
        request(tokens=(1, 2, 3, 4, 9), attribution=Attribution(mcp_server="b", mcp_tool="t")),
        request(line=2),
    )
    for at in order:
        book.put(f"/r/{'abc'[at]}.jsonl", [copies[at]], rank=at)
    rows = book.ledger.sql.execute(
        "SELECT x.* FROM requests r JOIN attributions x ON x.key = r.attribution"
    )
    assert [tuple(row)[1:] for row in rows] == [("", "tidy", "", "b", "t")]
    _balanced(book)


def test_a_late_better_claim_moves_spend_between_sessions(book: Book) -> None:
    book.put("/r/b.jsonl", [request(session="b"), request("r2", session="b")])
    before = book.by_session()
    assert before == {"b": (2, 30, 380)}
    book.put("/r/a.jsonl", [request(session="a", at_ms=AT_MS - HOUR)], first_ms=AT_MS - HOUR)
    assert book.by_session() == {"a": (1, 15, 190), "b": (1, 15, 190)}
    first, second = _records(book)[::-1]
    assert (first.started_ms, first.inherits) == (AT_MS - HOUR, False)
    assert (second.started_ms, second.inherits) == (AT_MS, True)
    _balanced(book)


def test_a_session_that_loses_everything_is_none(book: Book) -> None:
    book.put("/r/b.jsonl", [request(session="b")])
    book.put("/r/a.jsonl", [request(session="a")], first_ms=AT_MS - HOUR)
    keys = stored.all_keys(book.ledger)
    assert [record.id for record in stored.records(book.ledger, keys)] == ["a"]
    assert book.ledger.sql.execute("SELECT count(*) FROM rollup").fetchone()[0] == 1
    _balanced(book)


def test_the_same_batch_twice_counts_once(book: Book) -> None:
    book.put("/r/a.jsonl", [request(session="a")])
    assert book.stale("/r/a.jsonl", [request("r9", session="a")]) == 0
    assert book.by_session() == {"a": (1, 15, 190)}
    book.put("/r/a.jsonl", [request(session="a")])
    assert book.by_session() == {"a": (1, 15, 190)}


def test_a_rewritten_file_places_its_requests_anew(book: Book) -> None:
    book.put("/r/a.jsonl", [request("r1", session="a", line=7), request("r2", session="a", line=8)])
    book.put("/r/a.jsonl", [request("r1", session="a", line=90)], from_start=True)
    assert (book.row("r1")["line"], book.row("r1")["usage_line"]) == (90, 90)
    assert book.by_session() == {"a": (2, 30, 380)}
    assert book.row("r2")["line"] > 10**9
    _balanced(book)


def test_prices_that_change_change_the_sums(tmp_path: Path) -> None:
    price = {"rates": FLAT, "m": True}

    def asked(wanted: Priceable) -> Any:
        return flat(wanted) if price["m"] else (
            Unpriced(reason="gone") if wanted.model == "m"
            else FLAT._replace(output=100, basis=Basis.ESTIMATED, origin="other")
        )  # fmt: skip

    book = Book(tmp_path, price=asked)
    book.put(
        "/r/a.jsonl",
        [request("r1", "a"), request("r2", "a", model="x"), request("r3", "a", model="free")],
    )
    assert book.by_session() == {"a": (3, 45, 380)}
    assert book.writer.reprice("v1") == 0
    assert book.writer.reprice("v1") == 0
    price["m"] = False
    assert book.writer.reprice("v1") == 0, "the same list is not asked again"
    assert book.writer.reprice("v2") == 3
    assert book.by_session() == {"a": (3, 45, 2 * (5 + 2 + 18 + 40 + 500))}
    assert [book.row(r)["cost_pico"] is None for r in ("r1", "r2", "r3")] == [True, False, False]
    _balanced(book)
    assert book.ledger.sql.execute("SELECT sum(estimated) FROM rollup").fetchone()[0] == 2


def test_a_rate_that_is_missing_makes_a_request_unpriced(tmp_path: Path) -> None:
    book = Book(tmp_path, price=lambda _: FLAT._replace(cache_write_1h=None))
    book.put("/r/a.jsonl", [request("r1", "a"), request("r2", "a", tokens=(1, 1, 1, 0, 1))])
    assert [book.row(r)["cost_pico"] for r in ("r1", "r2")] == [None, 5 + 1 + 6 + 25]
    assert book.by_session() == {"a": (2, 19, 37)}


def _at(path: str, at_ms: int, line: int = 5, session: str | None = None) -> dict[str, Any]:
    name = session or Path(path).stem
    return {"session_id": name, "agent_id": name, "at_ms": at_ms, "line": line}


def _detail(path: str, at_ms: int, *, ended: bool = True) -> list[Any]:
    at = _at(path, at_ms)
    events: list[Any] = [
        PromptSeen(id="p", title=f"asked in {path}", **at),
        TurnStarted(id="t", **at),
        ToolCallSeen(id="c", name="Bash", **at),
    ]
    if ended:
        events += [
            ToolResultSeen(call_id="c", ok=path == "/r/a.jsonl", **at),
            EditSeen(call_id="c", path="x.py", added=1 if path == "/r/a.jsonl" else 9,
                     removed=0, **at),
            CommitSeen(id="abc", kind="commit", **at),
            TurnEnded(turn_id="t", how="completed" if path == "/r/a.jsonl" else "failed", **at),
        ]  # fmt: skip
    return events


def _told(book: Book) -> dict[str, Any]:
    one = book.ledger.sql.execute
    turn = one("SELECT * FROM turns").fetchone()
    call = one("SELECT * FROM tool_calls").fetchone()
    edit = one("SELECT * FROM edits").fetchone()
    return {
        "turn": (turn["at_ms"], turn["ended_ms"], turn["how"]),
        "call": (call["at_ms"], call["done_ms"], call["ok"]),
        "edit": None if edit is None else edit["added"],
        "rows": {
            r["id"]: (r["title"], r["started_ms"], r["last_ms"])
            for r in one("SELECT * FROM sessions")
        },
    }


@pytest.mark.parametrize("original_first", [True, False])
def test_details_belong_to_the_best_file(book: Book, original_first: bool) -> None:
    """A fork whose copies have times of its own takes nothing from the original."""
    files = [("/r/a.jsonl", AT_MS), ("/r/b.jsonl", AT_MS + HOUR)]
    for path, at_ms in files if original_first else files[::-1]:
        events = _detail(path, at_ms)
        book.put(path, events, which=Pass.DETAIL, first_ms=at_ms)
    assert _told(book) == {
        "turn": (AT_MS, AT_MS, "completed"),
        "call": (AT_MS, AT_MS, 1),
        "edit": 1,
        "rows": {"a": ("asked in /r/a.jsonl", AT_MS, AT_MS), "b": (None, None, None)},
    }


@pytest.mark.parametrize("original_first", [True, False])
def test_an_end_that_only_a_copy_has_counts(book: Book, original_first: bool) -> None:
    files = [("/r/a.jsonl", AT_MS, False), ("/r/b.jsonl", AT_MS + HOUR, True)]
    for path, at_ms, ended in files if original_first else files[::-1]:
        events = _detail(path, at_ms, ended=ended)
        book.put(path, events, which=Pass.DETAIL, first_ms=at_ms)
    told = _told(book)
    assert told["turn"] == (AT_MS, AT_MS + HOUR, "failed")
    assert told["call"] == (AT_MS, AT_MS + HOUR, 0)
    late = _detail("/r/a.jsonl", AT_MS + 7)[3:]
    book.put("/r/a.jsonl", late, which=Pass.DETAIL)
    told = _told(book)
    assert told["turn"] == (AT_MS, AT_MS + 7, "completed")
    assert (told["call"], told["edit"]) == ((AT_MS, AT_MS + 7, 1), 1)


def test_the_last_end_in_a_file_counts(book: Book) -> None:
    at = _at("/r/a.jsonl", AT_MS)
    book.put("/r/a.jsonl", [TurnStarted(id="t", **at)], which=Pass.DETAIL)
    for later, how in ((5, "interrupted"), (9, "completed")):
        end = TurnEnded(turn_id="t", how=how, **(at | {"at_ms": AT_MS + later}))
        book.put("/r/a.jsonl", [end], which=Pass.DETAIL)
    turn = book.ledger.sql.execute("SELECT ended_ms, how FROM turns").fetchone()
    assert tuple(turn) == (AT_MS + 9, "completed")


def test_an_agent_finds_its_launch_and_its_end(book: Book) -> None:
    at: dict[str, Any] = {"session_id": "a", "at_ms": AT_MS, "line": 3}
    launch = AgentLaunched(
        parent_agent_id="a", tool_use_id="toolu_1", name="Explore", task="look\naround", **at
    )
    events = [launch, structs.replace(launch, name=None, task=None, agent_id="x1")]
    end = AgentEnded(ref="toolu_1", status="completed", **(at | {"at_ms": AT_MS + 60}))
    of_agent: dict[str, Any] = {
        "session_id": "a",
        "agent_id": "x1",
        "kind": AgentKind.SUBAGENT,
        "rank": 1,
    }
    book.put("/r/a/agent-x1.jsonl", [request("r2", "a", agent_id="x1")], **of_agent)
    book.put("/r/a.jsonl", [*events, end], which=Pass.DETAIL)
    (agent,) = [
        a for a in _records(book)[0].agents if a.kind is AgentKind.SUBAGENT
    ]  # fmt: skip
    assert (agent.id, agent.name, agent.task, agent.parent_id) == (
        "x1",
        "Explore",
        "look around",
        "a",
    )
    assert agent.ended_ms == AT_MS + 60


def test_an_agents_kind_is_the_best_files(book: Book) -> None:
    agent: dict[str, Any] = {"session_id": "a", "agent_id": "x1"}
    book.put("/r/1.jsonl", [request("r1", "a", agent_id="x1")], kind=AgentKind.AUXILIARY, rank=1,
             **agent)  # fmt: skip
    book.put("/r/2.jsonl", kind=AgentKind.SUBAGENT, rank=2, **agent)
    assert {a.kind for a in _records(book)[0].agents} == {AgentKind.AUXILIARY}


def test_a_file_that_turns_out_to_be_anothers_leaves_its_session(book: Book) -> None:
    book.put("/r/a.jsonl", cwd="/p", project="/p")
    book.put("/r/a.jsonl", [request("r1", "b", agent_id="a")], session_id="b", agent_id="a",
             kind=AgentKind.AUXILIARY, project="/p")  # fmt: skip
    projects = dict(book.ledger.sql.execute("SELECT id, project FROM sessions"))
    assert projects == {"a": None, "b": "/p"}


@pytest.mark.parametrize("order", [(10.0, 40.0), (40.0, 10.0)])
def test_two_readings_of_a_quota_at_one_instant(book: Book, order: tuple[float, float]) -> None:
    for number, used in enumerate(order):
        quota = QuotaSeen(
            limit_id="codex",
            window_minutes=300,
            observed_ms=AT_MS,
            used_percent=used,
            plan=f"{used}",
        )
        book.put(f"/r/{number}.jsonl", [quota], which=Pass.DETAIL)
    rows = book.ledger.sql.execute("SELECT used_percent, plan FROM quotas").fetchall()
    assert [tuple(row) for row in rows] == [(40.0, "40.0")]


def test_text_of_logs_is_cleaned_and_shortened(book: Book) -> None:
    bad = "a\x1b[31mb\u202ec\ud800"
    prompt = PromptSeen(id="p", title=bad + " x" * 200, **_at("/r/a.jsonl", AT_MS))
    call = ToolCallSeen(id="c", name=bad, target=bad, **_at("/r/a.jsonl", AT_MS))
    book.put("/r/a.jsonl", [prompt, call], which=Pass.DETAIL, cwd=bad, project=bad, git_branch=bad)
    title, project, branch = book.ledger.sql.execute(
        "SELECT title, project, git_branch FROM sessions"
    ).fetchone()
    shown = "a\ufffd[31mb\ufffdc\ufffd"
    assert (project, branch) == (shown, shown)
    assert title.startswith(shown) and len(title) == 80
    found = book.ledger.sql.execute(
        "SELECT t.name, c.target FROM tool_calls c JOIN tools t ON t.key = c.tool"
    ).fetchone()
    assert tuple(found) == (shown, shown)


def test_meters_are_kept_by_start_and_time(book: Book) -> None:
    def meter(as_of: int, output: int) -> MeterSeen:
        return MeterSeen(
            session_id="a", started_ms=AT_MS, as_of_ms=AT_MS + as_of, line=as_of,
            usage_by_model=(("m", Usage(output=output), 0),),
        )  # fmt: skip

    book.put("/r/a.jsonl", [meter(1, 10), meter(2, 20)])
    book.put("/copy/a.jsonl", [meter(1, 10), meter(2, 20)])
    assert book.ledger.sql.execute("SELECT count(*) FROM meters").fetchone()[0] == 2


ARCHIVED: dict[str, tuple[str, int]] = {
    "packed": ("/r/a.jsonl.zst", 2),
    "archived": ("/r/archive/a.jsonl", 1),
    "elsewhere": ("/other/a.jsonl", 0),
}


def _put_copy(book: Book, path: str, rank: int) -> None:
    book.put(path, [request(session="a", line=4)], session_id="a", rank=rank)


@pytest.mark.parametrize("kind", ARCHIVED)
@pytest.mark.parametrize("when", ["read after", "read before"])
def test_a_request_is_found_where_its_log_is(book: Book, kind: str, when: str) -> None:
    path, rank = ARCHIVED[kind]
    book.put("/r/a.jsonl", [request(session="a", line=4)])
    if when == "read before":
        _put_copy(book, path, rank)
        before = sorted(["/r/a.jsonl", path]) if rank == 0 else ["/r/a.jsonl"]
        assert book.row()["path"] == before[0]
        book.writer.gone(["/r/a.jsonl"], AT_MS)
    else:
        book.writer.gone(["/r/a.jsonl"], AT_MS)
        assert book.row()["path"] == "/r/a.jsonl"
        _put_copy(book, path, rank)
    row = book.row()
    assert (row["path"], row["line"]) == (row["usage_path"], row["usage_line"]) == (path, 4)
    assert book.by_session() == {"a": (1, 15, 190)}
    (shown,) = explain.requests(book.ledger, stored.all_keys(book.ledger)[0])
    assert (shown.file, shown.line) == (path, 4)
    # Unpacked again: the client goes on in the plain file.
    book.writer.back(["/r/a.jsonl"])
    book.writer.gone([path], AT_MS)
    assert book.row()["path"] == book.row()["usage_path"] == "/r/a.jsonl"
    _balanced(book)


@pytest.mark.parametrize("kind", [None, *ARCHIVED])
def test_what_a_vanished_log_owned_is_no_fork_s(book: Book, kind: str | None) -> None:
    """A fork's file that is read anew, in parts, after its origin's was deleted or packed."""
    book.put("/r/a.jsonl", [request(session="a", line=4)])
    fork = [request(session="b", line=2), request("r2", session="b", line=3)]
    book.put("/r/b.jsonl", fork, first_ms=AT_MS + HOUR)
    book.writer.gone(["/r/a.jsonl"], AT_MS)
    if kind is not None:
        _put_copy(book, *ARCHIVED[kind])
    for events in ([], fork, fork):
        book.put("/r/b.jsonl", events, first_ms=AT_MS + HOUR, from_start=not events)
        assert book.by_session() == {"a": (1, 15, 190), "b": (1, 15, 190)}
    book.put("/s/b.jsonl", fork, session_id="b", first_ms=AT_MS + HOUR)
    assert book.by_session() == {"a": (1, 15, 190), "b": (1, 15, 190)}
    assert book.row()["path"] == ("/r/a.jsonl" if kind is None else ARCHIVED[kind][0])
    _balanced(book)


def test_a_file_of_the_same_name_is_no_copy_of_another_agent_s(book: Book) -> None:
    book.put("/r/a.jsonl", [request(session="a", line=4)])
    book.put("/r/b/a.jsonl", [request(session="b", line=4)], session_id="b", first_ms=AT_MS + 1)
    book.put("/r/c.jsonl", [request(session="a", line=9)], session_id="a", rank=1)
    book.writer.gone(["/r/a.jsonl"], AT_MS)
    assert (book.row()["path"], book.row()["session_id"]) == ("/r/a.jsonl", "a")


def test_a_copy_that_ends_elsewhere_does_not_stand_in(book: Book) -> None:
    """Logs of one name that went on apart: a line of one is no line of the other."""
    book.put("/r/a.jsonl", [request(session="a", line=4)])
    book.put("/r/a.jsonl", [request("r2", session="a", line=5)])
    _put_copy(book, "/x/a.jsonl", 1)
    book.writer.gone(["/r/a.jsonl"], AT_MS)
    assert book.row()["path"] == "/r/a.jsonl"


def _explained_files(desk: Desk) -> set[str]:
    (key,) = stored.all_keys(desk.ledger)
    return {shown.file for shown in explain.requests(desk.ledger, key)}


@pytest.mark.parametrize("looked", [True, False], ids=["seen twice", "seen once"])
@pytest.mark.parametrize("packed", [True, False])
def test_explain_names_the_log_that_is_there(tmp_path: Path, packed: bool, looked: bool) -> None:
    """A real log that is packed or archived, and comes back when the client goes on with it."""
    from backports import zstd

    home = cases.copy("codex-0.169.0/compact", tmp_path)
    desk = cases.read(home)
    rows = desk.rows()
    (path,) = (home / ".codex").rglob("*.jsonl")
    other = home / ".codex" / "archived_sessions" / path.name
    if packed:
        other = path.with_name(path.name + ".zst")
    other.parent.mkdir(exist_ok=True)
    content = path.read_bytes()
    for _ in range(2):
        assert _explained_files(desk) == {str(path)}
        other.write_bytes(zstd.compress(content) if packed else content)
        if looked:
            desk.read()
        path.unlink()
        assert desk.read().rows() == rows
        assert _explained_files(desk) == {str(other)}
        path.write_bytes(content)
        if looked:
            desk.read()
        other.unlink()
        assert desk.read().rows() == rows
    assert _explained_files(desk) == {str(path)}
    assert rollup(desk.ledger) == rollup_of_requests(desk.ledger)
