"""Sessions: all there ever were."""
