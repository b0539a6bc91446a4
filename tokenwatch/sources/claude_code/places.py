"""Where in a log something was found."""

from __future__ import annotations

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a record was written."""

    session_id: str
    agent_id: str
    at_ms: int
    line: int
    is_copy: bool = False
    cwd: str | None = None
    branch: str | None = None
