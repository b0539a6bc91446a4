"""Logs that real clients wrote, shortened, with the truth of what they spent; and their reading."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tokenwatch.answers.moment import Moment
from tokenwatch.config import Config
from tokenwatch.overview import Overview
from tokenwatch.pricing import PriceBook
from tokenwatch.scanners import Scanners
from tokenwatch.snapshot import SessionRow
from tokenwatch.sources.roots import Root, roots
from tokenwatch.sources.source import Pass
from tokenwatch.store import sessions as stored
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter
from tokenwatch.sync import Sync

CASES = Path(__file__).parent / "data" / "cases"
NAMES = tuple(
    sorted(f"{p.parent.parent.name}/{p.parent.name}" for p in CASES.glob("*/*/expected.json"))
)
NOW_MS = 1_795_348_800_000
"""2026-11-22 12:00 UTC, half a day after the last of the logs was written."""
REST_MS = NOW_MS - 3_600_000
"""When the files were last changed, unless a test says otherwise."""
UTC = ZoneInfo("UTC")


@cache
def book() -> PriceBook:
    """Return the bundled prices."""
    return PriceBook()


def expected(case: str) -> dict[str, Any]:
    """Return what a right reader reports of a case."""
    found: dict[str, Any] = json.loads((CASES / case / "expected.json").read_text())
    return found


def logs(case: str) -> dict[str, bytes]:
    """Return the files of a case by their paths below the home."""
    home = CASES / case / "home"
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def copy(case: str, home: Path) -> Path:
    """Copy a case's folders into a home, all files at rest; return the home."""
    shutil.copytree(CASES / case / "home", home, dirs_exist_ok=True)
    rest(home)
    return home


def rest(home: Path, at_ms: int = REST_MS) -> None:
    """Let all files of a home have been changed last at that time."""
    for path in home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            os.utime(path, ns=(at_ms * 1_000_000, at_ms * 1_000_000))


def roots_of(home: Path) -> tuple[Root, ...]:
    """Return where the logs of a home are."""
    return roots(Config(), {}, home)


@dataclass
class Desk:
    """A ledger with what reads into it and answers from it."""

    ledger: Ledger
    sync: Sync
    overview: Overview
    now_ms: int = NOW_MS

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        where: Sequence[Root] | None = None,
        path: Path | None = None,
        now_ms: int = NOW_MS,
        titles: str = "full",
        prices: Any = None,
        scanners: Callable[[], Scanners | None] = lambda: None,
        complaints: Sequence[str] = (),
    ) -> Desk:
        """Open the ledger of a home."""
        ledger = Ledger.open(path or home / "data" / "ledger.sqlite")
        known = prices or book()
        found = roots_of(home) if where is None else where
        desk = cls(
            ledger=ledger,
            sync=Sync(
                ledger,
                found,
                known,
                titles=titles,
                now=lambda: desk.now_ms,
                scanners=scanners,
                complaints=complaints,
            ),
            overview=Overview(ledger, known, UTC, "UTC"),
            now_ms=now_ms,
        )
        return desk

    def read(self, *passes: Pass) -> Desk:
        """Look, and read everything that is new."""
        self.sync.look()
        for which in passes or Pass:
            self.sync.read(which)
        return self

    def rows(self, where: Filter | None = None) -> dict[str, SessionRow]:
        """Return the rows of all sessions by their ids."""
        keys = stored.all_keys(self.ledger)
        return {row.id: row for row in self.overview.sessions(keys, {}, self.now_ms, where)}

    def moment(self) -> Moment:
        """Return what questions are answered from."""
        return Moment(self.ledger, self.overview, {}, self.now_ms, UTC)

    def ids(self) -> list[str]:
        """Return the ids of all sessions, latest activity first."""
        return list(self.rows())

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def read(home: Path, **more: Any) -> Desk:
    """Open the ledger of a home and read everything into it."""
    return Desk.open(home, **more).read()


