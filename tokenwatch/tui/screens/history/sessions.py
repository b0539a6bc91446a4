"""From a row of History to the filter that lets its sessions through."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from tokenwatch.answers.history import History
from tokenwatch.tui.screens.history.rows import HistoryLine


def filter_of(answer: History, line: HistoryLine, now_ms: int, zone: tzinfo) -> str | None:
    """Return a filter for the sessions of a row that were open in the window.

    None for a row that no filter can name: an unknown model, no project.
    """
    which = _which(answer, line)
    if which is None:
        return None
    first, last = (_day(at, zone) for at in (answer.edges_ms[0], answer.edges_ms[-1] - 1))
    until = "" if answer.edges_ms[-1] > now_ms else f"until:{last}"
    return " ".join(filter(None, (which, f"since:{first}", until)))


def _which(answer: History, line: HistoryLine) -> str | None:
    name = line.row.name
    if answer.by == "kind":
        # Every session has a main agent.
        return "agents:>1" if name == "subagent" else ""
    if name is None or '"' in name:
        return None
    # As much of a project's path as the row shows.
    value = line.name if answer.by == "project" else name
    plain = not any(letter.isspace() or letter in ",:" for letter in value)
    return f"{answer.by}:{value}" if plain else f'{answer.by}:"{value}"'


def _day(at_ms: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at_ms / 1000, zone).date()
