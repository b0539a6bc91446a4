"""Invented agents that keep working, written as the clients' own log files.

A show without a viewer of its own: it writes what Claude Code and Codex would write, and the
program reads that as it reads any logs. Nothing in it is of a real person or project.
"""

from tokenwatch.demo.world import Demo

__all__ = ["Demo"]
