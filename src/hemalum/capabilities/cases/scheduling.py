"""Which slides wait for a scanner."""

from dataclasses import dataclass

from hemalum.capabilities.cases import policy, store
from hemalum.capabilities.cases.ledger import Ledger, ShownCase
from hemalum.capabilities.cases.model import GONE, CaseQuery, Kind, Material, Queue, Stage
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Actor
from hemalum.kernel.identifiers import NoIdentifier
from hemalum.runtime.db import reading

_CASES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SlideToScan:
    """A slide of glass that may be put into a scanner."""

    shown: ShownCase
    slide: Material
    part: Material

    @property
    def site(self) -> str:
        """Who gave the number of the case."""
        return identifiers.parse(self.shown.case.number).site

    def number_within(self, most: int) -> str:
        """The number of the case in so many characters at most; `find_slides` knows it."""
        return identifiers.compact(identifiers.parse(self.shown.case.number), most)


@dataclass(frozen=True)
class Scheduling:
    """Slides that wait for a scanner, of all cases of an organisation."""

    ledger: Ledger

    def list_slides(self, actor: Actor, most: int) -> list[SlideToScan]:
        """Slides that were made and have no scan yet, the most pressing first. That whoever asks is shown
        patients is recorded.

        Raises:
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking, now = self.ledger.ask(actor, policy.VIEW), self.ledger.clock()
        found: list[SlideToScan] = []
        offset = 0
        while len(found) < most:
            query = CaseQuery(Queue.AWAITING_SCAN, offset=offset, limit=_CASES_AT_ONCE, by_band=False)
            with reading(self.ledger.database) as connection:
                place = asking.organisation_id
                _, cases = store.list_cases(connection, place, asking.person_id, query, now)
                shown = self.ledger.show(connection, asking, cases)
            found += [each for one in shown for each in _slides_of(one) if _is_unscanned(each.slide)]
            if len(cases) < _CASES_AT_ONCE:
                break
            offset += _CASES_AT_ONCE
        return found[:most]

    def find_slides(self, actor: Actor, text: str) -> list[SlideToScan]:
        """The slide of this identifier, or all slides of the case of this number, with or without its
        dashes; scanned before or not.

        Raises as `list_slides` does.
        """
        asking = self.ledger.ask(actor, policy.VIEW)
        try:
            wanted = identifiers.parse(identifiers.expand(text))
        except NoIdentifier:
            return []
        with reading(self.ledger.database) as connection:
            case = store.find_by_number(connection, asking.organisation_id, str(wanted.case))
            if case is None:
                return []
            slides = _slides_of(self.ledger.show(connection, asking, [case])[0])
        return [each for each in slides if wanted == wanted.case or each.slide.identifier == str(wanted)]


def _slides_of(shown: ShownCase) -> list[SlideToScan]:
    pieces = {piece.id: piece for piece in shown.material}

    def part_of(piece: Material) -> Material:
        while piece.parent_id is not None:
            piece = pieces[piece.parent_id]
        return piece

    return [
        SlideToScan(shown, piece, part_of(piece))
        for piece in shown.material
        if piece.kind is Kind.SLIDE and piece.stage is not Stage.PLANNED and piece.stage not in GONE
    ]


def _is_unscanned(slide: Material) -> bool:
    # Its images may be kept from whoever asks; its stage is not.
    return not slide.image_ids and slide.stage is not Stage.SCANNED
