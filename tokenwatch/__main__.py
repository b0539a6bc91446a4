"""`python -m tokenwatch`, and the `tokenwatch` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run one command; return its exit code."""
    from tokenwatch.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
