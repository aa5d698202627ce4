"""What people do with cases: accession, list, process, assign, move them on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases import blinding, event_store, policy, queue_store, store
from hemalum.capabilities.cases.accessioning import Accession as Accession
from hemalum.capabilities.cases.accessioning import AlsoOfCase as AlsoOfCase
from hemalum.capabilities.cases.accessioning import PartAsked as PartAsked
from hemalum.capabilities.cases.accessioning import check_parts
from hemalum.capabilities.cases.assigning import Assigning
from hemalum.capabilities.cases.bench import Bench as Bench
from hemalum.capabilities.cases.browsing import Browsed as Browsed
from hemalum.capabilities.cases.browsing import Browsing
from hemalum.capabilities.cases.comparing import Comparing
from hemalum.capabilities.cases.holidays import Holidays
from hemalum.capabilities.cases.labels import Labelling
from hemalum.capabilities.cases.labels import draw_code as draw_code
from hemalum.capabilities.cases.ledger import MOST_REASON as MOST_REASON
from hemalum.capabilities.cases.ledger import Ledger, ListedCase, ShownCase
from hemalum.capabilities.cases.ledger import check_reason as check_reason
from hemalum.capabilities.cases.linking import Linking
from hemalum.capabilities.cases.making import Further as Further
from hemalum.capabilities.cases.making import Making
from hemalum.capabilities.cases.marking import Marking
from hemalum.capabilities.cases.model import (
    BY_CUSTODY,
    CLOSED,
    EXPLAINED,
    ByCustody,
    Case,
    CaseEvent,
    CaseId,
    CaseQuery,
    CaseStatus,
    CaseWasAccessioned,
    Identity,
    IllegalMove,
    Kind,
    Material,
    PatientId,
    Priority,
    Queue,
    Request,
    Stage,
    Subspecialty,
    check_case_move,
    due_at,
)
from hemalum.capabilities.cases.patients import Patients
from hemalum.capabilities.cases.patients import ShownPatient as ShownPatient
from hemalum.capabilities.cases.policy import CaseGate
from hemalum.capabilities.cases.policy import on_own_cases as on_own_cases
from hemalum.capabilities.cases.reporting import WROTE_REPORT, Reporting
from hemalum.capabilities.cases.scheduling import Scheduling
from hemalum.capabilities.cases.scheduling import SlideToScan as SlideToScan
from hemalum.capabilities.cases.turnaround import Turnaround
from hemalum.capabilities.cases.turnaround import percentile as percentile
from hemalum.capabilities.cases.turnaround import wilson as wilson
from hemalum.capabilities.cases.vault import Vault
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Actor
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.identifiers import Identifier, NoIdentifier
from hemalum.kernel.ids import new_id
from hemalum.runtime import outbox
from hemalum.runtime.crypto.keys import Keyring
from hemalum.runtime.db import reading, transaction

SERIES = "S"
_BY_REPORT = frozenset({CaseStatus.PRELIMINARY, CaseStatus.FINAL, CaseStatus.AMENDED})
"""Where the report brings a case that has one on this node."""


@dataclass(frozen=True)
class Cases:
    """The use cases of cases on one node. May be used from several threads."""

    ledger: Ledger
    access: Access

    @property
    def patients(self) -> Patients:
        """Who they are."""
        return Patients(self.ledger)

    @property
    def linking(self) -> Linking:
        """Which image is the scan of which slide."""
        return Linking(self.ledger)

    @property
    def making(self) -> Making:
        """How pieces come to be."""
        return Making(self.ledger, self.linking)

    @property
    def further(self) -> Further:
        """Cases as further work on them sees them."""
        return Further(self.making)

    @property
    def comparing(self) -> Comparing:
        """What scanners' files say of patients, beside what the cases say."""
        return Comparing(self.ledger, self.linking, self.patients)

    @property
    def labelling(self) -> Labelling:
        """Labels of material."""
        return Labelling(self.ledger)

    @property
    def scheduling(self) -> Scheduling:
        """Which slides wait for a scanner."""
        return Scheduling(self.ledger)

    @property
    def holidays(self) -> Holidays:
        """On which days nobody works."""
        return Holidays(self.ledger)

    @property
    def turnaround(self) -> Turnaround:
        """How long cases take."""
        return Turnaround(self.ledger)

    @property
    def bench(self) -> Bench:
        """Where the material is."""
        return Bench(self.ledger)

    @property
    def reporting(self) -> Reporting:
        """What happens to a case by its report."""
        return Reporting(self.ledger)

    @property
    def assigning(self) -> Assigning:
        """Who reads which case."""
        return Assigning(self.ledger, self.access)

    @property
    def marking(self) -> Marking:
        """What models say of cases."""
        return Marking(self.ledger)

    @property
    def browsing(self) -> Browsing:
        """Cases as other systems look for them."""
        return Browsing(self.ledger)

    # Looking --------------------------------------------------------------------------------------------

    def list_cases(self, actor: Actor, query: CaseQuery) -> tuple[int, list[ListedCase]]:
        """How many cases of the actor's organisation a query finds, and a page of them.

        The text is found in numbers, specimens and stains; whole numbers of patients by those who may know
        them. A whole identifier, as a label has it, is found in whatever queue its case is.

        Raises:
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking, now = self.ledger.ask(actor, policy.VIEW), self.ledger.clock()
        place = asking.organisation_id
        with reading(self.ledger.database) as connection:
            number = _case_number(query.text)
            if number is not None:
                case = store.find_by_number(connection, place, number)
                found = [] if case is None else [case]
                return len(found), self.ledger.show_listed(connection, asking, found[query.offset :])
            among = None
            if query.text and self.ledger.may(asking, policy.VIEW_PATIENT):
                among = self._patients_told(connection, asking, query.text)
            total, found = store.list_cases(connection, place, asking.person_id, query, now, among)
            return total, self.ledger.show_listed(connection, asking, found)

    def _patients_told(self, connection: sa.Connection, actor: Actor, text: str) -> set[str] | None:
        """Patients of this number whose cases the actor may be told to be theirs."""
        ids = self.patients.numbered(connection, actor, text)
        alike = self.patients.alike(connection, ids) if ids else set[str]()
        return {one for one in alike if not self.patients.is_withheld(connection, actor, one)} or None

    def count_queues(self, actor: Actor) -> tuple[int, dict[Queue, int]]:
        """A number that grows whenever a case changes, and how many cases lie in each queue."""
        asking = self.ledger.ask(actor, policy.VIEW)
        with reading(self.ledger.database) as connection:
            place = asking.organisation_id
            counts = queue_store.count_queues(connection, place, asking.person_id, self.ledger.clock())
            return event_store.newest_event(connection, place), counts

    def get_case(self, actor: Actor, case_id: str) -> ShownCase:
        """One case with its material.

        Raises:
            NotFound: there is none in the actor's organisation.
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        asking = self.ledger.ask(actor, policy.VIEW)
        with reading(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case_id)
            return self.ledger.show(connection, asking, [case])[0]

    def find_case(self, actor: Actor, number: str) -> ShownCase:
        """The same by what stands on the label of any of its pieces.

        Raises:
            NotFound: there is none in the actor's organisation.
            NoIdentifier: that is no identifier.
        """
        asking = self.ledger.ask(actor, policy.VIEW)
        with reading(self.ledger.database) as connection:
            wanted = str(identifiers.parse(number).case)
            case = store.find_by_number(connection, asking.organisation_id, wanted)
            if case is None:
                raise NotFound("There is no such case.")
            return self.ledger.show(connection, asking, [case])[0]

    def read_request(self, actor: Actor, case_id: str) -> Request | None:
        """What was asked, for those who may know the patient; None where nothing was, or it was erased."""
        shown = self.get_case(actor, case_id)
        if shown.identity is None or shown.case.patient_id is None:
            return None
        with reading(self.ledger.database) as connection:
            sealed = store.read_request(connection, case_id)
        return None if sealed is None else self.ledger.vault.open_request(shown.case.patient_id, sealed)

    def list_events(self, actor: Actor, case_id: str) -> list[CaseEvent]:
        """What happened to a case, oldest first. Raises as `get_case` does."""
        asking = self.ledger.ask(actor, policy.VIEW)
        with reading(self.ledger.database) as connection:
            store.get_case(connection, asking.organisation_id, case_id)
            events = event_store.list_events(connection, case_id)
            is_blinded = blinding.blinded_among(connection, asking.person_id, [case_id])
            return blinding.without_people(events) if is_blinded else events

    # Accessioning ---------------------------------------------------------------------------------------

    def accession(self, actor: Actor, asked: Accession, also: AlsoOfCase | None = None) -> ShownCase:
        """Begin a case from an order, with its parts and what is to be made of them.

        Raises:
            NotPermitted: the actor may not.
            OtherPatient: a number of the patient belongs to somebody who is described otherwise.
            Invalid: there is no part, there are too many, or the patient can be no person.
        """
        return self.accession_all(actor, [(asked, also)])[0]

    def accession_all(
        self, actor: Actor, orders: Sequence[tuple[Accession, AlsoOfCase | None]]
    ) -> list[ShownCase]:
        """Begin a case from each of these orders, all of them or none. Raises as `accession` does."""
        is_named = any(asked.identity is not None for asked, _ in orders)
        needed = (policy.ACCESSION, policy.VIEW_PATIENT) if is_named else (policy.ACCESSION,)
        asking = self.ledger.ask(actor, *needed)
        received = [self.ledger.occurred(asked.received_at) for asked, _ in orders]
        fresh: dict[Identity, PatientId | None] = {}
        for asked, _ in orders:
            check_parts(asked.parts)
            if asked.request is not None and asked.identity is None:
                raise Invalid("What was asked is kept with the patient; state the patient first.")
            if asked.identity is not None and asked.identity not in fresh:
                fresh[asked.identity] = self.patients.prepare_unless_known(asking, asked.identity)
        begun = []
        try:
            with transaction(self.ledger.database) as connection:
                for (asked, also), at in zip(orders, received, strict=True):
                    known = None if asked.identity is None else fresh[asked.identity]
                    case = self._accession(connection, asking, asked, at, known)
                    begun.append(case.id)
                    if also is not None:
                        also(connection, case, store.list_material(connection, [case.id]))
        except sa.exc.IntegrityError as error:
            raise Conflict("Somebody else wrote the same down at this moment; try again.") from error
        return [self.get_case(actor, one) for one in begun]

    def _accession(
        self,
        connection: sa.Connection,
        actor: Actor,
        asked: Accession,
        received_at: datetime,
        fresh: PatientId | None,
    ) -> Case:
        now, place = self.ledger.clock(), actor.organisation_id
        patient_id, request = None, None
        if asked.identity is not None:
            patient_id, _ = self.patients.ensure(connection, actor, asked.identity, fresh)
            if asked.request is not None:
                request = self.ledger.vault.seal_request(patient_id, asked.request)
        site, year = store.site_of(connection, place), now.astimezone(self.ledger.zone).year
        serial = store.next_serial(connection, site, SERIES, year)
        number = Identifier(site, SERIES, year % 100, serial)
        case = Case(
            CaseId(new_id()),
            place,
            str(number),
            CaseStatus.REGISTERED if asked.is_expected else CaseStatus.ACCESSIONED,
            asked.priority,
            asked.subspecialty,
            received_at,
            due_at(asked.priority, received_at, self.holidays.calendar_of(connection, place)),
            patient_id,
            None,
            None,
            "",
            (),
            0,
            0,
            asked.foreign_numbers,
            request is not None,
            now,
        )
        store.add_case(connection, case, request)
        self.ledger.note(connection, case, actor, "accession", after=case.number, occurred_at=received_at)
        outbox.publish(connection, CaseWasAccessioned(now, case.id, place, case.number))
        for order, part in enumerate(asked.parts, 1):
            self._add_part(connection, case, number, order, part, is_expected=asked.is_expected)
        return self.ledger.follow(connection, store.get_case(connection, place, case.id, to_write=True))

    def _add_part(
        self,
        connection: sa.Connection,
        case: Case,
        number: Identifier,
        order: int,
        asked: PartAsked,
        *,
        is_expected: bool,
    ) -> None:
        code = replace(number, part=identifiers.label_of_part(order))
        part = self.making.add(connection, case, None, Kind.PART, code, asked.description, asked.organ)
        if is_expected:
            store.set_stage(connection, part.id, Stage.EXPECTED)
        for block_number, stains in enumerate(asked.blocks, 1):
            of_block = replace(code, block=block_number)
            block = self.making.add(connection, case, part.id, Kind.BLOCK, of_block)
            for slide_number, stain in enumerate(stains, 1):
                of_slide = replace(of_block, slide=slide_number)
                self.making.add(connection, case, block.id, Kind.SLIDE, of_slide, stain)
        for slide_number, stain in enumerate(asked.smears, 1):
            of_smear = replace(code, block=identifiers.NO_BLOCK, slide=slide_number)
            self.making.add(connection, case, part.id, Kind.SLIDE, of_smear, stain)

    def add_material(
        self,
        actor: Actor,
        case_id: str,
        parent_id: str | None,
        description: str = "",
        organ: str = "",
        *,
        is_smear: bool = False,
    ) -> tuple[ShownCase, Material]:
        """Another part of a case (no parent), block of a part, or slide of a block; a smear is a slide that
        is made straight from a part.

        Raises:
            NotFound: there is no such case or parent.
            Conflict: the case is closed, or what it would be made of is gone.
            Invalid: nothing is made of a slide, a smear is of a part alone, or there are too many.
        """
        asking = self.ledger.ask(actor, policy.PROCESS)
        with transaction(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case_id, to_write=True)
            piece = self.making.add_next(
                connection, asking, case, parent_id, description, organ, is_smear=is_smear
            )
            self.ledger.follow(connection, case)
        return self.get_case(actor, case_id), piece

    def get_material(self, actor: Actor, material_id: str) -> Material:
        """One part, block or slide.

        Raises:
            NotFound: there is none in the actor's organisation.
        """
        asking = self.ledger.ask(actor, policy.VIEW)
        with reading(self.ledger.database) as connection:
            return store.get_material(connection, asking.organisation_id, material_id)

    # On the bench ---------------------------------------------------------------------------------------

    def move_material(
        self,
        actor: Actor,
        material_id: str,
        stage: Stage,
        reason: str = "",
        occurred_at: datetime | None = None,
    ) -> ShownCase:
        """Say where a piece of material is now; stages that nobody told of in between were passed.

        Raises:
            NotFound: there is no such piece in the actor's organisation.
            IllegalMove: it cannot go there from where it is.
            ByCustody: it is lent, discarded, lost, broken or found.
            Invalid: a rejection without its reason, or a time that lies ahead.
        """
        asking = self.ledger.ask(actor, policy.PROCESS)
        by_custody = ByCustody("What was lent, lost, found, broken or discarded is said under custody.")
        if stage in BY_CUSTODY:
            raise by_custody
        said = check_reason(reason, needed=stage is Stage.REJECTED)
        at = self.ledger.occurred(occurred_at)
        with transaction(self.ledger.database) as connection:
            case, piece = self.bench.hold(connection, asking, material_id)
            if piece.stage is Stage.LOST:
                raise by_custody
            self.bench.move(connection, asking, case, piece, stage, occurred_at=at, reason=said)
        return self.get_case(actor, piece.case_id)

    # Reading --------------------------------------------------------------------------------------------

    def triage(
        self,
        actor: Actor,
        case_id: str,
        *,
        priority: Priority | None = None,
        subspecialty: Subspecialty | None = None,
        due: datetime | None = None,
    ) -> ShownCase:
        """State how soon a case is wanted, by whom it should be read, and until when.

        A new priority brings its own target unless one is stated, too.

        Raises:
            NotFound: there is no such case.
            Conflict: it is closed.
            Invalid: the time has no zone.
        """
        asking = self.ledger.ask(actor, policy.ASSIGN)
        if due is not None and due.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        with transaction(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case_id, to_write=True)
            if case.status in CLOSED:
                raise Conflict("This case is closed.")
            then = replace(
                case, priority=priority or case.priority, subspecialty=subspecialty or case.subspecialty
            )
            if then.priority is not case.priority:
                calendar = self.holidays.calendar_of(connection, case.organisation_id)
                then = replace(then, due_at=due_at(then.priority, case.received_at, calendar))
            then = replace(then, due_at=due or then.due_at)
            before, after = _triaged(case), _triaged(then)
            if before != after:
                detail = {"before": before, "after": after}
                self.ledger.note(connection, case, asking, "triage", detail=detail)
                store.change_case(
                    connection,
                    case,
                    self.ledger.clock(),
                    priority=then.priority.value,
                    subspecialty=then.subspecialty.value,
                    due_at=then.due_at,
                )
        return self.get_case(actor, case_id)

    def move_case(self, actor: Actor, case_id: str, status: CaseStatus, reason: str = "") -> ShownCase:
        """Bring a case on, or back.

        What becomes final here was signed out elsewhere: the reason says where the report is. A case whose
        report is written on this node becomes so by its signature alone.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such case.
            IllegalMove: it cannot go there; who reads it is a matter of `assign`.
            Conflict: its report is written here.
            Invalid: a status that needs a reason, without one.
        """
        asking = self.ledger.ask(actor, policy.VIEW)
        said = check_reason(reason, needed=status in EXPLAINED)
        with transaction(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case_id, to_write=True)
            self.ledger.ask(asking, _needed(case.status, status))
            check_case_move(case.status, status)
            if status in _BY_REPORT and event_store.has_event(connection, case.id, WROTE_REPORT):
                raise Conflict("The report of this case is written here; hand it over or sign it.")
            if {case.status, status} == {CaseStatus.READY, CaseStatus.ASSIGNED}:
                raise IllegalMove(
                    "A case is assigned by giving it to somebody, and ready when nobody has it."
                )
            case = self.ledger.set_status(connection, case, asking, status, reason=said)
            if status is CaseStatus.READY and case.assignee_id is not None:
                self.ledger.set_status(connection, case, None, CaseStatus.ASSIGNED)
        return self.get_case(actor, case_id)

    # Setting up -----------------------------------------------------------------------------------------

    def set_site(self, organisation_id: str, code: str) -> str:
        """What the cases of an organisation are called after from now on; for the operator.

        Raises:
            Invalid: it cannot stand in an identifier.
            Conflict: another organisation has it.
        """
        site = code.strip().upper()
        if not 2 <= len(site) <= 8 or any(one not in identifiers.ALPHABET for one in site):
            raise Invalid("A site is called by two to eight letters and digits, as in CN01.")
        with transaction(self.ledger.database) as connection:
            if store.site_is_taken(connection, organisation_id, site):
                raise Conflict("Another organisation is called {site} already.", site=site)
            store.set_site(connection, organisation_id, site)
        return site


