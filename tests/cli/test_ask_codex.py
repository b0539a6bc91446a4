"""`tokenwatch quota --ask-codex`: a program of that name on the PATH is asked, and ended."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.box import NOW_MS, Box, assert_ended, one_line
from tokenwatch.errors import TokenwatchError
from tokenwatch.sources.codex.app_server import ask, limits

RESET = NOW_MS // 1000 + 3600
MAIN = {
    "limitId": "codex",
    "primary": {"usedPercent": 25, "windowDurationMins": 300, "resetsAt": RESET},
    "secondary": {"usedPercent": 5.5, "windowDurationMins": 10080, "resetsAt": RESET + 99_999},
    "credits": None,
    "planType": "pro",
}
FAKE = """#!{python}
import json, os, sys, time
assert sys.argv[1:] == ["app-server"]
open({pid!r}, "w").write(str(os.getpid()))
def say(**what):
    print(json.dumps(what), flush=True)
for line in sys.stdin:
    told = json.loads(line)
    assert "jsonrpc" not in told
    if told["method"] == "initialize":
        assert told["params"]["clientInfo"]["name"] == "tokenwatch"
        print("not json", flush=True)
        say(method="noise", params={{}})
        say(id=0, result={{"userAgent": "fake", "home": os.environ.get("CODEX_HOME")}})
        known = False
    elif told["method"] == "initialized":
        known = True
    elif told["method"] == "account/rateLimits/read":
        assert known
        say(id=7, result="another's")
        {answer}
"""


def fake(box: Box, answer: str, *, path: Path | None = None) -> Box:
    """Return the box with a codex that answers so."""
    folder = path or box.folder / "bin"
    folder.mkdir(exist_ok=True)
    program = folder / "codex"
    pid = str(box.folder / "pid")
    program.write_text(FAKE.format(python=sys.executable, pid=pid, answer=answer))
    program.chmod(0o755)
    box.codex.mkdir(exist_ok=True)
    return Box(box.folder, more={"PATH": str(folder), "TOKENWATCH_OFFLINE": "0"})


def is_over(box: Box) -> bool:
    """Tell whether the program that was asked has ended."""
    number = int((box.folder / "pid").read_text())
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_it_says_is_stored_and_shown(box: Box) -> None:
    asked = fake(box, f"say(id=1, error=None, result={{'rateLimits': {MAIN!r}}})")
    short, week = asked.run("quota", "--json", "--ask-codex").document["windows"]
    assert (short["from"], short["plan"], short["used_percent"]) == ("app-server", "pro", 25.0)
    assert (short["name"], week["name"], week["used_percent"]) == ("5h", "7d", 5.5)
    assert short["root"] == str(box.codex) and short["observed_at"] == "2026-11-22T14:00:00.000Z"
    assert is_over(box)
    assert len(asked.run("quota", "--json").document["windows"]) == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("say(id=1, error={'code': -32600, 'message': 'needs\\x1b ChatGPT'})", "needs\ufffd Chat"),
        ("say(id=1, error={})", "an error without words"),
        ("sys.exit(3)", "ended (with 3)"),
    ],
)
def test_what_goes_wrong_is_one_line(box: Box, answer: str, why: str) -> None:
    asked = fake(box, answer)
    result = asked.run("quota", "--ask-codex")
    assert result.code == 1 and why in result.err, result
    assert is_over(box)


def test_one_that_reads_nothing_does_not_end_us(box: Box) -> None:
    asked = fake(box, "")
    program = box.folder / "bin" / "codex"
    program.write_text("#!/bin/sh\nexec 0<&-\nexit 3\n")
    for _ in range(3):
        result = asked.spawn("quota", "--ask-codex", **asked.more)
        assert result.code == 1 and "ended (with 3)" in result.err, result


def test_what_it_left_running_is_ended(box: Box) -> None:
    pid = box.folder / "child"
    asked = fake(
        box,
        "import subprocess\n"
        f"        child = subprocess.Popen(['/bin/sleep', '600'])\n"
        f"        open({str(pid)!r}, 'w').write(str(child.pid))\n"
        "        say(id=1, result={})",
    )
    assert asked.run("quota", "--ask-codex").code == 0
    assert_ended(int(pid.read_text()))


def test_no_windows_are_none(box: Box) -> None:
    asked = fake(box, "say(id=1, result={'rateLimits': {'primary': None, 'planType': 'pro'}})")
    result = asked.run("quota", "--ask-codex", "--json")
    assert result.document["windows"] == [] and "no plan window" in result.err


def test_one_that_never_answers_is_given_up_and_ended(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tokenwatch.sources.codex import app_server

    monkeypatch.setattr(app_server, "LEAVE_S", 0.2)
    asked = fake(
        box,
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "        while True: time.sleep(1)",
    )
    since = time.monotonic()
    with pytest.raises(TokenwatchError, match="did not answer account/rateLimits/read in time"):
        ask({**asked.environment}, NOW_MS, call_s=0.3)
    assert is_over(box) and time.monotonic() - since < 15


def test_the_network_may_be_forbidden_and_codex_be_missing(box: Box) -> None:
    asked = fake(box, "")
    offline = Box(box.folder, more={**asked.more, "TOKENWATCH_OFFLINE": "1"})
    assert "forbids the network" in one_line(offline.run("quota", "--ask-codex"), 1)
    assert not (box.folder / "pid").exists()
    (box.folder / "none").mkdir()
    without = Box(box.folder, more={**asked.more, "PATH": str(box.folder / "none")})
    assert "no `codex` on the PATH" in without.run("quota", "--ask-codex").err


def test_nobody_is_asked_unasked(box: Box) -> None:
    asked = fake(box, "")
    assert asked.run("quota").code == 0
    assert not (box.folder / "pid").exists()


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (None, []),
        ({"rateLimits": 7, "rateLimitsByLimitId": []}, []),
        ({"rateLimits": {"primary": {"usedPercent": "25", "windowDurationMins": 300}}}, []),
        ({"rateLimits": {"primary": {"usedPercent": 25, "windowDurationMins": None}}}, []),
        (
            {"rateLimits": {"primary": {"usedPercent": 1, "windowDurationMins": 299}}},
            [("codex", 300, 1.0)],
        ),
        (
            {
                "rateLimits": MAIN,
                "rateLimitsByLimitId": {
                    "codex": MAIN,
                    "spark": {**MAIN, "limitId": "spark", "secondary": None},
                    "bad": 7,
                },
            },
            [("codex", 300, 25.0), ("codex", 10080, 5.5), ("spark", 300, 25.0)],
        ),
    ],
)
def test_answers(result: Any, found: list[tuple[str, int, float]]) -> None:
    seen = limits(result, NOW_MS)
    assert [(each.limit_id, each.window_minutes, each.used_percent) for each in seen] == found
