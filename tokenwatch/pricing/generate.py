"""Write table.json and edition.py: `python -m tokenwatch.pricing.generate`.

For a new genai-prices release, first set `checked` in overlay.json to the version and the day, and
look whether that release has what the overlay holds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tokenwatch.errors import PriceDataError
from tokenwatch.pricing.entries import compiled, newest_day
from tokenwatch.pricing.table import PICO_PER_MTOK_USD, TOKEN_KINDS, whole

_HERE = Path(__file__).parent


def _check_residency(providers: list[dict[str, Any]], overlay: Mapping[str, Any]) -> None:
    """Refuse a factor under which a rate would not be whole."""
    named = {model["id"]: model for provider in providers for model in provider["models"]}
    named |= {model["id"]: model for model in overlay["models"]}
    for rule in overlay["residency"].values():
        for name in rule["models"]:
            model = {**named[name], "patch": overlay["patches"].get(name, {})}
            for level in _levels(model):
                for kind in TOKEN_KINDS:
                    if kind in level:
                        whole(Decimal(level[kind]) * Decimal(rule["factor"]), PICO_PER_MTOK_USD)


def _levels(raw: object) -> Iterable[Mapping[str, str]]:
    if isinstance(raw, dict):
        if "over" in raw:
            yield raw
        for value in raw.values():
            yield from _levels(value)
    elif isinstance(raw, list):
        for value in raw:
            yield from _levels(value)


def generate() -> str:
    """Return the text of table.json for the installed genai-prices.

    Raises PriceDataError if overlay.json has been checked against another version.
    """
    import genai_prices
    from genai_prices.data import providers

    overlay = json.loads((_HERE / "overlay.json").read_text("utf-8"))
    checked = overlay.pop("checked")
    if genai_prices.__version__ != checked["version"]:
        raise PriceDataError(
            f"overlay.json was checked against genai-prices {checked['version']}, "
            f"installed is {genai_prices.__version__}: check it and say so there"
        )
    chosen = compiled(providers, everything=False)
    _check_residency(chosen, overlay)
    table = {
        "package": checked["package"],
        "version": checked["version"],
        "checked": checked["date"],
        "newest": newest_day(providers, until=checked["date"]),
        "providers": chosen,
        "overlay": overlay,
    }
    return _text(table, "") + "\n"


def edition(table: str) -> str:
    """Return the text of edition.py, which tells one table from another without reading it."""
    digest = blake2b(table.encode(), digest_size=6).hexdigest()
    return (
        '"""Which table.json this is; written with it by `generate`."""\n\n'
        f'DIGEST = "{digest}"\n'
        f'CHECKED = "{json.loads(table)["checked"]}"\n'
    )


def _text(value: object, indent: str) -> str:
    """Return JSON with a line for everything that fits on one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= 160 or not isinstance(value, dict | list) or not value:
        return line
    deeper = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_text(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(deeper + part for part in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + _text(item, deeper) for item in value) + f"\n{indent}]"


if __name__ == "__main__":
    made = generate()
    for name, text in (("table.json", made), ("edition.py", edition(made))):
        (_HERE / name).write_text(text, "utf-8")
        sys.stdout.write(f"wrote {_HERE / name}\n")
