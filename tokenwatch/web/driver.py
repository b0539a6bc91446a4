"""What Textual draws with in a process that a server started."""

from __future__ import annotations

from textual import messages
from textual.drivers.web_driver import WebDriver


class BrowserDriver(WebDriver):
    """Textual's driver for the browser; ends the app when the server is gone."""

    def run_input_thread(self) -> None:
        """Read what the browser sends until the server closes the pipe or dies."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Open nothing: the browser goes nowhere from here."""
