"""The queries behind `histories`: each gives the rows of one session since an instant, in order."""

from __future__ import annotations

AGENTS = (
    "SELECT key, id, kind, name, parent_id, started_ms, ended_ms, end_status FROM agents"
    " WHERE session = ?"
)
ASKED = (
    "SELECT agent_id, prompt_fingerprint FROM files WHERE session = ?"
    " AND agent_id IS NOT NULL AND prompt_fingerprint IS NOT NULL"
    " UNION ALL SELECT agent_id, prompt_fingerprint FROM launches WHERE session = ?"
    " AND agent_id IS NOT NULL AND prompt_fingerprint IS NOT NULL"
)
MARKS = (
    "SELECT t.id, t.at_ms, t.ended_ms, t.how, t.cause FROM agents a JOIN turns t ON t.agent = a.key"
    " WHERE a.session = ? AND a.kind = 'main' ORDER BY t.at_ms, t.line, t.id"
)
_OF_AGENTS = " FROM agents a JOIN {table} x ON x.agent = a.key{more} WHERE a.session = ?"
_LATELY = " AND x.at_ms >= ? ORDER BY x.at_ms, x.line, x.id"
REQUESTS = (
    "SELECT x.agent, x.at_ms, x.file, x.line, x.key, x.id, m.name, x.input, x.cache_read,"
    " x.cache_write_5m, x.cache_write_1h, x.output, x.reasoning, x.cost_pico, p.input, p.output,"
    " p.cache_read, p.cache_write_5m, p.cache_write_1h, t.speed, x.web_searches, x.lower_bound"
    + _OF_AGENTS.format(
        table="requests",
        more=" JOIN models m ON m.key = x.model JOIN prices p ON p.key = x.price"
        " JOIN terms t ON t.key = x.terms",
    )
    + _LATELY
)
PROMPTS = (
    "SELECT x.agent, x.at_ms, x.id, x.wording, x.scripted, x.queued"
    + _OF_AGENTS.format(table="prompts", more="")
    + _LATELY
)
CALLS = (
    "SELECT x.agent, x.at_ms, x.file, x.line, x.id, x.request_id, o.name, o.purpose, x.target,"
    " x.fingerprint, x.likeness, x.touches, o.partial, o.mcp_server, o.skill, x.done_ms, x.ok,"
    " x.denied, x.interrupted, x.output_bytes, x.output_fingerprint, x.error_fingerprint, x.fault"
    + _OF_AGENTS.format(table="tool_calls", more=" JOIN tools o ON o.key = x.tool")
    + _LATELY
)
EDITS = (
    "SELECT x.agent, x.at_ms, x.call_id, x.path, x.added, x.removed, x.created, x.lines_added,"
    " x.lines_removed, x.repeated"
    + _OF_AGENTS.format(table="edits", more="")
    + " AND x.at_ms >= ? ORDER BY x.at_ms, x.line, x.call_id, x.path"
)
COMMITS = (
    "SELECT x.agent, x.at_ms, x.id, x.kind"
    + _OF_AGENTS.format(table="commits", more="")
    + " AND x.at_ms >= ? ORDER BY x.at_ms, x.line, x.id, x.kind"
)
COMPACTIONS = (
    'SELECT x.agent, x.at_ms, x."trigger", x.pre_tokens, x.post_tokens'
    + _OF_AGENTS.format(table="compactions", more="")
    + _LATELY
)
FAILURES = (
    "SELECT x.agent, x.at_ms, x.kind, x.status"
    + _OF_AGENTS.format(table="failures", more="")
    + _LATELY
)
CHANGES = (
    "SELECT x.agent, x.at_ms, x.kind, x.what, x.size"
    + _OF_AGENTS.format(table="changes", more="")
    + _LATELY
)
LATER_RESULTS = (
    "SELECT min(x.at_ms)"
    + _OF_AGENTS.format(table="tool_calls", more="")
    + " AND x.at_ms >= ? AND x.at_ms < ? AND x.done_ms >= ?"
)
