"""The scripts for bash, zsh and fish, asked by the shells themselves."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.box import Box
from tokenwatch.analysis.waste.finding import Kind
from tokenwatch.cli.completion import commands
from tokenwatch.cli.main import COMMANDS
from tokenwatch.config.catalogue import SETTINGS, THEMES

NAMES = sorted(COMMANDS)
ASKED = {
    "": NAMES,
    "rep": ["report"],
    "report --by ": [
        "agent",
        "day",
        "hour",
        "model",
        "month",
        "project",
        "session",
        "source",
        "week",
    ],
    "report --by mo": ["model", "month"],
    "report --json --source ": ["claude-code", "codex"],
    "report --no": ["--no-sync"],
    "export --rows sessions --form": ["--format"],
    "export --since 7d --format ": ["csv", "jsonl"],
    "was": ["waste"],
    "waste ": [],
    "waste --explain ": sorted(Kind),
    "waste --explain cache-": ["cache-broken", "cache-expired"],
    "waste --tier ": ["likely", "look", "proved"],
    "waste --json --tier l": ["likely", "look"],
    "waste --m": ["--markdown", "--model"],
    "prices ": ["list", "update"],
    "prices list ": [],
    "explain ": [],
    "report --since ": [],
    "completion ": ["bash", "fish", "zsh"],
    "config set ": sorted(known.key for known in SETTINGS),
    "config set screen.theme ": sorted(THEMES),
    "config set screen.privacy t": ["true"],
    "config list ": [],
    "--ver": ["--version"],
}
"""What is typed after the program's name, and the words that are offered."""


@pytest.fixture
def folder(box: Box, tmp_path: Path) -> Path:
    """A folder with the scripts, a file, and a folder with a blank in its name."""
    for shell in ("bash", "zsh", "fish"):
        result = box.run("completion", shell)
        assert (result.code, result.err) == (0, "")
        (tmp_path / shell).write_text(result.out)
    (tmp_path / "some file.csv").touch()
    (tmp_path / "some folder").mkdir()
    return tmp_path


def ran(folder: Path, *arguments: str) -> list[str]:
    """Run a shell in the folder; return the lines it prints, in order of the alphabet."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return sorted(line for line in done.stdout.splitlines() if line)


def of_bash(folder: Path, words: list[str]) -> list[str]:
    """Return what bash offers for the last of these words."""
    code = 'source ./bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tokenwatch 2>&1'
    code += '; printf "%s\\n" "${COMPREPLY[@]}"'
    return ran(folder, "bash", "--norc", "-c", code, "-", "tokenwatch", *words)


def of_fish(folder: Path, line: str) -> list[str]:
    """Return what fish offers at the end of a line, without the descriptions."""
    found = ran(folder, "fish", "-N", "-c", f"source ./fish; complete -C 'tokenwatch {line}'")
    return [text.partition("\t")[0] for text in found]


@pytest.mark.program("bash")
@pytest.mark.parametrize("typed", ASKED)
def test_bash(folder: Path, typed: str) -> None:
    assert of_bash(folder, typed.split(" ")) == ASKED[typed]


@pytest.mark.program("bash")
def test_bash_knows_values_after_an_equals_sign_and_paths(folder: Path) -> None:
    assert of_bash(folder, ["report", "--by", "="]) == ASKED["report --by "]
    assert of_bash(folder, ["report", "--by", "=", "mo"]) == ["model", "month"]
    assert of_bash(folder, ["report", "--by", "=", "day", "--sour"]) == ["--source"]
    assert of_bash(folder, ["export", "--output", "some"]) == ["some file.csv", "some folder"]
    assert of_bash(folder, ["report", "--project", "some"]) == ["some folder"]


@pytest.mark.program("fish")
@pytest.mark.parametrize("typed", ASKED)
def test_fish(folder: Path, typed: str) -> None:
    assert sorted(of_fish(folder, typed)) == ASKED[typed]


@pytest.mark.program("fish")
def test_fish_knows_values_after_an_equals_sign_and_paths(folder: Path) -> None:
    assert of_fish(folder, "report --by=mo") == ["--by=model", "--by=month"]
    assert of_fish(folder, "export --output some") == ["some file.csv", "some folder/"]
    assert of_fish(folder, "report --project some") == ["some folder/"]


@pytest.mark.program("zsh")
@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("rep", "report"),
        ("report --by mon", "report --by month"),
        ("report --by=mon", "report --by=month"),
        ("report --json --source cl", "report --json --source claude-code"),
        ("report --no-", "report --no-sync"),
        ("export --rows sessions --forma", "export --rows sessions --format"),
        ("export --output some\\ fi", "export --output some file.csv"),
        ("report --project som", "report --project some folder"),
        ("was", "waste"),
        ("waste --explain loo", "waste --explain loop"),
        ("waste --tier=pr", "waste --tier=proved"),
        ("waste --mark", "waste --markdown"),
        ("waste 6718", "waste 6718"),
        ("explain 6718 --js", "explain 6718 --json"),
        ("prices li", "prices list"),
        ("prices list li", "prices list li"),
        ("config set screen.th", "config set screen.theme"),
        ("config set screen.theme nor", "config set screen.theme nord"),
        ("--vers", "--version"),
    ],
)
@pytest.mark.parametrize("how", ["sourced", "fpath"])
def test_zsh(folder: Path, typed: str, becomes: str, how: str) -> None:
    """zsh completes only what is typed, so this types into one."""
    (folder / "functions").mkdir()
    (folder / "functions" / "_tokenwatch").write_text((folder / "zsh").read_text())
    load = {"sourced": "source ./zsh", "fpath": ":"}[how]
    where = "fpath=($PWD/functions $fpath); " if how == "fpath" else ""
    prepare = (
        f"PS1=; unsetopt zle_bracketed_paste; {where}autoload -U compinit; compinit -u -D; {load}; "
        + 'tokenwatch() { print -r -- "ran:${(j: :)@}:end" }; print ready\n'
    )
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TERM": "dumb"}
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
    os.write(terminal, prepare.encode())
    said = b""
    while b"\nready" not in said.replace(b"\r", b""):
        said += os.read(terminal, 4096)
    os.write(terminal, f"tokenwatch {typed}\t".encode())
    os.write(terminal, b"\n")
    said = b""
    while b":end" not in said:
        said += os.read(terminal, 4096)
    # Not by its own `exit`: what is written last may be lost with the other end of a terminal.
    os.close(terminal)
    os.waitpid(child, 0)
    text = said.decode()
    assert text[text.rindex("ran:") + 4 : text.rindex(":end")].rstrip() == becomes


@pytest.mark.program("bash")
@pytest.mark.program("zsh")
@pytest.mark.program("fish")
def test_every_script_can_be_parsed(folder: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert ran(folder, shell, "-n", f"./{shell}") == []


def test_every_option_of_every_command_is_known(box: Box) -> None:
    every = {command.name: command for command in commands()}
    assert set(every) == {"", *COMMANDS}
    for name, command in every.items():
        text = box.run(*name.split(), "--help").out
        for option in command.options:
            assert any(flag in text for flag in option.flags)
        assert all(f"{flag} " in text + " " for o in command.options for flag in o.flags[-1:])


def test_another_shell_is_refused(box: Box) -> None:
    result = box.run("completion", "tcsh")
    assert result.code == 2 and "'tcsh'" in result.err and "'fish'" in result.err
