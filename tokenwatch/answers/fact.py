"""A measured figure and the rows that it was counted from."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.model import Spend

MOST_ROWS = 200
"""Evidence rows that are kept of one fact."""


class Evidence(NamedTuple):
    """One row that a fact was counted from."""

    key: str
    at_ms: int | None
    what: str
    """In our own words, or a provider's status; never the user's."""
    session_id: str | None = None
    title: str | None = None
    project: str | None = None
    name: str | None = None
    """A tool's name."""
    spend: Spend | None = None
    """Of the turn in which it happened, or of what the row itself is."""
    day: str | None = None
    """The local day that the row stands for, as `2026-11-21`."""


class Fact(NamedTuple):
    """A figure."""

    key: str
    label: str
    name: str | None = None
    """A tool's name, behind the label."""
    times: int | None = None
    """How often it happened."""
    turns: int | None = None
    """How many turns it concerns, each counted once."""
    spend: Spend | None = None
    """Of these turns, or of the stretch of time that the fact is about."""
    tokens: int | None = None
    """The fact's own tokens, where it is not about turns."""
    pico: int | None = None
    """The fact's own amount where it is not the spend's: a mean, a pace."""
    before_pico: int | None = None
    """What it is compared with."""
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    """At most MOST_ROWS."""
    rows: int = 0
    """How many rows there are in all."""
