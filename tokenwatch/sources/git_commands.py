"""Tell what a `git` command does: what it brings back, removes, and adds to a commit.

Of what is added only names that are written out are told; of a pattern, a variable or a list from
elsewhere nobody can tell here what it left out, so that it counts as everything.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tokenwatch.sources.steps import (
    FILE_NAME,
    NEUTRAL,
    STEPS,
    UNKNOWN,
    Step,
    operands,
    removal,
    split_words,
)

_DRY = re.compile(r"-\w*n|--dry-run")
_UNTOLD = re.compile(r"[*?\[{$`\s]|^[:~]|^\.{0,2}/?$|^(?:\.\./)+(?:\.\.)?$|^\./\.?$")
"""In a name: it stands for more than itself, or for a whole tree."""
_KNOWN_ONLY = re.compile(r"-[a-tv-zA-Z]*u[a-zA-Z]*|--update")
_CHOSEN = re.compile(r"-[a-zA-Z]*[pie]|--patch|--interactive|--edit|--pathspec-from-file.*")
"""The user, or a list from elsewhere, chooses what is added."""
_NOTHING = re.compile(r"-[a-zA-Z]*[nN][a-zA-Z]*|--dry-run|--intent-to-add|--refresh")
_FLAGS = "[abdefghijklnopqrsuvwxyzABDEGHIJKLMNOPQRSTUVWXYZ]"
"""Short options of `git commit` that take no value: what follows them may be another one."""
_COMMIT_ALL = re.compile(rf"-{_FLAGS}*?a[a-zA-Z]*|--all")
_COMMIT_CHOSEN = re.compile(r"-[a-zA-Z]*p|--patch|--interactive|--pathspec-from-file.*")
_COMMIT_TAKING = re.compile(
    rf"-{_FLAGS}*[mFCct]|--(?:message|file|author|date|template|fixup|squash|cleanup|trailer"
    r"|reuse-message|reedit-message)"
)
"""Options of `git commit` whose value is the next word."""
_PLACES = frozenset({"-C", "--git-dir", "--work-tree"})
_TAKING = _PLACES | {"-c"}
"""Options ahead of the verb whose value is the next word."""
_ELSEWHERE = re.compile(r"\.\.|~")
_STASH_TAKING = frozenset({"-m", "--message"})
_LOOKS = split_words(
    "grep log show diff status blame ls-files ls-tree rev-parse rev-list describe reflog shortlog "
    "cat-file name-rev merge-base for-each-ref whatchanged branch remote config show-ref"
)


def git(arguments: list[str]) -> Step:
    """Return what `git` does with these arguments."""
    rest, elsewhere = arguments, False
    while rest and rest[0].startswith("-"):
        option, _, value = rest[0].partition("=")
        taking = not value and option in _TAKING
        place = "".join(rest[1:2]) if taking else value
        elsewhere |= option in _PLACES and is_elsewhere(place)
        rest = rest[2 if taking else 1 :]
    verb, given = (rest[0], rest[1:]) if rest else ("", [])
    told = _TOLD.get(verb)
    if told is None:
        return STEPS["search" if verb in _LOOKS else UNKNOWN]
    step = told(given)
    return in_another(step) if elsewhere else step


def is_elsewhere(path: str) -> bool:
    """Tell whether a path leads to another repository, most likely: up or to the home."""
    return _ELSEWHERE.match(path) is not None


def in_another(step: Step) -> Step:
    """Return what a step does in another repository: what its commit leaves out says nothing of
    the files of this one."""
    if step.stages or step.purpose == "commit":
        return step._replace(everything=True, stages=True)
    return step


def _revert(given: list[str]) -> Step:
    done = any(word in ("--abort", "--quit", "--skip") for word in given)
    return STEPS[UNKNOWN] if done else Step("revert", everything=True)


def _reset(given: list[str]) -> Step:
    return Step("revert", everything=True) if "--hard" in given else STEPS[UNKNOWN]


def _rm(given: list[str]) -> Step:
    return STEPS[UNKNOWN] if "--cached" in given else removal(given)


def _clean(given: list[str]) -> Step:
    dry = any(map(_DRY.match, given))
    return STEPS["search"] if dry else Step("remove", everything=True)


def _apply(given: list[str]) -> Step:
    return STEPS["search" if "--check" in given or "--stat" in given else "write"]


def _checkout(given: list[str]) -> Step:
    return _files("checkout", given)


def _restore(given: list[str]) -> Step:
    return _files("restore", given)


def _files(verb: str, given: list[str]) -> Step:
    """Of `git checkout` and `git restore`: which files they bring back, if any."""
    options = [word for word in given if word.startswith("-")]
    if "--" in given:
        names = given[given.index("--") + 1 :]
    else:
        names = operands(given, {"-s", "--source", "-b", "-B", "--orphan"})
        if verb == "checkout":
            names = [name for name in names if name == "." or FILE_NAME.search(name)]
            names = (
                [] if not {"-b", "-B", "--orphan", "-t", "--track"}.isdisjoint(options) else names
            )
    if verb == "restore" and {"--staged", "-S"} & set(options):
        names = names if {"--worktree", "-W"} & set(options) else []
    if not names and verb == "checkout" and {"-f", "--force"} & set(options):
        return Step("revert", everything=True)
    if not names:
        return STEPS[UNKNOWN]
    every = any(name in (".", "./", ":/", "*") for name in names)
    return Step("revert", names, everything=every)


def _stash(given: list[str]) -> Step:
    verb = next((word for word in given if not word.startswith("-")), "push")
    if verb in ("list", "show"):
        return STEPS["search"]
    if verb not in ("push", "save"):
        return STEPS[UNKNOWN]
    if "--" in given:
        names = given[given.index("--") + 1 :]
    else:
        # `save` takes a message, `push` takes names.
        names = operands(given, _STASH_TAKING)[1:] if verb == "push" else []
    return Step("revert", names, everything=not names)


def _add(given: list[str]) -> Step:
    """Of `git add`: what the next commit will hold."""
    options, names = _parted(given)
    if any(map(_NOTHING.fullmatch, options)):
        return STEPS[NEUTRAL]
    untold = any(map(_CHOSEN.fullmatch, options)) or any(map(_UNTOLD.search, names))
    if any(map(_KNOWN_ONLY.fullmatch, options)):
        # What git does not know yet stays out, whatever the names.
        return Step(NEUTRAL, (), stages=True)
    return Step(NEUTRAL, names, everything=untold or not names, stages=True)


def _commit(given: list[str]) -> Step:
    """Of `git commit`: what it takes beside what was added before."""
    if "--dry-run" in given:
        return STEPS["search"]
    options, names = _parted(given, _COMMIT_TAKING)
    if any(map(_COMMIT_CHOSEN.fullmatch, options)) or any(map(_UNTOLD.search, names)):
        return Step("commit", everything=True, stages=True)
    takes_known = any(map(_COMMIT_ALL.fullmatch, options))
    return Step("commit", names, stages=takes_known or bool(names))


def _parted(given: list[str], taking: re.Pattern[str] | None = None) -> tuple[list[str], list[str]]:
    """Return options, without their values, and names."""
    options, names, skip, behind = [], [], False, False
    for word in given:
        if skip:
            skip = False
        elif behind or not word.startswith("-") or word == "-":
            names.append(word)
        elif word == "--":
            behind = True
        else:
            options.append(word)
            skip = taking is not None and taking.fullmatch(word) is not None
    return options, [name for name in names if name]


_TOLD: dict[str, Callable[[list[str]], Step]] = {
    "commit": _commit, "checkout": _checkout, "restore": _restore, "revert": _revert,
    "reset": _reset, "stash": _stash, "rm": _rm, "clean": _clean, "apply": _apply, "am": _apply,
    "add": _add, "stage": _add,
}  # fmt: skip
