"""What running sessions show of waste: flags, notices told once, and a cache that will expire."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import cases
from tests.cases import NOW_MS, Desk
from tests.lines import VERSION, answer, instant, line, log_path, prompt, write
from tokenwatch.detection import Detection
from tokenwatch.snapshot import SessionRow, Snapshot
from tokenwatch.store import findings
from tokenwatch.store.findings import Verdict
from tokenwatch.watching import Watching

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000


def usage(read: int = 0, **writes: int) -> dict[str, Any]:
    """Return the usage of an answer; writes: m5 or h1, tokens of that lifetime."""
    m5, h1 = writes.get("m5", 0), writes.get("h1", 0)
    return {
        "input_tokens": 5,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": m5 + h1,
        "cache_creation": {"ephemeral_5m_input_tokens": m5, "ephemeral_1h_input_tokens": h1},
        "output_tokens": 300,
    }


def failing(number: int, at_ms: int) -> tuple[bytes, bytes]:
    """Return a request that runs a command, which fails as it did before."""
    use = {"type": "tool_use", "id": f"toolu_{number}", "name": "Bash"}
    ran = answer(
        str(number),
        at_ms=at_ms,
        model="claude-opus-4-5-20251101",
        stop="tool_use",
        content=[use | {"input": {"command": "npm test"}}],
        usage=usage(90_000 + 1000 * number, m5=1000),
    )
    result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "is_error": True}
    came = line(
        type="user", uuid=f"r-{number}", sessionId="s1", timestamp=instant(at_ms + 100),
        cwd="/home/dev/app", version=VERSION, entrypoint="cli",
        message={"role": "user", "content": [result | {"content": "Exit code 1\nboom"}]},
    )  # fmt: skip
    return ran, came


class Watch:
    """A home whose one session grows, and what the monitor shows of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.desk = Desk.open(home, now_ms=NOW_MS)
        self._detection = Detection(self.desk.ledger, now=lambda: self.desk.now_ms)
        self.watching = Watching(self.desk.ledger, NOW_MS)

    def at(self, now_ms: int, *lines: bytes) -> Snapshot:
        """Return what is shown at a time, with more lines in the log by then."""
        self.desk.now_ms = now_ms
        if lines:
            write(log_path(self.home), *lines, at_ms=now_ms)
        self.desk.read()
        self.watching.take(self._detection.assess(), now_ms)
        return self.watching.shown(self.desk.overview.snapshot({}, now_ms), now_ms)


def row(snapshot: Snapshot) -> SessionRow:
    """Return the row of the one session."""
    (only,) = snapshot.sessions
    return only


def looping(begin_ms: int, times: int = 5) -> list[bytes]:
    """Return a turn in which one command fails again and again."""
    lines = [prompt("run the tests", at_ms=begin_ms)]
    for number in range(1, times + 1):
        lines += failing(number, begin_ms + number * SECOND)
    return lines


def test_a_loop_is_flagged_and_told_while_it_goes_on(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    lines = looping(NOW_MS + SECOND)
    begun = watch.at(NOW_MS + 4 * SECOND, *lines[:5])
    assert [flag.words for flag in row(begun).flags] == ["fails again"]
    assert begun.notices == ()
    shown = watch.at(NOW_MS + 9 * SECOND, *lines[5:])
    assert [flag.words for flag in row(shown).flags][:1] == ["loop"]
    (notice,) = shown.notices
    assert (notice.kind, notice.session_id) == ("loop", "s1")
    assert [other.key for other in watch.at(NOW_MS + 20 * SECOND).notices] == [notice.key]
    assert watch.at(NOW_MS + 5 * MINUTE).notices == ()
    assert row(watch.at(NOW_MS + 30 * MINUTE)).flags
    assert row(watch.at(NOW_MS + 61 * MINUTE)).flags == ()


def test_a_loop_says_how_often_and_what_to_do_as_of_now(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    lines = looping(NOW_MS + SECOND, times=9)
    (first,) = watch.at(NOW_MS + 9 * SECOND, *lines[:11]).notices
    assert (first.times, first.least) == (5, 4)
    assert "5 times" in first.text and first.advice.startswith("Press Esc")
    assert first.advice not in first.text
    (last,) = watch.at(NOW_MS + 12 * SECOND, *lines[11:]).notices
    assert (last.key, last.times, last.at_ms > first.at_ms) == (first.key, 9, True)
    assert "9 times" in last.text


def test_a_loop_is_told_after_the_clock_went_back(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.at(NOW_MS - HOUR)
    (notice,) = watch.at(NOW_MS - HOUR + 9 * SECOND, *looping(NOW_MS - HOUR + SECOND)).notices
    assert notice.kind == "loop"


def test_nothing_is_told_of_what_was_before_the_monitor(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    shown = watch.at(NOW_MS + SECOND, *looping(NOW_MS - MINUTE))
    assert [flag.words for flag in row(shown).flags][:1] == ["loop"]
    assert shown.notices == ()


def test_what_was_fine_is_flagged_no_more(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.at(NOW_MS + 9 * SECOND, *looping(NOW_MS + SECOND))
    for found in findings.read(watch.desk.ledger):
        value = found.finding
        said = Verdict(value.kind, value.signature, found.id, "fine", NOW_MS)
        findings.judge(watch.desk.ledger, said)
    shown = watch.at(NOW_MS + 10 * SECOND)
    assert row(shown).flags == () and shown.notices == ()


def warm(lifetime: str, *, tokens: int = 143_000) -> tuple[bytes, bytes]:
    """Return a turn that left so much in the cache."""
    asked = prompt("go on", at_ms=NOW_MS - 2 * SECOND)
    kept = usage(tokens - 3000, **{lifetime: 3000})
    return asked, answer("9", at_ms=NOW_MS, model="claude-opus-4-5-20251101", usage=kept)


def test_a_large_cache_is_shown_until_it_expires(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    shown = watch.at(NOW_MS + SECOND, *warm("m5"))
    cache = row(shown).warm
    assert cache is not None
    assert (cache.tokens, cache.expires_ms) == (143_000, NOW_MS + 5 * MINUTE)
    assert row(watch.at(NOW_MS + 5 * MINUTE - 20 * SECOND)).warm == cache
    assert row(watch.at(NOW_MS + 5 * MINUTE)).warm is None


def test_an_hour_where_the_latest_write_was_for_one(tmp_path: Path) -> None:
    cache = row(Watch(tmp_path).at(NOW_MS + SECOND, *warm("h1"))).warm
    assert cache is not None and cache.expires_ms == NOW_MS + HOUR


def test_a_small_cache_and_a_working_agent_are_left_alone(tmp_path: Path) -> None:
    assert row(Watch(tmp_path / "a").at(NOW_MS + SECOND, *warm("m5", tokens=59_000))).warm is None
    asked, _ = warm("m5")
    working = answer(
        "9",
        at_ms=NOW_MS,
        stop="tool_use",
        content=[{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "x"}}],
        usage=usage(140_000, m5=3000),
    )
    assert row(Watch(tmp_path / "b").at(NOW_MS + SECOND, asked, working)).warm is None


def test_other_sessions_rows_are_as_they_were(tmp_path: Path) -> None:
    home = cases.copy("claude-2.1.330/interactive", tmp_path)
    desk = cases.read(home)
    snapshot = desk.overview.snapshot({}, desk.now_ms)
    assert Watching(desk.ledger, desk.now_ms).shown(snapshot, desk.now_ms) == snapshot