_REFERENCES = {
    "agent": "SELECT a.key, s.source || '/' || s.id || '/' || a.id FROM agents a"
    " JOIN sessions s ON s.key = a.session",
    "session": "SELECT key, source || '/' || id FROM sessions",
    "model": "SELECT key, name FROM models",
    "price": "SELECT key, model || ' ' || basis || ' ' || origin || ' ' || coalesce(input, '')"
    " FROM prices",
    "file": "SELECT key, path FROM files",
    "terms": "SELECT key, coalesce(speed, '') || '/' || coalesce(service_tier, '') || '/'"
    " || coalesce(geo, '') || '/' || coalesce(estimated, '') FROM terms",
    "attribution": "SELECT key, agent || '/' || skill || '/' || plugin || '/' || mcp_server || '/'"
    " || mcp_tool FROM attributions",
    "tool": "SELECT key, name || '/' || mcp_server || '/' || skill || '/' || purpose || '/'"
    " || partial FROM tools",
    "window": "SELECT key, source || '/' || root || '/' || limit_id || '/' || window_minutes"
    " FROM windows",
}
_REFERENCES |= dict.fromkeys(("usage_file", "end_file", "done_file"), _REFERENCES["file"])
_TABLES = (
    "requests", "rollup", "prompts", "turns", "tool_calls", "edits", "commits", "compactions",
    "changes", "failures", "launches", "ends", "meters", "quotas",
)  # fmt: skip
_OF_THE_FILE_SYSTEM = ("key", "device", "inode", "size", "mtime_ns", "root")


def contents(ledger: Ledger, home: Path | str = "") -> dict[str, list[tuple[Any, ...]]]:
    """Return what a ledger says, with names instead of keys, in an order of its own.

    Paths are below `home`. Sessions without a request or a prompt are left out, as in reports.
    """
    names = {
        column: {row[0]: row[1] for row in ledger.sql.execute(sql)}
        for column, sql in _REFERENCES.items()
    }
    shown = set(stored.all_keys(ledger))
    found = {table: _rows(ledger, f"SELECT * FROM {table}", names) for table in _TABLES}
    marks = ",".join(map(str, shown)) or "NULL"
    found["sessions"] = _rows(ledger, f"SELECT * FROM sessions WHERE key IN ({marks})", names)
    found["agents"] = _rows(ledger, f"SELECT * FROM agents WHERE session IN ({marks})", names)
    found["files"] = _rows(ledger, "SELECT * FROM files", names)
    found["skipped"] = _rows(ledger, "SELECT file, pass, reason, count FROM skipped", names)
    return {
        table: sorted((_below(row, str(home)) for row in rows), key=repr)
        for table, rows in found.items()
    }


def _rows(
    ledger: Ledger, sql: str, names: Mapping[str, Mapping[Any, Any]]
) -> list[tuple[Any, ...]]:
    return [
        tuple(
            (column, names[column].get(row[column]) if column in names else row[column])
            for column in row.keys()  # noqa: SIM118 - a Row's iteration yields values
            if column not in _OF_THE_FILE_SYSTEM
        )
        for row in ledger.sql.execute(sql)
    ]


def _below(row: tuple[Any, ...], home: str) -> tuple[Any, ...]:
    return tuple(
        (column, value.replace(home, "") if home and isinstance(value, str) else value)
        for column, value in row
    )


def without(
    found: dict[str, list[tuple[Any, ...]]], *columns: str
) -> dict[str, list[tuple[Any, ...]]]:
    """Leave columns out of what `contents` returned."""
    return {
        table: sorted((tuple(p for p in row if p[0] not in columns) for row in rows), key=repr)
        for table, rows in found.items()
    }


def rollup_of_requests(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Return what the rollup has to hold: the sums over all requests."""
    return [
        tuple(row)
        for row in ledger.sql.execute(
            "SELECT r.at_ms / 900000, r.agent, r.model, count(*), sum(r.cost_pico IS NULL),"
            " sum(r.lower_bound), sum(p.basis = 'estimated'), sum(r.input), sum(r.cache_read),"
            " sum(r.cache_write_5m), sum(r.cache_write_1h), sum(r.output), sum(r.reasoning),"
            " coalesce(sum(r.cost_pico), 0) FROM requests r JOIN prices p ON p.key = r.price"
            " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
    ]


def rollup(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Return what the rollup holds."""
    return [tuple(row) for row in ledger.sql.execute("SELECT * FROM rollup ORDER BY 1, 2, 3")]
