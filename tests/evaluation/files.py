"""Invented code: lines, files that are edited, and the patches that clients log of it."""

from __future__ import annotations

from random import Random

NOUNS = (
    *("order", "invoice", "ledger", "parcel", "ticket", "cursor", "widget", "quota", "batch"),
    *("header", "token", "policy", "region", "bucket", "lease", "signal", "worker", "margin"),
    *("shard", "review", "column", "layout", "filter", "export", "import", "sensor", "rule"),
)
VERBS = (
    *("load", "merge", "round", "split", "check", "apply", "render", "parse", "store", "emit"),
    *("pick", "order", "trim", "join", "count", "match", "close", "fetch", "queue", "mark"),
)
SHAPES = (
    "    {a}_{b} = {v}_{c}({a}.{b}, limit={n})",
    "    if {a}.{b} is None or {a}.{c} > {n}:",
    '        raise {B}Error("{a} {c} is out of range {n}")',
    "    for {a} in {v}_{b}s({c}, {n}):",
    "        {b}.{v}({a}[{n}], key={c}_key)",
    "    return {v}_{a}({b}, {c}) + {n}",
    "def {v}_{a}_{b}({c}, size={n}):",
    "    {c}.{v}_all([{a}.{b} for {a} in {b}s[{n}:]])",
    "    assert {a}.{v}({b}) == {c}_{n}, {a}",
)


def code(rng: Random, count: int) -> list[str]:
    """Return lines of code, no two alike."""
    lines = []
    for _ in range(count):
        a, b, c = rng.sample(NOUNS, 3)
        shape = rng.choice(SHAPES)
        number = rng.randrange(2, 99_999)
        lines.append(shape.format(a=a, b=b, c=c, B=b.title(), v=rng.choice(VERBS), n=number))
    return lines


def path(rng: Random, extension: str = "py") -> str:
    """Return a file's path in its repository."""
    a, b = rng.sample(NOUNS, 2)
    return f"src/{a}s/{rng.choice(VERBS)}_{b}_{rng.randrange(100)}.{extension}"


def listing(rng: Random, tokens: int) -> str:
    """Return a text of about that many tokens: a log, a page, a search's hits."""
    lines, size = [], 0
    while size < tokens * 3.6:
        a, b, c = rng.sample(NOUNS, 3)
        line = f"{a}/{rng.choice(VERBS)}_{b}.py:{rng.randrange(2_000)}: {c} {rng.choice(VERBS)}"
        line += f" {rng.getrandbits(32):08x} took {rng.randrange(900)} of {rng.randrange(9_000)}"
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines)


class Tree:
    """The files of a session, as they are now, and which lines the agent wrote."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.lines: dict[str, list[str]] = {}

    def has(self, name: str, count: int = 60) -> list[str]:
        """Return a file's lines; a new one has some already, which nobody wrote here."""
        if name not in self.lines:
            self.lines[name] = code(self.rng, count)
        return self.lines[name]

    def kept(self, name: str, lines: list[str]) -> float:
        """Return which share of these lines the file still has."""
        there = set(self.lines.get(name, ()))
        return sum(line in there for line in lines) / len(lines) if lines else 0.0


def hunk(start: int, before: list[str], after: list[str], around: list[str]) -> dict[str, object]:
    """Return one hunk of a `structuredPatch`."""
    lead = [f" {line}" for line in around[:3]]
    body = [f"-{line}" for line in before] + [f"+{line}" for line in after]
    return {
        "oldStart": start,
        "oldLines": len(before) + len(lead),
        "newStart": start,
        "newLines": len(after) + len(lead),
        "lines": [*lead, *body],
    }
