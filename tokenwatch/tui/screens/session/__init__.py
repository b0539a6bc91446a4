"""Session: what one conversation spent."""
