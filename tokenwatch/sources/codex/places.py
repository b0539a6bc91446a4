"""The project behind a working directory."""

from __future__ import annotations

from pathlib import Path, PurePath

_POINTER_BYTES = 4096


def project(cwd: str | None) -> str | None:
    """Return a working directory with a worktree folded into its repository, where that is known.

    Only folders below one called `worktrees` are looked at: there a file `.git` names the
    repository. A worktree that is gone keeps its own path. None for a path that is not absolute.
    """
    if cwd is None or not PurePath(cwd).is_absolute():
        return None
    path = Path(cwd)
    if "worktrees" not in path.parts:
        return cwd
    for folder in (path, *path.parents):
        if folder.name == "worktrees":
            break
        repository = _repository(folder / ".git")
        if repository is not None:
            return str(repository / path.relative_to(folder))
    return cwd


def _repository(pointer: Path) -> Path | None:
    try:
        if not pointer.is_file():
            return None
        with pointer.open("rb") as file:
            line = file.read(_POINTER_BYTES).decode("utf-8", "replace").partition("\n")[0]
    except OSError:
        return None
    target = Path(line.removeprefix("gitdir:").strip())
    if target.parent.name != "worktrees" or target.parent.parent.name != ".git":
        return None
    return target.parents[2] if target.is_absolute() else None
