"""What `/` understands: `api model:opus,sonnet cost:>1 project:"my app" since:7d !source:codex`.

Everything said must hold. A word is looked for in names, titles, ids, branches, models and agents'
tasks; a field narrows where. Commas part alternatives, quotes hold blanks and commas together, `!`
turns a condition round. `tui.filter_words` takes the text apart; here it is held against sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import Final, NamedTuple

from tokenwatch.answers.past import PastSession
from tokenwatch.format import model_name, source_name
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import SessionRow

Subject = SessionRow | PastSession
"""What a filter is held against."""
Prompts = Mapping[str, frozenset[str]]
"""By the id of a session: those of the words looked for that one of its prompts holds. A session
that has not been looked at yet is left out."""

SIGNS: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    ">": gt,
    ">=": ge,
    "<": lt,
    "<=": le,
    "=": lambda value, limit: value == limit,
}


class Limit(NamedTuple):
    """What a figure is held against; None as a number stands for an unknown figure."""

    sign: str
    number: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One part of a filter: holds if one of its words or limits does."""

    field: str | None
    """None looks everywhere."""
    words: tuple[str, ...] = ()
    """In folded case, but for those of prompts."""
    limits: tuple[Limit, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A filter, taken apart."""

    conditions: tuple[Condition, ...] = ()
    complaints: tuple[str, ...] = ()
    """What was not understood and therefore is not in force, each with what is allowed."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """All words that prompts have to be searched for."""
        terms = (c.words for c in self.conditions if c.field == "prompt")
        return tuple(dict.fromkeys(word for words in terms for word in words))


def matches(
    session: Subject,
    conditions: Sequence[Condition],
    words: str | None = None,
    prompts: Prompts | None = None,
) -> bool:
    """Return whether all conditions hold for the session; its agents' names count as its own.

    words: `words_of(session)`, if that is at hand. prompts: without it none is known, and a session
    whose prompts are not known matches no condition on them.
    """
    for condition in conditions:
        field = condition.field
        if field is None:
            if words is None:
                words = words_of(session)
            holds = condition.words[0] in words
        elif field == "prompt":
            found = prompts.get(session.id) if prompts else None
            if found is None:
                return False
            holds = not found.isdisjoint(condition.words)
        elif field in NUMBERS:
            holds = _within(NUMBERS[field](session), condition.limits)
        else:
            text = TEXTS[field](session)
            holds = any(word in text for word in condition.words)
        if holds is condition.negated:
            return False
    return True


def _within(value: int | None, limits: Sequence[Limit]) -> bool:
    if value is None:
        return any(limit.number is None for limit in limits)
    exact = Decimal(value)
    return any(n is not None and SIGNS[sign](exact, n) for sign, n in limits)


def folded(text: str) -> str:
    """Return a text as it is compared: blanks of any kind are one blank, case does not count."""
    return " ".join(text.split()).casefold()


def words_of(session: Subject) -> str:
    """Return all that is looked in without a prefix, folded, each text on a line of its own."""
    own = (session.project, session.title, session.id, session.git_branch, _named(session))
    folded_own = "\n".join([text or "" for text in own]).casefold()
    return f"{source_words(session.source)}\n{_models_of(session)}\n{folded_own}"


def _named(session: Subject) -> str:
    if isinstance(session, PastSession):
        return session.named
    return "\n".join([text for a in session.agents for text in (a.name, a.task) if text])


def agents_of(session: Subject) -> int:
    """Return how many agents it has: the main one and subagents."""
    if isinstance(session, PastSession):
        return session.agents
    return sum(agent.kind is not AgentKind.AUXILIARY for agent in session.agents)


# There are far fewer sources and models than sessions.
@lru_cache(maxsize=1024)
def _models(used: tuple[str, ...], of_agents: tuple[str, ...]) -> str:
    models = dict.fromkeys((*used, *of_agents))
    return "\n".join((*models, *(model_name(model) for model in models))).casefold()


def _models_of(session: Subject) -> str:
    if isinstance(session, PastSession):
        return _models(session.models, ())
    return _models(session.models, tuple([a.model for a in session.agents if a.model]))


def _states_of(session: Subject) -> str:
    if isinstance(session, PastSession):
        return session.state
    return "\n".join([session.state, *[agent.state for agent in session.agents]])


@lru_cache(maxsize=256)
def source_words(source: str) -> str:
    """Return a source's word and name, folded."""
    return f"{source}\n{source_name(source)}".casefold()


TEXTS: Final[dict[str, Callable[[Subject], str]]] = {
    "source": lambda session: source_words(session.source),
    "model": _models_of,
    "project": lambda session: (session.project or "").casefold(),
    "branch": lambda session: (session.git_branch or "").casefold(),
    "state": _states_of,
    "title": lambda session: folded(session.title or ""),
    "id": lambda session: session.id.casefold(),
}
"""What a field of words looks in, folded, each text on a line of its own."""

NUMBERS: Final[dict[str, Callable[[Subject], int | None]]] = {
    "cost": lambda session: session.spend.cost_or_none,
    "tokens": lambda session: session.spend.usage.total,
    "turns": lambda session: session.turns,
    "agents": agents_of,
    "since": lambda session: session.last_ms,
    "until": lambda session: session.started_ms,
}
"""What a field of figures compares, in picodollars, tokens, or milliseconds since the epoch."""
