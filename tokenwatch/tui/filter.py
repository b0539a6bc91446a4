"""What `/` understands: `api state:working cost:>1 !source:codex`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

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


def matches(session: SessionRow, conditions: Sequence[Condition], words: str | None = None) -> bool:
    """Return whether all conditions hold for the session; its agents' names count as its own.

    words: `words_of(session)`, if that is at hand.
    """
    for condition in conditions:
        if condition.field is None:
            if words is None:
                words = words_of(session)
            holds = condition.word in words
        elif condition.field == "cost":
            holds = _cost_holds(session, condition.word)
        else:
            holds = condition.word in _TEXTS[condition.field](session)
        if holds is condition.negated:
            return False
    return True


def words_of(session: SessionRow) -> str:
    """Return all that is looked in without a prefix, folded, each text on a line of its own."""
    agents = session.agents
    named = [text for a in agents for text in (a.name, a.task) if text]
    other = "\n".join((session.title or "", session.id, session.git_branch or "", *named))
    texts = (_TEXTS["source"](session), _TEXTS["model"](session), _TEXTS["project"](session))
    return "\n".join((*texts, other.casefold()))


# There are far fewer sources and models than sessions.
@lru_cache(maxsize=256)
def _models(used: tuple[str, ...], of_agents: tuple[str, ...]) -> str:
    models = dict.fromkeys((*used, *of_agents))
    return "\n".join((*models, *(model_name(model) for model in models))).casefold()


@lru_cache(maxsize=256)
def _source(source: str) -> str:
    return f"{source}\n{source_name(source)}".casefold()


_TEXTS: Final[dict[str, Callable[[SessionRow], str]]] = {
    "source": lambda session: _source(session.source),
    "model": lambda session: _models(
        session.models, tuple([a.model for a in session.agents if a.model])
    ),
    "project": lambda session: (session.project or "").casefold(),
    "state": lambda session: "\n".join([session.state, *[a.state for a in session.agents]]),
}
"""What a prefix looks in, folded, each text on a line of its own."""


def _cost_holds(session: SessionRow, word: str) -> bool:
    sign = word[0] if word[0] in "<>" else ">"
    try:
        limit = Decimal(word.lstrip("<>=$"))
    except InvalidOperation:
        return True
    cost = usd(session.spend.cost_pico)
    return cost > limit if sign == ">" else cost < limit
