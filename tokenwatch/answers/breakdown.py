"""What a session's spend was for: by tool, MCP server, skill, plugin and subagent type.

Each of these tells of every request, so its shares add up to the session's cost exactly. A request
that called several tools is divided among its calls in equal parts; one that called none, or that
nothing is said of, is in the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from tokenwatch.answers.moment import Moment
from tokenwatch.model import AgentKind
from tokenwatch.snapshot import ExplainedRequest
from tokenwatch.store import explain, purposes
from tokenwatch.store import sessions as stored
from tokenwatch.store.purposes import Asked, Call


class By(StrEnum):
    """What spend is divided by."""

    TOOL = "tool"
    MCP_SERVER = "MCP server"
    SKILL = "skill"
    PLUGIN = "plugin"
    SUBAGENT = "subagent"
    """Its type (Claude Code), or what it is called by (Codex)."""


class Basis(StrEnum):
    """How it is known whose a request is."""

    REPORTED = "reported by Claude Code"
    CALLED = "requests that called it"
    OWN = "their own requests"
    REST = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of a session's spend that is one tool's, server's, skill's, plugin's or type's."""

    key: str
    """Tells it from others, and nothing of its name."""
    by: By
    name: str | None
    """None for the rest."""
    basis: Basis
    requests: int
    """All that it has a part in."""
    shared: int
    """Those of them that others have a part in as well."""
    calls: int
    failed: int
    """Of the calls."""
    tokens: int
    output: int
    cost_pico: int
    unpriced: int
    """Requests without a price among them: what they cost is missing here."""
    server: str | None = None
    """Of a tool that an MCP server offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """What a session's spend was for. The shares of each `By` add up to the whole of it."""

    session_id: str
    tools: tuple[Share, ...]
    purposes: tuple[Share, ...]
    """By what is known of the session at all: MCP server, skill, plugin, subagent type."""
    cost_pico: int


Name = tuple[str, str]
"""A name, and the MCP server of a tool; ("", "") is the rest."""
_REST: Name = ("", "")


@dataclass(slots=True)
class _Sum:
    ids: list[str] = field(default_factory=list)
    shared: int = 0
    calls: int = 0
    failed: int = 0
    tokens: int = 0
    output: int = 0
    cost_pico: int = 0
    unpriced: int = 0


@dataclass(slots=True, kw_only=True)
class _Division:
    """Requests divided by one thing."""

    by: By
    basis: Basis
    sums: dict[Name, _Sum]

    def shares(self) -> list[Share]:
        """Return the shares, the largest first, the rest last."""
        ordered = sorted(self.sums.items(), key=lambda s: (s[0] == _REST, -s[1].cost_pico, s[0]))
        return [
            Share(
                key=_key(self.by, name),
                by=self.by,
                name=name[0] or None,
                server=name[1] or None,
                basis=Basis.REST if name == _REST else self.basis,
                requests=len(part.ids),
                shared=part.shared,
                calls=part.calls,
                failed=part.failed,
                tokens=part.tokens,
                output=part.output,
                cost_pico=part.cost_pico,
                unpriced=part.unpriced,
            )
            for name, part in ordered
        ]


def breakdown(moment: Moment, session_id: str) -> Breakdown:
    """Return what a session's spend was for. NotFound for an unknown one."""
    asked, divisions = _divided(moment, session_id)
    return Breakdown(
        session_id=session_id,
        tools=tuple(divisions[0].shares()),
        purposes=tuple(share for each in divisions[1:] for share in each.shares()),
        cost_pico=sum(request.cost_pico or 0 for request in asked),
    )


def requests_of(moment: Moment, session_id: str, share: str) -> tuple[ExplainedRequest, ...]:
    """Return the requests that a share has a part in, whole, in the order of time.

    share: its key. NotFound for an unknown session; nothing for an unknown key.
    """
    _, divisions = _divided(moment, session_id)
    ids = {
        identifier
        for division in divisions
        for name, part in division.sums.items()
        if _key(division.by, name) == share
        for identifier in part.ids
    }
    found = explain.requests(moment.ledger, stored.find(moment.ledger, session_id))
    return tuple(request for request in found if request.id in ids)


