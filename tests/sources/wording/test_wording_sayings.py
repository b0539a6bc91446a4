"""What people say to agents, language by language: the files of `sayings` say what each line is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tokenwatch.sources.wording import wording

SAYINGS = Path(__file__).parent / "sayings"
CLASSES = ("strict", "loose", "accepts", "moves on", "control", "chore", "question", "task")


def sections(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in (SAYINGS / f"{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            found[name] = []
        elif line:
            found[name].append(line)
    return found


def said() -> Iterator[tuple[str, str]]:
    for path in sorted(SAYINGS.glob("*.txt")):
        for name in sections(path.stem):
            yield path.stem, name


def fits(name: str, text: str) -> bool:
    told = wording(text)
    match name:
        case "strict":
            return told.complaint >= 2 and told.kind == "complaint" and not told.accepts
        case "not strict":
            return told.complaint < 2
        case "loose":
            return told.complaint >= 1
        case "accepts":
            return told.accepts and told.complaint < 2
        case "not accepts":
            return not told.accepts
        case "moves on":
            return told.moves_on
        case "not moves on":
            return not told.moves_on
        case "task":
            return told.kind == "task" and told.complaint == 0 and not told.accepts
        case "mending":
            return told.kind == "task" and told.complaint < 2
        case "going on":
            return (told.accepts or told.moves_on) and told.complaint == 0
        case "control" | "chore" | "question":
            return told.kind == name and told.complaint < 2
        case _:
            return told.kind != name.removeprefix("not ")


@pytest.mark.parametrize(("language", "name"), said())
def test_sayings_are_what_their_section_says(language: str, name: str) -> None:
    assert [text for text in sections(language)[name] if not fits(name, text)] == []


@pytest.mark.parametrize("language", sorted(path.stem for path in SAYINGS.glob("*.txt")))
def test_each_language_has_enough_of_every_class(language: str) -> None:
    found = sections(language)
    assert all(len(found[name]) >= 12 for name in CLASSES), {n: len(found[n]) for n in CLASSES}


@pytest.mark.parametrize("language", sorted(path.stem for path in SAYINGS.glob("*.txt")))
def test_clear_complaints_are_told_from_all_else(language: str) -> None:
    found = sections(language)
    clear = [line for line in found["strict"] if wording(line).complaint >= 2]
    others = [
        line
        for name in ("accepts", "control", "chore", "question", "task", "not strict", "moves on")
        for line in found[name]
        if wording(line).complaint == 2
    ]
    assert len(clear) / len(found["strict"]) >= 0.95
    assert len(clear) / (len(clear) + len(others)) >= 0.95, others
