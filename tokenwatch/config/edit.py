"""Change config.toml and nothing else in it: comments, order and line ends stay.

Every change starts from what the file holds at that moment, is checked before it is written, and
replaces the file as a whole. Raises ConfigError where the file is broken, and ConfigNotWritten.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from tokenwatch import config
from tokenwatch.config import ExtraRoot, lines
from tokenwatch.config.check import exact, folder, parse
from tokenwatch.config.lines import Row
from tokenwatch.errors import ConfigNotWritten, NotFound

_BOM = b"\xef\xbb\xbf"
_AGAIN = 3


class Written(NamedTuple):
    """A change that was made."""

    before: str | None
    """The file's text; None if there was no file."""
    after: str


class _Kinds(NamedTuple):
    """What makes tables: the same change is made to the document and to plain data."""

    table: Callable[[], Any]
    inline: Callable[[], Any]
    rows: Callable[[], Any]
    number: Callable[[Decimal], Any]


Change = Callable[[Any, _Kinds], None]


def put(path: Path, key: str, value: str | bool | Sequence[str]) -> Written:
    """Give a setting a value, which `check.problem_of` has found to be proper."""
    plain = value if isinstance(value, str | bool) else list(value)

    def change(data: Any, new: _Kinds) -> None:
        table, _, name = key.rpartition(".")
        if table and table not in data:
            data[table] = new.table()
        (data[table] if table else data)[name] = plain

    return _write(path, change)


def unset(path: Path, key: str) -> Written:
    """Let a setting be its default again."""

    def change(data: Any, kinds: _Kinds) -> None:
        table, _, name = key.rpartition(".")
        inner = data.get(table, {}) if table else data
        if name in inner:
            del inner[name]

    return _write(path, change)


def add_root(path: Path, source: str, place: str, label: str | None) -> Written:
    """Add a folder; place: as it shall stand in the file."""

    def change(data: Any, new: _Kinds) -> None:
        if "roots" not in data:
            data["roots"] = new.rows()
        is_inline = type(data["roots"]).__name__ == "Array"
        row = new.inline() if is_inline else new.table()
        _fill(row, {"source": source, "path": place, "label": label}, new)
        data["roots"].append(row)

    return _write(path, change)


def change_root(path: Path, root: ExtraRoot, source: str, place: str, label: str | None) -> Written:
    """Change a folder that is there."""

    def change(data: Any, new: _Kinds) -> None:
        number = _number(path, data, root)
        _fill(data["roots"][number], {"source": source, "path": place, "label": label}, new)

    return _write(path, change)


def remove_root(path: Path, root: ExtraRoot) -> Written:
    """Take a folder out."""

    def change(data: Any, _: _Kinds) -> None:
        number = _number(path, data, root)
        del data["roots"][number]
        if not data["roots"]:
            del data["roots"]

    return _write(path, change)


def put_budget(path: Path, row: Row) -> Written:
    """Add a budget, or give the one of that name these fields."""

    def change(data: Any, new: _Kinds) -> None:
        if "budgets" not in data:
            data["budgets"] = new.rows()
        rows = data["budgets"]
        found = next((each for each in rows if each["name"] == row["name"]), None)
        if found is None:
            found = new.inline() if type(rows).__name__ == "Array" else new.table()
            _fill(found, row, new)
            rows.append(found)
        else:
            _fill(found, row, new)

    def directly(text: str) -> str:
        rows = tomllib.loads(text, parse_float=exact).get("budgets", [])
        names = [each["name"] for each in rows]
        if row["name"] not in names:
            return lines.added(text, "budgets", row)
        number = names.index(row["name"])
        return lines.changed(text, "budgets", number, rows[number], row)

    return _write(path, change, directly)


def remove_budget(path: Path, name: str) -> Written:
    """Take a budget out. Raises NotFound, with the names there are."""

    def change(data: Any, _: _Kinds) -> None:
        number = _place(data, name)
        del data["budgets"][number]
        if not data["budgets"]:
            del data["budgets"]

    def directly(text: str) -> str:
        data = tomllib.loads(text)
        return lines.without(text, "budgets", _place(data, name))

    return _write(path, change, directly)


