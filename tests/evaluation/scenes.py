"""Ordinary work, of which cases are made: prompts, reading, editing, testing, committing."""

from __future__ import annotations

from random import Random

from tests.evaluation import files, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.logs_codex import Codex
from tests.evaluation.money import Req
from tests.evaluation.tools import Use
from tests.evaluation.world import World

Agent = Claude | Codex
TOP = ("claude-opus-5", "claude-opus-5-5", "claude-opus-4-8", "claude-fable-5")
DEAR = ("claude-opus-5", "claude-opus-4-8", "claude-fable-5")
"""Models whose cache reads cost a tenth of their input."""
ASKS = (
    "Add a {noun} argument to `{name}` in {file} and cover it with a test",
    "{file}: `{name}` should accept several {noun}s at once, keep the old signature working",
    "Teach {file} to write the {noun} as well; the format is in docs/{noun}.md",
    "In {file} move the {noun} handling out of `{name}` into a function of its own",
    "Support an empty {noun} in `{name}` ({file}): it should give an empty list",
    "`{name}` in {file} needs a timeout for the {noun}, default 30 seconds",
)
LONG = (
    "Read the attached notes about the {noun} first, they are long. ",
    "Here is the whole design for the {noun}, see below. ",
)


def open_session(
    world: World, *, codex: float = 0.0, models: tuple[str, ...] = TOP, **options: object
) -> Agent:
    """Begin a session, sometimes one of Codex."""
    rng = world.rng
    if rng.random() < codex:
        alike = {
            name: value for name, value in options.items() if name in ("cwd", "at_ms", "context")
        }
        return Codex(world, model="gpt-6-astra", **alike)  # type: ignore[arg-type]
    return Claude(world, model=rng.choice(models), **options)  # type: ignore[arg-type]


def task(rng: Random, file: str, name: str = "") -> str:
    """Return what somebody may ask for in a file."""
    name = name or f"{rng.choice(files.VERBS)}_{rng.choice(files.NOUNS)}"
    return rng.choice(ASKS).format(noun=rng.choice(files.NOUNS), name=name, file=file)


def look(s: Agent, file: str, tokens: int | None = None) -> Req:
    """Read a file that nobody has read before."""
    lines = s.tree.has(s.file(file))
    return s.ask(tools.read(s.file(file), lines, tokens=tokens))


def insert(s: Agent, file: str, count: int = 8) -> tuple[Req, list[str]]:
    """Add lines to a file."""
    lines = files.code(s.rng, count)
    use = tools.edit(s.tree, s.file(file), [], lines)
    return s.ask(use), lines


def passing(s: Agent) -> Use:
    """Run the tests, which pass."""
    rng = s.rng
    count, took = rng.randrange(12, 300), rng.uniform(1, 20)
    command = f"pytest -q tests/test_{rng.choice(files.NOUNS)}_{rng.randrange(99)}.py"
    return tools.bash(command, f"{count} passed in {took:.2f}s", seconds=took)


def turn(
    s: Agent, file: str, *, words: str = "", reads: int = 1, edits: int = 1, test: bool = True
) -> list[Req]:
    """Do an ordinary task to everybody's liking."""
    s.prompt(words or task(s.rng, file))
    for number in range(reads):
        look(s, file if number == 0 and not s.tree.lines.get(s.file(file)) else files.path(s.rng))
    for _ in range(edits):
        insert(s, file, s.rng.randrange(4, 14))
    if test:
        s.ask(passing(s))
    s.done()
    return s.turn


def lift(s: Agent, tokens: int) -> list[Req]:
    """Let the context grow: a long document is handed over and taken note of."""
    rng = s.rng
    words = rng.choice(LONG).format(noun=rng.choice(files.NOUNS))
    if isinstance(s, Claude):
        s.attach("file", filename="notes.md", displayPath="notes.md")
    s.prompt(
        words + f"Then say in a word whether {rng.choice(files.NOUNS)} is covered", tokens=tokens
    )
    s.done("It is covered; the notes leave nothing open.")
    return s.turn


def grown(
    world: World,
    tokens: int,
    *,
    codex: float = 0.0,
    models: tuple[str, ...] = TOP,
    **options: object,
) -> Agent:
    """Begin a session and let its context grow to about that size."""
    s = open_session(world, codex=codex, models=models, **options)
    turn(s, files.path(s.rng), test=False)
    if tokens > s.sent + s.pending + 2_000:
        lift(s, tokens - s.sent - s.pending)
    return s


def more(s: Agent, count: int, file: str | None = None) -> list[Req]:
    """Go on for so many requests of ordinary work in one turn."""
    file = file or files.path(s.rng)
    s.prompt(task(s.rng, file))
    for number in range(count - 1):
        if number % 3 == 2:
            insert(s, file, 6)
        else:
            look(s, files.path(s.rng))
    s.done()
    return s.turn


def later(s: Agent, req: Req) -> list[Req]:
    """Return the requests of an agent after that one."""
    place = next(i for i, known in enumerate(s.requests) if known.id == req.id)
    return s.requests[place + 1 :]
