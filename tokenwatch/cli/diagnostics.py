"""Where the program's own troubles are written: one small rotating file, never a log's text."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler

from tokenwatch import paths


def start_log() -> None:
    """Write warnings and errors to the diagnostics log."""
    path = paths.log()
    paths.make_private(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger("tokenwatch")
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    root.propagate = False
