"""Addresses of large values in the DICOM JSON model (PS3.18 F.2.2).

Data sets are stored before anybody knows under which address they will be served, so a stored address is
relative to its instance, and made whole on the way out.
"""

from collections.abc import Iterable, Iterator

_KEY = b'"BulkDataURI":"'
_FOLDER = b"bulkdata/"
_MARK = _KEY + _FOLDER


def stored_address(path: tuple[str, ...]) -> str:
    """The address of an element relative to its instance; `path` alternates tags and item numbers."""
    return _FOLDER.decode() + "/".join(path)


def with_whole_addresses(pieces: Iterable[bytes], instance_url: str) -> Iterator[bytes]:
    """Compact DICOM JSON, in pieces, with its stored addresses below the URL of the instance.

    Quotes inside of values are escaped, so nothing but an address looks like one.
    """
    escaped = instance_url.replace("\\", "%5C").replace('"', "%22")
    whole = _KEY + escaped.encode() + b"/" + _FOLDER
    rest = b""
    for piece in pieces:
        made = (rest + piece).replace(_MARK, whole)
        # An address may begin in one piece and end in the next.
        keep = max(0, len(made) - len(_MARK) + 1)
        rest = made[keep:]
        yield made[:keep]
    yield rest
