"""Words of an instruction: what they are compared by, and what they name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.wording.scripts import RUNS, lacks_blanks

TOKENS = 64
ENTITIES = 32
FILES = 16
_LONGEST = 200
"""Characters of a word that are looked at."""
_REMEMBERED = 30
"""Characters of words that may come again, so that what they come to is kept for a while."""
_BEFORE = "([{<\"'“„«‘（「『【*`_—–-"
_BEHIND = ".,;:!?)]}>\"'”“»’…）」』】。，！？；：、*`_—–-"
_QUOTES = "\"'“„«「『`"
_EXTENSIONS = frozenset(
    [
        "py",
        "pyi",
        "ipynb",
        "js",
        "jsx",
        "mjs",
        "cjs",
        "ts",
        "tsx",
        "mts",
        "vue",
        "svelte",
        "astro",
        "html",
        "htm",
        "css",
        "scss",
        "sass",
        "less",
        "md",
        "mdx",
        "rst",
        "txt",
        "json",
        "jsonl",
        "json5",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "conf",
        "env",
        "xml",
        "xsd",
        "svg",
        "csv",
        "tsv",
        "sql",
        "db",
        "sqlite",
        "go",
        "rs",
        "c",
        "h",
        "cc",
        "cpp",
        "cxx",
        "hpp",
        "hh",
        "cs",
        "java",
        "kt",
        "kts",
        "scala",
        "swift",
        "m",
        "mm",
        "rb",
        "erb",
        "php",
        "pl",
        "lua",
        "r",
        "jl",
        "dart",
        "ex",
        "exs",
        "erl",
        "hs",
        "clj",
        "fs",
        "fsx",
        "sh",
        "bash",
        "zsh",
        "fish",
        "ps1",
        "bat",
        "cmd",
        "tf",
        "hcl",
        "proto",
        "graphql",
        "gql",
        "lock",
        "log",
        "gradle",
        "properties",
        "plist",
        "pdf",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "ico",
        "docx",
        "xlsx",
        "pptx",
        "zip",
        "tar",
        "gz",
        "dockerfile",
        "makefile",
        "mk",
        "cmake",
        "prisma",
        "tmpl",
        "j2",
        "jinja",
        "hbs",
        "ejs",
        "pug",
        "sol",
        "zig",
        "nim",
        "v",
        "sv",
        "vhd",
        "wasm",
        "po",
        "pot",
        "xliff",
        "snap",
        "spec",
        "tex",
        "bib",
        "ui",
        "qml",
        "vb",
        "feature",
    ]
)
_NAMES = frozenset(
    ["dockerfile", "makefile", "readme", "changelog", "license", "gemfile", "procfile", "rakefile"]
)
_URL = re.compile(r"(?:https?|ftp|wss?)://|www\.", re.I)
_NUMBER = re.compile(r"[#v$€£¥~<>=+-]*\d[\d.,:/x*^e+-]*(?:%|[a-z]{1,3}|°)?$", re.I)
_HEX = re.compile(
    r"(?=\w*\d)[0-9a-f]{7,}$|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{10,}$|0x[0-9a-f]+$", re.I
)
_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d+$|#\d+$")
_NAMED = re.compile(r"[a-z][A-Z]|\w_\w|\w\.\w|\w::\w|->|\(\)?$|^--\w|^\$\w|^@\w|\w\(|^<\w")
_ABBREVIATION = re.compile(r"(?:[a-z]\.)+[a-z]?$", re.I)
_WHERE = re.compile(r"(?::\d+(?:[:-]\d+)?|#L\d+(?:-L?\d+)?)$")
_DIGITS = re.compile(r"\d+")
_LABEL = re.compile(r"[\"“„«「『]([^\"“”„«»「」『』\n]{2,40})[\"”“»」』]")


class Named(NamedTuple):
    """What an instruction consists of."""

    normal: str
    """Its words as similarity sees them, with single blanks: names of files without folders,
    numbers and ids as #."""
    words: int
    tokens: tuple[int, ...]
    entities: tuple[int, ...]
    files: tuple[int, ...]


class _Word(NamedTuple):
    """What one word comes to."""

    form: str
    words: int
    """How many words it is: a run of characters without blanks is many."""
    tokens: tuple[int, ...]
    names: dict[int, None]
    files: dict[int, None]


_NONE: dict[int, None] = {}


