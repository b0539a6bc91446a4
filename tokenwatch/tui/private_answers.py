"""What is private in each kind of answer that screens ask for beyond the picture."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.answers.alerts import Limits
from tokenwatch.answers.breakdown import Breakdown, Share
from tokenwatch.answers.fact import Fact
from tokenwatch.answers.history import History
from tokenwatch.answers.looked import Looked, TurnIds
from tokenwatch.answers.past import PastSession, PastSessions
from tokenwatch.answers.quota import PlanUse, PlanWindow
from tokenwatch.answers.timeline import Lanes
from tokenwatch.answers.waste import Shown
from tokenwatch.answers.waste_view import (
    Judged,
    Place,
    ProjectSpends,
    Quotes,
    SessionMarks,
    WasteView,
)
from tokenwatch.config.budgets import Budget
from tokenwatch.guard.trouble import Trouble
from tokenwatch.snapshot import ExplainedRequest, LogPlace, Running, SessionDetail, SessionRow
from tokenwatch.tui.privacy import HIDDEN, hide_session


@singledispatch
def hide(value: object) -> object:
    """Return an answer without words of the user's. TypeError for a kind that nobody has judged."""
    raise TypeError(f"nothing says what is private in {type(value).__name__}")


@hide.register
def _(value: None) -> None:
    return None


@hide.register
def _(value: tuple) -> tuple[object, ...]:  # type: ignore[type-arg]
    return tuple(hide(each) for each in value)


@hide.register
def hide_plan(use: PlanUse) -> PlanUse:
    """Return the plan as it is: it names nothing but a source."""
    return use


@hide.register
def hide_detail(detail: SessionDetail) -> SessionDetail:
    """Return the session's detail without prompts and paths."""
    return replace(
        detail,
        row=hide_session(detail.row),
        turns=tuple(replace(turn, title=None, file=None) for turn in detail.turns),
        log_path=None,
        requests=tuple(hide_request(request) for request in detail.requests),
    )


@hide.register
def hide_request(request: ExplainedRequest) -> ExplainedRequest:
    """Return the request without its log's path, and names that the user gave."""
    return replace(request, file=None, made_for={})


@hide.register
def hide_breakdown(breakdown: Breakdown) -> Breakdown:
    """Return the breakdown with the names of the programs' own tools alone."""
    return replace(
        breakdown,
        tools=tuple(
            share if share.server is None else _nameless(share) for share in breakdown.tools
        ),
        purposes=tuple(_nameless(share) for share in breakdown.purposes),
    )


def _nameless(share: Share) -> Share:
    return replace(share, name=share.name and HIDDEN, server=share.server and HIDDEN)


@hide.register
def hide_place(place: LogPlace) -> None:
    """Return nothing: a path has no other words."""


@hide.register
def hide_running(running: Running) -> Running:
    """Return all of it: a process and a pane have no names."""
    return running


@hide.register
def hide_past_sessions(answer: PastSessions) -> PastSessions:
    """Return the sessions without words of the user's."""
    return answer._replace(rows=tuple(hide_past_session(row) for row in answer.rows))


@hide.register
def hide_past_session(session: PastSession) -> PastSession:
    """Return the session without title, project, branch and its agents' names and tasks."""
    return session._replace(title=None, project=None, git_branch=None, named="")


@hide.register
def _(answer: Looked) -> Looked:
    return answer


@hide.register
def _(answer: TurnIds) -> TurnIds:
    return answer


@hide.register
def hide_lanes(answer: Lanes) -> Lanes:
    """Return the lanes without titles, projects, names, tasks and what is waited for."""
    return replace(
        answer,
        lanes=tuple(
            replace(lane, project=None, title=None, name=None, task=None, waiting_for=None)
            for lane in answer.lanes
        ),
    )


@hide.register
def hide_history(answer: History) -> History:
    """Return the history without names of projects, titles and prompts; projects get numbers."""
    rows = answer.rows
    if answer.by == "project":
        rows = tuple(
            row if row.name is None else replace(row, key=f"{number}", name=f"project {number}")
            for number, row in enumerate(rows, 1)
        )
    session, turn = answer.dearest_session, answer.dearest_turn
    return replace(
        answer,
        rows=rows,
        dearest_session=session and replace(session, title=None, project=None),
        dearest_turn=turn and replace(turn, project=None, turn=replace(turn.turn, title=None)),
    )


@hide.register
def hide_window(window: PlanWindow) -> PlanWindow:
    """Return the plan window without the folder of its logs."""
    return window._replace(root=HIDDEN)


@hide.register
def hide_limits(answer: Limits) -> Limits:
    """Return budgets without their names and scopes' values, alerts by their kinds alone."""
    return answer._replace(
        standings=tuple(
            each._replace(budget=_hide_budget(each.budget, number))
            for number, each in enumerate(answer.standings, 1)
        ),
        alerts=tuple(
            each._replace(
                alert=each.alert._replace(text=f"{each.alert.kind}: {HIDDEN}", action=HIDDEN)
            )
            for each in answer.alerts
        ),
    )


@hide.register
def hide_trouble(answer: Trouble) -> Trouble:
    """Return it as it is: it is in our own words."""
    return answer


def _hide_budget(of: Budget, number: int) -> Budget:
    scope = of.scope._replace(value=of.scope.value and HIDDEN)
    return of._replace(name=f"budget {number}", scope=scope)


@hide.register
def _(answer: int) -> int:
    return answer


@hide.register
def hide_fact(fact: Fact) -> Fact:
    """Return the fact and its rows without titles, projects and names of tools."""
    return fact._replace(
        name=fact.name and HIDDEN,
        evidence=tuple(
            row._replace(title=None, project=None, name=row.name and HIDDEN)
            for row in fact.evidence
        ),
    )


@hide.register
def hide_waste(view: WasteView) -> WasteView:
    """Return the findings in general words; whose they are, by the ids of sessions alone."""
    found = view.waste
    return replace(
        view,
        waste=replace(
            found,
            findings=tuple(hide_shown(shown) for shown in found.findings),
            too_small=tuple(hide_shown(shown) for shown in found.too_small),
            dismissed=tuple(hide_shown(shown) for shown in found.dismissed),
        ),
        names={key: named._replace(title=None, project=None) for key, named in view.names.items()},
    )


def hide_shown(shown: Shown) -> Shown:
    """Return the finding in the words of its kind. Its signature, never shown, stays: verdicts are
    learnt by it."""
    finding = shown.finding
    meaning = explained()[finding.kind]
    return replace(
        shown,
        finding=replace(
            finding,
            key=shown.id,
            names={},
            evidence=tuple(line._replace(what=HIDDEN) for line in finding.evidence),
        ),
        told=Told(meaning.title, meaning.means, meaning.advice),
        project=None,
    )


@hide.register
def hide_quotes(answer: Quotes) -> Quotes:
    """Return none: they are the user's own words."""
    return Quotes(())


@hide.register
def hide_projects(answer: ProjectSpends) -> ProjectSpends:
    """Return the sums without the projects' paths."""
    return ProjectSpends(tuple(row._replace(path=None) for row in answer.rows))


@hide.register
def _(answer: Place) -> Place:
    return answer


@hide.register
def _(answer: Judged) -> Judged:
    return answer


@hide.register
def _(answer: SessionMarks) -> SessionMarks:
    return answer


hide.register(SessionRow, hide_session)
