"""The shape of the code: its layers, its names, its sizes, and what a command imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.terminal import Terminal
from tests.cli.box import Box
from tests.cli.logs import assistant, claude_log

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tokenwatch"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {"textual", "httpx", "keyring", "genai_prices", "pydantic", "asyncio", "watchfiles"}
READING = {"tokenwatch.sync", "tokenwatch.store.writer"}
"""What is not needed where nothing is new to read."""
COSTLY = {
    *("msgspec", "tokenwatch.events", "tokenwatch.sources.tail"),
    *("dataclasses", "inspect", "logging", "tomllib", "zoneinfo", "decimal", "secrets", "hashlib"),
    *("rich", "shutil", "tempfile", "subprocess", "importlib.metadata", "platformdirs"),
    *("tokenwatch.pricing.book", "tokenwatch.snapshot", "tokenwatch.overview"),
}
"""What takes milliseconds and has no part in a report of sums."""
AFTER_FIRST = re.compile(
    r"(msgspec|tomllib|tomlkit|httpx|csv|genai_prices"
    r"|tokenwatch\.(answers|analysis|demo|detection|events|export|monitor|overview|pricing|sync"
    r"|watching"
    r"|config\.(catalogue|check|edit)"
    r"|store\.(?!(ledger|peek|schema|spend)$)\w+"
    r"|tui\.(boxes|explanations|private_answers|filter\.(conditions|words))"
    r"|tui\.screens\.(?!(frame|list_frame|live)\b)\w+"
    r"|tui\.terminal\.(clipboard|editor|tmux)))(\..+)?"
)
"""What the monitor's process does without until its first picture is drawn."""
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "core", "base", "misc"}
LINES = 400


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_module_is_long() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > LINES} == {}


def test_no_module_has_a_vague_name() -> None:
    names = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & VAGUE == set()
    assert not {name for name in names if name.endswith(("_utils", "_helpers", "_manager"))}


Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(tree: ast.Module) -> Iterator[Named]:
    """Return the public functions and classes of a module."""
    for node in tree.body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield node


def test_every_module_and_public_name_has_a_docstring() -> None:
    missing = []
    for path in MODULES:
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            missing.append(name_of(path))
        missing += [
            f"{name_of(path)}: {node.name}" for node in public(tree) if not ast.get_docstring(node)
        ]
    assert missing == []


HOSTS = re.compile(
    r"(artifactory|nexus|devpi|mirror|pypi|registry|proxy)[\w-]*(\.[\w-]+)+[:/]", re.I
)


def tracked() -> list[Path]:
    """Return the text files of the project, data of tests left out."""
    folders = (PACKAGE, ROOT / "tests", ROOT / ".ci", ROOT / ".github")
    found = [path for folder in folders for path in folder.rglob("*")]
    found += [path for path in ROOT.iterdir() if path.suffix in (".toml", ".md", ".cfg", ".lock")]
    found += [path for name in ("Makefile",) if (path := ROOT / name).exists()]
    return [
        path
        for path in found
        if path.is_file()
        and ROOT / "tests" / "data" not in path.parents
        and path.suffix not in (".pyc", ".svg", ".zst", ".gz")
    ]


def test_no_registry_is_named() -> None:
    found = []
    for path in tracked():
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for match in HOSTS.finditer(text):
            if not re.match(r"pypi\.org[:/]|registry\.terraform", match[0], re.I):
                found.append(f"{name_of(path)}: {match[0]}")
        found += [f"{name_of(path)}: index" for m in re.finditer(r"(extra-)?index-url", text) if m]
    assert found == []


def loaded(box: Box, code: str) -> set[str]:
    """Return the top-level names of all modules that are loaded after the code has run."""
    watching = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('\\n' + ' '.join(sorted(sys.modules)), file=sys.stderr))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", watching + code],
        env=box.process_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    names = set(done.stderr.splitlines()[-1].split())
    return {name.split(".")[0] for name in names} | names


def command(*arguments: str) -> str:
    return (
        f"import sys\nsys.argv[1:] = {list(arguments)!r}\n"
        "from tokenwatch.__main__ import main\nsys.exit(main())"
    )


@pytest.mark.parametrize("arguments", [["--version"], ["report"], ["report", "--json"]])
def test_start_up_stays_light(box: Box, arguments: list[str]) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    names = loaded(box, command(*arguments))
    assert names.isdisjoint(HEAVY), names & HEAVY


@pytest.mark.parametrize("by", ["day", "model"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_report_of_what_was_read_before_imports_no_reader(
    box: Box, by: str, form: list[str]
) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    arguments = ["report", "--by", by, *form]
    assert loaded(box, command(*arguments)) >= READING
    names = loaded(box, command(*arguments))
    assert names.isdisjoint(HEAVY | READING | COSTLY), names & (HEAVY | READING | COSTLY)


@pytest.mark.parametrize("words", ["sessions --json", "agents --json", "explain 0 --json"])
def test_an_answer_of_what_was_read_before_imports_no_reader(box: Box, words: str) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    identity = box.run("sessions", "--json").rows[0]["id"]
    names = loaded(box, command(*words.replace(" 0 ", f" {identity} ").split()))
    assert names.isdisjoint(HEAVY | READING | {"rich"}), names & (HEAVY | READING | {"rich"})


def test_the_version_needs_next_to_nothing(box: Box) -> None:
    names = loaded(box, command("--version"))
    assert names.isdisjoint(HEAVY | READING | COSTLY)
    assert names.isdisjoint({"sqlite3", "argparse", "datetime", "json", "pathlib", "re", "typing"})


FIRST_PICTURE = """
import os, sys
from pathlib import Path
from tokenwatch.tui import feed

def drawn(*_):
    Path(sys.argv.pop()).write_text(" ".join(sys.modules))
    os._exit(0)

feed.Early.start = drawn
from tokenwatch.cli.main import run
sys.exit(run([]))
"""
"""The feed is begun when the first picture has been drawn."""


def test_the_first_picture_imports_what_it_shows_alone(box: Box, tmp_path: Path) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    box.run("sessions", "--json")
    told = tmp_path / "told"
    line = [sys.executable, "-c", FIRST_PICTURE, str(told)]
    with Terminal(line, box.process_environment(TERM="xterm-256color")) as terminal:
        terminal.wait(lambda _: told.exists(), 60)
    assert told.exists(), "\n".join(terminal.screen.lines)
    names = set(told.read_text().split())
    assert "tokenwatch.tui.screens.live.screen" in names
    assert {name for name in names if AFTER_FIRST.fullmatch(name)} == set()


def test_sources_load_their_decoder_late(box: Box) -> None:
    assert "msgspec" not in loaded(box, "import tokenwatch.sources")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)
