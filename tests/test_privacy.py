"""What a command touches and what it keeps: no network, no credentials, no text of prompts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.cli.box import Box, Document
from tests.cli.logs import (
    SESSION,
    assistant,
    claude_log,
    codex_log,
    codex_records,
    line,
    rollout_path,
    user,
    write,
)
from tests.cli.wasteful import again, another, expired, failing

WATCHER = """
import json, os, sys
seen = []
NAMED = ("open", "sqlite3.connect", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.system",
         "os.fork", "os.listdir", "os.scandir", "shutil.copyfile", "os.rename", "os.remove",
         "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate", "os.utime")

def watch(event, arguments):
    if event in NAMED or event.startswith("socket."):
        seen.append([event, [str(a) if isinstance(a, (str, bytes, int, os.PathLike)) else None
                             for a in arguments]])

sys.addaudithook(watch)
from tokenwatch.cli import ground
ground.now_ms = lambda: {now_ms}
from tokenwatch.__main__ import main
try:
    code = main()
except SystemExit as leaving:
    code = leaving.code or 0
found = list(seen)
with open(os.environ["WATCHED"], "w") as file:
    json.dump(found, file)
sys.exit(code)
"""
COMMANDS = (
    *(f"report --by {by}" for by in ("day", "project", "agent")),
    "report --json --redact --timezone Europe/Madrid --since 30d",
    *("sessions", "sessions --json", "agents", "agents --running --json"),
    *("waste", "waste --json --redact", "waste --markdown", "waste --kinds", "waste none"),
    *("doctor", "doctor --privacy --json", f"explain {SESSION[:6]}", "explain nothing"),
    "export --format csv --rows requests",
    "export --format jsonl --rows sessions --output {folder}/out.jsonl",
    *("prices list", "prices list --json", "--version", "--help", "report --since never"),
)
WRITING = ("os.mkdir", "os.chmod", "os.rename", "os.remove", "os.link", "os.symlink", "os.truncate")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.fixture
def watched(tmp_path: Path) -> Box:
    """A home full of what is not ours to read, beside logs."""
    box = Box(tmp_path / "home")
    claude_log(box.claude, [user("hello"), assistant("msg_01a1")])
    codex_log(box.codex, codex_records())
    secret = b'{"token": "do-not-read"}'
    for path in (
        *(root / name for root in (box.claude, box.codex) for name in CREDENTIALS),
        box.claude / "sessions" / "123.key",
        box.claude / "projects" / "-home-dev-app" / "id.key",
        box.codex / "sessions" / "2026" / "11" / "21" / "auth.json",
        *(box.folder / name for name in (".claude.json", ".ssh/id_rsa", ".netrc")),
    ):
        write(path, [secret])
    write(box.claude / "sessions" / "123.json", [{"pid": 123, "sessionId": SESSION, "cwd": "/"}])
    return box


CREDENTIALS = (".credentials.json", "auth.json", "oauth.key", ".claude.json", "server.key")


def events(box: Box, command: str, record: Path) -> list[tuple[str, list[str | None]]]:
    """Run a command and return what Python did: event names with their arguments."""
    code = WATCHER.replace("{now_ms}", str(box.now_ms))
    arguments = command.replace("{folder}", str(box.folder)).split()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=box.process_environment(WATCHED=str(record), PYTHONDONTWRITEBYTECODE="1"),
        cwd=box.folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return [(name, arguments) for name, arguments in json.loads(record.read_text())]


def opened(seen: list[tuple[str, list[str | None]]]) -> dict[str, bool]:
    """Return each path that was opened, and whether for writing."""
    found: dict[str, bool] = {}
    for name, arguments in seen:
        if name in ("open", "sqlite3.connect") and arguments[0] is not None:
            path = arguments[0].removeprefix("b'").removesuffix("'")
            if path.isdigit():
                continue
            writes = name == "sqlite3.connect" or any(
                (isinstance(mode, str) and bool(set(mode) & set("wax+") - {"r"}))
                for mode in arguments[1:2]
            )
            if name == "open" and arguments[1] is None and arguments[2] is not None:
                flags = int(arguments[2])
                writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            found[path] = found.get(path, False) or writes
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_command_touches(watched: Box, tmp_path: Path, command: str) -> None:
    other = tmp_path / "another home"
    write(other / ".claude" / "projects" / "x" / f"{SESSION}.jsonl", [assistant("msg_01a9")])
    seen = events(watched, command, tmp_path / "record.json")
    names = {name for name, _ in seen}
    assert not {name for name in names if name.startswith("socket.")}
    assert not names & {"os.exec", "os.posix_spawn", "os.system", "os.fork"}
    assert "subprocess.Popen" not in names
    touched = opened(seen)
    for path in touched:
        name = Path(path).name
        assert name not in CREDENTIALS and not name.endswith(".key"), path
        assert not path.startswith(str(other)), path
        assert "/.ssh" not in path and not name.startswith((".netrc", ".claude.json")), path
    real = os.path.realpath(watched.folder)
    ours = (
        str(watched.data),
        str(watched.folder / "out.jsonl"),
        f"{real}/.out.jsonl.",
        "/dev/null",
    )
    written = [path for path, writes in touched.items() if writes]
    written += [a[0] or "" for name, a in seen if name in WRITING]
    assert [path for path in written if not path.startswith(ours)] == []
    python = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *sys.path[1:]}
    system = ("/proc/", "/etc/", "/usr/", "/dev/", "/sys/", "/lib/")
    known = (*(str(Path(p).resolve()) for p in python if p), *(p for p in python if p), *system)
    package = str(Path(__file__).parents[1])
    for path in touched:
        if os.path.isabs(path):  # noqa: PTH117
            assert path.startswith((str(watched.folder), real, package, *known)), path


def test_the_watcher_sees(watched: Box, tmp_path: Path) -> None:
    seen = events(watched, "sessions", tmp_path / "record.json")
    touched = opened(seen)
    log = watched.claude / "projects" / "-home-dev-app" / f"{SESSION}.jsonl"
    assert touched[str(log)] is False
    assert touched[str(watched.data / "ledger.sqlite")] is True
    assert touched[str(watched.claude / "sessions" / "123.json")] is False


def test_logs_stay_as_they_are(watched: Box, tmp_path: Path) -> None:
    def state() -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_mode, path.read_bytes())
            for root in (watched.claude, watched.codex)
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    before = state()
    for command in ("sessions", "doctor", "waste", f"explain {SESSION}", "export --format csv"):
        assert watched.run(*command.split()).code == 0
    assert state() == before


START = "Please tidy up the old parser and its tests, then say what is left to be done. "
WORDS = {
    "prompt": "Wolpertinger",
    "task": "Rumpelstilz",
    "answer": "Nachtkrapp",
    "thinking": "Schrat",
    "file": "Klabauter",
    "output": "Heinzelmann",
    "error": "Lindwurm",
    "command": "Basilisk",
    "query": "Tatzelwurm",
    "summary": "Irrwisch",
}


def told(kind: str) -> str:
    """Return a text whose secret word stands far behind where a title may end."""
    return START * 2 + f"{WORDS[kind]} and more"


def calls() -> list[Document]:
    """Return uses of tools that carry text of files, commands and tasks."""
    given: dict[str, Document] = {
        "Write": {"file_path": "/home/dev/app/a.py", "content": told("file")},
        "Edit": {
            "file_path": "/home/dev/app/b.py",
            "old_string": told("file"),
            "new_string": told("file") + "x",
        },
        "Bash": {"command": f"echo {told('command')}", "description": told("task")},
        "Grep": {"pattern": told("query"), "path": "/home/dev/app"},
        "WebSearch": {"query": told("query")},
        "Task": {
            "description": "Tidy up",
            "prompt": told("task"),
            "subagent_type": "general-purpose",
        },
        "AskUserQuestion": {"questions": [{"question": told("query")}]},
        "mcp__notes__save": {"text": told("file")},
        "Skill": {"skill": "review", "args": told("task")},
    }
    return [
        {"type": "tool_use", "id": f"toolu_{i}", "name": name, "input": input_}
        for i, (name, input_) in enumerate(given.items())
    ]


@pytest.fixture
def talkative(box: Box) -> Box:
    """Logs with secret words in everything that is not a title."""
    uses = calls()
    results = [
        {
            "type": "tool_result",
            "tool_use_id": use["id"],
            "content": told("error" if i % 2 else "output"),
            "is_error": bool(i % 2),
        }
        for i, use in enumerate(uses)
    ]
    thought = {"type": "thinking", "thinking": told("thinking"), "signature": "x"}
    said = {"type": "text", "text": told("answer")}
    commit = {"type": "tool_use", "id": "toolu_c", "name": "Bash", "input": {
        "command": f"git commit -m '{told('command')}'"}}  # fmt: skip
    records = [
        user(told("prompt")),
        assistant("msg_01a1", content=[thought, said, *uses, commit]),
        user(results, toolUseResult={"stdout": told("output"), "originalFile": told("file")}),
        user([{"type": "tool_result", "tool_use_id": "toolu_c",
               "content": f"[main 1a2b3c4] {told('output')}\n 1 file changed"}]),
        user(told("summary"), isCompactSummary=True),
        {"type": "summary", "summary": "short", "leafUuid": "x"},
        {"type": "last-prompt", "lastPrompt": told("prompt"), "sessionId": SESSION},
        {"type": "queue-operation", "operation": "enqueue", "content": told("prompt"),
         "timestamp": "2026-11-21T10:01:00.000Z", "sessionId": SESSION},
        f'{{"type":"user","message":{{"content":"{told("prompt")}'.encode() + b"\n",
        {"type": told("prompt"), "sessionId": SESSION},
        assistant("msg_01a2", usage={"output_tokens": told("answer"), "speed": told("answer")}),
    ]  # fmt: skip
    path = claude_log(box.claude, records)
    side = [
        user(told("task"), isSidechain=True, agentId="a1"),
        assistant("msg_01a3", isSidechain=True, agentId="a1"),
    ]  # noqa: E501
    write(path.with_suffix("") / "subagents" / "agent-a1.jsonl", side)
    codex_log(box.codex, codex_records(told("prompt"), output=told("output")))
    write(box.claude / "sessions" / "123.json", [{"pid": 123, "sessionId": SESSION, "name": "x"}])
    return box


def kept(box: Box) -> bytes:
    """Return all that our folder holds."""
    return b"".join(path.read_bytes() for path in box.data.rglob("*") if path.is_file())


@pytest.mark.parametrize("titles", ["full", "client", "none"])
def test_no_text_is_kept_beyond_titles(talkative: Box, titles: str) -> None:
    talkative.settings(f'titles = "{titles}"')
    outputs = "".join(
        talkative.run(*command.split()).out
        for command in ("sessions --json", "agents --json", "doctor --json", "report", "waste")
    )
    held = kept(talkative)
    assert SESSION.encode() in held, "this is where it would be"
    for kind, word in WORDS.items():
        assert word.encode() not in held, kind
        assert word not in outputs
    assert (START[:60].encode() in held) == (titles == "full")


@pytest.mark.parametrize("source", ["claude-code", "codex"])
def test_no_text_is_kept_while_a_log_grows(talkative: Box, source: str) -> None:
    """A reader's memory between two readings is in the ledger too."""
    transcript, rollout = (
        next(talkative.claude.rglob(f"{SESSION}.jsonl")),
        rollout_path(talkative.codex),
    )
    thread = codex_records(told("prompt"), output=told("output"))
    unmarked = [record for record in thread if record["payload"].get("type") != "item_completed"]
    lines = transcript.read_bytes().splitlines(True)
    if source == "codex":
        lines = [line(record) for record in unmarked]
    for log in (transcript, rollout):
        log.write_bytes(b"")
    for number, one in enumerate(lines):
        with (rollout if source == "codex" else transcript).open("ab") as file:
            file.write(one)
        assert talkative.run("sessions").code == 0
        held = kept(talkative)
        assert [kind for kind, word in WORDS.items() if word.encode() in held] == [], number


