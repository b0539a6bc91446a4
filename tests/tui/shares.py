"""An invented breakdown of a session's spend."""

from __future__ import annotations

from tests.factories import CENT
from tokenwatch.answers.breakdown import Basis, Breakdown, By, Share

WHOLE = 684 * CENT


def share(by: By, name: str | None, cents: int, basis: Basis = Basis.CALLED, **more: int) -> Share:
    """Return a share of so many cents; `more` are its counts."""
    counts = {"requests": cents // 4, "shared": 0, "calls": 0, "failed": 0, "unpriced": 0} | more
    return Share(
        key=f"{by.name}-{name}",
        by=by,
        name=name,
        basis=Basis.REST if name is None else basis,
        tokens=cents * 14_000,
        output=cents * 300,
        cost_pico=cents * CENT,
        server="github" if name == "mcp__github__get_issue" else None,
        **counts,
    )


def breakdown(session_id: str) -> Breakdown:
    """Return shares of all kinds; those of each add up to 684 cents."""
    said = Basis.REPORTED
    return Breakdown(
        session_id=session_id,
        tools=(
            share(By.TOOL, "Bash", 300, calls=91, failed=7, shared=12),
            share(By.TOOL, "mcp__github__get_issue", 184, calls=12, shared=2, unpriced=3),
            share(By.TOOL, "Read", 100, calls=80),
            share(By.TOOL, None, 100),
        ),
        purposes=(
            share(By.MCP_SERVER, "github", 184, calls=12),
            share(By.MCP_SERVER, None, 500),
            share(By.SKILL, "release-notes", 42, said),
            share(By.SKILL, "tidy [bold]up[/bold]", 60, said),
            share(By.SKILL, None, 582),
            share(By.PLUGIN, "house-rules", 61, said),
            share(By.PLUGIN, None, 623),
            share(By.SUBAGENT, "Explore", 42, Basis.OWN),
            share(By.SUBAGENT, None, 642),
        ),
        cost_pico=WHOLE,
    )
