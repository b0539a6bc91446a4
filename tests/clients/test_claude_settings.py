"""Claude Code's settings with our status line and hooks, and without them again."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from tokenwatch.clients.claude_settings import (
    Hook,
    has_our_status_line,
    hooks,
    is_our_hook,
    is_our_status_line,
    settings_path,
    status_line,
    with_hooks,
    with_status_line,
    without_hooks,
    without_ours,
    without_status_line,
    wrapped,
    wrapping,
)
from tokenwatch.clients.json_text import JsonTextError
from tokenwatch.clients.running import command_line, words_behind
from tokenwatch.errors import ClientSettingsError

OURS = "/opt/x y/tokenwatch"
LINE = f"'{OURS}' statusline"
RUN = f"'{OURS}' hooks run"
HOOKS = {
    "UserPromptSubmit": [Hook(RUN, timeout=5)],
    "PreToolUse": [Hook(RUN, matcher="*", timeout=5)],
}
FOREIGN = "~/.claude/sl.sh --it's"
FILES = [
    "",
    "{}",
    "{ }\n",
    '{"model":"opus"}',
    '{\n  "model": "opus",\n  "hooks": {}\n}\n',
    '{\r\n\t"hooks": {\r\n\t\t"Stop": []\r\n\t},\r\n\t"a": "\u00fc"\r\n}',
    '\ufeff{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command",'
    ' "command": "lint"}]}], "UserPromptSubmit": [ ]}, "model": 1, "model": 2}',
    '{\n    "statusLine": {\n        "type": "command",\n        "command": "\\u007e/sl.sh",\n'
    '        "padding": 0\n    }\n}\n',
]


@pytest.mark.parametrize("text", FILES)
def test_everything_of_ours_comes_out_again_in_any_order(text: str) -> None:
    foreign = status_line(text)
    command = LINE if foreign is None else wrapping(LINE, foreign)
    steps = {
        "line": (
            lambda now: with_status_line(now, command),
            lambda now: without_status_line(now, text),
        ),
        "hooks": (lambda now: with_hooks(now, HOOKS), lambda now: without_hooks(now, text)),
    }
    for going_in in permutations(steps):
        for coming_out in permutations(steps):
            now = text
            for name in going_in:
                now = steps[name][0](now)
                assert steps[name][0](now) == now
            assert status_line(now) == command
            assert hooks(now) == HOOKS
            for name in coming_out:
                now = steps[name][1](now)
            assert now == text


def test_a_wrapped_status_line_comes_back_as_it_was_written() -> None:
    text = '{"statusLine": {"command": "say \\u0022hi\\u0022 \\/ \\u00e9", "type": "command"}}'
    foreign = status_line(text)
    assert foreign == 'say "hi" / é'
    after = with_status_line(text, wrapping(LINE, foreign))
    assert wrapped(status_line(after) or "") == foreign
    assert without_status_line(after, text) == text
    assert json.loads(without_status_line(after, None)) == json.loads(text)


def test_what_the_client_rewrote_meanwhile_stays_as_it_wrote_it() -> None:
    text = '{"model":"opus"}'
    now = json.loads(with_hooks(with_status_line(text, LINE), HOOKS))
    rewritten = json.dumps({"theme": "dark", **now}, indent=4)
    assert without_ours(rewritten, text) == json.dumps({"theme": "dark", "model": "opus"}, indent=4)


def test_a_new_set_of_hooks_replaces_the_old_one_and_leaves_others() -> None:
    text = FILES[6].replace(', "UserPromptSubmit": [ ]', "")
    old = with_hooks(text, HOOKS)
    new = {"PreToolUse": [Hook(RUN, matcher="Bash"), Hook(RUN, matcher="Task")]}
    now = with_hooks(old, new)
    assert hooks(now) == new
    found = json.loads(now.removeprefix("\ufeff"))["hooks"]["PreToolUse"]
    assert [group["matcher"] for group in found] == ["Bash", "Bash", "Task"]
    assert without_hooks(now, text) == text


def test_a_hook_of_ours_in_a_group_of_others_comes_out_alone() -> None:
    mine = {"type": "command", "command": "lint"}
    ours = {"type": "command", "command": RUN}
    text = json.dumps({"hooks": {"Stop": [{"hooks": [mine, ours]}, 7, {"hooks": [ours, mine]}]}})
    assert hooks(text) == {"Stop": [Hook(RUN), Hook(RUN)]}
    assert json.loads(without_hooks(text, None)) == {
        "hooks": {"Stop": [{"hooks": [mine]}, 7, {"hooks": [mine]}]}
    }


def test_no_hooks_wanted_means_none_of_ours() -> None:
    assert with_hooks(with_hooks('{"a": 1}', HOOKS), {}) == '{"a": 1}'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"hooks": []}', '"hooks" is no object'),
        ('{"hooks": null}', '"hooks" is no object'),
        ('{"hooks": {"PreToolUse": {}}}', '"hooks.PreToolUse" is no list'),
        ('{"hooks": {"Stop": "x"}}', '"hooks.Stop" is no list'),
        ("[]", "no object"),
        ('{"a": 1,}', "a comma before"),
    ],
)
def test_hooks_of_another_kind_are_named_not_replaced(text: str, named: str) -> None:
    with pytest.raises(JsonTextError, match=named):
        with_hooks(text, HOOKS)
    with pytest.raises(JsonTextError, match=named):
        without_hooks(text, None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"statusLine": "x"}', '"statusLine" is no object'),
        ('{"statusLine": null}', '"statusLine" is no object'),
        ('{"statusLine": {"type": "command"}}', '"statusLine.command" is no text'),
        ('{"statusLine": {"command": 1}}', '"statusLine.command" is no text'),
        ("7", "no object"),
    ],
)
def test_a_status_line_of_another_kind_is_named_not_replaced(text: str, named: str) -> None:
    with pytest.raises(JsonTextError, match=named):
        with_status_line(text, LINE)
    with pytest.raises(JsonTextError, match=named):
        without_status_line(text, None)


@pytest.mark.parametrize("hooks", ["[]", "null", '{"Stop": "x"}'])
def test_what_is_strange_elsewhere_is_in_nobodys_way(hooks: str) -> None:
    text = f'{{"hooks": {hooks}, "statusLine": {json.dumps({"command": LINE})}}}'
    assert json.loads(without_ours(text, None)) == {"hooks": json.loads(hooks)}
    text = json.dumps({"statusLine": None, "hooks": {"Stop": [{"hooks": [{"command": RUN}]}]}})
    assert json.loads(without_ours(text, None)) == {"statusLine": None}


def test_a_foreign_status_line_is_left_alone() -> None:
    text = json.dumps({"statusLine": {"type": "command", "command": FOREIGN}})
    assert without_ours(text, None) == text


@pytest.mark.parametrize(
    ("command", "is_ours"),
    [
        (LINE, True),
        (wrapping(LINE, FOREIGN), True),
        ("tokenwatch statusline --wrap=x", True),
        ("/usr/bin/python3.11 -P -m tokenwatch statusline", True),
        ("python -m tokenwatch statusline", True),
        ("TOKENWATCH_DATA_DIR=/d tokenwatch statusline", True),
        ("tokenwatch statusline | head", False),
        ("tokenwatch glance --once", False),
        ("bar.sh tokenwatch statusline", False),
        ("echo 'tokenwatch statusline", False),
        ("tokenwatch", False),
        ("", False),
        ("A=1", False),
    ],
)
def test_ours_is_told_by_what_it_runs(command: str, is_ours: bool) -> None:
    assert is_our_status_line(command) is is_ours
    assert (
        is_our_hook(command.replace("statusline", "hooks run"))
        is (is_ours or command.endswith("| head"))
        or "--wrap" in command
    )


@pytest.mark.parametrize(
    ("command", "is_in_it"),
    [
        ("tokenwatch statusline | head -1", True),
        ("/opt/a\\ b/tokenwatch statusline 2>/dev/null", True),
        ("env A=1 tokenwatch statusline", True),
        ("cat|tokenwatch statusline;date", True),
        ("cd /x && python3 -P -m tokenwatch statusline", True),
        ("tokenwatch statusline --wrap a b", True),
        (LINE, False),
        (wrapping(LINE, FOREIGN), False),
        (FOREIGN, False),
        ("tokenwatch glance --once; echo statusline", False),
        ("echo 'tokenwatch statusline", False),
        ("echo 'tokenwatch statusline'", False),
        ("", False),
    ],
)
def test_ours_is_found_in_a_longer_line(command: str, is_in_it: bool) -> None:
    assert has_our_status_line(command) is is_in_it


def test_the_line_for_a_shell_names_a_program_and_is_known_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "a b" / "tokenwatch"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(program)])
    assert command_line("statusline") == f"'{program}' statusline"
    monkeypatch.setattr("sys.argv", ["/somewhere/tokenwatch/__main__.py"])
    monkeypatch.setenv("PATH", str(program.parent))
    assert command_line("hooks", "run") == f"'{program}' hooks run"
    monkeypatch.setenv("PATH", str(tmp_path))
    line = command_line("statusline")
    assert line.endswith(" -P -m tokenwatch statusline") and line.startswith("/")
    assert words_behind(line) == ["statusline"]


def test_a_folder_that_is_named_must_be_there(sandbox: Path) -> None:
    (sandbox / "work").mkdir()
    assert settings_path("~/work") == sandbox / "work" / "settings.json"
    with pytest.raises(ClientSettingsError, match="there is no"):
        settings_path(str(sandbox / "none"))
    with pytest.raises(ClientSettingsError, match="no folder is named"):
        settings_path("")
