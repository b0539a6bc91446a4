"""What a terminal may type, in any pieces."""

from __future__ import annotations

import pytest

from tokenwatch.tui.terminal.typed import Typed

CASES = [
    (b"abc", "abc"),
    ("日本é".encode(), "日本é"),
    (b"a\xff\xfeb", "a\ufffd\ufffdb"),
    # SGR as it should be, also with the coordinates below zero that Ghostty sends
    (b"\x1b[<0;10;20M", "\x1b[<0;10;20M"),
    (b"\x1b[<35;-1;20m", "\x1b[<35;-1;20m"),
    # SGR with what is no number
    (b"\x1b[<NaN;NaN;NaNM", ""),
    (b"q\x1b[<0;NaN;NaNmj", "qj"),
    (b"\x1b[<35;1.5;2.5M", ""),
    (b"\x1b[<35;inf;1M", ""),
    (b"\x1b[<M", ""),
    # X10: column 10, column 200, and bytes that look like the start of something else
    (b"\x1b[M \x2a\x2a", ""),
    (b"x\x1b[M\x20\xe8\x29y", "xy"),
    (b"\x1b[M#\xff\xff\x1b[M#\xc3\xa9", ""),
    (b"\x1b[M \x1b[\x1b[M !!k", "k"),
    # Keys stay keys
    (b"\x1b]\x1bP12", "\x1b]\x1bP12"),
    (b"\x1b[A\x1b[1;5C\x1bOP", "\x1b[A\x1b[1;5C\x1bOP"),
    (b"\x1b", "\x1b"),
    (b"\x1b[200~pasted\x1b[201~", "\x1b[200~pasted\x1b[201~"),
]


@pytest.mark.parametrize(("data", "text"), CASES)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_pieces_of_any_size(data: bytes, text: str, size: int) -> None:
    typed = Typed()
    got = ""
    held_esc = b""
    for at in range(0, len(data), size):
        # A terminal writes a report at once, so ESC is never the last byte of a piece of one.
        piece = held_esc + data[at : at + size]
        held_esc = b""
        if piece.endswith(b"\x1b") and at + size < len(data):
            piece, held_esc = piece[:-1], b"\x1b"
        got += typed.feed(piece)
    got += typed.feed(held_esc) + typed.rest()
    assert got == text


def test_what_was_held_back_is_given_when_nothing_follows() -> None:
    typed = Typed()
    assert typed.feed(b"\x1b[") == ""
    assert typed.rest() == "\x1b["
    assert typed.feed(b"A") == "A"


@pytest.mark.parametrize(
    "answer",
    [b"\x1b]11;rgb:1010/1414/1818\x07", b"\x1b]52;c;cXVpdA==\x1b\\", b"\x1bP>|tmux 3.3a\x1b\\"],
)
def test_answers_that_nobody_waits_for(answer: bytes) -> None:
    assert Typed().feed(b"a" + answer + b"b") == "ab"


def test_x10_is_told() -> None:
    typed = Typed()
    typed.feed(b"\x1b[<0;1;1M")
    assert not typed.saw_x10
    typed.feed(b"\x1b[M")
    assert not typed.saw_x10
    typed.feed(b" \xc8\xc8")
    assert typed.saw_x10
