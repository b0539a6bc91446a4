"""Tool calls: what was called, on what, how it went, which lines and commits came of it.

A call appears up to three times: as the model's `function_call`, as the client's report (an item,
or an event in older logs) and as the output for the model. The report is trusted most.
"""

from __future__ import annotations

import re
import shlex
from urllib.parse import urlsplit

import msgspec

from tokenwatch.events import CommitSeen, EditSeen, Event, ToolCallSeen, ToolResultSeen
from tokenwatch.sources.codex.answers import Answers
from tokenwatch.sources.codex.deeds import NOTHING, deed_of, skill_of
from tokenwatch.sources.codex.outcomes import Outcome, length_of, outcome, reported
from tokenwatch.sources.codex.patches import Change, of_changes, of_text
from tokenwatch.sources.codex.thread import Thread
from tokenwatch.sources.outputs import fault
from tokenwatch.sources.values import error_fingerprint, fingerprint, mapping, sequence, text

KNOWN_CALLS = 512
_SHELLS = frozenset({"shell", "shell_command", "exec_command", "local_shell", "container.exec"})
_PATCHES_KEPT = 200
_PATCHES_OPEN = 8
_FILES_OPEN = 16
"""Patches at a time, and files of each, whose lines are kept until it is known if they worked."""
_FAULT_PART = 400
"""Characters of an error that say what kind it is: clients say it first."""
_OTHER_SIZE = 1024
"""Bytes by which an output must differ from the client's report to be told again."""
_COMMIT = re.compile(r"^\[(\S+)(?: \([^)]*\))? ([0-9a-f]{7,40})\] ", re.M)
_PUSH = re.compile(r"^[ +*]\s*[0-9a-f]{7,40}\.\.\.?([0-9a-f]{7,40})\s+\S+\s+-> (\S+)", re.M)
_PULL = re.compile(r"^(https://[^\s/]+/[^\s]+/pull/\d+)\s*$", re.M)
_WORD = re.compile(r"[\w./~-]+")
_PARTS = re.compile(r"&&|\|\||;|\n")
_SETTING = re.compile(r"\w+=")


class Call(msgspec.Struct):
    """A call whose output may still come."""

    name: str
    git: bool = False
    """Its command may commit, push or open a pull request."""
    cwd: str | None = None
    changes: list[Change] = []
    """What its patch would change, until that is known to have worked."""
    settled: bool = False
    """How it went has been said; a process that ends later changes nothing."""
    edited: bool = False
    asked: bool = False
    """The model itself made it, so that an output for the model is still to come."""
    retell: bool = False
    """A client has reported it, but what the model got of its output is still to come."""
    ok: bool | None = None
    """How it went, as reported."""
    size: int | None = None
    """Bytes of its output."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in a log an event stands."""

    thread: Thread
    at_ms: int
    line: int
    began_ms: int | None = None
    """When what is reported here began, where the log says so."""


