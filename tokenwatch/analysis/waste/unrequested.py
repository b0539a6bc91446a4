"""Files that an agent made although no prompt named them.

unrequested-files: files nobody asked for
  Means: The agent wrote reports, guides or trial scripts that no prompt named, and they were
    removed again or never looked at.
  Signal: A file made by the agent, whose name no prompt so far contains and for the like of which
    the prompt has no word: a Markdown document, or a script whose name says test, demo, example,
    quick, try, verify, check, temp or debug, outside folders for tests. It was removed later in the
    session (a script: in a later turn), without having been read before. Or it is a summary or
    report beside edits of other files, no prompt so far has a word for a document, and at least
    three more turns, in a session that is over, neither read, changed, named nor committed it.
    One later turn is enough if it committed other files by their names and not this one, and then
    only its own turn's prompt counts, if that sets a task; a script that was made beside edits of
    other files, and never run, counts as well.
  Money: The output of the request that wrote the file, its call's share of it, and what later
    requests paid to carry that on. Of a file that was only left alone the range begins at three
    tenths.
  Next time: Put a line into the project's instructions: "Do not create summaries, guides or trial
    scripts unless asked".
  When wrong: If you had asked for it in words that name no file, or read it in your editor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from zlib import crc32

from tokenwatch import format as fmt
from tokenwatch.analysis.waste import deeds, extras
from tokenwatch.analysis.waste.carry import Chain, walk
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Edit, Money, Prompt, Session, Strand, Turn
from tokenwatch.analysis.waste.taken import ADDS, Taken, Waiting, taken
from tokenwatch.analysis.waste.written import Content, followed

MOST_CANDIDATES = 32
"""Files that are watched at once: the oldest gives way."""
MOST_NAMES = 4_096
"""Names out of prompts that are remembered; a session with more is not judged further."""
_TASKS = frozenset({"task", "complaint", "evidence"})
"""Kinds of prompts that say what to do; after any other, an earlier wish still holds."""
LATER_TURNS = 3
"""So many turns must pass a file by. Ours."""
LOW = 0.3
"""Lower end of the range for a file that was left alone. Ours: it may have been read outside."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A file that was made and not asked for, so far."""

    path: str
    name: int
    at_ms: int
    turn: int
    request: int
    request_id: str
    agent: str
    share: int
    """Picodollars of output."""
    tokens: int
    """The same in tokens."""
    is_script: bool
    is_asked: bool
    """The prompt may have asked for one without a name."""
    is_by_product: bool
    """A report beside edits of other files, and no prompt so far asked for a document."""
    is_extra: bool
    """Beside edits of other files, a report or a script that is run by its name alone; and the
    prompts of its turn set a task and have no word for the like of it."""
    is_settled: bool = False
    """It was changed or run, or may have been committed."""
    left_ms: int | None = None
    """When a later turn first committed other files and not this one."""


@dataclass(frozen=True, slots=True)
class _Memory:
    named: frozenset[int] = frozenset()
    """Hashes out of all prompts: of files and of other things they name."""
    wants: tuple[bool, bool] = (False, False)
    """Whether the latest prompts may ask for a document, and for a script."""
    ever_wants: bool = False
    """Whether any prompt may have asked for a document."""
    made: dict[str, _Made] = field(default_factory=dict)
    """By path, in the order of making. Never written to: copied."""
    gone: dict[str, tuple[_Made, int]] = field(default_factory=dict)
    """Those that were told of and are still in the context, with when they were removed."""
    contents: dict[str, Content] = field(default_factory=dict)
    """What was written into either."""
    chains: dict[str, Chain] = field(default_factory=dict)
    """Of the agents that wrote them."""
    waiting: Waiting = Waiting()
    """What the next commit will hold."""
    is_closed: bool = False
    """Too many names: nothing more is said of the session."""


