"""What a client says of the content codings that it takes (`Accept-Encoding`, RFC 9110, 12.5.3)."""

import re
from collections.abc import Iterable
from functools import lru_cache

_CODING = re.compile(
    rb"\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?", re.IGNORECASE
)
_GZIP = b"gzip"
_GZIP_NAMES = {b"x-gzip": _GZIP}
"""An old name for the same (8.4.1.3)."""


def takes_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer is to be packed by gzip: the client takes that, and likes it no less than unpacked.

    `headers` are those of an ASGI request, names in lower case. Who says nothing gets what every client can
    read.
    """
    said = [value for name, value in headers if name == b"accept-encoding"]
    return bool(said) and _takes_gzip(b",".join(said))


# Browsers say the same with every tile.
@lru_cache(maxsize=64)
def _takes_gzip(said: bytes) -> bool:
    weights = {}
    for item in said.split(b","):
        found = _CODING.fullmatch(item)
        if found is not None:
            name = found[1].lower()
            weights[_GZIP_NAMES.get(name, name)] = 1.0 if found[2] is None else float(found[2])
    others = weights.get(b"*", 0.0)
    packed = weights.get(_GZIP, others)
    return packed > 0 and packed >= weights.get(b"identity", others)
