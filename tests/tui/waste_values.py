"""Invented findings of waste, for the screens that show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests import factories
from tests.factories import CENT, HOUR, MINUTE, NOW_MS, spend
from tokenwatch.analysis.waste.catalogue import by_kind
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import TIERS, Evidence, Finding, Kind, Tier
from tokenwatch.answers.waste import ADVICE, Shown, Sum, Waste
from tokenwatch.answers.waste_view import (
    Asked,
    Compared,
    Judged,
    Place,
    ProjectSpend,
    ProjectSpends,
    Quotes,
    Said,
    WasteView,
    beginnings,
    judge,
    place_of,
    projects,
    waste_view,
)
from tokenwatch.store.incidents import Named

PARSER, API, WEB, INFRA = (row.id for row in factories.rich_sessions()[:4])
NAMES = {
    1: Named(PARSER, "parser tests", "/home/dev/src/tokenwatch", NOW_MS),
    2: Named(API, "fix pagination", "/home/dev/src/api", NOW_MS),
    3: Named(WEB, "dark mode", "/home/dev/src/web", NOW_MS),
    4: Named(INFRA, "terraform plan", "/home/dev/src/infra", NOW_MS),
}
IDS = {key: named.id for key, named in NAMES.items()}
PROMPTS = ("fix the balance column", "still in left", "same error again", "once more, please")


def line(minutes: float, what: str, cents: float | None = None, **more: Any) -> Evidence:
    return Evidence(
        at_ms=NOW_MS - int(minutes * MINUTE),
        what=what,
        cost=None if cents is None else int(cents * CENT),
        **more,
    )


def shown(
    kind: Kind,
    number: int,
    cents: float | None = None,
    *,
    spread: tuple[float, float] = (1.0, 1.0),
    sessions: tuple[int, ...] = (1,),
    told: Told | None = None,
    cause: str | None = None,
    counts: Mapping[str, int] | None = None,
    evidence: tuple[Evidence, ...] = (),
    **more: Any,
) -> Shown:
    """Return a finding; its words are the detector's own unless told."""
    pico = None if cents is None else int(cents * CENT)
    evidence = evidence or (line(number * 7 + 1, "a request", cents, request_id=f"msg_{number}"),)
    finding = Finding(
        kind=kind,
        key=f"{kind} {number}",
        tier=TIERS[kind] if pico is not None else Tier.LOOK,
        cause=cause,
        agent_id=None,
        first_ms=min(each.at_ms for each in evidence),
        last_ms=max(each.at_ms for each in evidence),
        asked=pico or 0,
        granted=((number, pico),) if pico else (),
        low=int((pico or 0) * spread[0]),
        high=int((pico or 0) * spread[1]),
        evidence=evidence,
        counts=counts or {},
        names={"file": "balance_views.xml"},
        signature=f"balance_views.xml {kind} {number % 2}",
        conditional=False,
    )
    return Shown(
        id=f"{number:016x}",
        finding=finding,
        told=told or by_kind()[kind].tell(finding),
        sessions=sessions,
        session_id=IDS[sessions[0]] if len(sessions) == 1 else None,
        source="claude-code",
        project=NAMES[sessions[0]].project if len(sessions) == 1 else None,
        wasted=pico,
        low=finding.low,
        high=finding.high,
        requests=(f"msg_{number}",),
        parts=tuple((key, (pico or 0) // len(sessions)) for key in sessions),
        **more,
    )


ATTEMPTS = shown(
    Kind.REPEATED_ATTEMPTS,
    1,
    271,
    spread=(0.7, 1.0),
    sessions=(2,),
    told=Told(
        "asked for the same thing 4 times",
        "3 attempts at balance_views.xml did not do what was asked: 71 of 98 lines are gone.",
        "Start afresh (`/clear`), then name the file `balance_views.xml`, the exact error, what"
        " you expect, and the check to run.",
    ),
    evidence=tuple(
        line(
            HOUR // MINUTE - 9 * n,
            f"attempt {n + 1}: +{38 - n} −4 in balance_views.xml; the next prompt says it is not"
            " right",
            41 + 20 * n,
            request_id=f"msg_a{n}",
            prompt_id=f"prompt-{n}",
        )
        for n in range(4)
    ),
)


def expired(number: int, cents: float, session: int) -> Shown:
    return shown(
        Kind.CACHE_EXPIRED,
        number,
        cents,
        sessions=(session,),
        told=Told(
            "cache expired while idle",
            f"{number} m without a request: 131k tokens were sent again instead of being read.",
            "About to step away? /compact now, or finish first.",
        ),
        counts={"tokens": 131_000},
    )


OVERHEAD = shown(
    Kind.FIXED_OVERHEAD,
    20,
    144,
    spread=(0.5, 1.0),
    sessions=(1, 2, 3, 4),
    told=Told(
        "server `docs` loaded, never used",
        "It was loaded in 4 sessions, about 9.00k tokens each time, and sent with each request.",
        "Turn the server off where it isn't used: `/mcp`.",
    ),
    evidence=tuple(line(60 * n + 30, "sent along", 36, request_id=f"msg_o{n}") for n in range(4)),
    counts={"tokens": 36_000},
)
LIFETIME = shown(
    Kind.WRONG_CACHE_LIFETIME,
    21,
    sessions=(1, 2, 3),
    told=Told("a cache of an hour would be cheaper", "9 pauses of 5 m to 1 h.", "Set it."),
    counts={ADVICE: 345 * CENT},
)
RESEARCH = shown(
    Kind.NO_OUTPUT,
    22,
    sessions=(4,),
    told=Told("$2.10 and nothing recorded", "7 turns.", "If it was research, say so."),
    evidence=(line(200, "the session began"), line(120, "the session ended")),
)
SMALL = shown(Kind.POLLING, 30, 2, sessions=(3,), told=Told("polled", "4 times.", "Wait."))
FINE = shown(
    Kind.LOOP,
    31,
    52,
    spread=(0.5, 1.0),
    sessions=(2,),
    told=Told("the same calls 6 times", "Bash, 6 times.", "Stop it."),
    verdict="fine",
)
FINDINGS = (
    *(expired(number, 290 - 20 * number, 3 + number % 2) for number in range(2, 5)),
    ATTEMPTS,
    OVERHEAD,
    LIFETIME,
    RESEARCH,
)


def sums(found: tuple[Shown, ...]) -> dict[Tier, Sum]:
    """Return what findings come to, by their tier."""
    of = {tier: [each for each in found if each.finding.tier is tier] for tier in Tier}
    return {
        tier: Sum(
            sum(each.wasted or 0 for each in those),
            sum(each.low for each in those),
            sum(each.high for each in those),
            len(those),
        )
        for tier, those in of.items()
    }


def waste(findings: tuple[Shown, ...] = FINDINGS, **more: Any) -> Waste:
    """Return what was found."""
    ordered = tuple(sorted(findings, key=lambda each: -(each.wasted or 0)))
    values: dict[str, Any] = {
        "spent": 14_107 * CENT,
        "sums": sums((*findings, SMALL)),
        "findings": ordered,
        "too_small": (SMALL,),
        "dismissed": (FINE,),
        "muted": (),
        "unread_sessions": 0,
    }
    return Waste(**{**values, **more})


def view(asked: Asked, found: Waste | None = None, **more: Any) -> WasteView:
    """Return a period's findings."""
    compared = Compared(12_010 * CENT, sums((expired(9, 1502, 3), ATTEMPTS)))
    values: dict[str, Any] = {
        "asked": asked,
        "waste": found or waste(),
        "before": None if asked.period.length == "all" else compared,
        "names": NAMES,
        "looked": 41,
        "sources": ("claude-code", "codex"),
    }
    return WasteView(**{**values, **more})


class Ledger:
    """Answers as a ledger would that remembers what is said of findings."""

    def __init__(self, findings: tuple[Shown, ...] = FINDINGS) -> None:
        self.findings = findings
        self.verdicts: dict[tuple[Kind, str], str] = {}
        self.said: list[tuple[Said, ...]] = []
        self.answers: dict[object, Callable[..., Any]] = {
            waste_view: self.view,
            judge: self.judge,
            beginnings: self.beginnings,
            projects: lambda asked: ProjectSpends(
                tuple(
                    ProjectSpend(named.project, 3, spend(100 * key)) for key, named in NAMES.items()
                )
            ),
            place_of: lambda line, otherwise: Place(WEB, line.at_ms),
        }

    def view(self, asked: Asked) -> WasteView:
        from dataclasses import replace

        judged = [
            replace(each, verdict=self.verdicts.get((each.finding.kind, each.finding.signature)))
            for each in self.findings
            if asked.project in (None, each.project)
        ]
        kept = tuple(each for each in judged if each.verdict != "fine")
        fine = tuple(each for each in judged if each.verdict == "fine")
        return view(asked, waste(kept, dismissed=fine))

    def judge(self, said: tuple[Said, ...]) -> Judged:
        self.said.append(said)
        before = []
        for each in said:
            key = each.kind, each.signature
            before.append(each._replace(verdict=self.verdicts.pop(key, None)))
            if each.verdict is not None:
                self.verdicts[key] = each.verdict
        return Judged(tuple(before))

    def beginnings(self, ids: tuple[str, ...]) -> Quotes:
        known = {f"prompt-{n}": words for n, words in enumerate(PROMPTS)}
        return Quotes(tuple((each, known[each]) for each in ids if each in known))


ANSWERS = Ledger().answers
