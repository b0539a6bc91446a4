"""The full screens by their number keys, each imported on its first visit."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, cast

if TYPE_CHECKING:
    from tokenwatch.tui.screens.frame import FrameScreen


class Tab(NamedTuple):
    """A screen that has a key of its own everywhere."""

    name: str
    """Of the installed screen, and in `app.go('…')`."""
    keys: str
    shown: str
    title: str
    meaning: str
    screen: str
    """Its class, with the module below `tui.screens`."""

    def make(self) -> FrameScreen:
        """Import the screen and make it."""
        module, _, screen = self.screen.rpartition(".")
        found = import_module(f"tokenwatch.tui.screens.{module}")
        return cast("FrameScreen", getattr(found, screen)())


TABS: Final = (
    Tab("live", "1", "1", "Live", "what is being spent now, by whom", "live.screen.LiveScreen"),
    Tab("sessions", "2", "2", "Sessions", "all there ever were", "sessions.screen.SessionsScreen"),
    Tab("waste", "3", "3", "Waste", "what could have been avoided", "waste.screen.WasteScreen"),
    Tab(
        "budgets",
        "4",
        "4",
        "Budgets",
        "your own limits, alerts",
        "budgets.screen.BudgetsScreen",
    ),
    Tab(
        "history", "5", "5", "History", "spend and agents over time", "history.screen.HistoryScreen"
    ),
    Tab("quota", "6", "6", "Quota", "what your plans have left", "quota.screen.QuotaScreen"),
    Tab(
        "agents",
        "7",
        "7",
        "Agents",
        "who worked when, started by whom",
        "agents.screen.AgentsScreen",
    ),
)
SETTINGS: Final = Tab(
    "settings", "comma", ",", "Settings", "change them", "settings.screen.SettingsScreen"
)


def tab_named(name: str) -> Tab:
    """Return a tab. KeyError for an unknown name."""
    return {tab.name: tab for tab in (*TABS, SETTINGS)}[name]
