"""Hemalum's own server without what guards a tile: the ticket, who holds it, and the note of what was read.

Only the benchmark of the guard starts it, to have the same server without; every tile address is answered
with the image opened last.

    .venv/bin/python benchmarks/peers/unguarded_node.py serve --data DIR --port PORT
"""

from typing import Any

from hemalum.app import cli, node
from hemalum.capabilities.slides import capability
from hemalum.runtime.frames import TileServer
from hemalum.runtime.tickets import Ticket, Tickets


class Unchecked(Tickets):
    """Takes any text for the ticket that was issued last."""

    def issue(self, *arguments: Any, **named: Any) -> tuple[str, Ticket]:
        text, self._last = super().issue(*arguments, **named)
        return text, self._last

    def check(self, _text: str) -> Ticket:
        return self._last


class Unguarded(TileServer):
    """Answers whoever asks, and keeps no note of it."""

    def _check_holder(self, *_: Any) -> None:
        pass

    def _note(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    node.Tickets = Unchecked  # type: ignore[misc]
    capability.TileServer = Unguarded  # type: ignore[misc]
    cli.main()
