"""What a setting is, and a field of a table."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Value = str | bool | tuple[str, ...] | None
"""Of a setting; None where nothing is chosen."""

CHOICE: Final = "choice"
FLAG: Final = "flag"
TEXT: Final = "text"
NUMBER: Final = "number"
"""Exact: a Decimal, however it is written."""
TEXTS: Final = "texts"
"""A list of them; typed with commas between them, or as in the file."""
MOST_TEXTS: Final = 40


class Setting(NamedTuple):
    """One setting, or one field of a table that may be there several times."""

    key: str
    """As in the file, with the name of its table and a dot before it."""
    kind: Literal["choice", "flag", "text", "number", "texts"]
    meaning: str
    """One sentence."""
    default: Value = None
    allowed: tuple[str, ...] = ()
    """Of a choice."""
    wanted: str = ""
    """Of a text or number: which ones are allowed, in words."""
    otherwise: str = ""
    """What holds where nothing is chosen and the default is None."""
    when: str = "at once"
    """When a change has its effect on a monitor that runs."""
    more: tuple[str, ...] = ()
    """Sentences for who wants to know more."""

    @property
    def words(self) -> str:
        """Which values are allowed."""
        return self.wanted or ", ".join(self.allowed) or "true, false"


class Table(NamedTuple):
    """A table that may be there any number of times: `[[key]]`."""

    key: str
    meaning: str
    fields: tuple[Setting, ...]
    required: tuple[str, ...]
    """Names of the fields that every such table needs."""
    more: tuple[str, ...] = ()
