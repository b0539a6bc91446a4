"""The rows of the Settings screen: one for each setting, one for each further folder."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.text import Text

from tokenwatch import format as fmt
from tokenwatch.config import ExtraRoot
from tokenwatch.config.catalogue import SETTINGS, told_of, toml
from tokenwatch.config.setting import Setting
from tokenwatch.config.tables import BUDGETS, PLANS, ROOTS
from tokenwatch.tui.looks.themes import Ink
from tokenwatch.tui.preferences import Preferences
from tokenwatch.tui.privacy import HIDDEN
from tokenwatch.tui.widgets.record_table import Column

SETTING_COLUMNS: Final = (
    Column(key="setting", title="setting", width=19),
    Column(key="value", title="value", width=24),
    Column(key="from", title="from", width=11, drop=1),
    Column(key="meaning", title="meaning", width=0, least=20, drop=2),
)
NO_FOLDER: Final = "roots"
"""Key of the row that stands for no further folders."""
PRIVATE: Final = frozenset({"editor", "waste.complaints", "alerts.command", "alerts.webhook"})
"""Settings whose values `P` hides: they may be paths, words of prompts, or secrets."""
ADD: Final = "n adds a folder to look for logs in."
ELSEWHERE: Final = {
    BUDGETS.key: ("The Budgets screen shows and changes them: enter goes there.",),
    PLANS.key: (
        "The Quota screen shows them. They stand in the file alone, which E opens, like this:",
        "[[plans]]",
        'source = "codex"',
        "fee = 20",
        'currency = "EUR"',
    ),
}
"""Tables that are not changed here: what is said of how they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """A setting; a table of ELSEWHERE; or (with a root or for NO_FOLDER) a further folder."""

    key: str
    value: str
    origin: str
    """default, config.toml, or what decides instead."""
    meaning: str
    known: Setting | None = None
    root: ExtraRoot | None = None

    @property
    def is_default(self) -> bool:
        return self.origin == "default"

    def exact(self, column: str) -> str | None:
        """Return what an export writes for a column."""
        return self.origin if column == "from" else None


def setting_rows(of: Preferences, home: str | None, *, private: bool) -> list[SettingRow]:
    """Return all rows. private: paths and labels are hidden."""
    rows = []
    for known in SETTINGS:
        value = told_of(of.config, known.key)
        is_default = value == known.default
        origin = of.decided.get(known.key) or ("default" if is_default else "config.toml")
        shown = known.otherwise if value is None else toml(value).strip('"')
        if private and known.key in PRIVATE and value is not None:
            shown = HIDDEN
        rows.append(
            SettingRow(
                key=known.key, value=shown, origin=origin, meaning=known.meaning, known=known
            )
        )
    for table, many in ((BUDGETS, len(of.config.budgets)), (PLANS, len(of.config.plans))):
        origin = "config.toml" if many else "default"
        shown = f"{many} set" if many else "none"
        rows.append(SettingRow(key=table.key, value=shown, origin=origin, meaning=table.meaning))
    for number, root in enumerate(of.config.roots):
        where = HIDDEN if private else short(root.path, home)
        label = "" if private or not root.label else f"{root.label} · "
        rows.append(
            SettingRow(
                key=f"roots {number + 1}",
                value=where,
                origin="config.toml",
                meaning=f"{label}logs of {root.source}",
                root=root,
            )
        )
    if not of.config.roots:
        rows.append(
            SettingRow(key=NO_FOLDER, value="none", origin="default", meaning=ROOTS.meaning)
        )
    return rows


def short(path: Path, home: str | None) -> str:
    """Return a path, with ~ for the user's home."""
    text = str(path)
    if home and text.startswith(home.rstrip("/") + "/"):
        return "~" + text[len(home.rstrip("/")) :]
    return text


def paint_setting(row: SettingRow, column: str, ink: Ink) -> Text:
    """Return one cell."""
    if column == "setting":
        return Text(row.key, ink.text)
    if column == "value":
        value = fmt.one_line(row.value, 400)
        return Text(value, ink.quiet if row.is_default else ink.strong)
    if column == "from":
        # Which variable it is has no room here; it is said below.
        has_room = row.origin in ("default", "config.toml") or row.origin.startswith("--")
        return Text(
            row.origin if has_room else "environment", ink.quiet if row.is_default else ink.text
        )
    return Text(fmt.one_line(row.meaning, 400), ink.quiet)


def about(
    row: SettingRow | None, of: Preferences, width: int, ink: Ink, *, private: bool
) -> list[Text]:
    """Return what there is to say of a row, in lines: first what is wrong with the file."""
    problems = of.problems
    if private and problems:
        problems = (f"{len(problems)} lines, hidden (P shows them)",)
    lines = [
        Text(line, ink.watch)
        for problem in problems
        for line in _wrapped(f"▲ {problem}", width, "  ")
    ]
    if row is None:
        return lines
    for label, said in _said(row, of):
        style = ink.quiet if label else ink.text
        if said and label:
            first, *rest = _wrapped(said, max(10, width - 10), "")
            lines.append(Text.assemble((f"{label:10}", ink.quiet), (first, ink.text)))
            lines += [Text(" " * 10 + line, ink.text) for line in rest]
        else:
            lines += [Text(line, style) for line in _wrapped(said, width, "")]
    return lines


def _said(row: SettingRow, of: Preferences) -> Iterator[tuple[str, str]]:
    """Return labels, each with what it stands before; those without are paragraphs."""
    if row.key in ELSEWHERE:
        yield "", row.meaning
        for line in ELSEWHERE[row.key]:
            yield "", line
        return
    if row.known is None:
        yield "", ROOTS.meaning if row.root is None else f"{row.meaning}: {row.value}"
        yield "", " ".join((ADD, *ROOTS.more) if row.root is None else ROOTS.more)
        return
    known = row.known
    yield "", known.meaning
    if row.origin in of.decided.values():
        yield "", f"{row.origin} decides, whatever stands in the file."
    yield "allowed", known.words
    yield "default", known.otherwise or toml(known.default).strip('"')
    yield "changes", known.when
    yield "", " ".join(known.more)


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        fmt.clean(text), max(10, width), subsequent_indent=indent, break_on_hyphens=False
    )
