"""`tokenwatch hooks`: what is put into clients' settings, taken out of them, and told."""

from __future__ import annotations

import io
import json
import os
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import NOW_MS, Box, one_line
from tests.guard.states import SESSION, cap, made, over, prompt, running
from tokenwatch.clients import codex_hooks
from tokenwatch.guard import record
from tokenwatch.guard.decide import Decision
from tokenwatch.guard.state import NAME, write

CLAUDE = '{\n  "model": "opus",\n  "hooks": {"Stop": [{"hooks": [{"type": "command"}]}]}\n}\n'
OLD, MIDDLE, NEW = "codex-cli 0.42.0", "codex-cli 0.121.0", "codex-cli 0.169.0"
FEATURES = {
    OLD: "",
    MIDDLE: "apps   stable   true\ncodex_hooks    under development  false\n",
    NEW: "goals   stable   true\nhooks     stable             true\n",
}


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A home with Claude Code; no program codex is found there."""
    (tmp_path / "bin").mkdir()
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text(CLAUDE)
    return Box(tmp_path, more={"PATH": str(tmp_path / "bin")})


def with_codex(box: Box, version: str, config: str = 'model = "x"\n[features]\na = true\n') -> None:
    """Put a program codex there that tells its version and features."""
    box.codex.mkdir()
    (box.codex / "config.toml").write_text(config)
    program = box.folder / "bin" / "codex"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"if sys.argv[1:] == ['--version']: print({version!r})\n"
        f"elif sys.argv[1:] == ['features', 'list'] and {FEATURES[version]!r}:\n"
        f"    print({FEATURES[version]!r})\n"
        "else: sys.exit(2)\n"
    )
    program.chmod(0o755)


def settings(box: Box) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((box.claude / "settings.json").read_text())
    return found


def contents(box: Box) -> dict[str, bytes]:
    """Return the files of both clients."""
    return {
        str(path): path.read_bytes()
        for root in (box.claude, box.codex)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_hooks_come_and_go_byte_for_byte(box: Box) -> None:
    before = contents(box)
    result = box.run("hooks", "install", "--yes")
    assert result.code == 0, result.err
    assert '+  "hooks": {"Stop"' in result.out and "Claude Code: installed" in result.out
    hooks = settings(box)["hooks"]
    assert hooks["Stop"] == [{"hooks": [{"type": "command"}]}]
    for event in ("UserPromptSubmit", "PreToolUse"):
        (group,) = hooks[event]
        (hook,) = group["hooks"]
        assert hook["command"].endswith(" hooks run") and hook["timeout"] == 5
    again = box.run("hooks", "install", "--yes")
    assert again.code == 0 and "Claude Code: installed already" in again.out
    result = box.run("hooks", "uninstall", "--yes")
    assert result.code == 0 and "Claude Code: uninstalled" in result.out
    assert contents(box) == before
    assert "Claude Code: not installed" in box.run("hooks", "uninstall", "--yes").out


def test_where_there_are_no_settings_they_are_made_and_removed(box: Box) -> None:
    (box.claude / "settings.json").unlink()
    assert box.run("hooks", "install", "--yes").code == 0
    assert set(settings(box)) == {"hooks"}
    assert box.run("hooks", "uninstall", "--yes").code == 0
    assert contents(box) == {}


def test_nothing_is_written_unasked(box: Box) -> None:
    before = contents(box)
    result = box.spawn("hooks", "install")
    assert result.code == 2 and "--yes is needed" in result.err
    assert '+  "hooks"' in result.out
    assert contents(box) == before


class Person(io.StringIO):
    """Somebody at a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "agrees"),
    [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False), ("", False)],
)
def test_who_is_asked_decides(
    box: Box, monkeypatch: pytest.MonkeyPatch, typed: str, agrees: bool
) -> None:
    before = contents(box)
    monkeypatch.setattr(sys, "stdin", Person(typed))
    result = box.run("hooks", "install")
    assert result.code == 0
    assert f"Write this to {box.claude}/settings.json? [y/N] " in result.out
    assert ("left as it was" in result.out) is not agrees
    assert (contents(box) == before) is not agrees


