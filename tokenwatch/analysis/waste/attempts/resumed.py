"""The same prompt again and again in one session that a script goes on with.

Whether that is a plan or a retry can't be told, so no dollars are claimed: it is worth a look.
"""

from __future__ import annotations

from typing import NamedTuple

from tokenwatch.analysis.waste.attempts.similarity import Verdict, compare
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign, Tier
from tokenwatch.analysis.waste.history import Turn
from tokenwatch.wording import Wording

FEWEST = 3
"""Times that the same prompt has to be there, one behind the other. Source: the failed attempts
that make a chain, and one more."""
LONGEST = 64


class Run(NamedTuple):
    """One of several turns with the same prompt."""

    turn_id: str
    at_ms: int
    prompt_id: str
    wording: Wording
    cost: int
    edits: int


def gone_on(run: tuple[Run, ...], turn: Turn) -> tuple[Run, ...]:
    """Return the turns with the same prompt up to this one, which a script asked for."""
    if not turn.prompts:
        return run
    prompt = turn.prompts[0]
    own = Run(turn.id, turn.at_ms, prompt.id, prompt.wording, turn.cost, len(turn.edits))
    if run and compare(run[-1].wording, own.wording).verdict is Verdict.SAME:
        return (*run[: LONGEST - 1], own)
    return (own,)


def sign(run: tuple[Run, ...]) -> Sign | None:
    """Return the finding of such turns, if there are enough of them."""
    if len(run) < FEWEST:
        return None
    return Sign(
        kind=Kind.REPEATED_ATTEMPTS,
        key=run[0].turn_id,
        at_ms=run[-1].at_ms,
        tier=Tier.LOOK,
        evidence=tuple(
            Evidence(
                each.at_ms,
                f"attempt {number}: {f'{each.edits} edits' if each.edits else 'no edits'}",
                each.cost,
                prompt_id=each.prompt_id,
            )
            for number, each in enumerate(run, 1)
        ),
        replaces=True,
        counts={"attempts": len(run), "edits": sum(each.edits for each in run)},
        names={"scripted": "yes"},
        signature=f"scripted|{run[0].wording.opening}",
    )


def tell(finding: Finding) -> Told:
    """Say in words what was repeated."""
    times = finding.counts.get("attempts", 0)
    edits = finding.counts.get("edits", 0)
    done = f"{edits} edits came of it" if edits else "nothing was changed in any of them"
    return Told(
        headline=f"asked for the same thing {times} times, by a script",
        explanation=f"A script went on with one session and gave it the same prompt {times} times;"
        f" {done}.",
        advice="Let the script stop when the check passes, or say in the next prompt what the last"
        " answer lacked; a fresh session each time costs less context.",
    )
