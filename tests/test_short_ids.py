"""Codex's sessions that began within a minute are told apart wherever one is called by its id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal

import pytest

from tests import factories
from tests.cases import NOW_MS
from tokenwatch.alerting import values
from tokenwatch.analysis.alerts.budgets_rule import BudgetValues, PaceValues, of_budget
from tokenwatch.analysis.budgets import State
from tokenwatch.answers.budget_outlooks import Outlook, OwnPace
from tokenwatch.answers.budgets import Standing
from tokenwatch.config.budgets import Budget
from tokenwatch.export import budgets as export
from tokenwatch.snapshot import Notice
from tokenwatch.store.budgets import Allowance
from tokenwatch.tui.names import title_of

IDS = (
    "01a2006b-0129-71d1-89c1-7bf761419cb7",
    "01a2006b-04af-7902-b167-49959ef81e00",
)
"""Of two sessions that began a second apart."""


def _notice(session_id: str) -> str:
    notice = Notice(key="f", session_id=session_id, kind="loop", text="it", at_ms=1, advice="stop")
    (found,) = values.of_notices([notice])
    return found.text


def _cache(session_id: str) -> str:
    return values._of_cache(factories.session(session_id, None, "/p", [])).name


def _forecast(session_id: str) -> str:
    pace = PaceValues(Decimal(9), NOW_MS + 60_000, NOW_MS, session_id, session_id)
    of = BudgetValues("run", "all", "session", "usd", Decimal(9), Decimal(1), 0.1, paces=(pace,))
    return [each.text for each in of_budget(of, NOW_MS, UTC)][-1]


def _outlook(session_id: str) -> str:
    own = OwnPace(Decimal(9), 5, NOW_MS, session_id)
    outlook = Outlook(None, None, None, None, own)
    of = Budget("run", Decimal(9), period="session")
    standing = Standing(of, Decimal(1), 0.1, State.OK, session_id="5f0c", outlook=outlook)
    return export.outlook_words(standing, UTC, NOW_MS)


def _allowance(session_id: str) -> str:
    return export.allowance_words(Allowance(1, None, session_id), UTC, NOW_MS)


@pytest.mark.parametrize(
    "words",
    [_notice, _cache, _forecast, _outlook, _allowance, lambda name: title_of(None, name)],
)
def test_they_have_names_of_their_own(words: Callable[[str], str]) -> None:
    said = [words(session_id) for session_id in IDS]
    assert ["01a2006b-0129" in said[0], "01a2006b-04af" in said[1]] == [True, True]
    assert not any(session_id in text for session_id, text in zip(IDS, said, strict=True))
