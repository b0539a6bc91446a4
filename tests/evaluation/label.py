"""What is known of the generated sessions: where there is waste of a kind, and where none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS = (
    *("cache-expired", "wrong-cache-lifetime", "cache-broken", "repeated-attempts"),
    *("stale-context", "interrupted-work", "oversized-result", "fixed-overhead", "loop"),
    *("repeated-failure", "tool-misuse", "polling", "redundant-read", "repeated-boilerplate"),
    *("oversized-model", "oversized-effort", "unattended", "agent-fan-out"),
    *("fruitless-exploration", "unrequested-files", "discarded-code", "no-output"),
)
"""As the contract names them."""
LOOK = frozenset(
    (
        *("wrong-cache-lifetime", "unattended", "agent-fan-out", "fruitless-exploration"),
        *("discarded-code", "no-output"),
    )
)
"""Kinds that claim no dollars."""
LEAST_SHOWN = 10**11
"""Picodollars: a finding worth less need not be shown (nor if under half a percent of spend)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Waste of one kind, or a place that could be taken for it."""

    kind: str
    positive: bool
    sessions: tuple[str, ...]
    requests: frozenset[str] = frozenset()
    """Those concerned; empty where the kind knows of none, or for all of a negative's sessions."""
    money: int = 0
    """Picodollars that could have been avoided; 0 of kinds that claim none."""
    cause: str | None = None
    language: str = ""
    what: str = ""
    """The parameters, for whoever looks at a miss."""
    values: Mapping[str, object] = field(default_factory=dict)
    small: bool = False
    """Neither a hit nor a miss, shown or not: too little to be shown, or a matter of taste."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One home full of logs."""

    name: str
    kinds: tuple[str, ...]
    """Kinds whose every finding here is judged."""
    labels: tuple[Label, ...]
    sessions: int
    spend: int
    """Picodollars."""
    session_spend: Mapping[str, int]
    session_requests: Mapping[str, int]
    requests: Mapping[str, int]
    """Cost by request id."""
