"""Every message that crosses from one widget to another."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

from tokenwatch.snapshot import Snapshot

if TYPE_CHECKING:
    from tokenwatch.tui.widgets.record_table import RecordTable


@dataclass
class SnapshotReady(Message):
    """The feed has a newer picture. Bursts collapse to the last one."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotReady)


@dataclass
class Answered(Message):
    """A question was answered: whoever gets this calls `take` with the answer."""

    take: Callable[[Any], None]
    answer: Any


@dataclass
class Unanswered(Message):
    """A question could not be answered; `why` is for people, `key` is what it was asked by."""

    why: str
    key: Hashable = None


@dataclass
class SettingsChanged(Message):
    """The settings in force, or what is wrong with their file, are others."""


@dataclass
class RowChosen(Message):
    """A row was opened with enter or a second click."""

    table: RecordTable[Any]
    key: str


@dataclass
class RowMoved(Message):
    """The user (not a refresh) selected another row."""

    table: RecordTable[Any]
    key: str


@dataclass
class HeaderChosen(Message):
    """A column's header was clicked."""

    table: RecordTable[Any]
    column: str


@dataclass
class BarMoved(Message):
    """Another bar of the chart was selected."""

    bar: int


@dataclass
class BarChosen(Message):
    """A bar was opened with enter or a second click."""

    bar: int


@dataclass
class FilterChanged(Message):
    """The filter's text was edited."""

    text: str


@dataclass
class FilterClosed(Message):
    """The filter's line was left; the text stays in force unless it was cleared before."""
