"""Bodies of Claude Code's records, apart from the chain that they hang in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenwatch.demo.disk import Json
from tokenwatch.demo.script import Server

INTERRUPTED = "[Request interrupted by user for tool use]"
"""The program's own words for what Esc does while a tool runs."""


def said(text: str) -> list[Json]:
    """Return the blocks of a text; none for an empty one."""
    return [{"type": "text", "text": text}] if text else []


def by_user(content: str | Sequence[Json]) -> Json:
    """Return the body of a record in the user's place."""
    return {"message": {"role": "user", "content": content}}


def message(message_id: str, model: str, block: Json, stop: str, usage: Json) -> Json:
    """Return an answer as one of its records has it, with that record's block."""
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [block],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
        "stop_details": None,
    }


def made_for(block: Json, kind: str, skill: str) -> Json:
    """Return the client's own words for what an answer was made for."""
    told: Json = {"attributionAgent": kind} if kind else {}
    if skill:
        told["attributionSkill"] = skill
    name = str(block.get("name", ""))
    if name.startswith("mcp__"):
        _, told["attributionMcpServer"], told["attributionMcpTool"] = name.split("__")
    return told


def boundary(before: int, after: int, kept: int, logical: str | None) -> Json:
    """Return the body of the record of a compaction, in tokens of context.

    kept: those that the cache holds on; logical: the record that it really follows.
    """
    details: Json = {
        "trigger": "auto",
        "preTokens": before,
        "postTokens": after - kept,
        "cumulativeDroppedTokens": before - after,
        "durationMs": 14_000,
    }
    return {
        "logicalParentUuid": logical,
        "subtype": "compact_boundary",
        "content": "Conversation compacted",
        "level": "info",
        "compactMetadata": details,
    }


def summary(title: str) -> Json:
    """Return the body of the message that stands for what was compacted."""
    return by_user(
        "This session is being continued from a previous conversation that ran out of context."
        " The summary below covers the earlier portion of the conversation.\n\nSummary:\n"
        f"1. Work on {title} is under way; the tests pass so far."
    )


def instructions(servers: Iterable[Server]) -> Json:
    """Return the attachment that tells the model how MCP servers want to be used."""
    told = sorted(servers, key=lambda server: server.name)
    return {
        "type": "mcp_instructions_delta",
        "addedNames": [server.name for server in told],
        "addedBlocks": [f"## {server.name}\n{server.instructions}" for server in told],
        "removedNames": [],
    }


def model_chosen(model: str) -> Json:
    """Return the body of what `/model` leaves in a transcript."""
    return {
        "subtype": "local_command",
        "content": f"<local-command-stdout>Set model to {model}</local-command-stdout>",
        "level": "info",
        "isMeta": False,
        "commandRun": {"command": "model", "args": model},
    }
