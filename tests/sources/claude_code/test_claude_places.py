"""Where logs are looked for, what is found there, and which processes live."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from claude_logs import DATA, NOW_MS, SESSION, assistant, encode, log_of, write

from tokenwatch.model import AgentKind
from tokenwatch.sources.claude_code import SOURCE
from tokenwatch.sources.claude_code.live import processes
from tokenwatch.sources.source import Pass


def test_the_default_roots(tmp_path: Path) -> None:
    assert SOURCE.roots({}, tmp_path) == [tmp_path / ".claude", tmp_path / ".config" / "claude"]
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "CLAUDE_CONFIG_DIR": " "}
    assert SOURCE.roots(environment, tmp_path)[1] == tmp_path / "xdg" / "claude"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{}/a", ["a"]),
        ("{}/a,{}/b", ["a", "b"]),
        ("{}/a" + os.pathsep + "{}/b", ["a", "b"]),
        ("{}/a, {}/b,", ["a", "b"]),
        ("{}/with,comma", ["with,comma"]),
        ("{}/with,comma" + os.pathsep + "{}/a,{}/b", ["with,comma", "a", "b"]),
        ("{}/a,{}/a", ["a"]),
        ("~/a", ["a"]),
        ("{}/b/projects", ["b"]),
    ],
)
def test_chosen_roots_replace_the_defaults(tmp_path: Path, value: str, expected: list[str]) -> None:
    (tmp_path / "with,comma").mkdir()
    (tmp_path / "b" / "projects").mkdir(parents=True)
    chosen = SOURCE.roots({"CLAUDE_CONFIG_DIR": value.replace("{}", str(tmp_path))}, tmp_path)
    assert chosen == [tmp_path / name for name in expected]


def test_two_names_of_one_root_are_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    value = f"{tmp_path}/a,{tmp_path}/b"
    assert SOURCE.roots({"CLAUDE_CONFIG_DIR": value}, tmp_path) == [tmp_path / "a"]


def test_what_is_found_and_what_is_not(tmp_path: Path) -> None:
    project = tmp_path / "projects" / "-home-dev-app"
    folder = project / SESSION / "subagents"
    wanted = [
        project / f"{SESSION}.jsonl",
        project / "agent-1a2b3c4d.jsonl",
        folder / "agent-a1.jsonl",
        folder / "agent-a1.meta.json",
        folder / "workflows" / "wf_1" / "agent-a2.jsonl",
        folder / "workflows" / "wf_1" / "journal.jsonl",
        project / SESSION / "custom-title.json",
        project / "deep" / "er" / "x.jsonl",
    ]
    others = [
        tmp_path / "history.jsonl",
        tmp_path / "plugins" / "projects" / "x.jsonl",
        tmp_path / "projects.bak" / "x.jsonl",
        project / "sessions-index.json",
        project / f"{SESSION}.jsonl.backup",
        project / SESSION / "tool-results" / "x.jsonl",
        project / "memory" / "x.jsonl",
        project / SESSION / "workflows" / "wf_1.json",
    ]
    for path in (*wanted, *others):
        write(path, b"{}\n")
    found = SOURCE.find(tmp_path)
    assert found.troubles == ()
    assert [log.path for log in found.files] == sorted(map(str, wanted))
    assert {Path(log.path).suffix for log in found.files if log.kind == "sidecar"} == {".json"}
    assert {log.size for log in found.files} == {3}


def test_links_lead_to_each_file_once(tmp_path: Path) -> None:
    project = tmp_path / "elsewhere" / "app"
    log = write(project / f"{SESSION}.jsonl", b"{}\n")
    projects = tmp_path / "root" / "projects"
    projects.mkdir(parents=True)
    (projects / "one").symlink_to(project)
    (projects / "two").symlink_to(project)
    (projects / "x.jsonl").symlink_to(log.path)
    (project / "loop").symlink_to(projects)
    os.link(log.path, project / "hard.jsonl")
    assert len(SOURCE.find(tmp_path / "root").files) == 1


def test_troubles_are_told_and_stop_nothing(tmp_path: Path) -> None:
    project = tmp_path / "projects" / "app"
    write(project / "good.jsonl", b"{}\n")
    (project / "folder.jsonl").mkdir()
    (project / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(project)
        server.bind("socket.jsonl")
        os.chdir("/")
    found = SOURCE.find(tmp_path)
    assert [Path(log.path).name for log in found.files] == ["good.jsonl"]
    assert {Path(t.path).name: t.what for t in found.troubles} == {
        "folder.jsonl": "not a file", "gone.jsonl": "vanished", "socket.jsonl": "not a file",
    }  # fmt: skip


def test_roots_that_are_none(tmp_path: Path) -> None:
    assert SOURCE.find(tmp_path / "missing") == SOURCE.find(tmp_path)
    write(tmp_path / "file", b"")
    assert [t.what for t in SOURCE.find(tmp_path / "file").troubles] == ["not a directory"]
    write(tmp_path / "root" / "projects", b"")
    assert [t.what for t in SOURCE.find(tmp_path / "root").troubles] == ["not a directory"]


@pytest.mark.parametrize(
    ("settings", "days"),
    [(None, 30), ("{}", 30), ('{"cleanupPeriodDays": 7}', 7), ('{"cleanupPeriodDays": 0}', 30),
     ('{"cleanupPeriodDays": "9"}', 30), ('{"cleanupPeriodDays": true}', 30), ("[", 30), ("3", 30)],
)  # fmt: skip
def test_when_logs_are_deleted(tmp_path: Path, settings: str | None, days: int) -> None:
    if settings is not None:
        (tmp_path / "settings.json").write_text(settings)
    assert SOURCE.keeps_logs_days(tmp_path) == days


def test_sidecars(tmp_path: Path) -> None:
    folder = tmp_path / "projects" / "app" / SESSION
    described = {"agentType": "Explore", "description": "look", "parentAgentId": "a0"}
    path = folder / "subagents" / "workflows" / "wf_1" / "agent-a1.meta.json"
    log = write(path, json.dumps(described).encode(), "sidecar")
    for which in Pass:
        (batch,) = SOURCE.read(log, None, which, now_ms=NOW_MS)
        told = batch.facts
        assert (told.session_id, told.agent_id, told.kind) == (SESSION, "a1", AgentKind.SUBAGENT)
        assert (told.agent_name, told.agent_task) == ("Explore", "look")
        assert told.parent_agent_id == "a0" and told.tool_use_id is None
    path.write_text(json.dumps({"spawnDepth": 1}))
    (batch,) = SOURCE.read(log_of(path, "sidecar"), None, Pass.DETAIL, now_ms=NOW_MS)
    assert batch.facts.parent_agent_id == SESSION
    path.write_text("{")
    (bad,) = SOURCE.read(log_of(path, "sidecar"), batch.bookmark, Pass.DETAIL, now_ms=NOW_MS)
    assert bad.from_start and [s.reason for s in bad.skipped] == ["malformed"]
    named = write(folder / "custom-title.json", b'{"customTitle": "mine"}', "sidecar")
    (batch,) = SOURCE.read(named, None, Pass.DETAIL, now_ms=NOW_MS)
    assert (batch.facts.session_id, batch.facts.client_title) == (SESSION, "mine")


def test_a_journal_is_read_to_its_end_in_both_passes() -> None:
    for path in DATA.rglob("journal.jsonl"):
        for which in Pass:
            (batch,) = SOURCE.read(log_of(path), None, which, now_ms=NOW_MS)
            assert batch.bookmark.offset == path.stat().st_size
            assert bool(batch.events) is (which is Pass.DETAIL)
            assert batch.facts.session_id is None


CHANGED_MS = 1_795_255_200_000


def entry(root: Path, name: str = "1.json", **more: object) -> None:
    document = {"pid": os.getpid(), "sessionId": SESSION, "status": "busy"} | more
    write(root / "sessions" / name, json.dumps(document).encode())


def test_a_running_process(tmp_path: Path) -> None:
    entry(tmp_path, tmux="s:@0.%12", statusUpdatedAt=CHANGED_MS, updatedAt=1)
    (process,) = SOURCE.live(tmp_path)
    assert (process.session_id, process.alive, process.pid) == (SESSION, True, os.getpid())
    assert (process.status, process.tmux_pane) == ("busy", "%12")
    assert process.status_ms == CHANGED_MS


@pytest.mark.parametrize(
    ("status", "seen"),
    [("busy", "busy"), ("idle", "idle"), ("waiting", "waiting"), ("shell", None), (3, None)],
)
def test_the_status_in_the_clients_words(tmp_path: Path, status: object, seen: str | None) -> None:
    entry(tmp_path, status=status, waitingFor="permission prompt")
    (process,) = SOURCE.live(tmp_path)
    assert (process.status, process.waiting_for) == (seen, "permission prompt")


def test_a_process_that_is_gone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as done:
        pass
    entry(tmp_path, pid=done.pid)
    assert [process.alive for process in SOURCE.live(tmp_path)] == [False]


def fake_proc(root: Path, started: str, state: str = "S") -> Path:
    fields = [state, *["0"] * 18, started, "0"]
    path = root / "proc" / str(os.getpid()) / "stat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{os.getpid()} (a (b) c) " + " ".join(fields))
    return root / "proc"


@pytest.mark.parametrize(
    ("claimed", "started", "state", "alive"),
    [
        ("543621664", "543621664", "S", True),
        ("543621664", "543621665", "S", False),
        ("Sat Nov 21 10:00:00 2026", "1", "S", True),
        (None, "1", "S", True),
        ("1", "1", "Z", False),
    ],
)
def test_a_pid_that_was_used_again(
    tmp_path: Path, claimed: object, started: str, state: str, alive: bool
) -> None:
    entry(tmp_path, procStart=claimed)
    (process,) = processes(tmp_path, fake_proc(tmp_path, started, state))
    assert process.alive is alive


def test_without_a_process_table_the_pid_suffices(tmp_path: Path) -> None:
    entry(tmp_path, procStart="17", pidDomain="linux:x:pid:[1]")
    (process,) = processes(tmp_path, tmp_path / "none")
    assert process.alive


def test_a_process_of_another_namespace_is_known_by_its_start(tmp_path: Path) -> None:
    entry(tmp_path, procStart="77", pidDomain="linux:x:pid:[1]")
    proc = tmp_path / "proc"
    for pid, space in (("self", "pid:[2]"), ("300", "pid:[2]")):
        (proc / pid / "ns").mkdir(parents=True)
        (proc / pid / "ns" / "pid").symlink_to(space)
    assert [process.alive for process in processes(tmp_path, proc)] == [None]
    (proc / "400" / "ns").mkdir(parents=True)
    (proc / "400" / "ns" / "pid").symlink_to("pid:[1]")
    fields = ["S", *["0"] * 18, "76", "0"]
    (proc / "400" / "stat").write_text("400 (claude) " + " ".join(fields))
    assert [process.alive for process in processes(tmp_path, proc)] == [False]
    fields[19] = "77"
    (proc / "400" / "stat").write_text("400 (claude) " + " ".join(fields))
    assert [process.alive for process in processes(tmp_path, proc)] == [True]


def test_bad_entries_are_passed_over_and_keys_never_opened(tmp_path: Path) -> None:
    for name, data in (
        ("2.json", b"{"), ("3.json", b"[]"), ("4.json", b'{"pid": "1", "sessionId": "x"}'),
        ("5.json", b'{"pid": 1}'), ("6.json", b'{"pid": -1, "sessionId": "x"}'),
        ("7.json", b"\xff"),
    ):  # fmt: skip
        write(tmp_path / "sessions" / name, data)
    (tmp_path / "sessions" / "8.json").mkdir()
    os.mkfifo(tmp_path / "sessions" / "1.abc.key")
    entry(tmp_path, "another-name.json")
    assert [process.pid for process in SOURCE.live(tmp_path)] == [os.getpid()]
    assert SOURCE.live(tmp_path / "missing") == []


def test_the_module_that_every_command_imports_is_light() -> None:
    code = "import sys, tokenwatch.sources.claude_code; print('msgspec' in sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "False"


def test_a_request_is_read_through_the_whole_way(tmp_path: Path) -> None:
    write(tmp_path / "projects" / "app" / f"{SESSION}.jsonl", encode([assistant(1)]))
    (log,) = SOURCE.find(tmp_path).files
    (batch,) = SOURCE.read(log, None, Pass.USAGE, now_ms=NOW_MS)
    assert len(batch.events) == 1 and log.root == str(tmp_path)
