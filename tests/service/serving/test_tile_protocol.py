"""Tiles answered by the protocol itself are those of the ordinary way, whatever else is on the connection."""

import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

ORDINARY = 'If-None-Match: "another"\r\n'
"""A condition that is not met: the answer is the same, but the protocol leaves it to the application."""


@pytest.fixture
def tile(node: Any) -> str:
    """The path of a tile of an image that is open already."""
    opening = node.open("ycbcr")
    path: str = opening["tile_url"].format(level=0, plane=0, channel=0, row=0, column=0)
    assert node.get(path).status_code == 200
    return path


class Connection:
    """HTTP/1.1 by hand."""

    def __init__(self, base: str) -> None:
        address = urlsplit(base)
        assert address.hostname is not None
        self._socket = socket.create_connection((address.hostname, address.port or 80), timeout=20)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        self._socket.close()

    def send(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def answer(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        status = int(self._file.readline().split()[1])
        headers = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            headers[name.lower()] = value
        length = int(headers.get("content-length", 0)) if has_body else 0
        return status, headers, self._file.read(length)

    def is_closed(self) -> bool:
        return self._file.read(1) == b""


def signed_in(node: Any) -> str:
    """The header that a ticket is good with."""
    return f"Authorization: Bearer {node.tokens['administrator']}\r\n"


def get(node: Any, path: str, more: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: node\r\n{signed_in(node)}{more}\r\n"


def test_both_ways_give_the_same_answer(node: Any, tile: str) -> None:
    with Connection(node.base) as connection:
        connection.send(get(node, tile))
        first = connection.answer()
        connection.send(get(node, tile, ORDINARY))
        second = connection.answer()
    assert first == second
    assert first[0] == 200
    assert first[1]["content-type"] == "image/jpeg"


def test_requests_sent_together_are_answered_in_order(node: Any, tile: str) -> None:
    other = tile[: -len("0/0")] + "0/1"
    missing = tile[: -len("0/0")] + "0/9999"
    with Connection(node.base) as connection:
        connection.send(
            get(node, tile)
            + get(node, "/api/health")
            + get(node, other)
            + get(node, missing)
            + get(node, tile)
        )
        answers = [connection.answer() for _ in range(5)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 404, 200]
    assert b'"ok"' in answers[1][2]
    assert answers[0][2] == answers[4][2] != answers[2][2]


def test_a_request_in_pieces_is_one_request(node: Any, tile: str) -> None:
    text = get(node, tile, "X-Long: " + "x" * 500 + "\r\n")
    with Connection(node.base) as connection:
        for start in range(0, len(text), 37):
            connection.send(text[start : start + 37])
        assert connection.answer()[0] == 200


def test_what_is_not_a_plain_get_goes_the_ordinary_way(node: Any, tile: str) -> None:
    with Connection(node.base) as connection:
        connection.send(get(node, tile))
        _, headers, _ = connection.answer()
        connection.send(f"HEAD {tile} HTTP/1.1\r\nHost: node\r\n{signed_in(node)}\r\n")
        assert connection.answer(has_body=False) == (200, headers, b"")
        connection.send(get(node, tile, f"If-None-Match: {headers['etag']}\r\n"))
        assert connection.answer()[0] == 304
        connection.send(
            f"POST {tile} HTTP/1.1\r\nHost: node\r\n{signed_in(node)}Content-Length: 3\r\n\r\nabc"
        )
        assert connection.answer()[0] == 405
        connection.send(get(node, tile, "Content-Length: 3\r\n") + "abc")
        assert connection.answer()[0] == 200
        connection.send(get(node, tile.replace("/tiles/", "/tiles/x")))
        assert connection.answer()[0] == 401
        connection.send(get(node, tile, "Connection: close\r\n"))
        assert connection.answer()[0] == 200
        assert connection.is_closed()


def test_headers_without_end_are_not_waited_for(node: Any) -> None:
    with Connection(node.base) as connection:
        connection.send("GET / HTTP/1.1\r\nX-Endless: ")
        with suppress(ConnectionError):
            for _ in range(100):
                connection.send("x" * 100_000)
        with suppress(ConnectionError):
            assert connection.answer()[0] == 431
    assert node.get("/api/health").status_code == 200


def test_a_tile_is_answered_to_its_own_session_only(node: Any, tile: str) -> None:
    with Connection(node.base) as connection:
        connection.send(get(node, tile))
        assert connection.answer()[0] == 200
        connection.send(f"GET {tile} HTTP/1.1\r\nHost: node\r\n\r\n")
        assert connection.answer()[0] == 401
        foreign = f"Authorization: Bearer {node.tokens['outsider']}\r\n"
        connection.send(f"GET {tile} HTTP/1.1\r\nHost: node\r\n{foreign}\r\n")
        assert connection.answer()[0] == 401
