"""How a text is taken apart: pasted blocks, names, errors, likeness, kinds that need no words."""

from __future__ import annotations

import pytest

from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.wording import wording
from tokenwatch.wording import Wording

TRACE = """Traceback (most recent call last):
  File "/home/ada/shop/basket.py", line {line}, in total
    return price * int(amount)
ValueError: invalid literal for int() with base 10: '{value}'
"""
LOG = """2026-01-02 10:00:01 INFO starting worker
2026-01-02 10:00:02 WARNING queue is long
2026-01-02 10:00:03 ERROR gave up after 3 tries
"""


def alike(a: Wording, b: Wording) -> float:
    """Return how many of the letters' runs two texts share, of all that either has."""
    return len(set(a.grams) & set(b.grams)) / len(set(a.grams) | set(b.grams))


def differing(a: Wording, b: Wording) -> set[int]:
    return set(a.tokens) ^ set(b.tokens)


@pytest.mark.parametrize(
    "text",
    [
        "Implement the following plan:\n\n# Basket\n1. Add a model",
        "Operation stopped by hook: tests are red",
        "[Request interrupted by user for tool use]",
        "<task-notification>\n<task-id>b1</task-id>",
        "This session is being continued from a previous conversation that ran out of context.",
        "Hello memory agent, look at what happened",
        "--- MODE SWITCH ---",
        "<teammate-message teammate_id='a'>done</teammate-message>",
        "Warmup",
    ],
)
def test_texts_of_programs_are_auto_and_say_nothing(text: str) -> None:
    told = wording(text)
    assert (told.kind, told.complaint, told.accepts, told.moves_on) == ("auto", 0, False, False)


def test_what_a_script_asks_is_auto_whatever_it_says() -> None:
    assert wording("it still does not work", scripted=True).kind == "auto"
    assert wording("it still does not work", scripted=True).complaint == 0


def test_commands_are_told_from_paths() -> None:
    assert wording("/review the last commit").kind == "command"
    assert wording("deploy", command=True).kind == "command"
    assert wording("/home/ada/shop/basket.py has a wrong total").kind != "command"
    assert wording("/api/orders returns 500").kind != "command"


@pytest.mark.parametrize("text", ["2", "b)", "1, 3", "👍", "option 2", "YES!", "ok 👍"])
def test_choices_are_control(text: str) -> None:
    assert wording(text).kind == "control"


def test_an_error_alone_is_evidence() -> None:
    assert wording(TRACE.format(line=3, value="x")).kind == "evidence"
    assert wording("TypeError: cannot read properties of undefined").kind == "evidence"
    assert wording("", images=True).kind == "evidence"
    assert wording("see this:\n" + TRACE.format(line=3, value="x")).kind == "evidence"


def test_pasted_code_alone_is_no_evidence() -> None:
    code = "rename this\n```python\ndef total(prices):\n    return sum(prices) + len(prices)\n```"
    told = wording(code)
    assert told.kind == "task"
    assert told.pasted > 60


def test_a_long_request_with_a_short_error_is_a_task() -> None:
    text = (
        "Add a basket page with a list of items and a total. " * 5 + "\nTypeError: x is undefined"
    )
    assert wording(text).kind == "task"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (TRACE.format(line=3, value="a1"), TRACE.format(line=77, value="b2")),
        ("/srv/x/y.py: ValueError: bad row 12", "ValueError: bad row 99"),
        ("src/a.ts(1,2): error TS2345: Argument 'x'", "lib/b.ts(8,9): error TS2345: Argument 'y'"),
        ("panic: index out of range [5]", "panic: index out of range [7]"),
        ("npm ERR! code ERESOLVE", "now this:\nnpm ERR! code ERESOLVE"),
        ("FAILED tests/a/test_x.py::test_y", "FAILED /home/b/tests/a/test_x.py::test_y"),
        ("odoo.tools.ParseError: while parsing /a/v.xml:5", "ParseError: while parsing /b/v.xml:9"),
        ("错误：找不到模块 12", "错误：找不到模块 13"),
    ],
)  # fmt: skip
def test_the_same_error_has_the_same_signature(a: str, b: str) -> None:
    assert wording(a).errors
    assert wording(a).errors == wording(b).errors


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ValueError: bad row", "ValueError: bad column"),
        ("ValueError: bad row", "KeyError: bad row"),
        ("GET /orders 404 (Not Found)", "GET /orders 500 (Internal Server Error)"),
        ("error[E0308]: mismatched types", "error[E0382]: use of moved value"),
        ("FAILED tests/test_x.py::test_y", "FAILED tests/test_x.py::test_z"),
    ],
)
def test_other_errors_have_other_signatures(a: str, b: str) -> None:
    assert wording(a).errors
    assert wording(b).errors
    assert not set(wording(a).errors) & set(wording(b).errors)


@pytest.mark.parametrize("text", ["add error handling", "there is an Error in it", "line 404", ""])
def test_speaking_of_errors_quotes_none(text: str) -> None:
    assert wording(text).errors == ()


def test_blocks_are_taken_out_and_known_again() -> None:
    fence = "```\nvalue = 1\nother = 2\n```"
    diff = "diff --git a/x.py b/x.py\n@@ -1 +1 @@\n-a\n+b"
    table = "| name | price |\n|---|---|\n| pear | 3 |\n| plum | 4 |"
    for block in (fence, LOG, diff, table):
        one, two = wording(f"look at this\n{block}"), wording(f"and here again please\n\n{block}")
        assert one.blocks
        assert one.blocks == two.blocks
        assert one.chars == len("look at this")
        assert one.pasted > 50
    assert wording("a list:\n- one\n- two\n- three\n- four").blocks == ()
    assert wording("run ```npm test``` and tell me").chars > 15


