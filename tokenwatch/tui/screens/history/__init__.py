"""History: cost and agents over time."""
