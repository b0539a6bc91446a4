"""Turns and sessions of which no result is recorded.

fruitless-exploration: much reading without a result
  Means: The agent read and searched a lot for one prompt, and then nothing came of it: no file was
    changed, no plan made, no answer accepted.
  Signal: A turn with 30 or more reads and searches (or 10 or more, at a cost of $2 or more) that
    changed nothing, planned nothing and asked nothing, for a prompt that is no question; and then
    the next prompt says that it was wrong, asks for the same again or for something else, or the
    turn was interrupted, or the session ended without an answer of any length. Not if the next
    prompt accepts it, goes on from it or asks about it.
  Money: None is claimed: what was read may be what you wanted to know.
  Next time: Name the files or the folder to begin with, ask for a plan first, or let an agent on a
    smaller model explore and report.
  When wrong: If it was research, and you had read the answer.

no-output: session without recorded output
  Means: The session cost something and left nothing that its log shows: no edit, no commit, no
    command that writes.
  Signal: A session of people's prompts, over, of $2 or more, without an edit, a commit, a presented
    plan or a command that changes something here or elsewhere. Not if half of its prompts are
    questions, if it ended with one or with an answer of 400 tokens, or if its last prompt accepts
    what was done.
  Money: None is claimed.
  Next time: If it was research, say so: dismiss this. If not, see where it went off course, and
    begin with a smaller step.
  When wrong: If it was research, or if its result lies where no log shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tokenwatch import format as fmt
from tokenwatch.analysis.waste import deeds, sketches
from tokenwatch.analysis.waste.detector import Detector, Seen, Told
from tokenwatch.analysis.waste.finding import Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Call, Prompt, Session, Turn
from tokenwatch.model import PICO
from tokenwatch.wording import Wording

MANY_READS = 30
"""Reads and searches of a turn, subagents' included. §5 of the specification."""
SOME_READS = 10
"""The same for a turn of `LEAST_COST`: without them it was not spent on exploring. Ours."""
LEAST_COST = 2 * PICO
"""Picodollars of a turn that explores, or of a session. §5 of the specification."""
MOST_UNKNOWN = 5
"""One call in so many, compared with reads, may be of unknown purpose: with more of them the turn
did something else. Ours."""
ANSWER_TOKENS = 400
"""Output of a turn's last request from which on it counts as an answer. Ours."""
LIKE = 0.60
"""Share of common character trigrams of a prompt that asks again. §4.4 of the specification."""
_ELSEWHERE = """
ansible-playbook aws az cargo docker docker-compose fly flyctl gcloud gh git glab helm heroku just
kubectl make mysql netlify npm pip pip3 pnpm podman poetry psql rsync scp sqlite3 ssh systemctl
terraform uv vercel yarn
"""
ELSEWHERE = frozenset(_ELSEWHERE.split())
"""Programs whose commands of unknown purpose very likely change something. Ours."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A turn that explored without a result, until what follows it decides."""

    key: str
    at_ms: int
    wording: Wording
    prompt_id: str
    request_id: str | None
    reads: int
    cost: int
    is_answered: bool
    is_interrupted: bool


def explore(memory: _Candidate | None, turn: Turn, session: Session) -> Seen[_Candidate | None]:
    """Judge the turn before by what this one's prompt says; then see whether this one explored."""
    signs: tuple[Sign, ...] = ()
    human = [prompt for prompt in turn.prompts if deeds.is_human(prompt)]
    asking = next((p for p in human if p.wording.kind != "command"), None)
    candidate = memory
    if candidate is not None and asking is not None:
        cause = _verdict(candidate, asking.wording)
        signs = (_explored(candidate, cause),) if cause else ()
        candidate = None
    elif candidate is not None and any(deeds.changes(strand) for strand in turn.strands):
        candidate = None
    if asking is not None and deeds.is_settled(turn, session) and not session.scripted:
        candidate = _candidate(turn, human)
    if candidate is not None and turn.is_last and session.is_over:
        cause = "interrupted" if candidate.is_interrupted else "ended"
        if candidate.is_interrupted or not candidate.is_answered:
            signs = (*signs, _explored(candidate, cause))
    return Seen(candidate, signs)


def _candidate(turn: Turn, prompts: list[Prompt]) -> _Candidate | None:
    if any(p.wording.kind in ("question", "chore", "control") for p in prompts):
        return None
    calls = turn.calls
    reads, cost = deeds.exploring(calls), turn.cost
    if reads < MANY_READS and not (reads >= SOME_READS and cost >= LEAST_COST):
        return None
    if any(deeds.changes(strand) for strand in turn.strands):
        return None
    if any(_is_plan(call) or call.purpose == "ask" for call in calls):
        return None
    if sum(map(_is_unknown, calls)) * MOST_UNKNOWN > reads:
        return None
    requests = turn.main.requests
    return _Candidate(
        key=turn.id,
        at_ms=turn.at_ms,
        wording=prompts[0].wording,
        prompt_id=prompts[0].id,
        request_id=requests[0].id if requests else None,
        reads=reads,
        cost=cost,
        is_answered=_is_answered(turn),
        is_interrupted=turn.how in ("interrupted", "failed"),
    )


def _is_answered(turn: Turn) -> bool:
    """Tell whether a turn ended with an answer of some length, as far as its log tells.

    Where the log holds less output than was answered, one is taken for granted.
    """
    if not turn.main.requests or turn.how in ("interrupted", "failed"):
        return False
    last = turn.main.requests[-1]
    if any(call.request_key == last.key for call in turn.main.calls):
        return False
    return last.lower_bound or last.usage.output >= ANSWER_TOKENS


def _is_plan(call: Call) -> bool:
    return call.purpose == "plan" and call.name.casefold() not in deeds.INERT


