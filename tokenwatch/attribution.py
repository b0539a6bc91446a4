"""What a client says a request was made for."""

from __future__ import annotations

import msgspec


class Attribution(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a client says a request was made for; "" where it does not say."""

    agent: str = ""
    """The subagent's type."""
    skill: str = ""
    plugin: str = ""
    mcp_server: str = ""
    mcp_tool: str = ""

    def merged(self, other: Attribution | None) -> Attribution:
        """Return what both tell, whichever came first; where they differ, the later by letters."""
        if other is None or other == self:
            return self
        return Attribution(
            agent=max(self.agent, other.agent),
            skill=max(self.skill, other.skill),
            plugin=max(self.plugin, other.plugin),
            mcp_server=max(self.mcp_server, other.mcp_server),
            mcp_tool=max(self.mcp_tool, other.mcp_tool),
        )
