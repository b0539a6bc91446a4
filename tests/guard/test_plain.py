"""JSON without the json module."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch.guard.plain import dumps, loads

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN)
def test_what_is_written_is_read_alike(value: object) -> None:
    assert json.loads(dumps(value)) == loads(dumps(value)) == value
    assert dumps(value).isascii()


@given(PLAIN, st.integers(0, 4))
def test_what_json_writes_is_read(value: object, indent: int) -> None:
    assert loads(json.dumps(value, ensure_ascii=False, indent=indent)) == value


@pytest.mark.parametrize("text", ["\ufeff{}", " {} \n", "{}\r\n"])
def test_what_stands_around_a_value_is_left_out(text: str) -> None:
    assert loads(text) == {}


def test_any_number_is_read() -> None:
    assert loads("[1, -2.5, 1e3]") == [1, -2.5, 1000.0]
    found = loads("[NaN, Infinity, -Infinity]")
    assert isinstance(found, list)
    assert math.isnan(found[0]) and found[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize("text", ["", "  ", "{", "{} {}", "nul", '{"a":}', "'a'", '"\x01"', "\0"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        loads(text)


def test_what_is_too_deep_is_a_recursion_error() -> None:
    with pytest.raises(RecursionError):
        loads("[" * 100_000)


def test_only_plain_values_are_written() -> None:
    with pytest.raises(TypeError):
        dumps(1.5)
