"""A settings file is replaced as a whole, or not at all."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from tokenwatch.clients import settings_file
from tokenwatch.clients.claude_settings import (
    Hook,
    with_hooks,
    with_status_line,
    without_hooks,
    without_ours,
    without_status_line,
)
from tokenwatch.clients.settings_file import (
    Change,
    apply,
    backup_path,
    difference,
    installing,
    uninstalling,
)
from tokenwatch.errors import ClientSettingsError

LINE = "/opt/tokenwatch statusline"
TEXT = '{\n  "model": "opus",\n  "env": {"A": "ü"}\n}'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A settings file."""
    folder = tmp_path / ".claude"
    folder.mkdir()
    found = folder / "settings.json"
    found.write_bytes(TEXT.encode())
    found.chmod(0o640)
    return found


def install(path: Path) -> Change:
    return installing(path, lambda text: with_status_line(text, LINE), without_ours)


def uninstall(path: Path) -> Change:
    return uninstalling(path, without_status_line)


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.mark.parametrize("content", [TEXT, "", "{}", "\ufeff{ }\r\n", '{"hooks": {}}', None])
def test_installed_and_uninstalled_the_folder_is_as_it_was(path: Path, content: str | None) -> None:
    before = None if content is None else content.encode()
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)
    apply(install(path))
    assert LINE.encode() in path.read_bytes()
    assert install(path).is_none
    if before is None:
        assert path.stat().st_mode & 0o777 == 0o600
        assert not backup_path(path).exists()
    else:
        assert backup_path(path).read_bytes() == before
        assert path.stat().st_mode & 0o777 == 0o640
        assert backup_path(path).stat().st_mode & 0o777 == 0o640
    apply(uninstall(path))
    assert names(path.parent) == ([] if before is None else ["settings.json"])
    if before is not None:
        assert path.read_bytes() == before
        assert path.stat().st_mode & 0o777 == 0o640
    assert uninstall(path).is_none


@pytest.mark.parametrize("content", [TEXT, "", "{}", '{"hooks": {}}', None])
@pytest.mark.parametrize("first", ["hooks", "line"])
@pytest.mark.parametrize("last", ["hooks", "line"])
def test_what_is_put_in_twice_is_taken_out_twice(
    path: Path, content: str | None, first: str, last: str
) -> None:
    path.unlink()
    if content is not None:
        path.write_text(content)
    hooks = {"Stop": [Hook("/opt/tokenwatch hooks run", "*", 5)]}
    put = {
        "line": lambda text: with_status_line(text, LINE),
        "hooks": partial(with_hooks, wanted=hooks),
    }
    out = {"line": without_status_line, "hooks": without_hooks}
    for name in sorted(put, key=lambda name: name != first):
        apply(installing(path, put[name], without_ours))
    for name in sorted(out, key=lambda name: name == last):
        apply(uninstalling(path, out[name]))
    assert names(path.parent) == ([] if content is None else [path.name])
    assert content is None or path.read_text() == content


def test_a_backup_never_holds_anything_of_ours(path: Path) -> None:
    apply(install(path))
    path.write_bytes(path.read_bytes().replace(b'"opus"', b'"haiku"'))
    other = LINE.replace("/opt", "/new")
    change = installing(path, lambda text: with_status_line(text, other), without_ours)
    apply(change)
    assert backup_path(path).read_bytes() == TEXT.replace("opus", "haiku").encode()
    apply(uninstall(path))
    assert path.read_bytes() == TEXT.replace("opus", "haiku").encode()
    assert not backup_path(path).exists()


def test_without_the_backup_all_else_stays(path: Path) -> None:
    apply(install(path))
    backup_path(path).unlink()
    apply(uninstall(path))
    assert path.read_bytes() == TEXT.encode()


def test_a_changed_file_keeps_the_change_and_the_backup(path: Path) -> None:
    apply(install(path))
    path.write_bytes(path.read_bytes().replace(b'"opus"', b'"haiku"'))
    apply(uninstall(path))
    assert path.read_bytes() == TEXT.replace("opus", "haiku").encode()
    assert backup_path(path).read_bytes() == TEXT.encode()


def test_a_damaged_backup_is_of_no_use_and_no_harm(path: Path) -> None:
    apply(install(path))
    backup_path(path).write_bytes(b"\xff{")
    apply(uninstall(path))
    assert path.read_bytes() == TEXT.encode()


def test_the_difference_is_what_will_be_written(path: Path) -> None:
    lines = difference(install(path)).splitlines()
    assert lines[:2] == [f"--- {path}", f"+++ {path}"]
    assert '+  "statusLine": {' in lines and f'+    "command": "{LINE}"' in lines
    path.unlink()
    assert difference(install(path)).startswith("--- /dev/null\n+++ ")
    assert difference(uninstall(path)) == ""


def test_a_difference_brings_no_control_characters(path: Path) -> None:
    path.write_bytes('{"a": "\u009b31m\u202e"}'.encode())
    assert "\u009b" not in difference(install(path)) and "\u202e" not in difference(install(path))


