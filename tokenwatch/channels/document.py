"""An alert in the form in which other programs get it, and in the words that people get."""

from __future__ import annotations

import json
from typing import Any, Final

from tokenwatch.alert import Alert, general
from tokenwatch.format import clean, one_line, rfc3339

SCHEMA: Final = "tokenwatch.alert/1"
LONGEST: Final = 600
"""So many characters of a sentence are shown where room is scarce."""


def document(alert: Alert, *, redact: bool = False) -> dict[str, Any]:
    """Return an alert as JSON has it; control and bidi characters are replaced in all texts.

    redact: key and session_id are null, the sentences are the general ones of its kind: theirs may
    name budgets, files and commands.
    """
    alert = general(alert) if redact else alert
    session = alert.session_id
    return {
        "schema": SCHEMA,
        "key": None if redact else clean(alert.key),
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "at": rfc3339(alert.at_ms),
        "text": clean(alert.text),
        "action": clean(alert.action),
        "session_id": None if redact or session is None else clean(session),
        "level": alert.level,
    }


def encoded(alert: Alert, *, redact: bool = False) -> bytes:
    """Return the document on one line of ASCII, with a line end."""
    return json.dumps(document(alert, redact=redact)).encode() + b"\n"


def title(alert: Alert) -> str:
    """Return a heading in ASCII: `tokenwatch: budget`."""
    return f"tokenwatch: {alert.kind.value}"


def sentences(alert: Alert) -> tuple[str, ...]:
    """Return what happened and what to do, each on one clean line; what is empty is left out."""
    lines = (one_line(text, LONGEST).strip() for text in (alert.text, alert.action))
    return tuple(line for line in lines if line)
