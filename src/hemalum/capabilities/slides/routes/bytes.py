"""Large objects over HTTP: byte ranges (RFC 9110 section 14) and streaming in flat memory."""

import re
from collections.abc import AsyncIterator

from fastapi import Request

from hemalum.runtime.frames import ObjectReader
from hemalum.runtime.http_errors import RangeNotSatisfiable

CHUNK_BYTES = 1 << 20

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def range_asked(request: Request, size: int, etag: str) -> tuple[int, int, bool]:
    """First byte, length, and whether that is a part, of what a request asks for.

    A malformed range, several ranges, or a range of another version (If-Range) ask for the whole.

    Raises:
        RangeNotSatisfiable: the range lies past the end.
    """
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    condition = request.headers.get("if-range")
    if found is None or not any(found.groups()) or (condition and condition.strip('"') != etag):
        return 0, size, False
    first, last = found.groups()
    if not first:
        start = max(0, size - int(last))
        end = size
        if int(last) == 0:
            raise RangeNotSatisfiable("The file has {size} bytes.", size=size)
    else:
        start = int(first)
        end = min(size, int(last) + 1) if last else size
    if start >= size:
        raise RangeNotSatisfiable("The file has {size} bytes.", size=size)
    if end <= start:
        return 0, size, False
    return start, end - start, True


async def stream_object(reader: ObjectReader, start: int, length: int) -> AsyncIterator[bytes]:
    """The bytes in chunks; closes the object at the end."""
    try:
        end = start + length
        while start < end:
            wanted = min(CHUNK_BYTES, end - start)
            content = reader.read_now(start, wanted)
            yield content if content is not None else await reader.read(start, wanted)
            start += wanted
    finally:
        reader.close()