class Calls:
    """The tool calls of one file. `known` is what reading on must remember."""

    def __init__(self, known: dict[str, Call], events: list[Event], answers: Answers) -> None:
        self.known = known
        self._events = events
        self._answers = answers

    def called(self, payload: dict[str, object], place: Place) -> None:
        """Note a call by the model: any of the `…_call` items."""
        call_id = text(payload.get("call_id")) or text(payload.get("id"))
        kind = text(payload.get("type")) or ""
        name = text(payload.get("name")) or kind.removesuffix("_call")
        given: dict[str, object] = _arguments(payload.get("arguments"))
        if kind in ("local_shell_call", "web_search_call"):
            given = mapping(payload.get("action"))
        elif kind == "custom_tool_call":
            given = {"input": text(payload.get("input")) or ""}
        server = _server(name, text(payload.get("namespace")))
        at_once = kind in ("web_search_call", "image_generation_call", "tool_search_call")
        call_id = call_id or f"line-{place.line}"
        self._note(call_id, name, given, place, server=server, asked=True)
        if at_once and payload.get("status") in ("completed", "failed"):
            self._result(call_id, place, reported(payload.get("status") == "completed"))

    def put_out(self, payload: dict[str, object], place: Place) -> None:
        """Note an output for the model: any of the `…_output` items."""
        call_id = text(payload.get("call_id"))
        call = self.known.get(call_id or "")
        if call_id is None:
            return
        if call is not None and call.settled:
            self._put_out_again(call_id, call, payload.get("output"), place)
            return
        out = outcome(payload.get("output"))
        self._result(call_id, place, out, size=out.size)
        if call is not None:
            call.settled, call.size = out.ok is not None, out.size
            self._consequences(call_id, call, out, place)

    def _put_out_again(self, call_id: str, call: Call, output: object, place: Place) -> None:
        """Tell what the model got of a command's output, where the report holds more or less."""
        if not call.retell or abs(length_of(output) - (call.size or 0)) <= _OTHER_SIZE:
            return
        call.retell, out = False, outcome(output)
        again = reported(call.ok, out.body)
        self._result(call_id, place, again, size=out.size)

    def ran(self, report: dict[str, object], call_id: str, place: Place) -> None:
        """Note a client's report of a command that has ended."""
        command = report.get("command")
        given: dict[str, object] = {"command": command, "workdir": report.get("cwd")}
        if call_id not in self.known:
            self._note(call_id, "exec_command", given, place)
        call = self.known[call_id]
        if call.settled:
            return
        code, status = report.get("exit_code"), report.get("status")
        body = text(report.get("aggregated_output")) or text(report.get("formatted_output")) or ""
        ok = code == 0 if type(code) is int else _ok(status)
        out = reported(ok, body, denied=status == "declined")
        call.retell = call.asked and call.size is None and not out.denied
        if call.retell:
            call.size = out.size
        # What a script's commands put out, the model gets by the script, if at all.
        self._result(call_id, place, out, size=call.size)
        call.settled, call.ok = True, ok
        self._consequences(call_id, call, out, place)

    def patched(self, report: dict[str, object], call_id: str, place: Place) -> None:
        """Note a client's report of a patch."""
        success, status = report.get("success"), report.get("status")
        ok = success if isinstance(success, bool) else _ok(status)
        changes = of_changes(report.get("changes"))
        if call_id not in self.known:
            first = changes[0].path if changes else ""
            self._note(call_id, "apply_patch", {"path": first}, place)
        body = (text(report.get("stdout")) or "") + (text(report.get("stderr")) or "")
        call = self.known[call_id]
        if not call.settled:
            self._result(call_id, place, reported(ok, body, denied=status == "declined"))
        call.settled = True
        if ok:
            self._edits(call_id, call, changes, place)

    def used(
        self,
        name: str,
        given: object,
        call_id: str,
        place: Place,
        *,
        ok: bool | None,
        server: str | None = None,
        asked: bool = False,
    ) -> None:
        """Note a client's report of any other tool that has ended; asked: not by a script."""
        if call_id not in self.known:
            self._note(call_id, name, _arguments(given), place, server=server, asked=asked)
        if not self.known[call_id].settled:
            self._result(call_id, place, reported(ok))
            self.known[call_id].settled = ok is not None

    def _note(
        self,
        call_id: str,
        name: str,
        given: dict[str, object],
        place: Place,
        *,
        server: str | None = None,
        asked: bool = False,
    ) -> None:
        """Remember a call and pass it on."""
        command = command_of(name, given)
        patch = command or "" if name != "apply_patch" else text(given.get("input")) or ""
        changes = of_text(patch)[:_PATCHES_KEPT]
        thread = place.thread
        deed = (
            deed_of(name, given, command, patches=bool(changes), paginated=thread.paginated)
            if server is None
            else NOTHING
        )
        self.known.pop(call_id, None)
        self.known[call_id] = Call(
            name=name,
            git=_may_publish(command),
            cwd=_path(given.get("workdir")) or _path(given.get("cwd")),
            changes=changes,
            asked=asked,
        )
        if changes:
            self._bound_patches(changes)
        if len(self.known) > KNOWN_CALLS:
            del self.known[next(iter(self.known))]
        self._events.append(
            ToolCallSeen(
                id=thread.call_key(call_id),
                session_id=thread.session,
                agent_id=thread.id,
                at_ms=place.began_ms or place.at_ms,
                line=place.line,
                name=name,
                request_id=self._answers.called() if asked else self._answers.reported(),
                target=_target(name, given, command, changes),
                fingerprint=fingerprint(name, _canonical(given, command)),
                mcp_server=server,
                skill=skill_of(command),
                purpose=deed.purpose,
                likeness=deed.likeness or None,
                touches=deed.touches,
                partial=deed.partial,
            )
        )

    def _bound_patches(self, latest: list[Change]) -> None:
        """Keep the lines of few files of the latest patches; of others, the counts alone."""
        patches = [call.changes for call in self.known.values() if call.changes]
        for changes in (latest[_FILES_OPEN:], *patches[:-_PATCHES_OPEN]):
            for change in changes:
                change.lines_added = change.lines_removed = b""

    def _result(self, call_id: str, place: Place, out: Outcome, *, size: int | None = None) -> None:
        """Pass on how a call went; size: bytes of what the model got, None where that is open."""
        failed = out.ok is False and bool(out.body)
        self._events.append(
            ToolResultSeen(
                call_id=place.thread.call_key(call_id),
                session_id=place.thread.session,
                agent_id=place.thread.id,
                at_ms=place.at_ms,
                line=place.line,
                ok=out.ok,
                denied=out.denied,
                interrupted=out.interrupted,
                output_bytes=size,
                error_fingerprint=error_fingerprint(out.body) if failed else None,
                output_fingerprint=out.likeness,
                fault=fault(out.body[:_FAULT_PART]) if failed else "",
            )
        )

    def _consequences(self, call_id: str, call: Call, out: Outcome, place: Place) -> None:
        worked = out.ok or (out.ok is None and out.body.startswith("Success. Updated"))
        if call.changes and worked:
            self._edits(call_id, call, call.changes, place)
        elif call.settled:
            call.changes = []
        if call.git and out.ok is not False:
            self._commits(call_id, call, out.body, place)

    def _edits(self, call_id: str, call: Call, changes: list[Change], place: Place) -> None:
        if call.edited:
            return
        call.edited, call.changes = True, []
        base = call.cwd or place.thread.cwd
        for change in changes:
            self._events.append(
                EditSeen(
                    call_id=place.thread.call_key(call_id),
                    session_id=place.thread.session,
                    agent_id=place.thread.id,
                    at_ms=place.at_ms,
                    line=place.line,
                    path=_absolute(change.path, base),
                    added=change.added,
                    removed=change.removed,
                    created=change.created,
                    lines_added=change.lines_added,
                    lines_removed=change.lines_removed,
                )
            )

    def _commits(self, call_id: str, call: Call, body: str, place: Place) -> None:
        made = [(m[2], "commit", m[1]) for m in _COMMIT.finditer(body)]
        made += [(m[1], "push", m[2]) for m in _PUSH.finditer(body)]
        made += [(m[1], "pull-request", None) for m in _PULL.finditer(body)]
        for sha, kind, branch in made:
            self._events.append(
                CommitSeen(
                    id=sha,
                    kind=kind,
                    session_id=place.thread.session,
                    agent_id=place.thread.id,
                    at_ms=place.at_ms,
                    line=place.line,
                    call_id=place.thread.call_key(call_id),
                    cwd=call.cwd or place.thread.cwd,
                    branch=branch,
                )
            )


