"""What sessions, agents and projects are called on screen."""

from __future__ import annotations

from pathlib import PurePath

from tokenwatch import format as fmt
from tokenwatch.snapshot import AgentRow, SessionRow


def project_name(project: str | None) -> str | None:
    """Return a project's last folder."""
    return fmt.one_line(PurePath(project).name or project, 40) if project else None


def session_name(session: SessionRow) -> str:
    """Return `project ▸ title`; what is missing is replaced by the id's beginning."""
    title = title_of(session.title, session.id)
    project = project_name(session.project)
    return f"{project} ▸ {title}" if project else title


def title_of(title: str | None, session_id: str) -> str:
    """Return a session's title on one line; the id's beginning where it has none."""
    return fmt.one_line(title, 120) if title else fmt.short_id(session_id)


def agent_name(agent: AgentRow) -> str:
    """Return a subagent's `name  task`."""
    words = [text for text in (agent.name, agent.task) if text]
    return "  ".join(fmt.one_line(word, 120) for word in words) or fmt.one_line(agent.id, 12)
