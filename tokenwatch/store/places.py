"""Keys of the rows that events refer to: sessions, agents, models, prices, tools; files' ranks."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tokenwatch.attribution import Attribution
from tokenwatch.format import clean, one_line
from tokenwatch.found import LogFile
from tokenwatch.model import AgentKind, Basis, Rates
from tokenwatch.pricing import Unpriced
from tokenwatch.store.ledger import real_path, stored_path

Standing = tuple[int, int, str]
"""A file's rank, first time and path."""
Rank = tuple[int, int, int, str, int, int, str, int]
"""Who owns an id that several files hold: the smallest of (file rank, is a copy, the file's first
time, its path) as of the best copy of the same log, then (is gone, file rank, path, line) of the
file itself. So a log that was packed or archived keeps what it owned, but is found where it is."""

UNKNOWN_RANK = 9
FAR_MS = 2**62
_UNKNOWN: Standing = (UNKNOWN_RANK, FAR_MS, "")
TITLE_LENGTH = 80
"""What is kept of a prompt, or of a subagent's task, at most."""


_NO_MORE: Mapping[str, object] = MappingProxyType({})


class Terms(NamedTuple):
    """What decides a request's price besides its model, time and context, as logged."""

    speed: str | None = None
    service_tier: str | None = None
    geo: str | None = None
    estimated: str | None = None


NO_TERMS = Terms()
NO_ATTRIBUTION = Attribution()


