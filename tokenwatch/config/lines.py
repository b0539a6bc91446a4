"""Change tables of config.toml line by line, where each stands as people write them.

tomlkit hangs a comment at the table above it, and lets it go with that table or puts new keys below
it. Here comments stay where they are. Each function is a guess, which `edit` makes sure of: where
the text says something else than it should, the change is tomlkit's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Row = Mapping[str, str | bool | Decimal | None]
"""Fields of a table; None: it is not there."""


def added(text: str, key: str, row: Row) -> str:
    """Return a text with a `[[key]]` more at its end."""
    end = _end(text)
    before = f"{text.rstrip()}{end}{end}" if text.strip() else ""
    lines = [f"[[{key}]]", *(_line(name, each) for name, each in row.items() if each is not None)]
    return before + "".join(f"{line}{end}" for line in lines)


def changed(text: str, key: str, number: int, old: Mapping[str, Any], row: Row) -> str:
    """Return a text whose n-th `[[key]]`, which said the old fields, says those of a row."""
    lines, (begin, behind) = text.splitlines(keepends=True), _place(text, key, number)
    own = lines[begin:behind]
    if not own:
        return text
    for name, value in row.items():
        if old.get(name) == value:
            continue
        form = re.compile(rf"(\s*{name}\s*=\s*)(\"[^\"]*\"|'[^']*'|[^#\s]+)(.*)", re.DOTALL)
        at = next((at for at, line in enumerate(own) if form.match(line)), None)
        if at is None:
            if value is not None:
                if not own[-1].endswith("\n"):
                    own[-1] += _end(text)
                own.append(_line(name, value) + _end(text))
        elif value is None:
            del own[at]
        else:
            own[at] = form.sub(lambda found: f"{found[1]}{_toml(value)}{found[3]}", own[at])  # noqa: B023
    return "".join((*lines[:begin], *own, *lines[behind:]))


def without(text: str, key: str, number: int) -> str:
    """Return a text without the n-th `[[key]]`; comments above and below it stay."""
    lines, (begin, behind) = text.splitlines(keepends=True), _place(text, key, number)
    before, after = lines[:begin], lines[behind:]
    if before and after and not before[-1].strip() and not after[0].strip():
        del after[0]
    return "".join((*before, *after))


def _place(text: str, key: str, number: int) -> tuple[int, int]:
    """Return the first line of the n-th `[[key]]`, and the one behind its last value.

    Nothing at the end where there is no such table.
    """
    lines = text.splitlines(keepends=True)
    heads = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{key}\s*\]\]", line)]
    if number >= len(heads):
        return len(lines), len(lines)
    begin = heads[number]
    inner = range(begin + 1, len(lines))
    behind = next((at for at in inner if lines[at].lstrip().startswith("[")), len(lines))
    while behind > begin + 1 and lines[behind - 1].strip()[:1] in ("", "#"):
        behind -= 1
    return begin, behind


def _line(name: str, value: str | bool | Decimal) -> str:
    return f"{name} = {_toml(value)}"


def _toml(value: str | bool | Decimal) -> str:
    import tomlkit

    return f"{value:f}" if isinstance(value, Decimal) else tomlkit.item(value).as_string()


def _end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
