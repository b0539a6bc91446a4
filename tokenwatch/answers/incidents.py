"""Measured facts about what did not go straight in a period. No claim that it could have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from tokenwatch import format as fmt
from tokenwatch.answers.fact import MOST_ROWS, Evidence, Fact
from tokenwatch.answers.moment import Moment
from tokenwatch.model import NO_SPEND, Spend, Usage
from tokenwatch.store import incidents as stored
from tokenwatch.store import spend
from tokenwatch.store.incidents import Incident, Named, Turns
from tokenwatch.store.spend import Filter

LABELS: Final = {
    "interrupted": "turns interrupted",
    "failed": "turns failed",
    "retry": "requests tried again",
    "error": "requests failed",
    "compaction": "contexts compacted",
    "same-error": "same error again",
    "tool-failed": "failed calls",
    "tool-denied": "denied calls",
    "rewritten": "cache written again",
}
"""In the order in which they are shown; those of tools have a row for each tool."""
OF_TOOLS: Final = ("tool-failed", "tool-denied")


def incidents(moment: Moment, *, since_ms: int | None, until_ms: int | None) -> tuple[Fact, ...]:
    """Return the facts of [since, until).

    A turn stands in every row that concerns it, so rows don't add up. Spends are of whole turns,
    subagents included; the cache's facts are of all requests in the period, and have none.
    """
    found = stored.incidents(moment.ledger, since_ms, until_ms)
    found += _same_errors(found)
    kinds: dict[tuple[str, str], list[Incident]] = defaultdict(list)
    for incident in found:
        name = incident.what if incident.kind in OF_TOOLS else ""
        kinds[incident.kind, name].append(incident)
    sessions = {incident.session for incident in found}
    turns = Turns(moment.ledger, sessions)
    names = stored.names(moment.ledger, sessions)
    facts = []
    for kind in LABELS:
        rows = [(name, rows) for (of, name), rows in kinds.items() if of == kind]
        if not rows and kind not in OF_TOOLS:
            rows = [("", [])]
        for name, each in sorted(rows, key=lambda row: (-len(row[1]), row[0])):
            facts.append(_fact(kind, name, each, turns, names))
    return (*facts, *_cache(moment, Filter(since_ms=since_ms, until_ms=until_ms)))


def _same_errors(found: Iterable[Incident]) -> list[Incident]:
    """Return the failed calls whose error was seen before in their session and the period."""
    seen: set[tuple[int, bytes]] = set()
    again = []
    for incident in found:
        if incident.kind == "tool-failed" and incident.sign:
            if (incident.session, incident.sign) in seen:
                again.append(incident._replace(kind="same-error"))
            seen.add((incident.session, incident.sign))
    return again


def _fact(
    kind: str, name: str, rows: Sequence[Incident], turns: Turns, names: dict[int, Named]
) -> Fact:
    concerned = {(row.session, turns.began(row.session, row.at_ms)) for row in rows}
    return Fact(
        key=f"{kind} {name}".rstrip(),
        label=LABELS[kind],
        name=name or None,
        times=len(rows),
        turns=len(concerned),
        spend=sum((turns.spend(*turn) for turn in concerned), NO_SPEND),
        detail=_detail(kind, rows),
        evidence=tuple(
            _evidence(row, turns, names[row.session]) for row in list(reversed(rows))[:MOST_ROWS]
        ),
        rows=len(rows),
    )


def _detail(kind: str, rows: Sequence[Incident]) -> str:
    if kind == "compaction":
        told = [r for r in rows if r.before is not None and r.after is not None]
        if not told:
            return ""
        before, after = sum(r.before or 0 for r in told), sum(r.after or 0 for r in told)
        return f"{fmt.tokens(before)} → {fmt.tokens(after)} tokens"
    if kind == "rewritten":
        return f"{fmt.tokens(sum(row.before or 0 for row in rows))} tokens" if rows else ""
    if kind in ("retry", "error"):
        told_words = Counter(row.what for row in rows if row.what).most_common(3)
        return " · ".join(f"{fmt.one_line(word, 24)} {count}" for word, count in told_words)
    if kind == "same-error":
        errors = len({(row.session, row.sign) for row in rows})
        return f"{errors} error{'s' * (errors != 1)}" if rows else ""
    return ""


def _evidence(row: Incident, turns: Turns, session: Named) -> Evidence:
    return Evidence(
        key=f"{row.kind} {row.id}",
        at_ms=row.at_ms,
        what=_what(row),
        session_id=session.id,
        title=session.title,
        project=session.project,
        name=row.what if row.kind in (*OF_TOOLS, "same-error") else None,
        spend=turns.spend(row.session, turns.began(row.session, row.at_ms)),
    )


def _what(row: Incident) -> str:
    if row.kind == "compaction":
        sizes = f"{fmt.tokens(row.before)} → {fmt.tokens(row.after)}"
        return f"{row.what} {sizes}".strip() if row.before is not None else row.what or "compacted"
    if row.kind == "rewritten":
        return f"{fmt.tokens(row.before)} tokens"
    words = {
        "interrupted": "interrupted",
        "failed": "failed",
        "same-error": "again",
        "tool-failed": "failed",
        "tool-denied": "denied",
    }
    return words.get(row.kind) or fmt.one_line(row.what or "no status told", 60)


def _cache(moment: Moment, where: Filter) -> tuple[Fact, ...]:
    """Return the facts of the cache; their rows are the period's sessions."""
    groups = spend.grouped(moment.ledger, "session", where, moment.zone)
    total = sum((sums for _, sums in groups), NO_SPEND)
    named = stored.named(moment.ledger, (key for key, _ in groups if key))

    def fact(key: str, label: str, field: str) -> Fact:
        def tokens(usage: Usage) -> int:
            return int(getattr(usage, field))

        rows = [(key, sums) for key, sums in groups if key in named and tokens(sums.usage)]
        rows.sort(key=lambda row: -tokens(row[1].usage))
        detail = ""
        if total.usage.context:
            share = tokens(total.usage) / total.usage.context
            detail = f"{fmt.share(share)} of what was sent"
        return Fact(
            key=key,
            label=label,
            tokens=tokens(total.usage),
            detail=detail,
            evidence=tuple(
                _of_session(key, named[str(id_)], sums, f"{fmt.tokens(tokens(sums.usage))} tokens")
                for id_, sums in rows[:MOST_ROWS]
            ),
            rows=len(rows),
        )

    return (
        fact("cache-read", "cache read", "cache_read"),
        fact("cache-write-5m", "cache written, 5 m", "cache_write_5m"),
        fact("cache-write-1h", "cache written, 1 h", "cache_write_1h"),
    )


def _of_session(key: str, session: Named, sums: Spend, what: str) -> Evidence:
    return Evidence(
        key=f"{key} {session.id}",
        at_ms=session.last_ms,
        what=what,
        session_id=session.id,
        title=session.title,
        project=session.project,
        spend=sums,
    )
