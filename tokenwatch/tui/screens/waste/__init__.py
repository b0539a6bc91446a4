"""Waste: what could have been avoided, with proof."""
