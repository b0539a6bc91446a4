"""A ledger as version 1 of its tables had it, filled with what a ledger of today holds."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from tokenwatch.store.ledger import Ledger

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- A session of any source. Everything but source and id is derived from its files (sessions.py).
CREATE TABLE sessions (
  key INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  title TEXT, project TEXT, git_branch TEXT, version TEXT, entrypoint TEXT,
  scripted INTEGER NOT NULL DEFAULT 0,
  fork_of TEXT,
  -- Its log repeats requests that belong to another session: it is a fork.
  inherits INTEGER NOT NULL DEFAULT 0,
  started_ms INTEGER, last_ms INTEGER,
  context_limit INTEGER, context_estimate INTEGER,
  UNIQUE (source, id)
);

-- One running instance: the main agent (id = the session's), its subagents, auxiliary ones.
CREATE TABLE agents (
  key INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  parent_id TEXT, name TEXT, task TEXT, tool_use_id TEXT, prompt_fingerprint TEXT,
  started_ms INTEGER, last_ms INTEGER,
  ended_ms INTEGER, end_status TEXT,
  UNIQUE (session, id)
);

-- A file that was read, and what it says of itself. It stays when the file is gone.
CREATE TABLE files (
  key INTEGER PRIMARY KEY,
  source TEXT NOT NULL, root TEXT NOT NULL, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  gone_ms INTEGER,
  session INTEGER REFERENCES sessions, agent_id TEXT, agent_kind TEXT, parent_agent_id TEXT,
  rank INTEGER, first_ms INTEGER, last_ms INTEGER,
  cwd TEXT, project TEXT, git_branch TEXT, version TEXT, entrypoint TEXT, scripted INTEGER,
  client_title TEXT, agent_name TEXT, agent_task TEXT, tool_use_id TEXT, prompt_fingerprint TEXT,
  fork_of TEXT, context_limit INTEGER, context_estimate INTEGER,
  lines INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX files_session ON files (session);
CREATE INDEX files_inode ON files (inode, device);

-- How far each pass has read a file. Moves in the same transaction as the events it stands behind.
CREATE TABLE bookmarks (
  file INTEGER NOT NULL REFERENCES files, pass TEXT NOT NULL,
  offset INTEGER NOT NULL, line INTEGER NOT NULL, head TEXT NOT NULL, anchor TEXT NOT NULL,
  state BLOB NOT NULL,
  seen_size INTEGER NOT NULL, seen_mtime_ns INTEGER NOT NULL, read_ms INTEGER NOT NULL,
  PRIMARY KEY (file, pass)
) WITHOUT ROWID;

CREATE TABLE skipped (
  file INTEGER NOT NULL REFERENCES files, pass TEXT NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, sample TEXT,
  PRIMARY KEY (file, pass, reason)
) WITHOUT ROWID;

CREATE TABLE models (key INTEGER PRIMARY KEY, name TEXT UNIQUE);
INSERT INTO models (key, name) VALUES (0, NULL);

-- Prices as they were applied: picodollars a token. basis 'unknown' means unpriced, origin why.
CREATE TABLE prices (
  key INTEGER PRIMARY KEY,
  model TEXT NOT NULL, basis TEXT NOT NULL, origin TEXT NOT NULL,
  input INTEGER, output INTEGER, cache_read INTEGER, cache_write_5m INTEGER,
  cache_write_1h INTEGER, web_search INTEGER,
  UNIQUE (
    model, basis, origin, input, output, cache_read, cache_write_5m, cache_write_1h, web_search
  )
);

-- One billed answer of a model. file/line: the owning copy; usage_*: the record the usage is from.
CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL,
  model INTEGER NOT NULL REFERENCES models,
  file INTEGER NOT NULL REFERENCES files, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  usage_file INTEGER NOT NULL, usage_line INTEGER NOT NULL,
  final INTEGER NOT NULL, lower_bound INTEGER NOT NULL,
  input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  speed TEXT, service_tier TEXT, geo TEXT, estimated TEXT, turn_id TEXT,
  price INTEGER REFERENCES prices, cost_pico INTEGER
) WITHOUT ROWID;
CREATE INDEX requests_agent ON requests (agent, at_ms);
CREATE INDEX requests_at ON requests (at_ms);

-- Sums of requests by quarter of an hour (at_ms / 900000), agent and model. A quarter lies in one
-- hour and one day of every time zone in use, so reports need not read requests.
CREATE TABLE rollup (
  quarter INTEGER NOT NULL, agent INTEGER NOT NULL, model INTEGER NOT NULL,
  requests INTEGER NOT NULL, unpriced INTEGER NOT NULL, lower_bound INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
  cost_pico INTEGER NOT NULL,
  PRIMARY KEY (quarter, agent, model)
) WITHOUT ROWID;
CREATE INDEX rollup_agent ON rollup (agent);

-- A client's running totals (Claude Code's cost-state): JSON [[model, [6 kinds], searches], …].
CREATE TABLE meters (
  session INTEGER NOT NULL REFERENCES sessions, started_ms INTEGER NOT NULL,
  as_of_ms INTEGER NOT NULL, line INTEGER NOT NULL, file INTEGER NOT NULL,
  usage TEXT NOT NULL, reported_cost_usd TEXT,
  PRIMARY KEY (session, started_ms, as_of_ms, line)
) WITHOUT ROWID;

CREATE TABLE launches (
  session INTEGER NOT NULL REFERENCES sessions, tool_use_id TEXT NOT NULL,
  parent_agent_id TEXT NOT NULL, agent_id TEXT, at_ms INTEGER NOT NULL,
  name TEXT, task TEXT, prompt_fingerprint TEXT,
  PRIMARY KEY (session, tool_use_id)
) WITHOUT ROWID;

CREATE TABLE ends (
  session INTEGER NOT NULL REFERENCES sessions, ref TEXT NOT NULL, at_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  PRIMARY KEY (session, ref, at_ms, status)
) WITHOUT ROWID;

CREATE TABLE prompts (
  id TEXT PRIMARY KEY, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  title TEXT, fingerprint TEXT NOT NULL, scripted INTEGER NOT NULL, queued INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX prompts_agent ON prompts (agent, at_ms);

-- Of several files that tell of an end or a result, the best-ranked one's word counts: end_file,
-- done_file.
CREATE TABLE turns (
  id TEXT PRIMARY KEY, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  cause TEXT NOT NULL, ended_ms INTEGER, how TEXT, end_file INTEGER
) WITHOUT ROWID;
CREATE INDEX turns_agent ON turns (agent, at_ms);

CREATE TABLE tool_calls (
  id TEXT PRIMARY KEY, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  request_id TEXT, name TEXT NOT NULL, target TEXT, fingerprint TEXT, mcp_server TEXT, skill TEXT,
  done_ms INTEGER, ok INTEGER, denied INTEGER, interrupted INTEGER, output_bytes INTEGER,
  error_fingerprint TEXT, done_file INTEGER
) WITHOUT ROWID;
CREATE INDEX tool_calls_agent ON tool_calls (agent, at_ms);

CREATE TABLE edits (
  call_id TEXT NOT NULL, path TEXT NOT NULL, agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
  added INTEGER NOT NULL, removed INTEGER NOT NULL, created INTEGER NOT NULL,
  PRIMARY KEY (call_id, path)
) WITHOUT ROWID;
CREATE INDEX edits_agent ON edits (agent);

CREATE TABLE commits (
  id TEXT NOT NULL, kind TEXT NOT NULL, agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
  call_id TEXT, cwd TEXT, branch TEXT,
  PRIMARY KEY (id, kind)
) WITHOUT ROWID;
CREATE INDEX commits_agent ON commits (agent);

CREATE TABLE compactions (
  id TEXT PRIMARY KEY, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  "trigger" TEXT, pre_tokens INTEGER, post_tokens INTEGER
) WITHOUT ROWID;
CREATE INDEX compactions_agent ON compactions (agent);

CREATE TABLE failures (
  id TEXT PRIMARY KEY, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL,
  kind TEXT NOT NULL, status TEXT, attempt INTEGER
) WITHOUT ROWID;
CREATE INDEX failures_agent ON failures (agent);

CREATE TABLE quotas (
  root TEXT NOT NULL, limit_id TEXT NOT NULL, window_minutes INTEGER NOT NULL,
  observed_ms INTEGER NOT NULL, source TEXT NOT NULL,
  used_percent REAL NOT NULL, resets_ms INTEGER, plan TEXT,
  PRIMARY KEY (root, limit_id, window_minutes, observed_ms)
) WITHOUT ROWID;
"""