def observe(memory: _Memory | None, turn: Turn, session: Session) -> Seen[_Memory]:
    """Watch files from their making to their removal, or to the session's end."""
    memory = memory or _Memory()
    names = _names(turn.prompts)
    named = memory.named | names
    if memory.is_closed or len(named) > MOST_NAMES:
        return Seen(_Memory(is_closed=True))
    wants = extras.wants(turn.prompts) if turn.prompts else memory.wants
    ever_wants = memory.ever_wants or wants[0]
    sets_task = any(prompt.wording.kind in _TASKS for prompt in turn.prompts)
    made = dict(memory.made)
    removed: list[tuple[_Made, int]] = []
    read: set[str] = set()
    for strand in turn.strands:
        _follow(made, strand, turn, removed, read)
    for path in list(made):
        if path in read or made[path].name in names or _stem_hash(path) in names:
            del made[path]
    contents = dict(memory.contents)
    for strand in turn.strands:
        for file in _making(strand, turn, named, wants):
            file = replace(
                file,
                is_by_product=file.is_by_product and not ever_wants,
                is_extra=file.is_extra and (file.is_script or not ever_wants or sets_task),
            )
            if _watch(made, file, strand, removed):
                contents[file.path] = Content(file.agent, file.request, file.tokens)
    waiting, takes = taken(memory.waiting, turn)
    _settle(made, takes, turn)
    while len(made) > MOST_CANDIDATES:
        del made[next(iter(made))]
    gone = {path: known for path, known in memory.gone.items() if path not in made}
    before = set(gone)
    gone.update((file.path, (file, at)) for file, at in removed if file.share and not file.is_asked)
    contents = {path: content for path, content in contents.items() if path in made or path in gone}
    contents, chains = _carried(contents, memory.chains, turn)
    signs = [
        _sign(file, at, contents[path].asks, goes_on=path in before)
        for path, (file, at) in gone.items()
        if path not in before or contents[path].asks
    ]
    for path in list(gone):
        contents[path] = contents[path]._replace(asks=())
        if contents[path].is_gone or len(gone) > MOST_CANDIDATES:
            del gone[path], contents[path]
    if turn.is_last and session.is_over:
        signs += [
            _sign(file, None, contents[file.path].asks)
            for file in made.values()
            if not file.is_settled
            and file.share
            and (
                (file.is_extra and file.left_ms is not None)
                or (file.is_by_product and turn.number - file.turn >= LATER_TURNS)
            )
        ]
    after = _Memory(named, wants, ever_wants, made, gone, contents, chains, waiting)
    return Seen(after, tuple(signs))


def _settle(made: dict[str, _Made], takes: Iterable[Taken], turn: Turn) -> None:
    """See what was added and committed: these files, or others and not these."""
    for take in takes:
        for path, file in list(made.items()):
            if file.is_settled or file.at_ms > take.at_ms:
                continue
            if take.holds(path):
                made[path] = replace(file, is_settled=True)
            elif take.is_commit and file.left_ms is None and file.turn < turn.number:
                made[path] = replace(file, left_ms=take.at_ms)


def _carried(
    contents: dict[str, Content], chains: dict[str, Chain], turn: Turn
) -> tuple[dict[str, Content], dict[str, Chain]]:
    """Return what was written after a turn's requests, and the contexts it is in."""
    agents = {content.agent for content in contents.values()}
    after, kept = dict(contents), {a: chain for a, chain in chains.items() if a in agents}
    for strand in turn.strands:
        agent = strand.agent.id
        if agent in agents:
            kept[agent], steps = walk(chains.get(agent, Chain()), strand)
            own = {path: content for path, content in contents.items() if content.agent == agent}
            after.update(followed(own, steps))
    return after, kept


def _names(prompts: Iterable[Prompt]) -> frozenset[int]:
    return frozenset(
        name for prompt in prompts for name in (*prompt.wording.files, *prompt.wording.entities)
    )


def _stem_hash(path: str) -> int:
    return crc32(extras.stem(path).casefold().encode("utf-8", "surrogatepass"))


def _follow(
    made: dict[str, _Made],
    strand: Strand,
    turn: Turn,
    removed: list[tuple[_Made, int]],
    read: set[str],
) -> None:
    """See what a strand did to files that earlier turns made."""
    for call in strand.calls:
        if deeds.is_void(call) or not call.touches:
            continue
        for path, file in list(made.items()):
            if file.name not in call.touches:
                continue
            if call.purpose in ("remove", "revert"):
                removed.append((made.pop(path), call.at_ms))
                read.discard(path)
            elif call.purpose == "read":
                read.add(path)
            elif ADDS not in call.touches:
                made[path] = replace(file, is_settled=True)
    changed = {edit.path for edit in strand.edits}
    for path, file in list(made.items()):
        if path in changed:
            made[path] = replace(file, is_settled=True)


