"""What a tool call is for, by the tool's name and its arguments."""

from __future__ import annotations

import re

import msgspec

from tokenwatch.sources.commands import Deed, describe
from tokenwatch.sources.lines import name_hash
from tokenwatch.sources.values import fingerprint, sequence, text

_PURPOSES = {
    "apply_patch": "edit", "update_plan": "plan", "request_user_input": "ask",
    "request_user_input_async": "ask", "spawn_agent": "launch", "wait_agent": "wait",
    "wait": "wait", "sleep": "wait", "view_image": "read", "read_file": "read",
    "grep_files": "search", "web_search": "web",
}  # fmt: skip
NOTHING = Deed("", "", (), False)
_EDIT = Deed("edit", "", (), False)
_LONGEST = 20_000
"""Characters of a script that are looked at."""
_USED = re.compile(r"\btools\.(\w+)\s*\(")
_COMMAND = re.compile(
    r"""\bcmd["']?\s*:\s*("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`(?:[^`\\]|\\.)*+`)""", re.S
)
_ESCAPE = re.compile(r"\\(.)", re.S)
_ESCAPES = {"n": "\n", "t": "\t", "r": "", "\n": ""}
_REPORTED = frozenset({"exec_command", "shell_command", "apply_patch", "view_image", "web_search"})
"""Tools that a paginated thread reports by items of their own, also when a script calls them."""
_SKILL = re.compile(r"([^/\\\s\"']{1,100})[/\\]SKILL\.md\b")


def deed_of(
    name: str, given: dict[str, object], command: str | None, *, patches: bool, paginated: bool
) -> Deed:
    """Return what a call does; its `likeness` is "" where its arguments say it all.

    patches: its text holds a patch. paginated: the thread reports what scripts call.
    """
    if patches or name == "apply_patch":
        return _EDIT
    if command:
        return describe(command)
    if name == "exec":
        return _of_script(text(given.get("input")) or "", paginated=paginated)
    if name == "write_stdin":
        return _of_input(given)
    purpose = _PURPOSES.get(name, "")
    if purpose == "wait":
        return Deed(purpose, _awaited(name, given), (), False)
    if purpose == "read":
        path = text(given.get("path")) or text(given.get("file_path")) or ""
        partial = "offset" in given or "limit" in given
        return Deed(purpose, "", (name_hash(path),) if path else (), partial)
    return Deed(purpose, "", (), False) if purpose else NOTHING


def skill_of(command: str | None) -> str | None:
    """Return the skill whose instructions a command reads: that is how one is used."""
    found = _SKILL.search(command) if command and "SKILL.md" in command else None
    return found[1] if found else None


def _of_input(given: dict[str, object]) -> Deed:
    """Input for a running command; none at all asks how it is getting on."""
    if given.get("chars"):
        return NOTHING
    return Deed("wait", fingerprint("session", str(given.get("session_id"))), (), False)


def _awaited(name: str, given: dict[str, object]) -> str:
    if name == "sleep":
        return fingerprint("sleep")
    if "cell_id" in given:
        return fingerprint("cell", str(given["cell_id"]))
    named = given.get("targets", given.get("ids"))
    agents = [named] if isinstance(named, str) else sequence(named)
    return fingerprint("agents", *sorted(a for a in agents if isinstance(a, str)))


def _of_script(script: str, *, paginated: bool) -> Deed:
    """Return what JavaScript does that calls tools; what is reported elsewhere does not count."""
    script = script[:_LONGEST]
    used = dict.fromkeys(_USED.findall(script))
    if paginated:
        names = [name for name in used if name not in _REPORTED and not name.startswith("mcp__")]
    else:
        names = list(used)
        commands = [_literal(found) for found in _COMMAND.findall(script)]
        if commands and "exec_command" in used:
            return describe("\n".join(commands))
    purposes = {_PURPOSES.get(name.rpartition("__")[2], "") for name in names}
    # The rest of a script with several purposes can't be told apart.
    return Deed(purposes.pop(), "", (), False) if len(purposes) == 1 else NOTHING


def _literal(found: str) -> str:
    """Return what a JavaScript string says; what is put into a template stays as it is."""
    if found.startswith('"'):
        try:
            return msgspec.json.decode(found.encode("utf-8", "surrogatepass"), type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
    return _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), found[1:-1])
