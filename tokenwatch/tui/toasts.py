"""What was just told: in a corner of the screen, by the bell, and by the terminal itself."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, Literal

from tokenwatch import format as fmt
from tokenwatch.alert import Alert, Severity, general
from tokenwatch.tui import privacy
from tokenwatch.tui.names import session_name

if TYPE_CHECKING:
    from tokenwatch.snapshot import Notice, Snapshot
    from tokenwatch.tui.app import TokenwatchApp

REMEMBERED: Final = 500
"""So many keys are remembered: a notice is news for minutes."""
SHOWN_S: Final = 12.0
LINES_EACH: Final = 12
"""Of what is told at once there is a toast for so many lines of the screen, less one: they hide
much of it."""
TITLES: Final = {
    "agents": "many agents",
    "autonomous": "by itself",
    "burn": "fast",
    "retry": "asked again",
    "tokens": "many tokens",
    "quota": "plan window",
}
"""What a toast's title begins with; other kinds are called by their names."""
_LOUD: Final[dict[Severity, Literal["information", "warning", "error"]]] = {
    Severity.INFO: "information",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "error",
}


class Toasts:
    """Tells each alert once. How many there are, and when, was decided before."""

    def __init__(self, app: TokenwatchApp) -> None:
        self._app = app
        self._known: OrderedDict[str, None] = OrderedDict()

    def take(self, snapshot: Snapshot) -> None:
        """Tell what is new in a picture."""
        new = [each for each in reversed(snapshot.notices) if each.key not in self._known]
        for notice in new:
            self._known[notice.key] = None
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            self._tell(notice)
        settings = self._app.preferences.config.alerts
        # A picture that is held back shows no alert.
        is_seen = self._app._frame.HAS_INBOX and not self._app.paused
        if new and not is_seen and (settings is None or settings.toast):
            self._show_all(new, snapshot)

    def _show_all(self, new: list[Notice], snapshot: Snapshot) -> None:
        """Show as many as there is room for, those that matter most; say how many are left."""
        most = max(1, self._app.size.height // LINES_EACH - 1)
        chosen = sorted(new, key=lambda notice: -_severity(notice).rank)[:most]
        more = len(new) - len(chosen)
        if more:
            self._app.notify(f"{more} more in the inbox of Budgets", timeout=SHOWN_S, markup=False)
        for notice in new:
            if notice in chosen:
                self._show(notice, snapshot, _severity(notice))

    def _tell(self, notice: Notice) -> None:
        settings = self._app.preferences.config.alerts
        severity = _severity(notice)
        if severity is Severity.CRITICAL and (settings is None or settings.bell):
            self._app.bell()
        if notice.alert and settings is not None and settings.terminal:
            alert = notice.alert
            self._app.run_worker(lambda: self._notify(alert), thread=True, group="terminal")

    def _show(self, notice: Notice, snapshot: Snapshot, severity: Severity) -> None:
        row = next((row for row in snapshot.sessions if row.id == notice.session_id), None)
        if self._app.privacy:
            notice = privacy.hide_notice(notice)
            row = row and privacy.hide_session(row)
        whose = session_name(row) if row else fmt.short_id(notice.session_id)
        title = TITLES.get(notice.kind, notice.kind)
        self._app.notify(
            fmt.clean(notice.text),
            title=f"{title} · {fmt.one_line(whose, 44)}" if whose else title,
            severity=_LOUD[severity],
            timeout=SHOWN_S,
            markup=False,
        )

    def _notify(self, alert: Alert) -> None:
        """Let the terminal tell it. On a thread: inside tmux it has to be asked first."""
        from tokenwatch.channels.outlet import outlet
        from tokenwatch.channels.terminal import sequence

        if self._app.privacy:
            alert = general(alert)
        out = outlet(self._app.environment)
        written = sequence(out, alert)
        if written:
            self._app.call_from_thread(self._app.write_to_terminal, written)
        elif out.trouble:
            self._app.call_from_thread(
                self._app.notify, f"terminal: {out.trouble}", markup=False, timeout=SHOWN_S
            )


def _severity(notice: Notice) -> Severity:
    return notice.alert.severity if notice.alert else Severity.WARNING
