"""`tokenwatch prices update`: fetch newer price data, look at it hard, keep it. Network."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenwatch.errors import OfflineError, PriceDataError
from tokenwatch.format import clean, one_line
from tokenwatch.model import usd
from tokenwatch.pricing import download
from tokenwatch.pricing.table import TOKEN_KINDS, Model, Table, bundled

if TYPE_CHECKING:
    from genai_prices.types import Provider

DATA_URL = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/"
    "prices/new_data/v2/data.json"
)
_REQUIRED = ("anthropic", "openai")
_JUMP = 20
"""A price that moved by more than this factor is pointed out."""
_NAMED = 8
"""So many new models are named in the summary."""

_Models = dict[tuple[str, str], Model]


def update(path: Path, *, offline: bool = False, url: str = DATA_URL) -> str:
    """Fetch, check and keep price data; return what changed, a line for each model.

    On any failure the file stays as it is. Raises OfflineError if the network is forbidden, and
    PriceDataError, of one line, if the data can't be fetched or used.
    """
    if offline or os.environ.get("TOKENWATCH_OFFLINE") == "1":
        raise OfflineError("prices update needs the network, which TOKENWATCH_OFFLINE=1 forbids")
    own = bundled()
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    if day <= own["checked"]:
        raise PriceDataError(
            f"the built-in prices of {own['checked']} are newer than this computer's date, {day}"
        )
    providers = _fetched(url)
    raw = _checked(providers, own)
    current = download.load(path, newer_than=own["checked"])
    before = _models(current.providers if current and current.providers else own["providers"])
    after = _models(raw)
    _refuse_damage(before, after)
    try:
        download.save(path, raw, day=day, url=url)
    except OSError as error:
        raise PriceDataError(f"can't write {path}: {error.strerror}") from error
    return _summary(before, after)


def _fetched(url: str) -> list[Provider]:
    """Return the providers as genai-prices' own loader reads and validates them."""
    from genai_prices import UpdatePrices

    try:
        snapshot = UpdatePrices(url=url).fetch()
    # Whatever that loader makes of a broken connection or of damaged data: the answer is one line.
    except Exception as error:
        raise PriceDataError(
            f"no usable price data from {clean(url)}: {one_line(str(error), 160)}"
        ) from error
    if snapshot is None or not snapshot.providers:
        raise PriceDataError(f"no price data at {clean(url)}")
    return snapshot.providers


def _checked(providers: list[Provider], own: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the providers as the table has them; PriceDataError for damaged or older data."""
    from tokenwatch.pricing.entries import compiled, newest_day

    missing = set(_REQUIRED) - {provider.id for provider in providers}
    if missing:
        raise PriceDataError(f"downloaded prices lack {', '.join(sorted(missing))}")
    newest = newest_day(providers, until=own["checked"])
    if newest < own["newest"]:
        raise PriceDataError(
            f"downloaded prices are older ({newest or 'undated'}) than the built-in ones "
            f"({own['newest']})"
        )
    try:
        return compiled(providers, everything=True)
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise PriceDataError(
            f"downloaded prices have a shape unknown here: {one_line(str(error), 160)}"
        ) from error


def _models(providers: Sequence[Mapping[str, Any]]) -> _Models:
    return {(model.provider, model.id): model for model in Table(providers, "").models()}


def _latest(model: Model) -> dict[str, int]:
    """Return the rates of the last price, per kind."""
    rates = model.prices[-1].levels[0].tokens or (0,) * len(TOKEN_KINDS)
    return dict(zip(TOKEN_KINDS, rates, strict=True))


def _refuse_damage(before: _Models, after: _Models) -> None:
    known = [key for key in before if key[0] in _REQUIRED]
    kept = [key for key in known if key in after]
    if len(kept) * 2 < len(known):
        raise PriceDataError(
            f"downloaded prices have {len(kept)} of the {len(known)} known models: kept the old"
        )
    for key in kept:
        old, new = _latest(before[key]), _latest(after[key])
        if old["input"] and not (new["input"] and new["output"]):
            raise PriceDataError(f"downloaded prices make {clean(key[1])} free: kept the old")


def _summary(before: _Models, after: _Models) -> str:
    scope = {provider for provider, _ in before}
    new = [key[1] for key in after if key not in before and key[0] in scope]
    gone = [key[1] for key in before if key not in after]
    lines = [line for key in after if key in before for line in _change(before[key], after[key])]
    if new:
        more = f" and {len(new) - _NAMED} more" if len(new) > _NAMED else ""
        lines.append(f"new: {', '.join(new[:_NAMED])}{more}")
    if gone:
        lines.append(f"no longer listed, old prices stay in use: {', '.join(gone)}")
    return "\n".join(clean(line) for line in lines) if lines else "no price changed"


def _change(old: Model, new: Model) -> list[str]:
    if (old.prices, old.variants) == (new.prices, new.variants):
        return []
    rates, parts, jump = _latest(new), [], False
    for kind, was in _latest(old).items():
        now = rates[kind]
        if was != now:
            parts.append(f"{kind} {_per_mtok(was)} → {_per_mtok(now)}")
            jump |= max(was, now) > _JUMP * min(was, now)
    what = ", ".join(parts) or "dates, long-context or variant prices changed"
    return [f"{new.id}: {what}" + (f"  (more than {_JUMP}×: check it)" if jump else "")]


def _per_mtok(pico: int) -> str:
    return f"${usd(pico * 10**6).normalize():f}"
