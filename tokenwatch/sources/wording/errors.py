"""Signatures of the errors that a text quotes: equal for the same failure again."""

from __future__ import annotations

import re
from zlib import crc32

_MOST = 8
"""Errors of one prompt that are kept, the last ones."""
_LENGTH = 160
"""Characters of a message that count."""
_TYPE = (
    r"(?<![\w.:])(?:[A-Za-z_]\w*[.:]{1,2})*[A-Z]\w*"
    r"(?:Error|Exception|Warning|Failure|Fault|Panic|Interrupt)\b"
)
_WORD = (
    r"(?:error|fatal(?: error)?|panic|failed|failure|err!|critical|severe|exception|unhandled \w+"
    r"|uncaught|erreur|fehler|erro|errore|ошибка|错误|錯誤|エラー|오류|에러|报错)"
)
_CODE = (
    r"(?i:error)[\s:\[(]+[A-Z]{1,4}\d{3,5}\b|\bERR_[A-Z_]+|\bE(?:NOENT|ACCES|PERM|EXIST|ADDRINUSE"
    r"|CONNREFUSED|CONNRESET|TIMEDOUT|NOTFOUND|RESOLVE|PIPE|INVAL|BUSY|MFILE)\b|SQLSTATE\[\w+\]"
    r"|\bORA-\d{4,5}|\bnpm ERR! \S|\bFAILED \S+|\bpanic: \S|\bfatal: \S|Segmentation fault"
    r"|(?i:\b(?:status(?: code)?|code|HTTP(?:/[\d.]+)?|returned?|error)[ :=(]+)[45]\d\d\b"
    r"|(?:GET|POST|PUT|PATCH|DELETE) \S+ (?:\S+ )?[45]\d\d\b"
    r"|\b[45]\d\d \(?(?i:internal server error|not found|bad request|unauthorized|forbidden"
    r"|bad gateway|service unavailable|method not allowed|conflict|unprocessable)"
    r"|(?i:exit(?:ed)?(?: with)?(?: \w+)? code:? [1-9]\d*)|command not found: \S"
    r"|: command not found"
    r"|No such file or directory|undefined reference to|Cannot find (?:module|name|symbol)"
    r"|is not (?:defined|a function|assignable)|Cannot read propert|No module named|ParseError"
    r"|does not exist on type|permission denied \(|AssertionError|assertion failed"
)
_MARK = re.compile(
    rf"(?P<type>{_TYPE})(?P<more>: ?(?=\S))?"
    rf"|(?P<line>^[ \t>|]*(?:E\s{{2,}})?(?i:{_WORD})(?=\[|[:：!]))|{_CODE}",
    re.M,
)
OF_LINE = re.compile(
    rf"\s*(?:(?:Uncaught|Unhandled)\b.{{0,60}})?(?:{_TYPE}(?::|\s*$)|(?i:{_WORD})(?:\[|[:：!]\s*\S)"
    rf"|(?:{_CODE})|\S+[(:]\d+[\d,:)]* ?:? ?(?:fatal )?(?:error|warning)\b)"
)
"""A line that is an error message."""
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`|“[^”\n]*”|‘[^’\n]*’|«[^»\n]*»")
_PATH = re.compile(r"(?<![\w.@~+-])(?:[A-Za-z]:|file:)?(?:[\w.@~+-]*[/\\])+(?=[\w.@])")
_VARIABLE = re.compile(
    r"\b0x[0-9a-fA-F]+\b|\b(?=\w*\d)[0-9a-f]{7,}(?:-[0-9a-f]{4,})*\b|(?<![\w#])\d+\b"
)
_STATUS = re.compile(r"(?<!\d)[45]\d\d(?!\d)")
_QUOTE = re.compile(r"^[ \t>|]*(?:E\s{2,})?")
_BARE = ("error", "exception", "warning", "failure", "fault", "panic", "interrupt")
_HINTS = (
    *("rror", "xcept", "arning", "ailure", "ailed", "FAIL", "anic", "atal", "ERR", "nterrupt"),
    *("ault", "status", "HTTP", "GET ", "POST ", "PUT ", "PATCH ", "DELETE ", "eturn", "code"),
    *(" not ", "No ", "ENO", "EACC", "EPERM", "EEXIST", "EADDR", "ECONN", "ETIME", "EPIPE"),
    *("EINV", "EBUSY", "EMFILE", "ERESOLVE", "SQLSTATE", "ORA-", "Cannot ", "undefined ref"),
    *("denied", "ssertion", "ehler", "rreur", "rro:", "ncaught", "nhandled", "ritical", "evere"),
    *("Bad ", "nauthorized", "orbidden", "onflict", "nprocessable", "unavailable", "Segment"),
)
_ALL_HINTS = ("шибка", "错", "錯", "エラー", "오류", "에러", "报", *_HINTS)
"""A text without any of these quotes no error; one of ASCII without the former."""


def signatures(text: str) -> tuple[int, ...]:
    """Return the hashes of the errors that a text quotes, in their order.

    What counts is the exception's type and its message without numbers, folders and quotations, or
    the line from the error's mark on. A bare type without a message counts unless it is "Error".
    To be asked only of a text that `may_quote` any.
    """
    found: dict[int, None] = {}
    end = -1
    for mark in _MARK.finditer(text):
        if mark.start() < end:
            continue
        stop = text.find("\n", mark.end())
        end = len(text) if stop < 0 else stop
        signature = _signature(mark, text[mark.start() : min(end, mark.start() + 600)])
        if signature:
            value = crc32(signature.encode("utf-8", "surrogatepass"))
            found.pop(value, None)
            found[value] = None
        if not mark["more"] and mark["type"]:
            end = mark.end()
    return tuple(found)[-_MOST:]


def may_quote(text: str) -> bool:
    """Tell whether a text has any word that error messages have."""
    # `any` of a generator takes thrice the time, and most texts are short.
    for hint in _HINTS if text.isascii() else _ALL_HINTS:  # noqa: SIM110
        if hint in text:
            return True
    return False


def without_messages(text: str) -> tuple[str, int]:
    """Return a text without the lines that are error messages, and how long these are together."""
    kept, length = [], 0
    for line in text.split("\n"):
        if OF_LINE.match(line):
            length += len(line)
        else:
            kept.append(line)
    return "\n".join(kept), length


def _signature(mark: re.Match[str], line: str) -> str:
    kind = mark["type"]
    if kind is None:
        status = _STATUS.search(mark[0])
        return _normalised(_QUOTE.sub("", line)) + (f" {status[0]}" if status else "")
    name = re.split(r"[.:]", kind)[-1].casefold()
    if not mark["more"]:
        return "" if name in _BARE else name
    return f"{name} {_normalised(line[mark.end() - mark.start() :])}"


def _normalised(message: str) -> str:
    plain = _VARIABLE.sub("#", _PATH.sub("", _QUOTED.sub("…", message)))
    return " ".join(plain.casefold().split())[:_LENGTH]
