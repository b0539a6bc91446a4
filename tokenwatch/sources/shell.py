"""Take a shell command apart, as far as telling what it does needs it; nothing is ever run.

This is no shell: a command that no shell would take is taken apart as well, somehow.
"""

from __future__ import annotations

import re
from zlib import crc32

import msgspec

LONGEST = 4000
"""Characters of a command that are looked at."""
_HEREDOC = re.compile(r"<<-?[ \t]*\\?(['\"]?)([A-Za-z_]\w*)\1")
_SPECIAL = re.compile(r"[\"'\\`$#<>|&;()\n]")
"""A command without any of these is words alone."""
_HIDDEN = re.compile(
    r"#(?<![^\s;&|()]#)[^\n]*|\\(?s:.)|\"(?:[^\"\\]|\\(?s:.))*+\"?|'[^']*+'?|`[^`]*+`?"
    r"|\$\((?:[^()]++|\([^()]*+\))*+\)"
)
"""Comments, what is quoted, and commands within words: no word ends in them."""
_HIDDEN_MARK, _REDIRECT_MARK = 0xE000, 0xF000
_MARK = re.compile("[\ue000-\uefff]")
"""Stand for what is quoted, and for redirections, while programs are told apart."""
_SPLIT = re.compile(r"([|&;()\n][|&;()\s]*)")
_REDIRECT = re.compile(r"(?:&|\d)?>[>|]?\s*(?:&[\d-]|[^\s<>&|;()]+)|\d?<<?<?-?\s*[^\s<>&|;()]+")
_UNQUOTED = str.maketrans("", "", "\"'\\")
_WRAPPED = re.compile(
    r"\s*(?:/\S*/)?(?:ba|z|da)?sh\s+-(?:l?c|cl)\s+(?:'([^']*)'|\"((?:[^\"\\]|\\.)*)\")\s*", re.S
)
_NULL = re.compile(r"(?:&|\d)?>>?\s*(?:/dev/null|&\d)|\d?<\s*/dev/null")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
UNCOUNTED = frozenset({
    "do", "done", "then", "else", "elif", "if", "fi", "while", "until", "{", "}", "!", "esac",
    "sudo", "time",
})  # fmt: skip
"""Keywords, and programs that only run another one."""


_JOINTS = {
    between: joint
    for joint, signs in (("|", "|"), ("&&", "&&"), ("||", "||"), (";", ";"), (";", "\n"))
    for between in (signs, f"{signs} ")
}
"""The usual ones."""


class Simple(msgspec.Struct, frozen=True):
    """One program with its arguments, within a command."""

    before: str
    """What stands between it and the one before: `&&`, `||`, `|`, `;`, `&`, or "" at first."""
    words: list[str]
    """Without quotes, assignments, `sudo` and `time`; empty where nothing is run."""
    redirects: list[str]
    """All but those to `/dev/null` and of one channel to another."""

    @property
    def piped(self) -> bool:
        """Tell whether it reads what the one before prints."""
        return self.before == "|"

    @property
    def to_file(self) -> bool:
        """Tell whether what it prints goes to a file."""
        return any(redirect.lstrip("&1").startswith(">") for redirect in self.redirects)


def unwrapped(command: str) -> str:
    """Return the command that `bash -c '…'` gives to another shell; any other as it is."""
    match = _WRAPPED.fullmatch(command, 0, LONGEST) if "sh" in command[:40] else None
    if match is None:
        return command
    return match[1] if match[1] is not None else match[2].replace('\\"', '"')


def parts(command: str) -> tuple[list[Simple], int]:
    """Return a command's programs in their order, and a checksum of its here-documents."""
    command = command[:LONGEST]
    if not _SPECIAL.search(command):
        words = _counted(command.split())
        return [Simple("", words, [])] if words else [], 0
    command = command.replace("\\\n", " ")
    plain, documents = _without_documents(command) if "<<" in command else (command, 0)
    return _simples(plain), documents


def _without_documents(command: str) -> tuple[str, int]:
    """Return a command without its here-documents' texts, and their checksum."""
    checksum, start = 0, 0
    while match := _HEREDOC.search(command, start):
        start = match.end()
        body = command.find("\n", start) + 1
        if not body:
            break
        end = re.compile(rf"^[ \t]*{match[2]}[ \t]*$", re.M).search(command, body)
        last, rest = (end.start(), end.end()) if end else (len(command), len(command))
        checksum = crc32(command[body:last].encode("utf-8", "surrogatepass"), checksum)
        command = command[:body] + command[rest:].lstrip("\n")
    return command, checksum


def _simples(command: str) -> list[Simple]:
    hidden: list[str] = []
    redirects: dict[str, str] = {}

    def hide(match: re.Match[str]) -> str:
        found = match[0]
        if found[0] == "#":
            return ""
        hidden.append(found.translate(_UNQUOTED))
        return chr(_HIDDEN_MARK + len(hidden) - 1)

    def redirect(match: re.Match[str]) -> str:
        if _NULL.fullmatch(match[0]):
            return " "
        mark = chr(_REDIRECT_MARK + len(redirects))
        redirects[mark] = match[0]
        return f" {mark} "

    def shown(word: str) -> str:
        return word if word.isascii() else _MARK.sub(lambda m: hidden_at(ord(m[0])), word)

    def hidden_at(mark: int) -> str:
        number = mark - _HIDDEN_MARK
        return hidden[number] if number < len(hidden) else ""

    plain = _HIDDEN.sub(hide, command)
    if ">" in plain or "<" in plain:
        plain = _REDIRECT.sub(redirect, plain.replace("2>&1", " ").replace("2>/dev/null", " "))
    found: list[Simple] = []
    pieces = _SPLIT.split(plain)
    for number in range(0, len(pieces), 2):
        words = pieces[number].split()
        sent: list[str] = []
        marked = not pieces[number].isascii()
        if redirects and marked:
            sent = [shown(redirects[word]) for word in words if word in redirects]
            words = [word for word in words if word not in redirects]
        words = _counted(words)
        if hidden and marked:
            words = [shown(word) for word in words]
        if words or sent:
            found.append(Simple(_joint(pieces[number - 1]) if number else "", words, sent))
    return found


def _counted(words: list[str]) -> list[str]:
    """Return words from the first one that names a program."""
    while words and (words[0] in UNCOUNTED or "=" in words[0] and _ASSIGNMENT.match(words[0])):
        words = words[1:]
    return words


def _joint(between: str) -> str:
    """Return what joins two programs, of all operators between them."""
    if (joint := _JOINTS.get(between)) is not None:
        return joint
    for joint in ("||", "|", "&&", ";", "\n", "(", ")"):
        if joint in between:
            return joint if joint in ("||", "|", "&&") else ";"
    return "&"
