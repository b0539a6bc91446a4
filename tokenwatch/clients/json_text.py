"""Change a JSON text and leave every byte that has nothing to do with the change as it was.

Line ends, a BOM, the order of keys, keys that are there twice and the way numbers are written stay.
What is added is indented like what stands around it, and always comes last in its object or list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

Path = Sequence[str | int]
"""Keys of objects and positions in lists, from the outermost in. Of equal keys the last counts."""

BOM = "\ufeff"
DEEPEST = 100
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


class JsonTextError(ValueError):
    """The text is no JSON, or has something else at a path than a change needs."""


class Node(NamedTuple):
    """A value, and where it stands in the text: [start, end)."""

    kind: str
    """object, list, or scalar."""
    start: int
    end: int
    items: tuple[Item, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether it is an object or a list without anything in it."""
        return self.kind != "scalar" and not self.items


class Item(NamedTuple):
    """A member of an object, or an element of a list (whose key is None)."""

    key: str | None
    start: int
    """Where its key begins, or an element itself."""
    node: Node


def parse(text: str) -> Node | None:
    """Return the value of a text; None of a blank one.

    Raises JsonTextError with the line and the column of what is wrong.
    """
    at = _SPACE.match(text, 1 if text.startswith(BOM) else 0).end()  # type: ignore[union-attr]
    if at == len(text):
        return None
    node = _Parser(text).value(at, 0)
    end = _SPACE.match(text, node.end).end()  # type: ignore[union-attr]
    if end != len(text):
        raise _wrong(text, end, "more text behind the end")
    return node


def find(root: Node | None, path: Path) -> Node | None:
    """Return what stands at a path; None where nothing does."""
    node = root
    for step in path:
        if node is None:
            return None
        if isinstance(step, int):
            if node.kind != "list" or not 0 <= step < len(node.items):
                return None
            node = node.items[step].node
        else:
            members = node.items if node.kind == "object" else ()
            node = next((item.node for item in reversed(members) if item.key == step), None)
    return node


def value(text: str, node: Node | None) -> object:
    """Return what a node of a text means; None of no node."""
    return None if node is None else json.loads(text[node.start : node.end])


def put(text: str, path: Path, new: object) -> str:
    """Return the text with a value at a path of keys, in place of one that is there.

    Objects that lack on the way are made. Raises JsonTextError where something else is in the way.
    """
    root = parse(text)
    there = find(root, path)
    if there is None:
        return _added(text, root, path, new)
    return text[: there.start] + _line(new) + text[there.end :]


def append(text: str, path: Path, new: object) -> str:
    """Return the text with one more element in the list at a path of keys, which may lack."""
    root = parse(text)
    there = find(root, path)
    if there is None:
        return _added(text, root, path, [new])
    if there.kind != "list":
        raise JsonTextError(f"{dotted(path)} is no list")
    return _inserted(text, root, there, None, new)


def take_out(text: str, path: Path, before: str | None) -> str:
    """Return the text without what stands at a path; unchanged where nothing does.

    before: the text without any addition of ours, which tells whether an object or a list that is
    empty now was there before; None where there was no file or none is known: then it is taken out
    as well, and '' is returned if nothing is left at all.
    """
    root = parse(text)
    node = find(root, path)
    if root is None or node is None:
        return text
    parent = find(root, path[:-1])
    assert parent is not None
    number = next(i for i, item in enumerate(parent.items) if item.node == node)
    if len(parent.items) > 1:
        if number:
            start, end = parent.items[number - 1].node.end, node.end
        else:
            start, end = parent.items[0].start, parent.items[1].start
        return text[:start] + text[end:]
    old = None if before is None else parse(before)
    was = find(old, path[:-1])
    if was is not None and before is not None and was.kind == parent.kind:
        empty = (
            before[was.start : was.end]
            if was.is_empty
            else text[parent.start] + "}]"[parent.kind == "list"]
        )
        return text[: parent.start] + empty + text[parent.end :]
    if len(path) > 1:
        return take_out(text, path[:-1], before)
    return before or ""


def dotted(path: Path) -> str:
    """Return a path as people write it: `"hooks.Stop"`."""
    return '"' + ".".join(map(str, path)) + '"'


def _added(text: str, root: Node | None, path: Path, new: object) -> str:
    """Add a value at a path of which the last key, and maybe others before it, are not there."""
    if root is None:
        for key in reversed(path):
            new = {key: new}
        newline = _newline(text)
        return text[: text.startswith(BOM)] + _lines(new, "", "  ", newline) + newline
    known = 0
    while find(root, path[: known + 1]) is not None:
        known += 1
    for key in reversed(path[known + 1 :]):
        new = {key: new}
    parent = find(root, path[:known])
    if parent is None or parent.kind != "object":
        raise JsonTextError(f"{dotted(path[:known])} is no object" if known else "it is no object")
    return _inserted(text, root, parent, str(path[known]), new)