def test_names_are_entities_and_files() -> None:
    told = wording(
        "In @src/basket.py and docs/Guide.md:12 rename OrderList to order_rows, see SHOP-12 and"
        ' tests/test_a.py::test_total, button "Save all" and/or shop.orders.total'
    )
    assert {name_hash("basket.py"), name_hash("guide.md"), name_hash("test_a.py")} == set(
        told.files
    )
    assert set(told.files) < set(told.entities)
    for name in (
        "OrderList",
        "order_rows",
        "SHOP-12",
        "test_total",
        "Save all",
        "shop.orders.total",
    ):
        assert set(wording(f'x "{name}"').entities) & set(told.entities), name
    assert wording("say yes and/or no, e.g. now").entities == ()


def test_names_and_numbers_are_odd_and_words_are_even() -> None:
    told = wording("rename OrderList in basket.py on page 3")
    assert [token & 1 for token in told.tokens] == [0, 1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("add tests for basket.py", "add tests for order.py"),
        ("do SHOP-12 now", "do SHOP-13 now"),
        ("write page 3 of the guide", "write page 4 of the guide"),
        ("给 UserList 加上分页", "给 OrderList 加上分页"),
        ("добавь тесты для basket.py", "добавь тесты для order.py"),
    ],
)
def test_another_parameter_differs_in_odd_tokens_only(a: str, b: str) -> None:
    different = differing(wording(a), wording(b))
    assert different
    assert all(token & 1 for token in different)


def test_another_word_differs_in_even_tokens() -> None:
    assert any(not token & 1 for token in differing(wording("add tests"), wording("remove tests")))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the balance column is still on the left", "the balnce column is still on the left"),
        ("make the header of the invoice page sticky", "make the header of the invoce page stikcy"),
        ("Füge einen Knopf zum Speichern hinzu", "fuege einen Knopf zum Speichern hinzu"),
        ("добавь кнопку сохранения на страницу", "добавь кнопку сохраненя на страницу"),
        ("请把保存按钮放到页面的右上角然后改成蓝色", "请把保存按扭放到页面的右上角然后改成蓝色"),
        ("保存ボタンを画面の右上に移動してください", "保存ボタンを画面の右うえに移動してください"),
        ("저장 버튼을 페이지 오른쪽 위로 옮겨 주세요", "저장 버튼을 페이지 오른쪽위로 옮겨주세요"),
    ],
)  # fmt: skip
def test_a_typo_keeps_most_grams(a: str, b: str) -> None:
    assert alike(wording(a), wording(b)) >= 0.6


def test_another_text_shares_few_grams() -> None:
    a, b = wording("move the save button to the right"), wording("translate all labels to French")
    assert alike(a, b) < 0.3


def test_folders_numbers_and_ids_do_not_count_for_likeness() -> None:
    a = wording("open /home/ada/shop/basket.py at 12 of 3f2a9c1d7")
    b = wording("open /srv/work/basket.py at 99 of 9b8c7d6e5")
    assert a.grams == b.grams
    assert a.opening == b.opening


def test_long_texts_have_shingles_and_short_ones_none() -> None:
    words = " ".join(f"word{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(120))
    told = wording(words)
    assert len(told.shingles) == 48
    assert wording(words[:300]).shingles == ()
    again = wording(words + " and one more sentence at the end")
    assert len(set(told.shingles) & set(again.shingles)) >= 40


def test_passages_are_long_and_begin_alike() -> None:
    guide = "\n\n".join(
        f"Rule {at}: every page has a title and every title has a page." for at in range(60)
    )
    one, two = wording(f"{guide}\n\nnow the basket"), wording(f"{guide}\n\nnow the orders list")
    assert 1 <= len(one.passages) <= 4
    assert all(length >= 1_500 for _, length in one.passages)
    assert set(one.passages) & set(two.passages)
    assert wording("short").passages == ()


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("hello", "latin"),
        ("привет мир", "cyrillic"),
        ("把UserService里的getUserById改成异步的方法吧", "han"),
        ("ボタンを追加して", "kana"),
        ("버튼을 추가해줘", "hangul"),
        ("เพิ่มปุ่มบันทึก", "other"),
        ("12 34", "latin"),
        ("", "latin"),
    ],
)
def test_scripts_are_told(text: str, script: str) -> None:
    assert wording(text).script == script


def test_traditional_characters_and_accents_do_not_count() -> None:
    assert wording("還是不行").complaint == wording("还是不行").complaint >= 2
    assert wording("toujours la même erreur").complaint >= 2
    assert wording("toujours la meme erreur").complaint >= 2
    assert wording("ES FUNKTIONIERT IMMER NOCH NICHT").complaint >= 2
    assert wording("it doesn’t work").complaint == wording("it doesnt work").complaint >= 2


def test_a_complaint_wins_over_praise_and_over_the_next_task() -> None:
    told = wording("great job, you broke the login. now let's add a test")
    assert (told.complaint, told.accepts, told.moves_on) == (2, False, False)


def test_what_is_expected_does_not_make_a_task_a_complaint() -> None:
    told = wording("Die Schaltfläche soll beim Laden gesperrt sein")
    assert (told.kind, told.complaint) == ("task", 1)
    assert wording("the list is empty").kind == "complaint"


def test_errors_are_not_read_as_complaints() -> None:
    told = wording("run this\nError: it still does not work, same error again\nplease")
    assert told.complaint < 2
