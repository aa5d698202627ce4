"""Addresses of large values in the DICOM JSON model (PS3.18 F.2.2).

Data sets are stored before anybody knows under which address they will be served, so a stored address is
relative to its instance, and made whole on the way out.
"""

_MARK = b'"BulkDataURI":"'
_FOLDER = b"bulkdata/"


def stored_address(path: tuple[str, ...]) -> str:
    """The address of an element relative to its instance; `path` alternates tags and item numbers."""
    return _FOLDER.decode() + "/".join(path)


def with_whole_addresses(encoded: bytes, instance_url: str) -> bytes:
    """Compact DICOM JSON with its stored addresses below the URL of the instance.

    Quotes inside of values are escaped, so nothing but an address looks like one.
    """
    escaped = instance_url.replace("\\", "%5C").replace('"', "%22")
    return encoded.replace(_MARK + _FOLDER, _MARK + escaped.encode() + b"/" + _FOLDER)
