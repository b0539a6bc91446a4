"""What a person typed, told apart from what a client puts into the same places."""

from __future__ import annotations

from tokenwatch.sources.values import mapping, sequence, text

_REQUEST = "## My request for Codex:"
"""Editors put their context before this line."""
_INJECTED = (
    ("# AGENTS.md instructions", "</INSTRUCTIONS>"),
    ("<user_instructions>", ""),
    ("<environment_context>", ""),
    ("<skill>", ""),
    ("<user_shell_command>", ""),
    ("<turn_aborted>", ""),
    ("<subagent_notification>", ""),
    ("<recommended_plugins>", ""),
    ("<goal_context>", ""),
    ("<codex_internal_context source=", ""),
    ("<external_", ""),
    ("<hook_prompt hook_run_id=", ""),
    ("<permissions instructions>", ""),
    ("<collaboration_mode>", ""),
    ("<model_switch>", ""),
    ("<multi_agent_mode>", ""),
    ("<user_action>", ""),
)
"""Beginnings (and ends) of texts that a client writes in the user's role."""
_TYPED = ("user.", "images.", "audio.")


def typed(message: str) -> str:
    """Return the user's own part of a message."""
    head, found, rest = message.partition(_REQUEST)
    return (rest if found else head).strip()


def of_content(content: object) -> str:
    """Return the text of a `UserMessage` item."""
    parts = (mapping(part) for part in sequence(content))
    return "\n".join(t for p in parts if (t := text(p.get("text"))))


def has_images(content: object) -> bool:
    """Tell whether there is an image among the parts of a `UserMessage` or a message."""
    return any("image" in str(mapping(part).get("type")) for part in sequence(content))


def of_message(payload: dict[str, object]) -> str | None:
    """Return what a person typed in a `message` of the user's role; None for nothing.

    For logs whose prompts stand nowhere else.
    """
    if payload.get("role") != "user":
        return None
    items = [mapping(item) for item in sequence(payload.get("content"))]
    told = mapping(payload.get("internal_chat_message_metadata_passthrough"))
    kinds = sequence(told.get("content_item_kinds"))
    kept = []
    for index, item in enumerate(items):
        words = text(item.get("text")) or ""
        if len(kinds) == len(items):
            kind = text(kinds[index]) or ""
            mine = kind in ("", "unknown") or kind.startswith(_TYPED)
        else:
            mine = not _injected(words)
        if mine and (words or "image" in str(item.get("type"))):
            kept.append(words)
    return "\n".join(kept) if kept else None


def _injected(words: str) -> bool:
    plain = words.strip()
    return any(plain.startswith(start) and plain.endswith(end) for start, end in _INJECTED)
