"""Rows → text for programs: JSON documents, CSV, JSON lines. Never prints."""
