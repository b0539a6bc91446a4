"""Changes of config.toml: one thing changes, all else stays."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tokenwatch import config
from tokenwatch.config import Config, ExtraRoot, ScreenConfig, edit
from tokenwatch.errors import ConfigError, ConfigNotWritten

COMMENTED = """\
# my settings
titles = "client"  # less

[screen]   # how it looks
# no mouse, please
mouse = false

# the old machine
[[roots]]
source = "codex"
path = "~/old/.codex" # kept
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "config.toml"


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(text.encode())
    return file


def test_a_file_is_made_for_the_first_change_and_for_its_owner_alone(file: Path) -> None:
    edit.put(file, "screen.theme", "nord")
    assert file.read_text() == '[screen]\ntheme = "nord"\n'
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    edit.put(file, "titles", "none")
    edit.put(file, "screen.ascii", True)
    assert config.load(file) == Config(titles="none", screen=ScreenConfig(theme="nord", ascii=True))
    assert list(file.parent.iterdir()) == [file], "no temporary file is left"


def test_new_lines_end_like_the_others(file: Path) -> None:
    text = "\ufeff" + COMMENTED.replace("\n", "\r\n")
    written(file, text)
    edit.put(file, "screen.theme", "nord")
    edit.put(file, "alerts.quiet", "22:00-07:00")
    edit.add_root(file, "codex", "/other", None)
    found = file.read_bytes().decode()
    assert "\n" not in found.replace("\r\n", "") and found.startswith("\ufeff# my settings\r\n")
    assert config.load(file).screen == ScreenConfig(theme="nord", mouse=False)
    written(file, '# a\r\ntitles = "none"\n')
    edit.put(file, "screen.theme", "nord")
    assert file.read_bytes().startswith(b'# a\r\ntitles = "none"\n')


def test_a_list_of_texts(file: Path) -> None:
    written(file, COMMENTED)
    edit.put(file, "waste.complaints", ("otra vez", 'so "what"'))
    assert config.load(file).waste.complaints == ("otra vez", 'so "what"')
    assert file.read_text().startswith(COMMENTED)
    edit.put(file, "waste.complaints", [])
    assert config.load(file).waste.complaints == ()


def test_all_else_stays(file: Path) -> None:
    written(file, COMMENTED)
    edit.put(file, "titles", "none")
    assert file.read_text() == COMMENTED.replace('"client"', '"none"')
    edit.put(file, "titles", "client")
    edit.put(file, "screen.mouse", True)
    assert file.read_text() == COMMENTED.replace("false", "true")
    edit.put(file, "screen.mouse", False)
    edit.put(file, "timezone", "Europe/Madrid")
    assert config.load(file).timezone == "Europe/Madrid"
    edit.unset(file, "timezone")
    lines = [line for line in file.read_text().splitlines() if line]
    assert lines == [line for line in COMMENTED.splitlines() if line]
    edit.unset(file, "screen.mouse")
    assert "# no mouse, please" in file.read_text() and "mouse =" not in file.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "titles = 'none'",
        "[screen]\nascii=true\n[[roots]]\nsource='codex'\npath='/a'\n",
        "[[roots]]\nsource='codex'\npath='/a'\n[[roots]]\nsource='codex'\npath='/b'\n[screen]\n",
        "screen = { ascii = true }\n",
        "screen.ascii = true\nscreen.mouse = false\n",
        "roots = [ {source='codex', path='/a'} ] # inline\n",
        "roots = [\n  {source='codex', path='/a'},\n  {source='codex', path='/b'},\n]\n",
        "titles = '''none'''\r\n[screen]\r\n# x\r\n",
        "\ufefftitles = 'none'\n",
    ],
)
def test_every_way_to_write_it(file: Path, text: str) -> None:
    before = config.load(written(file, text))
    for change, wanted in changes(before):
        written(file, text)
        made = change(file)
        assert config.load(file) == wanted
        edit.put_back(file, made)
        assert file.read_bytes() == text.encode()


