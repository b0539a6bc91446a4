"""The agents' credentials are never opened, and no endpoint is asked that nobody documents.

What Python opens is watched, and a credential refused. They are pipes here, so that a program that
opened one by other means would wait for ever.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.box import Box
from tests.cli.logs import (
    SESSION,
    assistant,
    claude_log,
    codex_log,
    codex_records,
    user,
    write,
)
from tests.cli.statuses import lines, told

PACKAGE = Path(__file__).parents[1] / "tokenwatch"
SECRETS = (
    ".claude/.credentials.json",
    ".claude/sessions/123.5f0c.key",
    ".claude/server.key",
    ".claude/projects/.credentials.json",
    ".claude/projects/-home-dev-app/id.key",
    ".codex/auth.json",
    ".codex/oauth.key",
    ".codex/sessions/auth.json",
    ".codex/sessions/2026/11/21/auth.json",
    "Library/Keychains/login.keychain-db",
    ".local/share/keyrings/login.keyring",
)
SECRET = r"(credentials|auth)\.json$|\.key$|\.keyring$|\.keychain-db$"
WATCHING = """
import os, re, sys

def watch(event, arguments):
    told = [os.fsdecode(each) if isinstance(each, (str, bytes)) else "" for each in arguments]
    if event == "open":
        os.write(int(os.environ["WATCHED"]), f"{told[0]}\\n".encode("utf-8", "replace"))
        if re.search(os.environ["SECRET"], told[0]):
            raise PermissionError(13, "it is secret")
    elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        os.write(int(os.environ["WATCHED"]), f"!{event} {arguments}\\n".encode())
    elif event in ("socket.connect", "socket.getaddrinfo"):
        os.write(int(os.environ["WATCHED"]), f"!{event}\\n".encode())

sys.addaudithook(watch)
"""
COMMAND = """
from tokenwatch.__main__ import main
sys.exit(main())
"""
MONITOR = """
import queue
from datetime import UTC
from pathlib import Path
from tokenwatch import config, paths
from tokenwatch.monitor import Monitor
from tokenwatch.pricing import open_book
from tokenwatch.sources.roots import roots

found = queue.Queue()
where = roots(config.Config(), os.environ, paths.home())
monitor = Monitor(
    paths.ledger(), where, open_book(), titles="full", zone=UTC, zone_name="UTC",
    now=lambda: {now_ms},
)
monitor.start(found.put)
while found.get().sessions_in_all < 2:
    pass
monitor.stop()
"""
CODEX = """
import json, sys
for line in sys.stdin:
    number = json.loads(line).get("id")
    if number is not None:
        print(json.dumps({"id": number, "result": {}}), flush=True)
"""
COMMANDS = (
    *("report", "sessions --json", "agents", "waste", "quota", "quota --json"),
    *("doctor", "doctor --privacy", "glance --once", "budget check", "export --format csv"),
    *("glance", "waste --kinds", "prices list", "alerts", "alerts test", "completion bash"),
    *("config", "config check", "config set titles none", "budget", "budget set b --limit 2"),
    *(
        "hooks status",
        "hooks uninstall --yes",
        "report --no-sync",
        "export --format jsonl --redact",
    ),
    *("statusline install --yes", "statusline uninstall --yes"),
    f"explain {SESSION}",
)
"""None of them starts another program."""
EVENT = {"session_id": SESSION, "cwd": "/home/dev/app"}
PROMPT = EVENT | {"hook_event_name": "UserPromptSubmit", "prompt": "hi"}
TOOL = EVENT | {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {}}


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A home with logs, with credentials in every place where somebody might look for some."""
    found = Box(tmp_path / "home")
    claude_log(found.claude, [user("hello"), assistant("msg_01a1")])
    codex_log(found.codex, codex_records())
    process = {"pid": os.getpid(), "sessionId": SESSION, "cwd": "/home/dev/app"}
    write(found.claude / "sessions" / "123.json", [process])
    for name in SECRETS:
        path = found.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
    found.settings('[[budgets]]\nname = "daily"\nlimit = 1\nhard = true\n')
    return found