def _is_unknown(call: Call) -> bool:
    return not call.purpose and call.name.casefold() not in deeds.INERT and not deeds.is_void(call)


def _verdict(candidate: _Candidate, following: Wording) -> str:
    """Return why an exploration came to nothing, by the prompt behind it; "" if it may have not."""
    if following.accepts or following.kind in ("control", "chore"):
        return ""
    if following.complaint >= 2:
        return "rejected"
    before = candidate.wording
    if before.script == following.script and (
        sketches.common(before.grams, following.grams) >= LIKE
    ):
        return "asked-again"
    if candidate.is_interrupted:
        return "interrupted"
    if candidate.is_answered or following.kind not in ("task", "complaint"):
        return ""
    shared = {*before.files, *before.entities} & {*following.files, *following.entities}
    return "" if shared else "moved-on"


def _explored(candidate: _Candidate, cause: str) -> Sign:
    return Sign(
        kind=Kind.FRUITLESS_EXPLORATION,
        key=candidate.key,
        at_ms=candidate.at_ms,
        evidence=(
            Evidence(
                at_ms=candidate.at_ms,
                what=f"{candidate.reads} reads and searches, nothing changed; {_ENDS[cause]}",
                cost=candidate.cost,
                request_id=candidate.request_id,
                prompt_id=candidate.prompt_id,
            ),
        ),
        cause=cause,
        counts={"reads": candidate.reads, "cost_pico": candidate.cost},
        signature=cause,
    )


_ENDS = {
    "rejected": "the next prompt says that it was wrong",
    "asked-again": "the next prompt asks for the same",
    "interrupted": "it was broken off",
    "moved-on": "the next prompt asks for something else",
    "ended": "the session ended there",
}


def tell_explored(finding: Finding) -> Told:
    """Return a finding of an exploration in words."""
    reads = fmt.count(finding.counts.get("reads", 0))
    return Told(
        f"{reads} reads and searches without a result",
        f"One prompt had {reads} reads and searches made and nothing changed; "
        f"{_ENDS.get(finding.cause or '', 'nothing followed from it')}.",
        "Name the files or folders to begin with, or ask for a plan before anything is read at "
        "length; an agent on a smaller model can explore and report.",
    )


@dataclass(frozen=True, slots=True)
class _Output:
    """What a session came to, so far."""

    cost: int = 0
    requests: int = 0
    reads: int = 0
    prompts: int = 0
    questions: int = 0
    scripted: int = 0
    has_output: bool = False
    last_kind: str = ""
    accepts: bool = False
    is_answered: bool = False
    """The latest turn with an answer ended with a long one."""
    first_ms: int | None = None


def produce(memory: _Output | None, turn: Turn, session: Session) -> Seen[_Output]:
    """Add up a session; say something only where it is over."""
    memory = memory or _Output()
    human = [prompt for prompt in turn.prompts if deeds.is_human(prompt)]
    asked = [prompt.wording for prompt in human if prompt.wording.kind != "command"]
    memory = replace(
        memory,
        cost=memory.cost + turn.cost,
        requests=memory.requests + len(turn.requests),
        reads=memory.reads + deeds.exploring(turn.calls),
        prompts=memory.prompts + len(asked),
        questions=memory.questions + sum(wording.kind == "question" for wording in asked),
        scripted=memory.scripted + len(turn.prompts) - len(human),
        has_output=memory.has_output or _has_output(turn),
        last_kind=asked[-1].kind if asked else memory.last_kind,
        accepts=asked[-1].accepts if asked else memory.accepts,
        is_answered=_is_answered(turn) if turn.main.requests else memory.is_answered,
        first_ms=turn.at_ms if memory.first_ms is None and turn.prompts else memory.first_ms,
    )
    if not (turn.is_last and session.is_over) or session.scripted or memory.has_output:
        return Seen(memory)
    if not memory.prompts or memory.questions * 2 >= memory.prompts or memory.accepts:
        return Seen(memory)
    if memory.cost < LEAST_COST or memory.last_kind == "question" or memory.is_answered:
        return Seen(memory)
    return Seen(memory, (_nothing(memory, turn),))


def _has_output(turn: Turn) -> bool:
    return any(deeds.changes(strand) for strand in turn.strands) or any(
        _is_plan(call) or (_is_unknown(call) and (call.mcp_server or call.target in ELSEWHERE))
        for call in turn.calls
    )


def _nothing(memory: _Output, turn: Turn) -> Sign:
    at_ms = turn.at_ms if memory.first_ms is None else memory.first_ms
    return Sign(
        kind=Kind.NO_OUTPUT,
        key="no-output",
        at_ms=at_ms,
        evidence=(
            Evidence(
                at_ms=at_ms,
                what=f"{memory.prompts} prompts, {memory.requests} requests, "
                f"{memory.reads} reads and searches, no edit, no commit",
                cost=memory.cost,
            ),
        ),
        counts={
            "prompts": memory.prompts,
            "requests": memory.requests,
            "reads": memory.reads,
            "cost_pico": memory.cost,
        },
    )


def tell_nothing(finding: Finding) -> Told:
    """Return a finding of a session without output in words."""
    counts = finding.counts
    return Told(
        "no recorded output",
        f"{fmt.count(counts.get('prompts', 0))} prompts and "
        f"{fmt.count(counts.get('requests', 0))} requests left no edit, no commit and no command "
        "that writes.",
        "Was it research? Then dismiss this. If not, see where it went off course, and begin the "
        "next attempt with a smaller step.",
    )


DETECTORS: tuple[Detector, ...] = (
    Detector(kind=Kind.FRUITLESS_EXPLORATION, observe=explore, tell=tell_explored),
    Detector(kind=Kind.NO_OUTPUT, observe=produce, tell=tell_nothing),
)
