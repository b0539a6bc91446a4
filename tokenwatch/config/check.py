"""Whether a text is a proper config.toml: everything that is wrong with it, or its settings."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from tokenwatch.config import Config, ExtraRoot, ScreenConfig, WasteConfig
from tokenwatch.config.catalogue import SECRET, SETTINGS, TABLES, sections
from tokenwatch.config.setting import CHOICE, FLAG, MOST_TEXTS, NUMBER, TEXTS, Setting, Table
from tokenwatch.config.tables import BUDGETS, ROOTS
from tokenwatch.errors import ConfigError, UsageError

Place = tuple[str | int, ...]
"""Names and, within lists, numbers that lead to a value."""

_LONG = 60
_ADDRESS = re.compile(r"(\w://).*", re.DOTALL)
_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")


class Problem(NamedTuple):
    """What is wrong at a place."""

    place: Place
    said: str


def parse(text: str, path: Path) -> Config:
    """Return the settings of a text. Raises ConfigError with all that is wrong; path names it."""
    try:
        data = tomllib.loads(text, parse_float=exact)
    except ValueError as error:
        # Syntax; also a whole number of more digits than Python reads.
        raise ConfigError(f"{path}: {_syntax(str(error))}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: its values are nested too deeply") from error
    problems = list(_problems(data))
    if problems:
        raise ConfigError(*_lines(text, path, problems))
    return _config(data)


def problem_of(known: Setting, value: object) -> str | None:
    """Say what is wrong with a value, in words that follow its name; None for a proper one."""
    if known.kind == FLAG:
        right = isinstance(value, bool)
    elif known.kind == CHOICE:
        right = value in known.allowed if isinstance(value, str) else False
    elif known.kind == NUMBER:
        right = isinstance(value, int | Decimal) and _is_number_for(known, value)
    elif known.kind == TEXTS:
        right = isinstance(value, list) and _are_texts(value)
    else:
        right = isinstance(value, str) and _is_text_for(known, value)
    return None if right else f"{allowed(known)}{_meant(value, known.allowed)}"


def allowed(known: Setting) -> str:
    """Say which values a setting takes."""
    return f"{known.wanted} is needed" if known.wanted else f"allowed are {known.words}"


def exact(text: str) -> Decimal:
    """Return a number as it is written; NaN for one beyond all bounds."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _syntax(said: str) -> str:
    """Put the place that the parser names at the end where our own lines have it."""
    at = _AT.search(said)
    if at is None:
        return said
    return f"line {at[1]}, column {at[2]}: {said[: at.start()]}"


def _lines(text: str, path: Path, problems: Iterable[Problem]) -> list[str]:
    from tokenwatch.config.locate import line_of

    placed = [(line_of(text, problem.place), problem.said) for problem in problems]
    placed.sort(key=lambda found: found[0] or 0)
    return [f"{path}: line {line}: {said}" if line else f"{path}: {said}" for line, said in placed]


def _problems(data: Mapping[str, object]) -> Iterator[Problem]:
    top = {known.key: known for known in SETTINGS if "." not in known.key}
    tables = {table.key: table for table in TABLES}
    yield from _values(data, (), top, also=(*tables, *sections()))
    for name in sections():
        inner = data.get(name, {})
        if not isinstance(inner, dict):
            yield Problem((name,), f"{name} = {shown(inner)}: a table is needed: [{name}]")
            continue
        known = {
            each.key.partition(".")[2]: each for each in SETTINGS if each.key.startswith(f"{name}.")
        }
        yield from _values(inner, (name,), known)
    for table in tables.values():
        yield from _rows(data.get(table.key, []), table)


