"""That there is nothing to read is said only where reading would change nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import cases
from tests.cases import NAMES, NOW_MS, REST_MS, Desk
from tests.lines import answer, log_path, prompt, write
from tokenwatch.sources.roots import files
from tokenwatch.sources.source import SETTLED_MS, Pass
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.unread import is_up_to_date

HALF = answer("8")[:40]
SESSIONS = ("s1", "s2", "s3")
KINDS = ("whole", "half", "rest", "empty", "cut", "gone", "moved", "touched", "copied", "note")


def everything(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that the ledger holds."""
    tables = ledger.sql.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        row[0]: [tuple(found) for found in ledger.sql.execute(f"SELECT * FROM {row[0]}")]
        for row in tables
    }


def is_fresh(home: Path, ledger: Ledger, now_ms: int, passes: Iterable[Pass] = Pass) -> bool:
    found = files(cases.roots_of(home))
    return all(is_up_to_date(ledger, found, which, now_ms) for which in passes)


def change(home: Path, kind: str, session: str, number: int, at_ms: int) -> None:
    """Let something become of a session's log, as clients, people and disks do it."""
    path = log_path(home, session)
    aside = log_path(home, f"{session}-aside")
    if kind in ("whole", "half", "rest"):
        half = answer(str(number), session)
        write(path, {"whole": half, "half": half[:40], "rest": half[40:]}[kind], at_ms=at_ms)
    elif kind == "empty":
        write(path, mode="wb", at_ms=at_ms)
    elif kind == "note":
        folder = path.parent / session / "subagents"
        write(folder / f"agent-a{number % 3}.meta.json", b'{"agentType":"x"}', at_ms=at_ms)
    elif path.exists():
        if kind == "cut":
            os.truncate(path, path.stat().st_size // 2)
        elif kind == "gone":
            path.unlink()
        elif kind == "moved":
            path.replace(aside)
        elif kind == "touched":
            os.utime(path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))
        elif kind == "copied":
            aside.unlink(missing_ok=True)
            os.link(path, aside)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from(SESSIONS),
        st.sampled_from((1, 50, 200)),
        st.sampled_from(((Pass.USAGE,), tuple(Pass))),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_a_reading_of_nothing_new_changes_nothing(
    steps: list[tuple[str, str, int, tuple[Pass, ...]]],
) -> None:
    now_ms = NOW_MS
    with TemporaryDirectory() as folder:
        home = Path(folder)
        for number, (kind, session, seconds, passes) in enumerate(steps):
            change(home, kind, session, number, now_ms)
            for wait in (0, seconds * 1000):
                now_ms += wait
                desk = Desk.open(home, now_ms=now_ms)
                fresh = is_fresh(home, desk.ledger, now_ms, passes)
                before = everything(desk.ledger)
                desk.read(*passes)
                if fresh:
                    assert everything(desk.ledger) == before
                desk.close()


@pytest.mark.parametrize("case", NAMES)
def test_what_was_read_is_not_new(case: str, tmp_path: Path) -> None:
    home = cases.copy(case, tmp_path)
    write(log_path(home, "empty"), at_ms=REST_MS)
    desk = Desk.open(home)
    assert not is_fresh(home, desk.ledger, NOW_MS)
    desk.read()
    assert is_fresh(home, desk.ledger, NOW_MS)


def test_a_pass_that_was_not_read_is_new(tmp_path: Path) -> None:
    write(log_path(tmp_path), prompt(), answer("1"), at_ms=REST_MS)
    desk = Desk.open(tmp_path).read(Pass.USAGE)
    found = files(cases.roots_of(tmp_path))
    assert is_up_to_date(desk.ledger, found, Pass.USAGE, NOW_MS)
    assert not is_up_to_date(desk.ledger, found, Pass.DETAIL, NOW_MS)


def test_what_becomes_of_a_file_is_new(tmp_path: Path) -> None:
    path = write(log_path(tmp_path), prompt(), answer("1"), at_ms=REST_MS)
    desk = Desk.open(tmp_path).read()
    content = path.read_bytes()
    path.unlink()
    assert not is_fresh(tmp_path, desk.ledger, NOW_MS), "gone"
    desk.read()
    assert is_fresh(tmp_path, desk.ledger, NOW_MS), "gone, and noted as gone"
    write(path, content, at_ms=REST_MS)
    assert not is_fresh(tmp_path, desk.ledger, NOW_MS), "back, as it was"
    desk.read()
    assert is_fresh(tmp_path, desk.ledger, NOW_MS)
    path.rename(path.with_name("other.jsonl"))
    assert not is_fresh(tmp_path, desk.ledger, NOW_MS), "renamed"


def test_an_unreadable_file_that_vanishes_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    write(log_path(tmp_path), answer("1"), at_ms=REST_MS)
    path = write(log_path(tmp_path, "s2"), answer("2", "s2"), at_ms=REST_MS)
    desk = Desk.open(tmp_path)
    desk.sync.look()
    monkeypatch.setattr("tokenwatch.sources.tail.open_log", refuse)
    desk.read()
    assert not is_fresh(tmp_path, desk.ledger, NOW_MS), "it may be readable by now"
    monkeypatch.undo()
    write(path, b"", at_ms=REST_MS)
    path.unlink()
    log_path(tmp_path).unlink()
    assert not is_fresh(tmp_path, desk.ledger, NOW_MS)
    desk.read()
    assert is_fresh(tmp_path, desk.ledger, NOW_MS)


def test_an_unfinished_line_is_new_once_its_file_rests(tmp_path: Path) -> None:
    write(log_path(tmp_path), answer("1"), HALF, at_ms=NOW_MS)
    desk = Desk.open(tmp_path).read()
    assert is_fresh(tmp_path, desk.ledger, NOW_MS + SETTLED_MS)
    desk.now_ms = NOW_MS + SETTLED_MS + 1
    assert not is_fresh(tmp_path, desk.ledger, desk.now_ms)
    desk.read()
    assert is_fresh(tmp_path, desk.ledger, desk.now_ms)
