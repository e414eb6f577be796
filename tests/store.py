"""A store that speaks enough of S3 for a test: objects are put, read, asked for and deleted, in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


class Store(ThreadingHTTPServer):
    """`objects` by `/bucket/key`; `is_down`: every request fails."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Speaker)
        self.objects: dict[str, bytes] = {}
        self.is_down = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Speaker(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Store

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path)

    def do_PUT(self) -> None:
        body = self.body()
        if not self.server.is_down:
            self.server.objects[self.key] = body
        self.answer(503 if self.server.is_down else 200)

    def do_GET(self) -> None:
        found = self.server.objects.get(self.key)
        if self.server.is_down or found is None:
            self.answer(503 if self.server.is_down else 404, MISSING)
        else:
            self.answer(200, found)

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.server.objects.pop(self.key, None)
        self.answer(204)

    def body(self) -> bytes:
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return sent
        whole = b""
        while sent:
            head, _, sent = sent.partition(b"\r\n")
            size = int(head.partition(b";")[0], 16)
            if not size:
                break
            whole, sent = whole + sent[:size], sent[size + 2 :]
        return whole

    def answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing on the console."""


MISSING = b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'


@contextmanager
def serving() -> Iterator[Store]:
    store = Store()
    thread = threading.Thread(target=store.serve_forever)
    thread.start()
    try:
        yield store
    finally:
        store.shutdown()
        thread.join()
        store.server_close()
