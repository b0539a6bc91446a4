"""The full screens by their number keys, each imported on its first visit."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, cast

if TYPE_CHECKING:
    from tokenwatch.tui.screens.frame import FrameScreen


class Tab(NamedTuple):
    """A screen that has a key of its own everywhere."""

    name: str
    """Of the module below `tui.screens`, of the installed screen, and in `app.go('…')`."""
    keys: str
    shown: str
    title: str
    meaning: str
    screen: str
    """Its class."""

    def make(self) -> FrameScreen:
        """Import the screen and make it."""
        module = import_module(f"tokenwatch.tui.screens.{self.name}")
        return cast("FrameScreen", getattr(module, self.screen)())


TABS: Final = (
    Tab("live", "1", "1", "Live", "what is being spent now, by whom", "LiveScreen"),
    Tab("sessions", "2", "2", "Sessions", "all sessions there ever were", "SessionsScreen"),
    Tab("waste", "3", "3", "Waste", "what could have been avoided", "WasteScreen"),
    Tab("budgets", "4", "4", "Budgets", "your own limits, and alerts", "BudgetsScreen"),
    Tab("history", "5", "5", "History", "cost and agents over time", "HistoryScreen"),
    Tab("quota", "6", "6", "Quota", "what your plans have left", "QuotaScreen"),
    Tab("agents", "7", "7", "Agents", "who worked when, and who started whom", "AgentsScreen"),
)
SETTINGS: Final = Tab("settings", "comma", ",", "Settings", "change settings", "SettingsScreen")


def tab_named(name: str) -> Tab:
    """Return a tab. KeyError for an unknown name."""
    return {tab.name: tab for tab in (*TABS, SETTINGS)}[name]
