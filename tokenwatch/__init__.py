"""See live what coding agents spend."""

__version__ = "0.1.0"
