"""An app whose user may sit at a browser, away from the machine it runs on."""

from __future__ import annotations

from collections.abc import Mapping

from textual.actions import ActionParseResult
from textual.app import App
from textual.dom import DOMNode

from tokenwatch.tui.bindings import LOCAL


class RemoteApp(App[str]):
    """Where `is_remote`, nothing is done to the machine: no action of `bindings.LOCAL` runs."""

    is_remote = False

    def offers(self, action: str) -> bool:
        """Return whether an action of KEYS can be had here at all."""
        return not (self.is_remote and action in LOCAL)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        name = action.partition("(")[0] if isinstance(action, str) else ".".join(action[:2])
        if not self.offers(name):
            return False
        return await super().run_action(action, default_namespace, namespaces)
