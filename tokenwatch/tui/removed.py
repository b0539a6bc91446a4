"""Widgets that were taken away, and what still holds on to them."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def let_go_of_removed() -> None:
    """Free what was last drawn of widgets that are gone: boxes, the palette, notices.

    Textual keeps the drawn lines of 1024 widgets alive, since a cache of colours has each widget's
    lines among its keys. What the cache holds costs next to nothing to make again.
    """
    cached = getattr(StylesCache, "get_inner_outer", None)
    clear = getattr(cached, "cache_clear", None)
    if clear is not None:
        clear()
