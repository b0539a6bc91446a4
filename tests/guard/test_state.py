"""The state file: private, whole, and not believed for ever."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.guard.states import NOW_MS, cap, made, over, running
from tokenwatch import paths
from tokenwatch.guard.state import NAME, content, folder, read, stored, write


def test_what_is_written_is_read(tmp_path: Path) -> None:
    new = made(budgets=[over()], caps=[cap(2)], running=[running("main")])
    write(str(tmp_path), new)
    assert read(str(tmp_path), NOW_MS) == (new, "")
    assert new["pid"] == os.getpid()
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_the_folder_is_made_for_its_owner(tmp_path: Path) -> None:
    write(str(tmp_path / "new"), made())
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_an_older_state_does_not_win(tmp_path: Path) -> None:
    write(str(tmp_path), made(budgets=[over()]))
    write(str(tmp_path), made(at_ms=NOW_MS - 1))
    found, _ = stored(str(tmp_path))
    assert found is not None and found["budgets"]


def test_one_from_the_future_is_replaced(tmp_path: Path) -> None:
    write(str(tmp_path), made(at_ms=NOW_MS + 10**9))
    write(str(tmp_path), made())
    assert read(str(tmp_path), NOW_MS)[1] == ""


@pytest.mark.parametrize(
    ("by", "age_ms", "why"),
    [
        ("monitor", 120_000, ""),
        ("monitor", 120_001, "stale"),
        ("hook", 120_001, ""),
        ("hook", 600_000, ""),
        ("hook", 600_001, "stale"),
        ("monitor", -5_000, ""),
        ("monitor", -5_001, "stale"),
    ],
)
def test_a_state_grows_stale(tmp_path: Path, by: str, age_ms: int, why: str) -> None:
    write(str(tmp_path), made(by=by))
    found, said = read(str(tmp_path), NOW_MS + age_ms)
    assert (said, found is None) == (why, bool(why))


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "\0" * 100, '{"version": 2}', '{"version": 1}', "[" * 100_000),
        json.dumps(made() | {"at_ms": "now"}),
        json.dumps(made() | {"by": "nobody"}),
        json.dumps(made() | {"caps": None}),
        json.dumps(made() | {"caps": [7]}),
        json.dumps(made() | {"at_ms": float("nan")}),
        json.dumps(made(budgets=[over(until_ms=float("nan"))])),
        json.dumps(made(allowances=[{"until_ms": float("inf"), "session_id": None}])),
        json.dumps(made(budgets=[over()]))[:-9],
    ],
    # A text of a state names this process.
    ids=map(str, range(16)),
)
def test_a_broken_state_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    found, why = read(str(tmp_path), NOW_MS)
    assert found is None and why.startswith("broken: ")


def test_no_state_is_absent(tmp_path: Path) -> None:
    assert read(str(tmp_path), NOW_MS) == (None, "absent")
    assert read(str(tmp_path / "none"), NOW_MS) == (None, "absent")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    assert read(str(tmp_path), NOW_MS) == (None, "broken: it is no file")


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 2000)
    with pytest.raises(OSError, match="too large"):
        content(str(tmp_path / "large"), most=1000)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(OSError):
        write(str(tmp_path), made())
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_disk_that_takes_a_part_leaves_the_state_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made(budgets=[over()])
    write(str(tmp_path), old)
    taken: list[int] = []

    def put(out: int, data: bytes) -> int:
        if taken:
            raise OSError(28, "No space left on device")
        taken.append(len(data))
        return real(out, data[:40])

    real = os.write
    monkeypatch.setattr("os.write", put)
    with pytest.raises(OSError, match="No space"):
        write(str(tmp_path), made(at_ms=NOW_MS + 1))
    monkeypatch.undo()
    assert read(str(tmp_path), NOW_MS) == (old, "")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize(
    "more",
    [
        {"TOKENWATCH_DATA_DIR": "/somewhere"},
        {"TOKENWATCH_DATA_DIR": "~/somewhere"},
        {"TOKENWATCH_DATA_DIR": ""},
        {"XDG_DATA_HOME": "/else"},
        {"XDG_DATA_HOME": " "},
        {},
    ],
)
def test_the_folder_is_that_of_the_ledger(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, more: dict[str, str]
) -> None:
    monkeypatch.delenv("TOKENWATCH_DATA_DIR", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    assert Path(folder()) == paths.data_dir()
