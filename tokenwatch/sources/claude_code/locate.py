"""Where Claude Code keeps its logs, and what each file there is."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from tokenwatch.found import Found, LogFile, Trouble
from tokenwatch.model import AgentKind

SOURCE_NAME = "claude-code"
AUXILIARY_PREFIXES = ("acompact", "aprompt_suggestion", "aside_question")
"""Beginnings of the ids of the program's own agents: compaction, prompt suggestion, `/btw`."""
SKIPPED_FOLDERS = frozenset({"tool-results", "memory"})
"""Folders of a project that hold what tools and the agent wrote, never transcripts."""
KEEPS_DAYS = 30
"""What the program deletes after, unless `cleanupPeriodDays` says otherwise."""


def roots(environment: Mapping[str, str], home: Path) -> Sequence[Path]:
    """Return the configuration folders: those of `CLAUDE_CONFIG_DIR`, else the two defaults."""
    chosen = environment.get("CLAUDE_CONFIG_DIR", "").strip()
    if chosen:
        found = [_folder(item, home) for item in _items(chosen, home)]
    else:
        config = environment.get("XDG_CONFIG_HOME", "").strip()
        shared = _expand(config, home) if config else home / ".config"
        found = [home / ".claude", shared / "claude"]
    return list({os.path.realpath(path): path for path in reversed(found)}.values())[::-1]


def _items(value: str, home: Path) -> Iterator[str]:
    """Split a list; a piece that names an existing folder is never split further."""
    if _expand(value, home).is_dir():
        yield value
        return
    for piece in value.split(os.pathsep):
        parts = [piece] if _expand(piece.strip(), home).is_dir() else piece.split(",")
        yield from (part.strip() for part in parts if part.strip())


def _expand(value: str, home: Path) -> Path:
    if value == "~" or value.startswith(("~/", "~" + os.sep)):
        return home / value[2:]
    return Path(value).absolute()


def _folder(value: str, home: Path) -> Path:
    """Return the root that an item names; other tools write the `projects` folder itself."""
    path = _expand(value, home)
    if path.name == "projects" and not (path / "projects").is_dir():
        return path.parent
    return path


class Place(NamedTuple):
    """What a file's path tells of it."""

    form: str
    """transcript, journal (of a workflow), agent-sidecar or title-sidecar."""
    session_id: str | None
    """None where only the records can tell: of agents beside their session's file."""
    agent_id: str | None
    """None for the main agent."""
    kind: AgentKind

    @property
    def rank(self) -> int:
        """Return the file's claim on what several files hold: the lower, the better."""
        return (AgentKind.MAIN, AgentKind.SUBAGENT, AgentKind.AUXILIARY).index(self.kind)


def place(path: str) -> Place:
    """Tell what a file is from its path below a project's folder."""
    parts = path.replace(os.sep, "/").split("/")
    name = parts[-1]
    folder = None
    if "subagents" in parts:
        folder = parts[len(parts) - 1 - parts[::-1].index("subagents") - 1]
    if name == "custom-title.json":
        return Place(form="title-sidecar", session_id=parts[-2], agent_id=None, kind=AgentKind.MAIN)
    if name == "journal.jsonl":
        return Place(form="journal", session_id=folder, agent_id=None, kind=AgentKind.MAIN)
    if not name.startswith("agent-"):
        stem = name.partition(".")[0]
        return Place(form="transcript", session_id=stem, agent_id=None, kind=AgentKind.MAIN)
    agent_id = name.removeprefix("agent-").partition(".")[0]
    auxiliary = agent_id.startswith(AUXILIARY_PREFIXES)
    return Place(
        form="agent-sidecar" if name.endswith(".meta.json") else "transcript",
        session_id=folder,
        agent_id=agent_id,
        kind=AgentKind.AUXILIARY if auxiliary else AgentKind.SUBAGENT,
    )


