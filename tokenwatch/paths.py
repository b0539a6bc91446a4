"""Where our own files live. Nobody else builds such a path."""

from __future__ import annotations

import os
from pathlib import Path

from tokenwatch.errors import TokenwatchError


def home() -> Path:
    """Return the user's own folder. Raises TokenwatchError where the system knows of none."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise TokenwatchError("this user has no home folder: set HOME") from error


def _chosen(folder: str) -> Path:
    return Path(os.path.expanduser(folder))  # noqa: PTH111 - raises for no name


def data_dir() -> Path:
    """Return the folder of the ledger: `TOKENWATCH_DATA_DIR` or the platform's place."""
    chosen = os.environ.get("TOKENWATCH_DATA_DIR")
    if chosen:
        return _chosen(chosen)
    from platformdirs import user_data_path

    home()
    return user_data_path("tokenwatch", appauthor=False)


def config_dir() -> Path:
    """Return the folder of the settings: `TOKENWATCH_CONFIG_DIR` or the platform's place."""
    chosen = os.environ.get("TOKENWATCH_CONFIG_DIR")
    if chosen:
        return _chosen(chosen)
    from platformdirs import user_config_path

    home()
    return user_config_path("tokenwatch", appauthor=False)


def ledger() -> Path:
    """Return the ledger's file."""
    return data_dir() / "ledger.sqlite"


def config() -> Path:
    """Return the settings file, which need not exist."""
    return config_dir() / "config.toml"


def prices() -> Path:
    """Return the file of downloaded price data, which need not exist."""
    return data_dir() / "prices.json"


def log() -> Path:
    """Return the rotating diagnostics log."""
    return data_dir() / "tokenwatch.log"


def status_lines() -> Path:
    """Return the folder of what the status line was told: `<yyyymmdd>.jsonl`, a day in UTC each."""
    return data_dir() / "statusline"


def now() -> Path:
    """Return what a monitor leaves for the status line: today's spend, and flags."""
    return data_dir() / "now.json"


def make_private(folder: Path) -> None:
    """Create a folder that only its owner can enter; tighten one that exists."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
