"""What a table on screen becomes in a file, and how files are written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tokenwatch.errors import TokenwatchError
from tokenwatch.export.files import FileThere, free_name, write
from tokenwatch.export.sheets import Sheet, as_csv, as_json, as_markdown

SHEET = Sheet(
    keys=("session", "cost", "mark"),
    titles=("session", "cost", ""),
    rows=(
        ("parser, tests", 684_000_000_000, "●"),
        ('=HYPERLINK("x")', None, "a|b"),
        ("bell\a and \x1b[31m", -5, "-1+2"),
    ),
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_csv_has_titles_exact_values_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(SHEET))))
    assert rows[0] == ["session", "cost", "mark"], "a column without a title has its key"
    assert rows[1] == ["parser, tests", "684000000000", "●"]
    assert rows[2] == ['\'=HYPERLINK("x")', "", "a|b"]
    assert rows[3] == ["bell\ufffd and \ufffd[31m", "-5", "'-1+2"]


def test_markdown_has_a_row_a_line_and_nothing_that_formats() -> None:
    lines = as_markdown(SHEET).splitlines()
    assert lines[:3] == [
        "| session | cost | mark |",
        "| --- | --- | --- |",
        "| parser, tests | 684000000000 | ● |",
    ]
    assert lines[3].endswith("|  | a\\|b |")
    assert "\x1b" not in lines[4]


def test_json_has_numbers_as_numbers_and_unknown_as_null() -> None:
    rows = json.loads(as_json(SHEET))
    assert rows[0] == {"session": "parser, tests", "cost": 684_000_000_000, "mark": "●"}
    assert rows[1]["cost"] is None
    assert rows[2]["session"] == "bell\ufffd and \ufffd[31m"


def test_a_file_is_private_and_never_written_over_unasked(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write(path, "first")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileThere):
        write(path, "second")
    assert path.read_text() == "first"
    write(path, "third", replace=True)
    assert path.read_text() == "third"
    assert names(tmp_path) == ["out.csv"], "no half-written file stays"


def test_a_link_that_leads_nowhere_is_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileThere):
        write(path, "text")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "out.csv"
    write(path, "first")
    with pytest.raises(FileThere):
        write(path, "second")
    assert path.read_text() == "first" and names(tmp_path) == ["out.csv"]


@pytest.mark.parametrize("name", ["missing/out.csv", "", "nul\0byte", "file/out.csv"])
def test_what_cant_be_written_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TokenwatchError) as raised:
        write(tmp_path / name, "text")
    assert str(tmp_path) in str(raised.value)
    assert names(tmp_path) == ["file"]


def test_a_free_name(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    assert free_name(path) == path
    write(path, "")
    write(free_name(path), "")
    assert free_name(path).name == "a-3.svg"
