"""What people type, in ten languages: written for this measurement, by topic and by intention.

They were written without a look at any detector's words, and stay apart from them.
"""

from __future__ import annotations

import importlib

from tests.evaluation.phrases.language import Language

CODES = ("en", "es", "de", "fr", "pt", "it", "ru", "zh", "ja", "ko")


def language(code: str) -> Language:
    """Return a language's phrases."""
    found: Language = importlib.import_module(f"tests.evaluation.phrases.{code}").LANGUAGE
    return found
