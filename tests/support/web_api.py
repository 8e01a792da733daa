"""A web API to ask: orders by pages of two, from a moment on if asked so, and a server that may be busy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGES = {"type": "page_number", "base_page": 1, "page_param": "page", "total_path": "pages"}


@dataclass
class Api:
    """A shop's API.

    Attributes
    ----------
    failures
        Status codes that the next calls are answered with.
    calls
        Query parameters of the calls that were answered.
    """

    orders: list[dict[str, Any]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)
    token: str | None = None
    address: str = ""

    def answer(self, query: dict[str, str], token: str | None) -> tuple[int, Any]:
        """Return status and content."""
        if self.failures:
            return self.failures.pop(0), {"error": "busy"}
        if self.token is not None and token != f"Bearer {self.token}":
            return 401, {"error": "who are you?"}
        self.calls.append(query)
        known = [order for order in self.orders if str(order["changed_at"]) >= query.get("since", "")]
        page = int(query.get("page", 1))
        shown = known[2 * page - 2 : 2 * page]
        return 200, {"pages": max(-(-len(known) // 2), 1), "result": {"orders": shown}}


@contextmanager
def serving() -> Iterator[Api]:
    """Answer for one API on this machine, on a port that is free."""
    shop = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(place.query).items()}
            known = place.path == "/v1/orders"
            status, content = shop.answer(query, self.headers["Authorization"]) if known else (404, {})
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    shop.address = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
