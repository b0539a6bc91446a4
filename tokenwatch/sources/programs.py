"""Tell what one program of a shell command does, by its name and its arguments.

The tables of programs are ours. A program that is in none of them may do anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tokenwatch.sources.shell import UNCOUNTED, Simple

NEUTRAL, LOOK, UNKNOWN, WAIT = "neutral", "look", "", "wait"
"""Purposes of single programs beside those of `events.ToolCallSeen`: it says or sets something,
it looks how something is getting on, it may do anything, it waits."""


class Step(NamedTuple):
    """What one program does. Within a command, the highest weight decides."""

    purpose: str
    files: Sequence[str] = ()
    everything: bool = False
    partial: bool = False


_STEPS = {
    purpose: Step(purpose)
    for purpose in (
        NEUTRAL, LOOK, UNKNOWN, WAIT, "read", "search", "web", "write", "check", "remove", "commit"
    )
}  # fmt: skip
"""Those that touch no files that can be named."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PREFIXES = _words("env exec nohup command builtin nice stdbuf doas npx bunx uvx xvfb-run")
_RUNNERS = _words("uv poetry pipenv pdm hatch rye pnpm yarn npm bun bundle mise nix direnv")
_NEUTRAL = _words(
    "echo printf cd pushd popd pwd true false : export set unset source . test [ [[ exit return "
    "mkdir date clear read shopt ulimit trap break continue for in seq tput local wait_for"
)
_READS = _words("cat bat batcat less more nl head tail zcat xxd hexdump od strings get-content")
_SEARCHES = _words(
    "rg grep egrep fgrep zgrep ag ack find fd fdfind ls tree exa eza which whereis locate wc stat "
    "file du df diff cmp jq yq awk gawk cut sort uniq comm column sed perl type tr "
    "select-string get-childitem basename dirname realpath readlink"
)
LOOKING = _words(
    "ps pgrep lsof ss netstat top uptime free nvidia-smi squeue jobs pg_isready nc systemctl "
    "journalctl kubectl docker podman gh tmux"
)
LOOKING_AT = _words(
    "get describe logs ps inspect view list checks status capture-pane is-active top images stats"
)
_CHECKS = _words(
    "pytest py.test tox nox mypy pyright basedpyright ruff flake8 pylint black isort bandit tsc "
    "vue-tsc svelte-check eslint oxlint biome prettier stylelint jest vitest mocha ava karma "
    "cypress rspec rubocop phpunit phpstan psalm pest gradle gradlew mvn mvnw sbt make gmake ninja "
    "ctest golangci-lint staticcheck shellcheck hadolint pre-commit xcodebuild gcc g++ clang "
    "clang++ javac rustc swiftlint ktlint checkstyle unittest compileall py_compile hadolint "
    "lint-imports deptry yamllint markdownlint actionlint credo dialyzer"
)
_CHECKING = {
    "cargo": _words("test t build b check c clippy nextest bench doc"),
    "go": _words("test build vet"),
    "dotnet": _words("test build"),
    "swift": _words("test build"),
    "zig": _words("test build"),
    "mix": _words("test compile credo dialyzer"),
    "deno": _words("test check lint"),
    "bazel": _words("test build"),
    "bazelisk": _words("test build"),
    "cmake": _words("--build"),
    "playwright": _words("test"),
    "ng": _words("test build lint"),
    "next": _words("build lint"),
    "vite": _words("build"),
    "rails": _words("test"),
    "rake": _words("test spec"),
    "terraform": _words("validate plan"),
    "helm": _words("lint"),
    "node": _words("--test --check"),
    "php": _words("-l"),
    "bash": _words("-n"),
    "flutter": _words("test build analyze"),
    "dart": _words("test analyze"),
}
_SCRIPTED = _words("npm pnpm yarn bun turbo nx just task lerna rush composer")
_MAKES_MORE = _words("install deploy run clean up start serve dev release publish down stop")
_CHECK_NAME = re.compile(
    r"(?:^|[-_.:/])(?:tests?|specs?|lint|build|check|typecheck|type-check|types|tsc|e2e|ci|verify"
    r"|coverage|validate|unit|integration)(?=$|[-_.:])",
    re.I,
)
_TEST_SCRIPT = re.compile(r"(?:^|[-_.])(?:tests?|lint|check)(?=[-_.])", re.I)
_PYTHON = re.compile(r"(?:python|py|pypy)[\d.]*")
_FOLLOWING = re.compile(r"-\w*[fF]\w*|--follow(?:=\w+)?")
_IN_PLACE = re.compile(r"-\w*i|--in-place")
_QUIET = re.compile(r"-\w*n|--quiet|--silent")
_DRY = re.compile(r"-\w*n|--dry-run")
_FILE_NAME = re.compile(r"\.[A-Za-z]\w{0,5}$")


