"""Findings are the same however the logs were read: at once, in pieces, or after a restart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import cases, lines
from tests.cases import Desk
from tokenwatch.detection import Detection
from tokenwatch.store import findings, unassessed
from tokenwatch.store.ledger import Ledger

PIECES = 7
MINUTE_6 = lines.AT_MS + 6 * 60_000
GROWING = tuple(name for name in cases.NAMES if not name.endswith("/review"))
"""A reviewer's log waits for its parent's only while both are new, by the clock of the machine."""
TIMES = re.compile(rb'"timestamp": ?"([^"]+)"')


def said(ledger: Ledger) -> list[Any]:
    """Return all findings with ids instead of keys."""
    found = findings.read(ledger)
    names = findings.requests(ledger, (key for each in found for key, _ in each.finding.granted))
    return sorted(
        (
            each.id,
            each.session_id,
            each.finding.__class__(
                **{
                    name: getattr(each.finding, name)
                    for name in each.finding.__dataclass_fields__
                    if name != "granted"
                },
                granted=(),
            ),
            sorted((names[key].id, amount) for key, amount in each.finding.granted),
        )
        for each in found
    )


def assessed(desk: Desk) -> list[Any]:
    """Bring findings up to date with what was read, and return them."""
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    return said(desk.ledger)


@pytest.mark.parametrize("case", GROWING)
@pytest.mark.parametrize("restarts", [False, True], ids=["one process", "restarts"])
def test_logs_that_grow_give_what_whole_logs_give(
    case: str, restarts: bool, tmp_path: Path
) -> None:
    home = cases.copy(case, tmp_path / "whole")
    desk = cases.read(home)
    whole = assessed(desk)
    desk.close()
    logs = cases.logs(case)
    times = sorted({at for content in logs.values() for at in TIMES.findall(content)})
    grown = Desk.open(tmp_path / "grown", path=tmp_path / "grown.sqlite")
    detection = Detection(grown.ledger, now=lambda: grown.now_ms)
    for piece in range(1, PIECES + 1):
        for name, content in logs.items():
            path = tmp_path / "grown" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_until(content, times[(len(times) - 1) * piece // PIECES]))
        cases.rest(tmp_path / "grown", cases.REST_MS + piece * 1000)
        grown.read()
        if restarts:
            detection = Detection(grown.ledger, now=lambda: grown.now_ms)
        detection.assess()
        assert unassessed.pending(grown.ledger) == set()
    paths = (str(tmp_path / "whole"), str(tmp_path / "grown"))
    assert str(said(grown.ledger)).replace(paths[1], paths[0]) == str(whole)
    grown.close()


def _until(content: bytes, at: bytes) -> bytes:
    """Return what a log held at an instant, and a half of the line that was about to be written."""
    written = b""
    for line in content.splitlines(keepends=True):
        if any(found > at for found in TIMES.findall(line)[:1]):
            return written + line[: len(line) // 2]
        written += line
    return written


def test_a_session_that_nothing_was_added_to_is_not_looked_at_again(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/interactive", tmp_path))
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    assert detection.due() != []
    detection.assess()
    assert detection.due() == []


@pytest.mark.parametrize(
    "written",
    [
        [lines.answer("2", at_ms=MINUTE_6)],
        [
            lines.prompt(at_ms=MINUTE_6).replace(b"u-s1", b"v-s1"),
            lines.answer("2", at_ms=MINUTE_6 + 500),
        ],
    ],
)
def test_only_what_was_added_is_looked_at(written: list[bytes], tmp_path: Path) -> None:
    path = lines.log_path(tmp_path)
    lines.write(path, lines.prompt(), lines.answer("1", at_ms=lines.AT_MS + 5_000), at_ms=MINUTE_6)
    desk = cases.read(tmp_path, now_ms=MINUTE_6 + 1000)
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    detection.assess()
    assert detection.due() == []
    lines.write(path, *written, at_ms=MINUTE_6)
    desk.read()
    assert [due.since_ms for due in detection.due()] == [MINUTE_6]
    # A copy of the first answer that knows more changes what was said of it.
    more = lines.answer("1", at_ms=lines.AT_MS + 5_000, output=900)
    lines.write(path, more, at_ms=MINUTE_6)
    desk.read()
    assert [due.since_ms for due in detection.due()] == [lines.AT_MS + 5_000]


def test_a_session_is_looked_at_once_more_when_it_is_over(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/interactive", tmp_path))
    last = max(row.last_ms or 0 for row in desk.rows().values())
    now = last + 60_000
    detection = Detection(desk.ledger, now=lambda: now)
    detection.assess()
    assert detection.due() == []
    now = last + unassessed.QUIET_MS
    assert {due.since_ms for due in detection.due()} == {0}
    detection.assess()
    assert detection.due() == []


def test_findings_of_other_detectors_are_made_anew(tmp_path: Path) -> None:
    desk = cases.read(cases.copy("claude-2.1.330/interactive", tmp_path))
    found = assessed(desk)
    with desk.ledger.transaction():
        desk.ledger.set_meta("detectors", "older")
        desk.ledger.sql.execute("UPDATE findings SET wasted_pico = 0, grants = x''")
    assert assessed(desk) == found
