"""How the user wants to hear of things: `[alerts]`, its texts read and what is wrong with them.

Pure. `alerts` makes settings of a table whose values are proper, each by itself (`problem`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from urllib.parse import SplitResult

KINDS: Final = (
    *("budget", "forecast", "burn", "tokens", "autonomous", "loop", "agents"),
    *("cache", "context", "unattended", "retry", "data", "quota"),
)
"""Names of the rules, as `analysis.alerts.alert.AlertKind` has them."""
FORMS: Final = ("generic", "slack", "ntfy")
"""What a webhook is sent: the document, Slack's `{"text": …}`, or text with headers of ntfy."""
KEYRING: Final = "keyring"
"""Instead of a webhook's address: it is kept in the keyring of the operating system."""
FLAGS: Final = ("toast", "bell", "terminal", "desktop", "redact")
WANTED: Final[Mapping[str, str]] = {
    "off": f"some of {', '.join(KINDS)}, with commas between them",
    "quiet": "a stretch of the day such as 22:00-07:00",
    "command": "a command line such as 'notify --from tokenwatch'",
    "webhook.url": "keyring, or an address with https:// (http:// for this machine alone)",
}
"""Which texts a setting takes, in words; the empty one always is: nothing."""
_DAY_MINUTES: Final = 1440
_QUIET: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})", re.ASCII)
_LONGEST: Final = 4096
_HOST: Final = re.compile(r"[\w.:%-]+")
"""What names of hosts, and addresses, are made of."""


class QuietHours(NamedTuple):
    """A stretch of the local day, in minutes after midnight; it may go over midnight."""

    begin: int
    """Belongs to it."""
    end: int
    """Does not; never the same as begin."""

    def hold(self, minute: int) -> bool:
        """Tell whether a minute of the day is one of them."""
        return (minute - self.begin) % _DAY_MINUTES < (self.end - self.begin) % _DAY_MINUTES

    @property
    def words(self) -> str:
        """As in the file: `22:00-07:00`."""
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in self)


class WebhookConfig(NamedTuple):
    """Where alerts are posted: `[alerts.webhook]`."""

    url: str | None = None
    """A secret: whoever knows it can post. KEYRING: look there. None: nowhere."""
    form: str = "generic"
    """One of FORMS."""


class AlertsConfig(NamedTuple):
    """All settings of alerts, with their defaults."""

    off: tuple[str, ...] = ()
    """Rules that say nothing."""
    quiet: QuietHours | None = None
    """When all but the urgent waits in the inbox; None: never."""
    toast: bool = True
    bell: bool = True
    terminal: bool = False
    """Notifications of the terminal that the monitor runs in."""
    desktop: bool = False
    command: tuple[str, ...] = ()
    """The words of a program that gets the alert's document; none: no program."""
    webhook: WebhookConfig = WebhookConfig()
    redact: bool = False
    """What commands and webhooks are given names neither key nor session, nor budgets or files."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The rules that are on."""
        return tuple(kind for kind in KINDS if kind not in self.off)


def quiet_hours(text: str) -> QuietHours | None:
    """Return the stretch that a text names; None for a wrong one."""
    found = _QUIET.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute, end_hour, end_minute = map(int, found.groups())
    if max(hour, end_hour) > 23 or max(minute, end_minute) > 59:
        return None
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    return None if begin == end else QuietHours(begin, end)


def kinds_of(text: str) -> tuple[str, ...] | None:
    """Return the rules that a text lists, each once; None if it names another one."""
    names = tuple(dict.fromkeys(name for word in text.split(",") if (name := word.strip())))
    return names if set(names) <= set(KINDS) else None


def words_of(text: str) -> tuple[str, ...] | None:
    """Return the words of a command line, quotes as in a shell; None for a wrong one."""
    if len(text) > _LONGEST or "\0" in text:
        return None
    try:
        words = tuple(shlex.split(text))
    except ValueError:
        return None
    return None if words and not words[0].strip() else words


def url_problem(text: str) -> str | None:
    """Say what is wrong with a webhook's address, without showing it; None for a proper one."""
    from urllib.parse import urlsplit

    if len(text) > _LONGEST or not text.isprintable() or " " in text:
        return "no address: it has blanks or control characters, or is too long"
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return "no address"
    if not parts.hostname or parts.scheme not in ("https", "http"):
        return "no address with https://"
    if not _HOST.fullmatch(parts.hostname):
        return "no address: its host is none"
    if parts.scheme == "http" and not is_loopback(parts):
        return "an address with http:// is taken for this machine alone: use https://"
    return None


def shown(url: str) -> str:
    """Return scheme and host of an address: all of it that may be shown; `?` if it has none."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "?"
    if not (parts.scheme and host.isprintable() and _HOST.fullmatch(host)):
        return "?"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}"[:120]


def is_loopback(parts: SplitResult) -> bool:
    """Tell whether an address is one of this machine, by its name, without asking anyone."""
    import ipaddress

    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def problem(key: str, value: object) -> str | None:
    """Say what is wrong with a value, in words that follow its name; None for a proper one.

    key: as below `[alerts]`: `quiet`, `webhook.url`.
    """
    if key in FLAGS:
        return None if isinstance(value, bool) else "allowed are true, false"
    if key == "webhook.form":
        return None if value in FORMS else f"allowed are {', '.join(FORMS)}"
    if key not in WANTED:
        return "no such setting"
    needed = f"{WANTED[key]} is needed"
    if not isinstance(value, str):
        return needed
    if not value.strip():
        return None
    if key == "webhook.url":
        said = None if value == KEYRING else url_problem(value)
        return f"{needed}; it is {said}" if said else None
    reader = {"off": kinds_of, "quiet": quiet_hours, "command": words_of}[key]
    return needed if reader(value) is None else None


def alerts(table: Mapping[str, object]) -> AlertsConfig:
    """Return the settings of a table whose values are proper.

    table: as in the file, `webhook` being a table of its own; what is missing has its default.
    """
    webhook = table.get("webhook")
    inner = webhook if isinstance(webhook, Mapping) else {}
    flags = {name: value for name in FLAGS if isinstance(value := table.get(name), bool)}
    return AlertsConfig(
        off=kinds_of(_text(table, "off")) or (),
        quiet=quiet_hours(_text(table, "quiet")),
        command=words_of(_text(table, "command")) or (),
        webhook=WebhookConfig(_text(inner, "url") or None, _text(inner, "form") or FORMS[0]),
        **flags,
    )


def _text(table: Mapping[str, object], key: str) -> str:
    value = table.get(key)
    return value.strip() if isinstance(value, str) else ""


def written(config: AlertsConfig, key: str) -> str | bool:
    """Return a setting as the file has it; "" for nothing. KeyError for an unknown key."""
    if key in FLAGS:
        return bool(getattr(config, key))
    texts = {
        "off": ", ".join(config.off),
        "quiet": config.quiet.words if config.quiet else "",
        "command": shlex.join(config.command),
        "webhook.url": config.webhook.url or "",
        "webhook.form": config.webhook.form,
    }
    return texts[key]


_IN_FILE: Final = {"webhook": "webhook.url", "webhook_form": "webhook.form"}


def name_of(key: str) -> str:
    """Return what `problem` and `written` call a key of the file's `[alerts]`."""
    return _IN_FILE.get(key, key)


def of_file(table: Mapping[str, object]) -> AlertsConfig:
    """Return the settings of the file's `[alerts]`, whose values are proper."""
    webhook = {"url": table.get("webhook"), "form": table.get("webhook_form")}
    return alerts({**table, "webhook": webhook})
