"""How alike two prompts are."""

import pytest

from tests.analysis.waste.attempts.story import says
from tokenwatch.analysis.waste.attempts.similarity import Verdict, compare, is_short
from tokenwatch.wording import Wording

FIX = "fix the position of the balance column in the report"


@pytest.mark.parametrize(
    ("earlier", "later", "verdict"),
    [
        (FIX, FIX, Verdict.SAME),
        (FIX, "fix the positon of the balance column in the report", Verdict.SAME),
        (FIX, "in the report fix the position of the balance column", Verdict.SAME),
        (FIX, FIX + " please it must stand on the far right of all the others", Verdict.EXTENDED),
        (FIX, "write a test for the login form with a wrong password", Verdict.OTHER),
        (FIX, "fix the position of the balance header in the report", Verdict.VARIATION),
        ("make the button of the form blue", "make the button of the form red", Verdict.VARIATION),
        ("do the migration for ENT-108 now", "do the migration for MCP-108 now", Verdict.PARAMETER),
        ("add docs to reader.py in full", "add docs to writer.py in full", Verdict.PARAMETER),
        ("fix it", "fix it", Verdict.OTHER),
        ("run them again", "run them again", Verdict.OTHER),
    ],
)
def test_two_prompts(earlier: str, later: str, verdict: Verdict) -> None:
    assert compare(says(earlier), says(later)).verdict is verdict


def test_a_long_prompt_is_not_the_same_for_its_letters() -> None:
    one = says("please rework the parser so that it reads dates " * 10, shingles=(1, 2, 3, 4))
    other = says("please rework the reader so that it parses dates " * 10, shingles=(5, 6, 7, 8))
    assert compare(one, other).verdict is not Verdict.SAME
    assert compare(one, one).verdict is Verdict.SAME


def test_a_script_without_blanks_is_compared_by_pairs() -> None:
    one = says("请修复登录页面按钮的位置问题", script="han", size=2, tokens=(), words=14)
    other = says("请修复登录页面的按钮位置问题吧", script="han", size=2, tokens=(), words=15)
    assert compare(one, other).verdict is Verdict.SAME
    assert is_short(says("再试一次", script="han", words=4))


def test_nothing_said_is_like_nothing() -> None:
    likeness = compare(Wording(), Wording())
    assert likeness.verdict is Verdict.OTHER
    assert not likeness.subject
    assert likeness.novelty == 0


def test_samples_of_unequal_length_are_cut_to_what_both_cover() -> None:
    long = Wording(chars=300, words=50, grams=tuple(range(96)))
    short = Wording(chars=200, words=30, grams=(*range(60), *range(1000, 1030)))
    assert compare(long, short).verdict is Verdict.SAME