def program(words: list[str]) -> list[str]:
    """Return a program's name without its folder, and its arguments, past what starts it."""
    rest = words
    while rest:
        name = rest[0].rsplit("/", 1)[-1].lower()
        if name in _PLAIN:
            return [name, *rest[1:]]
        following = rest[1] if len(rest) > 1 else ""
        if name in _PREFIXES or name == "xargs":
            rest = _past_options(rest[1:])
            while rest and "=" in rest[0]:
                rest = rest[1:]
        elif name in ("timeout", "gtimeout"):
            rest = _past_options(rest[1:])[1:]
        elif name in _RUNNERS and following in ("run", "exec", "dlx", "x", "develop"):
            if name in _SCRIPTED and following == "run":
                return [name, *rest[1:]]
            rest = _past_options(rest[2:])
        elif following == "-m" and _PYTHON.fullmatch(name):
            rest = rest[2:]
        else:
            return [name, *rest[1:]]
    return []


def _past_options(words: list[str]) -> list[str]:
    """Return words from the first one that is no option (values of `-n 5`, `-s KILL` too)."""
    while words and words[0].startswith("-"):
        takes = words[0] in ("-n", "-s", "-k", "-I", "-P", "-u", "--with", "-L", "-d", "--signal")
        words = words[2 if takes else 1 :]
    return words


def operands(
    arguments: Sequence[str], taking: frozenset[str] | set[str] = frozenset()
) -> list[str]:
    """Return the arguments that are no options, nor the values of the options in `taking`."""
    names, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word.startswith("-") and len(word) > 1:
            skip = word in taking
        elif word:
            names.append(word)
    return names


def step_of(simple: Simple) -> Step:
    """Return what one program of a command does."""
    words = program(simple.words)
    if not words:
        return _STEPS["write" if simple.to_file else NEUTRAL]
    name = words[0]
    step = _PLAIN.get(name) or _special(name, words[1:])
    if simple.redirects and step.purpose in (NEUTRAL, "read", "search") and simple.to_file:
        return _STEPS["write"]
    return step


