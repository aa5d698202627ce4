"""multipart/related bodies as they come and go on the wire (RFC 2387, RFC 2046, PS3.18 section 8.7.1).

Reading is by feeding chunks and taking events, so that parts go to files as they arrive; memory is bounded by
the largest chunk fed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value

from hemalum.kernel.errors import Invalid

_MAX_HEADER_BYTES = 16 << 10
_MAX_BOUNDARY = 70
_MAX_PARTS = 100_000


@dataclass(frozen=True, slots=True)
class PartStarted:
    """A part begins. Header names are in lower case."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PartData:
    """Some bytes of the present part."""

    content: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    """The present part is complete."""


type Event = PartStarted | PartData | PartEnded


def content_type_parameters(content_type: str) -> tuple[str, dict[str, str]]:
    """Media type in lower case and its parameters, names in lower case, values without quotes."""
    message = Message()
    message["content-type"] = content_type
    parameters = message.get_params(failobj=[])
    if not parameters:
        return "", {}
    stated = {name.lower(): collapse_rfc2231_value(value) for name, value in parameters[1:]}
    return parameters[0][0].lower(), stated


def boundary_of(content_type: str) -> str:
    """The boundary of a multipart/related body.

    Raises:
        Invalid: another media type, or no usable boundary.
    """
    media_type, parameters = content_type_parameters(content_type)
    boundary = parameters.get("boundary", "")
    if media_type != "multipart/related":
        raise Invalid("The body must be multipart/related.")
    if not 0 < len(boundary) <= _MAX_BOUNDARY or not boundary.isascii() or boundary != boundary.rstrip():
        raise Invalid("The multipart body states no usable boundary.")
    return boundary


class MultipartReader:
    """Takes a body chunk by chunk and gives events. One reader for one body; not for several threads."""

    def __init__(self, boundary: str) -> None:
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        # The first delimiter may stand at the very start, without the line break before it.
        self._pending = b"\r\n"
        self._state = "preamble"
        self._parts = 0

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events that `chunk` completes. Take all of them before feeding more.

        Raises:
            Invalid: the body is malformed.
        """
        self._pending += chunk
        while True:
            if self._state == "end":
                self._pending = b""
                return
            events, more = self._step()
            yield from events
            if not more:
                return

    def close(self) -> None:
        """The body has ended.

        Raises:
            Invalid: it ended before its last boundary.
        """
        if self._state != "end":
            raise Invalid("The multipart body ends before its last boundary.")

    def _step(self) -> tuple[list[Event], bool]:
        if self._state in ("preamble", "data"):
            return self._until_delimiter()
        if self._state == "after-delimiter":
            return self._after_delimiter()
        if self._state == "headers":
            return self._headers()
        return self._data_start()

    def _until_delimiter(self) -> tuple[list[Event], bool]:
        at = self._pending.find(self._delimiter)
        inside = self._state == "data"
        if at < 0:
            keep = len(self._delimiter) - 1
            content, self._pending = self._pending[:-keep], self._pending[-keep:]
            return ([PartData(content)] if inside and content else []), False
        content = self._pending[:at]
        self._pending = self._pending[at + len(self._delimiter) :]
        self._state = "after-delimiter"
        events: list[Event] = []
        if inside:
            events = [PartData(content), PartEnded()] if content else [PartEnded()]
        return events, True

    def _after_delimiter(self) -> tuple[list[Event], bool]:
        if self._pending[:2] == b"--":
            self._state = "end"
            return [], True
        line_end = self._pending.find(b"\r\n")
        if line_end < 0:
            if len(self._pending) > _MAX_HEADER_BYTES:
                raise Invalid("The multipart body is malformed.")
            return [], False
        if self._pending[:line_end].strip(b" \t"):
            raise Invalid("The multipart body is malformed.")
        self._pending = self._pending[line_end:]
        self._state = "headers"
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise Invalid("The multipart body has too many parts.")
        return [], True

    def _headers(self) -> tuple[list[Event], bool]:
        # The block starts with the line break of the delimiter line, so no headers is four bytes too.
        end = self._pending.find(b"\r\n\r\n")
        if end < 0:
            if len(self._pending) > _MAX_HEADER_BYTES:
                raise Invalid("A part of the multipart body has headers that are too long.")
            return [], False
        block = self._pending[2:end].decode("latin-1") if end >= 2 else ""
        self._pending = self._pending[end + 2 :]
        self._state = "data-start"
        headers = {}
        for line in block.split("\r\n"):
            name, colon, value = line.partition(":")
            if line and not colon:
                raise Invalid("A part of the multipart body has a malformed header.")
            if line:
                headers[name.strip().lower()] = value.strip()
        return [PartStarted(headers)], True

    def _data_start(self) -> tuple[list[Event], bool]:
        """An empty part may share the line break after its headers with the next delimiter."""
        if len(self._pending) < len(self._delimiter) and self._delimiter.startswith(self._pending):
            return [], False
        self._state = "data"
        if not self._pending.startswith(self._delimiter):
            self._pending = self._pending[2:]
        return [], True


def multipart_content_type(root_type: str, boundary: str, transfer_syntax: str | None = None) -> str:
    """The Content-Type header of a multipart answer whose parts are of `root_type`."""
    syntax = f'; transfer-syntax="{transfer_syntax}"' if transfer_syntax else ""
    return f'multipart/related; type="{root_type}"{syntax}; boundary={boundary}'