def test_a_link_stays_one(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "claude.json"
    target.parent.mkdir()
    path.rename(target)
    path.symlink_to(target)
    apply(install(path))
    assert path.is_symlink() and LINE.encode() in target.read_bytes()
    assert names(target.parent) == ["claude.json"]
    apply(uninstall(path))
    assert path.is_symlink() and target.read_bytes() == TEXT.encode()


def test_a_link_to_nothing_leads_to_a_new_file(path: Path, tmp_path: Path) -> None:
    path.unlink()
    path.symlink_to(tmp_path / "later.json")
    apply(install(path))
    assert path.is_symlink() and LINE.encode() in (tmp_path / "later.json").read_bytes()
    apply(uninstall(path))
    assert path.is_symlink() and not path.exists()


def test_a_file_changed_meanwhile_is_left_as_it_is(path: Path) -> None:
    change = install(path)
    path.write_text('{"model": "haiku"}')
    with pytest.raises(ClientSettingsError, match="changed meanwhile"):
        apply(change)
    assert path.read_text() == '{"model": "haiku"}'
    assert names(path.parent) == ["settings.json"]


def test_a_file_changed_at_the_last_moment_is_left_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = settings_file._written

    def late(target: Path, content: bytes, found: os.stat_result | None) -> Path:
        made = real(target, content, found)
        path.write_text("{}")
        return made

    change = install(path)
    monkeypatch.setattr(settings_file, "_written", late)
    with pytest.raises(ClientSettingsError, match="changed meanwhile"):
        apply(change)
    assert path.read_text() == "{}"
    assert names(path.parent) == ["settings.json"]


def test_a_file_made_or_gone_meanwhile_is_not_overwritten(path: Path) -> None:
    change = install(path)
    path.unlink()
    with pytest.raises(ClientSettingsError, match="changed meanwhile"):
        apply(change)
    assert names(path.parent) == []
    change = install(path)
    path.write_text("{}")
    with pytest.raises(ClientSettingsError, match="changed meanwhile"):
        apply(change)
    assert path.read_text() == "{}"


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_read_only_is_refused(path: Path, what: str) -> None:
    change = install(path)
    locked = path if what == "file" else path.parent
    locked.chmod(0o440 if what == "file" else 0o500)
    try:
        with pytest.raises(ClientSettingsError, match="read-only"):
            apply(change)
    finally:
        locked.chmod(0o700)
    assert path.read_bytes() == TEXT.encode() and names(path.parent) == ["settings.json"]


def test_what_is_no_file_is_refused(path: Path) -> None:
    path.unlink()
    path.mkdir()
    with pytest.raises(ClientSettingsError, match="settings.json"):
        install(path)
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(ClientSettingsError, match="no file"):
        install(path)
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(ClientSettingsError, match="can't be changed"):
        install(path)


def test_a_file_of_two_names_is_refused(path: Path) -> None:
    os.link(path, path.with_name("same.json"))
    with pytest.raises(ClientSettingsError, match="another name"):
        apply(install(path))
    assert path.read_bytes() == TEXT.encode()


def test_a_folder_that_lacks_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none" / "settings.json"
    with pytest.raises(ClientSettingsError, match="no folder"):
        apply(install(path))
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"a": 1,}', "line 1, column 8: a comma before '}'"),
        (b"{\n  // mine\n}", "line 2, column 3: a comment"),
        (b'{\n"a": "\xff"}', "line 2 is no UTF-8"),
        ("{}".encode("utf-16"), "line 1 is no UTF-8"),
        (b"[]", "no object"),
        (b'{"statusLine": 7}', '"statusLine" is no object'),
    ],
)
def test_a_broken_file_is_named_with_the_place_and_left(
    path: Path, content: bytes, why: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(ClientSettingsError) as caught:
        install(path)
    assert str(path) in str(caught.value) and why in str(caught.value)
    assert path.read_bytes() == content and names(path.parent) == ["settings.json"]
    if b"status" not in content:
        with pytest.raises(ClientSettingsError):
            uninstall(path)


def test_a_failed_write_leaves_no_trace(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    change = install(path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ClientSettingsError, match="No space left"):
        apply(change)
    assert path.read_bytes() == TEXT.encode() and names(path.parent) == ["settings.json"]


def test_what_fails_behind_the_backup_leaves_no_trace(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace

    def locked(made: Path, target: Path) -> Path:
        if target == path:
            raise OSError(1, "Operation not permitted")
        return real(made, target)

    change = install(path)
    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(ClientSettingsError, match="not permitted"):
        apply(change)
    assert path.read_bytes() == TEXT.encode() and names(path.parent) == ["settings.json"]


def test_a_backup_that_was_there_outlives_a_failure(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(install(path))
    path.write_bytes(path.read_bytes().replace(b'"opus"', b'"haiku"'))
    change = installing(
        path, lambda text: with_status_line(text, "/x/tokenwatch statusline"), without_ours
    )

    def fails(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(settings_file, "_replace", fails)
    with pytest.raises(ClientSettingsError, match="not permitted"):
        apply(change)
    assert backup_path(path).read_bytes() == TEXT.replace("opus", "haiku").encode()