def open_cases(
    slides: Slides,
    access: Access,
    keyring: Keyring,
    clock: Clock = utc_now,
) -> Cases:
    """The cases of a node."""
    hash_key = keyring.load_or_make_secret(slides.settings.keys / "patients")
    vault = Vault(keyring, hash_key)
    ledger = Ledger(slides, access.place_of, vault, CaseGate(slides.gate.policies), clock)
    return Cases(ledger, access)


def _needed(now: CaseStatus, then: CaseStatus) -> str:
    """The permission that a move of a case asks for."""
    if then in (CaseStatus.FINAL, CaseStatus.AMENDED) or now is CaseStatus.FINAL:
        return policy.SIGN_OUT
    if then is CaseStatus.ENDED:
        return policy.ACCESSION
    if then in (CaseStatus.DRAFT, CaseStatus.PRELIMINARY, CaseStatus.ASSIGNED):
        return policy.REPORT
    return policy.PROCESS


def _triaged(case: Case) -> dict[str, str]:
    return {
        "priority": case.priority.value,
        "subspecialty": case.subspecialty.value,
        "due_at": case.due_at.isoformat(),
    }


def _case_number(text: str) -> str | None:
    """The number of the case, where a text is an identifier as labels have it."""
    try:
        return str(identifiers.parse(text).case)
    except NoIdentifier:
        return None
