"""The benchmarks' logs hold what they say; how fast anything is, is no test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import corpus
from tests.benchmarks.corpus import bytes_of, generate, read_truth, write_today
from tests.benchmarks.homes import place_of
from tests.benchmarks.peers import verdict
from tests.benchmarks.results import Row, table
from tests.benchmarks.truth import KINDS, added
from tests.cli.box import Box

SIZE = 3_000_000


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes_with_any_number_of_workers(tmp_path: Path) -> None:
    for workers in (1, 2, 3):
        generate(tmp_path / str(workers), SIZE, workers=workers)
    alone = contents(tmp_path / "1")
    assert alone == contents(tmp_path / "2") == contents(tmp_path / "3")
    generate(tmp_path / "other", SIZE, seed=2, workers=1)
    assert alone != contents(tmp_path / "other")


def test_a_corpus_has_the_wanted_size_and_every_trap(tmp_path: Path) -> None:
    generate(tmp_path / "logs", SIZE)
    truth = read_truth(tmp_path / "logs")
    size = sum(path.stat().st_size for path in (tmp_path / "logs").rglob("*.jsonl"))
    assert size == sum(sums["bytes"] for sums in truth.values())
    assert 0.8 * SIZE < size < 1.4 * SIZE
    for sums in truth.values():
        assert sums["copies"] and sums["subagents"] and sums["records"] > sums["requests"]


@pytest.mark.parametrize("today", [False, True])
def test_tokenwatch_counts_what_the_corpus_holds(tmp_path: Path, today: bool) -> None:
    box = Box(tmp_path / "logs")
    generate(box.folder, SIZE)
    if today:
        write_today(box.folder, box.now_ms)
    truth = read_truth(box.folder)
    sources = box.run("report", "--by", "source", "--json").rows
    sessions = box.run("sessions", "--json").rows
    assert {row["key"] for row in sources} == set(truth)
    for row in sources:
        own = [session for session in sessions if session["source"] == row["key"]]
        found = row["usage"] | {
            "requests": row["requests"],
            "sessions": len(own),
            "prompts": sum(session["prompts"] for session in own),
            "subagents": sum(session["agents"]["total"] - 1 for session in own),
        }
        wanted = truth[row["key"]]
        assert {name: found[name] for name in wanted if name in found} == {
            name: wanted[name] for name in wanted if name in found
        }


def test_logs_of_another_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stay as they are; their truth names sources by other words."""
    monkeypatch.setenv("TOKENWATCH_BENCH_DIR", str(tmp_path / "bench"))
    generate(tmp_path / "own", SIZE)
    truth = read_truth(tmp_path / "own")
    kinds = {name: {kind: sums[kind] for kind in KINDS} for name, sums in truth.items()}
    foreign = {"claude": kinds["claude-code"], "codex": kinds["codex"]}
    (tmp_path / "own" / "truth.json").write_text(json.dumps({"by_source": foreign, "counts": {}}))
    before = contents(tmp_path / "own")
    here = place_of(tmp_path / "own", "own")
    assert contents(tmp_path / "own") == before
    assert set(here.truth) == set(truth)
    for name, sums in truth.items():
        assert all(here.truth[name][kind] >= sums[kind] for kind in KINDS)
    assert sum(sums["output"] for sums in here.truth.values()) > sum(
        sums["output"] for sums in truth.values()
    )
    assert here.bytes > sum(sums["bytes"] for sums in truth.values())


def test_wrong_totals_are_told() -> None:
    truth = added([("codex", {"input": 5, "output": 7, "cache_read": 2})])
    right = {"codex": {"input": 5, "output": 7, "cache": 2}}
    assert verdict(right, truth) == "exact"
    assert verdict({"codex": {"input": 4, "output": 7, "cache_read": 3}}, truth) == (
        "codex input -1, codex cache_read +1"
    )
    assert verdict({}, truth) == "codex missing"


def test_a_table_says_what_is_met() -> None:
    rows = [
        Row(what="a", unit="s", value=1.0, against="peer", beside=2.0, target=0.5),
        Row(what="b", unit="%", value=3.0, target=2.0),
        Row(what="c", unit="MB", value=None, target=2.0),
    ]
    assert [row.holds for row in rows] == [True, False, None]
    lines = [[cell.strip() for cell in line.split("|")] for line in table(rows).splitlines()]
    assert [line[4:7] for line in lines[2:]] == [
        ["0.50", "≤ 0.5", "yes"],
        ["–", "≤ 2.0 %", "NO"],
        ["–", "≤ 2 MB", "–"],
    ]


def test_sizes() -> None:
    assert [bytes_of(size) for size in ("200MB", "1gb", "1.5KB", "7")] == [
        200_000_000,
        1_000_000_000,
        1_500,
        7,
    ]
    with pytest.raises(ValueError, match="2 apples"):
        bytes_of("2 apples")


def test_nothing_is_later_than_the_end(tmp_path: Path) -> None:
    generate(tmp_path / "logs", SIZE)
    latest = max(path.stat().st_mtime for path in (tmp_path / "logs").rglob("*.jsonl"))
    assert latest * 1000 <= corpus.END_MS + 60_000
