"""Repeated attempts: chains of 2 to 6 failed ones in ten languages, told by what is done."""

from __future__ import annotations

from random import Random

from tests.evaluation import files, money, scenes, tools
from tests.evaluation.cases.legitimate import WAYS, legitimate
from tests.evaluation.money import Req
from tests.evaluation.phrases import CODES, language
from tests.evaluation.phrases.language import Language, Topic
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "repeated-attempts"
CHAINS = 14
NEGATIVES = 2 * len(WAYS)
FOLLOWING = (
    # What the person writes after a failed attempt. Half of the chains have no word of complaint.
    ("symptom", "symptom", "expected", "symptom", "expected", "symptom"),
    ("complaint", "symptom", "complaint", "expected", "complaint", "symptom"),
    ("error", "error", "error", "error", "error", "error"),
    ("again", "symptom", "again", "expected", "again", "symptom"),
    ("both", "both", "symptom", "both", "complaint", "both"),
    ("symptom", "error", "symptom", "again", "symptom", "error"),
    ("expected", "complaint", "again", "both", "error", "symptom"),
)
DOING = ("rewrite", "rewrite", "revert", "rewrite", "around", "stopped", "rewrite")
"""What an attempt does to the one before: replaces its lines, takes the file back, adds lines
around them, or is stopped by the user after its edit."""


def build(world: World) -> None:
    """Fill the home."""
    for place, code in enumerate(CODES):
        words = language(code)
        for number in range(world.count(CHAINS)):
            # Of fewer cases each language has others, so that all together have all of them.
            chain(world, words, number if world.share == 1 else (number * 5 + place * 3) % CHAINS)
        for number in range(world.count(NEGATIVES)):
            way = number if world.share == 1 else world.rng.randrange(len(WAYS))
            legitimate(world, words, way % len(WAYS))


def chain(world: World, words: Language, number: int) -> None:
    """Write a session with one chain, and label it."""
    rng = world.rng
    topic = words.topics[number % len(words.topics)]
    options = {"cwd": world.project()}
    codex = float(number % 6 == 5)
    s = scenes.grown(
        world, rng.randrange(45_000, 90_000), codex=codex, models=("claude-opus-5",), **options
    )
    failed = 2 + (number * 2 + number // 5) % 5
    written: list[tuple[list[Req], list[str]]] = []
    doing = DOING[number % len(DOING)]
    styles = FOLLOWING[number % len(FOLLOWING)]
    for attempt in range(failed + 1):
        text = topic.task
        if attempt:
            text = following(rng, words, topic, styles[(attempt - 1) % len(styles)], attempt)
        before = written[-1][1] if written else []
        last = attempt == failed
        try_once(
            s, topic, text, before, doing, written, error=_error(topic, styles, last), last=last
        )
    if rng.random() < 0.6:
        s.prompt(rng.choice(words.thanks))
        s.done(output=40)
    if rng.random() < 0.5:
        scenes.turn(s, files.path(rng), words=rng.choice(words.topics).task, reads=0)
    s.end()
    paid, requests = 0, []
    for spent, lines in written[:-1]:
        kept = s.tree.kept(s.file(topic.file), lines)
        paid += int(money.total(spent) * (1 - kept))
        requests += spent
    what = f"{failed} failed, {doing}, {'/'.join(styles[:failed])}, {s.source}"
    world.hit(KIND, s.id, requests, paid, what, language=words.code)


def _error(topic: Topic, styles: tuple[str, ...], last: bool) -> str:
    """Return what the check at an attempt's end says: an error where errors are the story."""
    return topic.error if "error" in styles[:2] and not last else ""


def following(rng: Random, words: Language, topic: Topic, style: str, attempt: int) -> str:
    """Return what a person writes when it is not right yet."""
    symptom = topic.symptoms[(attempt - 1) % len(topic.symptoms)]
    if style == "symptom":
        return symptom
    if style == "expected":
        return topic.expected[attempt % len(topic.expected)]
    if style == "again":
        return typed(rng, topic.again[attempt % len(topic.again)], rng.randrange(3))
    if style == "complaint":
        return rng.choice(words.complaints)
    if style == "both":
        return f"{rng.choice(words.complaints)}. {symptom}"
    return pasted(rng, topic.error, (0, 3, 12, 40)[rng.randrange(4)], rng.random() < 0.5)


def typed(rng: Random, text: str, typos: int) -> str:
    """Return the text with so many letters swapped."""
    letters = list(text)
    for _ in range(typos):
        place = rng.randrange(1, len(letters) - 2)
        if letters[place].isalpha() and letters[place + 1].isalpha():
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def pasted(rng: Random, error: str, around: int, fenced: bool) -> str:
    """Return an error as it is pasted: with more or less of what stood before it."""
    lines = [
        f"    at {rng.choice(files.NOUNS)} (lib/{n}.js:{rng.randrange(900)})" for n in range(around)
    ]
    text = "\n".join([*lines, error])
    return f"```\n{text}\n```" if fenced else text


def try_once(
    s: Agent,
    topic: Topic,
    text: str,
    before: list[str],
    doing: str,
    written: list[tuple[list[Req], list[str]]],
    *,
    error: str = "",
    last: bool = False,
) -> None:
    """Write one attempt's turn; add its requests and lines to `written`."""
    rng, full = s.rng, s.file(topic.file)
    s.prompt(text)
    if not before or rng.random() < 0.3:
        s.ask(tools.read(full, s.tree.has(full)), say="Let me look at the file.")
    lines = files.code(rng, rng.randrange(9, 24))
    if before and doing == "revert":
        s.ask(tools.bash(f"git checkout -- {topic.file}", ""))
        s.tree.lines[full] = [line for line in s.tree.lines[full] if line not in set(before)]
        s.ask(tools.edit(s.tree, full, [], lines))
    elif before and doing == "around":
        # Some own lines are replaced, most are written anew beside them.
        own = [line for line in s.tree.lines[full] if line in set(before)]
        s.ask(tools.edit(s.tree, full, own[:6], lines))
    elif before:
        there = s.tree.lines[full]
        first = there.index(before[0])
        keep = rng.choice((0, 0, 2, 3))
        old = there[first : first + len(before) - keep]
        s.ask(tools.edit(s.tree, full, old, lines))
        lines = lines + before[len(before) - keep :] if keep else lines
    else:
        s.ask(tools.edit(s.tree, full, [], lines))
    if doing == "stopped" and not last:
        s.interrupt(tools.bash("npm run build", ""))
    else:
        _check(s, error)
        s.done()
    written.append((list(s.turn), lines))


def _check(s: Agent, error: str) -> None:
    if error:
        s.ask(tools.bash("make check", error, exit_code=1))
    elif s.rng.random() < 0.5:
        s.ask(scenes.passing(s))
