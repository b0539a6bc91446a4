"""The tables.

Units as in `model`. Text that comes from logs is cleaned before it is stored. No column holds the
text of a prompt beyond a title, nor any content of files, commands or answers. Numbers stand for
them: hashes of the words of prompts and of edited lines (`events.Wording`, `sources.lines`), of 32
bits and without a key, so that a guessed word can be checked against them; and digests of texts.
Findings hold our own words, with names of files and tools; verdicts what the user said of them.

What is written by the thousand has an integer key and its id in one index only: rows follow each
other as they were read, and the other indexes repeat a number rather than a text. A text that a log
may lack is '' in such a table, which Python binds several times faster than NULL. Fingerprints
(`digest` in `places`) are bytes.
"""

from __future__ import annotations

VERSION = 5
"""Of these tables, in the file as SQLite's user_version. `migrations` makes newer of older ones."""

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
);

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

-- What a request was answered on, besides its model. 0: nothing special, nothing assumed.
CREATE TABLE terms (
  key INTEGER PRIMARY KEY, speed TEXT, service_tier TEXT, geo TEXT, estimated TEXT
);
INSERT INTO terms (key) VALUES (0);

-- What the client says a request was made for. 0: it says nothing.
CREATE TABLE attributions (
  key INTEGER PRIMARY KEY,
  agent TEXT NOT NULL, skill TEXT NOT NULL, plugin TEXT NOT NULL,
  mcp_server TEXT NOT NULL, mcp_tool TEXT NOT NULL,
  UNIQUE (agent, skill, plugin, mcp_server, mcp_tool)
);
INSERT INTO attributions VALUES (0, '', '', '', '', '');

-- One billed answer of a model. file/line: the owning copy; usage_*: the record the usage is from.
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
  price INTEGER NOT NULL REFERENCES prices, cost_pico INTEGER,
  attribution INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX requests_agent ON requests (agent, at_ms);

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
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  title TEXT, scripted INTEGER NOT NULL, queued INTEGER NOT NULL,
  -- What can be told of the text without its words (wordings.py).
  wording BLOB NOT NULL DEFAULT x''
);
CREATE INDEX prompts_agent ON prompts (agent, at_ms);

-- Of several files that tell of an end or a result, the best-ranked one's word counts: end_file,
-- done_file.
CREATE TABLE turns (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  cause TEXT NOT NULL, ended_ms INTEGER, how TEXT, end_file INTEGER
);
CREATE INDEX turns_agent ON turns (agent, at_ms);

-- A tool, and what it was called for.
CREATE TABLE tools (
  key INTEGER PRIMARY KEY,
  name TEXT NOT NULL, mcp_server TEXT NOT NULL, skill TEXT NOT NULL,
  purpose TEXT NOT NULL DEFAULT '', partial INTEGER NOT NULL DEFAULT 0,
  UNIQUE (name, mcp_server, skill, purpose, partial)
);

CREATE TABLE tool_calls (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  request_id TEXT NOT NULL, tool INTEGER NOT NULL REFERENCES tools, target TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  done_ms INTEGER, ok INTEGER, denied INTEGER, interrupted INTEGER, output_bytes INTEGER,
  error_fingerprint BLOB, done_file INTEGER,
  -- likeness: x'' where the fingerprint says it all. touches: 32-bit hashes of file names.
  likeness BLOB NOT NULL DEFAULT x'', touches BLOB NOT NULL DEFAULT x'',
  output_fingerprint BLOB, fault TEXT
);
CREATE INDEX tool_calls_agent ON tool_calls (agent, at_ms);

CREATE TABLE edits (
  key INTEGER PRIMARY KEY,
  call_id TEXT NOT NULL, path TEXT NOT NULL, agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
  added INTEGER NOT NULL, removed INTEGER NOT NULL, created INTEGER NOT NULL,
  -- 32-bit hashes of the lines that tell something.
  lines_added BLOB NOT NULL DEFAULT x'', lines_removed BLOB NOT NULL DEFAULT x'',
  repeated INTEGER NOT NULL DEFAULT 0,
  UNIQUE (call_id, path)
);
CREATE INDEX edits_agent ON edits (agent);

CREATE TABLE commits (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL, kind TEXT NOT NULL, agent INTEGER NOT NULL REFERENCES agents,
  at_ms INTEGER NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL,
  call_id TEXT, cwd TEXT, branch TEXT,
  UNIQUE (id, kind)
);
CREATE INDEX commits_agent ON commits (agent);

CREATE TABLE compactions (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL, is_copy INTEGER NOT NULL,
  "trigger" TEXT, pre_tokens INTEGER, post_tokens INTEGER
);
CREATE INDEX compactions_agent ON compactions (agent);

CREATE TABLE failures (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL,
  kind TEXT NOT NULL, status TEXT, attempt INTEGER
);
CREATE INDEX failures_agent ON failures (agent);

-- What became different about how an agent runs, or was loaded into its context.
CREATE TABLE changes (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE, agent INTEGER NOT NULL REFERENCES agents, at_ms INTEGER NOT NULL,
  file INTEGER NOT NULL, line INTEGER NOT NULL,
  kind TEXT NOT NULL, what TEXT, size INTEGER NOT NULL
);
CREATE INDEX changes_agent ON changes (agent);

-- Sessions whose findings are not up to date, and since when: all before is as it was.
CREATE TABLE unassessed (
  session INTEGER PRIMARY KEY REFERENCES sessions, since_ms INTEGER NOT NULL
);

