"""`E` opens the log where it tells of the selected row, in whatever editor there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tests.tui.conftest import Running, press, settle, text_of
from tokenwatch.answers.session import detail, log_of_agent, requests
from tokenwatch.snapshot import ExplainedRequest, LogPlace, SessionDetail
from tokenwatch.tui.terminal.editor import NoEditor, editing


def program(folder: Path, name: str, body: str = "") -> Path:
    """Write a program that notes what it was called with."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        f'#!/bin/sh\nfor word in "$@"; do echo "$word"; done > "{folder}/said"\n{body}\n'
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a log; rm -rf $HOME.jsonl"
    path.write_text("{}\n" * 99)
    return path


@pytest.mark.parametrize(
    ("editor", "args", "windowed"),
    [
        ("vim", ["+7", "LOG"], False),
        ("nvim -R", ["-R", "+7", "LOG"], False),
        ("nano", ["+7", "LOG"], False),
        ("emacs -nw", ["-nw", "+7", "LOG"], False),
        ("hx", ["LOG:7"], False),
        ("code --wait", ["--wait", "--goto", "LOG:7"], True),
        ("cursor", ["--goto", "LOG:7"], True),
        ("subl", ["LOG:7"], True),
        ("zed", ["LOG:7"], True),
        ("idea", ["--line", "7", "LOG"], True),
        ("ed", ["LOG"], False),
        ("'vi' \"-c set nowrap\"", ["-c set nowrap", "+7", "LOG"], False),
    ],
)
def test_editors_and_lines(
    tmp_path: Path, log: Path, editor: str, args: list[str], windowed: bool
) -> None:
    name = editor.replace("'", "").split()[0]
    path = program(tmp_path / "bin", name)
    how = editing({"EDITOR": editor, "PATH": str(path.parent)}, str(log), 7)
    assert how.command == (str(path), *(arg.replace("LOG", str(log)) for arg in args))
    assert how.windowed == windowed
    plain = editing({"VISUAL": str(path), "EDITOR": "ed", "PATH": ""}, str(log), None)
    assert plain.command == (str(path), str(log))


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "no editor: choose one in the settings, or set \\$VISUAL or \\$EDITOR"),
        ({"EDITOR": ""}, "no editor"),
        ({"EDITOR": "  "}, "\\$EDITOR names no program"),
        ({"VISUAL": "vi 'x"}, "\\$VISUAL can't be understood: No closing quotation"),
        ({"EDITOR": "no-such-editor -x"}, "\\$EDITOR: there is no program no-such-editor"),
    ],
)
def test_no_editor(log: Path, environment: dict[str, str], why: str) -> None:
    with pytest.raises(NoEditor, match=why):
        editing({"PATH": "/nowhere", **environment}, str(log), 1)


def test_a_log_that_is_gone(tmp_path: Path) -> None:
    path = program(tmp_path / "bin", "vi")
    with pytest.raises(NoEditor, match="the log is gone"):
        editing({"EDITOR": str(path)}, str(tmp_path / "gone.jsonl"), 1)


def answers(log: Path) -> dict[object, Any]:
    """Return answers whose turn 38, requests and agents are in that log."""

    def in_log(session_id: str) -> SessionDetail:
        found = factories.detail()
        turns = [replace(turn, file=str(log), line=3) for turn in found.turns]
        return replace(found, turns=tuple(turns), log_path=str(log))

    def placed(session_id: str, turn_id: str) -> tuple[ExplainedRequest, ...]:
        rows = factories.requests(turn_id)
        return tuple(replace(row, file=str(log), line=40 + n) for n, row in enumerate(rows))

    return {
        detail: in_log,
        requests: placed,
        log_of_agent: lambda session_id, agent_id: LogPlace(file=str(log)),
    }


@contextmanager
def handed_over() -> Iterator[None]:
    yield


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("E",), "+3"),
        (("j", "enter", "j", "E"), "+41"),
        (("b", "E"), None),
        (("tab", "E"), None),
    ],
    ids=["turn", "request", "agent", "session"],
)
async def test_an_editor_of_the_terminal(
    running: Running, tmp_path: Path, log: Path, keys: tuple[str, ...], line: str | None
) -> None:
    path = program(tmp_path / "bin", "vi")
    async with running(answers=answers(log), EDITOR=str(path)) as pilot:
        pilot.app.suspend = handed_over  # type: ignore[method-assign,assignment]
        await press(pilot, "enter", *keys)
        said = (path.parent / "said").read_text().splitlines()
        assert said == [*([line] if line else []), str(log)]
        assert "failed" not in "".join(note.message for note in pilot.app._notifications)


async def test_an_editor_that_fails(running: Running, tmp_path: Path, log: Path) -> None:
    path = program(tmp_path / "bin", "vi", "exit 3")
    async with running(answers=answers(log), EDITOR=str(path)) as pilot:
        pilot.app.suspend = handed_over  # type: ignore[method-assign,assignment]
        await press(pilot, "enter", "E")
        assert "vi failed with exit status 3" in text_of(pilot)


async def test_a_terminal_that_can_not_be_handed_over(
    running: Running, tmp_path: Path, log: Path
) -> None:
    path = program(tmp_path / "bin", "vi")
    async with running(answers=answers(log), EDITOR=str(path)) as pilot:
        await press(pilot, "enter", "E")
        assert "this terminal can't be handed to an editor" in text_of(pilot)


async def test_an_editor_with_windows_is_left_to_itself(
    running: Running, tmp_path: Path, log: Path
) -> None:
    path = program(tmp_path / "bin", "code", f'read line < "{tmp_path}/go"\nexit 5')
    os.mkfifo(tmp_path / "go")
    async with running(answers=answers(log), EDITOR=str(path)) as pilot:
        await press(pilot, "enter", "E")
        assert "opened in code" in text_of(pilot)
        (tmp_path / "go").write_text("\n")
        while "code failed with exit status 5" not in text_of(pilot):
            await settle(pilot)
        assert (path.parent / "said").read_text().splitlines() == ["--goto", f"{log}:3"]


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        (("E",), "no editor: choose one in the settings"),
        (("P", "E"), "paths are hidden: P shows them"),
    ],
)
async def test_what_stands_in_the_way_is_said(
    running: Running, log: Path, keys: tuple[str, ...], why: str
) -> None:
    async with running(answers=answers(log)) as pilot:
        await press(pilot, "enter", *keys)
        assert why in text_of(pilot)


async def test_an_agent_without_a_log(running: Running, log: Path) -> None:
    found = answers(log) | {log_of_agent: lambda session_id, agent_id: None}
    async with running(answers=found) as pilot:
        await press(pilot, "enter", "b", "E")
        assert "no log is known of it" in text_of(pilot)
