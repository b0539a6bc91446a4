"""Ordinary sessions without any waste, in all languages and both clients."""

from __future__ import annotations

from tests.evaluation import files, scenes, tools
from tests.evaluation.label import KINDS
from tests.evaluation.logs_claude import Claude
from tests.evaluation.phrases import CODES, language
from tests.evaluation.world import World

SESSIONS = 60
MODELS = ("claude-opus-5", "claude-opus-5-5", "claude-sonnet-5", "claude-opus-4-8")


def build(world: World) -> None:
    """Fill the home."""
    for number in range(world.count(SESSIONS)):
        _session(world, number)


def _session(world: World, number: int) -> None:
    rng = world.rng
    words = language(CODES[number % len(CODES)])
    topic = rng.choice(words.topics)
    ttl = rng.choice(("1h", "5m"))
    s = scenes.open_session(world, codex=float(number % 5 == 4), models=MODELS, ttl=ttl)
    prompts = [topic.task, *topic.series]
    if number % 3 == 0:
        prompts.insert(2, topic.refine[0])
    if number % 4 == 0:
        prompts.append(topic.praise)
    last: list[str] = []
    for place, text in enumerate(prompts):
        s.prompt(text, thinks=rng.uniform(15, 240))
        if place == 0:
            s.ask(tools.read(s.file(topic.file), s.tree.has(s.file(topic.file))))
            s.ask(tools.search(rng, rng.choice(files.NOUNS)))
        if text == topic.praise and last:
            s.ask(tools.edit(s.tree, s.file(topic.file), last[2:4], files.code(rng, 4)))
        else:
            last = _work(s, topic.file)
        if number % 7 == 3 and place == 1:
            _agent(s)
        s.ask(scenes.passing(s))
        s.done()
        if number % 10 == 6 and place == 2:
            s.compact("auto")
    if number % 2:
        s.prompt(rng.choice(words.chores[1:2]), thinks=30)
        s.ask(tools.commit(rng, "Extend the list", [topic.file]))
        s.done(output=60)
    else:
        s.prompt(rng.choice(words.thanks), thinks=30)
        s.done(output=30)
    s.end()
    for kind in sorted({*KINDS} & world.judged):
        world.quiet(kind, s.id, f"quiet, {words.code}, {s.source}")


def _work(s: scenes.Agent, file: str) -> list[str]:
    """Edit a little, now and then with a first try that fails."""
    rng = s.rng
    lines: list[str] = []
    for _ in range(rng.randrange(1, 4)):
        _, lines = scenes.insert(s, file, rng.randrange(4, 12))
    if rng.random() < 0.3:
        s.ask(
            tools.bash(
                "make check", f"FAILED test_{rng.choice(files.NOUNS)}: 1 failed", exit_code=1
            )
        )
        scenes.insert(s, file, 3)
    if rng.random() < 0.5:
        scenes.look(s, files.path(rng))
    return lines


def _agent(s: scenes.Agent) -> None:
    if not isinstance(s, Claude):
        return
    (child,) = s.launch(
        [("Explore", "Find uses", "Find all uses of the list")], model="claude-haiku-4-5"
    )
    for _ in range(4):
        child.ask(tools.search(child.rng, child.rng.choice(files.NOUNS), 20))
    child.done("It is used in three places.")
    s.collect(child, "It is used in three places.")
