"""Boxes for the tests of exports."""

from tests.cli.conftest import box, demo, full

__all__ = ["box", "demo", "full"]
