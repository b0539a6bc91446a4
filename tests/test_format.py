"""Rounding, marks and foreign text."""

from __future__ import annotations

import re
from datetime import UTC
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenwatch import format as fmt
from tokenwatch.model import NO_SPEND, PICO, Spend, usd

CENT = PICO // 100
NOON_MS = 1_795_262_400_000
"""2026-11-21 12:00:00 UTC."""


@given(st.text())
def test_clean_text_never_moves_the_cursor(text: str) -> None:
    cleaned = fmt.clean(text)
    assert len(cleaned) == len(text)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in cleaned)
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 for c in cleaned)
    cleaned.encode()


def test_clean_text_is_searched_only_where_something_may_be_found() -> None:
    for code in range(0x110000):
        character = chr(code)
        is_bad = re.match(fmt._CONTROL, character) is not None
        assert fmt.clean(character) == ("\ufffd" if is_bad else character)


@given(st.text(), st.integers(1, 300))
def test_one_line_is_one_line(text: str, limit: int) -> None:
    line = fmt.one_line(text, limit)
    assert len(line) <= limit and "\n" not in line
    words = fmt.clean(" ".join(text[: limit * 8].split()))
    assert line == words or line == words[: limit - 1] + "…"


SEVENTH = "01a2006b-0129-71d1-89c1-7bf761419cb7"


@pytest.mark.parametrize(
    ("session_id", "text"),
    [
        (SEVENTH, "01a2006b-0129"),
        (SEVENTH.replace("-71d1-", "-41d1-"), "01a2006b"),
        (SEVENTH[:-1], "01a2006b"),
        (SEVENTH + "0", "01a2006b"),
        (SEVENTH.replace("-89c1-", "089c1-"), "01a2006b"),
        ("x" * 14 + "7" + "x" * 21, "xxxxxxxx"),
        ("5f0c", "5f0c"),
        ("", ""),
        ("\x1b[2Jabcdefgh", "\ufffd[2Jabcd"),
        (f"0\x1b{SEVENTH[2:]}", "0\ufffda2006b-0129"),
    ],
)
def test_short_ids_tell_sessions_apart(session_id: str, text: str) -> None:
    assert fmt.short_id(session_id) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        *((None, "?"), (0.0, "0%"), (0.0012, "<1%"), (0.8447, "84%"), (1.0414, "104%")),
        *((9.9949, "999%"), (9.995, "10×"), (10.0, "10×"), (13.034, "13×"), (130.3, "130×")),
        *((999.4, "999×"), (999.5, ">999×"), (2.4e9, ">999×")),
    ],
)
def test_what_is_used_of_a_limit_has_five_columns_at_most(ratio: float | None, text: str) -> None:
    assert fmt.used(ratio) == text and len(text) <= 5


@pytest.mark.parametrize(
    ("pico", "text"),
    [
        (0, "0.000000"),
        (1, "0.000000000001"),
        (1_234_500_000_000, "1.234500"),
        (12_345_678 * 10**6, "12.345678"),
        (10**18, "1000000.000000"),
    ],
)
def test_exact_usd(pico: int, text: str) -> None:
    assert fmt.exact_usd(pico) == text


@pytest.mark.parametrize(
    ("pico", "text"),
    [
        (None, "?"),
        (0, "0.00"),
        (1, "<0.0001"),
        (CENT, "0.0100"),
        (50 * CENT, "0.50"),
        (123_456 * CENT, "1,234.56"),
    ],
)
def test_money(pico: int | None, text: str) -> None:
    assert fmt.money(pico) == text


AMOUNTS = st.integers(-(10**17), 10**17) | st.integers(-(10**6), 10**6).map(
    lambda cents: cents * CENT // 2
)


@given(pico=AMOUNTS)
def test_money_is_rounded_as_decimals_are(pico: int) -> None:
    exact = usd(pico)
    assert Decimal(fmt.exact_usd(pico)) == exact
    for places in (2, 4):
        least = Decimal(1).scaleb(-places)
        rounded = f"{exact.quantize(least, ROUND_HALF_EVEN):,}"
        if not 0 < exact < least:
            assert fmt.dollars(pico, places) == rounded
        if abs(exact) >= Decimal("0.1") if places == 2 else least <= abs(exact) < Decimal("0.1"):
            assert fmt.money(pico) == rounded