def command_of(name: str, given: dict[str, object]) -> str | None:
    """Return the shell text of a call; None for another tool."""
    command = given.get("cmd", given.get("command"))
    if isinstance(command, str):
        return command
    words = [word for word in sequence(command) if isinstance(word, str)]
    if len(words) >= 3 and words[1] in ("-lc", "-c", "-Command", "/c"):
        return words[2]
    if words:
        return shlex.join(words)
    return "" if name in _SHELLS else None


def _may_publish(command: str | None) -> bool:
    return command is not None and ("git " in command or "gh " in command)


def _target(
    name: str, given: dict[str, object], command: str | None, changes: list[Change]
) -> str | None:
    if changes:
        return changes[0].path[:300]
    if command:
        return _first_word(command)
    for key in ("path", "file_path", "url", "query"):
        value = text(given.get(key))
        if value and key == "url":
            return urlsplit(value).hostname
        if value and key != "query":
            return value[:300]
    return None


def _first_word(command: str) -> str | None:
    """Return the program that a command line is about: `cd` and settings before it don't count."""
    for part in _PARTS.split(command[:2000]):
        first = next((word for word in part.split() if not _SETTING.match(word)), None)
        if first is not None and first not in ("cd", "set", "export", "source"):
            found = _WORD.match(first)
            return found[0].rpartition("/")[2][:100] or None if found else None
    return None


def _canonical(given: dict[str, object], command: str | None) -> str:
    """Return a call's arguments as text that is equal for equal calls."""
    if command:
        return command
    return msgspec.json.encode(given, order="sorted").decode("utf-8", "replace")


def _arguments(value: object) -> dict[str, object]:
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        return {}
    try:
        decoded = msgspec.json.decode(value.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {"input": value}
    return decoded if isinstance(decoded, dict) else {"input": value}


def _server(name: str, namespace: str | None) -> str | None:
    for part in (name, namespace or ""):
        if part.startswith("mcp__"):
            return part.split("__")[1] or None
    return None


def _ok(status: object) -> bool | None:
    return {"completed": True, "failed": False, "declined": False}.get(str(status))


def _path(value: object) -> str | None:
    path = text(value)
    return path.removeprefix("file://") if path else None


def _absolute(path: str, base: str | None) -> str:
    if base is None or path.startswith(("/", "~")) or path[1:3] in (":\\", ":/"):
        return path
    return f"{base.rstrip('/')}/{path.removeprefix('./')}"