-- Sessions whose findings are up to date, or were. stamp counts how often that was done; due_ms:
-- when a quiet one will be over, which findings may depend on.
CREATE TABLE assessments (
  session INTEGER PRIMARY KEY REFERENCES sessions, stamp INTEGER NOT NULL, due_ms INTEGER
);
CREATE INDEX assessments_due ON assessments (due_ms) WHERE due_ms IS NOT NULL;

-- What detectors found (`analysis.waste.finding`). id: a digest of session, kind and name.
-- conditional: other sessions decide whether it is shown. proof: JSON. grants: pairs of 64-bit
-- numbers, the key of a request and the picodollars granted of it.
CREATE TABLE findings (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  session INTEGER NOT NULL REFERENCES sessions,
  kind TEXT NOT NULL, name TEXT NOT NULL, tier TEXT NOT NULL, cause TEXT, agent_id TEXT,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  asked_pico INTEGER NOT NULL, wasted_pico INTEGER NOT NULL,
  low_pico INTEGER NOT NULL, high_pico INTEGER NOT NULL,
  conditional INTEGER NOT NULL, signature TEXT NOT NULL,
  proof TEXT NOT NULL, grants BLOB NOT NULL
);
CREATE INDEX findings_session ON findings (session);
CREATE INDEX findings_last ON findings (last_ms);

-- Prompts by which sessions find each other: role 'begun', one of a session's first prompts, or
-- 'left', its last attempt at one thing. at_ms: of a left one, when its turn ended. bands: 64-bit
-- numbers, those in `likenesses`.
CREATE TABLE tasks (
  key INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions, role TEXT NOT NULL,
  turn_id TEXT NOT NULL, prompt_id TEXT NOT NULL, begun_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  bands BLOB NOT NULL
);
CREATE INDEX tasks_session ON tasks (session);

-- Prompts with an equal band may say the same.
CREATE TABLE likenesses (
  band INTEGER NOT NULL, task INTEGER NOT NULL REFERENCES tasks,
  PRIMARY KEY (band, task)
) WITHOUT ROWID;

-- Attempts of a session that a turn of a later one came back to, since they had failed. proof:
-- JSON (`analysis.waste.attempts.returned.Again`).
CREATE TABLE returns (
  later INTEGER NOT NULL REFERENCES sessions, later_turn TEXT NOT NULL,
  session INTEGER NOT NULL REFERENCES sessions, turn_id TEXT NOT NULL,
  at_ms INTEGER NOT NULL, proof TEXT NOT NULL,
  PRIMARY KEY (later, later_turn, session, turn_id)
) WITHOUT ROWID;
CREATE INDEX returns_session ON returns (session);

-- What the user said of findings: fine (nothing to avoid) or waste. The latest word counts.
CREATE TABLE verdicts (
  kind TEXT NOT NULL, signature TEXT NOT NULL, finding TEXT NOT NULL,
  verdict TEXT NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, signature)
) WITHOUT ROWID;

-- What the user let go on beyond hard budgets: until then, or for a session.
CREATE TABLE allowances (
  key INTEGER PRIMARY KEY,
  made_ms INTEGER NOT NULL, until_ms INTEGER, session_id TEXT
);

-- The plan windows that providers report on, and each report. root: of the logs that hold it.
CREATE TABLE windows (
  key INTEGER PRIMARY KEY,
  source TEXT NOT NULL, root TEXT NOT NULL, limit_id TEXT NOT NULL, window_minutes INTEGER NOT NULL,
  UNIQUE (root, limit_id, window_minutes)
);
CREATE TABLE quotas (
  "window" INTEGER NOT NULL REFERENCES windows, observed_ms INTEGER NOT NULL,
  used_percent REAL NOT NULL, resets_ms INTEGER, plan TEXT,
  -- rollout, statusline or app-server.
  origin TEXT NOT NULL DEFAULT 'rollout',
  PRIMARY KEY ("window", observed_ms)
) WITHOUT ROWID;

-- What Claude Code told its status line of a session last. Money as it wrote it, in dollars.
CREATE TABLE statuses (
  session_id TEXT PRIMARY KEY, observed_ms INTEGER NOT NULL, version TEXT, model TEXT,
  cost_usd TEXT, context_tokens INTEGER, context_limit INTEGER
) WITHOUT ROWID;

-- What the user was told of, or would have been (`analysis.alerts`). deliveries: JSON, how each
-- channel did: [[channel, "" or what went wrong], …].
CREATE TABLE alerts (
  key INTEGER PRIMARY KEY,
  name TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, level INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, session_id TEXT, text TEXT NOT NULL, action TEXT NOT NULL,
  how TEXT NOT NULL, deliveries TEXT NOT NULL DEFAULT '[]',
  seen_ms INTEGER, over_ms INTEGER
);
CREATE INDEX alerts_at ON alerts (at_ms);
CREATE INDEX alerts_name ON alerts (name, at_ms);
CREATE INDEX alerts_unseen ON alerts (severity) WHERE seen_ms IS NULL AND how <> 'snoozed';

-- What the rules remember between two looks, by an alert's name: JSON.
CREATE TABLE alert_memories (name TEXT PRIMARY KEY, memory TEXT NOT NULL) WITHOUT ROWID;

-- Alerts that the user wants to hear nothing of until then, by name or kind.
CREATE TABLE snoozes (name TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID;

-- What the guard decided. cause: the budget or rule; decision: block, deny, ask or end.
CREATE TABLE decisions (
  key INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL, source TEXT NOT NULL, session_id TEXT, agent_id TEXT,
  event TEXT NOT NULL, decision TEXT NOT NULL, cause TEXT NOT NULL, reason TEXT NOT NULL,
  UNIQUE (at_ms, session_id, event, cause)
);
"""
