"""A feed that is asked before there are screens."""

from __future__ import annotations

from dataclasses import replace

from tests.factories import NOW_MS, FakeFeed, empty_snapshot, snapshot
from tokenwatch.snapshot import Snapshot
from tokenwatch.tui.feed import Early

UNKNOWN = Snapshot(taken_ms=NOW_MS, timezone="UTC")
"""An empty ledger's picture, before any log was looked for."""


def test_what_is_known_is_drawn_before_logs_are_read() -> None:
    feed, drawn, published = FakeFeed(snapshot()), [], list[Snapshot]()
    early = Early(feed, drawn=lambda: drawn.append(feed.publish))
    assert early.latest() == snapshot()
    assert feed.publish is None and not drawn
    early.start(published.append)
    assert drawn == [None], "reading begins after the first picture is drawn"
    assert feed.publish is not None and published == []
    newer = snapshot(sessions_in_all=42)
    feed.publish(newer)
    assert published == [newer]


def test_with_nothing_known_reading_begins_at_once() -> None:
    feed, drawn, published = FakeFeed(None), list[bool](), list[Snapshot]()
    early = Early(feed, drawn=lambda: drawn.append(True))
    assert feed.publish is not None and early.latest() is None
    feed.publish(snapshot())
    assert early.latest() == snapshot(), "what was read meanwhile is the first picture"
    early.start(published.append)
    assert published == [snapshot()] and drawn == [True]
    feed.publish(empty_snapshot())
    assert published == [snapshot(), empty_snapshot()]


def test_an_empty_ledger_does_not_say_that_nothing_was_spent() -> None:
    feed = FakeFeed(UNKNOWN)
    early = Early(feed, drawn=lambda: None)
    assert feed.publish is not None and early.latest() is None
    feed.publish(UNKNOWN)
    assert early.latest() is None
    broken = replace(UNKNOWN, warnings=("the ledger is broken",))
    feed.publish(broken)
    assert early.latest() == broken
