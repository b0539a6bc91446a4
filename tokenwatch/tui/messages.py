"""Every message that crosses from one widget to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

from tokenwatch.snapshot import ExplainedRequest, SessionDetail, Snapshot

if TYPE_CHECKING:
    from tokenwatch.tui.widgets.record_table import RecordTable


@dataclass
class SnapshotReady(Message):
    """The feed has a newer picture. Bursts collapse to the last one."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, SnapshotReady)


@dataclass
class DetailReady(Message):
    """A session was read; None where the ledger has no such session."""

    session_id: str
    detail: SessionDetail | None


@dataclass
class RequestsReady(Message):
    """A turn's requests were read."""

    session_id: str
    turn_id: str
    requests: tuple[ExplainedRequest, ...]


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
class FilterChanged(Message):
    """The filter's text was edited."""

    text: str


@dataclass
class FilterClosed(Message):
    """The filter's line was left; the text stays in force unless it was cleared before."""
