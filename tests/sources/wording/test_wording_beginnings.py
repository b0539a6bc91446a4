"""With which words patterns are told to begin, so that they are tried where these stand only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenwatch.sources.wording.folded import folded
from tokenwatch.sources.wording.lexicon import LANGUAGES, LATIN, compiled
from tokenwatch.sources.wording.lexicon.beginnings import Ends, alternatives, beginnings
from tokenwatch.sources.wording.lexicon.clauses import Clauses
from tokenwatch.sources.wording.lexicon.compiled import Lexicon, Search
from tokenwatch.sources.wording.lexicon.table import Piece, Table

SAYINGS = Path(__file__).parent / "sayings"
OPEN, WORD, ANY = Ends.OPEN, Ends.WORD, Ends.ANY


@pytest.mark.parametrize(
    ("pattern", "begins"),
    [
        ("still broken", {("still", WORD)}),
        ("errors?", {("error", OPEN), ("errors", OPEN)}),
        ("crash~", {("crash", ANY)}),
        ("(it|that) (is )?wrong", {("it", WORD), ("that", WORD)}),
        ("(please |now )*(add|make) it", {("please", WORD), ("now", WORD), ("add", WORD),
                                          ("make", WORD)}),
        ("(un)?(fixed|solved)", {("unfixed", OPEN), ("unsolved", OPEN), ("fixed", OPEN),
                                 ("solved", OPEN)}),
        ("otim[oa]", {("otimo", OPEN), ("otima", OPEN)}),
        ("(ok|yes)[,. ]+works", {("ok", WORD), ("yes", WORD)}),
        ("if(?! (i|we) )", {("if", OPEN)}),
        ("(?<!just )what i", {("what", WORD)}),
        ("step ?\\d", {("step", WORD), ("step", ANY)}),
        ("\\w+ ли", None),
        ("(_ )?wrong", None),
    ],
)  # fmt: skip
def test_what_a_pattern_begins_with(pattern: str, begins: set[tuple[str, Ends]] | None) -> None:
    assert beginnings(pattern, blanks=True) == begins


def test_letters_that_are_written_often_are_all_told() -> None:
    found = beginnings("hm+", blanks=True)
    assert found is not None
    assert {("hm", OPEN), ("hmm", OPEN), ("hmmm", OPEN)} <= found


def test_where_no_blanks_part_words_anything_may_follow() -> None:
    found = beginnings("(还是|依然)(_)(不行|不对)", blanks=False)
    assert found == {("还是", ANY), ("依然", ANY)}


def test_a_group_that_is_all_of_a_pattern_is_its_alternatives() -> None:
    assert alternatives("(a|b (c|d)|(e|f))|g") == ["a", "b (c|d)", "e", "f", "g"]
    assert alternatives("(a|b) c") == ["(a|b) c"]


def tables(lexicon: Lexicon) -> list[Table]:
    return [table for one in vars(lexicon).values() if isinstance(one, Search) for table in one]


def pieces(table: Table) -> list[Piece]:
    every = [*table.words.values(), *table.stems.values(), table.anything]
    return list({id(piece): piece for known in every for piece in known}.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_all_patterns_tell_their_beginning(language: str) -> None:
    found = tables(compiled(language))
    assert sum(len(pieces(table)) for table in found) > 200
    assert sum(len(table.anything) for table in found) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_occurs_is_found_by_its_beginning(language: str) -> None:
    lexicon = compiled(language)
    sayings = (SAYINGS / f"{language}.txt").read_text("utf-8").splitlines()
    for saying in sayings:
        clauses = Clauses(folded(saying))
        heard = lexicon.heard(clauses)
        for table in tables(lexicon):
            spans = {span for piece in pieces(table) for span in piece.spans(clauses.text)}
            found = set() if heard is None else set(table.matches(clauses, heard))
            assert {begin for begin, _ in spans} <= {begin for begin, _ in found}, saying


def test_languages_together_find_what_each_of_them_finds() -> None:
    together = compiled(*LATIN)
    for text in ("it still fails", "todavia no funciona", "es geht immer noch nicht"):
        clauses = Clauses(text)
        heard = together.heard(clauses)
        assert heard is not None
        assert together.strict.found(clauses, heard), text


def test_a_text_without_any_word_of_a_lexicon_is_not_searched() -> None:
    assert compiled("de").heard(Clauses("zzz 123 qqq")) is None
