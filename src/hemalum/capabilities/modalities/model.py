"""Scanners. No I/O."""

from dataclasses import dataclass
from typing import NewType

from hemalum.kernel.errors import Invalid
from hemalum.kernel.ids import OrganisationId
from hemalum.kernel.network import THIS_MACHINE, check_networks, lies_within

ScannerId = NewType("ScannerId", str)

CHARSETS = ("ISO_IR 192", "GB18030")
"""In which scanners are answered (PS3.3 C.12.1.1.2)."""
MOST_SHORT = 16
"""Characters of an AE title and of values of VR SH, as the accession number is (PS3.5 6.2)."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner that may ask for the worklist."""

    id: ScannerId
    organisation_id: OrganisationId
    title: str
    """AE title that it calls itself (PS3.8 7.1.1.4)."""
    acts_as: str
    """Sign-in name of the account whose roles decide what it is told."""
    addresses: tuple[str, ...] = THIS_MACHINE
    """Networks that it calls from."""
    charset: str = CHARSETS[0]

    def calls_from(self, address: str) -> bool:
        """Whether an address is one that this scanner calls from."""
        return lies_within(address, self.addresses)


def check_scanner(scanner: Scanner) -> None:
    """Raise Invalid unless a scanner can be known by this."""
    check_title(scanner.title)
    if scanner.charset not in CHARSETS:
        raise Invalid("The encoding is one of {charsets}.", charsets=", ".join(CHARSETS))
    check_networks(scanner.addresses)
    if not scanner.addresses:
        raise Invalid("Say from which addresses it calls.")


def check_title(title: str) -> None:
    """Raise Invalid unless this is an AE title."""
    is_plain = title.isascii() and title.isprintable() and "\\" not in title
    if not 1 <= len(title.strip()) <= MOST_SHORT or not is_plain:
        raise Invalid("An AE title has 1 to {most} characters of ASCII, and no backslash.", most=MOST_SHORT)
