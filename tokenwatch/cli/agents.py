"""`tokenwatch agents`: one row per agent and subagent."""

from __future__ import annotations

import argparse

from tokenwatch.cli.cells import sums
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.table import Column, print_table, short_ids
from tokenwatch.export import documents
from tokenwatch.format import clock, model_name, one_line
from tokenwatch.model import NO_SPEND, AgentKind, State
from tokenwatch.snapshot import AgentRow
from tokenwatch.sources.roots import live_signs
from tokenwatch.store import sessions

COLUMNS = (
    Column(name="state"),
    Column(name="agent"),
    Column(name="kind", rank=6),
    Column(name="name", rank=3, least=12),
    Column(name="task", rank=4, least=16),
    Column(name="model", rank=2),
    Column(name="requests", right=True, rank=7),
    Column(name="tokens", right=True, rank=1),
    Column(name="cost USD", right=True),
    Column(name="last", right=True, rank=5),
)


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--running", action="store_true", help="working or waiting ones only")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the agents, by session, each below the one that started it."""
    with ground(options, details=True) as on:
        found = on.overview.sessions(
            sessions.all_keys(on.ledger), live_signs(on.roots), on.now_ms, on.where
        )
        narrowed = not on.where.is_open
        rows = [
            agent
            for session in found
            for agent in session.agents
            if _wanted(agent, options.running, narrowed)
        ]
        if options.json:
            print_json(
                documents.head("agents", on.now_ms, on.zone.name)
                | {"rows": [documents.agent(row, on.redaction) for row in rows]}
            )
            return 0
        ids = short_ids([row.id for row in rows])
        total = sum((row.spend for row in rows), NO_SPEND)
        print_table(
            COLUMNS,
            [
                [
                    row.state.value,
                    "  " * row.depth + ids[row.id],
                    row.kind.value,
                    one_line(on.redaction.text(row.name) or "–", 24),
                    one_line(on.redaction.text(row.task) or "–", 60),
                    model_name(row.model),
                    *sums(row.spend),
                    clock(row.last_ms, on.zone.zone, on.now_ms),
                ]
                for row in rows
            ],
            footer=["total", str(len(rows)), *[""] * 4, *sums(total), ""],
        )
    return 0


def _wanted(agent: AgentRow, running: bool, narrowed: bool) -> bool:
    if running and not (
        agent.state in (State.WORKING, State.WAITING) and agent.kind is not AgentKind.AUXILIARY
    ):
        return False
    return not narrowed or agent.spend.requests > 0
