"""`tokenwatch prices`: the document and the table."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tokenwatch.cli.prices import list_rows, run
from tokenwatch.errors import OfflineError
from tokenwatch.pricing import PriceBook


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENWATCH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TOKENWATCH_OFFLINE", "1")


def test_a_row_per_model_and_price() -> None:
    rows = list_rows(PriceBook(), "gpt-5.6-sol")
    assert [row["valid_from"] for row in rows] == [None, "2026-08-21"]
    assert rows[1]["rates"] == {
        "input": "4",
        "output": "20",
        "cache_read": "0.4",
        "cache_write_5m": "5",
        "cache_write_1h": "5",
        "web_search": "10",
    }
    assert rows[1]["long_context"] == [
        {
            "over_tokens": 272_000,
            "rates": {
                "input": "8",
                "output": "30",
                "cache_read": "0.8",
                "cache_write_5m": "10",
                "cache_write_1h": "10",
                "web_search": "10",
            },
        }
    ]
    old, new = (row["variants"] for row in rows)
    assert isinstance(old, dict) and isinstance(new, dict)
    assert (old["priority"]["basis"], old["priority"]["rates"]["input"]) == ("estimated", "10")
    assert (new["priority"]["basis"], new["priority"]["rates"]["input"]) == ("computed", "8")


def test_every_row_says_where_it_comes_from() -> None:
    rows = list_rows(PriceBook())
    assert len(rows) > 100
    assert all("checked 2026-" in str(row["origin"]) for row in rows)


def test_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    args = argparse.Namespace(action="list", json=True, model="opus-5-5", timezone="Europe/Berlin")
    assert run(args) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "tokenwatch.prices/1"
    assert document["timezone"] == "Europe/Berlin"
    assert document["generated_at"].endswith("Z")
    assert document["problem"] is None
    assert "claude-opus-5-5" in [row["model"] for row in document["rows"]]


@pytest.mark.parametrize("columns", ["140", "80"])
def test_the_table_folds_names_and_never_cuts_a_figure(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert run(argparse.Namespace(timezone=None, action="list", json=False, model="haiku-5-5")) == 0
    printed = capsys.readouterr().out
    assert "…" not in printed
    lines = [line.split() for line in printed.splitlines()]
    short = ["0.1", "0.5", "0.01", "0.125", "0.2"]
    assert any(line[-6:] == [*short, "batch"] for line in lines)
    assert [">100k", "0.5", "2.5", "0.05", "0.625", "1"] in lines


def test_a_damaged_download_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "prices.json").write_text("{")
    assert run(argparse.Namespace(timezone=None, action="list", json=True, model="gpt-5")) == 0
    printed = capsys.readouterr()
    assert "prices update" in printed.err
    assert "damaged" in json.loads(printed.out)["problem"]


def test_update_offline_is_refused() -> None:
    with pytest.raises(OfflineError):
        run(argparse.Namespace(timezone=None, action="update", json=False))
