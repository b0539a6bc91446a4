"""A session bus with a notification service on it, or without one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONFIGURATION = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <policy context="default">
    <allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
"""No folders of services, so that the bus starts none that is installed here."""


class Desktop:
    """A bus and its service, which answer as `tests.channels.notification_daemon` says."""

    def __init__(self, how: str) -> None:
        # Short: a socket's path has 107 characters at most.
        self._folder = tempfile.mkdtemp(prefix="tw-")
        configuration = Path(self._folder, "bus.conf")
        configuration.write_text(CONFIGURATION.format(folder=self._folder))
        self._process = subprocess.Popen(
            [
                *("dbus-run-session", f"--config-file={configuration}", "--"),
                *(sys.executable, "-m", "tests.channels.notification_daemon", how),
            ],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": self._folder, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.address = self._line()
        assert self.address.startswith("unix:"), self.address

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program that runs on this desktop."""
        return {"PATH": os.environ["PATH"], "DBUS_SESSION_BUS_ADDRESS": self.address}

    def shown(self) -> list[Any]:
        """Return the next call that the service got: path, interface, method, types, values."""
        found: list[Any] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._process.stderr and self._process.stderr.read()
        return line.strip()

    def stop(self) -> None:
        """End the bus and all on it."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)
