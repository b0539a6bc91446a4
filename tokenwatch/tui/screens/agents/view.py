"""Which part of a stretch of time is in view: all of it, its end as time goes on, or a part."""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo

from tokenwatch.answers.timeline import Lanes
from tokenwatch.tui.screens.agents.axis import Axis, fitting


def bounds(answer: Lanes, now_ms: int) -> tuple[int, int]:
    """Return [since, until) of what there is to see: nothing empty before or behind it."""
    starts = [lane.intervals[0].start_ms for lane in answer.lanes if lane.intervals]
    starts += [level.at_ms for level in answer.levels[:1]]
    since = max(answer.since_ms, min(starts, default=answer.since_ms))
    if answer.is_present:
        return since, now_ms + 1
    ends = [lane.intervals[-1].end_ms for lane in answer.lanes if lane.intervals]
    ends += [level.at_ms for level in answer.levels[-1:]]
    return since, max(ends, default=answer.until_ms)


class View:
    """The axis in view of a stretch [since, until), whose end may be the present."""

    def __init__(self) -> None:
        self.axis: Axis | None = None
        self.fits = True
        """All of the stretch is in view."""
        self.follows = True
        """The end of the present is in view, as it goes on."""
        self._stretch = (0, 1)
        self._is_present = False

    def fit(self) -> None:
        """Have all of the stretch in view, from the next placing on."""
        self.fits = self.follows = True

    def place(
        self, stretch: tuple[int, int], columns: int, zone: tzinfo, *, is_present: bool
    ) -> None:
        """Bring the axis up to a stretch and a number of columns, at least one."""
        self._stretch, self._is_present = stretch, is_present
        if self.fits or self.axis is None:
            self.axis = fitting(*stretch, columns, zone)
            return
        self.axis = replace(self.axis, columns=columns)
        if self.follows and is_present:
            self.axis = self.axis.ending_at(stretch[1] - 1)

    def stretch(self, step: int) -> None:
        """Look closer (1), around the end if that is in view, or at more of it (-1)."""
        if self.axis is None:
            return
        axis, (since, until) = self.axis, self._stretch
        middle = axis.start_ms + axis.column_ms * axis.columns // 2
        sees_end = axis.start_ms <= until - 1 < axis.end_ms
        wanted = axis.stretched(step, until - 1 if sees_end else middle)
        whole = fitting(since, until, axis.columns, axis.zone)
        if wanted.column_ms >= whole.column_ms:
            self.axis = whole
            self.fit()
            return
        self.axis, self.fits = wanted if sees_end else wanted.within(since, until), False

    def pan(self, step: int) -> None:
        """Move by quarters of what is in view, no further than there is anything to see."""
        if self.axis is None or self.fits:
            return
        axis, (since, until) = self.axis, self._stretch
        last = axis.ending_at(until - 1)
        moved = axis.moved(step * max(1, axis.columns // 4))
        if moved.start_ms < since:
            moved = axis.moved(axis.column(since))
        self.axis = last if moved.start_ms >= last.start_ms else moved
        self.follows = self.axis == last

    def follow(self) -> None:
        """Keep the present in view from now on, or let it run out of it."""
        self.follows = not self.follows or self.fits

    def words(self) -> str:
        """Return what is in view, where it is not all."""
        if self.fits:
            return ""
        return "follows now" if self.follows and self._is_present else "closer"
