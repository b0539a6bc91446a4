"""The benchmarks' logs hold what they say; how fast anything is, is no test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import corpus
from tests.benchmarks.corpus import bytes_of, generate, read_truth, write_today
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
