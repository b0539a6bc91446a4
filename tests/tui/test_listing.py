"""What a listing keeps from picture to picture, and that nobody can tell that it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tokenwatch.format import model_name, source_name
from tokenwatch.snapshot import SessionRow
from tokenwatch.tui.filter.conditions import Condition
from tokenwatch.tui.filter.words import parse
from tokenwatch.tui.names import session_name
from tokenwatch.tui.screens.live.listing import Lines, Listing
from tokenwatch.tui.screens.live.rows import ASCENDING, SORTS, rows_of

SESSIONS = factories.rich_sessions()
WORDS = st.sampled_from(
    [
        "api",
        "API",
        "!api",
        "model:opus",
        "!model:haiku,gpt",
        "source:codex",
        "state:working",
        "main",
    ]
    + ["project:src", "!project:lab", "cost:>1", "!cost:<1", "cost:?", "翻訳", "Claude", "explore"]
)
PICTURES = st.lists(
    st.lists(
        st.tuples(st.sampled_from(SESSIONS), st.sampled_from(["", "a", "b"])),
        max_size=6,
        unique_by=lambda picked: picked[0].id,
    ),
    min_size=1,
    max_size=4,
)


def value(session: SessionRow, sort: str) -> float | str | None:
    usage = session.spend.usage
    return {
        "burn": session.burn_pico_per_hour,
        "cost": session.spend.cost_or_none,
        "recent": session.last_ms,
        "turns": session.turns,
        "context": session.context_used,
        "cache": session.spend.usage.cache_hit_share,
        "session": session_name(session).casefold(),
        "source": session.source,
        "model": model_name(session.models[0]) if session.models else None,
        "branch": session.git_branch,
        "started": session.started_ms,
        "requests": session.spend.requests,
        "tokens": sum(usage) - usage.reasoning,
        "in": usage.input,
        "read": usage.cache_read,
        "write": usage.cache_write_5m + usage.cache_write_1h,
        "out": usage.output,
    }[sort]


def holds(session: SessionRow, condition: Condition) -> bool:
    """Look in every text by itself, folded anew."""
    agents = session.agents
    models = [*session.models, *(a.model for a in agents if a.model)]
    texts = {
        "source": [session.source, source_name(session.source)],
        "model": [*models, *map(model_name, models)],
        "project": [session.project or ""],
        "state": [session.state.value, *(a.state.value for a in agents)],
    }
    if condition.field == "cost":
        cost, dollar = session.spend.cost_or_none, 100 * factories.CENT
        (limit,) = condition.limits
        if cost is None or limit.number is None:
            return cost is None and limit.number is None
        return cost > dollar if limit.sign == ">" else cost < dollar
    if condition.field:
        named = texts[condition.field]
        return any(word in text.casefold() for text in named for word in condition.words)
    del texts["state"]
    texts["other"] = [session.title or "", session.id, session.git_branch or ""]
    texts["named"] = [text or "" for a in agents for text in (a.name, a.task)]
    return any(condition.words[0] in text.casefold() for every in texts.values() for text in every)


def naive(
    sessions: Sequence[SessionRow], sort: str, reverse: bool, conditions: Sequence[Condition]
) -> list[SessionRow]:
    found = [s for s in sessions if all(holds(s, c) is not c.negated for c in conditions)]
    found.sort(key=lambda s: -(s.last_ms or 0))
    known = [s for s in found if value(s, sort) is not None]
    known.sort(key=lambda s: value(s, sort) or 0, reverse=(sort not in ASCENDING) is not reverse)
    return known + [s for s in found if value(s, sort) is None]


@given(PICTURES, st.sampled_from(SORTS), st.booleans(), st.lists(WORDS, max_size=3))
def test_every_picture_is_chosen_and_sorted_as_if_it_were_the_first(
    pictures: list[list[tuple[SessionRow, str]]], sort: str, reverse: bool, words: list[str]
) -> None:
    listing = Listing()
    query = parse(" ".join(words), now_ms=factories.NOW_MS, zone=UTC)
    assert not query.complaints
    conditions = query.conditions
    for picture in pictures:
        # Some rows are the very same as before, some are new ones with another title.
        sessions = [replace(s, title=title) if title else s for s, title in picture]
        listing.take(sessions)
        chosen = listing.chosen(sort, reverse, None, conditions)
        expected = naive(sessions, sort, reverse, conditions)
        assert [listed.session for listed in chosen] == expected
        rows, shown = [row for session in expected for row in rows_of(session)], Lines(chosen)
        assert list(shown) == rows and shown[1:3] == rows[1:3] and len(shown) == len(rows)
        assert rows[-2:] == [shown[at] for at in range(-min(2, len(rows)), 0)]
        assert [shown.place_of(row.key) for row in rows] == list(range(len(rows)))
        assert shown.place_of("nothing") is None
        highest = [minute for row in rows for minute in row.minutes_pico]
        assert max((each.highest_minute for each in chosen), default=0) == max(highest, default=0)
        codex = listing.chosen(sort, reverse, "codex", conditions)
        assert codex == [listed for listed in chosen if listed.session.source == "codex"]
        api = listing.chosen(sort, reverse, None, conditions, project="/home/dev/src/api")
        assert api == [e for e in chosen if e.session.project == "/home/dev/src/api"]


def test_what_was_made_of_a_session_is_kept_with_its_row() -> None:
    listing = Listing()
    listing.take(SESSIONS)
    before = Lines(listing.chosen("cost", False, None, ()))
    changed = replace(SESSIONS[0], title="another")
    listing.take((changed, *SESSIONS[1:]))
    after = Lines(listing.chosen("cost", False, None, ()))
    kept = {id(row) for row in before} & {id(row) for row in after}
    assert {row.session.id for row in after if id(row) not in kept} == {changed.id}
    assert {id(row) for row in before if row.session is not SESSIONS[0]} == kept
