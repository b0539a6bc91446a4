"""Live: what is being spent now, by whom."""