def changes(before: Config) -> list[tuple[Callable[[Path], edit.Written], Config]]:
    """Return changes, and what the settings are after each."""
    more = ExtraRoot("claude-code", Path("/c"), "c")
    found: list[tuple[Callable[[Path], edit.Written], Config]] = [
        (lambda f: edit.put(f, "titles", "client"), before._replace(titles="client")),
        (lambda f: edit.unset(f, "titles"), before._replace(titles="full")),
        (
            lambda f: edit.put(f, "screen.theme", "plain"),
            before._replace(screen=before.screen._replace(theme="plain")),
        ),
        (
            lambda f: edit.unset(f, "screen.ascii"),
            before._replace(screen=before.screen._replace(ascii=False)),
        ),
        (
            lambda f: edit.add_root(f, "claude-code", "/c", "c"),
            before._replace(roots=(*before.roots, more)),
        ),
    ]
    for root in before.roots:
        others = tuple(r for r in before.roots if r != root)
        found.append((lambda f, r=root: edit.remove_root(f, r), before._replace(roots=others)))  # type: ignore[misc]
        found.append(
            (
                lambda f, r=root: edit.change_root(f, r, "claude-code", "/c", "c"),  # type: ignore[misc]
                before._replace(roots=tuple(more if r == root else r for r in before.roots)),
            )
        )
    return found


def test_comments_of_folders_stay(file: Path) -> None:
    written(file, COMMENTED)
    root = config.load(file).roots[0]
    edit.change_root(file, root, "codex", "~/older/.codex", None)
    assert file.read_text() == COMMENTED.replace("~/old/", "~/older/")
    edit.add_root(file, "codex", "/x", "x")
    assert file.read_text().startswith(COMMENTED.replace("~/old/", "~/older/"))
    edit.remove_root(file, ExtraRoot("codex", Path("/x"), "x"))
    assert file.read_text().rstrip() == COMMENTED.replace("~/old/", "~/older/").rstrip()


def test_a_link_stays_a_link_and_permissions_stay(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "tw.toml"
    written(real, COMMENTED)
    real.chmod(0o640)
    file.parent.mkdir()
    file.symlink_to(real)
    edit.put(file, "titles", "none")
    assert file.is_symlink() and real.read_text() == COMMENTED.replace('"client"', '"none"')
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_link_to_nothing_gets_its_file(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(tmp_path / "later.toml")
    edit.put(file, "titles", "none")
    assert file.is_symlink() and (tmp_path / "later.toml").exists()


def test_a_broken_file_is_left_alone(file: Path) -> None:
    for broken in ("titles = \n", "titels = 'x'\n"):
        written(file, broken)
        with pytest.raises(ConfigError, match="line 1"):
            edit.put(file, "titles", "none")
        assert file.read_text() == broken


def test_what_cannot_be_written_is_said(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(file, COMMENTED)
    file.chmod(0o444)
    with pytest.raises(ConfigNotWritten, match="read-only"):
        edit.put(file, "titles", "none")
    assert file.read_text() == COMMENTED
    file.chmod(0o644)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ConfigNotWritten, match="No space"):
            edit.put(file, "titles", "none")
    assert file.read_text() == COMMENTED and list(file.parent.iterdir()) == [file]
    (tmp_path / "a file").touch()
    with pytest.raises((ConfigNotWritten, ConfigError), match="config.toml: can't be"):
        edit.put(tmp_path / "a file" / "config.toml", "titles", "none")


def test_a_change_of_another_meanwhile_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(file, COMMENTED)
    sync = os.fsync

    def meanwhile(descriptor: int) -> None:
        monkeypatch.setattr(os, "fsync", sync)
        written(file, COMMENTED.replace("false", "true"))

    monkeypatch.setattr(os, "fsync", meanwhile)
    edit.put(file, "titles", "none")
    found = config.load(file)
    assert found.titles == "none" and found.screen.mouse


def test_nothing_is_undone_over_a_later_change(file: Path) -> None:
    made = edit.put(file, "titles", "none")
    edit.put(file, "titles", "client")
    with pytest.raises(ConfigNotWritten, match="meanwhile"):
        edit.put_back(file, made)
    assert config.load(file).titles == "client"
    with pytest.raises(ConfigNotWritten, match="meanwhile"):
        edit.remove_root(file, ExtraRoot("codex", Path("/x")))


def test_the_first_change_is_undone_to_no_file(file: Path) -> None:
    made = edit.put(file, "titles", "none")
    edit.put_back(file, made)
    assert not file.exists()
