"""`tokenwatch prices list | update`: what a token costs, and where that is known from.

`list --json` is a document `tokenwatch.prices/1`:

    {"schema": …, "generated_at": …, "timezone": …, "version": "<changes with any price>",
     "problem": "<why downloaded data is not in use>" | null,
     "rows": [{"model": "claude-opus-5-5", "provider": "anthropic",
               "valid_from": "2026-07-30" | null, "hours_utc": ["16:30", "00:30"] | null,
               "context_window": 1000000 | null,
               "rates": {"input": "4", "output": "20", "cache_read": "0.2", "cache_write_5m": "5",
                         "cache_write_1h": "8", "web_search": "10"},
               "long_context": [{"over_tokens": 200000, "rates": {…} | null}],
               "variants": {"fast": {"valid_from": …, "basis": "computed" | "estimated",
                                     "rates": {…}, "long_context": […]}},
               "origin": "genai-prices …"}]}

One row per model and price; rates are USD per million tokens (`web_search`: per thousand), null
where no price is known; `valid_from` null means ever since. The variants are those of the end of
the row's time. `update --json` has `{"changes": ["<a line per model>"]}` in place of the rows.
"""

from __future__ import annotations

import argparse
import sys

from tokenwatch import config, paths
from tokenwatch.cli.clock import now_ms
from tokenwatch.cli.ground import print_json
from tokenwatch.cli.options import zone_of
from tokenwatch.cli.table import Column, print_table
from tokenwatch.export import documents
from tokenwatch.format import clean
from tokenwatch.model import usd
from tokenwatch.pricing import PriceBook, open_book
from tokenwatch.pricing.table import TOKEN_KINDS, Level, Model, Price

_FOREVER_MS = 10**15


def list_rows(book: PriceBook, model: str | None = None) -> list[dict[str, object]]:
    """Return a row per model and price, as the module's docstring says.

    model: only those with this in their id.
    """
    wanted = (model or "").lower()
    return [
        row for known in book.models() if wanted in known.id.lower() for row in _model_rows(known)
    ]


def _model_rows(model: Model) -> list[dict[str, object]]:
    ends = [price.since_ms for price in model.prices[1:]] + [_FOREVER_MS]
    return [
        {
            "model": clean(model.id),
            "provider": clean(model.provider),
            **_priced(price),
            "hours_utc": [_clock(time_ms) for time_ms in price.daily_ms]
            if price.daily_ms
            else None,
            "context_window": model.context_window,
            "variants": _variants(model, end),
            "origin": clean(model.origin),
        }
        for price, end in zip(model.prices, ends, strict=True)
    ]


def _variants(model: Model, end_ms: int) -> dict[str, object]:
    found = {kind: model.price_at(end_ms - 1, kind) for kind in model.variants}
    return {
        kind: {"basis": "estimated" if price.assumption else "computed", **_priced(price)}
        for kind, price in found.items()
        if price
    }


def _priced(price: Price) -> dict[str, object]:
    first, *above = price.levels
    return {
        "valid_from": price.since,
        "rates": _rates(first),
        "long_context": [{"over_tokens": level.over, "rates": _rates(level)} for level in above],
    }


def _rates(level: Level) -> dict[str, str | None] | None:
    if level.tokens is None:
        return None
    per_mtok = {
        kind: _plain(pico * 10**6) for kind, pico in zip(TOKEN_KINDS, level.tokens, strict=True)
    }
    search = None if level.web_search is None else _plain(level.web_search * 1000)
    return {**per_mtok, "web_search": search}


def _plain(pico: int) -> str:
    return f"{usd(pico).normalize():f}"


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}"


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("action", choices=("list", "update"), help="update uses the network")
    to.add_argument("--json", action="store_true", help="one JSON document on stdout")
    to.add_argument("--model", metavar="ID", help="only models with this in their id")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")


def run(args: argparse.Namespace) -> int:
    """Do `list` or `update`; return the exit code. Raises PriceDataError or OfflineError."""
    return _update(args) if args.action == "update" else _list(args)


def _document(args: argparse.Namespace, content: dict[str, object]) -> None:
    zone = zone_of(args, config.load(paths.config()).timezone)
    print_json(documents.head("prices", now_ms(), zone.name) | content)


def _update(args: argparse.Namespace) -> int:
    from tokenwatch.pricing.refresh import update

    summary = update(paths.prices())
    if args.json:
        _document(args, {"changes": summary.splitlines()})
    else:
        sys.stdout.write(summary + "\n")
    return 0


def _list(args: argparse.Namespace) -> int:
    book = open_book()
    if book.problem:
        sys.stderr.write(f"tokenwatch: {book.problem}\n")
    rows = list_rows(book, args.model)
    if args.json:
        _document(args, {"version": book.version, "problem": book.problem, "rows": rows})
    else:
        _print_table(book, args.model)
    return 0


COLUMNS = (
    Column(name="model", least=17, middle=True),
    Column(name="from", rank=2),
    Column(name="context", right=True, rank=3),
    Column(name="input", right=True),
    Column(name="output", right=True),
    Column(name="read", right=True),
    Column(name="write 5m", right=True),
    Column(name="write 1h", right=True, rank=1),
    Column(name="variants", rank=4),
)


def _print_table(book: PriceBook, wanted: str | None) -> None:
    rows = [
        _cells(model, price, level)
        for model in book.models()
        if (wanted or "").lower() in model.id.lower()
        for price in model.prices
        for level in price.levels
    ]
    print_table(COLUMNS, rows, notes=["USD per million tokens"])


def _cells(model: Model, price: Price, level: Level) -> list[str]:
    first = level is price.levels[0]
    since = price.since or ""
    if price.daily_ms:
        since = f"{_clock(price.daily_ms[0])}–{_clock(price.daily_ms[1])} UTC"
    rates = ["?"] * len(TOKEN_KINDS)
    if level.tokens is not None:
        rates = [_plain(pico * 10**6) for pico in level.tokens]
    return [
        model.id if first else "",
        since if first else "",
        f">{level.over // 1000}k" if level.over else "",
        *rates,
        ", ".join(model.variants) if first and price is model.prices[-1] else "",
    ]
