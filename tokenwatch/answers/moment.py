"""What a question is answered from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from typing import NamedTuple, TypeVar

from tokenwatch.overview import Live, Overview
from tokenwatch.store.ledger import Ledger

T = TypeVar("T")


class Moment(NamedTuple):
    """One state of the ledger, what runs right now, and the time. Only for as long as one answer
    takes: the ledger is closed behind it."""

    ledger: Ledger
    overview: Overview
    live: Live
    now_ms: int
    zone: tzinfo

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """Open the ledger for what an answer writes: the moment's own shows one state of it."""
        ledger = Ledger.open(self.ledger.path)
        try:
            yield ledger
        finally:
            ledger.close()


Question = Callable[[Moment], T]
"""Raises what the ledger raises (`errors.LedgerError`), `errors.NotFound` for an unknown id."""
