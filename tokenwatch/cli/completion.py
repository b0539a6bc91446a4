"""`tokenwatch completion bash|zsh|fish`: a script that completes commands, options and values.

It is made from the commands' own parsers, so it knows what they know. We make it ourselves: the
generators there are don't know fish, or ask Python at every press of tab.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import NamedTuple

from tokenwatch.config.catalogue import SETTINGS
from tokenwatch.config.setting import TEXT

USE = (
    'whose script to print; use it with eval "$(tokenwatch completion bash)" at the end of'
    " ~/.bashrc, the same with zsh in ~/.zshrc, or"
    " tokenwatch completion fish > ~/.config/fish/completions/tokenwatch.fish"
)
FILES = ("--output",)
FOLDERS = ("--project",)


class Words(NamedTuple):
    """What can be told of a word that isn't an option."""

    values: tuple[str, ...]
    after: tuple[str, ...] = ()
    """The words that it follows; any, if there are none."""


OF_SETTINGS = {
    "KEY": (Words(tuple(known.key for known in SETTINGS), ("set", "unset")),),
    "VALUE": tuple(
        Words(known.allowed or ("true", "false"), (known.key,))
        for known in SETTINGS
        if known.kind != TEXT
    ),
}
"""Of `config`, by what its words are called."""


class Option(NamedTuple):
    """One option of a command."""

    flags: tuple[str, ...]
    help: str
    takes: bool
    """Whether a value follows."""
    values: tuple[str, ...] = ()
    """Those that can be told."""

    @property
    def files(self) -> str:
        """Which paths are values: file, folder or none."""
        known = {**dict.fromkeys(FILES, "file"), **dict.fromkeys(FOLDERS, "folder")}
        return next((known[flag] for flag in self.flags if flag in known), "")


class Command(NamedTuple):
    """A command; the one without a name is the monitor."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[tuple[Words, ...], ...]
    """For each place of a word that isn't an option, what it may be."""

    @property
    def with_value(self) -> tuple[str, ...]:
        """The flags that a value follows."""
        return tuple(flag for option in self.options if option.takes for flag in option.flags)


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("shell", choices=tuple(SHELLS), help=USE)


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    print(SHELLS[options.shell](commands()), end="")
    return 0


def commands() -> list[Command]:
    """Return the monitor, then every command."""
    from tokenwatch.cli import main

    found = [_command("", "the live monitor", main.parser())]
    for name, what in main.COMMANDS.items():
        parser = argparse.ArgumentParser(prog=name)
        import_module(f"tokenwatch.cli.{name}").add_options(parser)
        found.append(_command(name, what, parser))
    return found


def _command(name: str, what: str, parser: argparse.ArgumentParser) -> Command:
    options, words = [], []
    for action in parser._actions:  # noqa: SLF001 - argparse tells it nowhere else
        if action.help == argparse.SUPPRESS:
            continue
        values = tuple(str(value) for value in action.choices or ())
        if not action.option_strings:
            words.append((Words(values),) if values else OF_SETTINGS.get(str(action.metavar), ()))
            continue
        options.append(
            Option(
                flags=tuple(action.option_strings),
                help=" ".join((action.help or "").replace("%%", "%").split()),
                takes=action.nargs != 0,
                values=values,
            )
        )
    return Command(name=name, help=what, options=tuple(options), words=tuple(words))


# bash ---------------------------------------------------------------------------------------


def bash(every: Sequence[Command]) -> str:
    """Return the script for bash 3.2 and later."""
    lines = [
        "# tokenwatch completion for bash",
        "_tokenwatch() {",
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}",
        "  local command= values= paths= number=0 at skip= ",
        "  COMPREPLY=()",
        # Where = breaks words, it is one itself: --by=da is three.
        '  if [[ $word == "=" ]]; then word=',
        '  elif [[ $before == "=" ]]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi',
        "  for ((at = 1; at < COMP_CWORD; at++)); do",
        "    if [[ -n $skip ]]; then [[ ${COMP_WORDS[at]} == '=' ]] || skip=; continue; fi",
        '    case "$command ${COMP_WORDS[at]}" in',
        f"      {_bash_skips(every)}) skip=1 ;;",
        "      *' -'*) ;;",
        "      ' '*) command=${COMP_WORDS[at]} ;;",
        "      *) number=$((number + 1)) ;;",
        "    esac",
        "  done",
        '  case "$command $before" in',
        *_bash_values(every),
        '    *) case "$command" in',
    ]
    for command in every:
        flags = " ".join(flag for option in command.options for flag in option.flags)
        lines += [
            f"      {_sh(command.name)})",
            f"        if [[ $word == -* ]]; then values={_sh(flags)}",
        ]
        if not command.name:
            names = " ".join(each.name for each in every if each.name)
            lines.append(f"        elif ((COMP_CWORD == 1)); then values={_sh(names)}")
        else:
            lines += _bash_words(command)
        lines += ["        fi ;;"]
    lines += [
        "    esac ;;",
        "  esac",
        '  if [[ -z $paths ]]; then COMPREPLY=($(compgen -W "$values" -- "$word")); return; fi',
        # A line is a path; the bash of macOS has neither mapfile nor compopt.
        "  local IFS=$'\\n'",
        '  COMPREPLY=($(compgen -"$paths" -- "$word"))',
        "  compopt -o filenames 2>/dev/null",
        "}",
        "complete -F _tokenwatch tokenwatch",
    ]
    return "\n".join(lines) + "\n"


