"""The ledger's file: private, of a known version, whole whatever happens to those who write it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cases
from tests.cases import Desk
from tokenwatch.errors import LedgerBusy, LedgerError, LedgerNewer
from tokenwatch.sources.source import Pass
from tokenwatch.store import ledger as ledgers
from tokenwatch.store import schema, spend
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter

CASE = "claude-2.1.330/subagents"
FORK = "claude-2.1.330/fork"
ROOT = Path(__file__).parent.parent.parent


def _modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in folder.iterdir()}


@pytest.fixture
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_to_all")
def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledger.sqlite"
    ledger = Ledger.open(path)
    with ledger.transaction():
        ledger.set_meta("word", "x")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert _modes(path.parent) == {
        "ledger.sqlite": "0o600",
        "ledger.sqlite-wal": "0o600",
        "ledger.sqlite-shm": "0o600",
    }


def test_a_ledger_that_others_could_read_is_tightened(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledger.sqlite"
    Ledger.open(path).close()
    path.chmod(0o644)
    path.parent.chmod(0o755)
    ledger = Ledger.open(path)
    with ledger.transaction():
        ledger.set_meta("word", "x")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert set(_modes(path.parent).values()) == {"0o600"}


@pytest.mark.parametrize("in_use", [False, True])
def test_a_newer_ledger_is_refused_and_untouched(tmp_path: Path, in_use: bool) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger.open(path).close()
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    newer.execute("CREATE TABLE later (x)")
    newer.commit()
    if not in_use:
        newer.close()
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if not p.name.endswith("-shm")}
    with pytest.raises(LedgerNewer, match=str(schema.VERSION + 1)):
        Ledger.open(path)
    after = {p.name: p.read_bytes() for p in tmp_path.iterdir() if not p.name.endswith("-shm")}
    assert after == before
    newer.close()


@pytest.mark.parametrize(
    "content",
    [b"no database at all, but long enough to be one" * 40, b"SQLite format 3\0" + b"x" * 900],
)
def test_a_damaged_ledger_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="ledger.sqlite"):
        Ledger.open(path)
    assert path.read_bytes() == content


def test_damage_found_while_reading_is_named(tmp_path: Path) -> None:
    home = cases.copy(CASE, tmp_path)
    cases.read(home).close()
    path = home / "data" / "ledger.sqlite"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(LedgerError, match="ledger.sqlite"):
        ledger = Ledger.open(path)
        with ledger.reading():
            spend.total(ledger, Filter())


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    with pytest.raises(LedgerError, match="ledger.sqlite"):
        Ledger.open(tmp_path / "ledger.sqlite")


def test_a_writer_that_holds_it_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "PATIENCE_S", 0.05)
    one, two = Ledger.open(tmp_path / "l"), Ledger.open(tmp_path / "l")
    with one.transaction():
        with pytest.raises(LedgerBusy), two.transaction():
            pytest.fail("two writers at once")
        one.set_meta("a", "1")
    with two.transaction():
        two.set_meta("b", "2")
    assert (one.meta("b"), two.meta("a")) == ("2", "1")


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "l")
    with pytest.raises(ZeroDivisionError), ledger.transaction():
        ledger.set_meta("a", "1")
        raise ZeroDivisionError
    assert ledger.meta("a") is None


def test_a_reading_transaction_sees_one_state(tmp_path: Path) -> None:
    home = cases.copy(CASE, tmp_path)
    desk, other = Desk.open(home), Desk.open(home)
    with other.ledger.reading():
        assert spend.total(other.ledger, Filter()).requests == 0
        desk.read()
        assert spend.total(other.ledger, Filter()).requests == 0
    assert (
        spend.total(other.ledger, Filter()).requests == cases.expected(CASE)["totals"]["requests"]
    )


def test_no_text_of_prompts_is_kept(tmp_path: Path) -> None:
    """With `titles = "none"` no word of a prompt, a task or a title is in the file."""
    home = cases.copy(CASE, tmp_path)
    desk = cases.read(home, titles="none")
    words = [
        row[0]
        for table, column in (("prompts", "title"), ("agents", "task"), ("launches", "task"),
                              ("sessions", "title"), ("files", "client_title"))
        for row in desk.ledger.sql.execute(f"SELECT {column} FROM {table}")
    ]  # fmt: skip
    assert words and set(words) == {None}
    full = cases.read(home, path=tmp_path / "full" / "ledger.sqlite")
    prompt = full.ledger.sql.execute("SELECT title FROM prompts ORDER BY at_ms").fetchone()[0]
    desk.close()
    assert prompt.encode() not in (home / "data" / "ledger.sqlite").read_bytes()


def test_threads_that_read_the_same_logs_lose_and_repeat_nothing(tmp_path: Path) -> None:
    home = cases.copy(FORK, tmp_path)
    alone = cases.read(home, path=tmp_path / "alone" / "ledger.sqlite")
    path = tmp_path / "shared" / "ledger.sqlite"
    Ledger.open(path).close()
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            desk = Desk.open(home, path=path)
            start.wait()
            desk.read()
            desk.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    shared = Desk.open(home, path=path)
    assert [shared.sync.pending(which) for which in Pass] == [[], []]
    assert cases.contents(shared.ledger) == cases.contents(alone.ledger)
    assert cases.rollup(shared.ledger) == cases.rollup_of_requests(shared.ledger)


SCRIPT = """
import sys
from pathlib import Path
from tests import cases
from tokenwatch import sync
from tokenwatch.sources.claude_code import passes
from tokenwatch.sources.codex import reading
for module in (passes, reading):
    module.BATCH_EVENTS, module.BATCH_BYTES = 2, 20_000
