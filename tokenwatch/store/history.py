"""What the past was made of beyond its sums: whose work it was, and which turn cost the most."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from tokenwatch.store.ledger import Ledger
from tokenwatch.store.spend import Filter, models_by_agent

_OF_AGENT = {"kind": "a.kind", "source": "s.source", "project": "s.project"}


class TurnCost(NamedTuple):
    """What one turn cost within a stretch of time, subagents included."""

    number: int
    """As in `turns.turns`."""
    cost_pico: int


def names_of_agents(ledger: Ledger, by: str, where: Filter) -> dict[int, str | None]:
    """Return the group of each agent that a work span may name, by its key.

    by: `kind`, `source`, `project`; or `model`: the one the agent spent most on within the filter,
    agents without a priced request left out.
    """
    if by == "model":
        return {
            agent: max(costs, key=lambda model: (costs[model], model))
            for agent, costs in models_by_agent(ledger, where).items()
            if costs
        }
    return {
        row[0]: row[1]
        for row in ledger.sql.execute(
            f"SELECT a.key, {_OF_AGENT[by]} FROM agents a JOIN sessions s ON s.key = a.session"
        )
    }


def dearest_turn(
    ledger: Ledger, session: int, since_ms: int | None, until_ms: int | None
) -> TurnCost | None:
    """Return the turn of a session with the highest cost in [since, until), the first of equals.

    Turns are cut as in `turns.turns`; what came before the first is none. None without a priced
    request in a turn.
    """
    starts = [
        row[0]
        for row in ledger.sql.execute(
            "SELECT t.at_ms FROM agents a JOIN turns t ON t.agent = a.key WHERE a.session = ?"
            " AND a.kind = 'main' ORDER BY t.at_ms",
            (session,),
        )
    ]
    costs: dict[int, int] = {}
    for at_ms, cost in ledger.sql.execute(
        "SELECT r.at_ms, r.cost_pico FROM agents a JOIN requests r ON r.agent = a.key"
        " WHERE a.session = ? AND r.cost_pico > 0 AND r.at_ms >= coalesce(?, r.at_ms)"
        " AND r.at_ms < coalesce(?, r.at_ms + 1)",
        (session, since_ms, until_ms),
    ):
        number = bisect_right(starts, at_ms)
        if number:
            costs[number] = costs.get(number, 0) + cost
    if not costs:
        return None
    dearest = max(costs, key=lambda turn: (costs[turn], -turn))
    return TurnCost(dearest, costs[dearest])
