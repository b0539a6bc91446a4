"""What becomes of files: growth, cuts, renames, links, damage; and a byte is read once."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from tests import cases
from tests.cases import NOW_MS, REST_MS, Desk
from tests.lines import AT_MS, answer, line, log_path, prompt, write
from tokenwatch.config import Config, ExtraRoot
from tokenwatch.snapshot import Progress
from tokenwatch.sources import source, tail
from tokenwatch.sources.claude_code import ClaudeCode, passes
from tokenwatch.sources.roots import Root, live_signs, roots
from tokenwatch.sources.source import Pass
from tokenwatch.store import explain, spend
from tokenwatch.store import sessions as stored
from tokenwatch.store.spend import Filter


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the bytes that either pass reads, by the file's name."""
    found: Counter[str] = Counter()
    read = ClaudeCode.read

    def counted(self: ClaudeCode, log: Any, *more: Any, **named: Any) -> Iterator[Any]:
        for batch in read(self, log, *more, **named):
            found[Path(log.path).name] += batch.bytes
            yield batch

    monkeypatch.setattr(ClaudeCode, "read", counted)
    return found


def _requests(desk: Desk) -> int:
    return spend.total(desk.ledger, Filter()).requests


def _files(desk: Desk) -> dict[str, bool]:
    """Return the names of all files that the ledger knows, and whether each is gone."""
    return {
        Path(row["path"]).name: row["gone_ms"] is not None
        for row in desk.ledger.sql.execute("SELECT path, gone_ms FROM files")
    }


def _where(desk: Desk) -> list[tuple[str, int | None]]:
    (key,) = stored.all_keys(desk.ledger)
    return [(Path(r.file or "").name, r.line) for r in explain.requests(desk.ledger, key)]


def test_what_grew_is_read_and_nothing_else(home: Path, taken: Counter[str]) -> None:
    path = write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    desk = cases.read(home)
    first = path.stat().st_size
    assert taken == {"s1.jsonl": 2 * first}
    write(path, answer("2"), answer("3"), at_ms=REST_MS + 1)
    desk.read()
    assert taken == {"s1.jsonl": 2 * path.stat().st_size}
    desk.close()
    desk = cases.read(home)
    assert taken == {"s1.jsonl": 2 * path.stat().st_size}
    assert _requests(desk) == 3


def test_an_unfinished_line_waits_for_its_end(home: Path) -> None:
    whole = answer("2")
    path = write(log_path(home), prompt(), answer("1"), whole[:50], at_ms=NOW_MS)
    desk = cases.read(home)
    assert _requests(desk) == 1
    assert desk.sync.pending(Pass.USAGE) == []
    write(path, whole[50:], at_ms=NOW_MS)
    assert _requests(desk.read()) == 2


def test_a_last_line_without_an_end_is_taken_at_rest(home: Path, taken: Counter[str]) -> None:
    path = write(log_path(home), prompt(), answer("1"), answer("2")[:-1], at_ms=NOW_MS)
    desk = cases.read(home)
    assert _requests(desk) == 1
    desk.now_ms = NOW_MS + 30_000
    assert _requests(desk.read()) == 1
    desk.now_ms = NOW_MS + 61_000
    assert _requests(desk.read()) == 2
    write(path, b"\n", answer("3"), at_ms=NOW_MS + 62_000)
    assert _requests(desk.read()) == 3
    assert _where(desk)[-1] == ("s1.jsonl", 4)
    assert taken["s1.jsonl"] == 2 * path.stat().st_size


def test_a_truncated_file_is_read_anew_and_history_stays(home: Path) -> None:
    path = write(log_path(home), prompt(), answer("1"), answer("2"), at_ms=REST_MS)
    desk = cases.read(home)
    write(path, prompt(), answer("2"), mode="wb", at_ms=REST_MS + 1)
    desk.read()
    assert _requests(desk) == 2
    assert dict(_where(desk)) == {"s1.jsonl": 2}
    write(path, mode="wb", at_ms=REST_MS + 2)
    assert _requests(desk.read()) == 2
    write(path, answer("4"), at_ms=REST_MS + 3)
    assert _requests(desk.read()) == 3


