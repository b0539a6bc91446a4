"""Which session the proof of a finding lies in, by what it names."""

from __future__ import annotations

from tokenwatch.store.ledger import Ledger


def session_of(ledger: Ledger, request_id: str | None, prompt_id: str | None) -> str | None:
    """Return the id of the session that a request, else a prompt, is of; None for an unknown."""
    for table, identifier in (("requests", request_id), ("prompts", prompt_id)):
        if identifier is None:
            continue
        row = ledger.sql.execute(
            f"SELECT s.id FROM {table} r JOIN agents a ON a.key = r.agent"
            " JOIN sessions s ON s.key = a.session WHERE r.id = ?",
            (identifier,),
        ).fetchone()
        if row is not None:
            return str(row[0])
    return None