SECRET = "Wolpertinger"


@pytest.fixture
def repetitive(box: Box) -> Box:
    """Logs that are full of findings, with a secret word first, last and alone in all texts."""
    box.settings('titles = "none"')
    stories = (again(another(1)), failing(another(2)), expired(another(3)))
    texts = (f"{SECRET} is wrong, it still fails: {SECRET}.py {SECRET}Error: {SECRET}", SECRET)
    for story in stories:
        for number, record in enumerate(story.records):
            _tell(record["message"], texts[number % 2])
            if "toolUseResult" in record:
                record["toolUseResult"]["structuredPatch"] = [
                    {"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 2,
                     "lines": [f"-{SECRET} old {number}", f"+{SECRET} new", f"+{SECRET}"]}
                ]  # fmt: skip
                record["toolUseResult"]["originalFile"] = SECRET
        story.write(box.claude)
    prompts = [f"{SECRET}, that is still wrong: {SECRET}Error in line 4"] * 4
    thread = [
        record
        for number, prompt in enumerate(prompts)
        for record in json.loads(
            json.dumps(codex_records(prompt, output=f"{SECRET}Error: {SECRET}"))
            .replace("resp_1", f"resp_{number}")
            .replace("call_1", f"call_{number}")
            .replace("775a-b4f3", f"775{number}-b4f3")
        )[0 if number == 0 else 1 :]
    ]
    codex_log(box.codex, thread)
    return box


