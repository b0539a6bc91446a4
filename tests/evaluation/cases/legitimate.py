"""Work that repeats itself for good reasons, in ten languages: no repeated attempts."""

from __future__ import annotations

from random import Random

from tests.evaluation import files, scenes, tools
from tests.evaluation.logs_claude import Claude
from tests.evaluation.phrases.language import Language, Topic
from tests.evaluation.scenes import Agent
from tests.evaluation.world import World

KIND = "repeated-attempts"
WAYS = (
    *("planned series", "new information", "one request for many things", "review rounds"),
    *("control and chores", "wordings after Esc", "automation", "red to green in a turn"),
    *("one pushback, then right", "questions", "praise, then the same lines", "other folders"),
    "variations of what works",
)


def legitimate(world: World, words: Language, way: int) -> None:
    """Write a session (or some) of one way, and label it."""
    rng = world.rng
    topic = rng.choice(words.topics)
    name = WAYS[way]
    if name == "automation":
        ids = _automation(world, words)
    elif name == "other folders":
        ids = _folders(world, topic)
    else:
        s = scenes.grown(world, rng.randrange(45_000, 80_000), models=("claude-opus-5",))
        _session(s, words, topic, name)
        ids = (s.end(),)
    world.quiet(KIND, ids, name, language=words.code)


def _edit(s: Agent, text: str, full: str, old: list[str], count: int) -> list[str]:
    """Answer a prompt with one edit; return its lines."""
    s.prompt(text)
    if not s.tree.lines.get(full):
        s.ask(tools.read(full, s.tree.has(full)))
    lines = files.code(s.rng, count)
    s.ask(tools.edit(s.tree, full, old, lines))
    if s.rng.random() < 0.5:
        s.ask(scenes.passing(s))
    s.done()
    return lines


def _session(s: Agent, words: Language, topic: Topic, name: str) -> None:
    rng, full = s.rng, s.file(topic.file)
    if name == "planned series":
        for text in (topic.task, *topic.series):
            _edit(s, text, full, [], rng.randrange(8, 20))
    elif name == "new information":
        lines = _edit(s, topic.task, full, [], 16)
        for place, text in enumerate(topic.refine):
            _edit(s, text, full, lines[place * 3 + 2 : place * 3 + 4], 8)
    elif name == "one request for many things":
        for _ in range(4):
            file = f"locales/{rng.choice(files.NOUNS)}_{rng.randrange(90)}.json"
            _edit(s, words.template.format(x=file), s.file(file), [], 14)
    elif name == "review rounds":
        lines = _edit(s, topic.task, full, [], 20)
        for place, text in enumerate(words.reviews):
            _edit(s, text, full, lines[place * 4 : place * 4 + 2], 3)
    elif name == "control and chores":
        _chores(s, words, topic, full)
    elif name == "wordings after Esc":
        _wordings(s, words)
    elif name == "red to green in a turn":
        for text in (topic.task, *topic.series[:2]):
            _red_green(s, text, topic, full)
    elif name == "one pushback, then right":
        lines = _edit(s, topic.task, full, [], 14)
        text = rng.choice(topic.symptoms)
        if rng.random() < 0.5:
            text = f"{rng.choice(words.complaints)}. {text}"
        _edit(s, text, full, lines, 15)
        s.prompt(rng.choice(words.thanks))
        s.done(output=30)
        _edit(s, topic.series[0], full, [], 12)
    elif name == "questions":
        _edit(s, topic.task, full, [], 12)
        for text in words.questions:
            s.prompt(text)
            s.ask(tools.search(rng, rng.choice(files.NOUNS)))
            s.done("It is kept in the settings, for historical reasons.")
    elif name == "praise, then the same lines":
        lines = _edit(s, topic.task, full, [], 16)
        _edit(s, topic.praise, full, lines[3:9], 9)
        _edit(s, f"{rng.choice(words.thanks)}. {topic.series[0]}", full, [], 10)
    else:
        lines = _edit(s, topic.task, full, [], 16)
        for place, text in enumerate(topic.variations):
            _edit(s, text, full, [lines[1 + place * 4], lines[2 + place * 4]], 2)


def _chores(s: Agent, words: Language, topic: Topic, full: str) -> None:
    rng = s.rng
    for round_ in range(4):
        text = topic.task if round_ == 0 else rng.choice(words.control)
        _edit(s, text, full, [], 9)
        s.prompt(rng.choice(words.chores))
        s.ask(scenes.passing(s))
        s.done(output=50)


def _wordings(s: Agent, words: Language) -> None:
    for text in words.wordings[:2]:
        s.prompt(text, thinks=20)
        if s.rng.random() < 0.5:
            s.ask(tools.search(s.rng, "date"))
        s.interrupt()
    s.prompt(words.wordings[2], thinks=20)
    s.ask(tools.search(s.rng, "date", 20))
    s.done("There are 14 places.")


def _red_green(s: Agent, text: str, topic: Topic, full: str) -> None:
    """Iterate within one turn: the person sees only that it passes."""
    s.prompt(text)
    if not s.tree.lines.get(full):
        s.ask(tools.read(full, s.tree.has(full)))
    lines = files.code(s.rng, 12)
    s.ask(tools.edit(s.tree, full, [], lines))
    for _ in range(2):
        s.ask(tools.bash("make check", topic.error, exit_code=1))
        after = files.code(s.rng, 11)
        s.ask(tools.edit(s.tree, full, lines, after))
        lines = after
    s.ask(scenes.passing(s))
    s.done()


def _automation(world: World, words: Language) -> tuple[str, ...]:
    cwd, start = world.project(), world.start()
    ids = []
    for place in range(4):
        at_ms = start - place * 3_600_000
        s = Claude(world, cwd=cwd, at_ms=at_ms, entrypoint="sdk-cli", context=30_000)
        s.prompt(words.job)
        s.ask(tools.bash("tail -n 200 import.log", files.listing(s.rng, 300)))
        scenes.insert(s, "reports/import.txt", 6)
        s.done()
        ids.append(s.end())
    return tuple(ids)


def _folders(world: World, topic: Topic) -> tuple[str, ...]:
    """Ask for the same in several repositories, on branches of their own."""
    ids = []
    start = world.start()
    for place in range(3):
        s = Claude(world, at_ms=start + place * 1_200_000, context=30_000)
        s.branch = f"feature/{place}"
        _edit(s, typed_alike(s.rng, topic), s.file(topic.file), [], 14)
        ids.append(s.end())
    return tuple(ids)


def typed_alike(rng: Random, topic: Topic) -> str:
    """Return the task, in one of its wordings."""
    return rng.choice((topic.task, *topic.again))
