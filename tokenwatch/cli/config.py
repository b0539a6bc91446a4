"""`tokenwatch config`: which settings there are, what they are, and where that was said.

`list --json` is a document `tokenwatch.config/1`:

    {"schema": …, "generated_at": …, "timezone": …, "path": …, "exists": true,
     "rows": [{"key": "screen.theme", "value": "nord", "default": "dark",
               "origin": "default" | "config.toml" | "NO_COLOR" | …,
               "allowed": ["dark", …] | null, "meaning": …}],
     "roots": [{"source": …, "path": …, "label": … | null}]}

`value` is what the file says, or the default; `origin` names what decides. null is: nothing chosen.
`check --json` has `{"problems": ["<a line each>"]}` in place of the rows, and ends with 2 if there
are any.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tokenwatch import config, paths
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.ground import print_json
from tokenwatch.cli.options import zone_of
from tokenwatch.cli.table import Column, print_table
from tokenwatch.config import Config, edit
from tokenwatch.config.catalogue import SETTINGS, told_of, toml
from tokenwatch.config.check import chosen, known_setting, value_from
from tokenwatch.config.setting import Setting
from tokenwatch.errors import ConfigError, UsageError
from tokenwatch.export import documents
from tokenwatch.export.budgets import sentence
from tokenwatch.export.documents import Json

ACTIONS = {"list": 0, "path": 0, "check": 0, "set": 2, "unset": 1}
"""How many words each takes."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="list", help="(list)")
    to.add_argument("key", nargs="?", metavar="KEY", help="a setting, for set and unset")
    to.add_argument("value", nargs="?", metavar="VALUE", help="its new value, for set")
    to.add_argument("--json", action="store_true", help="one JSON document on stdout")


def run(options: argparse.Namespace) -> int:
    """Do what was asked for. Raises ConfigError, UsageError or ConfigNotWritten."""
    words = [word for word in (options.key, options.value) if word is not None]
    wanted = ACTIONS[options.action]
    if len(words) != wanted:
        usage = ("", " KEY", " KEY VALUE")[wanted]
        raise UsageError(f"usage: tokenwatch config {options.action}{usage}")
    path = paths.config()
    if options.action in ("set", "unset"):
        _change(path, *words)
    elif options.action == "path":
        print(path)
    elif options.action == "check":
        return _check(path, options.json)
    else:
        _list(path, options.json)
    return 0


def _change(path: Path, key: str, text: str | None = None) -> None:
    known = known_setting(key)
    if text is None:
        edit.unset(path, key)
    else:
        edit.put(path, key, value_from(known, text))
    print(f"{key} = {_shown(known, config.load(path))}   ({path})")
    if reason := config.overruled(os.environ).get(key):
        print(f"{reason} in the environment wins over it")


def _shown(known: Setting, settings: Config) -> str:
    value = told_of(settings, known.key)
    return f"({known.otherwise})" if value is None else toml(value)


def _check(path: Path, as_json: bool) -> int:
    try:
        config.load(path)
    except ConfigError as error:
        if not as_json:
            raise
        print_json(_head(path, Config()) | {"problems": list(error.lines)})
        return 2
    if as_json:
        print_json(_head(path, config.load(path)) | {"problems": []})
    elif path.exists():
        print(f"{path}: no problems found")
    else:
        print(f"{path}: not there, so every setting is its default")
    return 0


def _head(path: Path, settings: Config) -> Json:
    zone = zone_of(argparse.Namespace(timezone=None), settings.timezone)
    head = documents.head("config", now_ms(), zone.name)
    return head | {"path": str(path), "exists": path.exists()}


def _list(path: Path, as_json: bool) -> None:
    settings = config.load(path)
    given = chosen(config.read(path) or "")
    decided = config.overruled(os.environ)

    def origin(known: Setting) -> str:
        return decided.get(known.key) or (path.name if known.key in given else "default")

    if as_json:
        rows = [
            {
                "key": known.key,
                "value": told_of(settings, known.key),
                "default": known.default,
                "origin": origin(known),
                "allowed": list(known.allowed) or None,
                "meaning": known.meaning,
            }
            for known in SETTINGS
        ]
        roots = [root._asdict() | {"path": str(root.path)} for root in settings.roots]
        budgets = [sentence(each) for each in settings.budgets]
        print_json(_head(path, settings) | {"rows": rows, "roots": roots, "budgets": budgets})
        return
    columns = (
        Column(name="setting"),
        Column(name="value"),
        Column(name="from", rank=1),
        Column(name="meaning", rank=2, least=30),
    )
    lines = [
        [known.key, _shown(known, settings), origin(known), known.meaning] for known in SETTINGS
    ]
    for root in settings.roots:
        label = f"{root.label}: " if root.label else ""
        lines.append(["[[roots]]", f"{label}{root.path}", path.name, f"Logs of {root.source}."])
    for each in settings.budgets:
        lines.append(["[[budgets]]", each.name, path.name, sentence(each)])
    print_table(columns, lines, notes=[str(path) + ("" if path.exists() else " (not there)")])
