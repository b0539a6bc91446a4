"""What `/` understands: `api state:working cost:>1 !source:codex`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tokenwatch.format import model_name, source_name
from tokenwatch.model import usd
from tokenwatch.snapshot import SessionRow

FIELDS = ("source", "model", "project", "state", "cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One word of a filter."""

    field: str | None
    """One of FIELDS; None looks everywhere."""
    word: str
    """In folded case."""
    negated: bool


def parse(text: str) -> tuple[Condition, ...]:
    """Return the conditions of a filter; an unknown prefix is part of its word."""
    conditions = []
    for part in text.split():
        negated = part.startswith("!")
        part = part.removeprefix("!")
        name, colon, rest = part.partition(":")
        field = name.lower() if colon and name.lower() in FIELDS else None
        word = (rest if field else part).casefold()
        if word:
            conditions.append(Condition(field=field, word=word, negated=negated))
    return tuple(conditions)


def matches(session: SessionRow, conditions: tuple[Condition, ...]) -> bool:
    """Return whether all conditions hold for the session; its agents' names count as its own."""
    return all(_holds(session, c) is not c.negated for c in conditions)


def _holds(session: SessionRow, condition: Condition) -> bool:
    if condition.field == "cost":
        return _cost_holds(session, condition.word)
    texts = _texts(session)
    fields = [condition.field] if condition.field else ["source", "model", "project", "other"]
    return any(condition.word in text.casefold() for f in fields for text in texts[f])


def _texts(session: SessionRow) -> dict[str, list[str]]:
    models = [*session.models, *(a.model for a in session.agents if a.model)]
    names = [text for a in session.agents for text in (a.name, a.task) if text]
    return {
        "source": [session.source, source_name(session.source)],
        "model": [*models, *(model_name(model) for model in models)],
        "project": [session.project or ""],
        "state": [session.state.value, *(a.state.value for a in session.agents)],
        "other": [session.title or "", session.id, session.git_branch or "", *names],
    }


def _cost_holds(session: SessionRow, word: str) -> bool:
    sign = word[0] if word[0] in "<>" else ">"
    try:
        limit = Decimal(word.lstrip("<>=$"))
    except InvalidOperation:
        return True
    cost = usd(session.spend.cost_pico)
    return cost > limit if sign == ">" else cost < limit
