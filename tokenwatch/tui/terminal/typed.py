"""What a terminal types: bytes in, text out, without the reports that nobody understands.

Textual decodes input strictly and takes a report that it can't read for keys. Three kinds do
harm:

- X10, `ESC [ M` and three bytes: sent by a terminal that forgot (tmux when it is attached to
  again) that reports were wanted as SGR. Past column 95 the bytes are no UTF-8.
- SGR with `NaN` or fractions for numbers, from terminals that divide by a cell's size of nothing.
- Answers to what another program asked (OSC, DCS), which come after that has ended.

Bytes that are no UTF-8 become U+FFFD.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from typing import Final

_REPORT: Final = re.compile(
    rb"\x1b\[M[\s\S]{3}|\x1b\[<([0-9A-LN-Za-ln-z;.+-]{0,40})[Mm]"
    rb"|(\x1b[]P_^][^\x07\x1b]+(?:\x07|\x1b\\))"
)
_SGR: Final = re.compile(rb"-?\d+;-?\d+;-?\d+")
_BEGUN: Final = re.compile(rb"\x1b\[(?:M[\s\S]{0,2}|<[0-9A-LN-Za-ln-z;.+-]{0,40})?\Z")
"""The beginning of a report at the end of what was read. A lone ESC is a key."""


class Typed:
    """Turns what was read, piece by piece, into text for Textual's parser."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._held = b""
        self.saw_x10 = False
        """Whether the terminal forgot how to report; to be reset by who tells it again."""

    def feed(self, data: bytes) -> str:
        """Return the text of what was read; the beginning of a report is held back."""
        data = self._held + data
        begun = _BEGUN.search(data)
        at = begun.start() if begun else len(data)
        # The beginning may be the tail of a whole X10 report.
        whole = [m for m in _REPORT.finditer(data) if m.start() < at < m.end()]
        at = whole[0].end() if whole else at
        self._held = data[at:]
        return self._decode(_REPORT.sub(self._judged, data[:at]))

    def rest(self) -> str:
        """Return what was held back, when nothing came after it."""
        held, self._held = self._held, b""
        return self._decode(held)

    def _judged(self, report: re.Match[bytes]) -> bytes:
        numbers, answer = report[1], report[2]
        if answer is not None:
            return b""
        if numbers is None:
            self.saw_x10 = True
            return b""
        return report[0] if _SGR.fullmatch(numbers) else b""
