"""Which channels there are, which of them are on, and the error they all raise."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from tokenwatch.config.alerts import AlertsConfig
from tokenwatch.errors import TokenwatchError


class Channel(StrEnum):
    """A way to the user. The names are those of the settings."""

    TOAST = "toast"
    BELL = "bell"
    TERMINAL = "terminal"
    DESKTOP = "desktop"
    COMMAND = "command"
    WEBHOOK = "webhook"


OUTWARD: Final = (Channel.DESKTOP, Channel.COMMAND, Channel.WEBHOOK)
"""Those that take time and may fail: they need no screen of ours."""


class ChannelError(TokenwatchError):
    """An alert could not be given to a channel; one line, without secrets."""


def enabled(settings: AlertsConfig) -> tuple[Channel, ...]:
    """Return the channels that are on, in their order."""
    on = {
        Channel.TOAST: settings.toast,
        Channel.BELL: settings.bell,
        Channel.TERMINAL: settings.terminal,
        Channel.DESKTOP: settings.desktop,
        Channel.COMMAND: bool(settings.command),
        Channel.WEBHOOK: settings.webhook.url is not None,
    }
    return tuple(channel for channel in Channel if on[channel])
