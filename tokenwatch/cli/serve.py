"""`tokenwatch serve`: the monitor in a browser."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tokenwatch import config, paths
from tokenwatch.cli.options import zone_of
from tokenwatch.errors import TokenwatchError, UsageError

if TYPE_CHECKING:
    from tokenwatch.web.gate import Gate
    from tokenwatch.web.server import Listening

HOST, PORT = "127.0.0.1", 8642
TOKEN = "TOKENWATCH_SERVE_TOKEN"
EXTRA = "pip install 'tokenwatch-tui[serve]'"
ABOUT = f"""\
It prints the address to open, with a token that is new each time; {TOKEN} sets one.
From the browser no settings are changed, no files written and no programs started here.
It needs more packages: {EXTRA}"""


def add_options(to: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    to.add_argument("--demo", action="store_true", help="invented agents instead of your own")
    to.add_argument("--open", action="store_true", help="open the browser")
    to.add_argument("--port", type=int, default=PORT, help=f"{PORT}; 0 takes any that is free")
    to.add_argument("--host", default=HOST, help=f"{HOST}: reached from this machine alone")
    to.add_argument("--timezone", metavar="ZONE", help="IANA name; default: this machine's")
    to.epilog = f"{to.epilog or ''}\n\n{ABOUT}"


def run(options: argparse.Namespace) -> int:
    """Serve until the user ends it."""
    if not 0 <= options.port < 65536:
        raise UsageError(f"--port {options.port}: 0 to 65535 are allowed")
    if not options.host.strip():
        raise UsageError("--host: a name or an address is needed")
    zone_of(options)
    config.load(paths.config())
    if not (find_spec("textual_serve") and find_spec("aiohttp")):
        raise TokenwatchError(f"the browser needs more: {EXTRA}")
    import asyncio

    from tokenwatch.web.gate import gate_for
    from tokenwatch.web.server import Server, serve

    gate = gate_for(options.host, _chosen_token())

    async def show() -> None:
        server = Server(gate, _arguments(options))
        await serve(server, options.host, options.port, lambda at: _tell(options, gate, at))

    asyncio.run(show())
    return 0


def _chosen_token() -> str | None:
    from tokenwatch.web.gate import LEAST_TOKEN

    token = os.environ.get(TOKEN)
    if token is None:
        return None
    plain = token.isascii() and all(letter.isalnum() or letter in "-._~" for letter in token)
    if len(token) < LEAST_TOKEN or not plain:
        raise UsageError(f"{TOKEN}: at least {LEAST_TOKEN} letters, digits, - . _ ~ are allowed")
    return token


def _arguments(options: argparse.Namespace) -> tuple[str, ...]:
    zone = () if options.timezone is None else ("--timezone", options.timezone)
    return (*(("demo",) if options.demo else ()), "--remote", *zone)


def _tell(options: argparse.Namespace, gate: Gate, listening: Listening) -> None:
    from tokenwatch.web.gate import is_loopback

    if not is_loopback(options.host):
        print(
            f"tokenwatch: --host {options.host} lets other machines in, and nothing is "
            "encrypted: who reads along has the token",
            file=sys.stderr,
        )
    print(f"{listening.address}?token={gate.token}\nCtrl-C ends it.", flush=True)
    if options.open:
        import threading

        # A browser of the terminal would not return before it is left.
        address = f"{listening.address}?token={gate.once()}"
        threading.Thread(target=_open, args=(address,), daemon=True).start()


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        print("tokenwatch: no browser was found; open the address above", file=sys.stderr)
