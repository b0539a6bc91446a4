"""Agents: who worked when, and who started whom."""