def _inserted(text: str, root: Node | None, parent: Node, key: str | None, new: object) -> str:
    """Add a member or an element behind the last one."""
    assert root is not None
    head = "" if key is None else _line(key) + ": "
    newline, unit = _newline(text), _unit(text, root)
    if not parent.items:
        opening, closing = text[parent.start], text[parent.end - 1]
        if unit is None:
            inner = head + _line(new)
        else:
            base = _indent(text, parent.start)
            inner = newline + base + unit + head + _lines(new, base + unit, unit, newline)
            inner += newline + base
        return text[: parent.start] + opening + inner + closing + text[parent.end :]
    last = parent.items[-1]
    space = _space_before(text, last.start)
    if "\n" in space or "\r" in space:
        indent = re.split(r"[\r\n]", space)[-1]
        added = newline + indent + head + _lines(new, indent, unit or "  ", newline)
    else:
        added = (space if len(parent.items) > 1 else " ") + head + _line(new)
    return text[: last.node.end] + "," + added + text[last.node.end :]


def _newline(text: str) -> str:
    if "\r\n" in text:
        return "\r\n"
    return "\r" if "\r" in text and "\n" not in text else "\n"


def _unit(text: str, root: Node) -> str | None:
    """Return by how much the text is indented; None of a text in one line that holds something."""
    if not root.items:
        return "  "
    space = _space_before(text, root.items[0].start)
    if "\n" in space or "\r" in space:
        return re.split(r"[\r\n]", space)[-1] or "  "
    return None


def _space_before(text: str, at: int) -> str:
    start = at
    while start and text[start - 1] in " \t\r\n":
        start -= 1
    return text[start:at]


def _indent(text: str, at: int) -> str:
    """Return the blanks at the beginning of the line of a place."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    end = start
    while text[end] in " \t":
        end += 1
    return text[start:end]


def _line(new: object) -> str:
    return _printable(json.dumps(new, ensure_ascii=False), new, None)


def _lines(new: object, base: str, unit: str, newline: str) -> str:
    text = _printable(json.dumps(new, ensure_ascii=False, indent=unit), new, unit)
    return text.replace("\n", newline + base)


def _printable(text: str, new: object, unit: str | None) -> str:
    """Return the text, or one with escapes where UTF-8 has no bytes for a part of it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(new, indent=unit)
    return text


def _wrong(text: str, at: int, what: str) -> JsonTextError:
    lines = re.split(r"\r\n|\r|\n", text[:at])
    column = len(lines[-1].removeprefix(BOM)) + 1
    return JsonTextError(f"line {len(lines)}, column {column}: {what}")


class _Parser:
    """Finds where each value stands."""

    def __init__(self, text: str) -> None:
        self.text = text

    def value(self, at: int, depth: int) -> Node:
        first = self.text[at : at + 1]
        if first in ("{", "["):
            if depth >= DEEPEST:
                raise _wrong(self.text, at, f"more than {DEEPEST} objects and lists in each other")
            return self._container(at, depth, "object" if first == "{" else "list")
        if first == '"':
            return Node("scalar", at, self._string(at)[1])
        found = _SCALAR.match(self.text, at)
        if found is None:
            raise _wrong(self.text, at, self._strange(at))
        return Node("scalar", at, found.end())

    def _strange(self, at: int) -> str:
        if self.text.startswith(("//", "/*", "#"), at):
            return "a comment, which JSON does not have"
        return "a value is missing" if at < len(self.text) else "the text ends too early"

    def _string(self, at: int) -> tuple[str, int]:
        try:
            found, end = _DECODER.raw_decode(self.text, at)
            return str(found), end
        except json.JSONDecodeError as error:
            raise _wrong(self.text, error.pos, "a string that is none") from None

    def _space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        assert found is not None
        return found.end()

    def _container(self, start: int, depth: int, kind: str) -> Node:
        closing = "}" if kind == "object" else "]"
        at = self._space(start + 1)
        if self.text[at : at + 1] == closing:
            return Node(kind, start, at + 1)
        items = []
        while True:
            items.append(self._item(at, depth, kind))
            at = self._space(items[-1].node.end)
            if self.text[at : at + 1] == closing:
                return Node(kind, start, at + 1, tuple(items))
            if self.text[at : at + 1] != ",":
                what = self._strange(at) if at >= len(self.text) else f"',' or '{closing}' lacks"
                if self.text.startswith(("//", "/*", "#"), at):
                    what = self._strange(at)
                raise _wrong(self.text, at, what)
            comma, at = at, self._space(at + 1)
            if self.text[at : at + 1] == closing:
                raise _wrong(self.text, comma, f"a comma before '{closing}'")

    def _item(self, at: int, depth: int, kind: str) -> Item:
        if kind == "list":
            node = self.value(at, depth + 1)
            return Item(None, at, node)
        if self.text[at : at + 1] != '"':
            what = self._strange(at)
            raise _wrong(self.text, at, "a key is missing" if "value" in what else what)
        key, end = self._string(at)
        end = self._space(end)
        if self.text[end : end + 1] != ":":
            raise _wrong(self.text, end, "':' lacks")
        return Item(key, at, self.value(self._space(end + 1), depth + 1))