def _special(name: str, arguments: list[str]) -> Step:
    """Return what a program does whose name alone does not say it."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(arguments)
    if name in _READS:
        return Step("read", operands(arguments))
    if name in _CHECKING and not _CHECKING[name].isdisjoint(arguments[:3]):
        return _STEPS["check"]
    if name in _SCRIPTED:
        scripts = [word for word in operands(arguments) if word != "run"][:1]
        is_check = any(_CHECK_NAME.search(word) or word == "t" for word in scripts)
        return _STEPS["check" if is_check and "install" not in arguments else UNKNOWN]
    if name in LOOKING:
        return _looking(name, arguments)
    if name.endswith((".sh", ".bash")) and _CHECK_NAME.search(name):
        return _STEPS["check"]
    return _STEPS[UNKNOWN]


def _looking(name: str, arguments: list[str]) -> Step:
    follows = name != "ps" and any(
        word in ("-f", "--follow", "--watch", "-w") for word in arguments
    )
    if follows and name != "tmux" or arguments[:1] in (["wait"], ["rollout"]):
        return _STEPS[WAIT]
    if "watch" in arguments[:2]:
        return _STEPS[WAIT]
    tool = name in ("systemctl", "kubectl", "docker", "podman", "gh", "tmux")
    if not tool or not LOOKING_AT.isdisjoint(arguments[:3]):
        return _STEPS[LOOK]
    return _STEPS[UNKNOWN]


def _lines_of(arguments: list[str]) -> Step:
    """Of head and tail."""
    files = operands(arguments, {"-n", "-c", "--lines", "--bytes"})
    follows = any(map(_FOLLOWING.fullmatch, arguments))
    return Step(WAIT if follows else "read", files, partial=True)


def _sed(arguments: list[str]) -> Step:
    if any(map(_IN_PLACE.match, arguments)):
        return _STEPS["write"]
    files = operands(arguments, {"-e", "-f"})
    has_script = "-e" in arguments or "-f" in arguments
    files = files if has_script else files[1:]
    if any(map(_QUIET.match, arguments)):
        return Step("read", files, partial=True)
    return Step("read", files) if files else _STEPS["search"]


def _perl(arguments: list[str]) -> Step:
    changes = any(map(_IN_PLACE.match, arguments))
    return _STEPS["write" if changes else UNKNOWN]


def _find(arguments: list[str]) -> Step:
    if "-delete" in arguments:
        return _STEPS["remove"]
    for option in ("-exec", "-execdir", "-ok"):
        if option in arguments:
            return step_of(Simple("", arguments[arguments.index(option) + 1 :], []))
    return _STEPS["search"]


def _remove(arguments: list[str]) -> Step:
    names = operands(arguments)
    every = any(name.rstrip("/") in ("*", ".", "..", "~", "./*") for name in names)
    return Step("remove", names, everything=every)


def _web(arguments: list[str]) -> Step:
    return _STEPS["web"]


def _wait(arguments: list[str]) -> Step:
    return _STEPS[WAIT]


def _writes(arguments: list[str]) -> Step:
    return _STEPS["write" if operands(arguments) else NEUTRAL]


def _shell(arguments: list[str]) -> Step:
    """Of a shell, and of an interpreter that is given a script."""
    if arguments[:1] == ["-n"]:
        return _STEPS["check"]
    scripts = operands(arguments)[:1]
    return _STEPS["check" if scripts and _CHECK_NAME.search(scripts[0]) else UNKNOWN]


def _script(arguments: list[str]) -> Step:
    scripts = operands(arguments)
    if scripts[:1] == ["manage.py"] or scripts[:1] == ["artisan"]:
        return _STEPS["check" if scripts[1:2] in (["test"], ["check"]) else UNKNOWN]
    if arguments[:1] in (["--test"], ["--check"], ["-l"]):
        return _STEPS["check"]
    name = scripts[0].rsplit("/", 1)[-1] if scripts and not arguments[0].startswith("-") else ""
    return _STEPS["check" if _TEST_SCRIPT.search(name) else UNKNOWN]


def _make(arguments: list[str]) -> Step:
    targets = operands(arguments, {"-C", "-f", "-j"})
    other = bool(targets) and all(name in _MAKES_MORE for name in targets)
    return _STEPS[UNKNOWN if other else "check"]


def _prettier(arguments: list[str]) -> Step:
    rewrites = any(word in ("--write", "-w", "format", "--fix") for word in arguments)
    return _STEPS["write" if rewrites else "check"]


def _git(arguments: list[str]) -> Step:
    rest = arguments
    while rest and rest[0].startswith("-"):
        rest = rest[2 if rest[0] in ("-C", "-c", "--git-dir", "--work-tree") else 1 :]
    verb, given = (rest[0], rest[1:]) if rest else ("", [])
    match verb:
        case "commit":
            return _STEPS["search" if "--dry-run" in given else "commit"]
        case "checkout" | "restore":
            return _git_files(verb, given)
        case "revert":
            done = any(word in ("--abort", "--quit", "--skip") for word in given)
            return _STEPS[UNKNOWN] if done else Step("revert", everything=True)
        case "reset":
            return Step("revert", everything=True) if "--hard" in given else _STEPS[UNKNOWN]
        case "stash":
            return _git_stash(given)
        case "rm":
            return _STEPS[UNKNOWN] if "--cached" in given else _remove(given)
        case "clean":
            dry = any(map(_DRY.match, given))
            return _STEPS["search"] if dry else Step("remove", everything=True)
        case "apply" | "am":
            return _STEPS["search" if "--check" in given or "--stat" in given else "write"]
        case "add":
            return _STEPS[NEUTRAL]
    return _STEPS["search" if verb in _GIT_LOOKS else UNKNOWN]


_GIT_LOOKS = _words(
    "grep log show diff status blame ls-files ls-tree rev-parse rev-list describe reflog shortlog "
    "cat-file name-rev merge-base for-each-ref whatchanged branch remote config show-ref"
)


def _git_files(verb: str, given: list[str]) -> Step:
    """Of `git checkout` and `git restore`: which files they bring back, if any."""
    options = [word for word in given if word.startswith("-")]
    if "--" in given:
        names = given[given.index("--") + 1 :]
    else:
        names = operands(given, {"-s", "--source", "-b", "-B", "--orphan"})
        if verb == "checkout":
            names = [name for name in names if name == "." or _FILE_NAME.search(name)]
            names = (
                [] if not {"-b", "-B", "--orphan", "-t", "--track"}.isdisjoint(options) else names
            )
    if verb == "restore" and {"--staged", "-S"} & set(options):
        names = names if {"--worktree", "-W"} & set(options) else []
    if not names and verb == "checkout" and {"-f", "--force"} & set(options):
        return Step("revert", everything=True)
    if not names:
        return _STEPS[UNKNOWN]
    every = any(name in (".", "./", ":/", "*") for name in names)
    return Step("revert", names, everything=every)


def _git_stash(given: list[str]) -> Step:
    verb = next((word for word in given if not word.startswith("-")), "push")
    if verb in ("list", "show"):
        return _STEPS["search"]
    if verb not in ("push", "save"):
        return _STEPS[UNKNOWN]
    names = given[given.index("--") + 1 :] if "--" in given else []
    return Step("revert", names, everything=not names)


_SPECIAL: dict[str, Callable[[list[str]], Step]] = {
    "git": _git, "head": _lines_of, "tail": _lines_of, "sed": _sed, "gsed": _sed, "perl": _perl,
    "find": _find, "rm": _remove, "unlink": _remove, "rmdir": _remove, "shred": _remove,
    "remove-item": _remove, "curl": _web, "wget": _web, "http": _web, "sleep": _wait, "wait": _wait,
    "watch": _wait, "inotifywait": _wait, "start-sleep": _wait, "tee": _writes, "bash": _shell,
    "apply_patch": lambda _: _STEPS["write"], "sh": _shell, "zsh": _shell, "python": _script,
    "python3": _script, "node": _script, "php": _script, "ruby": _script, "make": _make,
    "gmake": _make, "prettier": _prettier, "biome": _prettier, "patch": lambda _: _STEPS["write"],
}  # fmt: skip
_PLAIN = {
    name: _STEPS[purpose]
    for purpose, names in ((NEUTRAL, _NEUTRAL), ("search", _SEARCHES), ("check", _CHECKS))
    for name in names - _SPECIAL.keys()
}
"""Programs that do one thing, whatever their arguments."""
_KNOWN = frozenset().union(
    _PLAIN, _SPECIAL, _READS, _CHECKING, _SCRIPTED, LOOKING, _PREFIXES, _RUNNERS, UNCOUNTED,
    ("xargs", "timeout", "gtimeout"),
)  # fmt: skip
_LEADING = re.compile(r"(?:^|[|&;()`\n])[\s\"']*(?:[A-Za-z_]\w*\+?=\S*\s+)*([^\s|&;()`\"'<>]+)")


def knows_any(command: str) -> bool:
    """Tell whether any part of a command may begin with a program that is known here."""
    for word in _LEADING.findall(command):
        name = word.rsplit("/", 1)[-1].lower()
        if name in _KNOWN or name.startswith("py") or name.endswith((".sh", ".bash")):
            return True
    return False
