"""What the guard does, if a client's hooks ask it: `[guard]`."""

from __future__ import annotations

from typing import Final, NamedTuple

OVER_BUDGET: Final = ("block", "ask", "end", "off")
"""What a hard budget that is exceeded, or a cap of agents that is reached, does.

block: prompts are blocked, subagents denied, other tool calls asked about. ask: prompts go on, tool
calls are asked about. end: prompts are blocked, a tool call ends the turn. off: nothing.
"""
LOOPS: Final = ("ask", "end", "off")
"""What a session that goes in circles does: its tool calls are asked about, or end the turn."""


class GuardConfig(NamedTuple):
    """What the guard does about what; it can do nothing where no hooks are installed."""

    over_budget: str = "block"
    loops: str = "ask"
