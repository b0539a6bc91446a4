"""`tokenwatch hooks install | uninstall | status`: let hard budgets and loops stop your agents.

install and uninstall show what they change in the clients' settings and ask, unless --yes is given.
`status --json` prints a document `tokenwatch.hooks/1`:

    "clients": [{"client": …, "file": …, "hooks": [{"event": …, "command": …}],
                 "problem": … | null}], for each folder of settings,
    "state": {"problem": null | "absent" | "stale" | "broken: …", "at": … | null,
              "by": "monitor" | "hook" | null, "budgets": [<what is exceeded>], "loops": […]},
    "failures": {"count": 0, "at": … | null, "what": … | null},
    "decisions": [{"at": …, "source": …, "session_id": …, "agent_id": …, "event": …,
                   "decision": …, "cause": …, "reason": …}], the latest ten,
    "allowances": [{"made_at": …, "until_at": … | null, "session_id": … | null}]

`hooks run` and `hooks notify` are for the clients (`cli.hook`).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from tokenwatch.cli.ground import ground, print_json
from tokenwatch.cli.table import print_text
from tokenwatch.clients import claude_settings, codex_hooks, hooked, settings_file
from tokenwatch.clients.claude_settings import Hook
from tokenwatch.clients.codex_hooks import HOOKS_RUN, NEEDS_FEATURE
from tokenwatch.clients.hooked import CLIENTS, EVENTS
from tokenwatch.clients.running import command_line
from tokenwatch.errors import ClientSettingsError, UsageError
from tokenwatch.export import documents
from tokenwatch.export.budgets import allowance_words
from tokenwatch.format import clean, rfc3339, short_id, span
from tokenwatch.guard import record
from tokenwatch.guard.state import read, stored
from tokenwatch.store import budgets as allowed
from tokenwatch.store.decisions import decisions, take_decisions

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from tokenwatch.cli.ground import Ground
    from tokenwatch.clients.codex_hooks import Codex
    from tokenwatch.clients.hooked import Hooked
    from tokenwatch.clients.settings_file import Bare, Change
    from tokenwatch.export.documents import Json
    from tokenwatch.store.decisions import Kept

TIMEOUT_S = 5
"""After which a client stops waiting; a hook ends earlier by itself."""
LATEST = 10
_WEEK_MS = 7 * 86_400_000


class NoProgram(ClientSettingsError):
    """What a client can do is not known: its program is not found."""


class Offer(NamedTuple):
    """What could be done for a client."""

    change: Change
    notes: tuple[str, ...] = ()
    """What the user should know, a sentence each."""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    actions = ("install", "uninstall", "status")
    to.add_argument(
        "action", nargs="?", choices=actions, default="status", metavar="ACTION",
        help="install, uninstall or (status)",
    )  # fmt: skip
    to.add_argument("--client", choices=tuple(CLIENTS), help="only this one (those that are here)")
    to.add_argument("--yes", action="store_true", help="install, uninstall: do not ask")
    to.add_argument("--json", action="store_true", help="status: one JSON document on stdout")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.set_defaults(since=None, until=None, source=None, project=None, model=None)
    to.set_defaults(redact=False, no_sync=True)


def run(options: argparse.Namespace) -> int:
    """Do what was asked for; return the exit code."""
    action = options.action
    if options.json and action != "status":
        raise UsageError(f"--json belongs to hooks status, not to {action}")
    if options.yes and action == "status":
        raise UsageError("--yes belongs to hooks install and uninstall, not to status")
    return _status(options) if action == "status" else _change(options)


# install, uninstall -----------------------------------------------------------------------------


def _change(options: argparse.Namespace) -> int:
    installs = options.action == "install"
    failed = done = 0
    for client in _chosen(options):
        try:
            offers = _offers(client, installs)
        except ClientSettingsError as error:
            _complain(client, error)
            # Logs of a program that is not here are no reason to fail, unless it was asked for.
            failed += options.client is not None or not isinstance(error, NoProgram)
            continue
        for offer in offers:
            done += 1
            failed += not _carry_out(client, offer, options, installs)
    if not done and not failed:
        raise UsageError(
            f"neither Claude Code nor Codex has a folder here: nothing to {options.action}"
        )
    return 1 if failed else 0


def _chosen(options: argparse.Namespace) -> list[str]:
    if options.client is not None:
        return [options.client]
    found = []
    for client in CLIENTS:
        try:
            hooked.folders(client)
        except ClientSettingsError:
            continue
        found.append(client)
    return found


def _offers(client: str, installs: bool) -> list[Offer]:
    codex = codex_hooks.installed() if installs and client == "codex" else None
    return [
        offer
        for folder in hooked.folders(client)
        for offer in (_installing if installs else _uninstalling)(client, folder, codex)
    ]


def _installing(client: str, folder: Path, codex: Codex | None) -> list[Offer]:
    bare: Bare = claude_settings.without_ours
    path = hooked.file_in(client, folder)
    if client == "claude-code":
        return [Offer(settings_file.installing(path, lambda text: _with(text, client), bare))]
    if codex is None:
        raise NoProgram("no program codex that tells its version is found here: left as it is")
    notes = _codex_notes(codex.version, codex.ability)
    if codex.ability in (HOOKS_RUN, NEEDS_FEATURE):
        bare = claude_settings.without_hooks
        change = settings_file.installing(path, lambda text: _with(text, client), bare)
        return [Offer(change, notes)]
    config = folder / codex_hooks.CONFIG
    change = settings_file.installing(config, codex_hooks.with_notify, codex_hooks.without_notify)
    return [Offer(change, notes)]


def _uninstalling(client: str, folder: Path, _: Codex | None) -> list[Offer]:
    path, bare = hooked.file_in(client, folder), claude_settings.without_hooks
    found = [settings_file.uninstalling(path, bare)]
    if client == "codex":
        config = folder / codex_hooks.CONFIG
        found.append(settings_file.uninstalling(config, codex_hooks.without_notify))
    return [Offer(each) for each in found if not each.is_none] or [Offer(found[0])]


def _codex_notes(version: str, ability: str) -> tuple[str, ...]:
    trust = f"Codex {version} runs hooks only after you trusted them: start it, or type /hooks."
    if ability == HOOKS_RUN:
        return (trust,)
    if ability == NEEDS_FEATURE:
        on = f"Codex {version} runs hooks only with this: codex features enable codex_hooks"
        return (on, "It asks hooks before shell commands alone, not before other tools.")
    return (
        f"Codex {version} has no hooks: nothing can be stopped there. It only tells when a turn has"
        " ended, so that alerts come at once.",
    )


def _with(text: str, client: str) -> str:
    words = ("hooks", "run") if client == "claude-code" else ("hooks", "run", "--source", client)
    hook = Hook(command_line(*words), timeout=TIMEOUT_S)
    return claude_settings.with_hooks(text, {event: [hook] for event in EVENTS})


def _carry_out(client: str, offer: Offer, options: argparse.Namespace, installs: bool) -> bool:
    """Show a change, ask, and make it; False where it could not be made."""
    change, name = offer.change, CLIENTS[client]
    if change.is_none:
        how = "installed already" if installs else "not installed"
        print_text(f"{name}: {how}   ({change.path})")
    else:
        print_text(f"{name}:")
        print(settings_file.difference(change))
        if not options.yes and not _agrees(change.path):
            print_text(f"{name}: left as it was")
            return True
        try:
            settings_file.apply(change)
        except ClientSettingsError as error:
            _complain(client, error)
            return False
        print_text(f"{name}: {'installed' if installs else 'uninstalled'}   ({change.path})")
    for note in offer.notes:
        print_text(note)
    return True


def _agrees(path: Path) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("--yes is needed where nobody can be asked")
    print(f"Write this to {clean(str(path))}? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _complain(client: str, error: ClientSettingsError) -> None:
    print(f"tokenwatch: {CLIENTS[client]}: {clean(str(error))}", file=sys.stderr)


# status -----------------------------------------------------------------------------------------


def _status(options: argparse.Namespace) -> int:
    with ground(options, details=False) as on:
        take_decisions(on.ledger)
        found = _Status(on, _chosen(options))
        if options.json:
            head = documents.head("hooks", on.now_ms, on.zone.name)
            print_json(head | found.document())
        else:
            for line in found.lines():
                print_text(line)
    return 0


class _Status:
    """What hooks there are, what they go by, and what they did."""

    def __init__(self, on: Ground, clients: list[str]) -> None:
        self._on = on
        self._at = str(on.ledger.path.parent)
        self._clients = [(client, each) for client in clients for each in hooked.hooked(client)]
        self._decisions = decisions(on.ledger, on.now_ms - _WEEK_MS)[:LATEST]
        self._allowances = allowed.allowances(on.ledger, on.now_ms)
        self._failure = record.failure(self._at)
        self._state, self._broken = stored(self._at)
        self._problem = read(self._at, on.now_ms)[1]

    def document(self) -> Json:
        """Return it as JSON."""
        state, failure = self._state, self._failure or {}
        at_ms = failure.get("at_ms")
        return {
            "clients": [
                {
                    "client": client,
                    "file": each.file,
                    "hooks": [{"event": event, "command": line} for event, line in each.hooks],
                    "problem": each.problem or None,
                }
                for client, each in self._clients
            ],
            "state": {
                "problem": self._problem or None,
                "at": None if state is None else rfc3339(state["at_ms"]),
                "by": None if state is None else state["by"],
                "budgets": [] if state is None else [each["words"] for each in state["budgets"]],
                "loops": [] if state is None else [each["words"] for each in state["looping"]],
            },
            "failures": {
                "count": failure.get("count", 0),
                "at": rfc3339(at_ms) if isinstance(at_ms, int) else None,
                "what": failure.get("what"),
            },
            "decisions": [{"at": rfc3339(each.at_ms)} | _told(each) for each in self._decisions],
            "allowances": [
                {
                    "made_at": rfc3339(each.made_ms),
                    "until_at": rfc3339(each.until_ms),
                    "session_id": each.session_id,
                }
                for each in self._allowances
            ],
        }

    def lines(self) -> list[str]:
        """Return it for people."""
        lines = [line for each in self._clients for line in _client_lines(*each)]
        lines.append(self._state_line())
        if self._state is not None and not self._problem:
            lines += [f"  exceeded: {each['words']}" for each in self._state["budgets"]]
            lines += [f"  a loop: {each['words']}" for each in self._state["looping"]]
            lines += [
                f"  {each['name']}: at most {each['limit']} agents at once"
                f"{' in a session' if each['each'] else ''}"
                for each in self._state["caps"]
            ]
            lines += [
                f"  session {short_id(each['session_id'])}: {len(each['names'])} agents run,"
                f" {each['spawned']} subagents started in 10 minutes"
                for each in self._state["running"]
            ]
        zone, now_ms = self._on.zone.zone, self._on.now_ms
        lines += [allowance_words(each, zone, now_ms) for each in self._allowances]
        if self._failure is not None:
            count, what, at_ms = (self._failure.get(key) for key in ("count", "what", "at_ms"))
            ago = f", {span(now_ms - at_ms)} ago" if isinstance(at_ms, int) else ""
            lines.append(f"hooks failed {count} times and let go on; the last{ago}: {what}")
        if self._decisions:
            lines.append("decisions of the last 7 days, the latest first:")
        for each in self._decisions:
            session = "" if each.session_id is None else f" {short_id(each.session_id)}"
            ago = span(now_ms - each.at_ms)
            lines.append(f"  {ago} ago{session} {each.event}: {each.decision} ({each.cause})")
        return lines

    def _state_line(self) -> str:
        if self._state is None:
            if self._broken == "absent":
                return "state: none yet; the next prompt of a client with hooks makes it"
            return f"state: {self._broken}; a prompt or the monitor makes it anew"
        age = span(self._on.now_ms - self._state["at_ms"])
        by = "the monitor" if self._state["by"] == "monitor" else "a hook"
        stale = f"; {self._problem}, so no tool is stopped by it" if self._problem else ""
        return f"state: {age} old, written by {by} (process {self._state['pid']}){stale}"


def _told(each: Kept) -> Json:
    return {name: getattr(each, name) for name in each._fields if name != "at_ms"}


def _client_lines(client: str, each: Hooked) -> list[str]:
    name = CLIENTS[client]
    where = f"   ({each.file})" if each.file else ""
    lines = [f"{name}: {'installed' if each.hooks else 'not installed'}{where}"]
    lines += [f"  {event}: {command}" for event, command in each.hooks]
    return [*lines, f"  {each.problem}"] if each.problem else lines
