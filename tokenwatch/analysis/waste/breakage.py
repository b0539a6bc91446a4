"""Why a cache that was still warm was not found, as far as the log tells."""

from __future__ import annotations

from collections.abc import Mapping

from tokenwatch import format
from tokenwatch.analysis.waste.history import Request, Session
from tokenwatch.analysis.waste.rebuild import Link

REASONS: Mapping[str, str] = {
    "model_changed": "model-switch",
    "tools_changed": "tools",
    "system_changed": "client",
    "messages_changed": "client",
    "previous_message_not_found": "client",
}
"""What a provider's own word for a miss comes to."""


def cause_of(link: Link) -> str:
    """Return model-switch, effort, cli-upgrade or tools; client where the log tells nothing."""
    between = link.between
    upgraded = between.version is not None and between.version != link.version
    if not link.same_model:
        return "model-switch"
    # An effort that is told for the first time may be news of the client's, not of the user's.
    chosen = between.effort is not None and between.effort != link.effort
    if (chosen and not (link.effort is None and upgraded)) or _speed(link.before) != _speed(
        link.request
    ):
        return "effort"
    if upgraded:
        return "cli-upgrade"
    if between.tools is not None:
        return "tools"
    return REASONS.get(between.reason or "", "client")


def _speed(request: Request) -> str:
    return request.speed or "standard"


def fell(link: Link) -> int:
    """Return how many tokens fewer than the request before it a request read."""
    return link.before.usage.cache_read - link.request.usage.cache_read


def changed(link: Link, cause: str, session: Session) -> dict[str, str]:
    """Return the names that tell what changed; of the client, the version that it was."""
    if cause == "model-switch":
        return {
            "from": format.model_name(link.before.model),
            "to": format.model_name(link.request.model),
        }
    between = link.between
    if cause == "effort":
        speeds = (_speed(link.before), _speed(link.request))
        if speeds[0] != speeds[1]:
            return {"to": speeds[1]}
        return {"to": between.effort or "the default"}
    if cause == "cli-upgrade":
        return {"to": between.version or "?"}
    if cause == "tools":
        return {"tools": format.one_line(between.tools, 60)} if between.tools else {}
    version = link.version or session.version
    return {"version": version} if version else {}


class _Names(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


_WHAT: Mapping[str, str] = {
    "model-switch": "model switched from {from} to {to}",
    "effort": "effort or speed changed to {to}",
    "cli-upgrade": "client upgraded to {to}",
    "tools": "tools changed",
    "client": "rebuilt by the client",
}
_ADVICE: Mapping[str, str] = {
    "model-switch": "Pick the model before the work starts; give the part that {to} is to do to a"
    " subagent instead of switching with /model.",
    "effort": "Choose effort and speed before the work starts, or change them right after a"
    " /compact or /clear: each change has the whole context sent again.",
    "cli-upgrade": "Upgrade between two tasks, and begin a new session after it rather than"
    " resuming a long one.",
    "tools": "Connect servers and plugins before the session starts, and leave them until its end.",
    "client": "Nothing that you did: the client sent its history in another form. If one version"
    " does it more often than others, report it, or stay on another version.",
}


def told(cause: str, names: Mapping[str, str]) -> str:
    """Return what happened, with the names that `changed` gave."""
    what = _WHAT[cause].format_map(_Names(names))
    return f"{what} ({names['tools']})" if names.get("tools") else what


def advised(cause: str, names: Mapping[str, str]) -> str:
    """Return what to do another time."""
    return _ADVICE[cause].format_map(_Names(names))
