"""`tokenwatch waste`: what could have been avoided, with proof."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING

from tokenwatch.analysis.waste.catalogue import explained
from tokenwatch.analysis.waste.finding import TIERS, Kind, Tier
from tokenwatch.answers import waste as answers
from tokenwatch.answers.quotes import quotes
from tokenwatch.answers.waste_groups import RESOLVED, grouped, resolved_groups
from tokenwatch.answers.waste_quota import window_shares
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.options import add_common, zone_of
from tokenwatch.cli.table import Column, print_table, print_text
from tokenwatch.cli.terminal import BOLD
from tokenwatch.errors import TokenwatchError, UsageError
from tokenwatch.export import documents, findings
from tokenwatch.format import clean, clock, dollars, one_line, short_id, with_sign
from tokenwatch.store import incidents

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from tokenwatch.answers.waste import Shown, Waste
    from tokenwatch.answers.waste_groups import Group
    from tokenwatch.answers.waste_quota import WindowShare
    from tokenwatch.cli.ground import Ground
    from tokenwatch.export.documents import Json

COLUMNS = (
    Column(name="finding", least=24),
    Column(name="where", least=12, rank=3, middle=True),
    Column(name="tier"),
    Column(name="seen", right=True, rank=2),
    Column(name="USD", right=True),
    Column(name="range", right=True, rank=4),
    Column(name="last", right=True, rank=5),
    Column(name="id", rank=1),
)
KINDS = (Column(name="kind"), Column(name="tier", rank=1), Column(name="what it is", least=16))


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("id", nargs="?", metavar="ID", help="show the proof of one finding")
    to.add_argument("--kinds", action="store_true", help="list the kinds of findings")
    to.add_argument(
        "--explain",
        metavar="KIND",
        choices=[kind.value for kind in Kind],
        help="what a kind means, how it is told and priced, when it is wrong",
    )
    to.add_argument("--tier", choices=[tier.value for tier in Tier], help="one tier only")
    to.add_argument("--markdown", action="store_true", help="a document with every proof")
    add_common(to)


def run(options: argparse.Namespace) -> int:
    """Print the findings, or what their kinds mean."""
    if options.markdown and options.json:
        raise UsageError("--markdown and --json: one of the two is allowed")
    if options.kinds:
        return _kinds(options)
    if options.explain is not None:
        return _explain(Kind(options.explain), options)
    with ground(options, details=True) as on:
        on.detect()
        found = answers.waste(on.ledger, on.where)
        if options.tier is not None:
            found = found.of_tier(Tier(options.tier))
        if options.id is not None:
            found = _chosen(found, options.id)
        found = findings.private(found, on.redaction)
        if options.json:
            head = documents.head("waste", on.now_ms, on.zone.name)
            print_json(head | findings.document(found, _quotes(on, found), _shares(on)))
        elif options.markdown:
            _document(on, found)
        elif options.id is not None:
            _proof(on, found.findings[0])
        else:
            _table(on, found)
    return 0


def _head(options: argparse.Namespace) -> Json:
    return documents.head("waste-kinds", now_ms(), zone_of(options).name)


def _kinds(options: argparse.Namespace) -> int:
    rows = [(kind.value, TIERS[kind].value, explained()[kind].title) for kind in Kind]
    if options.json:
        names = ("kind", "tier", "title")
        print_json(_head(options) | {"kinds": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        print_table(KINDS, rows, notes=["`tokenwatch waste --explain KIND` tells more of one"])
    return 0


def _explain(kind: Kind, options: argparse.Namespace) -> int:
    told = explained()[kind]
    parts = {
        "means": told.means,
        "signal": told.signal,
        "money": told.money,
        "advice": told.advice,
        "wrong": told.wrong,
    }
    if options.json:
        one = {"kind": kind.value, "tier": TIERS[kind].value, "title": told.title, **parts}
        print_json(_head(options) | {"kinds": [one]})
        return 0
    print_text(f"{told.title} ({kind.value}, {TIERS[kind].value})", indent=2, style=BOLD)
    heads = ("What it is", "How we know", "What it cost", "Next time", "When wrong")
    for head, text in zip(heads, parts.values(), strict=True):
        print_text(f"{head:13} {text}", indent=14)
    return 0


def _chosen(found: Waste, prefix: str) -> Waste:
    every = (*found.findings, *found.too_small, *found.dismissed)
    matching = [each for each in every if prefix and each.id.startswith(prefix)]
    if len(matching) != 1:
        what = "no finding" if not matching else f"{len(matching)} findings"
        begin = "begin" if matching else "begins"
        raise TokenwatchError(
            f"{what} in range {begin} with {clean(prefix)!r}: see `tokenwatch waste`"
        )
    return found.only(matching[0])


def _quotes(on: Ground, found: Waste) -> Mapping[str, str]:
    lines = (line for each in found.findings for line in each.finding.evidence)
    return quotes(on.ledger, [line.prompt_id for line in lines if line.prompt_id is not None])


def _names(on: Ground, found: Waste) -> dict[int, str]:
    keys = {key for each in found.findings for key in each.sessions}
    return {
        key: " ▸ ".join(
            filter(
                None,
                (
                    PurePath(on.redaction.project(named.project) or "").name,
                    on.redaction.text(named.title),
                ),
            )
        )
        or short_id(named.id)
        for key, named in incidents.names(on.ledger, keys).items()
    }


def _shares(on: Ground) -> tuple[WindowShare, ...]:
    return window_shares(on.ledger, on.where, on.now_ms)


def _document(on: Ground, found: Waste) -> None:
    """Print the findings as Markdown."""
    names, words = _names(on, found), _quotes(on, found)
    zone = on.zone.zone
    for text in findings.markdown(found, names, words, zone, on.now_ms, _shares(on)):
        sys.stdout.writelines(clean(line) + "\n" for line in text.split("\n"))


def _table(on: Ground, found: Waste) -> None:
    for line in findings.headline(found, _shares(on)):
        print_text(line, indent=2, style=BOLD)
    names = _names(on, found)
    resolved = resolved_groups(on.ledger, on.where, on.zone.zone, on.now_ms, found)
    rows = [_cells(on, group, names) for group in grouped(found.findings, resolved)]
    notes = findings.notes(found)
    if rows:
        notes.append("`tokenwatch waste ID` shows the proof; `--explain KIND` what a kind means")
        print_table(COLUMNS, rows, notes=notes)
        return
    for note in ["nothing was found", *notes]:
        print_text(note)
    if not found.requests:
        print(
            "tokenwatch: nothing to look at; `tokenwatch doctor` says what was read",
            file=sys.stderr,
        )


def _cells(on: Ground, group: Group, names: Mapping[int, str]) -> list[str]:
    sessions = group.sessions
    where = names.get(sessions[0], "–") if len(sessions) == 1 else f"{len(sessions)} sessions"
    claims = group.wasted is not None
    has_range = claims and not group.low == group.high == group.wasted
    title = f"{group.title}, {RESOLVED}" if group.resolved else group.title
    return [
        one_line(title, 120),
        one_line(where, 60),
        group.tier.value,
        str(len(group.findings)),
        dollars(group.wasted) if claims else "–",
        f"{dollars(group.low)}–{dollars(group.high)}" if has_range else "",
        clock(group.last_ms, on.zone.zone, on.now_ms),
        group.findings[0].id[:8],
    ]


def _proof(on: Ground, shown: Shown) -> None:
    told, kind = shown.told, shown.finding.kind
    amount = "no dollars claimed"
    if shown.wasted is not None:
        amount = with_sign(dollars(shown.wasted))
        amount += findings.in_brackets(shown.low, shown.high, shown.wasted)
    print_text(f"{told.headline} · {shown.finding.tier} · {amount}", indent=2, style=BOLD)
    words = quotes(on.ledger, [e.prompt_id for e in shown.finding.evidence if e.prompt_id])
    for line in answers.evidence(shown):
        quote = words.get(line.prompt_id or "")
        parts = [
            clock(line.at_ms, on.zone.zone, on.now_ms),
            line.what,
            f"“{quote}”" if quote else "",
            findings.cost_of(line.cost),
        ]
        print_text("  ".join(filter(None, parts)), indent=7)
    meaning = explained()[kind]
    for head, text in (
        ("", told.explanation),
        ("How we know", meaning.signal),
        ("What it cost", meaning.money),
        ("Next time", told.advice),
        ("When wrong", meaning.wrong),
    ):
        print_text(f"{head:13} {text}".lstrip(), indent=14 if head else 0)