def test_a_rewritten_file_of_the_same_length_is_read_anew(home: Path) -> None:
    path = write(log_path(home), prompt(), answer("1"), answer("2"), at_ms=REST_MS)
    desk = cases.read(home)
    write(path, prompt(), answer("1"), answer("3"), mode="wb", at_ms=REST_MS + 1)
    assert _requests(desk.read()) == 3
    lines = {row[0]: row[1] for row in desk.ledger.sql.execute("SELECT id, line FROM requests")}
    assert (lines["msg_fake000001"], lines["msg_fake000003"]) == (2, 3)


def test_a_renamed_file_keeps_its_bookmarks(home: Path, taken: Counter[str]) -> None:
    path = write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    cases.read(home).close()
    before = dict(taken)
    target = log_path(home, project="-moved")
    target.parent.mkdir()
    path.rename(target)
    desk = cases.read(home)
    assert dict(taken) == before
    assert _files(desk) == {"s1.jsonl": False}
    (found,) = explain.requests(desk.ledger, stored.all_keys(desk.ledger)[0])
    assert found.file == str(target)
    write(target, answer("2"), at_ms=REST_MS + 1)
    assert _requests(desk.read()) == 2
    assert taken == {"s1.jsonl": 2 * target.stat().st_size}


def test_a_file_that_grew_and_was_renamed_is_read_on(home: Path, taken: Counter[str]) -> None:
    path = write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    desk = cases.read(home)
    write(path, answer("2"), at_ms=REST_MS + 1)
    target = path.with_name("s9.jsonl")
    path.rename(target)
    assert _requests(desk.read()) == 2
    assert taken == {"s1.jsonl": 2 * len(prompt() + answer("1")), "s9.jsonl": 2 * len(answer("2"))}


def test_an_inode_that_is_used_again_is_another_file(home: Path) -> None:
    """File systems give a new file the number of a deleted one at once."""
    old = write(log_path(home, "s1"), prompt("first", "s1", cwd="/p1"), answer("1", cwd="/p1"),
                at_ms=REST_MS)  # fmt: skip
    desk = cases.read(home)
    size = old.stat().st_size
    new = write(log_path(home, "s2"), prompt("second", "s2", cwd="/p2"),
                *(answer(str(n), "s2", cwd="/p2") for n in range(2, 9)), at_ms=REST_MS)  # fmt: skip
    assert new.stat().st_size > size
    new.replace(old)
    old.rename(new)
    with desk.ledger.transaction():
        desk.ledger.sql.execute("UPDATE files SET inode = ?", (new.stat().st_ino,))
    desk.close()
    desk = cases.read(home)
    rows = desk.rows()
    assert {id: (r.project, r.title, r.spend.requests) for id, r in rows.items()} == {
        "s1": ("/p1", "first", 1), "s2": ("/p2", "second", 7),
    }  # fmt: skip
    assert _files(desk) == {"s1.jsonl": True, "s2.jsonl": False}


def test_a_deleted_file_stays_in_every_report(home: Path) -> None:
    path = write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    desk = cases.read(home)
    before = desk.rows()
    path.unlink()
    assert desk.read().rows() == before
    assert _files(desk) == {"s1.jsonl": True}
    write(path, prompt(), answer("1"), at_ms=REST_MS)
    desk.read()
    assert desk.rows() == before
    assert _files(desk) == {"s1.jsonl": False}


def test_a_file_that_comes_back_unchanged_is_not_gone(home: Path, taken: Counter[str]) -> None:
    path = write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    desk = cases.read(home)
    aside = home / "aside"
    path.rename(aside)
    desk.read()
    assert _files(desk) == {"s1.jsonl": True}
    before = dict(taken)
    aside.rename(path)
    desk.read()
    assert _files(desk) == {"s1.jsonl": False}
    assert dict(taken) == before


def test_a_file_that_vanishes_while_it_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = write(log_path(home, "s1"), prompt(), answer("1"), at_ms=REST_MS + 1)
    write(log_path(home, "s2"), prompt("x", "s2"), answer("2", "s2"), at_ms=REST_MS)
    desk = Desk.open(home)
    desk.sync.look()
    content = gone.read_bytes()
    gone.unlink()
    for which in Pass:
        desk.sync.read(which)
        assert desk.sync.pending(which) == []
    assert _requests(desk) == 1
    write(gone, content, at_ms=REST_MS + 1)
    assert _requests(desk.read()) == 2


