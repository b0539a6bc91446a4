"""Moved."""

from tokenwatch.alert import Alert, AlertKind, Condition, How, Severity

__all__ = ["Alert", "AlertKind", "Condition", "How", "Severity"]
