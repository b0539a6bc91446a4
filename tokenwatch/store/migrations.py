"""How a ledger gets its tables, and an older one those of this program.

Each step makes the next version of one version and carries every row over. Steps are only ever
added; one whose tables a later version changes keeps the text that they had.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Collection, Iterable

from tokenwatch.store import schema
from tokenwatch.store.places import digest

_CREATES = re.compile(r'\s*CREATE (TABLE|INDEX) "?(\w+)"?(?: ON (\w+))?')


def upgrade(sql: sqlite3.Connection, version: int) -> None:
    """Make an empty file (0), or a ledger of an older version, one of `schema.VERSION`.

    Inside a transaction, which the caller opens and ends.
    """
    if version == 0:
        for statement in _statements(schema.TABLES):
            sql.execute(statement)
    else:
        for step in STEPS[version - 1 :]:
            step(sql)


def _statements(script: str) -> list[str]:
    """Split a script at its semicolons: `executescript` would commit the open transaction."""
    lines = [line.split("--")[0] for line in script.splitlines()]
    return [part for part in "\n".join(lines).split(";") if part.strip()]


def _rebuild(sql: sqlite3.Connection, tables: Iterable[str], older: str = "") -> None:
    """Set older tables aside as `old_…`, without their indexes, and make those of `schema`.

    older: the text of those of them that `schema` has in a later form.
    """
    wanted = set(tables)
    for kind, name, table in sql.execute(
        "SELECT type, name, tbl_name FROM sqlite_master WHERE sql IS NOT NULL"
    ).fetchall():
        if table in wanted:
            sql.execute(
                f"DROP INDEX {name}"
                if kind == "index"
                else f"ALTER TABLE {name} RENAME TO old_{name}"
            )
    texts: dict[str, str] = {}
    for statement in (*_statements(schema.TABLES), *_statements(older)):
        made = _CREATES.match(statement)
        if made and (made[3] or made[2]) in wanted:
            texts[made[2]] = statement
    for statement in texts.values():
        sql.execute(statement)


_PLACE = "agent, at_ms, file, line"
_COPIED: dict[str, str] = {
    "bookmarks": "file, pass, offset, line, head, anchor, state, seen_size, seen_mtime_ns, read_ms",
    "turns": f"id, {_PLACE}, is_copy, cause, ended_ms, how, end_file",
    "edits": f"call_id, path, {_PLACE}, added, removed, created",
    "commits": f"id, kind, {_PLACE}, call_id, cwd, branch",
    "compactions": f'id, {_PLACE}, is_copy, "trigger", pre_tokens, post_tokens',
    "failures": f"id, {_PLACE}, kind, status, attempt",
}
"""Tables of version 1 that became tables with integer keys, and are the same otherwise."""
_COUNTS = "input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, web_searches"


def _second(sql: sqlite3.Connection) -> None:
    """Give large tables integer keys, and name recurring texts by number."""
    sql.create_function("digest", 1, digest, deterministic=True)
    changed = (*_COPIED, "requests", "prompts", "tool_calls", "quotas")
    _rebuild(sql, (*changed, "terms", "tools", "windows"), _SECOND_FORMS)
    sql.execute("INSERT INTO terms (key) VALUES (0)")
    for table, columns in _COPIED.items():
        sql.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM old_{table}")
    _second_requests(sql)
    sql.execute(
        f"INSERT INTO prompts (id, {_PLACE}, is_copy, title, fingerprint, scripted, queued)"
        f" SELECT id, {_PLACE}, is_copy, title, digest(fingerprint), scripted, queued"
        " FROM old_prompts ORDER BY agent, at_ms"
    )
    _second_tool_calls(sql)
    sql.execute(
        "INSERT OR IGNORE INTO windows (source, root, limit_id, window_minutes)"
        " SELECT source, root, limit_id, window_minutes FROM old_quotas"
    )
    sql.execute(
        'INSERT INTO quotas ("window", observed_ms, used_percent, resets_ms, plan)'
        " SELECT w.key, q.observed_ms, q.used_percent, q.resets_ms, q.plan FROM old_quotas q"
        " JOIN windows w USING (root, limit_id, window_minutes)"
    )
    for table in changed:
        sql.execute(f"DROP TABLE old_{table}")


def _second_requests(sql: sqlite3.Connection) -> None:
    terms = "speed, service_tier, geo, estimated"
    sql.execute(
        f"INSERT INTO terms ({terms}) SELECT DISTINCT {terms} FROM old_requests"
        " WHERE coalesce(speed, service_tier, geo, estimated) IS NOT NULL"
    )
    sql.execute(
        f"INSERT INTO requests (id, {_PLACE}, model, terms, is_copy, usage_file, usage_line, final,"
        f" lower_bound, {_COUNTS}, turn_id, price, cost_pico)"
        f" SELECT id, {_PLACE}, model, t.key, is_copy, usage_file, usage_line, final,"
        f" lower_bound, {_COUNTS}, coalesce(turn_id, ''), price, cost_pico"
        " FROM old_requests r JOIN terms t ON t.speed IS r.speed AND t.service_tier IS"
        " r.service_tier AND t.geo IS r.geo AND t.estimated IS r.estimated ORDER BY agent, at_ms"
    )


def _second_tool_calls(sql: sqlite3.Connection) -> None:
    tool = "name, coalesce(mcp_server, '') AS mcp_server, coalesce(skill, '') AS skill"
    sql.execute(
        f"INSERT INTO tools (name, mcp_server, skill) SELECT DISTINCT {tool} FROM old_tool_calls"
    )
    done = "done_ms, ok, denied, interrupted, output_bytes"
    sql.execute(
        f"INSERT INTO tool_calls (id, {_PLACE}, is_copy, request_id, tool, target, fingerprint,"
        f" {done}, error_fingerprint, done_file)"
        f" SELECT id, {_PLACE}, is_copy, coalesce(request_id, ''), t.key, coalesce(target, ''),"
        f" digest(fingerprint), {done},"
        " CASE WHEN done_file IS NOT NULL THEN digest(error_fingerprint) END, done_file"
        " FROM old_tool_calls c JOIN tools t ON t.name = c.name"
        " AND t.mcp_server = coalesce(c.mcp_server, '') AND t.skill = coalesce(c.skill, '')"
        " ORDER BY agent, at_ms"
    )


_SECOND_FORMS = """
CREATE TABLE requests (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL,
  model INTEGER NOT NULL REFERENCES models, terms INTEGER NOT NULL REFERENCES terms,
  file INTEGER NOT NULL REFERENCES files, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  usage_file INTEGER NOT NULL, usage_line INTEGER NOT NULL,
  final INTEGER NOT NULL, lower_bound INTEGER NOT NULL,
  input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  turn_id TEXT NOT NULL,
  price INTEGER NOT NULL REFERENCES prices, cost_pico INTEGER
);
CREATE TABLE prompts (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  title TEXT, fingerprint BLOB NOT NULL, scripted INTEGER NOT NULL, queued INTEGER NOT NULL
);
CREATE TABLE tools (
  key INTEGER PRIMARY KEY,
  name TEXT NOT NULL, mcp_server TEXT NOT NULL, skill TEXT NOT NULL,
  UNIQUE (name, mcp_server, skill)
);
CREATE TABLE tool_calls (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  request_id TEXT NOT NULL, tool INTEGER NOT NULL REFERENCES tools, target TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  done_ms INTEGER, ok INTEGER, denied INTEGER, interrupted INTEGER, output_bytes INTEGER,
  error_fingerprint BLOB, done_file INTEGER
);
CREATE TABLE edits (
  key INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL, path TEXT NOT NULL, agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
  added INTEGER NOT NULL, removed INTEGER NOT NULL, created INTEGER NOT NULL,
  UNIQUE (call_id, path)
);
CREATE TABLE quotas (
  "window" INTEGER NOT NULL REFERENCES windows, observed_ms INTEGER NOT NULL,
  used_percent REAL NOT NULL, resets_ms INTEGER, plan TEXT,
  PRIMARY KEY ("window", observed_ms)
) WITHOUT ROWID;
"""
"""Tables as version 2 had them, where a later one has them otherwise."""


def _third(sql: sqlite3.Connection) -> None:
    """Let requests tell what they were made for.

    The logs that may tell are read once more from their start, which changes nothing else. What
    was read of a log that is gone stays without.
    """
    for statement in _statements(schema.TABLES):
        if re.match(r"\s*(?:CREATE TABLE|INSERT INTO) attributions\b", statement):
            sql.execute(statement)
    sql.execute("ALTER TABLE requests ADD COLUMN attribution INTEGER NOT NULL DEFAULT 0")
    again = [
        (key,)
        for key, version in sql.execute(
            "SELECT key, version FROM files WHERE source = 'claude-code' AND kind = 'log'"
            " AND gone_ms IS NULL"
        )
        if _numbers(version) >= _ATTRIBUTES_SINCE
    ]
    sql.executemany("DELETE FROM bookmarks WHERE file = ? AND pass = 'usage'", again)


def _fourth(sql: sqlite3.Connection) -> None:
    """Let details tell what findings of waste are made of.

    Logs are read once more from their start for it, which changes nothing else. What was read of
    a log that is gone stays without.
    """
    for table, columns in _FOURTH_COLUMNS.items():
        for column in columns:
            sql.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    sql.execute("UPDATE tool_calls SET output_fingerprint = x'' WHERE done_file IS NOT NULL")
    _create(sql, ("changes", "unassessed", "assessments", "findings", "verdicts", "allowances"))
    _rebuild(sql, ("edits", "prompts"))
    for table, own in (
        ("edits", f"key, call_id, path, {_PLACE}, added, removed, created"),
        ("prompts", f"key, id, {_PLACE}, is_copy, title, scripted, queued"),
    ):
        sql.execute(f"INSERT INTO {table} ({own}) SELECT {own} FROM old_{table}")
        sql.execute(f"DROP TABLE old_{table}")
    # Calls refer to this table: a new name of it would go into what they say of themselves.
    tools = sql.execute("SELECT key, name, mcp_server, skill FROM tools").fetchall()
    sql.execute("DROP TABLE tools")
    _rebuild(sql, ("tools",))
    sql.executemany("INSERT INTO tools (key, name, mcp_server, skill) VALUES (?, ?, ?, ?)", tools)
    sql.execute("INSERT INTO unassessed SELECT key, 0 FROM sessions")
    _read_details_again(sql)


def _read_details_again(sql: sqlite3.Connection) -> None:
    sql.execute(
        "DELETE FROM bookmarks WHERE pass = 'detail'"
        " AND file IN (SELECT key FROM files WHERE gone_ms IS NULL)"
    )


def _fifth(sql: sqlite3.Connection) -> None:
    """Make room for alerts, for what the guard decides and for what status lines are told.

    Logs are read once more for their details: they tell what is added to a commit by now, whose
    calls a hook denied, and to which request Codex's calls belong.
    """
    sql.execute("ALTER TABLE quotas ADD COLUMN origin TEXT NOT NULL DEFAULT 'rollout'")
    _create(sql, ("statuses", "alerts", "alert_memories", "snoozes", "decisions"))
    _create(sql, ("tasks", "likenesses", "returns"))
    _read_details_again(sql)


def _create(sql: sqlite3.Connection, names: Collection[str]) -> None:
    """Create these tables, with their indexes, as they are now."""
    for statement in _statements(schema.TABLES):
        made = _CREATES.match(statement)
        if made and (made[2] in names or made[3] in names):
            sql.execute(statement)


_FOURTH_COLUMNS = {
    "tool_calls": (
        "likeness BLOB NOT NULL DEFAULT x''",
        "touches BLOB NOT NULL DEFAULT x''",
        "output_fingerprint BLOB",
        "fault TEXT",
    ),
}

_ATTRIBUTES_SINCE = (2, 1, 121)
"""The version of Claude Code that began to say what a request was made for."""


def _numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version or "")[:3])


STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_second, _third, _fourth, _fifth)
"""The n-th makes version n + 1 of version n."""
