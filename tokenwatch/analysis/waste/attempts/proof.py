"""What a chain of failed attempts cost, how it is proved, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from tokenwatch.analysis.waste.attempts.chain import Chain
from tokenwatch.analysis.waste.attempts.lines import ALL_FILES, kept
from tokenwatch.analysis.waste.attempts.work import Work
from tokenwatch.analysis.waste.detector import Told
from tokenwatch.analysis.waste.finding import Ask, Evidence, Finding, Kind, Sign
from tokenwatch.analysis.waste.history import Money

PARTS = 1000
"""Shares are counted in thousandths, so that money stays whole."""
UNKNOWN = 500
"""What is taken to be lost of an attempt without lines that could be followed."""
LEAST = 100
"""A tenth is claimed of a failed attempt even if all its lines are still there: the prompt after it
says that they did not do. The range then begins at nothing. Ours."""

WHY = {
    "complaint": "the next prompt says it is not right",
    "error-again": "the same error was pasted again",
    "evidence": "the next prompt shows an error",
    "picture": "the next prompt shows a picture",
    "repeated": "asked again in nearly the same words",
    "extended": "asked again in more words",
    "reverts": "its files were put back",
    "fails-again": "the same command fails as before",
    "hint": "the next prompt reads like a correction",
    "stopped": "it was stopped",
    "undoes": "lines that it removed were put back",
}
"""Our words for the signs that stand for themselves, the most telling first."""
MOST_REASONS = 2


def sign(chain: Chain, key: str) -> Sign:
    """Return the finding of a chain: money of every failed attempt, one line for each attempt.

    key: of the whole chain, if this is a part of it.
    """
    asks: list[Ask] = []
    evidence: list[Evidence] = []
    least = claimed = most = written = alive = 0
    failed = len(chain.failed)
    for index, attempt in enumerate(chain.attempts):
        lost, true = _lost(chain, index)
        stay, wrote = kept(attempt.lines, [later.lines for later in chain.attempts[index + 1 :]])
        if index < failed:
            shares = [Ask(ask.request, part(ask.money, lost)) for ask in attempt.asks]
            asks += [ask for ask in shares if ask.money.total > 0]
            claimed += sum(ask.money.total for ask in shares)
            least += attempt.cost * true // PARTS
            most += attempt.cost
            written += wrote
            alive += stay
        evidence.append(_line(chain, index))
    if chain.pending is not None and chain.asked is not None:
        asked = chain.asked
        what = f"attempt {failed + 1}: {changed(asked)}"
        evidence.append(Evidence(asked.at_ms, what, asked.cost, prompt_id=asked.prompt_id))
    file = shared_file(chain)
    signs = Counter(name for one in chain.evidence for name in one.said)
    return Sign(
        kind=Kind.REPEATED_ATTEMPTS,
        key=key,
        at_ms=evidence[-1].at_ms,
        asks=tuple(asks),
        evidence=tuple(evidence),
        low=min(1.0, least / claimed) if claimed else 1.0,
        high=max(1.0, most / claimed) if claimed else 1.0,
        replaces=True,
        counts={
            "attempts": failed + 1,
            "failed": failed,
            "lines_written": written,
            "lines_kept": alive,
        },
        names={
            "file": file,
            "error": "yes" if signs.keys() & {"error-again", "evidence", "fails-again"} else "no",
        },
        signature="|".join((file, *sorted(signs.keys() & WHY.keys()))),
    )


def shared_file(chain: Chain) -> str:
    """Return the base name of the file that most attempts of a chain changed; "" for none."""
    return file_of(chain.attempts)


def file_of(attempts: Iterable[Work]) -> str:
    """Return the base name of the file that most of these changed; "" for none."""
    seen: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for attempt in attempts:
        for file in attempt.lines.files.values():
            seen[file.name] += 1
            lines[file.name] += file.plus + file.minus
    if not seen:
        return ""
    return min(seen, key=lambda name: (-seen[name], -lines[name], name))


def _lost(chain: Chain, index: int) -> tuple[int, int]:
    """Return the share of an attempt that is claimed, and that of its lines that are gone."""
    attempt = chain.attempts[index]
    stay, wrote = kept(attempt.lines, [later.lines for later in chain.attempts[index + 1 :]])
    true = PARTS - stay * PARTS // wrote if wrote else UNKNOWN
    if any(later.rewound > 0 for later in chain.attempts[index + 1 : index + 2]):
        true = max(true, UNKNOWN)
    return max(true, LEAST), true


def part(money: Money, share: int) -> Money:
    """Return so many thousandths of an amount."""
    return money.part(share, PARTS)


def _line(chain: Chain, index: int) -> Evidence:
    attempt = chain.attempts[index]
    parts = [changed(attempt)]
    if index:
        gone, wrote = chain.links[index - 1].gone, chain.attempts[index - 1].lines.added
        if gone:
            parts.append(f"{gone} of {wrote} lines of attempt {index} rewritten")
    if index < len(chain.evidence):
        reasons = [text for name, text in WHY.items() if name in chain.evidence[index].said]
        parts += reasons[:MOST_REASONS]
    return Evidence(
        at_ms=attempt.at_ms,
        what=f"attempt {index + 1}: " + "; ".join(parts),
        cost=attempt.cost,
        prompt_id=attempt.prompt_id,
    )


def changed(attempt: Work) -> str:
    """Return what a turn did to files, in our words."""
    files = sorted(attempt.lines.files.values(), key=lambda f: (-(f.plus + f.minus), f.name))
    if not files:
        if attempt.written:
            return "a command wrote files"
        if attempt.lines.reverted:
            return "put files back" if ALL_FILES in attempt.lines.reverted else "put back a file"
        return "no edits yet" if attempt.is_open else "no edits"
    plus, minus = sum(f.plus for f in files), sum(f.minus for f in files)
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"+{plus} −{minus} in {files[0].name}{more}"


def tell(finding: Finding) -> Told:
    """Say in words what a chain of failed attempts was and how to start afresh."""
    counts, names = finding.counts, finding.names
    failed = counts.get("failed", 0)
    file = names.get("file", "")
    at = f" at {file}" if file else ""
    written, alive = counts.get("lines_written", 0), counts.get("lines_kept", 0)
    if written:
        lines = f"{written - alive} of the {written} lines that they wrote are gone"
    else:
        lines = "they left no lines that could be followed"
    return Told(
        headline=f"asked for the same thing {counts.get('attempts', failed + 1)} times",
        explanation=f"{failed} attempts{at} did not do what was asked: {lines}.",
        advice=f"You corrected the same thing {failed} times. Start afresh (`/clear`), then say it "
        f"in one prompt: {to_say(names, 'the result that you expect')}.",
    )


def to_say(names: Mapping[str, str], result: str) -> str:
    """Return what a prompt that asks again has to say; result: of what is to come out, or came."""
    file = names.get("file", "")
    wanted = [f"the file `{file}`" if file else "the file it is about"]
    if names.get("error") == "yes":
        wanted.append("the exact error")
    return f"{', '.join((*wanted, result))}, and the check to run"
