"""What stdout takes is told as rich tells it."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len as measured
from rich.cells import set_cell_size
from rich.console import Console

from tokenwatch.cli import terminal
from tokenwatch.format import clean

SAID = {
    "TTY_COMPATIBLE": (None, "0", "1", ""),
    "FORCE_COLOR": (None, "", "1"),
    "NO_COLOR": (None, "1"),
    "TERM": (None, "dumb", "unknown", "xterm-256color"),
    "COLUMNS": (None, "70", "x"),
}


class Screen(io.StringIO):
    """A terminal that can't tell its size."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize("is_terminal", [False, True])
def test_styles_and_width_are_richs(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "get_terminal_size", _unknown)
    for values in product(*SAID.values()):
        said = {name: value for name, value in zip(SAID, values, strict=True) if value is not None}
        monkeypatch.setattr(os, "environ", said)
        assert _ours(is_terminal, monkeypatch) == _richs(is_terminal, said), said


def _unknown(_: int) -> os.terminal_size:
    raise OSError


def _ours(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    screen = Screen(is_terminal)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", screen)
        return terminal.styled("text", terminal.BOLD), terminal.terminal_width()


def _richs(is_terminal: bool, said: Mapping[str, str]) -> tuple[str, int]:
    screen = Screen(is_terminal)
    console = Console(file=screen, _environ=said, soft_wrap=True)
    console.print("text", style="bold", highlight=False, end="")
    return screen.getvalue(), console.width


TEXTS = st.text(max_size=40) | st.text(alphabet="ab–≥漢é\u0301👩…─", max_size=40)


@given(text=TEXTS.map(clean), cells=st.integers(0, 50))
def test_cells_are_richs(text: str, cells: int) -> None:
    assert terminal.cell_len(text) == measured(text)
    if terminal.cell_len(text) > cells:
        assert terminal.cut(text, cells) == set_cell_size(text, cells)
