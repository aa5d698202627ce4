"""What a DICOMweb client accepts, and what it therefore gets (PS3.18 section 8.7).

A frame is offered as it is stored, or decoded to uncompressed little-endian samples; a whole instance as it
is stored. What cannot be had is answered with 406.
"""

from dataclasses import dataclass

from hemalum.formats.dicom.syntaxes import EXPLICIT_LITTLE_ENDIAN
from hemalum.runtime.http_errors import NotAcceptable

MULTIPART = "multipart/related"
OCTETS = "application/octet-stream"
DICOM = "application/dicom"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One alternative of an Accept header."""

    media_type: str
    """Of the parts, when they come as multipart."""
    multipart: bool | None
    """None when the client leaves it to the server."""
    transfer_syntax: str | None
    """None when not stated, "*" for any."""
    quality: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """The form of an answer."""

    media_type: str
    multipart: bool
    transfer_syntax: str
    decoded: bool
    """The frames are to be decoded first."""


def parse_accept(header: str | None) -> list[Accepted]:
    """The alternatives, most wanted first; a client that says nothing accepts everything."""
    if not header or not header.strip():
        return [Accepted("*/*", None, None, 1.0)]
    found = [_alternative(text) for text in _split(header, ",")]
    wanted = [each for each in found if each is not None and each.quality > 0]
    return sorted(wanted, key=lambda each: -each.quality)


def choose_frames(
    header: str | None, stored_type: str, stored_syntax: str, count: int, *, can_decode: bool = True
) -> Chosen:
    """How frames are answered.

    Raises:
        NotAcceptable: in none of the ways that the client accepts.
    """
    for accepted in parse_accept(header):
        multipart = True if accepted.multipart is None else accepted.multipart
        if not multipart and count > 1:
            continue
        chosen = _frame_form(accepted, stored_type, stored_syntax, can_decode)
        if chosen is not None:
            return Chosen(chosen[0], multipart, chosen[1], chosen[1] != stored_syntax)
    raise NotAcceptable(
        "These frames are given as {stored_type} (transfer syntax {stored_syntax}) or uncompressed.",
        stored_type=stored_type,
        stored_syntax=stored_syntax,
    )


def choose_instances(header: str | None, stored_syntaxes: set[str], count: int) -> bool:
    """Whether whole instances are answered as multipart; they always go out as they are stored.

    Raises:
        NotAcceptable: the client accepts only another media type or transfer syntax.
    """
    for accepted in parse_accept(header):
        multipart = True if accepted.multipart is None else accepted.multipart
        if not multipart and count > 1:
            continue
        as_stored = accepted.transfer_syntax in (None, "*") or stored_syntaxes == {accepted.transfer_syntax}
        if _matches(accepted.media_type, DICOM) and as_stored:
            return multipart
    raise NotAcceptable("Instances are given as application/dicom in the transfer syntax they are stored in.")


def choose_image(header: str | None) -> str:
    """Whether a rendered image is jpeg or png.

    Raises:
        NotAcceptable: the client accepts neither.
    """
    for accepted in parse_accept(header):
        for name in ("jpeg", "png"):
            if accepted.multipart is not True and _matches(accepted.media_type, f"image/{name}"):
                return name
    raise NotAcceptable("Rendered images are given as image/jpeg or image/png.")


def check_json(header: str | None) -> None:
    """See that the client takes DICOM JSON.

    Raises:
        NotAcceptable: it does not.
    """
    for accepted in parse_accept(header):
        if accepted.multipart is True:
            continue
        if any(
            _matches(accepted.media_type, name) for name in ("application/dicom+json", "application/json")
        ):
            return
    raise NotAcceptable("Metadata are given as application/dicom+json.")


def _frame_form(
    accepted: Accepted, stored_type: str, stored_syntax: str, can_decode: bool
) -> tuple[str, str] | None:
    """Media type and transfer syntax that meet one alternative."""
    syntax = accepted.transfer_syntax
    if _matches(accepted.media_type, stored_type) and syntax in (None, "*", stored_syntax):
        return stored_type, stored_syntax
    if not _matches(accepted.media_type, OCTETS):
        return None
    if syntax in ("*", stored_syntax):
        # Not in the tables of PS3.18, but viewers ask this way and read the transfer syntax of the part.
        return OCTETS, stored_syntax
    if syntax in (None, EXPLICIT_LITTLE_ENDIAN) and can_decode:
        return OCTETS, EXPLICIT_LITTLE_ENDIAN
    return None


def _matches(pattern: str, media_type: str) -> bool:
    return pattern in ("*/*", media_type) or pattern == media_type.partition("/")[0] + "/*"


def _alternative(text: str) -> Accepted | None:
    media_type, *parameters = [part.strip() for part in _split(text, ";")]
    values = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        values[name.strip().lower()] = value.strip().strip('"')
    try:
        quality = float(values.get("q", "1"))
    except ValueError:
        return None
    media_type = media_type.lower()
    syntax = values.get("transfer-syntax")
    if media_type == MULTIPART:
        return Accepted(values.get("type", "*/*").lower(), True, syntax, quality)
    return Accepted(media_type, None if media_type == "*/*" else False, syntax, quality)


def _split(text: str, separator: str) -> list[str]:
    """Split outside of quotes."""
    parts, current, quoted = [], "", False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if letter == separator and not quoted:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [part for part in [*parts, current] if part.strip()]
