"""Lines of a rollout as records: looked at from outside first, decoded only when they matter.

Three generations of lines come out alike: `{"timestamp", "type", "payload"}` as it is; the flat
lines of 2025 (a header without a type, then bare items) as `session_meta` and `response_item`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from tokenwatch.sources.values import Oddities, instant_ms, mapping, text

_ENVELOPE = re.compile(
    rb'\{\s*"timestamp"\s*:\s*"([^"\\]{0,40})"\s*,'
    rb'(?:\s*"ordinal"\s*:\s*"?(\d{1,18})"?\s*,)?'
    rb'\s*"type"\s*:\s*"([a-z_]{1,60})"\s*,\s*"payload"\s*:\s*\{\s*(?:"type"\s*:\s*"(\w{1,60})")?'
)
_FLAT = re.compile(rb'\{\s*"(?:type"\s*:\s*"(\w{1,60})"|record_type")')

KNOWN = frozenset(
    {
        "session_meta", "turn_context", "response_item", "event_msg", "compacted",
        "token_usage_record", "world_state", "inter_agent_communication",
        "inter_agent_communication_metadata", "security_risk_score", "retained_context",
        "realtime_item", "state",
    }
)  # fmt: skip
_FLAT_ITEMS = frozenset(
    {
        "message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
        "custom_tool_call_output", "local_shell_call", "web_search_call",
    }
)  # fmt: skip


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `payload` is empty where nobody wanted it decoded."""

    line: int
    type: str
    kind: str
    """The payload's own type, or ""."""
    at_ms: int | None
    ordinal: int | None
    payload: dict[str, object]


Wanted = Callable[[str, str], bool]
"""Whether records of a type and a payload type are worth decoding."""


class _CompactedPayload(msgspec.Struct):
    window_id: object = None
    compaction_response_id: object = None


class _Compacted(msgspec.Struct):
    payload: _CompactedPayload


def read_record(
    number: int, raw: bytes, wanted: Wanted, now_ms: int, odd: Oddities
) -> Record | None:
    """Return a line as a record; None for a blank line and, counted, for a damaged one."""
    found = _ENVELOPE.match(raw)
    if found is None:
        return _foreign(number, raw, wanted, now_ms, odd)
    stamp, ordinal, outer, inner = found.groups()
    kind, inside = outer.decode(), inner.decode() if inner else ""
    payload: dict[str, object] = {}
    if kind == "compacted" or wanted(kind, inside):
        decoded = _compacted(raw) if kind == "compacted" else _decode(raw)
        if decoded is None:
            odd.add("malformed", number)
            return None
        payload = mapping(decoded.get("payload"))
        inside = text(payload.get("type")) or ""
    elif not raw.rstrip().endswith(b"}"):
        odd.add("malformed", number)
        return None
    return Record(
        line=number,
        type=kind,
        kind=inside,
        at_ms=_instant(stamp.decode(errors="replace"), number, now_ms, odd),
        ordinal=int(ordinal) if ordinal else None,
        payload=payload,
    )


def _foreign(number: int, raw: bytes, wanted: Wanted, now_ms: int, odd: Oddities) -> Record | None:
    """Read a line that is no envelope in the usual order of keys."""
    raw = raw.strip().removeprefix(b"\xef\xbb\xbf")
    if not raw:
        return None
    flat = _FLAT.match(raw)
    if flat is not None:
        item = flat[1].decode() if flat[1] else "state"
        if item in _FLAT_ITEMS | {"state", "response_item"} and not wanted("response_item", item):
            kind = "state" if item == "state" else "response_item"
            return Record(line=number, type=kind, kind=item, at_ms=None, ordinal=None, payload={})
    decoded = _decode(raw)
    if decoded is None:
        odd.add("malformed" if raw[:1] in b"{\0" else "not_an_object", number)
        return None
    kind, payload = _shape(decoded)
    return Record(
        line=number,
        type=kind,
        kind=text(payload.get("type")) or "",
        at_ms=_instant(decoded.get("timestamp"), number, now_ms, odd),
        ordinal=_ordinal(decoded.get("ordinal")),
        payload=payload,
    )


def _shape(decoded: dict[str, object]) -> tuple[str, dict[str, object]]:
    kind = text(decoded.get("type")) or ""
    if isinstance(decoded.get("payload"), dict):
        return kind, mapping(decoded["payload"])
    if kind:
        return ("response_item", decoded) if kind in _FLAT_ITEMS else (kind, {})
    if "record_type" in decoded:
        return "state", {}
    if text(decoded.get("id")) and "timestamp" in decoded:
        return "session_meta", decoded
    return "", {}


def _decode(raw: bytes) -> dict[str, object] | None:
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def payload_of(kind: str, raw: bytearray) -> dict[str, object] | None:
    """Decode a payload alone; None if it is damaged or of another type after all."""
    try:
        payload = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return payload if isinstance(payload, dict) and payload.get("type") == kind else None


def _compacted(raw: bytes) -> dict[str, object] | None:
    """Decode a compaction without the history that it repeats."""
    try:
        payload = msgspec.json.decode(raw, type=_Compacted).payload
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return {"payload": msgspec.structs.asdict(payload)}


def _instant(value: object, number: int, now_ms: int, odd: Oddities) -> int | None:
    at_ms = instant_ms(value, now_ms)
    if at_ms is None and value is not None:
        odd.add("bad_time", number)
    return at_ms


def _ordinal(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if type(value) is int and value >= 0 else None
