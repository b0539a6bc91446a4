"""Hold what programs claim against the labels, and print it as a table.

Only homes where a kind is labelled can judge claims of that kind. All kinds are labelled (but for
advice on lifetimes) in the homes of many patterns and of none; elsewhere one kind is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.evaluation.label import LOOK, Label, Written
from tests.evaluation.peers import OURS, PROGRAMS, Claim, Told, ask_programs, logs_of, read_ours
from tests.evaluation.score import Document
from tokenwatch.model import PICO


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one program claims of everything it reads. Money is in picodollars."""

    claimed: int = 0
    spend: int = 0
    most: float = 0.0
    """The largest share of one home's spend that is claimed; above 1 is more than was spent."""
    mixed_claimed: int = 0
    mixed_true: int = 0
    """Where all kinds are labelled: all claims, and all that could have been avoided."""
    own_claimed: int = 0
    own_true: int = 0
    """Of kinds that it looks for and that have money, where they are labelled."""
    right: int = 0
    wrong: int = 0
    open: int = 0
    """Sessions named for a reason: with such waste, with none, and where that is not labelled."""
    failed: str | None = None
    homes: list[str] = field(default_factory=list)
    """Those of which more is claimed than was spent."""

    def document(self) -> dict[str, object]:
        """Return it for JSON, with dollars."""
        money = ("claimed", "spend", "mixed_claimed", "mixed_true", "own_claimed", "own_true")
        rest = ("most", "right", "wrong", "open", "failed", "homes")
        return {f"{name}_usd": getattr(self, name) / PICO for name in money} | {
            name: getattr(self, name) for name in rest
        }


def weigh(
    tally: Tally,
    home: Written,
    claims: Sequence[Claim],
    looks: Collection[str],
    sessions: Collection[str],
) -> None:
    """Add the claims about a home; sessions: those that the program can read."""
    labels = [
        label
        for label in home.labels
        if label.positive and not set(sessions).isdisjoint(label.sessions)
    ]
    spend = sum(home.session_spend[session] for session in sessions)
    claimed = sum(claim.money for claim in claims)
    tally.claimed += claimed
    tally.spend += spend
    tally.most = max(tally.most, claimed / spend if spend else 0.0)
    if claimed > spend:
        tally.homes.append(home.name)
    if len(home.kinds) > 1:
        tally.mixed_claimed += claimed
        tally.mixed_true += _money(labels, OURS)
    judged = set(looks) & set(home.kinds) - LOOK
    tally.own_claimed += sum(claim.money for claim in claims if judged & set(claim.kinds))
    tally.own_true += _money(labels, judged)
    for kinds, session in {(c.kinds, session) for c in claims for session in c.sessions}:
        about = [label for label in labels if label.kind in kinds and session in label.sessions]
        if not set(kinds) & set(home.kinds):
            tally.open += 1
        elif not about:
            tally.wrong += 1
        else:
            tally.right += not all(label.small for label in about)


def _money(labels: Sequence[Label], kinds: Collection[str]) -> int:
    return sum(label.money for label in labels if label.kind in kinds and label.kind not in LOOK)


def compare(
    folder: Path, written: Mapping[str, Written], documents: Mapping[str, Document], jobs: int
) -> dict[str, Tally]:
    """Run all programs on the homes below a folder; documents: what ours said of them."""
    told = ask_programs(folder, {name: home.spend for name, home in written.items()}, jobs)
    claims = {name: read_ours(document) for name, document in documents.items()}
    found = {"tokenwatch": tallied(written, Told(claims=claims), OURS)}
    for program in PROGRAMS:
        readable = {
            name: home.session_spend if program.codex else logs_of(folder / name).sessions
            for name, home in written.items()
        }
        name = f"{program.name} {program.version}"
        found[name] = tallied(written, told[program.name], program.looks, readable)
    return found


def tallied(
    written: Mapping[str, Written],
    told: Told,
    looks: Collection[str],
    readable: Mapping[str, Collection[str]] | None = None,
) -> Tally:
    """Add up what one program claims; readable: its sessions by home, all of them if left out."""
    tally = Tally(failed=told.failed)
    for name, claims in told.claims.items():
        sessions = readable[name] if readable else written[name].session_spend
        weigh(tally, written[name], claims, looks, sessions)
    return tally


HEADS = (
    "program",
    "claims (of what was spent)",
    "most of one home's spend",
    "all kinds: claimed / true",
    "ratio",
    "kinds it looks for: claimed / true",
    "ratio",
    "sessions named: with such waste, without",
)


def table(tallies: Mapping[str, Tally]) -> str:
    """Return one row a program; below it why one did not run."""
    lines = ["| " + " | ".join(HEADS) + " |", "|---|" + "---:|" * (len(HEADS) - 1)]
    for name, tally in tallies.items():
        if tally.failed is not None:
            lines.append(f"| {name} | not run |" + " |" * (len(HEADS) - 2))
            continue
        share = tally.claimed / tally.spend if tally.spend else 0.0
        cells = (
            name,
            f"{_usd(tally.claimed)} ({share:.0%})",
            f"{tally.most:.0%}",
            f"{_usd(tally.mixed_claimed)} / {_usd(tally.mixed_true)}",
            _ratio(tally.mixed_claimed, tally.mixed_true),
            f"{_usd(tally.own_claimed)} / {_usd(tally.own_true)}",
            _ratio(tally.own_claimed, tally.own_true),
            f"{tally.right}, {tally.wrong}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    failed = [f"{name} was not run: {t.failed}" for name, t in tallies.items() if t.failed]
    return "\n".join(lines) + "".join(f"\n\n{line}" for line in failed)


def _usd(money: int) -> str:
    return f"${money / PICO:,.2f}"


def _ratio(claimed: int, true: int) -> str:
    return f"{claimed / true:.2f}" if true else "–"
