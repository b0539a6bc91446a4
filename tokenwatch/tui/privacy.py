"""What `P` hides: titles, paths, branches and whatever else was written by the user.

Values are replaced before a screen gets them, so no screen can forget to. Ids, models, tokens and
costs stay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast

from tokenwatch.alert import general
from tokenwatch.snapshot import Activity, AgentRow, Notice, SessionRow, Snapshot

HIDDEN = "hidden"
T = TypeVar("T")


def hidden(value: T) -> T:
    """Return an answer without words of the user's. TypeError for a kind that nobody has judged."""
    # Answers are imported by the screens that ask for them, not before the first picture.
    from tokenwatch.tui.private_answers import hide

    return cast(T, hide(value))


def hide_snapshot(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot without words of the user's."""
    warnings = snapshot.warnings and (f"{len(snapshot.warnings)} warnings, hidden (P shows)",)
    return replace(
        snapshot,
        sessions=tuple(hide_session(row) for row in snapshot.sessions),
        activity=tuple(_hide_activity(line) for line in snapshot.activity),
        looked=tuple(replace(place, path=HIDDEN) for place in snapshot.looked),
        warnings=warnings,
        notices=tuple(hide_notice(notice) for notice in snapshot.notices),
    )


def hide_notice(notice: Notice) -> Notice:
    """Return the notice in the general words of its kind; a cache's has no others."""
    if notice.alert is None:
        return replace(notice, text=HIDDEN, advice="")
    if notice.kind == "cache":
        return notice
    told = general(notice.alert)
    return replace(notice, text=f"{told.text}; P shows it", alert=told)


def hide_session(row: SessionRow) -> SessionRow:
    """Return the session without title, project, branch and its agents' tasks."""
    return replace(
        row,
        title=None,
        project=None,
        git_branch=None,
        agents=tuple(_hide_agent(agent) for agent in row.agents),
    )


def _hide_agent(agent: AgentRow) -> AgentRow:
    return replace(agent, name=None, task=None)


def _hide_activity(line: Activity) -> Activity:
    what = line.what if line.what == "answer" else "tools"
    return replace(line, project=None, what=what)