def _rows(rows: object, table: Table) -> Iterator[Problem]:
    lists = f"{table.key} must be a list of tables: [[{table.key}]]"
    if not isinstance(rows, list):
        yield Problem((table.key,), f"{table.key} = {shown(rows)}: {lists}")
        return
    known = {field.key: field for field in table.fields}
    proper: list[dict[str, object] | None] = [None] * len(rows)
    for number, row in enumerate(rows):
        place: Place = (table.key, number)
        if not isinstance(row, dict):
            yield Problem(place, f"{shown(row)} in {table.key}: {lists}")
            continue
        wrong = [
            Problem(place, f"{name} is missing in [[{table.key}]]: {allowed(known[name])}")
            for name in table.required
            if name not in row
        ]
        wrong += _values(row, place, known)
        yield from wrong
        proper[number] = None if wrong else row
    if table is BUDGETS and rows:
        from tokenwatch.config import budgets

        for number, key, value, said in budgets.problems(proper):
            place = (table.key, number, key) if key in rows[number] else (table.key, number)
            yield Problem(place, f"{key} = {shown(value)}{_inside(place)}: {said}")


def _values(
    data: Mapping[str, object],
    place: Place,
    known: Mapping[str, Setting],
    also: tuple[str, ...] = (),
) -> Iterator[Problem]:
    """Check the keys and values of one table; `also` are further keys, checked elsewhere."""
    inside = _inside(place)
    for name, value in data.items():
        if name in known:
            wrong = problem_of(known[name], value)
            if wrong:
                what = _told(known[name], value)
                yield Problem((*place, name), f"{name} = {what}{inside}: {wrong}")
        elif name not in also:
            names = sorted((*known, *also))
            said = f"unknown key {shown(name)}{inside}; known are: {', '.join(names)}"
            yield Problem((*place, name), said + (_meant(name, names) or _belongs(name, place)))


def _inside(place: Place) -> str:
    if not place:
        return ""
    return f" in [[{place[0]}]]" if len(place) > 1 else f" in [{place[0]}]"


def _belongs(name: str, place: Place) -> str:
    """Say where a key belongs that is known elsewhere."""
    for known in SETTINGS:
        table, _, own = known.key.rpartition(".")
        if own == name and place != (table,):
            return f"; it belongs into [{table}]" if table else "; it belongs above all tables"
    return ""


def _meant(value: object, names: Iterable[str]) -> str:
    close = get_close_matches(value.lower(), names, 1, 0.7) if isinstance(value, str) else []
    return f"; did you mean {close[0]!r}?" if close else ""


