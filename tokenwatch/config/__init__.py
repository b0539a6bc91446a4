"""The user's settings: `config.toml` in the config folder, checked as a whole.

`catalogue` says which settings there are; `check` reads a text by it, `edit` changes the file.
`budgets`, `alerts` and `guard` know what belongs to these. Where there is no file, none of them is
imported.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.errors import ConfigError

if TYPE_CHECKING:
    from tokenwatch.config.alerts import AlertsConfig
    from tokenwatch.config.budgets import Budget
    from tokenwatch.config.guard import GuardConfig
    from tokenwatch.config.plans import Plan


class ExtraRoot(NamedTuple):
    """A further folder to look for logs in: `[[roots]]`."""

    source: str
    path: Path
    label: str | None = None
    """A name for it, shown by `doctor`."""


class ScreenConfig(NamedTuple):
    """How the monitor looks: `[screen]`. `catalogue` says what each means."""

    theme: str = "dark"
    start: str = "live"
    privacy: bool = False
    mouse: bool = True
    ascii: bool = False


class WasteConfig(NamedTuple):
    """What is known of waste: `[waste]`. `catalogue` says what each means."""

    complaints: tuple[str, ...] = ()


class Config(NamedTuple):
    """All settings, with their defaults. `catalogue` says what each means."""

    titles: str = "full"
    timezone: str | None = None
    """An IANA name that exists; None: the machine's own zone."""
    editor: str | None = None
    """A command line; None: what the environment names."""
    screen: ScreenConfig = ScreenConfig()
    waste: WasteConfig = WasteConfig()
    roots: tuple[ExtraRoot, ...] = ()
    budgets: "tuple[Budget, ...]" = ()
    """In the order of the file; no two have the same name."""
    plans: "tuple[Plan, ...]" = ()
    """What the user pays for plans."""
    alerts: "AlertsConfig | None" = None
    """None: all defaults."""
    guard: "GuardConfig | None" = None
    """None: all defaults."""


def load(path: Path) -> Config:
    """Read the settings; the defaults if there is no file. Raises ConfigError."""
    text = read(path)
    if text is None:
        return Config()
    from tokenwatch.config.check import parse

    return parse(text, path)


def read(path: Path) -> str | None:
    """Return the file's text with its own line ends; None if there is no file.

    Raises ConfigError where it can't be read.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: can't be read: it is not UTF-8") from error


def overruled(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that the environment decides in their place, each with what does so."""
    found = {}
    if environment.get("NO_COLOR"):
        found["screen.theme"] = "NO_COLOR"
    if environment.get("TOKENWATCH_ASCII") == "1":
        found["screen.ascii"] = "TOKENWATCH_ASCII=1"
    return found
