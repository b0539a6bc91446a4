"""Boxes over a screen: explanation, help, confirmation, export, a choice."""