@pytest.mark.parametrize("text", ["{", "[]", '{"hooks": []}', '{"hooks": {"PreToolUse": {}}}'])
def test_settings_that_are_broken_are_left_alone(box: Box, text: str) -> None:
    (box.claude / "settings.json").write_text(text)
    before = contents(box)
    for action in ("install", "uninstall"):
        result = box.run("hooks", action, "--yes")
        assert result.code == 1 and "settings.json" in result.err
    assert contents(box) == before
    assert box.run("hooks").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("status --yes", "--yes belongs to hooks install and uninstall, not to status"),
        ("install --json", "--json belongs to hooks status, not to install"),
    ],
)
def test_wrong_options_are_refused(box: Box, words: str, said: str) -> None:
    assert one_line(box.run("hooks", *words.split()), 2) == said


def test_no_client_at_all_is_said(tmp_path: Path) -> None:
    said = one_line(Box(tmp_path).run("hooks", "install", "--yes"), 2)
    assert said.startswith("neither Claude Code nor Codex has a folder here")


# Codex ---------------------------------------------------------------------------------------


def test_codex_with_hooks_gets_them(box: Box) -> None:
    with_codex(box, NEW)
    before = contents(box)
    result = box.run("hooks", "install", "--client", "codex", "--yes")
    assert result.code == 0, result.err
    assert "only after you trusted them" in result.out
    hooks = json.loads((box.codex / "hooks.json").read_text())["hooks"]
    assert set(hooks) == {"UserPromptSubmit", "PreToolUse"}
    (hook,) = hooks["PreToolUse"][0]["hooks"]
    assert hook["command"].endswith(" hooks run --source codex")
    assert settings(box) == json.loads(CLAUDE)
    assert box.run("hooks", "uninstall", "--yes").code == 0
    assert contents(box) == before


def test_codex_that_needs_a_feature_says_so(box: Box) -> None:
    with_codex(box, MIDDLE)
    result = box.run("hooks", "install", "--client", "codex", "--yes")
    assert result.code == 0 and (box.codex / "hooks.json").exists()
    assert "Codex 0.121.0 runs hooks only with this: codex features enable" in result.out


def test_an_old_codex_only_tells(box: Box) -> None:
    with_codex(box, OLD)
    before = contents(box)
    result = box.run("hooks", "install", "--client", "codex", "--yes")
    assert result.code == 0, result.err
    assert "Codex 0.42.0 has no hooks: nothing can be stopped there" in result.out
    config = tomllib.loads((box.codex / "config.toml").read_text())
    assert config["notify"][-2:] == ["hooks", "notify"] and config["model"] == "x"
    assert not (box.codex / "hooks.json").exists()
    assert "notify: " in box.run("hooks").out
    assert box.run("hooks", "uninstall", "--yes").code == 0
    assert contents(box) == before


def test_the_notify_of_others_is_left_alone(box: Box) -> None:
    with_codex(box, OLD, 'notify = ["say", "done"]\n')
    before = contents(box)
    result = box.run("hooks", "install", "--client", "codex", "--yes")
    assert result.code == 1 and "taken by another program" in result.err
    assert contents(box) == before


def test_a_codex_that_is_not_found_is_no_failure_unless_asked_for(box: Box) -> None:
    box.codex.mkdir()
    assert box.run("hooks", "install", "--yes").code == 0
    result = box.run("hooks", "install", "--client", "codex", "--yes")
    assert result.code == 1 and "no program codex" in result.err


@pytest.mark.parametrize(
    ("version", "features", "ability"),
    [
        (NEW, FEATURES[NEW], "hooks"),
        (MIDDLE, FEATURES[MIDDLE], "feature"),
        (MIDDLE, FEATURES[MIDDLE].replace("false", "true"), "hooks"),
        (OLD, "", "notify"),
        (NEW, "hooks stable false", "feature"),
        (NEW, "\n \nplugin_hooks removed false\n", "notify"),
    ],
)
def test_what_a_version_can_do_is_asked_of_it(version: str, features: str, ability: str) -> None:
    found = codex_hooks.told(f"{version}\n", lambda: features)
    assert found is not None and found.ability == ability
    assert version.endswith(found.version)


