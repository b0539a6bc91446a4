"""`tokenwatch agents`: one row per agent and subagent."""

from __future__ import annotations

import argparse

from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common
from tokenwatch.cli.report import cost_text
from tokenwatch.cli.table import print_table
from tokenwatch.export import documents
from tokenwatch.format import clock, model_name, one_line, tokens
from tokenwatch.model import AgentKind, State
from tokenwatch.snapshot import AgentRow
from tokenwatch.store import sessions


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--running", action="store_true", help="working or waiting ones only")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the agents, by session, each below the one that started it."""
    with ground(options, details=True) as on:
        found = on.overview.sessions(
            sessions.all_keys(on.ledger), on.sync.live(), on.now_ms, on.where
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
        print_table(
            [
                ("state", "<"),
                ("agent", "<"),
                ("kind", "<"),
                ("name", "<"),
                ("task", "<"),
                ("model", "<"),
                ("requests", ">"),
                ("tokens", ">"),
                ("cost USD", ">"),
                ("last", ">"),
            ],
            [
                [
                    row.state.value,
                    "  " * row.depth + row.id[:12],
                    row.kind.value,
                    one_line(on.redaction.text(row.name) or "–", 24),
                    one_line(on.redaction.text(row.task) or "–", 40),
                    model_name(row.model),
                    str(row.spend.requests),
                    tokens(row.spend.usage.total),
                    cost_text(row.spend),
                    clock(row.last_ms, on.zone.zone, on.now_ms),
                ]
                for row in rows
            ],
        )
    return 0


def _wanted(agent: AgentRow, running: bool, narrowed: bool) -> bool:
    if running:
        is_running = agent.state in (State.WORKING, State.WAITING)
        return is_running and agent.kind is not AgentKind.AUXILIARY
    return agent.spend.requests > 0 or not narrowed
