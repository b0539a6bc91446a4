"""Print scores as Markdown, hold them against the targets, and keep them as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import NamedTuple

from tests.evaluation.label import KINDS, LOOK
from tests.evaluation.score import Result, Score, wilson
from tokenwatch.model import PICO


class Target(NamedTuple):
    """What is asked of a kind; None where nothing is."""

    precision: float = 0.90
    recall: float | None = None
    money: float | None = None


EXACT = Target(0.99, 0.98, 0.01)
TARGETS: Mapping[str, Target] = {
    **dict.fromkeys(("cache-expired", "wrong-cache-lifetime", "cache-broken", "polling"), EXACT),
    **dict.fromkeys(("repeated-failure", "tool-misuse", "redundant-read"), Target(0.95)),
    **dict.fromkeys(
        ("stale-context", "interrupted-work", "oversized-result", "fixed-overhead"),
        Target(0.90, None, 0.25),
    ),
    "repeated-attempts": Target(0.95, 0.85),
}
"""Of the issue, for a generated set; `Target()` for all other kinds."""
PARITY = 0.10
"""By how much a language's F1 may be below English."""
ENOUGH = 10
"""Positives of a language below which one miss alone would be more than that."""


def misses(result: Result) -> list[str]:
    """Return which targets are missed, a line each."""
    lines = [f"ledger: {law}" for law in result.laws]
    for kind, score in sorted(result.kinds.items()):
        if not score.positives and not score.negatives:
            continue
        target = TARGETS.get(kind, Target())
        if score.precision is None or score.precision < target.precision:
            lines.append(f"{kind}: precision {_share(score.precision)} < {target.precision:.2f}")
        if target.recall is not None and (score.recall or 0.0) < target.recall:
            lines.append(f"{kind}: recall {_share(score.recall)} < {target.recall:.2f}")
        error = score.money_error
        if target.money is not None and (error is None or error > target.money):
            lines.append(f"{kind}: money error {_share(error)} > {target.money:.2f}")
    english = result.languages.get("en")
    for language, score in sorted(result.languages.items()):
        if min(score.positives, english.positives if english else 0) < ENOUGH:
            continue
        if english and english.f1 - score.f1 > PARITY:
            lines.append(
                f"repeated-attempts in {language}: F1 {score.f1:.2f}, {english.f1:.2f} in en"
            )
    return lines


def table(result: Result) -> str:
    """Return the table of all kinds."""
    lines = [
        "| kind | positives | negatives | precision | recall | money error | target |",
        "|---|---:|---:|---|---|---:|---|",
    ]
    for kind in KINDS:
        score = result.kinds.get(kind)
        if score is None or not score.positives and not score.negatives:
            continue
        lines.append(
            f"| {kind} | {score.positives} | {score.negatives} | {_precision(score)} |"
            f" {_recall(score)} | {_error(kind, score)} | {_target(TARGETS.get(kind, Target()))} |"
        )
    return "\n".join(lines)


def languages(result: Result) -> str:
    """Return the table of repeated attempts in each language."""
    english = result.languages.get("en", Score())
    lines = [
        "| language | positives | negatives | precision | recall | F1 | to English |",
        "|---|---:|---:|---|---|---:|---:|",
    ]
    for language, score in sorted(result.languages.items(), key=lambda item: item[0] != "en"):
        lines.append(
            f"| {language} | {score.positives} | {score.negatives} | {_precision(score)} |"
            f" {_recall(score)} | {score.f1:.2f} | {score.f1 - english.f1:+.2f} |"
        )
    return "\n".join(lines)


def report(result: Result, seed: int, homes: int) -> str:
    """Return everything for people to read."""
    parts = [
        f"Measured on {result.sessions:,} generated sessions ({result.requests:,} requests,"
        f" ${result.spend / PICO:,.2f} at list price) in {homes} homes, seed {seed}, written as"
        " logs of Claude Code and Codex and read by the program itself. The labels are the"
        " generator's own, not people's: they say how well what is defined is found, not how"
        " often real work is like that. Intervals are Wilson's of 95 %.",
        table(result),
    ]
    if result.languages:
        parts.append("Repeated attempts by language of the prompts:\n\n" + languages(result))
    mixed = result.mixed
    if mixed.true:
        parts.append(
            f"Sessions with many patterns at once and quiet ones, all kinds: precision"
            f" {_share(mixed.precision)}, recall {_share(mixed.recall)}; claimed"
            f" ${mixed.claimed / PICO:,.2f} for ${mixed.true / PICO:,.2f}"
            f" (bias {_signed(mixed.bias)}; what patterns share is in the second sum twice). Money"
            " errors in the table are of sessions with one pattern."
        )
    held = "holds" if not result.laws else f"is broken {len(result.laws)} times"
    parts.append(f"The law of the ledger {held}: no more is claimed than was spent.")
    missed = misses(result)
    if missed:
        parts.append(
            "Targets that are missed:\n\n" + "\n".join(f"- {line}" for line in missed[:60])
        )
    else:
        parts.append("All targets are met.")
    return "\n\n".join(parts)


def document(result: Result, seed: int) -> dict[str, object]:
    """Return all scores, and every case that went wrong."""
    return {
        "seed": seed,
        "sessions": result.sessions,
        "requests": result.requests,
        "spend_usd": result.spend / PICO,
        "kinds": {kind: _scored(score) for kind, score in sorted(result.kinds.items())},
        "languages": {name: _scored(score) for name, score in sorted(result.languages.items())},
        "mixed": _scored(result.mixed),
        "missed_targets": misses(result),
        "laws": result.laws,
        "cases": [asdict(miss) for miss in result.misses],
    }


def _scored(score: Score) -> dict[str, object]:
    found = asdict(score)
    return found | {
        "precision": score.precision,
        "recall": score.recall,
        "f1": score.f1,
        "money_error": score.money_error,
    }


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _signed(share: float | None) -> str:
    return "–" if share is None else f"{share:+.1%}"


def _interval(hits: int, of: int) -> str:
    if not of:
        return "–"
    low, high = wilson(hits, of)
    return f"{hits / of:.3f} ({low:.2f}–{high:.2f})"


def _precision(score: Score) -> str:
    return _interval(score.hits, score.hits + score.false_alarms)


def _recall(score: Score) -> str:
    return _interval(score.hits, score.positives)


def _error(kind: str, score: Score) -> str:
    if kind in LOOK and kind != "wrong-cache-lifetime":
        return "no claim"
    return "–" if score.money_error is None else f"{score.money_error:.1%}"


def _target(target: Target) -> str:
    parts = [f"P ≥ {target.precision:.2f}"]
    if target.recall is not None:
        parts.append(f"R ≥ {target.recall:.2f}")
    if target.money is not None:
        parts.append(f"money ≤ {target.money:.0%}")
    return ", ".join(parts)