def _making(
    strand: Strand, turn: Turn, named: frozenset[int], wants: tuple[bool, bool]
) -> Iterable[_Made]:
    """Yield the files that a strand made and that no prompt names."""
    calls = {call.id: call for call in strand.calls}
    requests = {request.key: request for request in strand.requests}
    for edit in strand.edits:
        call = calls.get(edit.call_id)
        if not edit.created or call is None or call.request_key is None:
            continue
        request = requests.get(call.request_key)
        if request is None or request.price is None or _is_named(edit, named):
            continue
        is_script = extras.is_script(edit.path)
        if not is_script and not extras.is_document(edit.path):
            continue
        together = sum(other.request_key == request.key for other in strand.calls)
        answered = min(request.usage.output * request.price.output, request.cost.output)
        is_beside = any(
            other.path != edit.path and not extras.is_text(other.path) for other in strand.edits
        )
        is_report = extras.is_report(edit.path)
        is_asked = wants[1] if is_script else wants[0]
        is_telling = is_report or (is_script and not extras.is_run_by_name(edit.path))
        yield _Made(
            path=edit.path,
            name=edit.name,
            at_ms=edit.at_ms,
            turn=turn.number,
            request=request.key,
            request_id=request.id,
            agent=request.agent_id,
            share=answered // max(1, together),
            tokens=max(0, request.usage.output - request.usage.reasoning) // max(1, together),
            is_script=is_script,
            is_asked=is_asked,
            is_by_product=is_report and is_beside,
            is_extra=is_telling and is_beside and not is_asked,
        )


def _is_named(edit: Edit, named: frozenset[int]) -> bool:
    stem = _stem_hash(edit.path)
    return not named.isdisjoint((edit.name, edit.name | 1, stem, stem | 1))


def _watch(
    made: dict[str, _Made], file: _Made, strand: Strand, removed: list[tuple[_Made, int]]
) -> bool:
    """Watch a file from now on; a document that its own turn removed again is told of at once.

    Return whether either is so.
    """
    for call in strand.calls:
        if call.at_ms < file.at_ms or deeds.is_void(call) or file.name not in call.touches:
            continue
        if call.purpose == "read":
            return False
        if call.purpose in ("remove", "revert"):
            if not file.is_script:
                removed.append((file, call.at_ms))
            return not file.is_script
        if ADDS not in call.touches:
            file = replace(file, is_settled=True)
    changes = sum(edit.path == file.path for edit in strand.edits)
    made[file.path] = replace(file, is_settled=file.is_settled or changes > 1)
    return True


def _sign(
    file: _Made, removed_ms: int | None, carried: tuple[Ask, ...], *, goes_on: bool = False
) -> Sign:
    """Return the finding of a file; if it `goes_on`, only what carrying it on has cost since."""
    evidence = [
        Evidence(
            at_ms=file.at_ms,
            what="a file was made that no prompt names",
            cost=file.share,
            request_id=file.request_id,
        )
    ]
    cause = "unused"
    if removed_ms is not None:
        cause = "removed"
        evidence.append(Evidence(at_ms=removed_ms, what="it was removed"))
    elif file.left_ms is not None:
        cause = "left-out"
        evidence.append(Evidence(at_ms=file.left_ms, what="a commit took other files and not it"))
    kind = "script" if file.is_script else "document"
    return Sign(
        kind=Kind.UNREQUESTED_FILES,
        key=f"{crc32(file.path.encode('utf-8', 'surrogatepass')):08x}",
        at_ms=file.at_ms,
        asks=carried if goes_on else (Ask(file.request, Money(output=file.share)), *carried),
        evidence=() if goes_on else tuple(evidence),
        low=LOW if removed_ms is None else 1.0,
        replaces=not goes_on,
        cause=cause,
        counts={} if goes_on else {"files": 1},
        names={"file": fmt.one_line(extras.base(file.path), 60), "kind": kind},
        signature=kind,
    )


def tell(finding: Finding) -> Told:
    """Return a finding in words."""
    file, kind = finding.names.get("file", "?"), finding.names.get("kind", "document")
    if finding.cause == "removed":
        end = "it was removed later"
    elif finding.cause == "left-out":
        end = "a later commit took other files by name and left it out"
    else:
        end = "no later turn read, changed or committed it"
    rule = (
        "Do not leave trial scripts behind; run such checks without a file"
        if kind == "script"
        else "Do not create summary or guide files unless asked"
    )
    return Told(
        f"{file}: a {kind} nobody asked for",
        f"The agent wrote {file}, no prompt names it, and {end}.",
        f'Add to the project\'s instructions: "{rule}."',
    )


DETECTORS: tuple[Detector, ...] = (
    Detector(kind=Kind.UNREQUESTED_FILES, observe=observe, tell=tell),
)
