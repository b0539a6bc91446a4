"""Boxes over a screen: writing to a file, and asking before harm is done."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from textual.widgets import Input

from tests import factories
from tests.tui.conftest import Running, lines_of, press, publish, settle, text_of
from tokenwatch.tui.app import TokenwatchApp
from tokenwatch.tui.boxes.confirm import ConfirmScreen
from tokenwatch.tui.boxes.export import ExportScreen
from tokenwatch.tui.screens.live.screen import LiveScreen
from tokenwatch.tui.widgets.record_table import RecordTable

NAME = "tokenwatch-live-20261121-143207"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_a_table_as_csv_with_all_its_rows(running: Running, folder: Path) -> None:
    async with running(size=(60, 16)) as pilot:
        table = pilot.app.screen.query_one("#sessions", RecordTable)
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, ExportScreen)
        assert "[CSV]" in text_of(pilot) and "13 rows" in text_of(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, LiveScreen)
        rows = list(csv.reader(io.StringIO((folder / f"{NAME}.csv").read_text())))
        assert len(rows) == 1 + len(table.records) > 10
        assert len(rows[0]) == len(table.columns) + 2, "columns that the screen has no room for too"
        assert any("parser tests" in cell for cell in rows[1])


async def test_formats_go_round_and_take_the_ending_along(running: Running, folder: Path) -> None:
    async with running() as pilot:
        await press(pilot, "x", "tab", "tab", "enter")
        rows = json.loads((folder / f"{NAME}.json").read_text())
        assert len(rows) == 13 and rows[0]["session"]
        await press(pilot, "x", "shift+tab", "enter")
        assert "parser tests" in (folder / f"{NAME}.svg").read_text().replace("&#160;", " ")
        await press(pilot, "x", "up", "up", "enter")
        text = (folder / f"{NAME}.txt").read_text().splitlines()
        assert text[:20] == [line.rstrip() for line in lines_of(pilot)][:20] and len(text) == 36
        assert "tokenwatch" in text[0] and "export what" not in "\n".join(text)
        await press(pilot, "x", "tab", "enter")
        markdown = (folder / f"{NAME}.md").read_text().splitlines()
        assert len(markdown) == 15 and set(markdown[1]) == set("| -")


async def test_a_pane_without_rows_is_written_as_it_looks(running: Running, folder: Path) -> None:
    async with running(factories.empty_snapshot()) as pilot:
        await press(pilot, "x")
        assert "[text]" in text_of(pilot) and "CSV" not in text_of(pilot)
        await press(pilot, "enter")
        assert "Looked in" in (folder / f"{NAME}.txt").read_text()


async def test_a_file_that_exists_is_replaced_by_a_second_enter_only(
    running: Running, folder: Path
) -> None:
    path = folder / f"{NAME}.csv"
    path.write_text("mine")
    async with running() as pilot:
        await press(pilot, "x", "enter")
        assert "exists · enter again replaces it" in text_of(pilot)
        assert path.read_text() == "mine"
        await press(pilot, "x", "backspace", "enter")
        assert "exists" in text_of(pilot), "another name was typed between"
        await press(pilot, "enter")
        assert path.read_text() != "mine"


async def test_what_cant_be_written_is_said_and_can_be_mended(
    running: Running, folder: Path
) -> None:
    async with running() as pilot:
        await press(pilot, "x")
        name = pilot.app.screen.query_one(Input)
        name.value = "nowhere/out.csv"
        await press(pilot, "enter")
        assert "No such file or directory" in text_of(pilot)
        name.value = "  "
        await press(pilot, "enter")
        assert "a file needs a name" in text_of(pilot)
        name.value = "out.csv"
        await press(pilot, "enter")
        assert (folder / "out.csv").exists() and "written: out.csv" in text_of(pilot)


async def test_later_pictures_dont_change_what_is_written(running: Running, folder: Path) -> None:
    async with running() as pilot:
        await press(pilot, "x")
        await publish(pilot, factories.snapshot(sessions=()))
        await press(pilot, "enter")
        assert len((folder / f"{NAME}.csv").read_text().splitlines()) == 14


async def test_hidden_words_stay_hidden_in_a_file(running: Running, folder: Path) -> None:
    async with running() as pilot:
        await press(pilot, "P", "x")
        assert str(folder) not in text_of(pilot)
        await press(pilot, "enter", "x", "shift+tab", "enter")
        await press(pilot, "x", "shift+tab", "shift+tab", "enter")
    written = "".join(path.read_text() for path in folder.iterdir()).replace("&#160;", " ")
    assert len(list(folder.iterdir())) == 3
    assert not [w for w in ("parser tests", "pagination", "/home/dev") if w in written]


async def test_esc_writes_nothing(running: Running, folder: Path) -> None:
    async with running() as pilot:
        await press(pilot, "x", "q", "escape")
        assert isinstance(pilot.app.screen, LiveScreen) and not list(folder.iterdir())


@pytest.mark.parametrize("size", [(20, 5), (60, 16), (1, 1)])
async def test_boxes_on_small_terminals(
    running: Running, folder: Path, size: tuple[int, int]
) -> None:
    async with running(size=size) as pilot:
        app = pilot.app
        assert isinstance(app, TokenwatchApp)
        await press(pilot, "x", "tab", "escape")
        app.confirm("Remove everything?", lambda: None)
        await settle(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, LiveScreen)


@pytest.mark.parametrize(
    ("key", "done"),
    [("y", True), ("n", False), ("escape", False), ("enter", False), ("q", False)],
)
async def test_only_yes_is_yes(running: Running, key: str, done: bool) -> None:
    async with running() as pilot:
        app, did = pilot.app, []
        assert isinstance(app, TokenwatchApp)
        app.confirm("Forget the folder ~/old?", lambda: did.append(1), yes="Forget it")
        await settle(pilot)
        assert "Forget the folder ~/old?" in text_of(pilot) and "y Forget it" in text_of(pilot)
        await press(pilot, "s", key)
        assert isinstance(app.screen, LiveScreen) and bool(did) is done


async def test_answers_can_be_clicked(running: Running) -> None:
    async with running() as pilot:
        app, did = pilot.app, []
        assert isinstance(app, TokenwatchApp)
        for word, times in (("No", 0), ("Yes", 1)):
            app.confirm("Sure [bold]?", lambda: did.append(1))
            await settle(pilot)
            assert isinstance(app.screen, ConfirmScreen)
            assert "Sure [bold]?" in text_of(pilot), "never markup"
            y = next(y for y, line in enumerate(lines_of(pilot)) if "y Yes" in line)
            await pilot.click(offset=(lines_of(pilot)[y].index(word), y))
            await settle(pilot)
            assert len(did) == times and isinstance(app.screen, LiveScreen)


async def test_a_picture_never_replaces_another(running: Running, folder: Path) -> None:
    async with running() as pilot:
        await press(pilot, "ctrl+s", "ctrl+s")
    assert len(list(folder.glob("tokenwatch-*.svg"))) == 2