class Places:
    """Finds or makes those rows, and remembers their keys for the connection's lifetime."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        self.forget_all()

    def forget_all(self) -> None:
        """Drop every remembered key: the transaction that made them was rolled back."""
        self._sessions: dict[tuple[str, str], int] = {}
        self._agents: dict[tuple[int, str], int] = {}
        self._session_of: dict[int, int] = {}
        self._models: dict[str | None, int] = {None: 0}
        self._model_names: dict[int, str | None] = {0: None}
        self._terms: dict[Terms, int] = {NO_TERMS: 0}
        self._terms_of: dict[int, Terms] = {0: NO_TERMS}
        self._attributions: dict[Attribution, int] = {NO_ATTRIBUTION: 0}
        self._attributions_of: dict[int, Attribution] = {0: NO_ATTRIBUTION}
        self._tools: dict[tuple[str, str | None, str | None, str, bool], int] = {}
        self._windows: dict[tuple[str, str, int], int] = {}
        self._source_of: dict[int, str] = {}
        self._estimates: dict[int, bool] = {}
        self._prices: dict[tuple[str | None, Rates | Unpriced], int] = {}
        self._ranks: dict[int, tuple[Standing, int, Standing]] = {}

    def known_file(self, path: str) -> int | None:
        """Return the key of a file that was read before; None for any other."""
        row = self._sql.execute(
            "SELECT key FROM files WHERE path = ?", (stored_path(path),)
        ).fetchone()
        return None if row is None else int(row[0])

    def move(self, old: str, log: LogFile) -> None:
        """Give the row of a file that was renamed its new path, unless that has a row already."""
        self._sql.execute(
            "UPDATE OR IGNORE files SET path = ?, gone_ms = NULL WHERE path = ?",
            (stored_path(log.path), stored_path(old)),
        )
        self._ranks.clear()

    def session(self, source: str, session_id: str) -> int:
        """Return the session's key."""
        key = self._sessions.get((source, session_id))
        if key is None:
            key = self._row("sessions", source=source, id=clean(session_id))
            self._sessions[source, session_id] = key
            self._source_of[key] = source
        return key

    def agent(self, session: int, session_id: str, agent_id: str) -> int:
        """Return the agent's key; a new one is main if it has its session's id, else a subagent."""
        key = self._agents.get((session, agent_id))
        if key is None:
            kind = AgentKind.MAIN if agent_id == session_id else AgentKind.SUBAGENT
            key = self._row("agents", {"kind": kind.value}, session=session, id=clean(agent_id))
            self._agents[session, agent_id] = key
            self._session_of[key] = session
        return key

    def _row(self, table: str, more: Mapping[str, object] = _NO_MORE, **unique: object) -> int:
        """Return the key of the row with these values, made with `more` besides if there is none.

        unique: together, of one row at most; no None among them.
        """
        values = {**unique, **more}
        names = ", ".join(f'"{name}"' for name in values)
        made = self._sql.execute(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )
        if made.rowcount:
            return int(made.lastrowid or 0)
        same = " AND ".join(f'"{name}" = ?' for name in unique)
        found = self._sql.execute(f"SELECT key FROM {table} WHERE {same}", tuple(unique.values()))
        return int(found.fetchone()[0])

    def source_of(self, agent: int) -> str:
        """Return the source of an agent's session."""
        session = self.session_of(agent)
        source = self._source_of.get(session)
        if source is None:
            row = self._sql.execute("SELECT source FROM sessions WHERE key = ?", (session,))
            source = self._source_of[session] = str(row.fetchone()[0])
        return source

    def session_of(self, agent: int) -> int:
        """Return the key of an agent's session."""
        key = self._session_of.get(agent)
        if key is None:
            row = self._sql.execute("SELECT session FROM agents WHERE key = ?", (agent,)).fetchone()
            key = self._session_of[agent] = int(row[0])
        return key

    def model(self, name: str | None) -> int:
        """Return the model's key; 0 for an unknown one."""
        key = self._models.get(name)
        if key is None:
            key = self._models[name] = self._row("models", name=clean(name or ""))
        return key

    def terms(self, terms: Terms) -> int:
        """Return the key of terms; 0 where nothing is special."""
        key = self._terms.get(terms)
        if key is None:
            found = self._sql.execute(
                "SELECT key FROM terms WHERE speed IS ? AND service_tier IS ? AND geo IS ?"
                " AND estimated IS ?",
                terms,
            ).fetchone()
            if found is None:
                made = self._sql.execute(
                    "INSERT INTO terms (speed, service_tier, geo, estimated) VALUES (?, ?, ?, ?)",
                    terms,
                )
                key = int(made.lastrowid or 0)
            else:
                key = int(found[0])
            self._terms[terms] = key
        return key

    def terms_of(self, key: int) -> Terms:
        """Return the terms of a key."""
        if key not in self._terms_of:
            row = self._sql.execute(
                "SELECT speed, service_tier, geo, estimated FROM terms WHERE key = ?", (key,)
            ).fetchone()
            self._terms_of[key] = Terms(*row)
        return self._terms_of[key]

    def attribution(self, told: Attribution) -> int:
        """Return the key of what a request was made for; 0 for nothing."""
        key = self._attributions.get(told)
        if key is None:
            key = self._attributions[told] = self._row(
                "attributions",
                agent=one_line(told.agent, 300),
                skill=one_line(told.skill, 300),
                plugin=one_line(told.plugin, 300),
                mcp_server=one_line(told.mcp_server, 300),
                mcp_tool=one_line(told.mcp_tool, 300),
            )
        return key

    def merged_attribution(self, one: int, other: int) -> int:
        """Return the key of what two records of one answer tell together."""
        if one == other:
            return one
        return self.attribution(self._attribution_of(one).merged(self._attribution_of(other)))

    def _attribution_of(self, key: int) -> Attribution:
        known = self._attributions_of.get(key)
        if known is None:
            row = self._sql.execute(
                "SELECT agent, skill, plugin, mcp_server, mcp_tool FROM attributions WHERE key = ?",
                (key,),
            ).fetchone()
            known = self._attributions_of[key] = Attribution(
                agent=row[0], skill=row[1], plugin=row[2], mcp_server=row[3], mcp_tool=row[4]
            )
        return known

    def tool(
        self,
        name: str,
        mcp_server: str | None,
        skill: str | None,
        purpose: str = "",
        partial: bool = False,
    ) -> int:
        """Return the key of a tool as it was called."""
        called = (name, mcp_server, skill, purpose, partial)
        key = self._tools.get(called)
        if key is None:
            key = self._tools[called] = self._row(
                "tools",
                name=clean(name)[:200],
                mcp_server=one_line(mcp_server or "", 300),
                skill=one_line(skill or "", 300),
                purpose=purpose,
                partial=int(partial),
            )
        return key

    def window(self, log: LogFile, limit_id: str, minutes: int) -> int:
        """Return the key of a plan window that the logs of a root report on."""
        key = self._windows.get((log.root, limit_id, minutes))
        if key is None:
            key = self._windows[log.root, limit_id, minutes] = self._row(
                "windows",
                {"source": log.source},
                root=stored_path(log.root),
                limit_id=clean(limit_id),
                window_minutes=minutes,
            )
        return key

    def model_name(self, key: int) -> str | None:
        """Return the model's id as logged."""
        if key not in self._model_names:
            row = self._sql.execute("SELECT name FROM models WHERE key = ?", (key,)).fetchone()
            self._model_names[key] = None if row is None else row[0]
        return self._model_names[key]

    def is_estimate(self, price: int) -> bool:
        """Tell whether a price that was applied rests on an assumption."""
        known = self._estimates.get(price)
        if known is None:
            row = self._sql.execute("SELECT basis FROM prices WHERE key = ?", (price,)).fetchone()
            known = self._estimates[price] = row[0] == Basis.ESTIMATED
        return known

    def price(self, model: str | None, price: Rates | Unpriced) -> int:
        """Return the key of a price as it was applied."""
        key = self._prices.get((model, price))
        if key is not None:
            return key
        if isinstance(price, Unpriced):
            row: tuple[object, ...] = (
                clean(model or ""),
                "unknown",
                clean(price.reason),
                *[None] * 6,
            )
        else:
            row = (
                price.model,
                price.basis.value,
                clean(price.origin),
                price.input,
                price.output,
                price.cache_read,
                price.cache_write_5m,
                price.cache_write_1h,
                price.web_search,
            )
        found = self._sql.execute(
            "SELECT key FROM prices WHERE model IS ? AND basis IS ? AND origin IS ? AND input IS ?"
            " AND output IS ? AND cache_read IS ? AND cache_write_5m IS ? AND cache_write_1h IS ?"
            " AND web_search IS ?",
            row,
        ).fetchone()
        if found is None:
            cursor = self._sql.execute(
                "INSERT INTO prices (model, basis, origin, input, output, cache_read,"
                " cache_write_5m, cache_write_1h, web_search) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            key = int(cursor.lastrowid or 0)
        else:
            key = int(found[0])
        self._prices[model, price] = key
        return key

    def rank(self, file: int, *, is_copy: bool, line: int) -> Rank:
        """Return the claim of a record on an id that other files hold too."""
        known = self._ranks.get(file)
        if known is None:
            copies = self._copies(file)
            one = next((row for row in copies if row["key"] == file), None)
            known = (
                min(map(_standing, copies), default=_UNKNOWN),
                int(one is not None and one["gone_ms"] is not None),
                _UNKNOWN if one is None else _standing(one),
            )
            self._ranks[file] = known
        best, gone, own = known
        return best[0], int(is_copy), best[1], best[2], gone, own[0], own[2], line

    def twin(self, file: int) -> int | None:
        """Return a copy of a log that is still there and was read to the very same byte."""
        there = [row for row in self._copies(file) if row["gone_ms"] is None]
        for row in sorted(there, key=_standing):
            same = self._sql.execute(
                "SELECT 1 FROM bookmarks a JOIN bookmarks b USING (pass, offset, line, head,"
                " anchor) WHERE a.file = ? AND b.file = ? AND pass = 'usage'",
                (file, row["key"]),
            ).fetchone()
            if same is not None:
                return int(row["key"])
        return None

    def _copies(self, file: int) -> list[sqlite3.Row]:
        """Return the files that are copies of one agent's log, this one among them."""
        rows = self._sql.execute(
            "SELECT f.key, f.rank, f.first_ms, f.path, f.gone_ms FROM files one JOIN files f"
            " ON f.key = one.key OR (f.session = one.session AND f.agent_id IS one.agent_id)"
            " WHERE one.key = ?",
            (file,),
        ).fetchall()
        names = {row["key"]: _log_name(row["path"]) for row in rows}
        return [row for row in rows if names[row["key"]] == names[file]]

    def forget_ranks(self) -> None:
        """Ask the files' rows again: a file's facts have changed, or another process wrote."""
        self._ranks.clear()


def _standing(row: sqlite3.Row) -> Standing:
    return (
        UNKNOWN_RANK if row["rank"] is None else row["rank"],
        FAR_MS if row["first_ms"] is None else row["first_ms"],
        real_path(row["path"]),
    )


def _log_name(stored: str | bytes) -> str:
    """Return what copies of one log are named alike, packed or not."""
    return Path(real_path(stored)).name.removesuffix(".zst")


def digest(fingerprint: str | None) -> bytes | str:
    """Return a fingerprint as a column holds it: the bytes that it spells, a text that spells none.

    None, which stands for none, is no bytes.
    """
    if not fingerprint:
        return b""
    try:
        spelt = bytes.fromhex(fingerprint)
    except ValueError:
        return fingerprint
    return spelt if spelt.hex() == fingerprint else fingerprint