def _bash_words(command: Command) -> Iterator[str]:
    for number, choices in enumerate(command.words):
        for words in choices:
            after = f' && {_sh(" " + " ".join(words.after) + " ")} == *" $before "*'
            test = f"$number == {number}{after if words.after else ''}"
            yield f"        elif [[ {test} ]]; then values={_sh(' '.join(words.values))}"


def _bash_skips(every: Sequence[Command]) -> str:
    return "|".join(
        _sh(f"{command.name} {flag}") for command in every for flag in command.with_value
    )


def _bash_values(every: Sequence[Command]) -> Iterator[str]:
    for command in every:
        for option in command.options:
            if option.takes:
                at = "|".join(_sh(f"{command.name} {flag}") for flag in option.flags)
                paths = {"file": "f", "folder": "d"}.get(option.files, "")
                yield f"    {at}) values={_sh(' '.join(option.values))} paths={paths} ;;"


# zsh ----------------------------------------------------------------------------------------


def zsh(every: Sequence[Command]) -> str:
    """Return the script for zsh; it can be sourced, or be `_tokenwatch` in a folder of fpath."""
    lines = [
        "#compdef tokenwatch",
        "_tokenwatch() {",
        "  local curcontext=$curcontext state line",
        "  local -a commands",
        "  commands=(",
        *(f"    {_sh(_colons(each.name) + ':' + each.help)}" for each in every if each.name),
        "  )",
        "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then",
        "    _describe -t commands command commands",
        "    return",
        "  fi",
        "  local command=",
        "  [[ $words[2] != -* ]] && command=$words[2] && shift words && (( CURRENT-- ))",
        "  case $command in",
    ]
    for command in every:
        lines.append(f"    ({_sh(command.name)})")
        lines.append("      _arguments -S \\")
        lines += [f"        {_sh(spec)} \\" for spec in _zsh_specs(command)]
        lines += ["        && return 0 ;;"]
    lines += [
        "  esac",
        "  return 1",
        "}",
        "if [[ $funcstack[1] == _tokenwatch ]]; then",
        '  _tokenwatch "$@"',
        "else",
        "  compdef _tokenwatch tokenwatch",
        "fi",
    ]
    return "\n".join(lines) + "\n"


def _zsh_specs(command: Command) -> Iterator[str]:
    for option in command.options:
        value = ""
        if option.takes:
            what = option.flags[-1].lstrip("-")
            value = f":{what}:{_zsh_values(option)}"
        for flag in option.flags:
            others = " ".join(option.flags)
            equals = "=" if option.takes and flag.startswith("--") else ""
            yield f"({others}){flag}{equals}[{_brackets(option.help)}]{value}"
    for number, choices in enumerate(command.words, 1):
        yield f"{number}::word:{_zsh_words(choices)}"


def _zsh_words(choices: Sequence[Words]) -> str:
    if not choices or not choices[0].after:
        # () offers nothing; a blank would have zsh say so, and then complete no option either.
        return f"({' '.join(choices[0].values)})" if choices else "()"
    cases = (
        f"({'|'.join(words.after)}) compadd -- {' '.join(words.values)} ;;" for words in choices
    )
    return f"{{case $words[CURRENT-1] in {' '.join(cases)} esac}}"


def _zsh_values(option: Option) -> str:
    return {"file": "_files", "folder": "_files -/"}.get(
        option.files, f"({' '.join(option.values)})" if option.values else " "
    )


def _colons(text: str) -> str:
    return text.replace(":", r"\:")


def _brackets(text: str) -> str:
    return re.sub(r"([\[\]\\:])", r"\\\1", text)


# fish ---------------------------------------------------------------------------------------


def fish(every: Sequence[Command]) -> str:
    """Return the script for fish."""
    lines = [
        "# tokenwatch completion for fish",
        "function __tokenwatch_in",
        "  set -l words (commandline -opc) ''",
        "  string match -q -- '-*' $words[2]; and set words[2] ''",
        '  test "$words[2]" = "$argv[1]"',
        "end",
        "function __tokenwatch_after",
        "  contains -- (commandline -opc)[-1] $argv",
        "end",
        "complete -c tokenwatch -f",
    ]
    for command in every:
        here = f"__tokenwatch_in {command.name or _sh('')}"
        if command.name:
            lines.append(
                f"complete -c tokenwatch -n '__tokenwatch_after tokenwatch' -a {command.name}"
                f" -d {_sh(command.help)}"
            )
        lines += [_fish_option(here, option) for option in command.options]
        for words in (words for choices in command.words for words in choices):
            values = " ".join(words.values)
            after = f"__tokenwatch_after {' '.join(words.after or (command.name,))}"
            lines.append(
                f"complete -c tokenwatch -n {_sh(f'{here}; and {after}')} -a {_sh(values)}"
            )
    return "\n".join(lines) + "\n"


def _fish_option(here: str, option: Option) -> str:
    line = f"complete -c tokenwatch -n {_sh(here)}"
    for flag in option.flags:
        line += f" -l {flag[2:]}" if flag.startswith("--") else f" -s {flag[1:]}"
    if option.takes:
        line += " -r -F" if option.files == "file" else " -x"
        if option.files == "folder":
            line += " -a '(__fish_complete_directories)'"
        if option.values:
            line += f" -a {_sh(' '.join(option.values))}"
    return f"{line} -d {_sh(option.help)}" if option.help else line


def _sh(text: str) -> str:
    """Return a text as one word for any of the three shells."""
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS: dict[str, Callable[[Sequence[Command]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
