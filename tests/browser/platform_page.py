"""A page of a platform on its own origin, which embeds Carryover: the example of the guide, with a strict policy."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.system import token

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
HOUR = 3600.0
ADDRESS = "https://carryover.example"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
POLICY = "default-src 'none'; script-src 'self' {carryover}; frame-src {carryover}; connect-src 'self'"


class Platform:
    """The server of the page; `localhost` may embed, and the same page as `127.0.0.1` is one of a stranger."""

    def __init__(self) -> None:
        self.carryover = ""
        #: what tokens are made for; `seconds` is how long the next one lasts, and those after it last an hour
        self.firm, self.seconds, self.claims = "", HOUR, dict[str, object]()
        self.asked = 0
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content, kind = platform.answer(self.path)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Security-Policy", POLICY.format(carryover=platform.carryover))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url, self.stranger = f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[bytes, str]:
        """The content of a path, and its type."""
        if path == "/carryover-token":
            self.asked += 1
            return self.token().encode(), "text/plain"
        file = EXAMPLES / ("embed.html" if path == "/" else path.strip("/"))
        if not file.is_file():
            return b"", "text/plain"
        return file.read_text("utf-8").replace(ADDRESS, self.carryover).encode(), TYPES[file.suffix]

    def token(self) -> str:
        """A token for the person who is signed in at the platform."""
        seconds, self.seconds = self.seconds, HOUR
        return token(self.firm, exp=time.time() + seconds, **self.claims)

    def end(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
