"""Changes of a JSON text: what is put in can be taken out, and nothing else moves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.clients.json_text import (
    JsonTextError,
    append,
    find,
    parse,
    put,
    take_out,
    value,
)

SPACES = st.text(alphabet=" \t\r\n", max_size=3)
KEYS = st.sampled_from(["a", "b", "hooks", "Stop", "ü", '"', "statusLine"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from([1.5, 1e300]),
)
PATHS = st.lists(st.sampled_from(["hooks", "Stop", "new", "ü"]), min_size=1, max_size=3)


@st.composite
def written(draw: st.DrawFn, depth: int = 0) -> str:
    """Return a JSON text in any spacing, with keys that are there twice."""
    which = draw(st.sampled_from(["scalar", "list", "object"] if depth < 3 else ["scalar"]))
    if which == "scalar" and depth:
        return json.dumps(draw(SCALARS), ensure_ascii=draw(st.booleans()))
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        inner = draw(written(depth + 1))
        if which != "list":
            inner = f"{json.dumps(draw(KEYS))}{draw(SPACES)}:{draw(SPACES)}{inner}"
        parts.append(f"{draw(SPACES)}{inner}{draw(SPACES)}")
    inside = ",".join(parts) or draw(SPACES)
    return f"[{inside}]" if which == "list" else f"{{{inside}}}"


@st.composite
def files(draw: st.DrawFn) -> str:
    """Return the text of a settings file: an object, or nothing at all."""
    inner = draw(written().filter(lambda text: text.startswith("{")))
    text = draw(st.sampled_from(["", inner, inner, inner]))
    return draw(st.sampled_from(["", "\ufeff"])) + draw(SPACES) + text + draw(SPACES)


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@given(files(), PATHS, SCALARS)
def test_what_was_put_comes_out_again(text: str, path: list[str], new: Any) -> None:
    if find(parse(text), path) is not None:
        return
    try:
        after = put(text, path, {"command": new})
    except JsonTextError:
        return
    assert value(after, find(parse(after), path)) == {"command": new}
    assert utf8(take_out(after, path, text)) == utf8(text)


@given(files(), PATHS, SCALARS)
def test_an_element_comes_out_again(text: str, path: list[str], new: Any) -> None:
    try:
        after = append(text, path, [new])
    except JsonTextError:
        return
    there = find(parse(after), path)
    assert there is not None
    old = value(text, find(parse(text), path)) or []
    assert value(after, there) == [*old, [new]]  # type: ignore[misc]
    assert utf8(take_out(after, [*path, len(there.items) - 1], text)) == utf8(text)


@given(files(), SCALARS)
def test_other_members_mean_what_they_meant(text: str, new: Any) -> None:
    root = parse(text)
    before = value(text, root) if root else {}
    after = json.loads(put(text, ["new", "inner"], new).removeprefix("\ufeff"))
    assert after == {**before, "new": {"inner": new}}  # type: ignore[dict-item]


@given(files(), SCALARS, SCALARS)
def test_two_additions_come_out_in_any_order(text: str, one: Any, two: Any) -> None:
    root = parse(text)
    if {item.key for item in root.items} & {"one", "hooks"} if root else False:
        return
    after = append(put(text, ["one"], one), ["hooks", "Stop"], two)
    first = take_out(take_out(after, ["one"], text), ["hooks", "Stop", 0], text)
    assert first == take_out(take_out(after, ["hooks", "Stop", 0], text), ["one"], text) == text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", '{\n  "k": {\n    "c": 1\n  }\n}\n'),
        ("\r\n", '{\r\n  "k": {\r\n    "c": 1\r\n  }\r\n}\r\n'),
        ("{}", '{\n  "k": {\n    "c": 1\n  }\n}'),
        ("{ }\n", '{\n  "k": {\n    "c": 1\n  }\n}\n'),
        ('{"a":1}', '{"a":1, "k": {"c": 1}}'),
        ('{"a":1,"b":2}', '{"a":1,"b":2,"k": {"c": 1}}'),
        ('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"k": {\n\t\t"c": 1\n\t}\n}'),
        (
            '{\r\n    "a": 1\r\n}\r\n',
            '{\r\n    "a": 1,\r\n    "k": {\r\n        "c": 1\r\n    }\r\n}\r\n',
        ),
    ],
)
def test_what_is_added_looks_like_its_neighbours(text: str, after: str) -> None:
    assert put(text, ["k"], {"c": 1}) == after


def test_a_value_is_replaced_where_it_stands() -> None:
    text = '{"a": {"x": 1, "x" : "old"} , "b": 2}'
    assert put(text, ["a", "x"], "neu ü") == '{"a": {"x": 1, "x" : "neu ü"} , "b": 2}'


def test_the_first_and_one_in_the_middle_come_out() -> None:
    text = '{\n  "a": 1,\n  "b": [1, 2, 3],\n  "c": 3\n}\n'
    assert take_out(text, ["a"], None) == '{\n  "b": [1, 2, 3],\n  "c": 3\n}\n'
    assert take_out(text, ["b", 1], None) == text.replace(" 2,", "", 1)
    assert take_out(text, ["d"], None) is text


def test_what_is_empty_now_stays_if_it_was_there() -> None:
    text = '{"hooks": {"Stop": [1]}, "a": 1}'
    assert take_out(text, ["hooks", "Stop", 0], '{"hooks": { }}') == '{"hooks": { }, "a": 1}'
    assert take_out(text, ["hooks", "Stop", 0], '{"hooks": {"Stop": [2]}}') == (
        '{"hooks": {"Stop": []}, "a": 1}'
    )
    assert take_out(text, ["hooks", "Stop", 0], None) == '{"a": 1}'
    assert take_out('{"a": 1}\n', ["a"], None) == ""
    assert take_out('{"a": 1}\n', ["a"], "\n\n") == "\n\n"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{\n  // mine\n  "a": 1\n}', "line 2, column 3: a comment"),
        ('{\n  "a": 1, /* x */\n}', "line 2, column 11: a comment"),
        ('{\n  "a": 1 // x\n}', "line 2, column 10: a comment"),
        ('{"a": 1,\r\n}', "line 1, column 8: a comma before '}'"),
        ("[1, ]", "line 1, column 3: a comma before ']'"),
        ('{"a" 1}', "line 1, column 6: ':' lacks"),
        ('{"a": }', "line 1, column 7: a value is missing"),
        ("{'a': 1}", "line 1, column 2: a key is missing"),
        ('{"a": 1', "line 1, column 8: the text ends too early"),
        ('{"a": 1} x', "line 1, column 10: more text"),
        ('\ufeff{"a": NaN}', "line 1, column 7: a value is missing"),
        ('{"a": 01}', "line 1, column 8: ',' or '}' lacks"),
        ('{"a": "x\ny"}', "line 1, column 9: a string that is none"),
        ("[" * 200, "in each other"),
        ('{"a": "x', "a string that is none"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: str, where: str) -> None:
    with pytest.raises(JsonTextError) as caught:
        put(text, ["k"], 1)
    assert where in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null"])
def test_a_file_that_holds_no_object_is_refused(text: str) -> None:
    with pytest.raises(JsonTextError, match="no object"):
        put(text, ["k"], 1)


def test_something_else_on_the_way_is_named() -> None:
    with pytest.raises(JsonTextError, match='"hooks" is no object'):
        append('{"hooks": []}', ["hooks", "Stop"], 1)
    with pytest.raises(JsonTextError, match='"hooks.Stop" is no list'):
        append('{"hooks": {"Stop": {}}}', ["hooks", "Stop"], 1)
    with pytest.raises(JsonTextError, match='"hooks" is no object'):
        put('{"hooks": null}', ["hooks", "Stop"], 1)
