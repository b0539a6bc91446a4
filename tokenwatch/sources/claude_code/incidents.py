"""Single records that tell of one thing: failures, compactions, pull requests."""

from __future__ import annotations

from tokenwatch.events import CommitSeen, CompactionSeen, FailureSeen
from tokenwatch.sources.claude_code.contents import Record
from tokenwatch.sources.claude_code.places import Place
from tokenwatch.sources.values import mapping, text


def failure(uuid: str, record: Record, place: Place) -> FailureSeen:
    """Return a retry that follows (a system record), or an error that the program gave up on."""
    error = mapping(record.error)
    status = error.get("status") or mapping(error.get("cause")).get("code")
    if status is None:
        status = record.apiErrorStatus or text(record.error)
    return FailureSeen(
        id=uuid,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        kind="retry" if record.type == "system" else "error",
        status=str(status)[:80] if isinstance(status, str | int) else None,
        attempt=_count(record.retryAttempt),
    )


def compaction(uuid: str, record: Record, place: Place) -> CompactionSeen:
    """Return what a `compact_boundary` tells."""
    told = mapping(record.compactMetadata)
    return CompactionSeen(
        id=uuid,
        session_id=place.session_id,
        agent_id=place.agent_id,
        at_ms=place.at_ms,
        line=place.line,
        trigger=text(told.get("trigger")),
        pre_tokens=_count(told.get("preTokens")),
        post_tokens=_count(told.get("postTokens")),
        is_copy=place.is_copy,
    )


def pull_request(record: Record, place: Place) -> list[CommitSeen]:
    """Return the pull request that a `pr-link` names, if it does."""
    address = text(record.prUrl)
    if address is None:
        return []
    return [
        CommitSeen(
            id=address,
            kind="pull-request",
            session_id=place.session_id,
            agent_id=place.agent_id,
            at_ms=place.at_ms,
            line=place.line,
            cwd=place.cwd,
            branch=place.branch,
        )
    ]


def _count(number: object) -> int | None:
    return number if type(number) is int and 0 <= number < 10**9 else None
