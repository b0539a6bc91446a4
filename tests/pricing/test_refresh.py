"""`prices update` against a server on loopback: what it keeps, refuses and reports."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tokenwatch.errors import OfflineError, PriceDataError
from tokenwatch.model import Rates
from tokenwatch.pricing import Priceable, PriceBook, Unpriced
from tokenwatch.pricing.refresh import update
from tokenwatch.pricing.table import TOKEN_KINDS, bundled, day_ms
from tokenwatch.pricing.version import current_version

KEYS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")


def _prices(level: dict[str, Any], above: list[dict[str, Any]]) -> dict[str, Any]:
    prices: dict[str, Any] = {}
    for kind, key in zip(TOKEN_KINDS, KEYS, strict=True):
        prices[key] = float(level[kind])
        if above:
            tiers = [{"start": tier["over"], "price": float(tier[kind])} for tier in above]
            prices[key] = {"base": float(level[kind]), "tiers": tiers}
    return prices


def published() -> list[dict[str, Any]]:
    """Return data as genai-prices publishes it, made from our table: Anthropic and OpenAI."""
    result = []
    for provider in bundled()["providers"]:
        if provider["id"] not in ("anthropic", "openai"):
            continue
        models = []
        for model in provider["models"]:
            prices: list[dict[str, Any]] = []
            for price in model["prices"]:
                first, *above = price["levels"]
                item: dict[str, Any] = {"prices": _prices(first, above)}
                if "from" in price:
                    item["constraint"] = {"start_date": price["from"]}
                prices.append(item)
            variant = {
                "when": {"processing": "batch"},
                "prices": prices[-1]["prices"],
                "constraint": {"start_date": bundled()["newest"]},
            }
            models.append(
                {
                    "id": model["id"],
                    "match": model["match"],
                    "prices": prices,
                    "price_variants": [variant],
                }
            )
        result.append(
            {
                "id": provider["id"],
                "name": provider["id"],
                "api_pattern": provider["id"],
                "model_match": provider["match"],
                "models": models,
            }
        )
    return result


def model_of(data: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(model for item in data for model in item["models"] if model["id"] == name)


def set_rate(data: list[dict[str, Any]], name: str, key: str, rate: object) -> None:
    model_of(data, name)["prices"][-1]["prices"][key] = rate


class Site:
    """A server that answers every GET with `body` and `status`."""

    def __init__(self) -> None:
        self.body = json.dumps(published()).encode()
        self.status = 200
        self.asked = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                self.send_response(site.status)
                self.send_header("Content-Length", str(len(site.body)))
                self.end_headers()
                self.wfile.write(site.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/data.json"

    def publish(self, data: object) -> None:
        self.body = json.dumps(data).encode()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.delenv("TOKENWATCH_OFFLINE", raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.02,))
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def input_rate(book: PriceBook, model: str) -> int:
    request = Priceable(source="codex", model=model, at_ms=day_ms("2026-11-21"), context_tokens=1)
    rates = book.rates(request)
    assert isinstance(rates, Rates), rates
    return rates.input


def test_new_prices_and_models_are_kept_used_and_reported(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "data" / "prices.json"
    data = published()
    set_rate(data, "claude-opus-5-5", "input_mtok", 3.5)
    added = deepcopy(model_of(data, "gpt-6.1-sol"))
    data[1]["models"].append({**added, "id": "gpt-7", "match": {"equals": "gpt-7"}})
    site.publish(data)
    before = PriceBook(path)
    assert isinstance(
        before.rates(Priceable(source="codex", model="gpt-7", at_ms=0, context_tokens=1)), Unpriced
    )

    summary = update(path, url=site.url).splitlines()

    assert "claude-opus-5-5: input $4 → $3.5" in summary
    assert "new: gpt-7" in summary
    after = PriceBook(path)
    assert after.version != before.version
    assert current_version(path) == after.version
    assert after.problem is None
    assert (input_rate(before, "claude-opus-5-5"), input_rate(after, "claude-opus-5-5")) == (
        4_000_000,
        3_500_000,
    )
    assert input_rate(after, "gpt-7") == 2_000_000
    assert input_rate(after, "claude-mythos-5") == 10_000_000  # ours, still
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["prices.json"]


def test_the_same_data_again_changes_nothing(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    update(path, url=site.url)
    version = PriceBook(path).version
    assert update(path, url=site.url) == "no price changed"
    assert PriceBook(path).version == version


def test_a_model_no_longer_listed_keeps_its_old_price(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    data = published()
    data[0]["models"] = [m for m in data[0]["models"] if m["id"] != "claude-opus-4-1"]
    site.publish(data)
    assert "claude-opus-4-1" in update(path, url=site.url)
    assert input_rate(PriceBook(path), "claude-opus-4-1-20250805") == 15_000_000


def test_a_price_that_jumps_is_pointed_out(site: Site, tmp_path: Path) -> None:
    data = published()
    set_rate(data, "claude-opus-5-5", "input_mtok", 400)
    site.publish(data)
    summary = update(tmp_path / "prices.json", url=site.url)
    assert "claude-opus-5-5: input $4 → $400  (more than 20×: check it)" in summary


def test_a_model_whose_price_makes_no_sense_keeps_the_built_in_one(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "prices.json"
    data = published()
    set_rate(data, "claude-opus-5-5", "input_mtok", -4)
    model_of(data, "claude-opus-5")["match"] = {"regex": "("}
    set_rate(data, "claude-haiku-4-5", "input_mtok", 0.9)
    site.publish(data)
    update(path, url=site.url)
    book = PriceBook(path)
    assert input_rate(book, "claude-opus-5-5") == 4_000_000
    assert input_rate(book, "claude-opus-5") == 5_000_000
    assert input_rate(book, "claude-haiku-4-5") == 900_000


def _without_openai(data: list[dict[str, Any]]) -> object:
    return data[:1]


def _few_models(data: list[dict[str, Any]]) -> object:
    for provider in data:
        provider["models"] = provider["models"][:2]
    return data


def _free(data: list[dict[str, Any]]) -> object:
    set_rate(data, "claude-opus-5-5", "input_mtok", 0)
    return data


def _text_for_a_price(data: list[dict[str, Any]]) -> object:
    set_rate(data, "claude-opus-5-5", "input_mtok", "cheap")
    return data


def _undated(data: list[dict[str, Any]]) -> object:
    for provider in data:
        for model in provider["models"]:
            del model["price_variants"]
            model["prices"] = model["prices"][-1]["prices"]
    return data


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without_openai, "lack openai"),
        (_few_models, "of the .* known models"),
        (_free, "make claude-opus-5-5 free"),
        (_text_for_a_price, "no usable price data"),
        (_undated, "older"),
        (lambda data: {"providers": data}, "no usable price data"),
        (lambda data: [], "no price data"),
        (lambda data: [1, "x", None], "no usable price data"),
    ],
)
def test_bad_data_is_refused_in_one_line_and_the_old_kept(
    site: Site,
    tmp_path: Path,
    damage: Callable[[list[dict[str, Any]]], object],
    message: str,
) -> None:
    path = tmp_path / "prices.json"
    good = published()
    set_rate(good, "claude-opus-5-5", "input_mtok", 3.5)
    site.publish(good)
    update(path, url=site.url)
    kept = path.read_bytes()
    site.publish(damage(published()))
    with pytest.raises(PriceDataError, match=message) as caught:
        update(path, url=site.url)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == kept
    assert [file.name for file in tmp_path.iterdir()] == ["prices.json"]


@pytest.mark.parametrize(
    ("status", "body"), [(404, b"[]"), (500, b""), (200, b"<html>"), (200, b"[{"), (200, b"[NaN]")]
)
def test_a_broken_answer_is_one_line(site: Site, tmp_path: Path, status: int, body: bytes) -> None:
    site.status, site.body = status, body
    with pytest.raises(PriceDataError) as caught:
        update(tmp_path / "prices.json", url=site.url)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_nobody_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOKENWATCH_OFFLINE", raising=False)
    with pytest.raises(PriceDataError, match="no usable price data"):
        update(tmp_path / "prices.json", url="http://127.0.0.1:1/data.json")


def test_offline_never_asks(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OfflineError):
        update(tmp_path / "prices.json", offline=True, url=site.url)
    monkeypatch.setenv("TOKENWATCH_OFFLINE", "1")
    with pytest.raises(OfflineError):
        update(tmp_path / "prices.json", url=site.url)
    assert site.asked == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("keep", [0, 1, 40, -1])
def test_a_torn_file_is_not_used_and_said(site: Site, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "prices.json"
    data = published()
    set_rate(data, "claude-opus-5-5", "input_mtok", 3.5)
    site.publish(data)
    update(path, url=site.url)
    path.write_bytes(path.read_bytes()[:keep])
    book = PriceBook(path)
    assert input_rate(book, "claude-opus-5-5") == 4_000_000
    assert book.problem is not None and "damaged" in book.problem
    assert current_version(path) == book.version


def test_data_older_than_the_table_is_not_used(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    data = published()
    set_rate(data, "claude-opus-5-5", "input_mtok", 3.5)
    site.publish(data)
    update(path, url=site.url)
    head, _, body = path.read_bytes().partition(b"\n")
    header = {**json.loads(head), "day": "2026-01-01"}
    path.write_bytes(json.dumps(header).encode() + b"\n" + body)
    book = PriceBook(path)
    assert input_rate(book, "claude-opus-5-5") == 4_000_000
    assert (book.problem, book.version) == (None, PriceBook().version)
    assert current_version(path) == book.version


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "prices.json"
    book = PriceBook(path)
    assert (book.problem, book.version) == (None, PriceBook().version)
    assert current_version(path) == book.version
