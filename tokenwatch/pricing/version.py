"""Which prices are in use, in one word, found without reading any of them."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from tokenwatch.pricing import edition

if TYPE_CHECKING:
    from pathlib import Path

RULES = 1
"""Counts changes to the rules of this package that change answers."""


def version(downloaded: str = "-") -> str:
    """Return a word that changes whenever any answer of the price book could.

    downloaded: the digest of the downloaded data in use, `-` for none.
    """
    return f"{RULES} {edition.DIGEST} {downloaded} {installed_version()}"


def current_version(path: Path) -> str:
    """Return what a book over the bundled table and that file of downloaded data has for version.

    The file is looked at only if there is one; its prices are not decoded.
    """
    if not os.path.exists(path):  # noqa: PTH110 - never raises
        return version()
    from tokenwatch.pricing import download

    return version(download.digest_of(path, newer_than=edition.CHECKED))


def installed_version() -> str:
    """Return the version of the installed genai-prices without importing it."""
    spec = PathFinder.find_spec("genai_prices", sys.path)
    if spec and spec.origin:
        # A glance at the folder's name costs a fraction of importing importlib.metadata.
        packages = os.path.dirname(os.path.dirname(spec.origin))  # noqa: PTH120
        for name in os.listdir(packages):  # noqa: PTH208
            if name.startswith("genai_prices-") and name.endswith(".dist-info"):
                return name.removeprefix("genai_prices-").removesuffix(".dist-info")
    from importlib.metadata import version as version_of

    return version_of("genai-prices")
