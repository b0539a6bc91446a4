"""Finding rollouts below a Codex home, and telling which are being written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from codex_logs import START_MS, Rollout, uuid7

from tokenwatch.sources.codex import SOURCE, live


def names(home: Path) -> list[str]:
    return [Path(log.path).name for log in SOURCE.find(home).files]


def test_roots(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert list(SOURCE.roots({}, home)) == [home / ".codex"]
    assert list(SOURCE.roots({"CODEX_HOME": " "}, home)) == [home / ".codex"]
    two = f"{tmp_path}/a,{tmp_path}/b{os.pathsep}~/c,{tmp_path}/a"
    expected = [tmp_path / "a", tmp_path / "b", home / "c"]
    assert list(SOURCE.roots({"CODEX_HOME": two}, home)) == expected
    comma = tmp_path / "a,b"
    comma.mkdir()
    assert list(SOURCE.roots({"CODEX_HOME": str(comma)}, home)) == [comma]


def test_where_rollouts_are(tmp_path: Path) -> None:
    log = Rollout().meta()
    log.write(tmp_path, "rollout-deep.jsonl")
    log.write(tmp_path, "rollout-top.jsonl", "sessions")
    log.write(tmp_path, "rollout-old.json", "sessions")
    log.write(tmp_path, "rollout-packed.jsonl.zst")
    log.write(tmp_path, "rollout-away.jsonl", "archived_sessions")
    for name, folder in (
        ("history.jsonl", "."), ("rollout-x.jsonl.tmp", "sessions"), ("notes.json", "sessions"),
        ("rollout-below.jsonl", "archived_sessions/deep"), ("rollout-b.jsonl", "sessions.back"),
    ):  # fmt: skip
        log.write(tmp_path, name, folder)
    assert sorted(names(tmp_path)) == [
        "rollout-away.jsonl", "rollout-deep.jsonl", "rollout-old.json", "rollout-packed.jsonl.zst",
        "rollout-top.jsonl",
    ]  # fmt: skip


def test_no_home_is_no_trouble(tmp_path: Path) -> None:
    found = SOURCE.find(tmp_path / "nowhere")
    assert (found.files, found.troubles) == ((), ())
    assert SOURCE.live(tmp_path / "nowhere") == ()


def test_plain_wins_over_packed(tmp_path: Path) -> None:
    log = Rollout().meta()
    log.write(tmp_path, "rollout-a.jsonl")
    log.write(tmp_path, "rollout-a.jsonl.zst")
    assert names(tmp_path) == ["rollout-a.jsonl"]


def test_links_lead_to_one_file(tmp_path: Path) -> None:
    path = Rollout().meta().write(tmp_path, "rollout-a.jsonl")
    path.with_name("rollout-soft.jsonl").symlink_to(path)
    os.link(path, path.with_name("rollout-hard.jsonl"))
    (log,) = SOURCE.find(tmp_path).files
    assert Path(log.path).resolve() == Path(log.path)
    loop = tmp_path / "sessions" / "loop"
    loop.symlink_to(tmp_path / "sessions")
    assert len(SOURCE.find(tmp_path).files) == 1


def test_troubles_are_told(tmp_path: Path) -> None:
    Rollout().meta().write(tmp_path, "rollout-good.jsonl")
    folder = tmp_path / "sessions" / "2026"
    (folder / "rollout-folder.jsonl").mkdir()
    (folder / "rollout-gone.jsonl").symlink_to(folder / "nothing")
    os.mkfifo(folder / "rollout-pipe.jsonl")
    (tmp_path / "archived_sessions").write_text("")
    found = SOURCE.find(tmp_path)
    assert len(found.files) == 1
    assert sorted((Path(t.path).name, t.what) for t in found.troubles) == [
        ("archived_sessions", "not a directory"),
        ("rollout-folder.jsonl", "not a file"),
        ("rollout-gone.jsonl", "vanished"),
        ("rollout-pipe.jsonl", "not a file"),
    ]


def test_reading_what_vanished_is_an_oserror(tmp_path: Path) -> None:
    from tokenwatch.sources.source import Pass

    path = Rollout().meta().write(tmp_path)
    (log,) = SOURCE.find(tmp_path).files
    path.unlink()
    for which in Pass:
        with pytest.raises(OSError):
            list(SOURCE.read(log, None, which, now_ms=START_MS))


HOLD = """
import fcntl, sys
handle = open(sys.argv[1], "a")
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("listed", [True, False], ids=["system's list", "by trying"])
def test_a_held_lock_is_a_live_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    if not listed:
        monkeypatch.setattr(live, "_SYSTEM_LOCKS", tmp_path / "none")
    root, child = uuid7(START_MS, 1), uuid7(START_MS + 5, 2)
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": root}}}
    Rollout(root).meta().write(tmp_path)
    Rollout(child, START_MS + 5).meta(source=spawn).write(tmp_path)
    locks = tmp_path / "thread-writer-locks"
    locks.mkdir()
    left_over = uuid7(START_MS + 9, 3)
    for name in (root, child, left_over, ".coordination"):
        (locks / f"{name}.lock").touch()
    before = {path.name: path.stat() for path in locks.iterdir()}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(locks / f"{child}.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        holder.stdout.readline()
        alive = {process.session_id: process.alive for process in SOURCE.live(tmp_path)}
        assert alive == {root: True, left_over: False}
        holder.stdin.close()
    assert {p.session_id: p.alive for p in SOURCE.live(tmp_path)} == {root: False, left_over: False}
    after = {path.name: path.stat() for path in locks.iterdir()}
    assert {n: s.st_mtime_ns for n, s in after.items()} == {
        n: s.st_mtime_ns for n, s in before.items()
    }


def test_importing_the_source_needs_no_decoder() -> None:
    code = "import sys, tokenwatch.sources.codex; print('msgspec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
