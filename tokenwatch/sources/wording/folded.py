"""Fold a text to what the lexicons are written in: case, accents and variants don't count."""

from __future__ import annotations

import re
from unicodedata import normalize

_MARKS = re.compile("[\u0300-\u036f]")
_CONTRACTION = re.compile(r"'(?=(?:t|s|re|ve|ll|d|m|nt)(?!\w))")
_HYPHEN = re.compile(r"(?<=[^\W\d])-(?=[^\W\d])")
_TRADITIONAL = (
    "亂來個們備優兩別刪剛劃動務區參問啟單嗎執報壞實對導後從復應換擊據斷時會極構標樣機殘氣決沒"
    "沖況測準為無狀現異當發確碼簡細紹結給經編總繼續聽舊著蓋處衝裝製複見規覺計許試該認語誤說請"
    "論證譯讀變讓轉這連運過選還鈕錄錯鍵長開閱關隨隱雖難頁項順須預頭題顯驗麼點"
)
_SIMPLIFIED = (
    "乱来个们备优两别删刚划动务区参问启单吗执报坏实对导后从复应换击据断时会极构标样机残气决没"
    "冲况测准为无状现异当发确码简细绍结给经编总继续听旧着盖处冲装制复见规觉计许试该认语误说请"
    "论证译读变让转这连运过选还钮录错键长开阅关随隐虽难页项顺须预头题显验么点"
)
"""In the same order; those that the lexicons use."""
_VARIANTS = {
    **str.maketrans(_TRADITIONAL, _SIMPLIFIED),
    **str.maketrans("’‘ʼ´＇`", "''''' "),
}


def folded(text: str, *, is_pattern: bool = False) -> str:
    """Return a text in lower case, without accents, with single blanks and no empty lines.

    English contractions become one word ("doesn't", "doesnt"), hyphens blanks, and traditional
    Chinese characters simplified ones. Of a pattern the blanks stay as they are.
    """
    plain = text.casefold()
    if not plain.isascii():
        plain = normalize("NFKC", _MARKS.sub("", normalize("NFD", plain))).translate(_VARIANTS)
    elif "`" in plain:
        plain = plain.replace("`", " ")
    if is_pattern:
        return plain
    if "'" in plain:
        plain = _CONTRACTION.sub("", plain).replace("'", " ")
    if "-" in plain:
        plain = _HYPHEN.sub(" ", plain)
    lines = [" ".join(line.split()) for line in plain.split("\n")]
    return "\n".join(filter(None, lines)) if len(lines) > 1 else lines[0]
