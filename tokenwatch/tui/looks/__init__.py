"""Themes, the inks that screens paint with, and ASCII in place of glyphs."""
