"""Levels of concurrency against counting every millisecond."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tokenwatch.analysis.burn import peak
from tokenwatch.analysis.concurrency import concurrency, lengths_between

spans = st.lists(
    st.tuples(st.integers(-5, 45), st.integers(0, 20)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=12,
)
cuts = st.lists(st.integers(1, 39), unique=True, max_size=5).map(lambda c: (0, *sorted(c), 40))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(given_spans=spans, edges=cuts)
def test_levels_are_those_of_every_instant(
    given_spans: list[tuple[int, int]], edges: tuple[int, ...]
) -> None:
    open_at = [
        sum(start <= at < max(end, start + 1) for start, end in given_spans) for at in range(40)
    ]
    found = concurrency(given_spans, edges)
    most = max(open_at)
    assert found.peak == most
    assert found.lengths_ms == tuple(open_at.count(level) for level in range(1, most + 1))
    assert found.peak_ms == (open_at.index(most) if most else None)
    assert found.peaks == tuple(
        max(open_at[start:end]) for start, end in zip(edges, edges[1:], strict=False)
    )


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(given_spans=spans, edges=cuts)
def test_lengths_add_up(given_spans: list[tuple[int, int]], edges: tuple[int, ...]) -> None:
    found = lengths_between(given_spans, edges)
    for place, (start, end) in enumerate(zip(edges, edges[1:], strict=False)):
        assert found[place] == sum(
            max(0, min(end, stop) - max(start, begin)) for begin, stop in given_spans
        )


def test_touching_ends_do_not_overlap() -> None:
    touching = [(0, 10), (10, 20), (20, 20)]
    assert concurrency(touching, (0, 30)).peak == peak(touching) == 1
    assert concurrency([], (0, 30)) == ((0,), None, ())
