"""The live monitor's screens. Values come in through a `Feed`; nothing here reads a log."""