class _Torn:
    """A reader that fails in the middle of a file, as a bad disk makes it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: Exception, after: int) -> None:
        self.works = False
        read = passes.read

        def failing(log: Any, *more: Any, **named: Any) -> Iterator[Any]:
            for number, batch in enumerate(read(log, *more, **named)):
                if number == after and log.path.endswith("s1.jsonl") and not self.works:
                    raise error
                yield batch

        monkeypatch.setattr(passes, "read", failing)
        monkeypatch.setattr(passes, "BATCH_EVENTS", 1)
        monkeypatch.setattr(tail, "STRETCH_BYTES", 1)


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ValueError("odd")])
def test_one_files_damage_stops_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, after: int
) -> None:
    path = write(log_path(home, "s1"), *(answer(str(n)) for n in range(4)), at_ms=REST_MS + 1)
    write(log_path(home, "s2"), prompt("x", "s2"), answer("9", "s2"), at_ms=REST_MS)
    torn = _Torn(monkeypatch, error, after)
    desk = cases.read(home)
    assert _requests(desk) == 1 + after
    assert [desk.sync.pending(which) for which in Pass] == [[], []]
    skipped = desk.ledger.sql.execute("SELECT reason, count, sample FROM skipped").fetchall()
    assert {tuple(row) for row in skipped} == {
        ("unreadable", 1, f"{type(error).__name__}: {error}")
    }
    torn.works = True
    write(path, answer("5"), at_ms=REST_MS + 2)
    assert _requests(desk.read()) == 6
    desk.close()
    assert _requests(cases.read(home)) == 6


def test_a_file_that_could_not_be_read_is_tried_by_the_next_process(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(log_path(home, "s1"), *(answer(str(n)) for n in range(4)), at_ms=REST_MS)
    torn = _Torn(monkeypatch, OSError(5, "Input/output error"), 2)
    desk = cases.read(home)
    assert _requests(desk) == 2
    desk.close()
    torn.works = True
    assert _requests(cases.read(home)) == 4


def test_a_folder_with_a_logs_name_is_reported(home: Path) -> None:
    log_path(home, "s1").mkdir(parents=True)
    write(log_path(home, "s2"), answer("1", "s2"), at_ms=REST_MS)
    desk = cases.read(home)
    assert _requests(desk) == 1
    assert [Path(t.path).name for t in desk.sync.troubles] == ["s1.jsonl"]


def test_lines_that_are_none_are_counted(home: Path) -> None:
    write(log_path(home), prompt(), b"\xff\xfe{\n", b"[1, 2]\n", b"{torn\n", b"\n", answer("1"),
          line(type="never-seen"), at_ms=REST_MS)  # fmt: skip
    desk = cases.read(home)
    assert _requests(desk) == 1
    counts = {
        row["reason"]: row["count"] for row in desk.ledger.sql.execute("SELECT * FROM skipped")
    }
    assert counts == {"malformed": 2, "not_an_object": 1, "unknown_type": 1}


def _zstd(data: bytes) -> bytes:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        from backports import zstd
    packed: bytes = zstd.compress(data)
    return packed


ROLLOUT = "codex-0.169.0/compact"


def test_a_log_that_is_packed_counts_once(home: Path) -> None:
    cases.copy(ROLLOUT, home)
    desk = cases.read(home)
    before = desk.rows()
    (path,) = (home / ".codex").rglob("*.jsonl")
    write(Path(f"{path}.zst"), _zstd(path.read_bytes()), at_ms=REST_MS)
    path.unlink()
    assert desk.read().rows() == before
    assert sorted(_files(desk).values()) == [False, True]
    assert cases.rollup(desk.ledger) == cases.rollup_of_requests(desk.ledger)
    alone = cases.read(home, path=home / "other" / "ledger.sqlite")
    assert alone.rows() == before


def test_a_damaged_packed_log_stops_no_other(home: Path) -> None:
    cases.copy(ROLLOUT, home)
    (path,) = (home / ".codex").rglob("*.jsonl")
    packed = Path(str(path).replace("rollout-", "rollout-1") + ".zst")
    write(packed, _zstd(path.read_bytes())[:-400], at_ms=REST_MS)
    desk = cases.read(home)
    assert _requests(desk) == cases.expected(ROLLOUT)["totals"]["requests"]
    assert [desk.sync.pending(which) for which in Pass] == [[], []]
    reasons = {row[0] for row in desk.ledger.sql.execute("SELECT reason FROM skipped")}
    assert "unreadable" in reasons


def test_an_archived_copy_counts_once(home: Path) -> None:
    cases.copy(ROLLOUT, home)
    before = cases.read(home).rows()
    (path,) = (home / ".codex").rglob("*.jsonl")
    archive = home / ".codex" / "archived_sessions"
    archive.mkdir()
    shutil.copy2(path, archive)
    desk = cases.read(home)
    assert desk.rows() == before
    path.unlink()
    assert desk.read().rows() == before


def test_an_archived_log_is_not_read_again(home: Path, taken: Counter[str]) -> None:
    write(log_path(home), answer("1"), at_ms=REST_MS)
    cases.copy(ROLLOUT, home)
    before = cases.read(home).rows()
    (path,) = (home / ".codex").rglob("*.jsonl")
    archive = home / ".codex" / "archived_sessions"
    archive.mkdir()
    path.rename(archive / path.name)
    codex = Desk.open(home)
    codex.sync.look()
    assert [codex.sync.pending(which) for which in Pass] == [[], []]
    assert codex.read().rows() == before
    assert set(_files(codex).values()) == {False}


def test_two_copies_of_a_home_count_once(home: Path, tmp_path: Path) -> None:
    cases.copy("claude-2.1.330/fork", home)
    alone = cases.read(home, path=tmp_path / "alone" / "ledger.sqlite")
    twin = cases.copy("claude-2.1.330/fork", tmp_path / "twin")
    where = (*cases.roots_of(home), *cases.roots_of(twin))
    desk = cases.read(home, where=where)
    assert desk.rows() == alone.rows()


@pytest.mark.parametrize("link_first", [True, False])
def test_a_root_behind_a_link_is_the_same_root(
    home: Path, tmp_path: Path, link_first: bool
) -> None:
    write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    link = tmp_path / "link"
    link.symlink_to(home / ".claude")
    named = [str(home / ".claude"), str(link)]
    value = os.pathsep.join(named[::-1] if link_first else named)
    found = roots(Config(), {"CLAUDE_CONFIG_DIR": value}, home)
    assert [root.source.name for root in found] == ["claude-code", "codex"]
    desk = cases.read(home, where=found)
    assert (_requests(desk), len(_files(desk))) == (1, 1)


def test_linked_folders_and_files_are_read_once(home: Path, tmp_path: Path) -> None:
    real = write(tmp_path / "elsewhere" / "s1.jsonl", prompt(), answer("1"), at_ms=REST_MS)
    projects = home / ".claude" / "projects"
    projects.mkdir(parents=True)
    (projects / "-a").symlink_to(real.parent)
    (projects / "-b").mkdir()
    (projects / "-b" / "s1.jsonl").symlink_to(real)
    os.link(real, projects / "-b" / "s2.jsonl")
    (projects / "-b" / "around").symlink_to(projects)
    desk = cases.read(home)
    assert (_requests(desk), len(_files(desk))) == (1, 1)


def test_settings_add_roots(home: Path, tmp_path: Path) -> None:
    write(log_path(tmp_path / "more"), prompt(), answer("1"), at_ms=REST_MS)
    extra = tuple(
        ExtraRoot(source="claude-code", path=path)
        for path in (tmp_path / "more" / ".claude", home / ".claude")
    )
    found = roots(Config(roots=extra), {}, home)
    assert len({os.path.realpath(root.path) for root in found}) == len(found)
    assert _requests(cases.read(home, where=found)) == 1


def test_a_root_that_is_a_file(home: Path) -> None:
    write(home / ".claude", b"x")
    write(home / ".codex", b"x")
    desk = cases.read(home)
    assert _requests(desk) == 0
    assert {Path(t.path).name for t in desk.sync.troubles} >= {".claude"}
    assert [looked.exists for looked in desk.sync.looked if looked.path.endswith(".claude")] == [
        False
    ]


def test_a_path_that_is_no_text(home: Path) -> None:
    folder = os.fsencode(home / ".claude" / "projects") + b"/-caf\xe9"
    Path(os.fsdecode(folder)).mkdir(parents=True)
    path = Path(os.fsdecode(folder)) / "s1.jsonl"
    write(path, prompt(), answer("1"), at_ms=REST_MS)
    desk = cases.read(home)
    write(path, answer("2"), at_ms=REST_MS + 1)
    assert _requests(desk.read()) == 2
    (key,) = stored.all_keys(desk.ledger)
    assert {r.file for r in explain.requests(desk.ledger, key)} == {str(path)}
    path.unlink()
    desk.read()
    gone = desk.ledger.sql.execute("SELECT gone_ms FROM files").fetchone()[0]
    assert gone == NOW_MS


def test_reading_that_is_stopped_goes_on_later(
    home: Path, monkeypatch: pytest.MonkeyPatch, taken: Counter[str]
) -> None:
    """Also by another process, and although the file did not change meanwhile."""
    monkeypatch.setattr(passes, "BATCH_EVENTS", 1)
    monkeypatch.setattr(tail, "STRETCH_BYTES", 1)
    path = write(log_path(home), *(answer(str(n)) for n in range(5)), at_ms=REST_MS)
    for number in range(1, 6):
        desk = Desk.open(home)
        desk.sync.look()
        asked = chain([False], repeat(True))
        desk.sync.read(Pass.USAGE, stop=asked.__next__)
        assert _requests(desk) == number
        desk.close()
    desk = Desk.open(home)
    desk.sync.look()
    desk.sync.read(Pass.USAGE)
    assert desk.sync.pending(Pass.USAGE) == []
    assert taken["s1.jsonl"] == path.stat().st_size


def test_progress_is_told_after_each_transaction(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokenwatch.sync.EVENTS_AT_ONCE", 1)
    sizes = [
        write(log_path(home, f"s{n}"), answer(str(n), f"s{n}"), at_ms=REST_MS + n).stat().st_size
        for n in range(3)
    ]
    desk = Desk.open(home)
    desk.sync.look()
    assert desk.sync.unread_bytes(Pass.USAGE) == sum(sizes)
    told: list[Progress] = []
    desk.sync.read(Pass.USAGE, report=told.append)
    assert [p.read_bytes for p in told] == [sizes[2], sizes[2] + sizes[1], sum(sizes)]
    assert [p.done for p in told] == [False, False, True]
    assert desk.sync.unread_bytes(Pass.USAGE) == 0


def test_the_newest_files_are_read_first(home: Path) -> None:
    for session, at_ms in (("s1", REST_MS), ("s2", REST_MS + 2), ("s3", REST_MS + 1)):
        write(log_path(home, session), answer(session, session), at_ms=at_ms)
    desk = Desk.open(home)
    desk.sync.look()
    names = [Path(file.path).stem for file in desk.sync.pending(Pass.USAGE)]
    assert names == ["s2", "s3", "s1"]


def test_looking_at_single_files(home: Path) -> None:
    path = write(log_path(home), answer("1"), at_ms=REST_MS)
    desk = cases.read(home)
    write(path, answer("2"), at_ms=REST_MS + 1)
    assert desk.sync.look_at([str(path)])
    assert [file.path for file in desk.sync.pending(Pass.USAGE)] == [str(path)]
    path.unlink()
    assert not desk.sync.look_at([str(path)])


PROJECT = ".claude/projects/-app"
DAY = ".codex/sessions/2026/11/22"
ARCHIVED = ".codex/archived_sessions"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([f"{PROJECT}/s2.jsonl"], ""),
        ([f"{PROJECT}/s2.jsonl", f"{PROJECT}/s2/subagents/agent-1.jsonl"], PROJECT),
        ([f"{PROJECT}/s1/subagents/agent-1.jsonl"], f"{PROJECT}/s1"),
        ([f"{PROJECT}/s1/subagents/agent-1.meta.json"], ""),
        ([".claude/projects/-new/s3.jsonl"], ".claude/projects/-new"),
        ([".claude/projects/-new/s3.jsonl"], ".claude/projects"),
        ([f"{PROJECT}/s1/tool-results/x.jsonl"], ""),
        ([f"{PROJECT}/memory/x.jsonl"], f"{PROJECT}/memory"),
        ([f"{PROJECT}/odd.jsonl/s2.jsonl"], ""),
        ([".claude/sessions/17.json", ".claude/sessions/17.key"], ""),
        ([".claude/history.jsonl"], ""),
        ([f"{DAY}/rollout-1.jsonl"], ""),
        ([f"{DAY}/rollout-1.jsonl", f"{DAY}/rollout-1.jsonl.zst"], f"{DAY}/rollout-1.jsonl.zst"),
        ([f"{DAY}/rollout-1.jsonl"], ".codex/sessions"),
        ([f"{DAY}/rollout-old.json", ".codex/sessions/rollout-old.json"], ""),
        ([f"{DAY}/odd.jsonl/rollout-1.jsonl"], ""),
        ([f"{ARCHIVED}/rollout-1.jsonl"], ""),
        ([f"{ARCHIVED}/deep/rollout-1.jsonl"], ""),
        ([".codex/thread-writer-locks/1.lock"], ""),
    ],
)
def test_new_files_are_found_without_a_look_at_all(home: Path, files: list[str], told: str) -> None:
    """And nothing that such a look would not find."""
    write(home / PROJECT / "s1.jsonl", answer("1"), at_ms=REST_MS)
    (home / ".codex/sessions").mkdir(parents=True)
    desk = cases.read(home)
    for name in files:
        write(home / name, answer("2", "s2"), at_ms=REST_MS)
    found = desk.sync.look_at([str(home / told)] if told else [str(home / f) for f in files])
    alone = desk.sync.pending(Pass.USAGE), desk.sync.looked
    desk.sync.look()
    assert (desk.sync.pending(Pass.USAGE), desk.sync.looked) == alone or not found
    assert found or "odd" in files[0]


def test_what_only_a_look_at_all_can_tell(home: Path) -> None:
    path = write(log_path(home), answer("1"), at_ms=REST_MS)
    other = write(log_path(home, "s2", "-other"), answer("2", "s2"), at_ms=REST_MS)
    desk = cases.read(home)
    link = path.with_name("link.jsonl")
    link.hardlink_to(path)
    assert not desk.sync.look_at([str(link)])
    link.unlink()
    assert desk.sync.look_at([str(link)])
    moved = path.rename(path.with_name("s9.jsonl"))
    assert not desk.sync.look_at([str(moved)])
    shutil.rmtree(other.parent)
    assert not desk.sync.look_at([str(other.parent)])
    desk.read()
    write(other, answer("2", "s2"), at_ms=REST_MS)
    assert not desk.sync.look_at([str(other)])
    assert not desk.sync.look_at([str(home)])


def test_a_new_file_may_be_one_that_was_moved(home: Path, taken: Counter[str]) -> None:
    path = write(log_path(home), prompt(), answer("1"), at_ms=REST_MS)
    cases.read(home).close()
    before = dict(taken)
    aside = path.rename(home / "aside")
    desk = cases.read(home)
    target = aside.rename(path.with_name("s9.jsonl"))
    assert desk.sync.look_at([str(target)])
    assert desk.sync.pending(Pass.USAGE) == desk.sync.pending(Pass.DETAIL) == []
    assert dict(taken) == before


def test_a_last_line_is_taken_at_rest_without_another_look(home: Path) -> None:
    path = write(log_path(home), prompt(), answer("1"), answer("2")[:-1], at_ms=NOW_MS)
    old = write(log_path(home, "s2"), answer("3", "s2"), at_ms=REST_MS)
    desk = cases.read(home)
    for later_ms, number in ((30_000, 2), (61_000, 3)):
        desk.now_ms = NOW_MS + later_ms
        for which in Pass:
            desk.sync.read(which)
        assert _requests(desk) == number
    assert desk.sync.look_at([str(path), str(old)])
    assert desk.sync.pending(Pass.USAGE) == []


def test_nothing_at_all(home: Path) -> None:
    desk = cases.read(home)
    assert _requests(desk) == 0
    assert [(looked.exists, looked.files) for looked in desk.sync.looked] == [(False, 0)] * 3
    assert live_signs(desk.sync.roots) == {}


def test_every_source_is_looked_for(home: Path) -> None:
    found = roots(Config(), {}, home)
    assert found == (
        Root(source=source("claude-code"), path=home / ".claude"),
        Root(source=source("claude-code"), path=home / ".config" / "claude"),
        Root(source=source("codex"), path=home / ".codex"),
    )
    assert AT_MS < REST_MS < NOW_MS