def opened(box: Box, code: str, *arguments: str, given: bytes = b"") -> list[str]:
    """Run code with every call watched; return what was opened, asked and started."""
    reads, writes = os.pipe()
    record = box.folder / "record"
    with record.open("wb") as file:
        os.dup2(file.fileno(), writes)
        done = subprocess.run(
            [sys.executable, "-c", WATCHING + code, *arguments],
            env=box.process_environment(WATCHED=str(writes), SECRET=SECRET),
            cwd=box.folder,
            input=given,
            capture_output=True,
            pass_fds=(writes,),
        )
    os.close(reads)
    os.close(writes)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return record.read_text().splitlines()


def assert_kept_out(seen: list[str]) -> None:
    """Assert that no credential was opened, nobody was asked, and that anything was seen."""
    assert any(path.endswith("ledger.sqlite") or "tokenwatch" in path for path in seen)
    assert [path for path in seen if path.startswith("!")] == []
    assert [path for path in seen if re.search(SECRET, path)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_opens_credentials(box: Box, command: str) -> None:
    assert_kept_out(opened(box, COMMAND, *command.split()))


@pytest.mark.parametrize("event", [PROMPT, TOOL])
@pytest.mark.parametrize("source", ["claude-code", "codex"])
def test_no_hook_opens_credentials(box: Box, event: object, source: str) -> None:
    given = json.dumps(event).encode()
    assert_kept_out(opened(box, COMMAND, "hooks", "run", "--source", source, given=given))


def test_the_status_line_opens_no_credentials(box: Box) -> None:
    given = json.dumps(told(box)).encode()
    assert_kept_out(opened(box, COMMAND, "statusline", given=given))
    assert len(lines(box)) == 1


def test_codex_is_asked_without_its_credentials(box: Box) -> None:
    """It reads them itself; to start it is all that is done here."""
    program = box.folder / "bin" / "codex"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\n{CODEX}")
    program.chmod(0o755)
    online = Box(box.folder, more={"PATH": str(program.parent), "TOKENWATCH_OFFLINE": "0"})
    seen = opened(online, COMMAND, "quota", "--ask-codex")
    started = [each for each in seen if each.startswith("!")]
    assert len(started) == 1 and "app-server" in started[0]
    assert_kept_out([each for each in seen if each not in started])


def test_the_monitor_opens_no_credentials(box: Box) -> None:
    seen = opened(box, MONITOR.replace("{now_ms}", str(box.now_ms)))
    assert_kept_out(seen)
    assert any(path.endswith(f"{SESSION}.jsonl") for path in seen)


@pytest.mark.parametrize("name", SECRETS)
def test_the_watch_sees(box: Box, name: str) -> None:
    look = "import tokenwatch.errors\ntry:\n    {}\nexcept OSError:\n    pass"
    for how in ("open({!r})", "os.open({!r}, 0)", "__import__('pathlib').Path({!r}).read_bytes()"):
        seen = opened(box, look.format(how.format(str(box.folder / name))))
        with pytest.raises(AssertionError):
            assert_kept_out(seen)


def test_no_code_names_a_credential() -> None:
    """A command that the tests above do not run can't open one by its name either."""
    named = re.compile(r"credentials\.json|auth\.json|['\"]\*?\.key['\"]|keychain", re.I)
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for line in path.read_text().splitlines():
            if named.search(line) and "Never opened:" not in line:
                found.append(f"{path.name}: {line.strip()}")
    assert found == []


UNDOCUMENTED = re.compile(
    r"api/oauth|oauth/usage|backend-api|wham/|chatgpt\.com|claude\.ai/api|console\.anthropic\.com/api"
    r"|find-generic-password|Claude Code-credentials|Codex Auth|SecItemCopyMatching|CredRead",
    re.I,
)
"""Endpoints that other programs ask with a client's own token, and ways to take it."""


def test_no_undocumented_endpoint_is_named() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{path.name}: {match[0]}" for match in UNDOCUMENTED.finditer(text)]
    assert found == []