def _tell(message: Document, text: str) -> None:
    """Put a text wherever a record can hold one that is no name of a file, tool or command."""
    content = message["content"]
    if isinstance(content, str):
        message["content"] = f"{text} {content} {text}"
        return
    for block in content:
        if block["type"] == "text":
            block["text"] = text
        elif block["type"] == "tool_result":
            block["content"] = f"{text}\n{block['content']}\n{text}"
        elif block["name"] == "Bash":
            block["input"]["command"] += f" {text}"
            block["input"]["description"] = text
        elif block["name"] == "Edit":
            block["input"] |= {"old_string": f"{text} old", "new_string": f"{text} new"}


def test_no_word_is_kept_of_what_findings_are_made_of(repetitive: Box) -> None:
    document = repetitive.run("waste", "--json").document
    found = {each["kind"] for each in document["findings"]}
    assert {"repeated-attempts", "cache-expired"} <= found, "this is where it would be"
    for command in ("waste --markdown", f"waste {document['findings'][0]['id']}", "sessions"):
        assert repetitive.run(*command.split()).code == 0
    held = kept(repetitive)
    assert b"repeated-attempts" in held and another(1).encode() in held
    for word in (SECRET, SECRET.lower(), SECRET.casefold()[::-1]):
        assert word.encode() not in held
        assert word.encode("utf-16-le") not in held
    quotes = [line["quote"] or "" for one in document["findings"] for line in one["evidence"]]
    assert any(SECRET in quote for quote in quotes), "quotes are read from the logs"
    hidden = "".join(
        repetitive.run("waste", "--redact", *more).out for more in ([], ["--json"], ["--markdown"])
    )
    assert SECRET.lower() not in hidden.lower()


