"""The way from a figure to the sessions behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tokenwatch.tui.tabs import tab_named

if TYPE_CHECKING:
    from tokenwatch.tui.app import TokenwatchApp

_NAME = "sessions"


@runtime_checkable
class Filterable(Protocol):
    """A screen of sessions that can be told which to show."""

    def filter_by(self, text: str) -> None:
        """Show the sessions that a filter of that text lets through."""


def show_sessions(app: TokenwatchApp, text: str) -> bool:
    """Go to the sessions that a filter lets through; False where no screen can be told so."""
    if not app.is_screen_installed(_NAME):
        app.install_screen(tab_named(_NAME).make(), _NAME)
    screen = app.get_screen(_NAME)
    if not isinstance(screen, Filterable):
        return False
    app.action_go(_NAME)
    screen.filter_by(text)
    return True
