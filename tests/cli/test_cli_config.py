"""`tokenwatch config`, and what the settings change in commands."""

from __future__ import annotations

from pathlib import Path

from tests.cli.box import Box, one_line
from tests.cli.logs import assistant, claude_log, user
from tokenwatch.config import load
from tokenwatch.config.catalogue import SETTINGS
from tokenwatch.store.ledger import Ledger
from tokenwatch.store.wordings import unpacked


def test_the_list_names_every_setting_with_value_and_origin(box: Box) -> None:
    path = box.settings('[screen]\ntheme = "nord"\n[[roots]]\nsource = "codex"\npath = "/x"\n')
    document = box.run("config", "--json").document
    assert document["schema"] == "tokenwatch.config/1"
    assert (document["path"], document["exists"]) == (str(path), True)
    rows = {row["key"]: row for row in document["rows"]}
    assert list(rows) == [known.key for known in SETTINGS]
    theme = rows["screen.theme"]
    assert (theme["value"], theme["default"], theme["origin"]) == ("nord", "dark", "config.toml")
    assert rows["timezone"]["value"] is None and rows["timezone"]["allowed"] is None
    assert rows["screen.ascii"]["origin"] == "default" and rows["screen.ascii"]["value"] is False
    assert document["roots"] == [{"source": "codex", "path": "/x", "label": None}]
    text = box.run("config").out
    assert ["screen.theme", '"nord"'] in [line.split()[:2] for line in text.splitlines()]
    assert "/x" in text and str(path) in text
    assert box.run("config", "list").out == text


def test_the_environment_is_named_where_it_wins(box: Box) -> None:
    other = Box(box.folder, more={"NO_COLOR": "1", "TOKENWATCH_ASCII": "1"})
    rows = {row["key"]: row["origin"] for row in other.run("config", "--json").document["rows"]}
    assert rows["screen.theme"] == "NO_COLOR"
    assert rows["screen.ascii"] == "TOKENWATCH_ASCII=1"
    assert "NO_COLOR in the environment wins" in other.run("config", "set", *NORD).out


NORD = ("screen.theme", "nord")


def test_set_and_unset(box: Box) -> None:
    path = Path(box.run("config", "path").out.strip())
    assert not path.exists()
    assert 'screen.theme = "nord"' in box.run("config", "set", *NORD).out
    assert "screen.mouse = false" in box.run("config", "set", "screen.mouse", "false").out
    box.run("config", "set", "timezone", "Asia/Tokyo")
    found = load(path)
    assert (found.screen.theme, found.screen.mouse, found.timezone) == ("nord", False, "Asia/Tokyo")
    assert "(this machine's)" in box.run("config", "unset", "timezone").out
    assert load(path).timezone is None


def test_a_list_of_texts(box: Box) -> None:
    path = Path(box.run("config", "path").out.strip())
    said = box.run("config", "set", "waste.complaints", "otra vez igual, ¿en serio?").out
    assert 'waste.complaints = ["otra vez igual", "¿en serio?"]' in said
    assert load(path).waste.complaints == ("otra vez igual", "¿en serio?")
    box.run("config", "set", "waste.complaints", '["no, no", "\\"never\\""]')
    assert load(path).waste.complaints == ("no, no", '"never"')
    rows = {row["key"]: row for row in box.run("config", "--json").document["rows"]}
    assert rows["waste.complaints"]["value"] == ["no, no", '"never"']
    assert "(none beside" in box.run("config", "unset", "waste.complaints").out
    assert load(path).waste.complaints == ()
    for wrong in ("x", "a" * 81, "??", "[1]", "[", ",".join(["ab"] * 41)):
        line = one_line(box.run("config", "set", "waste.complaints", wrong), 2)
        assert "up to 40 texts" in line
    assert load(path).waste.complaints == ()


def test_own_complaints_reach_what_is_read(box: Box) -> None:
    records = [
        user("zefix nomoi, schau auf das formular", "2026-11-21T10:00:00.000Z"),
        assistant("msg_1"),
    ]
    box.settings('[waste]\ncomplaints = ["Zefix nomoi"]\n')
    claude_log(box.claude, records)
    assert box.run("waste", "--json").document["unread_sessions"] == 0
    ledger = Ledger.open(box.data / "ledger.sqlite")
    (row,) = ledger.sql.execute("SELECT wording FROM prompts")
    ledger.close()
    assert unpacked(row[0]).complaint == 1


def test_what_cannot_be_set_is_refused(box: Box) -> None:
    line = one_line(box.run("config", "set", "screen.theme", "norden"), 2)
    assert "'norden'" in line and "dark, light" in line and "did you mean 'nord'?" in line
    line = one_line(box.run("config", "set", "theme", "nord"), 2)
    assert "'theme'" in line and "did you mean 'screen.theme'?" in line
    assert "'yes'" in one_line(box.run("config", "set", "screen.mouse", "yes"), 2)
    assert "tables" in one_line(box.run("config", "set", "roots", "/x"), 2)
    assert "set KEY VALUE" in one_line(box.run("config", "set", "titles"), 2)
    assert "config list" in one_line(box.run("config", "list", "titles"), 2)
    assert "'show'" in one_line(box.run("config", "show"), 2)
    assert not box.settings("").read_text()
    path = box.settings("titles = 3")
    assert "titles = 3" in one_line(box.run("config", "set", *NORD), 2)
    assert path.read_text() == "titles = 3"
    path.write_text("")
    path.chmod(0o400)
    assert "read-only" in one_line(box.run("config", "set", *NORD), 1)


def test_check(box: Box) -> None:
    assert "not there" in box.run("config", "check").out
    path = box.settings('titles = "none"')
    assert box.run("config", "check").out == f"{path}: no problems found\n"
    assert box.run("config", "check", "--json").document["problems"] == []
    box.settings("titles = 1\nx = 2\n")
    result = box.run("config", "check")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 2)
    result = box.run("config", "check", "--json")
    assert result.code == 2 and '"problems": ["' in result.out and "line 2" in result.out


def test_the_zone_of_the_settings_is_every_commands(box: Box) -> None:
    box.settings('timezone = "Asia/Tokyo"')
    for command in ("report", "sessions", "prices list", "config", "doctor"):
        assert box.run(*command.split(), "--json").document["timezone"] == "Asia/Tokyo"
    for command in ("report", "prices list"):
        found = box.run(*command.split(), "--json", "--timezone", "UTC")
        assert found.document["timezone"] == "UTC"


def test_doctor_names_the_file_and_what_it_chooses(box: Box) -> None:
    claude_log(box.claude, [assistant("msg_01a1")])
    path = box.folder / "config" / "config.toml"
    assert f"settings: {path}, all are the defaults" in box.run("doctor").out
    box.settings('titles = "none"\n[screen]\nmouse = false\n')
    assert f"settings: {path}, screen.mouse, titles" in box.run("doctor").out
    assert box.run("doctor", "--json").document["settings"] == {
        "path": str(path),
        "chosen": ["screen.mouse", "titles"],
    }
    assert str(path) not in box.run("doctor", "--redact").out
