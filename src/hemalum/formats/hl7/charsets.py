"""The bytes of a message: which encoding it states, and which it is in."""

from dataclasses import dataclass

from hemalum.formats.hl7.faults import BadMessage, Fault, Place, not_known

UTF_8 = "UNICODE UTF-8"
GB_18030 = "GB 18030-2000"
ASCII = "ASCII"

_CODECS = {
    ASCII: "ascii",
    UTF_8: "utf-8",
    GB_18030: "gb18030",
    "8859/1": "iso-8859-1",
    "8859/15": "iso-8859-15",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gb18030",
    "GB2312": "gb18030",
}
"""Codes of HL7 table 0211, and how some write them. GB 18030 holds all that its predecessors do."""
CHARSETS = (UTF_8, GB_18030, ASCII, "8859/1", "8859/15")
_FIELD = 18


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a message."""

    text: str
    charset: str
    """As MSH-18 calls it."""

    @property
    def codec(self) -> str:
        """What Python calls it."""
        return _CODECS[self.charset]


def decode(content: bytes, default: str = UTF_8) -> Decoded:
    """The text of a message in the encoding that it states, or in `default` where it states none.

    Raises:
        BadMessage: the encoding is none that is known here, or the bytes are in another one.
    """
    charset = stated_charset(content, default) or default
    if charset not in _CODECS:
        raise not_known(Place("MSH", field=_FIELD))
    try:
        return Decoded(content.decode(_CODECS[charset]), charset)
    except UnicodeDecodeError as error:
        place = _place_of(content, error.start)
        raise BadMessage("{place} is not written in {charset}.", place=str(place), charset=charset).at(
            place, Fault.DATA_TYPE
        ) from error


def encode(text: str, charset: str = UTF_8) -> bytes:
    """The bytes of a text.

    Raises:
        BadMessage: it holds a character that this encoding cannot write.
    """
    try:
        return text.encode(_CODECS[charset])
    except UnicodeEncodeError as error:
        before = text[: error.start].encode(errors="replace")
        place = _place_of(before, len(before))
        raise BadMessage(
            "{place} holds a character that cannot be written in {charset}.",
            place=str(place),
            charset=charset,
        ).at(place, Fault.DATA_TYPE) from error


def stated_charset(content: bytes, default: str = UTF_8) -> str:
    """What MSH-18 says; empty where it says nothing."""
    # In GB 18030 the second byte of a character may be a delimiter, so the line is read before it is split.
    line = content.partition(b"\r")[0].partition(b"\n")[0].removeprefix(b"\xef\xbb\xbf")
    text = line.decode(_CODECS.get(default, "utf-8"), errors="replace")
    fields = text.split(text[3:4]) if text[3:4] else []
    stated = fields[_FIELD - 1] if len(fields) >= _FIELD else ""
    repetition = text[5:6]
    return (stated.split(repetition)[0] if repetition else stated).strip().upper()


def _place_of(content: bytes, offset: int) -> Place:
    """In which segment and field a byte lies, as far as it can be told."""
    before = content[:offset].replace(b"\r\n", b"\r").replace(b"\n", b"\r")
    names = [line[:3].decode("ascii", errors="replace") for line in before.split(b"\r")]
    separator = content[3:4] or b"|"
    field = before.rpartition(b"\r")[2].count(separator)
    name = names[-1]
    is_header = name == "MSH"
    return Place(name or "MSH", max(1, names.count(name)), field + is_header)
