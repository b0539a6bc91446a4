"""Rows as CSV and JSON lines, on stdout and into private files."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import Box, one_line
from tests.cli.logs import assistant, claude_log, user
from tokenwatch.errors import LedgerBusy
from tokenwatch.export.documents import Json, Redaction, safe
from tokenwatch.export.tables import COLUMNS, csv_lines, flat, jsonl

ROWS = ("requests", "sessions", "agents")
KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "total")


def exported(box: Box, form: str, rows: str, *options: str) -> list[dict[str, Any]]:
    result = box.run("export", "--format", form, "--rows", rows, *options)
    assert (result.code, result.err) == (0, "")
    if form == "jsonl":
        return [json.loads(line) for line in result.out.splitlines()]
    return list(csv.DictReader(io.StringIO(result.out, newline=""), strict=True))


@pytest.mark.parametrize("rows", ROWS)
def test_both_formats_hold_the_same(full: Box, rows: str) -> None:
    nested = exported(full, "jsonl", rows)
    table = exported(full, "csv", rows)
    assert len(nested) == len(table) > 40
    for document, cells in zip(nested, table, strict=True):
        assert tuple(cells) == COLUMNS[rows]
        for name, value in flat(document).items():
            if name in cells:
                assert cells[name] == text(value), name


def text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_exports_sum_to_the_report(full: Box) -> None:
    totals = full.run("report", "--json").document["totals"]
    for rows in ROWS:
        found = exported(full, "csv", rows)
        cost = sum((Decimal(row["cost_usd"] or 0) for row in found), Decimal())
        assert cost == Decimal(totals["cost_usd"])
        for kind in KINDS:
            assert sum(int(row[f"usage_{kind}"]) for row in found) == totals["usage"][kind]


def test_rows_are_those_of_the_commands(full: Box) -> None:
    assert exported(full, "jsonl", "sessions") == full.run("sessions", "--json").rows
    assert exported(full, "jsonl", "agents") == full.run("agents", "--json").rows
    requests = exported(full, "jsonl", "requests")
    session = requests[0]["session_id"]
    explained = full.run("explain", session, "--json").document["requests"]
    own = [request for request in requests if request["session_id"] == session]
    assert [{name: o[name] for name in e} for e, o in zip(explained, own, strict=True)] == explained


def test_requests_are_what_is_exported_unless_told(full: Box) -> None:
    assert (
        full.run("export", "--format=csv").out
        == full.run("export", "--format=csv", "--rows=requests").out
    )  # noqa: E501


def test_nothing_to_export_is_a_header(box: Box) -> None:
    for rows in ROWS:
        assert box.run("export", "--format", "jsonl", "--rows", rows).out == ""
        out = box.run("export", "--format", "csv", "--rows", rows).out
        assert out == ",".join(COLUMNS[rows]) + "\n"


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\x00=1+1",
    "\x1b\x07=1+1",
    "\u202e=1+1",
    "  =1+1",
    "\ufeff=1+1",
    "\u00a0=1+1",
    "＝1+1",
    '"=1+1',
    "'=1+1",
)


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_no_cell_starts_a_formula(formula: str) -> None:
    (row,) = csv.reader(list(csv_lines([{"a": formula, "b": 1}], ("a", "b")))[1:])
    assert row[0].startswith("'") and row[1] == "1"
    assert not set(row[0]) & set("\t\r\n\x00\x1b\u202e")


def test_harmless_cells_stay_as_they_are() -> None:
    cells = ("a=1", "/home/dev", "0.000001", "漢字", 'say "hi", all', "it's", "")
    (row,) = csv.reader(
        list(csv_lines([{str(i): c for i, c in enumerate(cells)}], tuple("0123456")))[1:]
    )  # noqa: E501
    assert tuple(row) == cells


def test_a_formula_in_a_log(box: Box) -> None:
    evil = "=HYPERLINK(1)"
    records = [
        user(evil, cwd=evil, gitBranch=evil),
        {"type": "ai-title", "aiTitle": evil, "sessionId": "5f0c7f3e-9f0e-4a43-8d7e-0d2c8b1f6a11"},
        assistant("msg_01a1", model=evil, cwd=evil),
        assistant("=msg_01a2", model=f"\x1b{evil}", cwd=evil),
    ]
    claude_log(box.claude, records)
    for rows in ROWS:
        for row in exported(box, "csv", rows):
            assert all(not cell.startswith(tuple("=+-@\t\r")) for cell in row.values())


def test_a_row_is_a_line_whatever_its_text() -> None:
    rows: list[Json] = [{"a": "x\ny\r\nz", "b": {"c": "p\u2028q", "d": ["r\ns", "t"]}}]
    assert len(list(csv_lines(rows, ("a", "b_c", "b_d")))) == 2
    (line,) = jsonl(rows)
    assert line.count("\n") == 1
    assert json.loads(line) == {
        "a": "x\ufffdy\ufffd\ufffdz",
        "b": {"c": "p\u2028q", "d": ["r\ufffds", "t"]},
    }


def test_safe_reaches_every_text() -> None:
    found = safe({"\x1b": ["\x00", ("\x7f", {"k": "\u202e"})], "n": 1, "f": True, "x": None})
    assert found == {
        "\ufffd": ["\ufffd", ["\ufffd", {"k": "\ufffd"}]],
        "n": 1,
        "f": True,
        "x": None,
    }


def test_a_file_is_private_and_whole(full: Box, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("old")
    path.chmod(0o666)
    result = full.run("export", "--format", "csv", "--output", str(path))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8") == full.run("export", "--format", "csv").out
    assert os.listdir(tmp_path) == ["rows.csv"]  # noqa: PTH208


def test_a_relative_file_and_stdout_by_name(full: Box, tmp_path: Path) -> None:
    assert full.run("export", "--format=jsonl", "--output=rows", cwd=tmp_path).code == 0
    out = full.run("export", "--format=jsonl", "--output=-", cwd=tmp_path).out
    assert (tmp_path / "rows").read_text(encoding="utf-8") == out
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_a_place_that_cannot_be_written_is_one_line(full: Box, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (
        tmp_path,
        tmp_path / "none" / "x",
        tmp_path / "file" / "x",
        tmp_path / ("n" * 300),
    ):
        line = one_line(full.run("export", "--format", "csv", "--output", str(place)), 1)
        assert str(place) in line and "can't be written" in line
    for folder in ("", ".", "..", "/"):
        assert one_line(full.run("export", "--format=csv", f"--output={folder}"), 1)
    one_line(full.run("export", "--format", "csv", "--output", "/proc/x"), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_fails_half_way_leaves_the_old_file(
    full: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("old")

    def breaks_off(*_: object) -> Iterator[str]:
        yield "id\n"
        raise LedgerBusy("busy")

    monkeypatch.setattr("tokenwatch.export.tables.csv_lines", breaks_off)
    assert one_line(full.run("export", "--format=csv", f"--output={path}"), 1) == "busy"
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["rows.csv"]


def test_redaction_names_projects_by_a_key() -> None:
    here, there = Redaction(on=True, secret="a" * 32), Redaction(on=True, secret="b" * 32)
    assert here.project("/x") == here.project("/x") != there.project("/x")
    assert here.project("/x") != here.project("/y")
    assert here.project("\ud800") is not None
    assert here.project(None) is None and here.text("x") is None
    plain = Redaction()
    assert (plain.project("/x\x1b"), plain.text("\x1bx")) == ("/x\ufffd", "\ufffdx")