def _divided(moment: Moment, session_id: str) -> tuple[list[Asked], list[_Division]]:
    key = stored.find(moment.ledger, session_id)
    asked = purposes.requests(moment.ledger, key)
    calls: dict[str | None, list[Call]] = {}
    for call in purposes.calls(moment.ledger, key):
        calls.setdefault(call.request, []).append(call)
    tools = _by_calls(By.TOOL, asked, calls, lambda call: (call.tool, call.mcp_server))
    found = [
        _reported(By.MCP_SERVER, asked, lambda r: r.mcp_server)
        or _by_calls(By.MCP_SERVER, asked, calls, lambda call: (call.mcp_server, "")),
        _reported(By.SKILL, asked, lambda r: r.skill)
        or _by_calls(By.SKILL, asked, calls, lambda call: (call.skill, "")),
        _reported(By.PLUGIN, asked, lambda r: r.plugin),
        _by_type(asked),
    ]
    return asked, [
        tools,
        *(each for each in found if each is not None and set(each.sums) - {_REST}),
    ]


def _reported(
    by: By, asked: Sequence[Asked], name: Callable[[Asked], str], basis: Basis = Basis.REPORTED
) -> _Division | None:
    """Divide by what the client says; None where it says nothing of any request."""
    if not any(name(request) for request in asked):
        return None
    sums: dict[Name, _Sum] = {}
    for request in asked:
        _add(sums.setdefault((name(request), ""), _Sum()), request, 0, 1, 1)
    return _Division(by=by, basis=basis, sums=sums)


def _by_type(asked: Sequence[Asked]) -> _Division | None:
    """Divide by the subagent's type; what its own log is called by, where the client says none."""
    said = all(r.agent for r in asked if r.agent_kind == AgentKind.SUBAGENT.value)

    def name(request: Asked) -> str:
        if request.agent or request.agent_kind == AgentKind.MAIN.value:
            return request.agent
        auxiliary = request.agent_kind == AgentKind.AUXILIARY.value
        return request.agent_name or ("auxiliary" if auxiliary else "unnamed")

    basis = Basis.REPORTED if said and any(r.agent for r in asked) else Basis.OWN
    return _reported(By.SUBAGENT, asked, name, basis)


def _by_calls(
    by: By,
    asked: Iterable[Asked],
    calls: Mapping[str | None, Sequence[Call]],
    name: Callable[[Call], Name],
) -> _Division:
    """Divide each request among its calls, in equal parts."""
    sums: dict[Name, _Sum] = {}
    for request in asked:
        own = calls.get(request.id, ())
        counts: dict[Name, int] = {}
        for call in own:
            counts[name(call)] = counts.get(name(call), 0) + 1
        done, many = 0, len(own) or 1
        for called, count in (counts or {_REST: 1}).items():
            part = sums.setdefault(called, _Sum())
            _add(part, request, done, done + count, many)
            part.shared += len(counts) > 1
            done += count
    for call in (call for each in calls.values() for call in each):
        part = sums.setdefault(name(call), _Sum())
        part.calls += 1
        part.failed += call.failed
    return _Division(by=by, basis=Basis.CALLED, sums=sums)


def _add(part: _Sum, request: Asked, begin: int, end: int, many: int) -> None:
    """Add the parts from `begin` to `end` of a request that is divided into so `many`."""
    part.ids.append(request.id)
    part.tokens += request.tokens * end // many - request.tokens * begin // many
    part.output += request.output * end // many - request.output * begin // many
    if request.cost_pico is None:
        part.unpriced += 1
    else:
        cost = request.cost_pico
        part.cost_pico += cost * end // many - cost * begin // many


def _key(by: By, name: Name) -> str:
    said = "\0".join((by.value, *name)).encode(errors="surrogateescape")
    return f"{by.name.lower()}-{blake2b(said, digest_size=6).hexdigest()}"
