"""What `P` hides: titles, paths, branches and whatever else was written by the user.

Values are replaced before a screen gets them, so no screen can forget to. Ids, models, tokens and
costs stay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast

from tokenwatch.alert import Alert
from tokenwatch.snapshot import Activity, AgentRow, Notice, SessionRow, Snapshot

HIDDEN = "hidden"
GENERAL = {
    "agents": "many agents run at once in a session",
    "autonomous": "a session has worked for long without a prompt",
    "budget": "a budget has reached another step",
    "burn": "a session spends faster than usual",
    "context": "a session's context is nearly full",
    "data": "something about the data can't be right",
    "forecast": "a budget is on its way to its limit",
    "loop": "a session repeats the same call with the same result",
    "quota": "a plan's window is nearly full, or will be",
    "retry": "the same was asked for again, because attempts failed",
    "tokens": "a session sends more tokens than usual",
    "unattended": "a session spends in quiet hours, without a prompt",
}
"""What alerts say without the user's own words, by their kinds."""

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
    if notice.kind == "cache":
        return notice
    return replace(
        notice,
        text=f"{GENERAL[notice.kind]}; P shows it",
        alert=notice.alert and hide_alert(notice.alert),
    )


def hide_alert(alert: Alert) -> Alert:
    """Return the alert in the general words of its kind."""
    return alert._replace(text=GENERAL[alert.kind.value], action="")


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
