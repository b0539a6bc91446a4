"""A web server on this machine that gets alerts, and answers by the path it is asked for."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Got(NamedTuple):
    """A request."""

    path: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes


class Receiver(ThreadingHTTPServer):
    """Serves in a thread until it is closed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[Got] = []
        self.let_go = threading.Event()
        """Set, nothing hangs any more."""
        self.hung_up = threading.Event()
        """A client that had to wait went away."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def stop(self) -> None:
        """Answer nothing more."""
        self.let_go.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append(Got(self.path, headers, body))
        what, _, more = self.path.strip("/").partition("/")
        if what == "hangs":
            self.server.let_go.wait()
        elif what == "drips":
            self._drip()
        elif what == "closes":
            self.close_connection = True
        elif what == "nonsense":
            self.wfile.write(b"what?\r\n\r\n")
        else:
            self.send_response(int(what))
            if int(what) // 100 == 3 and more:
                self.send_header("Location", f"https://elsewhere.example.org/{more}")
            self.end_headers()
            self.wfile.write(b"said")

    def _drip(self) -> None:
        """Never finish the headers, but never be silent either."""
        try:
            while not self.server.let_go.wait(0.02):
                self.wfile.write(b"H")
                if self.connection.recv(1, 0x40) == b"":  # MSG_DONTWAIT
                    raise ConnectionError
        except BlockingIOError:
            self._drip()
        except OSError:
            self.server.hung_up.set()

    do_GET = do_POST
