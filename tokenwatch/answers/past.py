"""A session in few columns, as a table of all of them has it."""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.model import AgentKind, Spend, State
from tokenwatch.snapshot import SessionRow


class PastSession(NamedTuple):
    """One session; its spend and what is counted are those of the stretch asked for."""

    id: str
    source: str
    title: str | None
    project: str | None
    git_branch: str | None
    models: tuple[str, ...]
    """Most expensive first."""
    started_ms: int | None
    last_ms: int | None
    state: State
    spend: Spend
    agents: int
    """The main one and subagents; auxiliary ones left out."""
    named: str
    """Names and tasks of its agents, each on a line of its own."""
    prompts: int = 0
    turns: int = 0
    compactions: int = 0
    commits: int = 0
    lines_added: int = 0
    lines_removed: int = 0
    context_used: int | None = None


class PastSessions(NamedTuple):
    """The sessions of a stretch of time."""

    rows: tuple[PastSession, ...]
    """Latest activity first."""
    since_ms: int | None
    """Inclusive; None where it is open."""
    until_ms: int | None
    """Exclusive."""


def as_past(row: SessionRow, known: PastSession | None = None) -> PastSession:
    """Return a row of the live picture as one of all time.

    known: the same session as it was answered, for what a picture does not tell.
    """
    subagents = [agent for agent in row.agents if agent.kind is not AgentKind.AUXILIARY]
    named = [text for agent in row.agents for text in (agent.name, agent.task) if text]
    return PastSession(
        id=row.id,
        source=row.source,
        title=row.title,
        project=row.project,
        git_branch=row.git_branch,
        models=row.models,
        started_ms=row.started_ms,
        last_ms=row.last_ms,
        state=row.state,
        spend=row.spend,
        agents=len(subagents),
        named="\n".join(named),
        prompts=row.prompts,
        turns=row.turns,
        compactions=row.compactions,
        commits=known.commits if known else 0,
        lines_added=known.lines_added if known else 0,
        lines_removed=known.lines_removed if known else 0,
        context_used=row.context_used,
    )


def as_row(session: PastSession) -> SessionRow:
    """Return what is known of a session as a row without agents."""
    return SessionRow(
        id=session.id,
        source=session.source,
        title=session.title,
        project=session.project,
        git_branch=session.git_branch,
        models=session.models,
        started_ms=session.started_ms,
        last_ms=session.last_ms,
        state=session.state,
        spend=session.spend,
        agents=(),
        prompts=session.prompts,
        turns=session.turns,
        compactions=session.compactions,
        context_used=session.context_used,
    )
