"""A feed that is made when its first picture has been drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from tests.factories import NOW_MS, FakeFeed, empty_snapshot, snapshot
from tokenwatch.answers import session as answers
from tokenwatch.errors import LedgerError
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui import feed as feeds
from tokenwatch.tui.feed import Early

UNKNOWN = Snapshot(taken_ms=NOW_MS, timezone="UTC")
"""An empty ledger's picture, before any log was looked for."""


def test_what_is_known_is_drawn_before_logs_are_read() -> None:
    feed, happened, published = FakeFeed(snapshot()), list[str](), list[Snapshot]()

    def make() -> FakeFeed:
        happened.append("made")
        return feed

    early = Early(make, snapshot, drawn=lambda: happened.append("drawn"))
    early.wait()
    assert early.latest() == snapshot()
    assert happened == [] and feed.publish is None
    early.start(published.append)
    assert happened == ["drawn", "made"]
    assert feed.publish is not None and published == []
    newer = snapshot(sessions_in_all=42)
    feed.publish(newer)
    assert published == [newer] and early.latest() == newer
    early.stop()
    assert feed.stopped


def test_with_nothing_known_reading_begins_at_once() -> None:
    feed, drawn, published = FakeFeed(None), list[bool](), list[Snapshot]()
    early = Early(lambda: feed, None, drawn=lambda: drawn.append(True))
    assert feed.publish is not None and early.latest() is None
    feed.publish(snapshot())
    assert early.latest() == snapshot(), "what was read meanwhile is the first picture"
    early.start(published.append)
    assert published == [snapshot()] and drawn == [True]
    feed.publish(empty_snapshot())
    assert published == [snapshot(), empty_snapshot()]


def test_an_empty_ledger_does_not_say_that_nothing_was_spent() -> None:
    feed = FakeFeed()
    early = Early(lambda: feed, lambda: UNKNOWN, drawn=lambda: None)
    assert feed.publish is None
    early.wait()
    assert feed.publish is not None and early.latest() is None
    feed.publish(UNKNOWN)
    assert early.latest() is None
    broken = replace(UNKNOWN, warnings=("the ledger is broken",))
    feed.publish(broken)
    assert early.latest() == broken


def test_a_session_can_be_opened_before_anything_was_read() -> None:
    feed, picture = FakeFeed(snapshot()), snapshot()
    early = Early(lambda: feed, lambda: picture, drawn=lambda: None)
    early.wait()
    detail = early.ask(partial(answers.detail, session_id=picture.sessions[0].id))
    assert detail.row == picture.sessions[0]
    early.stop()
    assert feed.stopped and feed.publish is None


def test_a_feed_that_is_left_before_it_was_made_is_not_made() -> None:
    def make() -> FakeFeed:
        raise AssertionError("not needed any more")

    early = Early(make, snapshot, drawn=lambda: None)
    early.wait()
    early.stop()


def test_why_no_feed_could_be_made_stands_over_what_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "AGAIN_S", 0.01)
    feed, failures = FakeFeed(snapshot()), [LedgerError("the disk is full")] * 2

    def make() -> FakeFeed:
        if failures:
            raise failures.pop()
        return feed

    published: list[Snapshot] = []
    early = Early(make, snapshot, drawn=lambda: None)
    early.wait()
    early.start(published.append)
    assert published == [snapshot(warnings=("the disk is full",))] * 2
    assert feed.publish is not None, "it is tried until it can be made"
    failures.append(LedgerError("the disk is full"))
    with pytest.raises(LedgerError):
        Early(make, None, drawn=lambda: None)


def test_a_feed_that_cannot_be_made_is_given_up_when_it_is_left() -> None:
    def make() -> FakeFeed:
        early.stop()
        raise LedgerError("the ledger is gone")

    early = Early(make, snapshot, drawn=lambda: None)
    early.wait()
    early.start(lambda _: None)


def test_what_is_hidden_before_there_is_a_feed_is_hidden_by_it() -> None:
    feed = FakeFeed(snapshot())
    early = Early(lambda: feed, snapshot, drawn=lambda: None)
    early.wait()
    early.hide(True)
    assert feed.hidden == []
    early.start(lambda _: None)
    assert feed.hidden == [True]
    early.hide(False)
    assert feed.hidden == [True, False]