def test_doctor_says_what_is_kept(box: Box) -> None:
    text = " ".join(box.run("doctor", "--privacy", "--json").document["privacy"])
    for word in ("Findings", "verdicts", "Fingerprints", "lines that were edited", "Titles"):
        assert word in text


def test_a_title_is_at_most_eighty_characters_of_the_prompt(talkative: Box) -> None:
    for row in talkative.run("sessions", "--json").rows:
        assert START.startswith(row["title"].rstrip("…")) and len(row["title"]) <= 80


def test_fewer_titles_are_kept_when_the_setting_says_so(box: Box) -> None:
    records = [
        user("please do it"),
        {"type": "ai-title", "aiTitle": "Do it well", "sessionId": SESSION},
        assistant("msg_01a1"),
    ]
    for titles, expected in (("none", None), ("client", "Do it well"), ("full", "Do it well")):
        fresh = Box(box.folder / titles)
        fresh.settings(f'titles = "{titles}"')
        claude_log(fresh.claude, records)
        assert fresh.run("sessions", "--json").rows[0]["title"] == expected
        assert (b"please do it" in kept(fresh)) == (titles == "full")
        assert (b"Do it well" in kept(fresh)) == (titles != "none")


def test_the_network_is_forbidden_offline(box: Box) -> None:
    result = box.run("prices", "update")
    assert result.code == 1 and "TOKENWATCH_OFFLINE" in result.err and result.out == ""
