"""Meters less logged requests, over kills, resumes and forks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tokenwatch.analysis.unlogged import Counts, MeterReading, Rest, unlogged
from tokenwatch.model import Usage

T = 1_795_300_000_000


def _usage(input: int, output: int = 0, **more: int) -> Usage:
    return Usage(input=input, output=output, **more)


def _counts(input: int, output: int = 0, searches: int = 0, model: str = "m") -> Counts:
    return {model: (_usage(input, output), searches)}


def _meter(as_of: int, counts: Counts, *, started: int = 0, session: str = "s") -> MeterReading:
    return MeterReading(
        session_id=session, started_ms=T + started, as_of_ms=T + as_of, counts=counts
    )


def _rest(
    readings: Sequence[MeterReading],
    requests: Mapping[int, Counts],
    relatives: Sequence[MeterReading] = (),
    forked: int | None = None,
) -> Rest | None:
    """Ask with logged requests given by their times after T."""

    def logged(since: int, until: int) -> Counts:
        sums: dict[str, tuple[Usage, int]] = {}
        for at, counts in requests.items():
            if since <= T + at <= until:
                for model, (usage, searches) in counts.items():
                    before, number = sums.get(model, (Usage(), 0))
                    sums[model] = (before + usage, number + searches)
        return sums

    forked_ms = None if forked is None else T + forked
    return unlogged(readings, relatives, logged, forked_ms=forked_ms)


def _is(rest: Rest | None, input: int, output: int, searches: int = 0) -> None:
    assert rest is not None
    assert sum((u for u, _ in rest.counts.values()), Usage()) == _usage(input, output)
    assert sum(s for _, s in rest.counts.values()) == searches


def test_without_a_meter_nothing_is_known() -> None:
    assert _rest([], {1: _counts(5)}) is None


def test_the_meter_less_the_log() -> None:
    _is(_rest([_meter(10, _counts(30, 9, 2))], {1: _counts(10, 3), 2: _counts(5, 1, 1)}), 15, 5, 1)


def test_only_the_last_state_of_a_meter_counts() -> None:
    """A resume goes on with it."""
    readings = [_meter(10, _counts(30)), _meter(50, _counts(70)), _meter(20, _counts(40))]
    _is(_rest(readings, {1: _counts(25), 45: _counts(40)}), 5, 0)


def test_two_states_of_one_instant() -> None:
    readings = [_meter(10, _counts(30)), _meter(10, _counts(35))]
    _is(_rest(readings, {1: _counts(30)}), 5, 0)
    _is(_rest(readings[::-1], {1: _counts(30)}), 5, 0)


def test_requests_behind_the_meter_are_not_taken_off() -> None:
    _is(_rest([_meter(10, _counts(30))], {1: _counts(25), 11: _counts(100)}), 5, 0)


def test_a_killed_meter_starts_again() -> None:
    """What was logged before the second start is none of its business."""
    readings = [_meter(10, _counts(12)), _meter(40, _counts(8), started=30)]
    _is(_rest(readings, {1: _counts(10), 5: _counts(0), 20: _counts(99), 35: _counts(7)}), 3, 0)


def test_a_meter_that_lags_hides_nothing_negative() -> None:
    """Kind by kind: what is logged beyond the meter is no negative rest."""
    rest = _rest([_meter(10, _counts(5, 9))], {1: _counts(10, 3)})
    _is(rest, 0, 6)
    both = [_meter(10, _counts(1)), _meter(40, _counts(8), started=30)]
    _is(_rest(both, {1: _counts(10), 35: _counts(7)}), 1, 0)


def test_models_are_kept_apart() -> None:
    meter = _meter(10, {**_counts(10, model="big"), **_counts(7, 2, model="small")})
    rest = _rest([meter], {1: _counts(10, model="big"), 2: _counts(50, model="other")})
    assert rest is not None
    assert rest.counts["small"] == (_usage(7, 2), 0)
    assert rest.counts["big"] == (Usage(), 0)
    assert rest.as_of_ms == T + 10


def test_a_forks_meter_begins_with_its_parents() -> None:
    fork = [_meter(50, _counts(45, 9), session="f")]
    parent = [_meter(10, _counts(30, 5)), _meter(60, _counts(99, 99))]
    _is(_rest(fork, {45: _counts(10, 3)}, parent, forked=40), 5, 1)


def test_a_fork_without_its_parents_meter_is_unknown() -> None:
    fork = [_meter(50, _counts(45), session="f")]
    assert _rest(fork, {45: _counts(10)}, (), forked=40) is None
    later = [_meter(41, _counts(30))]
    assert _rest(fork, {45: _counts(10)}, later, forked=40) is None
    other = [_meter(10, _counts(30), started=1)]
    assert _rest(fork, {45: _counts(10)}, other, forked=40) is None


def test_a_fork_whose_parent_can_be_two_is_unknown_unless_they_agree() -> None:
    fork = [_meter(50, _counts(45), session="f")]
    one, two = _meter(10, _counts(30), session="p"), _meter(12, _counts(31), session="q")
    assert _rest(fork, {45: _counts(10)}, [one, two], forked=40) is None
    same = _meter(12, _counts(30), session="q")
    _is(_rest(fork, {45: _counts(10)}, [one, same], forked=40), 5, 0)
    # One that would leave a negative rest was not the parent.
    large = _meter(12, _counts(40), session="q")
    _is(_rest(fork, {45: _counts(10)}, [one, large], forked=40), 5, 0)


def test_reasoning_never_exceeds_output() -> None:
    counts = {"m": (_usage(10, 5, reasoning=4), 0)}
    rest = _rest([_meter(10, counts)], {1: {"m": (_usage(10, 3, reasoning=0), 0)}})
    assert rest is not None
    assert rest.counts["m"] == (_usage(0, 2, reasoning=2), 0)
