"""What stands on labels: `CN01-S26-000123-K/A/2/1`, with a check character, and nothing of the patient.

Site, series and year, serial number, check character; then part, block and slide. A two-dimensional code
carries just this text. In a file name, where a slash cannot stand, parts, blocks and slides are set apart
by `_`.
"""

import re
from dataclasses import dataclass, replace

from hemalum.kernel.errors import Invalid

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = len(ALPHABET)
NO_BLOCK = 0
"""Number of the block on slides that were made straight from the part, such as smears."""

_SHAPE = (
    r"(?P<site>[A-Z0-9]{2,8})-(?P<series>[A-Z])(?P<year>[0-9]{2})-(?P<serial>[0-9]{6,9})-(?P<check>[0-9A-Z])"
    r"(?:[/_](?P<part>[A-Z]{1,2})(?:[/_](?P<block>[0-9]{1,3})(?:[/_](?P<slide>[0-9]{1,3}))?)?)?"
)
_COMPACT = re.compile(r"([A-Z0-9]{2,8})([A-Z])([0-9]{2})([0-9]{6,9})([0-9A-Z])")
_WHOLE = re.compile(_SHAPE)
_WITHIN = re.compile(rf"(?<![0-9A-Za-z_/-]){_SHAPE}(?![0-9A-Za-z_/-])")


class NoIdentifier(Invalid):
    """The text is no identifier of a case, or was copied wrongly."""

    code = "no-identifier"


class CopiedWrongly(NoIdentifier):
    """It has the shape of an identifier, and another check character."""


def check_character(text: str) -> str:
    """The check character of letters and digits by ISO 7064, MOD 37,36.

    It finds every single wrong character and nearly all that changed places (ISO/IEC 7064:2003, hybrid
    systems).
    """
    product = _MODULUS
    for one in text:
        product = ((product + ALPHABET.index(one)) % _MODULUS or _MODULUS) * 2 % (_MODULUS + 1)
    return ALPHABET[(_MODULUS + 1 - product) % _MODULUS]


@dataclass(frozen=True, slots=True)
class Identifier:
    """A case, or one piece of its material."""

    site: str
    series: str
    """Kind of work: S for surgical."""
    year: int
    """Its last two digits."""
    serial: int
    part: str | None = None
    block: int | None = None
    slide: int | None = None

    @property
    def case(self) -> "Identifier":
        """The case that it belongs to."""
        return replace(self, part=None, block=None, slide=None)

    def __str__(self) -> str:
        number = f"{self.site}-{self.series}{self.year:02d}-{self.serial:06d}"
        levels = [each for each in (self.part, self.block, self.slide) if each is not None]
        return "/".join([f"{number}-{check_character(number.replace('-', ''))}", *map(str, levels)])


def parse(text: str) -> Identifier:
    """The identifier that a text is, whatever the case of its letters.

    Raises:
        NoIdentifier: it is none, or its check character does not fit.
    """
    found = _WHOLE.fullmatch(text.strip().upper())
    if found is None:
        raise NoIdentifier("“{text}” is not a case identifier such as CN01-S26-000123-K/A/2/1.", text=text)
    read = _read(found)
    if read is None:
        raise CopiedWrongly("The check character of {text} does not fit; it was copied wrongly.", text=text)
    return read


def compact(code: Identifier, most: int) -> str:
    """The number of a case without its dashes, as where only so many characters have room; then without
    its site, too, where it is still too long."""
    number = str(code.case).replace("-", "")
    return number if len(number) <= most else number.removeprefix(code.site)


def expand(text: str) -> str:
    """The number of a case out of what `compact` made of it with its site; other texts as they are."""
    found = _COMPACT.fullmatch(text.strip().upper())
    return text if found is None else "{}-{}{}-{}-{}".format(*found.groups())


def find_in(text: str) -> frozenset[Identifier]:
    """Every identifier that stands in a text on its own, with a check character that fits. Nothing is
    guessed."""
    read = (_read(found) for found in _WITHIN.finditer(text.upper()))
    return frozenset(each for each in read if each is not None)


def number_of_part(label: str) -> int:
    """1 for A, 26 for Z, 27 for AA."""
    number = 0
    for letter in label:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def label_of_part(number: int) -> str:
    """A for 1, Z for 26, AA for 27."""
    label = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        label = chr(ord("A") + rest) + label
    return label


def _read(found: re.Match[str]) -> Identifier | None:
    groups = found.groupdict()
    number = f"{groups['site']}{groups['series']}{groups['year']}{groups['serial']}"
    if check_character(number) != groups["check"]:
        return None
    block, slide = (None if groups[name] is None else int(groups[name]) for name in ("block", "slide"))
    year, serial = int(groups["year"]), int(groups["serial"])
    read = Identifier(groups["site"], groups["series"], year, serial, groups["part"], block, slide)
    # Zeros in front would give one slide two names.
    return read if str(read) == found[0].replace("_", "/") else None