def _log_kind(name: str) -> str | None:
    if name.endswith(".jsonl") and not name.startswith("."):
        return "log"
    if name == "custom-title.json" or name.startswith("agent-") and name.endswith(".meta.json"):
        return "sidecar"
    return None


def find(root: Path, below: Path | None = None) -> Found:
    """Return transcripts, journals and sidecars at any depth below `<root>/projects`.

    below: only those in or below this folder.
    """
    search = _Search(str(root))
    projects = root / "projects"
    top = projects if below is None else below
    if not _is_searched(top, projects):
        return Found()
    try:
        mode = root.stat().st_mode
        if not stat.S_ISDIR(mode):
            return Found(troubles=(Trouble(path=str(root), what="not a directory"),))
        mode = projects.stat().st_mode
    except FileNotFoundError:
        return Found()
    except OSError as error:
        return Found(troubles=(Trouble(path=str(projects), what=_why(error)),))
    if not stat.S_ISDIR(mode):
        return Found(troubles=(Trouble(path=str(projects), what="not a directory"),))
    search.walk(os.path.realpath(top))
    files = sorted(search.files, key=attrgetter("path"))
    return Found(files=tuple(files), troubles=tuple(search.troubles))


def _is_searched(folder: Path, projects: Path) -> bool:
    """Tell whether a search of all projects comes to a folder, if that is one."""
    return folder.is_relative_to(projects) and not any(
        part in SKIPPED_FOLDERS or _log_kind(part) for part in folder.relative_to(projects).parts
    )


class _Search:
    def __init__(self, root: str) -> None:
        self.root = root
        self.files: list[LogFile] = []
        self.troubles: list[Trouble] = []
        self.seen: set[tuple[int, int]] = set()
        """(device, inode) of every file: links may lead to one twice."""

    def walk(self, top: str) -> None:
        """Look into a resolved folder and all below it, each once whatever links lead to it."""
        waiting = [top]
        known: set[str] = set()
        while waiting:
            folder = waiting.pop()
            if folder in known:
                continue
            known.add(folder)
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=attrgetter("name"))
            except OSError as error:
                self.troubles.append(Trouble(path=folder, what=_why(error)))
                continue
            waiting += [path for entry in entries if (path := self._visit(entry))]

    def _visit(self, entry: os.DirEntry[str]) -> str | None:
        """Take a file; return the resolved path of a folder to look into."""
        kind = _log_kind(entry.name)
        try:
            if entry.is_dir():
                if kind is not None:
                    self.troubles.append(Trouble(path=entry.path, what="not a file"))
                    return None
                if entry.name in SKIPPED_FOLDERS:
                    return None
                return os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            if kind is None:
                return None
            status = entry.stat()
        except OSError as error:
            if kind is not None:
                self.troubles.append(Trouble(path=entry.path, what=_why(error)))
            return None
        if not stat.S_ISREG(status.st_mode):
            self.troubles.append(Trouble(path=entry.path, what="not a file"))
        elif (identity := (status.st_dev, status.st_ino)) not in self.seen:
            self.seen.add(identity)
            path = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
            self.files.append(
                LogFile(
                    source=SOURCE_NAME,
                    root=self.root,
                    path=path,
                    kind=kind,
                    size=status.st_size,
                    mtime_ns=status.st_mtime_ns,
                    device=status.st_dev,
                    inode=status.st_ino,
                )
            )
        return None


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "vanished"
    return f"unreadable: {error.strerror or type(error).__name__}"


def keeps_logs_days(root: Path) -> int | None:
    """Return `cleanupPeriodDays` of `<root>/settings.json`, 30 where it says nothing usable."""
    import json

    from tokenwatch.sources.tail import read_document

    try:
        settings = json.loads(read_document(str(root / "settings.json")))
    except (OSError, ValueError, RecursionError):
        return KEEPS_DAYS
    days = settings.get("cleanupPeriodDays") if isinstance(settings, dict) else None
    return days if type(days) is int and days > 0 else KEEPS_DAYS
