"""How often one may ask: each session for itself, everybody else by address."""

import asyncio
from typing import Any

from hemalum.runtime.http import LimitedRate, RateLimit

AT_ONCE = 5


class Node:
    """A limited application that knows one session, on a clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.limited = LimitedRate(self._answer, RateLimit(AT_ONCE, 1, lambda: self.seconds), ("/free",))

    async def _answer(self, scope: Any, _receive: Any, send: Any) -> None:
        is_known = (b"authorization", b"Bearer known") in scope["headers"]
        if is_known:
            scope["state"]["is_signed_in"] = True
        await send({"type": "http.response.start", "status": 200 if is_known else 401, "headers": []})

    def ask(self, secret: str | None = None, address: str = "198.51.100.1", path: str = "/api") -> Any:
        """Status and headers of the answer."""
        headers = [] if secret is None else [(b"authorization", b"Bearer " + secret.encode())]
        scope = {"type": "http", "path": path, "headers": headers, "client": (address, 1)}
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("nothing is read from the request")

        asyncio.run(self.limited(scope, receive, send))
        return sent[0]["status"], dict(sent[0]["headers"])


def test_an_address_waits_when_its_bucket_is_empty() -> None:
    node = Node()
    assert [node.ask()[0] for _ in range(AT_ONCE)] == [401] * AT_ONCE
    status, headers = node.ask()
    assert (status, headers[b"retry-after"]) == (429, b"2")
    assert headers[b"content-type"] == b"application/problem+json"
    assert node.ask(address="198.51.100.2")[0] == 401
    node.seconds = 1
    assert [node.ask()[0] for _ in range(2)] == [401, 429]


def test_secrets_made_up_are_no_way_around() -> None:
    node = Node()
    assert [node.ask(f"guess {number}")[0] for number in range(AT_ONCE + 2)] == [401] * AT_ONCE + [429] * 2


def test_who_is_signed_in_does_not_wait_for_others_at_the_address() -> None:
    node = Node()
    assert [node.ask("known")[0] for _ in range(AT_ONCE + 2)] == [200] * (AT_ONCE + 1) + [429]
    while node.ask()[0] != 429:
        pass
    node.seconds = AT_ONCE
    assert node.ask("known")[0] == 200


def test_some_paths_are_not_counted() -> None:
    node = Node()
    assert {node.ask(path="/free/1")[0] for _ in range(AT_ONCE + 2)} == {401}
