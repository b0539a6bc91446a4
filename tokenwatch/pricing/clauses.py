"""Which model an id names: match clauses as genai-prices has them, and other spellings of an id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COMPACT_DATE = re.compile(r"(?<=-)(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")
_BEDROCK = re.compile(
    r"^(?:bedrock/(?:converse/)?)?"
    r"(?:arn:aws[\w-]*:bedrock:[^/]*/)?"
    r"((?:[a-z-]{2,8}\.)?anthropic\.(claude-[\w.-]+?)(?:-v\d+)?(?::\d+)?)$"
)
_VERTEX_DATE = re.compile(r"@(20\d{6})$")


def matches(clause: Mapping[str, Any], text: str) -> bool:
    """Return whether an id in lower case satisfies a clause of genai-prices' match logic."""
    for kind, wanted in clause.items():
        match kind:
            case "equals":
                return text == str(wanted).lower()
            case "starts_with":
                return text.startswith(str(wanted).lower())
            case "ends_with":
                return text.endswith(str(wanted).lower())
            case "contains":
                return str(wanted).lower() in text
            case "regex":
                return re.search(str(wanted), text) is not None
            case "or":
                return any(matches(part, text) for part in wanted)
            case "and":
                return all(matches(part, text) for part in wanted)
    return False


def dashed_dates(text: str) -> str:
    """Return `gpt-5.2-20251211` as `gpt-5.2-2025-12-11`, as genai-prices retries it."""
    return _COMPACT_DATE.sub(r"\1-\2-\3", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """One way to read an id, to be looked up in turn."""

    id: str
    bedrock: bool = False
    """Look among Amazon Bedrock's own prices."""
    assumption: str | None = None
    """Why a price found so is an estimate; None where the spelling changes nothing."""


def without_window(model: str) -> str:
    """Return the id without Claude Code's mark of a million-token window."""
    return model.strip().lower().removesuffix("[1m]")


def spellings(model: str, known: Mapping[str, Any]) -> list[Spelling]:
    """Return the readings of a logged id, the likeliest first.

    known: `spellings` of overlay.json: prefixes that say nothing new, and those of gateways.
    """
    text = without_window(model)
    if bedrock := _BEDROCK.match(text):
        return [
            Spelling(id=bedrock[1], bedrock=True),
            Spelling(id=bedrock[2], assumption="an Amazon Bedrock id at Anthropic's own price"),
        ]
    assumption = None
    readings = [Spelling(id=text)]
    rest = text
    while "/" in rest:
        gateway = next((name for name in known["gateways"] if rest.startswith(name)), None)
        prefix = gateway or next((name for name in known["own"] if rest.startswith(name)), None)
        if prefix is None:
            break
        if gateway:
            assumption = f"an id of {known['gateways'][gateway]} at the maker's own price"
        rest = rest.removeprefix(prefix)
        readings.append(Spelling(id=rest, assumption=assumption))
    if _VERTEX_DATE.search(rest):
        vertex = "a Vertex AI id at the maker's own price"
        return [Spelling(id=_VERTEX_DATE.sub(r"-\1", rest), assumption=vertex)]
    return readings