def named(instruction: str) -> Named:
    """Take an instruction apart."""
    forms: list[str] = []
    tokens: list[int] = []
    entities: dict[int, None] = {}
    files: dict[int, None] = {}
    words = 0
    parts = instruction.split()
    if not instruction.isascii() and lacks_blanks(instruction):
        parts = [run for part in parts for run in RUNS.findall(part)]
    for part in parts:
        told = _known(part) if len(part) <= _REMEMBERED else _word(part)
        if told is None:
            continue
        form, number, hashes, names, named_files = told
        words += number
        forms.append(form)
        tokens += hashes
        if names:
            entities.update(names)
            files.update(named_files)
    for label in (
        _LABEL.findall(instruction) if '"' in instruction or not instruction.isascii() else ()
    ):
        entities[_hash(" ".join(label.casefold().split()))] = None
    return Named(
        " ".join(forms),
        words,
        tuple(tokens[:TOKENS]),
        tuple(entities)[:ENTITIES],
        tuple(files)[:FILES],
    )


def _word(part: str) -> _Word | None:
    """Return what a word comes to; None for signs alone."""
    if part.isalpha() and part.islower() and part.isascii():
        return _Word(part, 1, (crc32(part.encode()) & ~1,), _NONE, _NONE)
    if part.isdecimal() and part.isascii():
        return _Word("#", 1, (crc32(part.encode()) | 1,), _NONE, _NONE)
    core = part.lstrip(_BEFORE).rstrip(_BEHIND)[:_LONGEST]
    if not core:
        return None
    if core.isalpha() and (core.islower() or core[1:].islower() or core.isupper()):
        plain = core.casefold()
        quoted = part[0] in _QUOTES and part[-1] not in "',.s" and len(part) > len(core) + 1
        names = {name_hash(plain): None} if quoted and plain in _NAMES else _NONE
        return _plain(plain, quoted, names)
    if not core.isascii() and lacks_blanks(core):
        return _plain(core, False, _NONE)
    form, source, is_entity, name = _classified(core, part[0], part[-1])
    names = {_hash(single): None for single in name.split("::")} if name else _NONE
    files: dict[int, None] = {}
    for single in name.split("::") if name else ():
        _, dot, extension = single.rpartition(".")
        if dot and (extension in _EXTENSIONS or part[0] == "@"):
            files[name_hash(single)] = None
    token = _hash(source) | 1 if is_entity else _hash(source) & ~1
    return _Word(form, 1, (token,), names, files)


_known = lru_cache(maxsize=4096)(_word)


def _plain(word: str, quoted: bool, files: dict[int, None]) -> _Word:
    """Return what an ordinary word comes to, or a run of characters without blanks."""
    if word.isascii() or not lacks_blanks(word):
        token = _hash(word) | 1 if quoted else _hash(word) & ~1
        return _Word(word, 1, (token,), files, files)
    pairs = [word[at : at + 2] for at in range(min(TOKENS, len(word) - 1))] or [word]
    return _Word(word, len(word), tuple([_hash(pair) & ~1 for pair in pairs]), _NONE, _NONE)


def _classified(core: str, before: str, behind: str) -> tuple[str, str, bool, str]:
    """Return a word's form, what its hash is of, whether it is an entity, and the name it tells."""
    plain = core.casefold()
    if ("://" in core or "." in core) and _URL.match(core):
        return "⟦url⟧", plain, True, plain.rstrip("/")
    has_digits = _DIGITS.search(core) is not None
    if has_digits:
        if _KEY.match(core):
            return _DIGITS.sub("#", plain), plain, True, plain
        if _HEX.match(core) or _NUMBER.match(core):
            return "#", plain, True, ""
    if "." in core and _ABBREVIATION.match(core):
        return plain, plain, False, ""
    if "/" in core or "\\" in core:
        return _path(core, before)
    extension = core.rpartition(".")[2].casefold()
    if (extension in _EXTENSIONS and "." in core) or plain in _NAMES or before == "@":
        name = _WHERE.sub("", plain).lstrip("@")
        return _DIGITS.sub("#", name), name, True, name
    bare = _WHERE.sub("", plain) if has_digits else plain
    if bare != plain and bare.rpartition(".")[2] in _EXTENSIONS:
        return _DIGITS.sub("#", bare), bare, True, bare
    if _NAMED.search(core) or (before == "`" and behind == "`"):
        name = plain.replace("(", "").lstrip("$<-")
        return _DIGITS.sub("#", name), name, True, name if len(name) > 2 else ""
    if has_digits:
        return _DIGITS.sub("#", plain), plain, True, ""
    return plain, plain, False, ""


def _path(core: str, before: str) -> tuple[str, str, bool, str]:
    """The same for a word with slashes, which is a path or alternatives ("and/or")."""
    plain = _WHERE.sub("", core.casefold().replace("\\", "/")).rstrip("/")
    name = plain.rsplit("/", 1)[-1]
    is_path = (
        plain[:1] in "/~.@"
        or before in "/~.@`"
        or plain.count("/") > 1
        or core.endswith("/")
        or bool(_NAMED.search(core))
        or ":" in plain[:3]
    )
    if not is_path or not name:
        return plain, plain, False, ""
    name = name.lstrip("@")
    return _DIGITS.sub("#", name), name, True, name


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))
