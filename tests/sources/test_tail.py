"""Lines of growing, torn, cut, rewritten and packed files."""

from __future__ import annotations

from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.events import Bookmark
from tokenwatch.found import LogFile
from tokenwatch.sources import tail
from tokenwatch.sources.source import SETTLED_MS
from tokenwatch.sources.tail import Tail

MTIME_MS = 1_780_000_000_000


def log_file(path: Path) -> LogFile:
    status = path.stat()
    return LogFile(
        source="any", root=str(path.parent), path=str(path), kind="log", size=status.st_size,
        mtime_ns=MTIME_MS * 1_000_000, device=status.st_dev, inode=status.st_ino,
    )  # fmt: skip


class Reading:
    """Reads a file again and again, as it grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mark: Bookmark | None = None
        self.restarted = False
        self.too_long = 0

    def lines(self, data: bytes | None = None, *, settled: bool = False) -> list[tuple[int, bytes]]:
        if data is not None:
            self.path.write_bytes(data)
        now_ms = MTIME_MS + (SETTLED_MS + 1 if settled else 0)
        with Tail(log_file(self.path), self.mark, now_ms=now_ms) as reader:
            found = list(reader)
            self.mark = reader.bookmark()
            self.restarted, self.too_long = reader.restarted, reader.too_long
        return found


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    return Reading(tmp_path / "log.jsonl")


def test_growth(reading: Reading) -> None:
    assert reading.lines(b"a\nb\n") == [(1, b"a"), (2, b"b")]
    assert reading.lines() == []
    assert reading.lines(b"a\nb\nc\n") == [(3, b"c")]
    assert not reading.restarted


def test_an_empty_file_grows(reading: Reading) -> None:
    assert reading.lines(b"") == []
    assert reading.lines(b"a\n") == [(1, b"a")]
    assert not reading.restarted


def test_a_torn_tail_is_held_back(reading: Reading) -> None:
    assert reading.lines(b'a\n{"x":') == [(1, b"a")]
    assert reading.lines(b'a\n{"x":', settled=True) == []
    assert reading.lines(b'a\n{"x":1}\n') == [(2, b'{"x":1}')]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_settled_object_is_taken_and_its_late_end_is_no_line(
    reading: Reading, end: bytes
) -> None:
    whole = b'a\n{"x":1}'
    assert reading.lines(whole) == [(1, b"a")]
    assert reading.lines(whole, settled=True) == [(2, b'{"x":1}')]
    assert reading.lines(whole, settled=True) == []
    assert reading.lines(whole + end + b"c\n") == [(3, b"c")]
    assert not reading.restarted


def test_what_is_no_object_is_never_settled(reading: Reading) -> None:
    for rest in (b"[1]", b'"x"', b"12", b"\xff", b"{"):
        assert reading.lines(b"a\n" + rest, settled=True) in ([(1, b"a")], [])


def test_two_objects_on_one_line_share_its_number(reading: Reading) -> None:
    assert reading.lines(b'{"x":1}', settled=True) == [(1, b'{"x":1}')]
    assert reading.lines(b'{"x":1}{"y":2}\n{}\n') == [(1, b'{"y":2}'), (2, b"{}")]


def test_blank_lines_count(reading: Reading) -> None:
    assert reading.lines(b"a\n\nb\n") == [(1, b"a"), (2, b""), (3, b"b")]
    assert reading.lines(b"a\n\nb\n\nc\n") == [(4, b""), (5, b"c")]


def test_carriage_returns(reading: Reading) -> None:
    assert reading.lines(b"a\r\nb\r\n") == [(1, b"a"), (2, b"b")]


@pytest.mark.parametrize(
    "data", [b"a\n", b"", b"x\nb\nc\n", b"a\nb\nX\n", b"other\nand\nlonger\nthan before\n"]
)
def test_truncated_or_rewritten_files_start_again(reading: Reading, data: bytes) -> None:
    reading.lines(b"a\nb\nc\n")
    expected = [(n, line) for n, line in enumerate(data.splitlines(), 1)]
    assert reading.lines(data) == expected
    assert reading.restarted
    assert reading.lines(data) == [] and not reading.restarted


def test_a_packed_file(tmp_path: Path) -> None:
    reading = Reading(tmp_path / "log.jsonl.zst")
    assert reading.lines(zstd.compress(b"a\nb\n")) == [(1, b"a"), (2, b"b")]
    assert reading.lines() == []
    grown = zstd.compress(b"a\nb\n" + b"c" * 3000 + b"\n")
    assert reading.lines(grown) == [(3, b"c" * 3000)]
    assert reading.lines(zstd.compress(b"z\n")) == [(1, b"z")]
    assert reading.restarted


@pytest.mark.parametrize("data", [b"not packed", zstd.compress(b"abc\n" * 9999)[:-9]])
def test_a_damaged_packed_file_is_an_oserror(tmp_path: Path, data: bytes) -> None:
    reading = Reading(tmp_path / "log.jsonl.zst")
    with pytest.raises(OSError):
        reading.lines(data)
    good = zstd.compress(b"abc\n" * 9999)
    assert len(reading.lines(good)) == 9999
    with pytest.raises(OSError):
        reading.lines(data)


def test_lines_beyond_the_limit_are_passed_over(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "LINE_LIMIT", 10)
    long = b"x" * 25 + b"\n"
    assert reading.lines(b"a\n" + long + b"b\n") == [(1, b"a"), (3, b"b")]
    assert reading.too_long == 1
    assert reading.lines(b"a\n" + long + b"b\nc\n") == [(4, b"c")]
    assert not reading.restarted


def test_a_long_first_or_last_line(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "LINE_LIMIT", 10)
    assert reading.lines(b"x" * 2000) == []
    assert reading.too_long == 0
    assert reading.lines(b"x" * 2000 + b"\n") == []
    assert reading.too_long == 1
    assert reading.lines(b"x" * 2000 + b"\nb\n") == [(2, b"b")]
    assert not reading.restarted


def test_a_document_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"x" * 11)
    assert tail.read_document(str(path), 11) == b"x" * 11
    with pytest.raises(OSError, match="larger"):
        tail.read_document(str(path), 10)


@given(
    lines=st.lists(st.binary(max_size=400).filter(lambda b: not set(b) & {10, 13}), max_size=12),
    cuts=st.lists(st.integers(0, 3000), max_size=6),
)
@settings(max_examples=100, deadline=None)
def test_any_growth_yields_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], cuts: list[int]
) -> None:
    reading = Reading(tmp_path_factory.mktemp("tail") / "log.jsonl")
    data = b"".join(line + b"\n" for line in lines)
    found = []
    for cut in [*sorted(cuts), len(data)]:
        found += reading.lines(data[:cut])
        assert not reading.restarted
    assert found == list(enumerate(lines, 1))
