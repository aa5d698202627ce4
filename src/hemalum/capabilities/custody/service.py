"""What people do in custody: scan, put away, look for, lend, lose, discard; each in a module of its own."""

from dataclasses import dataclass, field

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.custody.book import Book
from hemalum.capabilities.custody.chain import Seen
from hemalum.capabilities.custody.containers import Containers
from hemalum.capabilities.custody.discarding import Discarding
from hemalum.capabilities.custody.hearing import AlsoHeard as AlsoHeard
from hemalum.capabilities.custody.hearing import Heard as Heard
from hemalum.capabilities.custody.hearing import Hearing
from hemalum.capabilities.custody.lending import Lending
from hemalum.capabilities.custody.mishaps import Mishaps
from hemalum.capabilities.custody.points import Points
from hemalum.capabilities.custody.scanning import Scanning
from hemalum.capabilities.custody.tracing import Tracing


@dataclass(frozen=True)
class Custody:
    """The use cases of custody on one node. May be used from several threads."""

    cases: Cases
    seen: dict[str, Seen] = field(default_factory=dict)
    """By organisation, how far its chain was found whole by this process."""

    @property
    def points(self) -> Points:
        """Which stations there are."""
        return Points(Book(self.cases))

    @property
    def scanning(self) -> Scanning:
        """Scans at them, and their correction."""
        return Scanning(Book(self.cases))

    @property
    def containers(self) -> Containers:
        """What lies where."""
        return Containers(Book(self.cases))

    @property
    def hearing(self) -> Hearing:
        """What other systems say happened."""
        return Hearing(Book(self.cases))

    @property
    def tracing(self) -> Tracing:
        """Where something is, what waits, what is missing, whether the chain is whole."""
        return Tracing(Book(self.cases), self.seen)

    @property
    def lending(self) -> Lending:
        """Loans."""
        return Lending(Book(self.cases))

    @property
    def mishaps(self) -> Mishaps:
        """What was lost, found again, or broke."""
        return Mishaps(Book(self.cases))

    @property
    def discarding(self) -> Discarding:
        """Discards, by two people."""
        return Discarding(Book(self.cases))