def shown(value: object) -> str:
    """Return a value for a message: one line, not long, of an address only its beginning."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value) if isinstance(value, Decimal) else repr(value)
    # It may be a webhook's, which is a secret, in a wrong place.
    text = _ADDRESS.sub(r"\1…", text)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _told(known: Setting, value: object) -> str:
    """Return the value of a setting for a message."""
    return "…" if known.key in SECRET else shown(value)


def _is_text_for(known: Setting, value: str) -> bool:
    tests = {
        "timezone": _is_zone,
        "editor": _is_command,
        "path": _is_path,
        "label": str.isprintable,
        "name": _is_name,
        "scope": _is_scope,
        "currency": _is_currency,
    }
    if known.key.startswith("alerts."):
        return _is_of_alerts(known.key, value)
    return tests[known.key](value)


def _are_texts(values: list[object]) -> bool:
    """Tell whether each has a letter or a digit, so that it is found between others."""
    return len(values) <= MOST_TEXTS and all(
        isinstance(value, str)
        and 2 <= len(value.strip()) == len(value) <= 80
        and value.isprintable()
        and any(map(str.isalnum, value))
        for value in values
    )


def _is_of_alerts(key: str, value: str) -> bool:
    from tokenwatch.config import alerts

    return alerts.problem(alerts.name_of(key.removeprefix("alerts.")), value) is None


def _is_currency(value: str) -> bool:
    return len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()


def _is_zone(value: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_command(value: str) -> bool:
    try:
        return value.isprintable() and bool(shlex.split(value))
    except ValueError:
        return False


def _is_name(value: str) -> bool:
    return 0 < len(value) <= 60 and value.isprintable() and value == value.strip()


def _is_scope(value: str) -> bool:
    from tokenwatch.config import budgets

    return budgets.scope_of(value) is not None


def _is_number_for(known: Setting, value: int | Decimal) -> bool:
    from tokenwatch.config import budgets

    if isinstance(value, bool):
        return False
    tests = {"limit": budgets.is_limit, "fee": budgets.is_limit, "warn": budgets.is_share}
    return tests[known.key](Decimal(value))


def _is_path(value: str) -> bool:
    return "\0" not in value and folder(value).is_absolute()


def folder(value: str) -> Path:
    """Return a path of the settings; `~` and `~name` stand for a home."""
    return Path(os.path.expanduser(value))  # noqa: PTH111 - raises for no name


def _config(data: Mapping[str, object]) -> Config:
    """Return the settings of checked data."""
    apart = ("screen", "roots", "budgets", "plans", "alerts", "guard", "waste")
    values: dict[str, object] = {k: v for k, v in data.items() if k not in apart}
    screen, roots, limits = data.get("screen", {}), data.get("roots", []), data.get("budgets", [])
    assert isinstance(screen, dict) and isinstance(roots, list) and isinstance(limits, list)
    if limits:
        from tokenwatch.config import budgets

        values["budgets"] = tuple(budgets.budget(row) for row in limits)
    if isinstance(of_alerts := data.get("alerts"), dict):
        from tokenwatch.config import alerts

        values["alerts"] = alerts.of_file(of_alerts)
    if isinstance(of_guard := data.get("guard"), dict):
        from tokenwatch.config.guard import GuardConfig

        values["guard"] = GuardConfig(**of_guard)
    if isinstance(paid := data.get("plans"), list) and paid:
        from tokenwatch.config.plans import Plan

        values["plans"] = tuple(
            Plan(row["source"], Decimal(str(row["fee"])), row.get("currency", "USD"))
            for row in paid
        )
    if isinstance(of_waste := data.get("waste"), dict):
        values["waste"] = WasteConfig(**{name: tuple(of_waste[name]) for name in of_waste})
    return Config(
        **values,  # type: ignore[arg-type]
        screen=ScreenConfig(**screen),
        roots=tuple(
            ExtraRoot(source=row["source"], path=folder(row["path"]), label=row.get("label"))
            for row in roots
        ),
    )


def chosen(text: str) -> frozenset[str]:
    """Return the keys of the settings that a proper text gives a value to."""
    data = tomllib.loads(text)
    found = set()
    for known in SETTINGS:
        table, _, name = known.key.rpartition(".")
        inner = data.get(table, {}) if table else data
        if name in inner:
            found.add(known.key)
    return frozenset(found)


def known_setting(key: str) -> Setting:
    """Return the setting of that key. Raises UsageError with the keys there are."""
    by_key = {known.key: known for known in SETTINGS}
    if key in by_key:
        return by_key[key]
    if key in (table.key for table in TABLES):
        what = {
            BUDGETS.key: "`tokenwatch budget` changes them",
            ROOTS.key: "the settings (,) change them",
        }.get(key, "they are written there")
        raise UsageError(f"{key} are tables of the file; {what}")
    own = [name for name in by_key if name.rpartition(".")[2] == key]
    meant = f"; did you mean {own[0]!r}?" if own else _meant(key, by_key)
    raise UsageError(f"unknown setting {shown(key)}; known are: {', '.join(by_key)}{meant}")


def value_from(known: Setting, text: str) -> str | bool | list[str]:
    """Return the value that was typed for a setting. Raises UsageError for a wrong one."""
    value: str | bool | list[str] = text
    if known.kind == FLAG:
        value = {"true": True, "false": False}.get(text, text)
    elif known.kind == TEXTS:
        value = texts_from(text)
    wrong = problem_of(known, value)
    if wrong:
        raise UsageError(f"{known.key} = {_told(known, text)}: {wrong}")
    return value


def texts_from(text: str) -> list[str]:
    """Return the texts of a line, as in the file or with commas between them."""
    if text.strip().startswith("["):
        try:
            found = tomllib.loads(f"texts = {text.strip()}")
        except ValueError:
            found = {}
        if len(found) == 1 and isinstance(found.get("texts"), list):
            return list(found["texts"])
    return [part.strip() for part in text.split(",") if part.strip()]


def number_from(known: Setting, text: str) -> Decimal:
    """Return the number that was typed for a setting. Raises UsageError for a wrong one."""
    value = exact(text)
    if wrong := problem_of(known, value):
        raise UsageError(f"--{known.key} {shown(text)}: {wrong}")
    return value