@pytest.mark.parametrize("version", ["", "codex", "error: no\n"])
def test_a_program_that_tells_no_version_is_none(version: str) -> None:
    assert codex_hooks.told(version, lambda: "") is None


@pytest.mark.parametrize("text", ["", "a = 1\n", "\ufeffa = 1\r\n[t]\r\nb = 2\r\n", "# c\n[t]"])
def test_notify_comes_and_goes_byte_for_byte(text: str) -> None:
    put = codex_hooks.with_notify(text)
    words = codex_hooks.notify(put)
    assert words is not None and codex_hooks.is_ours(words)
    assert codex_hooks.with_notify(put) == put
    assert codex_hooks.without_notify(put, None) == text


@pytest.mark.parametrize("text", ["a = ", "notify = 7\n", "notify = [7]\n"])
def test_a_broken_config_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        codex_hooks.with_notify(text)


def test_a_notice_of_codex_wakes_the_monitor(box: Box) -> None:
    assert box.spawn("hooks", "notify", '{"type": "agent-turn-complete"}').code == 0
    assert (box.data / "wake").exists()


# status --------------------------------------------------------------------------------------


def test_status_of_nothing(box: Box) -> None:
    result = box.run("hooks")
    assert result.code == 0
    assert "Claude Code: not installed" in result.out
    assert "state: none yet" in result.out


def test_status_tells_what_there_is(box: Box) -> None:
    box.data.mkdir()
    box.run("hooks", "install", "--yes")
    state = made(budgets=[over()], caps=[cap(2)], running=[running("main", "plan", spawned=3)])
    write(str(box.data), state)
    record.decided(str(box.data), NOW_MS - 60_000, prompt(), Decision("block", "budget:daily", "x"))
    record.failed(str(box.data), NOW_MS - 5_000, "OSError: why\x1b[2J")
    out = box.run("hooks").out
    assert "  UserPromptSubmit: " in out and "  PreToolUse: " in out
    assert f"state: 0 s old, written by the monitor (process {os.getpid()})\n" in out
    assert "  exceeded: Budget daily: $20.40 of $20.00 used today\n" in out
    assert "  few: at most 2 agents at once in a session\n" in out
    assert f"  session {SESSION[:8]}: 2 agents run, 3 subagents started in 10 minutes\n" in out
    assert "hooks failed 1 times and let go on; the last, 5 s ago: OSError: why\ufffd[2J" in out
    assert f"  1 m ago {SESSION[:8]} UserPromptSubmit: block (budget:daily)" in out
    document = box.run("hooks", "status", "--json").document
    assert document["schema"] == "tokenwatch.hooks/1"
    (client,) = document["clients"]
    assert [each["event"] for each in client["hooks"]] == ["UserPromptSubmit", "PreToolUse"]
    assert document["state"] == {
        "problem": None,
        "at": "2026-11-22T14:00:00.000Z",
        "by": "monitor",
        "budgets": ["Budget daily: $20.40 of $20.00 used today"],
        "loops": [],
    }
    assert document["failures"]["count"] == 1
    (decision,) = document["decisions"]
    assert (decision["decision"], decision["at"]) == ("block", "2026-11-22T13:59:00.000Z")


def test_a_stale_and_a_broken_state_are_told(box: Box) -> None:
    box.data.mkdir()
    write(str(box.data), made(at_ms=NOW_MS - 300_000, budgets=[over()]))
    out = box.run("hooks").out
    assert "state: 5 m old" in out and "; stale, so no tool is stopped by it" in out
    assert "exceeded" not in out
    (box.data / NAME).write_text("{")
    assert "state: broken: no JSON" in box.run("hooks").out
    assert box.run("hooks", "--json").document["state"]["problem"] == "broken: no JSON"


