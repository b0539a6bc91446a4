"""Tell in which script most of a text is written."""

from __future__ import annotations

import re

_SAMPLE = 1_000
"""Characters that are looked at."""
_WEIGHT = 3
"""A character that is about half a word counts for so many letters."""
_KANA_SHARE = 8
"""One kana among so many Chinese characters makes a text Japanese."""
_KINDS = {
    "latin": re.compile("[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "han": re.compile("[\u3400-\u9fff\uf900-\ufaff]"),
    "kana": re.compile("[\u3040-\u30ff\uff66-\uff9f]"),
    "hangul": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
}
_NO_BLANKS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]")
RUNS = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]+"
    "|[^\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]+"
)
"""Runs of characters of scripts without blanks (han, kana, Thai, Lao, Khmer), and of others."""


def script_of(text: str) -> str:
    """Return latin, cyrillic, han, kana, hangul or other; latin for a text without letters."""
    if text.isascii():
        return "latin"
    sample = text[:_SAMPLE]
    counts = {name: len(kind.findall(sample)) for name, kind in _KINDS.items()}
    han, kana = counts.pop("han"), counts.pop("kana")
    eastern = "kana" if kana * _KANA_SHARE >= han and kana else "han"
    weighed = {**counts, eastern: (han + kana) * _WEIGHT, "hangul": counts["hangul"] * _WEIGHT}
    known = sum(counts.values()) + han + kana
    others = sum(map(str.isalpha, sample)) - known
    weighed["other"] = others
    best = max(weighed, key=lambda name: weighed[name])
    return best if weighed[best] > 0 else "latin"


def lacks_blanks(text: str) -> bool:
    """Tell whether a text has characters of a script without blanks."""
    return _NO_BLANKS.search(text) is not None
