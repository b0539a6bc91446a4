"""Who may come in.

Any page that a browser shows can send requests to loopback, and any user of the machine can too. So
three things are asked of a request, and all of them of a websocket:

* the Host it names is one of ours: a foreign name that resolves to us (DNS rebinding) is none;
* the Origin, where there is one, is the page of that very host and port;
* the token stands in the address, or the cookie that came with the first page is there.
"""

from __future__ import annotations

import hmac
import re
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from secrets import token_urlsafe

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?")
LEAST_TOKEN = 16
"""Characters of a token that the user chooses."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a request says of itself; "" for what it does not say."""

    host: str
    origin: str = ""
    token: str = ""
    cookie: str = ""
    wants_origin: bool = False
    """Whether it must say where it comes from: websockets, and whatever is not just read."""


@dataclass
class Gate:
    """Decides by a token of its own which requests are answered."""

    names: frozenset[str]
    """Hosts, lower-case, without a port."""
    takes_addresses: bool = False
    """Whether a numeric address is a good host. Names can be rebound, addresses can't."""
    token: str = field(default_factory=lambda: token_urlsafe(32))
    cookie: str = field(default_factory=lambda: token_urlsafe(32))
    """Another secret than the token: a browser shows cookies to every port of a host."""
    _once: set[str] = field(default_factory=set)

    def once(self) -> str:
        """Return a token that opens the first page one time.

        For a browser's command line, which all users of the machine can read.
        """
        made = token_urlsafe(32)
        self._once.add(made)
        return made

    def refusal(self, visit: Visit) -> str:
        """Return why a visit is refused, "" if it is welcome."""
        if not self._is_ours(visit.host):
            return "this host name is not served here"
        if visit.origin or visit.wants_origin:
            # Compared with the Host header, so that it holds behind a forwarded port too.
            ours = f"http://{visit.host}"
            if not _same(visit.origin.lower(), ours.lower()):
                return "another page sent this request"
        if not self._is_known(visit):
            return "the address needs the token that `tokenwatch serve` printed"
        return ""

    def _is_ours(self, host: str) -> bool:
        name = name_of(host)
        return bool(name) and (name in self.names or (self.takes_addresses and is_address(name)))

    def _is_known(self, visit: Visit) -> bool:
        if not visit.token:
            return _same(visit.cookie, self.cookie)
        for made in tuple(self._once):
            if _same(visit.token, made):
                self._once.discard(made)
                return True
        return _same(visit.token, self.token)


def gate_for(host: str, token: str | None) -> Gate:
    """Return the gate of a server that listens on `host`. token: the user's own, if any."""
    names = LOOPBACK | {host.lower()}
    beyond = not is_loopback(host)
    if beyond:
        here = socket.gethostname().lower()
        names |= {here, f"{here}.local"}
    gate = Gate(names=names, takes_addresses=beyond)
    if token is not None:
        gate.token = token
    return gate


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on a host."""
    if is_address(host):
        return ip_address(host).is_loopback
    return host.lower() == "localhost"


def is_address(name: str) -> bool:
    """Return whether it is a number and not a name."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def name_of(host: str) -> str:
    """Return the name in a Host header, lower-case, without port and brackets; "" for none."""
    found = _HOST.fullmatch(host.lower())
    return found[1] or found[2] if found else ""


def authority(host: str, port: int) -> str:
    """Return host and port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _same(given: str, wanted: str) -> bool:
    """Compare in a time that tells nothing of how much of it is right."""
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


def headers(host: str) -> dict[str, str]:
    """Return what every answer tells the browser to allow: only what comes from us.

    host: as the request names it. The terminal sets its own styles, so those may be inline;
    older Safaris do not count websockets as 'self'.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "font-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self' ws://{host}" if name_of(host) else "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {what}" for name, what in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Server": "tokenwatch",
    }
