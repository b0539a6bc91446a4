"""What happens right now, told once in a corner: a failed attempt, a loop, a cache that expires."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final

from tokenwatch import format as fmt
from tokenwatch.tui import privacy
from tokenwatch.tui.names import session_name

if TYPE_CHECKING:
    from tokenwatch.snapshot import Snapshot
    from tokenwatch.tui.app import TokenwatchApp

MOST_AN_HOUR: Final = 3
"""More are flags on their rows only. Source: the alerts' specification."""
HOUR_MS: Final = 3_600_000
REMEMBERED: Final = 500
"""So many keys are remembered: a notice is news for minutes."""
SHOWN_S: Final = 12.0
WORDS: Final = {
    "repeated-attempts": "asked again",
    "loop": "loop",
    "cache-expires": "cache",
}
"""What a toast's title begins with."""


class Toasts:
    """Shows each notice once, and few of them."""

    def __init__(self, app: TokenwatchApp) -> None:
        self._app = app
        self._known: OrderedDict[str, None] = OrderedDict()
        self._shown_ms: deque[int] = deque(maxlen=MOST_AN_HOUR)

    def take(self, snapshot: Snapshot) -> None:
        """Show what is new in a picture."""
        for notice in reversed(snapshot.notices):
            if notice.key in self._known:
                continue
            self._known[notice.key] = None
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            now_ms = self._app.now()
            is_full = len(self._shown_ms) == MOST_AN_HOUR
            if is_full and self._shown_ms[0] > now_ms - HOUR_MS:
                continue
            self._shown_ms.append(now_ms)
            row = next((row for row in snapshot.sessions if row.id == notice.session_id), None)
            if self._app.privacy:
                notice = privacy.hide_notice(notice)
                row = row and privacy.hide_session(row)
            is_quiet = notice.kind == "cache-expires"
            whose = session_name(row) if row else notice.session_id[:8]
            self._app.notify(
                fmt.clean(notice.text),
                title=f"{WORDS.get(notice.kind, 'waste')} · {fmt.one_line(whose, 44)}",
                severity="information" if is_quiet else "warning",
                timeout=SHOWN_S,
                markup=False,
            )
