"""Where to look for logs, what lies there, and what the clients themselves say there.

Every command needs this much; what reads a log is imported when there is something to read.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenwatch.config import Config
from tokenwatch.found import LiveProcess, LogFile
from tokenwatch.sources import all_sources
from tokenwatch.sources.source import Source


class Root(NamedTuple):
    """A folder where a source's logs may be."""

    source: Source
    path: Path


def roots(config: Config, environment: Mapping[str, str], home: Path) -> tuple[Root, ...]:
    """Return where to look: each source's own places, then those of the settings."""
    found = [
        Root(source=source, path=path)
        for source in all_sources()
        for path in source.roots(environment, home)
    ]
    by_name = {source.name: source for source in all_sources()}
    found += [Root(source=by_name[r.source], path=r.path) for r in config.roots]
    unique: dict[tuple[str, str], Root] = {}
    for root in found:
        unique.setdefault((root.source.name, os.path.realpath(root.path)), root)
    return tuple(unique.values())


def files(where: Sequence[Root]) -> dict[str, LogFile]:
    """Return the files of all roots by path, each once however many roots lead to it."""
    found: dict[str, LogFile] = {}
    inodes: set[tuple[str, int, int]] = set()
    for root in where:
        for file in root.source.find(root.path).files:
            identity = (file.source, file.device, file.inode)
            if identity not in inodes:
                inodes.add(identity)
                found[file.path] = file
    return found


def live_signs(where: Sequence[Root]) -> dict[str, LiveProcess]:
    """Return the clients' own signs by session id; a living process wins over a leftover."""
    found: dict[str, LiveProcess] = {}
    for root in where:
        for process in root.source.live(root.path):
            known = found.get(process.session_id)
            if known is None or _certainty(process) > _certainty(known):
                found[process.session_id] = process
    return found


def _certainty(process: LiveProcess) -> int:
    """Order signs of one session: a living process, one that can't be checked, a leftover."""
    return 1 if process.alive is None else 2 if process.alive else 0
