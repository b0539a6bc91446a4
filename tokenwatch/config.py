"""The user's settings: `config.toml` in the config folder. Unknown keys are refused by name."""

import os
from pathlib import Path
from typing import NamedTuple

from tokenwatch.errors import ConfigError

TITLES = ("full", "client", "none")
SOURCES = ("claude-code", "codex")


class ExtraRoot(NamedTuple):
    """A further folder to look for logs in: `[[roots]]`."""

    source: str
    path: Path
    label: str | None = None
    """A name for it, shown by `doctor`."""


class Config(NamedTuple):
    """All settings, with their defaults."""

    titles: str = "full"
    """What the ledger keeps to name sessions, turns and subagents' tasks.

    `full`: the client's title, else the first 80 characters of a prompt. `client`: the client's
    title alone. `none`: nothing."""
    roots: tuple[ExtraRoot, ...] = ()


def load(path: Path) -> Config:
    """Read the settings; the defaults if there is no file. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: can't be read: it is not UTF-8") from error
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    unknown = sorted(set(data) - {"titles", "roots"})
    if unknown:
        raise ConfigError(f"{path}: unknown key {unknown[0]!r}; known are: roots, titles")
    titles = data.get("titles", "full")
    if titles not in TITLES:
        raise ConfigError(f"{path}: titles = {titles!r}: allowed are {', '.join(TITLES)}")
    roots = data.get("roots", [])
    if not isinstance(roots, list):
        raise ConfigError(f"{path}: roots must be a list of tables: [[roots]]")
    return Config(titles=titles, roots=tuple(_root(path, item) for item in roots))


def _root(path: Path, item: object) -> ExtraRoot:
    if not isinstance(item, dict):
        raise ConfigError(f"{path}: roots must be a list of tables: [[roots]]")
    unknown = sorted(set(item) - {"source", "path", "label"})
    if unknown:
        raise ConfigError(
            f"{path}: unknown key {unknown[0]!r} in [[roots]]; known are: label, path, source"
        )
    source, folder, label = item.get("source"), item.get("path"), item.get("label")
    if source not in SOURCES:
        raise ConfigError(
            f"{path}: source = {source!r} in [[roots]]: allowed are {', '.join(SOURCES)}"
        )
    place = os.path.expanduser(folder) if isinstance(folder, str) else ""  # noqa: PTH111
    if "\0" in place or not Path(place).is_absolute():
        raise ConfigError(
            f"{path}: path = {folder!r} in [[roots]]: an absolute path is needed, or one from ~"
        )
    if label is not None and not isinstance(label, str):
        raise ConfigError(f"{path}: label = {label!r} in [[roots]]: a text is needed")
    return ExtraRoot(source=source, path=Path(place), label=label)
