"""Settings, and where our files are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokenwatch import paths
from tokenwatch.config import Config, ExtraRoot, catalogue, load
from tokenwatch.errors import ConfigError, TokenwatchError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_no_file_is_the_defaults(file: Path) -> None:
    assert load(file) == Config() == Config(titles="full", roots=())
    assert load(file / "deeper" / "config.toml") == Config()


def test_all_settings(file: Path, sandbox: Path) -> None:
    file.write_text(
        'titles = "none"\n'
        '[[roots]]\nsource = "codex"\npath = "~/old/.codex"\nlabel = "old laptop"\n'
        '[[roots]]\nsource = "claude-code"\npath = "/mnt/logs"\n',
        encoding="utf-8-sig",
    )
    assert load(file) == Config(
        titles="none",
        roots=(
            ExtraRoot(source="codex", path=sandbox / "old/.codex", label="old laptop"),
            ExtraRoot(source="claude-code", path=Path("/mnt/logs")),
        ),
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("= 1", "line 1"),
        ('Titles = "full"', "'Titles'"),
        ('titles = ""', "titles = ''"),
        ("titles = true", "titles = true"),
        ("roots = {}", "[[roots]]"),
        ("roots = [[]]", "[[roots]]"),
        ('[[roots]]\nsource = "codex"\npath = "./x"', "'./x'"),
        ('[[roots]]\nsource = 1\npath = "/x"', "source = 1"),
    ],
)
def test_a_wrong_setting_names_file_key_and_value(file: Path, text: str, named: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(file)
    assert str(file) in str(error.value) and named in str(error.value)
    assert "\n" not in str(error.value)


def test_variables_choose_the_folders(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENWATCH_DATA_DIR", "~/ours")
    monkeypatch.setenv("TOKENWATCH_CONFIG_DIR", "~nobody-knows/x")
    assert paths.data_dir() == sandbox / "ours"
    assert paths.config_dir() == Path("~nobody-knows/x")
    assert paths.ledger().parent == paths.prices().parent == paths.log().parent == sandbox / "ours"


def test_the_platform_chooses_otherwise(sandbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKENWATCH_DATA_DIR", "")
    monkeypatch.delenv("TOKENWATCH_CONFIG_DIR")
    for folder in (paths.data_dir(), paths.config_dir()):
        assert folder.is_relative_to(sandbox) and folder.name == "tokenwatch"


def test_a_user_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.delenv("TOKENWATCH_DATA_DIR")
    for place in (paths.home, paths.data_dir):
        with pytest.raises(TokenwatchError, match="set HOME"):
            place()


def test_a_folder_of_ours_is_private(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    paths.make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    paths.make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_readme_documents_every_setting() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    table = readme.partition("<!-- settings -->\n")[2].partition("<!-- /settings -->")[0]
    assert table.strip() == catalogue.reference().strip()
