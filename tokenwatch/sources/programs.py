"""Tell what one program of a shell command does, by its name and its arguments.

The tables of programs are ours. A program that is in none of them may do anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tokenwatch.sources.git_commands import git
from tokenwatch.sources.shell import UNCOUNTED, Simple
from tokenwatch.sources.steps import (
    FILE_NAME,
    LOOK,
    NEUTRAL,
    STEPS,
    UNKNOWN,
    WAIT,
    Step,
    operands,
    removal,
    split_words,
)

_PREFIXES = split_words("env exec nohup command builtin nice stdbuf doas npx bunx uvx xvfb-run")
_RUNNERS = split_words("uv poetry pipenv pdm hatch rye pnpm yarn npm bun bundle mise nix direnv")
_NEUTRAL = split_words(
    "echo printf cd pushd popd pwd true false : export set unset source . test [ [[ exit return "
    "mkdir date clear read shopt ulimit trap break continue for in seq tput local wait_for"
)
_READS = split_words(
    "cat bat batcat less more nl head tail zcat xxd hexdump od strings get-content"
)
_SEARCHES = split_words(
    "rg grep egrep fgrep zgrep ag ack find fd fdfind ls tree exa eza which whereis locate wc stat "
    "file du df diff cmp jq yq awk gawk cut sort uniq comm column sed perl type tr "
    "select-string get-childitem basename dirname realpath readlink"
)
LOOKING = split_words(
    "ps pgrep lsof ss netstat top uptime free nvidia-smi squeue jobs pg_isready nc systemctl "
    "journalctl kubectl docker podman gh tmux"
)
LOOKING_AT = split_words(
    "get describe logs ps inspect view list checks status capture-pane is-active top images stats"
)
_CHECKS = split_words(
    "pytest py.test tox nox mypy pyright basedpyright ruff flake8 pylint black isort bandit tsc "
    "vue-tsc svelte-check eslint oxlint biome prettier stylelint jest vitest mocha ava karma "
    "cypress rspec rubocop phpunit phpstan psalm pest gradle gradlew mvn mvnw sbt make gmake ninja "
    "ctest golangci-lint staticcheck shellcheck hadolint pre-commit xcodebuild gcc g++ clang "
    "clang++ javac rustc swiftlint ktlint checkstyle unittest compileall py_compile hadolint "
    "lint-imports deptry yamllint markdownlint actionlint credo dialyzer"
)
_CHECKING = {
    "cargo": split_words("test t build b check c clippy nextest bench doc"),
    "go": split_words("test build vet"),
    "dotnet": split_words("test build"),
    "swift": split_words("test build"),
    "zig": split_words("test build"),
    "mix": split_words("test compile credo dialyzer"),
    "deno": split_words("test check lint"),
    "bazel": split_words("test build"),
    "bazelisk": split_words("test build"),
    "cmake": split_words("--build"),
    "playwright": split_words("test"),
    "ng": split_words("test build lint"),
    "next": split_words("build lint"),
    "vite": split_words("build"),
    "rails": split_words("test"),
    "rake": split_words("test spec"),
    "terraform": split_words("validate plan"),
    "helm": split_words("lint"),
    "node": split_words("--test --check"),
    "php": split_words("-l"),
    "bash": split_words("-n"),
    "flutter": split_words("test build analyze"),
    "dart": split_words("test analyze"),
}
_SCRIPTED = split_words("npm pnpm yarn bun turbo nx just task lerna rush composer")
_MAKES_MORE = split_words("install deploy run clean up start serve dev release publish down stop")
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


def step_of(simple: Simple) -> Step:
    """Return what one program of a command does."""
    words = program(simple.words)
    if not words:
        return STEPS["write" if simple.to_file else NEUTRAL]
    name = words[0]
    step = _PLAIN.get(name) or _special(name, words[1:])
    if step.stages and "xargs" in simple.words:
        # Most names come from another program.
        return step._replace(everything=True)
    if simple.redirects and step.purpose in (NEUTRAL, "read", "search") and simple.to_file:
        return STEPS["write"]
    return step


def _special(name: str, arguments: list[str]) -> Step:
    """Return what a program does whose name alone does not say it."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(arguments)
    if name in _READS:
        return Step("read", operands(arguments))
    if name in _CHECKING and not _CHECKING[name].isdisjoint(arguments[:3]):
        return STEPS["check"]
    if name in _SCRIPTED:
        scripts = [word for word in operands(arguments) if word != "run"][:1]
        is_check = any(_CHECK_NAME.search(word) or word == "t" for word in scripts)
        return STEPS["check" if is_check and "install" not in arguments else UNKNOWN]
    if name in LOOKING:
        return _looking(name, arguments)
    if not FILE_NAME.search(name):
        return STEPS[UNKNOWN]
    is_check = name.endswith((".sh", ".bash")) and bool(_CHECK_NAME.search(name))
    return Step("check" if is_check else UNKNOWN, (name,))


