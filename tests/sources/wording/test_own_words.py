"""Complaints in the user's own words."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tokenwatch.sources.wording import own_words, wording


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    yield
    own_words.use(())


@pytest.mark.parametrize(
    ("own", "prompt"),
    [
        ("Zefix nomoi", "zefix nomoi, schau auf das formular"),
        ("zefix-nomoi", "Mach weiter. Zefix   nomoi!"),
        ("quelle plaie", "QUELLE\nPLAIE"),
        ("déjà bancal", "deja bancal ce truc"),
        ("c++ bingo", "write the C++ bingo"),
        ("老样子", "唉老样子呢"),
        ("맙소사", "맙소사요"),
        ("ยังเพี้ยน", "ปุ่มส่งออกยังเพี้ยนเลยครับ"),
        ("ងើប", "មិនងើបទេ"),
        ("𠮷野", "唉𠮷野呢"),
        ("(╯°□°) flop", "(╯°□°) flop"),
    ],
)
def test_a_prompt_with_one_of_them_complains(own: str, prompt: str) -> None:
    plain = wording(prompt)
    assert plain.complaint == 0
    own_words.use(("never said", own))
    told = wording(prompt)
    assert told.complaint >= 1
    assert (told.tokens, told.grams, told.script) == (plain.tokens, plain.grams, plain.script)


@pytest.mark.parametrize(
    "prompt",
    ["zefixx nomoi", "azefix nomoi", "zefix, nomoi", "nomoi zefix", "add a button", "", "x" * 9],
)
def test_other_prompts_are_as_they_were(prompt: str) -> None:
    plain = wording(prompt)
    own_words.use(("zefix nomoi",))
    assert wording(prompt) == plain


def test_only_near_the_beginning() -> None:
    own_words.use(("zefix nomoi",))
    assert wording("ab " * 99 + "zefix nomoi").complaint == 1
    assert wording("ab " * 100 + "zefix nomoi").complaint == 0


def test_a_clear_complaint_stays_one_and_a_program_never_complains() -> None:
    clear = wording("that is wrong, it still does not work")
    own_words.use(("zefix nomoi", "wrong"))
    assert wording("that is wrong, it still does not work") == clear and clear.complaint >= 2
    assert wording("zefix nomoi", scripted=True).complaint == 0


@pytest.mark.parametrize("texts", [(), ("",), ("`", " ")])
def test_nothing_to_look_for(texts: tuple[str, ...]) -> None:
    own_words.use(("zefix nomoi",))
    own_words.use(texts)
    assert wording("zefix nomoi").complaint == 0


def test_another_thread_has_its_own() -> None:
    own_words.use(("zefix nomoi",))
    found = []
    thread = threading.Thread(target=lambda: found.append(wording("zefix nomoi").complaint))
    thread.start()
    thread.join()
    assert found == [0] and wording("zefix nomoi").complaint == 1