def test_an_allowance_is_told(box: Box) -> None:
    assert box.run("budget", "allow", "--for", "1h").code == 0
    assert "hard budgets stop nothing until 15:00" in box.run("hooks").out
    (allowance,) = box.run("hooks", "--json").document["allowances"]
    assert allowance["until_at"] == "2026-11-22T15:00:00.000Z"


def test_a_hook_that_is_missing_is_told(box: Box) -> None:
    box.run("hooks", "install", "--yes")
    found = settings(box)
    del found["hooks"]["PreToolUse"]
    (box.claude / "settings.json").write_text(json.dumps(found))
    assert "  no hook at PreToolUse\n" in box.run("hooks").out


def test_doctor_tells_of_a_guard_that_stops_nothing(box: Box) -> None:
    def told() -> list[str]:
        problems = box.run("doctor", "--json").document["problems"]
        return [each["what"] for each in problems if each["what"].startswith("the guard")]

    box.data.mkdir()
    write(str(box.data), made(at_ms=NOW_MS - 300_000))
    assert told() == []
    box.run("hooks", "install", "--yes")
    assert told() == ["the guard's state is 5 m old, so no tool is stopped by it"]
    record.failed(str(box.data), NOW_MS - 5_000, f"OSError: {box.folder}")
    assert len(told()) == 2
    assert "`tokenwatch hooks` says more" in " ".join(box.run("doctor").out.split())
    redacted = box.run("doctor", "--redact").out
    assert "guard" in redacted and str(box.folder) not in redacted


# several folders -----------------------------------------------------------------------------


def test_each_folder_that_is_named_gets_hooks(box: Box) -> None:
    """Else half of what an agent does would not be guarded, and nobody would know."""
    work = box.folder / "work"
    work.mkdir()
    (work / "settings.json").write_text("{}")
    two = Box(box.folder, more={**box.more, "CLAUDE_CONFIG_DIR": f"{box.claude}{os.pathsep}{work}"})
    before = contents(box) | {"work": (work / "settings.json").read_bytes()}
    assert two.run("hooks", "install", "--yes").out.count("Claude Code: installed") == 2
    assert set(json.loads((work / "settings.json").read_text())["hooks"]) == {
        "UserPromptSubmit",
        "PreToolUse",
    }
    rows = two.run("hooks", "--json").document["clients"]
    assert [(each["client"], each["file"], len(each["hooks"])) for each in rows] == [
        ("claude-code", str(folder / "settings.json"), 2) for folder in (box.claude, work)
    ]
    assert box.run("hooks", "uninstall", "--yes").code == 0
    text = two.run("hooks").out
    assert f"Claude Code: not installed   ({box.claude}" in text
    assert f"Claude Code: installed   ({work}" in text
    assert two.run("hooks", "uninstall", "--yes").code == 0
    assert contents(box) | {"work": (work / "settings.json").read_bytes()} == before


def test_each_home_of_codex_gets_hooks(box: Box) -> None:
    with_codex(box, NEW)
    second = box.folder / "second"
    second.mkdir()
    two = Box(box.folder, more={**box.more, "CODEX_HOME": f"{box.codex}{os.pathsep}{second}"})
    assert two.run("hooks", "install", "--client", "codex", "--yes").code == 0
    assert (box.codex / "hooks.json").exists() and (second / "hooks.json").exists()
    assert two.run("hooks", "uninstall", "--client", "codex", "--yes").code == 0
    assert not (second / "hooks.json").exists()


def test_without_a_choice_one_folder_gets_hooks(box: Box) -> None:
    """Of the usual two the second is where a version kept logs, and no settings."""
    (box.folder / ".config" / "claude").mkdir(parents=True)
    usual = Box(box.folder, more={**box.more, "CLAUDE_CONFIG_DIR": ""})
    assert usual.run("hooks", "install", "--yes").code == 0
    assert not (box.folder / ".config" / "claude" / "settings.json").exists()
    (row,) = usual.run("hooks", "--json").document["clients"]
    assert len(row["hooks"]) == 2