def _place(data: Mapping[str, Any], name: str) -> int:
    names = [row["name"] for row in data.get("budgets", ())]
    if name not in names:
        raise NotFound(unknown_budget(name, names))
    return names.index(name)


def unknown_budget(name: str, names: list[str]) -> str:
    """Say that no budget has a name, and which names there are."""
    known = f"there are: {', '.join(names)}" if names else "none is set"
    return f"no budget is called {name!r}; {known}"


def _fill(row: Any, fields: Row, new: _Kinds) -> None:
    for name, value in fields.items():
        if isinstance(value, Decimal):
            row[name] = new.number(value)
        elif value is not None:
            if row.get(name) != value:
                row[name] = value
        elif name in row:
            del row[name]


def _number(path: Path, data: Any, root: ExtraRoot) -> int:
    for number, row in enumerate(data.get("roots", ())):
        found = ExtraRoot(str(row["source"]), folder(str(row["path"])), row.get("label"))
        if found == root:
            return number
    raise ConfigNotWritten(f"{path}: {root.path} is no longer there: it was changed meanwhile")


def put_back(path: Path, written: Written) -> None:
    """Undo a change, if nothing was changed after it."""
    if config.read(path) != written.after:
        raise ConfigNotWritten(f"{path}: it was changed meanwhile, so nothing is undone")
    if written.before is not None:
        _replace(path, written.before, written.after)
        return
    try:
        Path(os.path.realpath(path)).unlink()
    except OSError as error:
        raise _refusal(path, error) from error


def _write(path: Path, change: Change, directly: Callable[[str], str] | None = None) -> Written:
    """Make a change; directly: makes it in the text, tried first as it keeps more of it."""
    for _ in range(_AGAIN):
        before = config.read(path)
        parse(before or "", path)
        after = _changed(path, before or "", change, directly)
        if after == before:
            return Written(before, after)
        parse(after, path)
        if _replace(path, after, before):
            return Written(before, after)
    raise ConfigNotWritten(f"{path}: another program keeps changing it; nothing was written")


def _changed(path: Path, text: str, change: Change, directly: Callable[[str], str] | None) -> str:
    """Return the changed text. Made sure of: it says what it said, but for the change."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    plain = tomllib.loads(text, parse_float=exact)
    change(plain, _Kinds(dict, dict, list, lambda number: number))
    with suppress(tomllib.TOMLDecodeError):
        if directly and tomllib.loads(done := directly(text), parse_float=exact) == plain:
            return done
    try:
        document = tomlkit.parse(text)
        change(
            document,
            _Kinds(
                tomlkit.table,
                tomlkit.inline_table,
                tomlkit.aot,
                lambda number: tomlkit.value(f"{number:f}"),
            ),
        )
        after = _ended_like(document.as_string(), text)
        is_right = tomllib.loads(after, parse_float=exact) == plain
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise ConfigNotWritten(f"{path}: it can't be changed here, but by hand: {error}") from error
    if not is_right:
        raise ConfigNotWritten(f"{path}: it is written in a way that can only be changed by hand")
    return after


def _ended_like(text: str, before: str) -> str:
    """Return a text whose new lines end as all those before did; as it is if they were mixed."""
    if "\n" in before and before.count("\n") == before.count("\r\n"):
        return re.sub(r"(?<!\r)\n", "\r\n", text)
    return text


def _replace(path: Path, after: str, before: str | None) -> bool:
    """Put a text in the file's place at once; False if the file isn't what it was before.

    A link stays one: what it leads to is replaced. A new file is readable by its owner alone, one
    that was there keeps its permissions.
    """
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode, mark = 0o600, b""
        if before is not None:
            mode = target.stat().st_mode & 0o7777
            mark = _BOM if target.read_bytes().startswith(_BOM) else b""
            if not (mode & 0o222 and os.access(target, os.W_OK)):
                raise PermissionError(13, "it is read-only")
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".config-", suffix=".toml")
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, mode)
                file.write(mark + after.encode())
                file.flush()
                os.fsync(descriptor)
            if config.read(path) != before:
                Path(name).unlink()
                return False
            Path(name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise _refusal(path, error) from error
    return True


def _refusal(path: Path, error: OSError) -> ConfigNotWritten:
    return ConfigNotWritten(f"{path}: can't be written: {error.strerror or error}")
