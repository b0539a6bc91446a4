"""`tokenwatch alerts watch`: read the logs as the monitor does, and tell alerts without a screen.

It stays in the foreground until it is stopped (SIGINT, SIGTERM, SIGHUP), prints each alert on a
line of its own, and gives it to the channels of the settings. As a service of the user's:

systemd (~/.config/systemd/user/tokenwatch-alerts.service, then
`systemctl --user enable --now tokenwatch-alerts`):

    [Unit]
    Description=Alerts of tokenwatch

    [Service]
    ExecStart=%h/.local/bin/tokenwatch alerts watch --quietly
    Restart=on-failure
    RestartSec=30

    [Install]
    WantedBy=default.target

launchd (~/Library/LaunchAgents/tokenwatch.alerts.plist, then `launchctl load` with its path):

    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"
      "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0"><dict>
      <key>Label</key><string>tokenwatch.alerts</string>
      <key>ProgramArguments</key><array>
        <string>/usr/local/bin/tokenwatch</string>
        <string>alerts</string><string>watch</string><string>--quietly</string>
      </array>
      <key>RunAtLoad</key><true/><key>KeepAlive</key><true/>
    </dict></plist>
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenwatch import config, paths
from tokenwatch.alert import Alert, Severity
from tokenwatch.channels.channel import Channel, enabled
from tokenwatch.channels.outlet import outlet
from tokenwatch.channels.terminal import sequence
from tokenwatch.cli.live import Reader
from tokenwatch.cli.options import zone_of
from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.errors import ConfigError
from tokenwatch.format import clean, one_line, time_of_day

if TYPE_CHECKING:
    import argparse
    from datetime import tzinfo

    from tokenwatch.config import Config
    from tokenwatch.snapshot import Snapshot

LOOK_S = 2.0
"""The settings' file is looked at this often."""
REMEMBERED = 1000
LONGEST = 400
log = logging.getLogger(__name__)


def watch(options: argparse.Namespace) -> int:
    """Tell alerts until stopped; return 0. Raises BrokenPipeError once nobody reads them."""
    settings = config.load(paths.config())
    zone = zone_of(options, settings.timezone)
    reader = Reader(options, settings, zone)
    stop = threading.Event()
    teller = _Teller(settings, zone.zone, stop, is_quiet=options.quietly)
    monitor = reader.make()
    _say_troubles()
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, lambda *_: stop.set())
    monitor.start(teller.take)
    try:
        while not stop.wait(LOOK_S):
            if (changed := teller.changed()) is not None:
                teller.settings = changed
                teller.zone = reader.change(changed)
    finally:
        monitor.stop()
    if teller.is_unread:
        raise BrokenPipeError
    return 0


def _say_troubles() -> None:
    """Write to stderr what goes to the diagnostics log: there is no screen to show it."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Words())
    logging.getLogger("tokenwatch").addHandler(handler)


class _Words(logging.Formatter):
    """One clean line, without a traceback: that is in the log."""

    def format(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            said += f": {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        return f"tokenwatch: {one_line(said, LONGEST)}"


class _Teller:
    """Prints each alert once, and rings where the settings want it. `take` is for any thread."""

    def __init__(
        self, settings: Config, zone: tzinfo, stop: threading.Event, *, is_quiet: bool
    ) -> None:
        self.settings = settings
        self.zone = zone
        self.is_unread = False
        """Nobody reads what is printed; `stop` is set then."""
        self._stop = stop
        self._said = ""
        """What is wrong with the settings."""
        self._is_quiet = is_quiet
        self._told: dict[str, None] = {}

    def changed(self) -> Config | None:
        """Return the settings if they are others; None while they are the same, or broken."""
        try:
            found = config.load(paths.config())
        except ConfigError as error:
            # The last good ones stay, as in the monitor.
            if str(error) != self._said:
                self._said = str(error)
                log.warning("%s", error)
            return None
        self._said = ""
        return None if found == self.settings else found

    def take(self, snapshot: Snapshot) -> None:
        """Tell what is new in a picture."""
        try:
            self._tell(snapshot)
        except BrokenPipeError:
            self.is_unread = True
            self._stop.set()
        except OSError as error:
            # What can't be printed is delivered all the same.
            log.warning("alerts can't be printed: %s", error.strerror)

    def _tell(self, snapshot: Snapshot) -> None:
        for notice in reversed(snapshot.notices):
            if notice.key in self._told:
                continue
            self._told[notice.key] = None
            if len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]
            if not self._is_quiet:
                at = time_of_day(notice.at_ms, self.zone)
                print(f"{at} {notice.kind}: {clean(notice.text)}", flush=True)
            if notice.alert is not None:
                ring(notice.alert, enabled(self.settings.alerts or AlertsConfig()))


def ring(alert: Alert, on: Sequence[Channel]) -> dict[Channel, str | None]:
    """Write the bell and the terminal's notification to this terminal, as far as they are on.

    Return how each that is on did, None for well; nothing where there is no terminal.
    """
    found: dict[Channel, str | None] = {}
    if not sys.stdout.isatty():
        return found
    if Channel.BELL in on:
        found[Channel.BELL] = None
        if alert.severity is Severity.CRITICAL:
            print("\a", end="", flush=True)
    if Channel.TERMINAL in on:
        out = outlet(os.environ)
        found[Channel.TERMINAL] = out.trouble or None
        if written := sequence(out, alert):
            print(written, end="", flush=True)
    return found