sync.EVENTS_AT_ONCE = 1
home, path, wait = Path(sys.argv[1]), Path(sys.argv[2]), len(sys.argv) > 3
desk = cases.Desk.open(home, path=path)
apply = desk.sync.writer.apply
def slowly(readings, now_ms):
    stored = apply(readings, now_ms)
    print("stored", flush=True)
    if wait:
        sys.stdin.readline()
    return stored
desk.sync.writer.apply = slowly
desk.read()
"""


def _process(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_processes_that_read_the_same_logs_lose_and_repeat_nothing(tmp_path: Path) -> None:
    home = cases.copy(FORK, tmp_path)
    alone = cases.read(home, path=tmp_path / "alone" / "ledger.sqlite")
    path = tmp_path / "shared" / "ledger.sqlite"
    others = [_process(home, path) for _ in range(2)]
    own = Desk.open(home, path=path).read()
    for other in others:
        other.communicate()
        assert other.returncode == 0
    assert cases.contents(own.ledger) == cases.contents(alone.ledger)


@pytest.mark.parametrize("transactions", [1, 2, 3, 5, 8])
def test_a_killed_reader_is_taken_up_where_it_stopped(tmp_path: Path, transactions: int) -> None:
    home = cases.copy(FORK, tmp_path)
    alone = cases.read(home, path=tmp_path / "alone" / "ledger.sqlite")
    path = tmp_path / "killed" / "ledger.sqlite"
    process = _process(home, path, "wait")
    assert process.stdout is not None and process.stdin is not None
    for number in range(transactions):
        if number:
            process.stdin.write("\n")
            process.stdin.flush()
        assert process.stdout.readline() == "stored\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    desk = Desk.open(home, path=path)
    desk.sync.look()
    assert any(desk.sync.pending(which) for which in Pass)
    desk.read()
    assert cases.contents(desk.ledger) == cases.contents(alone.ledger)
    assert cases.rollup(desk.ledger) == cases.rollup_of_requests(desk.ledger)


def test_an_older_ledger_is_migrated(tmp_path: Path) -> None:
    """Version 0 is an empty file, as a process leaves that was killed while it created one."""
    path = tmp_path / "ledger.sqlite"
    path.touch()
    ledger = Ledger.open(path)
    assert ledger.sql.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    assert spend.total(ledger, Filter()).requests == 0


OTHER = """
import sys
from pathlib import Path
from tokenwatch.store.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
print(ledger.meta("word"))
ledger.close()
"""


@pytest.mark.parametrize("peeks", ["check", "open"])
def test_another_process_leaves_the_log_of_a_connection_in_use(tmp_path: Path, peeks: str) -> None:
    """Whatever this process looks at in the file, SQLite's locks on it stay."""
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(path)

    def other() -> str:
        done = subprocess.run(
            [sys.executable, "-c", OTHER, str(path)], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    for word in ("one", "two", "three"):
        ledger.check() if peeks == "check" else Ledger.open(path).close()
        log = path.with_name("ledger.sqlite-wal").stat().st_ino
        with ledger.transaction():
            ledger.set_meta("word", word)
        assert other() == word
        assert path.with_name("ledger.sqlite-wal").stat().st_ino == log
    ledger.close()
    assert other() == "three"


def test_no_descriptor_stays_behind_a_closed_ledger(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    before = open_files()
    for number in range(20):
        ledger = Ledger.open(tmp_path / f"{number}.sqlite")
        ledger.check()
        ledger.check()
        again = Ledger.open(tmp_path / f"{number}.sqlite")
        ledger.close()
        again.check()
        again.close()
        again.close()
    assert open_files() <= before + 1
