"""The same asked again in another session, after the work on it had failed in the earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import permutations
from pathlib import Path
from random import Random

import pytest

from tests import cases
from tests.cases import Desk
from tests.cli.wasteful import BEGIN_MS, Story, another
from tests.test_detection import said
from tokenwatch.answers.waste import waste
from tokenwatch.detection import Detection
from tokenwatch.model import DAY_MS
from tokenwatch.store import findings, spend, unassessed
from tokenwatch.store.findings import Stored
from tokenwatch.store.spend import Filter

ASK = "make the export button write all rows of the invoice table"
FILE = "src/export_rows.py"
ERROR = "Traceback (most recent call last):\n  File 'app.py', line 3\nKeyError: 'invoice_rows'"


def body(name: str, count: int = 12) -> str:
    return "\n".join(f"    {name}_{n} = rows_of(invoice, {n})" for n in range(count))


def work(
    number: int,
    prompt: str = ASK,
    *,
    days: float = 0,
    old: str = "start",
    new: str = "first",
    file: str = FILE,
    project: str = "/home/dev/app",
    **more: object,
) -> Story:
    """Return a session that asks for something and changes a file."""
    story = Story(
        another(number), project=project, at_ms=BEGIN_MS - int(9 * DAY_MS - days * DAY_MS)
    )
    story.prompt("hello, what is in this folder?").answer().wait(1)
    return attempt(story, prompt, old=old, new=new, file=file, **more)


def attempt(
    story: Story, prompt: str, *, old: str, new: str, file: str = FILE, **more: object
) -> Story:
    path = f"{story.project}/{file}"
    story.prompt(prompt, **more).call("Read", body(old), file_path=path)
    story.edit(path, body(old), body(new))
    return story.answer(write=60_000, output=2_000).wait(3)


def opened(home: Path, path: Path | None = None) -> Desk:
    return Desk.open(home, path=path)


def read(home: Path, stories: Sequence[Story]) -> Desk:
    for story in stories:
        story.write(home / ".claude")
    cases.rest(home)
    desk = opened(home).read()
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    assert unassessed.pending(desk.ledger) == set()
    return desk


def elsewhere(desk: Desk) -> list[Stored]:
    return [
        each for each in findings.read(desk.ledger) if each.finding.names.get("elsewhere") == "yes"
    ]


def test_the_same_asked_again_with_the_lines_rewritten(tmp_path: Path) -> None:
    desk = read(tmp_path, [work(1), work(2, days=1, old="first", new="second")])
    (one,) = elsewhere(desk)
    assert one.session_id == another(1) and not one.finding.conditional
    assert one.finding.counts["lines_written"] == 12 and one.finding.counts["lines_kept"] == 0
    owner = {
        key
        for key, *_ in desk.ledger.sql.execute(
            "SELECT r.key FROM requests r JOIN agents a ON a.key = r.agent WHERE a.session = ?",
            (one.session,),
        )
    }
    assert {key for key, _ in one.finding.granted} <= owner
    assert 0 < one.finding.wasted <= one.finding.high
    assert len(one.finding.evidence) == 2
    shown = waste(desk.ledger, Filter())
    claimed = sum(each.wasted for each in shown.sums.values())
    assert (
        claimed
        <= shown.spent
        == sum(each.cost_pico for each in spend.by_session(desk.ledger, Filter()).values())
    )
    (told,) = [each for each in shown.findings if each.id == one.id]
    assert told.told.headline == "asked for again in another session"
    assert "export_rows.py" in told.told.advice
    desk.close()


def _committed() -> Story:
    story = work(1)
    return story.call("Bash", "[main 1a2b3c4] export", command="git commit -am export").answer()


QUIET: dict[str, Callable[[], list[Story]]] = {
    "one session": lambda: [work(1)],
    "lines that stay": lambda: [work(1), work(2, days=1, old="other", new="second")],
    "another file": lambda: [work(1), work(2, days=1, old="x", new="y", file="src/else.py")],
    "another project": lambda: [
        work(1),
        work(2, days=1, old="first", new="second", project="/home/dev/b"),
    ],
    "too long ago": lambda: [work(1, days=-6), work(2, days=8.5, old="first", new="second")],
    "for another thing": lambda: [
        work(1, "add the field ENT-108 to the export of export_rows.py"),
        work(
            2, "add the field MCP-207 to the export of export_rows.py", days=1, old="first", new="b"
        ),
    ],
    "a chore": lambda: [
        work(1, "run the tests"),
        work(2, "run the tests", days=1, old="first", new="second"),
    ],
    "a routine": lambda: [work(n, days=n, old=f"v{n - 1}", new=f"v{n}") for n in range(1, 6)],
    "from a script": lambda: [
        work(1, entrypoint="sdk-cli"),
        work(2, days=1, old="first", new="second", entrypoint="sdk-cli"),
    ],
    "committed": lambda: [_committed(), work(2, days=1, old="first", new="second")],
}


@pytest.mark.parametrize("name", QUIET)
def test_words_alone_are_not_enough(name: str, tmp_path: Path) -> None:
    desk = read(tmp_path, QUIET[name]())
    assert elsewhere(desk) == []
    desk.close()


@pytest.mark.parametrize("gap", [13.9, 14.1])
def test_within_fourteen_days(gap: float, tmp_path: Path) -> None:
    desk = read(tmp_path, [work(1, days=-6), work(2, days=gap - 6, old="first", new="second")])
    assert len(elsewhere(desk)) == (gap < 14)
    desk.close()


def test_a_complaint_tells_it_even_of_a_routine(tmp_path: Path) -> None:
    again = f"it still doesn't work: {ASK}"
    stories = [work(n, days=n, old=f"v{n - 1}", new=f"v{n}") for n in range(1, 5)]
    stories.append(work(6, again, days=5, old="v4", new="v5"))
    desk = read(tmp_path, stories)
    assert {each.session_id for each in elsewhere(desk)} <= {another(n) for n in range(1, 5)}
    assert another(4) in {each.session_id for each in elsewhere(desk)}
    desk.close()


def test_the_same_error_about_the_same_file(tmp_path: Path) -> None:
    first = f"the export of export_rows.py fails\n\n{ERROR}"
    second = f"please repair this in export_rows.py, it came up today\n\n{ERROR}"
    desk = read(tmp_path, [work(1, first), work(2, second, days=2, old="first", new="second")])
    (one,) = elsewhere(desk)
    assert one.finding.names["error"] == "yes"
    desk.close()


def test_three_sessions_each_pay_for_their_own_attempt(tmp_path: Path) -> None:
    stories = [work(n, days=n, old=f"v{n - 1}", new=f"v{n}") for n in range(1, 4)]
    desk = read(tmp_path, stories)
    assert sorted(each.session_id for each in elsewhere(desk)) == [another(1), another(2)]
    desk.close()


def test_only_what_was_left_counts(tmp_path: Path) -> None:
    first = work(1)
    attempt(first, f"no, still wrong. {ASK}", old="first", new="second")
    attempt(first, f"it is still wrong! {ASK}", old="second", new="third")
    desk = read(tmp_path, [first, work(2, days=1, old="third", new="fourth")])
    (one,) = elsewhere(desk)
    granted: dict[int, int] = {}
    for each in findings.read(desk.ledger):
        for key, amount in each.finding.granted:
            granted[key] = granted.get(key, 0) + amount
    costs = dict(desk.ledger.sql.execute("SELECT key, cost_pico FROM requests").fetchall())
    assert all(amount <= costs[key] for key, amount in granted.items())
    assert one.finding.key.endswith("elsewhere")
    desk.close()


def stories() -> list[Story]:
    return [
        work(1),
        work(2, days=1, old="first", new="second"),
        work(3, f"still wrong: {ASK}", days=2, old="second", new="third"),
        work(4, "write a page about the new colours of the shop", days=2, file="docs/colours.md"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3], ids=str)
def test_the_order_in_which_sessions_are_read_does_not_show(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    whole = read(tmp_path / "whole", stories())
    expected = str(said(whole.ledger)).replace(str(tmp_path / "whole"), "")
    assert len(elsewhere(whole)) == 2
    whole.close()
    home = tmp_path / "grown"
    home.mkdir()
    desk = opened(home)
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    for number, place in enumerate(order):
        stories()[place].write(home / ".claude")
        cases.rest(home, cases.REST_MS + number * 1000)
        desk.read()
        detection.assess()
        assert unassessed.pending(desk.ledger) == set()
    assert str(said(desk.ledger)).replace(str(home), "") == expected
    desk.close()


@pytest.mark.parametrize("restarts", [False, True], ids=["one process", "restarts"])
@pytest.mark.parametrize("seed", range(3))
def test_sessions_that_grow_give_what_whole_ones_give(
    seed: int, restarts: bool, tmp_path: Path
) -> None:
    whole = read(tmp_path / "whole", stories())
    expected = str(said(whole.ledger)).replace(str(tmp_path / "whole"), "")
    whole.close()
    home, rng = tmp_path / "grown", Random(seed)
    home.mkdir()
    desk = opened(home)
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    full = stories()
    written = [0] * len(full)
    number = 0
    while any(count < len(story.records) for count, story in zip(written, full, strict=True)):
        for place, story in enumerate(stories()):
            left = len(story.records) - written[place]
            written[place] += min(left, rng.randrange(4))
            if written[place]:
                story.records = story.records[: written[place]]
                story.write(home / ".claude")
        number += 1
        cases.rest(home, cases.REST_MS + number * 1000)
        desk.read()
        if restarts:
            detection = Detection(desk.ledger, now=lambda: desk.now_ms)
        detection.assess()
        assert unassessed.pending(desk.ledger) == set()
    assert str(said(desk.ledger)).replace(str(home), "") == expected
    desk.close()


def test_what_followed_what_was_left_counts_as_if_it_had_been_there(tmp_path: Path) -> None:
    """A turn that is read alone may still decide about an attempt before it."""

    def first(others: int) -> Story:
        story = work(1)
        for n in range(others):
            prompt = ("write a page about the colours of the shop", "rename the login handler")[n]
            attempt(story, f"{prompt} of it", old=f"o{n}", new=f"n{n}", file=f"src/m{n}.py")
        return story

    second = Story(another(2), project="/home/dev/app", at_ms=BEGIN_MS - 8 * DAY_MS)
    second.prompt(ASK).edit(f"/home/dev/app/{FILE}", body("first", 5), body("second", 30)).answer()
    desk = read(tmp_path, [first(0), second])
    detection = Detection(desk.ledger, now=lambda: desk.now_ms)
    detection.assess()
    seen = [len(elsewhere(desk))]
    for others in (1, 2):
        before = len(first(others - 1).records)
        grown = first(others)
        grown.write(tmp_path / ".claude")
        cases.rest(tmp_path, cases.REST_MS + others * 1000)
        desk.read()
        with desk.ledger.transaction():
            desk.ledger.sql.execute("DELETE FROM unassessed")
            unassessed.mark(desk.ledger.sql, {1: _ms(grown.records[before])})
        detection.assess()
        seen.append(len(elsewhere(desk)))
    desk.close()
    whole = read(tmp_path / "whole", [first(2), second])
    assert seen == [1, 1, 0] and elsewhere(whole) == []
    whole.close()


def _ms(record: Mapping[str, object]) -> int:
    return int(datetime.fromisoformat(str(record["timestamp"])).timestamp() * 1000)


def test_another_edition_begins_anew(tmp_path: Path) -> None:
    desk = read(tmp_path, stories())
    before = said(desk.ledger)
    with desk.ledger.transaction():
        desk.ledger.set_meta("detectors", "older")
    Detection(desk.ledger, now=lambda: desk.now_ms).assess()
    assert said(desk.ledger) == before
    desk.close()