@pytest.mark.parametrize(
    ("pico", "places", "text"),
    [
        (None, 2, "?"),
        (0, 2, "0.00"),
        (1, 2, "<0.01"),
        (CENT, 2, "0.01"),
        (684 * CENT, 2, "6.84"),
        (CENT * 3 // 2, 2, "0.02"),
        (CENT // 10, 4, "0.0010"),
        (1, 4, "<0.0001"),
        (123_456 * CENT, 2, "1,234.56"),
    ],
)
def test_dollars_have_fixed_decimals(pico: int | None, places: int, text: str) -> None:
    assert fmt.dollars(pico, places) == text


@pytest.mark.parametrize(
    ("spend", "text"),
    [
        (NO_SPEND, "–"),
        (Spend(requests=2, cost_pico=210 * CENT), "2.10"),
        (Spend(requests=2, cost_pico=210 * CENT, estimated_requests=1), "~2.10"),
        (Spend(requests=2, cost_pico=210 * CENT, lower_bound_requests=1), "≥2.10"),
        (
            Spend(requests=2, cost_pico=210 * CENT, unpriced_requests=1, estimated_requests=1),
            "≥2.10",
        ),
        (Spend(requests=2, unpriced_requests=2), "?"),
        (Spend(requests=2, cost_pico=1, estimated_requests=1), "<0.01"),
        (Spend(requests=2), "0.00"),
    ],
)
def test_spend_wears_its_mark(spend: Spend, text: str) -> None:
    assert fmt.spend_dollars(spend) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (118, 100, "▲ 18%"),
        (96, 100, "▼ 4%"),
        (100, 100, "= 0%"),
        (1_100, 100, "▲ 11×"),
        (0, 100, "▼ 100%"),
        (5, 0, ""),
        (5, None, ""),
    ],
)
def test_change(now: int, before: int | None, text: str) -> None:
    assert fmt.change(now, before) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "–"),
        (0, "0"),
        (940, "940"),
        (1_000, "1.00k"),
        (41_200, "41.2k"),
        (412_000, "412k"),
        (999_600, "1.00M"),
        (1_100_000, "1.10M"),
        (2_000_000_000, "2.00G"),
    ],
)
def test_tokens_have_three_digits(count: int | None, text: str) -> None:
    assert fmt.tokens(count) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(None, "–"), (0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.999, "99%"), (1, "100%")],
)
def test_share(part: float | None, text: str) -> None:
    assert fmt.share(part) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(-5, "0 s"), (42_000, "42 s"), (360_000, "6 m"), (16_380_000, "4 h 33"), (3e8, "3 d 11 h")],
)
def test_span(milliseconds: float, text: str) -> None:
    assert fmt.span(int(milliseconds)) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [("6.84", "$6.84"), ("≥2.10", "≥$2.10"), ("<0.01", "<$0.01"), ("?", "?"), ("–", "–")],
)
def test_with_sign(figure: str, text: str) -> None:
    assert fmt.with_sign(figure) == text


def test_count_sets_thousands_apart() -> None:
    assert fmt.count(1_204_000) == "1,204,000"


def test_times_are_local() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert fmt.time_of_day(NOON_MS, UTC) == "12:00:00"
    assert fmt.time_of_day(NOON_MS, berlin) == "13:00:00"
    assert fmt.clock(NOON_MS, berlin, NOON_MS) == "13:00"
    assert fmt.clock(NOON_MS, UTC, NOON_MS + 86_400_000) == "21 Nov"
    assert fmt.clock(NOON_MS, UTC, NOON_MS + 100 * 86_400_000) == "Nov 2026"
    assert fmt.clock(None, UTC, NOON_MS) == "–"
    assert fmt.rfc3339(NOON_MS + 5) == "2026-11-21T12:00:00.005Z"
    assert fmt.rfc3339(None) is None


@pytest.mark.parametrize(
    ("path", "home", "text"),
    [
        ("/home/dev/src", "/home/dev", "~/src"),
        ("/home/dev", "/home/dev/", "~"),
        ("/home/developer", "/home/dev", "/home/developer"),
        ("/srv/x\x1b[m", "/home/dev", "/srv/x\ufffd[m"),
        ("/srv", None, "/srv"),
        ("/srv", "/", "/srv"),
    ],
)
def test_short_path(path: str, home: str | None, text: str) -> None:
    assert fmt.short_path(path, home) == text


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (None, "–"),
        ("claude-opus-4-5-20251101", "opus-4.5"),
        ("claude-sonnet-5", "sonnet-5"),
        ("anthropic/claude-haiku-4-5@20251001", "haiku-4.5"),
        ("claude-opus-4-8[1m]", "opus-4.8"),
        ("gpt-5.5-codex", "gpt-5.5-codex"),
    ],
)
def test_model_name(model: str | None, text: str) -> None:
    assert fmt.model_name(model) == text


def test_source_name() -> None:
    assert fmt.source_name("claude-code") == "Claude Code"
    assert fmt.source_name("something-new") == "something-new"
