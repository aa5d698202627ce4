"""How messages go over a line: each between a vertical tab and file separator, carriage return (MLLP R1)."""

from collections.abc import Iterator

from hemalum.kernel.errors import Invalid

START = b"\x0b"
END = b"\x1c\r"
MOST_BYTES = 16 << 20


class TooLong(Invalid):
    """A frame is longer than one may be. `head` is how it began."""

    code = "message-too-long"
    head: bytes = b""


def frame(content: bytes) -> bytes:
    """A message as it goes over the line."""
    return START + content + END


class Deframer:
    """Takes messages out of what comes over a line, piece by piece. Holds one frame at most.

    Bytes between frames are dropped: some systems send line ends to see whether the line stands.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held = bytearray()
        self._searched = 0
        self._is_open = False

    @property
    def is_within(self) -> bool:
        """Whether a frame was begun and is not at its end."""
        return self._is_open

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The messages that are whole by now.

        Raises:
            TooLong: a frame passes the limit; the line cannot be used any more.
        """
        self._held += piece
        while True:
            if not self._is_open:
                begin = self._held.find(START)
                if begin < 0:
                    self._held.clear()
                    return
                del self._held[: begin + 1]
                self._is_open, self._searched = True, 0
            end = self._held.find(END, self._searched)
            if end < 0 and len(self._held) <= self._most_bytes:
                self._searched = max(0, len(self._held) - 1)
                return
            if end < 0 or end > self._most_bytes:
                error = TooLong("A message has at most {most} bytes.", most=self._most_bytes)
                error.head = bytes(self._held[:4096])
                raise error
            content = bytes(self._held[:end])
            del self._held[: end + len(END)]
            self._is_open = False
            yield content