def _looking(name: str, arguments: list[str]) -> Step:
    follows = name != "ps" and any(
        word in ("-f", "--follow", "--watch", "-w") for word in arguments
    )
    if follows and name != "tmux" or arguments[:1] in (["wait"], ["rollout"]):
        return STEPS[WAIT]
    if "watch" in arguments[:2]:
        return STEPS[WAIT]
    tool = name in ("systemctl", "kubectl", "docker", "podman", "gh", "tmux")
    if not tool or not LOOKING_AT.isdisjoint(arguments[:3]):
        return STEPS[LOOK]
    return STEPS[UNKNOWN]


def _lines_of(arguments: list[str]) -> Step:
    """Of head and tail."""
    files = operands(arguments, {"-n", "-c", "--lines", "--bytes"})
    follows = any(map(_FOLLOWING.fullmatch, arguments))
    return Step(WAIT if follows else "read", files, partial=True)


def _sed(arguments: list[str]) -> Step:
    if any(map(_IN_PLACE.match, arguments)):
        return STEPS["write"]
    files = operands(arguments, {"-e", "-f"})
    has_script = "-e" in arguments or "-f" in arguments
    files = files if has_script else files[1:]
    if any(map(_QUIET.match, arguments)):
        return Step("read", files, partial=True)
    return Step("read", files) if files else STEPS["search"]


def _perl(arguments: list[str]) -> Step:
    changes = any(map(_IN_PLACE.match, arguments))
    return STEPS["write" if changes else UNKNOWN]


def _find(arguments: list[str]) -> Step:
    if "-delete" in arguments:
        return STEPS["remove"]
    for option in ("-exec", "-execdir", "-ok"):
        if option in arguments:
            return step_of(Simple("", arguments[arguments.index(option) + 1 :], []))
    return STEPS["search"]


def _web(arguments: list[str]) -> Step:
    return STEPS["web"]


def _wait(arguments: list[str]) -> Step:
    return STEPS[WAIT]


def _writes(arguments: list[str]) -> Step:
    return STEPS["write" if operands(arguments) else NEUTRAL]


def _shell(arguments: list[str]) -> Step:
    """Of a shell, and of an interpreter that is given a script."""
    if arguments[:1] == ["-n"]:
        return STEPS["check"]
    scripts = operands(arguments)[:1]
    is_check = bool(scripts) and bool(_CHECK_NAME.search(scripts[0]))
    return Step("check" if is_check else UNKNOWN, _files(scripts))


def _script(arguments: list[str]) -> Step:
    scripts = operands(arguments)
    if scripts[:1] == ["manage.py"] or scripts[:1] == ["artisan"]:
        return STEPS["check" if scripts[1:2] in (["test"], ["check"]) else UNKNOWN]
    if arguments[:1] in (["--test"], ["--check"], ["-l"]):
        return STEPS["check"]
    name = scripts[0].rsplit("/", 1)[-1] if scripts and not arguments[0].startswith("-") else ""
    return Step("check" if _TEST_SCRIPT.search(name) else UNKNOWN, _files(scripts[:1]))


def _files(names: list[str]) -> list[str]:
    return [name for name in names if FILE_NAME.search(name)]


def _make(arguments: list[str]) -> Step:
    targets = operands(arguments, {"-C", "-f", "-j"})
    other = bool(targets) and all(name in _MAKES_MORE for name in targets)
    return STEPS[UNKNOWN if other else "check"]


def _prettier(arguments: list[str]) -> Step:
    rewrites = any(word in ("--write", "-w", "format", "--fix") for word in arguments)
    return STEPS["write" if rewrites else "check"]


_SPECIAL: dict[str, Callable[[list[str]], Step]] = {
    "git": git, "head": _lines_of, "tail": _lines_of, "sed": _sed, "gsed": _sed, "perl": _perl,
    "find": _find, "rm": removal, "unlink": removal, "rmdir": removal, "shred": removal,
    "remove-item": removal, "curl": _web, "wget": _web, "http": _web, "sleep": _wait, "wait": _wait,
    "watch": _wait, "inotifywait": _wait, "start-sleep": _wait, "tee": _writes, "bash": _shell,
    "apply_patch": lambda _: STEPS["write"], "sh": _shell, "zsh": _shell, "python": _script,
    "python3": _script, "node": _script, "php": _script, "ruby": _script, "make": _make,
    "gmake": _make, "prettier": _prettier, "biome": _prettier, "patch": lambda _: STEPS["write"],
}  # fmt: skip
_PLAIN = {
    name: STEPS[purpose]
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
