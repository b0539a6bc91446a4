"""All detectors, in the order of the catalogue, and what each kind means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

from tokenwatch.analysis.waste.detector import Detector, Meaning, meanings
from tokenwatch.analysis.waste.finding import Kind

EDITION = "3"
"""Which detectors these are: another edition's findings are made anew."""

MODULES = (
    "cache",
    "lifetime",
    "attempts",
    "finished_task",
    "interruptions",
    "results",
    "overhead",
    "repeats",
    "misuse",
    "polling",
    "rereads",
    "boilerplate",
    "model_choice",
    "effort",
    "unattended",
    "fan_out",
    "outcome",
    "unrequested",
    "discarded",
)


def _modules() -> list[ModuleType]:
    return [import_module(f"tokenwatch.analysis.waste.{name}") for name in MODULES]


@cache
def detectors() -> tuple[Detector, ...]:
    """Return every detector, one of each kind, in the order of `Kind`."""
    order = list(Kind)
    found = [detector for module in _modules() for detector in module.DETECTORS]
    return tuple(sorted(found, key=lambda detector: order.index(detector.kind)))


@cache
def by_kind() -> Mapping[Kind, Detector]:
    """Return the detectors by their kind."""
    return {detector.kind: detector for detector in detectors()}


@cache
def explained() -> Mapping[Kind, Meaning]:
    """Return what each kind means, from the docstrings of the detectors' modules."""
    found: dict[str, Meaning] = {}
    for module in _modules():
        found |= meanings(module.__doc__ or "")
    return {kind: found[kind.value] for kind in Kind}
