"""Replace an agent's settings file, if it still is what the user was shown; keep what it was.

Whatever stands in the way is a ClientSettingsError, and then nothing was changed. What the file
held without any addition of ours is kept beside it for as long as there is one.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tokenwatch.clients.json_text import JsonTextError
from tokenwatch.errors import ClientSettingsError
from tokenwatch.format import clean

SUFFIX = ".tokenwatch-backup"
LARGEST = 8 * 1024 * 1024
CONTEXT_LINES = 2

Bare = Callable[[str, str | None], str]
"""(text, the text before any addition or None if that is unknown) -> the text without ours."""


class Change(NamedTuple):
    """What is to become of a file."""

    path: Path
    before: bytes | None
    """What it must still hold; None: there must be no such file."""
    after: bytes | None
    """None: the file goes away."""
    backup: bytes | None = None
    """What will be kept beside it; None: nothing, and what is kept goes if it is as `after`."""

    @property
    def is_none(self) -> bool:
        """Tell whether the file stays as it is."""
        return self.before == self.after


def backup_path(path: Path) -> Path:
    """Return where the state of a file without us is kept."""
    return path.with_name(path.name + SUFFIX)


def read(path: Path) -> bytes | None:
    """Return what a file holds; None if there is none. Raises ClientSettingsError."""
    try:
        # What is no file may keep whoever opens it waiting.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ClientSettingsError(f"{path}: it is no file")
            found = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refusal(path, error) from error
    if len(found) > LARGEST:
        raise ClientSettingsError(f"{path}: it is too large for a settings file")
    return found


def text_of(path: Path, found: bytes | None) -> str:
    """Return the text of a settings file; '' of one that is not there."""
    try:
        return (found or b"").decode()
    except UnicodeDecodeError as error:
        line = (found or b"")[: error.start].count(b"\n") + 1
        raise ClientSettingsError(
            f"{path}: line {line} is no UTF-8, so the file was left as it is"
        ) from error


def installing(path: Path, put: Callable[[str], str], bare: Bare) -> Change:
    """Return the change that adds something of ours. put: the text -> the text with it."""
    before = read(path)
    with _named(path):
        text = text_of(path, before)
        after = put(text).encode()
        plain = None if before is None else bare(text, _kept(path)).encode()
    if text.strip() and plain is not None and not plain.strip() and _backup(path) is None:
        # It holds nothing but ours: we made it.
        plain = None
    return Change(path, before, after, _backup(path) if before == after else plain)


def uninstalling(path: Path, take_out: Bare) -> Change:
    """Return the change that takes something of ours out.

    A file that we made and that holds nothing else goes away; what was kept goes once the file is
    that again.
    """
    before, kept = read(path), _backup(path)
    with _named(path):
        text = text_of(path, before)
        left = take_out(text, _kept(path))
    if before is None or (kept is None and left != text and not left.strip()):
        return Change(path, before, None, kept)
    after = left.encode()
    return Change(path, before, after, None if after == kept else kept)


def difference(change: Change) -> str:
    """Return what a change does, line by line as `diff -u` tells it; '' where it does nothing."""
    from difflib import unified_diff

    name = str(change.path)
    old, new = (_lines(content) for content in (change.before, change.after))
    found = unified_diff(
        old,
        new,
        name if change.before is not None else "/dev/null",
        name if change.after is not None else "/dev/null",
        n=CONTEXT_LINES,
        lineterm="",
    )
    return "\n".join(clean(line.expandtabs(4)) for line in found)


def apply(change: Change) -> None:
    """Write a change, at once or not at all.

    A link stays one: what it leads to is replaced. Mode and owner stay; a new file is its owner's
    alone. Raises ClientSettingsError, also if the file is not what the change started from.
    """
    if change.is_none:
        return
    target = Path(os.path.realpath(change.path))
    try:
        found = _checked(change, target)
        is_kept_anew = (
            change.before is not None and change.backup is not None and _keep(change, found)
        )
        try:
            if change.after is None:
                _same(change)
                target.unlink()
            else:
                _replace(change, target, found)
        except BaseException:
            if is_kept_anew:
                backup_path(change.path).unlink(missing_ok=True)
            raise
        if change.backup is None and change.after == _backup(change.path):
            backup_path(change.path).unlink(missing_ok=True)
    except OSError as error:
        raise _refusal(change.path, error) from error


def _checked(change: Change, target: Path) -> os.stat_result | None:
    """Return what the system says of the file; None if there is none."""
    path = change.path
    for folder in {path.parent, target.parent}:
        if not folder.is_dir():
            raise ClientSettingsError(f"{path}: there is no folder {folder}")
        if not folder.stat().st_mode & 0o222 or not os.access(folder, os.W_OK | os.X_OK):
            raise ClientSettingsError(f"{path}: its folder {folder} is read-only")
    _same(change)
    if change.before is None:
        return None
    found = target.stat()
    if not found.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise ClientSettingsError(f"{path}: it is read-only")
    if found.st_nlink > 1:
        raise ClientSettingsError(
            f"{path}: the same file has another name (a hard link), which would be left behind"
        )
    return found


def _same(change: Change) -> None:
    if read(change.path) != change.before:
        raise ClientSettingsError(
            f"{change.path}: it was changed meanwhile, so nothing was written; try again"
        )


def _keep(change: Change, found: os.stat_result | None) -> bool:
    """Write what is kept; tell whether there was nothing of that name before."""
    path = backup_path(change.path)
    if path.is_file() and read(path) == change.backup:
        return False
    if path.is_dir():
        raise ClientSettingsError(f"{path}: it is a folder, so no backup can be kept")
    is_new = not os.path.lexists(path)
    name = _written(path, change.backup or b"", found)
    name.replace(path)
    return is_new


def _replace(change: Change, target: Path, found: os.stat_result | None) -> None:
    name = _written(target, change.after or b"", found)
    try:
        _same(change)
        if change.before is None:
            _named_anew(name, target)
        else:
            name.replace(target)
    except FileExistsError as error:
        name.unlink(missing_ok=True)
        raise ClientSettingsError(f"{change.path}: it was made meanwhile; try again") from error
    except BaseException:
        with suppress(OSError):
            name.unlink(missing_ok=True)
        raise
    _settle(target.parent)


def _named_anew(made: Path, target: Path) -> None:
    """Give a file its name, never in place of one that came to be meanwhile."""
    try:
        os.link(made, target)
    except FileExistsError:
        raise
    except OSError:
        # Not every file system has a second name for a file.
        if os.path.lexists(target):
            raise
        made.replace(target)
    else:
        made.unlink()


def _written(target: Path, content: bytes, found: os.stat_result | None) -> Path:
    """Write a new file beside one, with the mode and the owner of what is there."""
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-", suffix=".new")
    try:
        with os.fdopen(number, "wb") as file:
            if found is not None:
                made = os.fstat(number)
                if (made.st_uid, made.st_gid) != (found.st_uid, found.st_gid):
                    os.fchown(number, found.st_uid, found.st_gid)
                os.fchmod(number, stat.S_IMODE(found.st_mode))
            file.write(content)
            file.flush()
            os.fsync(number)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)


def _settle(folder: Path) -> None:
    """Let the new name survive a crash, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _backup(path: Path) -> bytes | None:
    """Return what is kept beside a file; None if nothing is, or nothing that can be read."""
    try:
        return read(backup_path(path))
    except ClientSettingsError:
        return None


def _kept(path: Path) -> str | None:
    """Return the text of what is kept, if it is one that helps."""
    from tokenwatch.clients.json_text import parse

    found = _backup(path)
    try:
        text = None if found is None else found.decode()
        if text is not None:
            parse(text)
    except ValueError:
        return None
    return text


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode("utf-8", "replace")
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    return lines[:-1] if lines[-1] == "" else lines


class _named:  # noqa: N801 - used as a function
    """Say of which file something is that is wrong in its text."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, JsonTextError):
            raise ClientSettingsError(
                f"{self._path}: {error}; the file was left as it is"
            ) from error


def _refusal(path: Path, error: OSError) -> ClientSettingsError:
    return ClientSettingsError(f"{path}: it can't be changed: {error.strerror or error}")