_SAME = (
    "meta",
    "sessions",
    "agents",
    "files",
    "skipped",
    "prices",
    "rollup",
    "meters",
    "launches",
    "ends",
)
_PLACE = "agent, at_ms, file, line"
_USAGE = "input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, web_searches"
_COPIES = {
    "bookmarks": "SELECT * FROM now.bookmarks",
    "requests": f"SELECT id, agent, at_ms, model, file, line, is_copy, usage_file, usage_line,"
    f" final, lower_bound, {_USAGE}, t.speed, t.service_tier, t.geo, t.estimated,"
    " nullif(turn_id, ''), price, cost_pico FROM now.requests r"
    " JOIN now.terms t ON t.key = r.terms",
    "prompts": f"SELECT id, {_PLACE}, is_copy, title, 'f', scripted, queued FROM now.prompts",
    "turns": f"SELECT id, {_PLACE}, is_copy, cause, ended_ms, how, end_file FROM now.turns",
    "tool_calls": f"SELECT id, {_PLACE}, is_copy, nullif(request_id, ''), t.name,"
    " nullif(target, ''), spelt(fingerprint), nullif(t.mcp_server, ''), nullif(t.skill, ''),"
    " done_ms, ok, denied, interrupted, output_bytes, spelt(error_fingerprint), done_file"
    " FROM now.tool_calls c JOIN now.tools t ON t.key = c.tool",
    "edits": f"SELECT call_id, path, {_PLACE}, added, removed, created FROM now.edits",
    "commits": f"SELECT id, kind, {_PLACE}, call_id, cwd, branch FROM now.commits",
    "compactions": f'SELECT id, {_PLACE}, is_copy, "trigger", pre_tokens, post_tokens'
    " FROM now.compactions",
    "failures": f"SELECT id, {_PLACE}, kind, status, attempt FROM now.failures",
    "quotas": "SELECT w.root, w.limit_id, w.window_minutes, q.observed_ms, w.source,"
    " q.used_percent, q.resets_ms, q.plan FROM now.quotas q JOIN now.windows w"
    ' ON w.key = q."window"',
}


def _spelt(digest: bytes | str | None) -> str | None:
    return (digest.hex() if isinstance(digest, bytes) else digest) or None


def write(ledger: Ledger, path: Path) -> None:
    """Write a ledger of version 1 that says what this one does."""
    old = sqlite3.connect(path)
    old.executescript(re.sub("--.*", "", TABLES))
    old.create_function("spelt", 1, _spelt)
    old.execute("ATTACH ? AS now", (str(ledger.path),))
    for table in _SAME:
        old.execute(f"INSERT INTO main.{table} SELECT * FROM now.{table}")
    old.execute("INSERT INTO models SELECT * FROM now.models WHERE key > 0")
    for table, query in _COPIES.items():
        old.execute(f"INSERT INTO main.{table} {query}")
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
