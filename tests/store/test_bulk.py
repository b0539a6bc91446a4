"""However readings are gathered into transactions, and prices asked, the ledger is the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import cases
from tests.store.batches import AT_MS, NOW_MS, asked_each_time
from tokenwatch.events import (
    Batch,
    Bookmark,
    Event,
    FileFacts,
    RequestSeen,
    ToolCallSeen,
    ToolResultSeen,
    TurnEnded,
    TurnStarted,
)
from tokenwatch.found import LogFile
from tokenwatch.model import AgentKind, Usage
from tokenwatch.pricing import PriceBook
from tokenwatch.sources.source import Pass
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.prices import Price
from tokenwatch.store.writer import Reading, Writer

BOOK = PriceBook()
MODELS = ("claude-opus-4-6", "claude-sonnet-4-5", "gpt-5.2-codex", "no-such-model", None)
SESSIONS = ("a", "b")
FILES = ("/r/a.jsonl", "/r/b.jsonl", "/s/a.jsonl.zst")
DAY_MS = 86_400_000
COUNTS = st.integers(0, 300_000)
IDS = st.sampled_from([f"id{number}" for number in range(6)])
TIMES = st.integers(AT_MS - 400 * DAY_MS, AT_MS)

USAGES = st.builds(
    Usage, COUNTS, COUNTS, st.sampled_from([0, 9]), st.sampled_from([0, 9]), COUNTS, st.just(0)
)
REQUESTS = st.builds(
    RequestSeen,
    id=IDS,
    session_id=st.sampled_from(SESSIONS),
    agent_id=st.sampled_from((*SESSIONS, "x")),
    at_ms=TIMES,
    line=st.integers(1, 9),
    model=st.sampled_from(MODELS),
    usage=USAGES,
    usage_line=st.integers(1, 9),
    final=st.booleans(),
    lower_bound=st.booleans(),
    is_copy=st.booleans(),
    speed=st.sampled_from([None, "fast"]),
    service_tier=st.sampled_from([None, "batch"]),
    web_searches=st.sampled_from([0, 0, 2]),
    estimated=st.sampled_from([None, None, "guessed"]),
)


def _of_agent(kind: type, **more: st.SearchStrategy[object]) -> st.SearchStrategy[Event]:
    return st.builds(
        kind,
        session_id=st.sampled_from(SESSIONS),
        agent_id=st.sampled_from(SESSIONS),
        at_ms=TIMES,
        line=st.integers(1, 9),
        **more,
    )


DETAILS = st.one_of(
    _of_agent(ToolCallSeen, id=IDS, name=st.sampled_from(["Read", "Bash"]), is_copy=st.booleans()),
    _of_agent(ToolResultSeen, call_id=IDS, ok=st.sampled_from([True, False, None])),
    _of_agent(TurnStarted, id=IDS, is_copy=st.booleans()),
    _of_agent(TurnEnded, turn_id=IDS, how=st.sampled_from(["completed", "failed"])),
)
PIECES = st.lists(
    st.tuples(st.integers(0, len(FILES) - 1), st.lists(REQUESTS, max_size=5)), max_size=8
)
DETAIL_PIECES = st.lists(
    st.tuples(st.integers(0, len(FILES) - 1), st.lists(DETAILS, max_size=6)), max_size=8
)


def _readings(which: Pass, pieces: Iterable[tuple[int, Sequence[Event]]]) -> list[Reading]:
    """Make a reading of each piece of a file: the pieces of one file follow each other."""
    marks: dict[int, Bookmark] = {}
    readings = []
    for file, events in pieces:
        before = marks.get(file)
        offset = (before.offset if before else 0) + 100
        marks[file] = Bookmark(offset=offset, line=offset // 10, head="h", anchor=f"a{offset}")
        log = LogFile(
            source="claude-code", root="/r", path=FILES[file], kind="log", size=10_000,
            mtime_ns=0, device=1, inode=file,
        )  # fmt: skip
        facts = FileFacts(
            session_id=FILES[file].split("/")[2][:1], kind=AgentKind.MAIN, rank=file // 2,
            first_ms=AT_MS,
        )  # fmt: skip
        batch = Batch(bookmark=marks[file], facts=facts, events=tuple(events))
        readings.append(Reading(log=log, which=which, before=before, batch=batch))
    return readings


def _told(
    folder: Path, price: Price, groups: Iterable[Sequence[Reading]]
) -> dict[str, list[tuple[object, ...]]]:
    ledger = Ledger.open(folder / "ledger.sqlite")
    writer = Writer(ledger, price)
    for group in groups:
        assert writer.apply(group, NOW_MS) == len(group)
    assert cases.rollup(ledger) == cases.rollup_of_requests(ledger)
    found = cases.contents(ledger)
    ledger.close()
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(usage=PIECES, detail=DETAIL_PIECES, cuts=st.data())
def test_one_by_one_or_in_bulk(
    usage: list[tuple[int, list[Event]]],
    detail: list[tuple[int, list[Event]]],
    cuts: st.DataObject,
) -> None:
    """Alone, every request is asked a price of its own and compared with what is stored.

    What the files say of themselves is known in both cases: a file is ranked by its copies too.
    """
    facts: list[tuple[int, list[Event]]] = [(file, []) for file in range(len(FILES))]
    readings = _readings(Pass.USAGE, facts + usage)
    details = _readings(Pass.DETAIL, detail)
    cut = cuts.draw(st.integers(len(FILES), len(readings)))
    groups = [readings[: len(FILES)], readings[len(FILES) : cut], readings[cut:], details]
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        alone = [[reading] for reading in (*readings, *details)]
        careful = _told(Path(one), asked_each_time(BOOK.rates), alone)
        assert _told(Path(other), BOOK.quote, groups) == careful
