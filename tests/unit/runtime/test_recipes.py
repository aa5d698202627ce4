"""Objects behind addresses are read by range, or refused."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hemalum.kernel.errors import UnreadableSlide
from hemalum.runtime.recipes import UrlSource

CONTENT = bytes(range(200))


class Store(BaseHTTPRequestHandler):
    """A store that answers in the way that the path says."""

    def do_GET(self) -> None:
        first, last = map(int, self.headers["range"].removeprefix("bytes=").split("-"))
        if self.path == "/no-http":
            self.wfile.write(b"nothing of HTTP\r\n\r\n")
            return
        has_ranges = self.path == "/ranges"
        body = CONTENT[first : last + 1] if has_ranges else CONTENT
        self.send_response(206 if has_ranges else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def store() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Store) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_part_of_an_object_is_read(store: str) -> None:
    source = UrlSource(f"{store}/ranges", len(CONTENT))
    assert source.read(20, 30) == CONTENT[20:50]
    with pytest.raises(UnreadableSlide, match="less than was asked"):
        source.read(190, 30)


def test_a_store_that_knows_no_ranges_gives_no_other_bytes(store: str) -> None:
    source = UrlSource(f"{store}/whole", len(CONTENT))
    assert source.read(0, 30) == CONTENT[:30]
    with pytest.raises(UnreadableSlide, match="another part"):
        source.read(20, 30)


@pytest.mark.parametrize("address", ["{store}/no-http", "http://127.0.0.1:9/"])
def test_what_does_not_answer_is_one_sentence(store: str, address: str) -> None:
    with pytest.raises(UnreadableSlide, match="does not answer"):
        UrlSource(address.format(store=store), 9).read(0, 9)
