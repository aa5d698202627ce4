"""What other systems do by FHIR: read, search, and place orders."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.model import CaseSearch
from hemalum.capabilities.cases.service import Browsed, Cases, ShownPatient
from hemalum.capabilities.fhir import imaging, origins, policy, reporting
from hemalum.capabilities.fhir import orders as ordering
from hemalum.capabilities.fhir.finding import Pages, Position, case_of, narrow
from hemalum.capabilities.fhir.model import OF_REPORTS, Kind
from hemalum.capabilities.fhir.opened import OpenedCase, Scan
from hemalum.capabilities.fhir.patients import patient
from hemalum.capabilities.fhir.placing import Placing
from hemalum.capabilities.orders.service import Orders
from hemalum.capabilities.reports.model import ReportWithheld
from hemalum.capabilities.reports.service import Reports
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.formats.fhir.checks import walk
from hemalum.formats.fhir.scopes import Interaction
from hemalum.formats.fhir.searching import PARAMETERS, Condition, Query, matches, parse_query, token_of
from hemalum.formats.fhir.values import Resource, issuer_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound, NotPermitted
from hemalum.runtime.crypto.keys import Keyring

_CASES_AT_ONCE = 50
_MOST_CASES = 400
"""Looked through for one page; a page may be short, and says where to go on."""
_MOST_INCLUDED = 200
_MOST_AT_ONE_ID = 10
_NAME_ORDERS = frozenset(Kind) - {Kind.PATIENT, Kind.DOCUMENT_REFERENCE, Kind.PROVENANCE}
"""What is told with the orders that it follows from."""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what a search finds."""

    found: tuple[Resource, ...]
    included: tuple[Resource, ...]
    own: str
    """Where this page is, as `Pages` writes it."""
    following: str | None
    total: int | None
    """Where all of it stands on this page."""


@dataclass(frozen=True)
class Fhir:
    """The use cases of FHIR on one node; `base` is its address. May be used from several threads."""

    cases: Cases
    reports: Reports
    access: Access
    keyring: Keyring
    orders: Orders

    @property
    def placing(self) -> Placing:
        """Orders that come in."""
        return Placing(self.cases, self.orders.placing)

    @property
    def pages(self) -> Pages:
        return Pages(self.keyring)

    # Reading --------------------------------------------------------------------------------------------

    def read(self, actor: Actor, kind: Kind, resource_id: str, base: str) -> Resource:
        """One resource as it is now. That a patient or report was seen is recorded, as on the screen.

        Raises:
            NotFound: there is none of this id in the actor's organisation.
            Gone: its patient was erased.
            NotPermitted: the actor may not, or not for this purpose.
            ReportWithheld: the actor may not know the patient of this case.
        """
        policy.check(actor, kind)
        if kind is Kind.PATIENT:
            if policy.patient_in(actor, kind) not in (None, resource_id):
                raise NotFound("There is no {kind} of this id.", kind=kind.value)
            return patient(self.cases.patients.get(actor, resource_id))
        wanted = self._at(actor, kind, (resource_id,))
        browsed, _ = self.cases.browsing.browse(actor, wanted, limit=_MOST_AT_ONE_ID)
        for one in self._open(actor, kind, browsed, base):
            for resource in self._resources(actor, kind, one):
                if resource["id"] == resource_id:
                    return resource
        raise NotFound("There is no {kind} of this id.", kind=kind.value)

    def list_of_case(self, actor: Actor, kind: Kind, case_id: str, base: str) -> list[Resource]:
        """All resources of a kind that there are of a case. Raises as `read` does, but for NotFound."""
        policy.check(actor, kind)
        browsed, _ = self.cases.browsing.browse(
            actor, _within(CaseSearch(ids=(case_id,)), policy.patient_in(actor, kind))
        )
        return [
            each
            for one in self._open(actor, kind, browsed, base)
            for each in self._resources(actor, kind, one)
        ]

    def list_versions(self, actor: Actor, kind: Kind, resource_id: str, base: str) -> list[Resource]:
        """A resource in the versions that are kept, the newest first: of reports every signed one, of others
        what there is now. Raises as `read` does."""
        if kind not in (Kind.DIAGNOSTIC_REPORT, Kind.OBSERVATION):
            return [self.read(actor, kind, resource_id, base)]
        policy.check(actor, kind)
        browsed, _ = self.cases.browsing.browse(actor, self._at(actor, kind, (resource_id,)))
        opened = self._open(actor, kind, browsed, base)
        made = [each for one in opened for each in self._versions(actor, kind, one)]
        found = [one for one in made if one["id"] == resource_id]
        if not found:
            raise NotFound("There is no {kind} of this id.", kind=kind.value)
        return found

    def _versions(self, actor: Actor, kind: Kind, opened: OpenedCase) -> list[Resource]:
        """What a case's report and its observations are in every signed version, the newest first."""
        opened = self._filled(actor, kind, opened)
        signed = tuple(reversed(opened.signed))
        if kind is Kind.DIAGNOSTIC_REPORT:
            return [reporting.report(opened, one) for one in signed]
        return [each for one in signed for each in reporting.observations(opened, one)]

    def read_version(
        self, actor: Actor, kind: Kind, resource_id: str, version_id: str, base: str
    ) -> Resource:
        """A resource in one version; of a report the number of the signed version is enough.

        Raises as `read` does, and NotFound where there is no such version any more.
        """
        for one in self.list_versions(actor, kind, resource_id, base):
            stated: str = one["meta"]["versionId"]
            if version_id in (stated, stated.partition("-")[0]):
                return one
        raise NotFound("This version is not kept.")

    # Searching ------------------------------------------------------------------------------------------

    def search(self, actor: Actor, position: Position, base: str) -> Page:
        """A page of what a search finds in the actor's organisation. Raises as `read` does, and BadResource
        where the search cannot be meant."""
        found, rest = self.find_page(actor, position, base)
        query = parse_query(position.kind, position.stated)
        is_all = rest is None and not position.after and not position.skip
        return Page(
            tuple(found),
            tuple(self._included(actor, query, found, base)),
            self.pages.write(position),
            None if rest is None else self.pages.write(rest),
            len(found) if is_all else None,
        )

    def find_page(
        self, actor: Actor, position: Position, base: str
    ) -> tuple[list[Resource], Position | None]:
        """The resources of a page alone, and where the next one begins. Raises as `search`."""
        kind = Kind(position.kind)
        policy.check(actor, kind, Interaction.SEARCH)
        query = parse_query(kind.value, position.stated)
        if kind is Kind.PATIENT:
            return self._find_patients(actor, query, position)
        return self._find(actor, kind, query, position, base)

    def _find_patients(
        self, actor: Actor, query: Query, position: Position
    ) -> tuple[list[Resource], Position | None]:
        numbers = [one.values for one in query.conditions if one.name == "identifier"]
        by_id = query.values_of("_id")
        # By what a number is found is how numbers are compared: width and letter case mean nothing.
        conditions = [one for one in query.conditions if one.name != "identifier"]
        following = None
        only = policy.patient_in(actor, Kind.PATIENT, Interaction.SEARCH)
        if only is not None and by_id is None:
            by_id = (only,)
        if numbers:
            shown = [one for value in numbers[0] for one in self._numbered(actor, value)]
            for values in numbers[1:]:
                ids = {one.id for value in values for one in self._numbered(actor, value)}
                shown = [one for one in shown if one.id in ids]
        elif by_id is not None:
            shown = [each for one in by_id if (each := self._known(actor, one)) is not None]
        else:
            patients = self.cases.patients
            shown, following = patients.list_patients(
                actor, query.since("_lastUpdated"), position.after, query.count
            )
        shown = [one for one in shown if only in (None, one.id)]
        made = {one.id: patient(one) for one in shown if one.identity is not None}
        found = [one for one in made.values() if matches(one, conditions)]
        return found, None if following is None else _further(position, following)

    def _numbered(self, actor: Actor, value: str) -> Sequence[ShownPatient]:
        system, number = token_of(value)
        return self.cases.patients.find(actor, number, None if system is None else issuer_of(system))

    def _known(self, actor: Actor, patient_id: str) -> ShownPatient | None:
        try:
            return self.cases.patients.get(actor, patient_id)
        except NotFound:
            return None

    def _find(
        self, actor: Actor, kind: Kind, query: Query, position: Position, base: str
    ) -> tuple[list[Resource], Position | None]:
        wanted = _within(narrow(query), policy.patient_in(actor, kind, Interaction.SEARCH))
        if kind is Kind.IMAGING_STUDY:
            uids = query.values_of("_id") or query.values_of("identifier")
            if uids is not None:
                bare = [one.rpartition(":")[2].rpartition("|")[2] for one in uids]
                wanted = replace(wanted, image_ids=self._at(actor, kind, bare).image_ids)
        # Who was merged is found by either id, and named by one.
        decided = {name for name in ("patient", "subject") if query.values_of(name) is not None}
        conditions = [one for one in query.conditions if one.name not in decided]
        found: list[Resource] = []
        after, skip, looked = position.after, position.skip, 0
        while True:
            limit = min(query.count, _CASES_AT_ONCE)
            browsed, following = self.cases.browsing.browse(actor, wanted, after, limit)
            for one in self._open(actor, kind, browsed, base):
                fitting = self._fitting(actor, kind, one, conditions)[skip:]
                room = query.count - len(found)
                if len(fitting) > room:
                    return found + fitting[:room], _further(position, after, skip + room)
                found += fitting
                after, skip = one.case.id, 0
            looked += limit
            if following is None:
                return found, None
            after = following
            if len(found) >= query.count or looked >= _MOST_CASES:
                return found, _further(position, after)

    def _fitting(
        self, actor: Actor, kind: Kind, opened: OpenedCase, conditions: Sequence[Condition]
    ) -> list[Resource]:
        try:
            return [one for one in self._resources(actor, kind, opened) if matches(one, conditions)]
        except ReportWithheld:
            return []

    def _included(
        self, actor: Actor, query: Query, found: Sequence[Resource], base: str
    ) -> Iterator[Resource]:
        """What the resources found refer to, each once; what the actor may not see is left out."""
        asked = [PARAMETERS[query.kind][name] for name in query.includes]
        made = [
            each
            for one in found
            for parameter in asked
            for path in parameter.paths
            for _, each in walk(one, "", path)
        ]
        told = {(one["resourceType"], one["id"]) for one in found}
        for each in made[:_MOST_INCLUDED]:
            kind, _, resource_id = str(each.get("reference", "")).partition("/_history/")[0].partition("/")
            if kind not in set(Kind) or (kind, resource_id) in told:
                continue
            told.add((kind, resource_id))
            try:
                yield self.read(actor, Kind(kind), resource_id, base)
            except (NotFound, NotPermitted):
                continue

    # Parts ----------------------------------------------------------------------------------------------

    def _at(self, actor: Actor, kind: Kind, ids: Iterable[str]) -> CaseSearch:
        """The cases of which resources with these ids would be, where the actor reads this kind."""
        if kind is Kind.SPECIMEN:
            wanted = CaseSearch(material_ids=tuple(ids))
        elif kind is Kind.IMAGING_STUDY:
            slides = self.cases.ledger.slides
            wanted = CaseSearch(image_ids=tuple(image for one in ids for image in slides.list_of_study(one)))
        else:
            wanted = CaseSearch(ids=tuple(map(case_of, ids)))
        return _within(wanted, policy.patient_in(actor, kind))

    def _open(self, actor: Actor, kind: Kind, browsed: Sequence[Browsed], base: str) -> list[OpenedCase]:
        """Cases with what is looked up for all of them at once."""
        cases = [one.shown.case for one in browsed]
        ids = [case.id for case in cases] if kind in _NAME_ORDERS else []
        placed = self.orders.placing.list_of_cases(actor, ids) if ids else {}
        return [
            OpenedCase(one, self.access.name_of(case.organisation_id), base, placed=placed.get(case.id, ()))
            for one, case in zip(browsed, cases, strict=True)
        ]

    def _resources(self, actor: Actor, kind: Kind, opened: OpenedCase) -> Iterable[Resource]:
        """All resources of a kind that a case is made into."""
        return _MAKERS[kind](self._filled(actor, kind, opened))

    def _filled(self, actor: Actor, kind: Kind, opened: OpenedCase) -> OpenedCase:
        """A case with its reports and images, as far as the kind tells of them."""
        if kind in OF_REPORTS:
            opened = replace(opened, signed=self.reports.consulting.list_signed(actor, opened.case.id))
        if kind is Kind.IMAGING_STUDY or (kind in OF_REPORTS and opened.signed):
            scans = self._scans(opened.browsed, with_instances=kind is Kind.IMAGING_STUDY)
            opened = replace(opened, scans=scans)
        return opened

    def _scans(self, browsed: Browsed, *, with_instances: bool) -> dict[str, Scan]:
        slides = self.cases.ledger.slides
        scans: dict[str, Scan] = {}
        for image_id in (image for piece in browsed.shown.material for image in piece.image_ids):
            summary = slides.find_summary(image_id)
            if summary is not None and summary.status is ImageStatus.AVAILABLE:
                instances = slides.list_instances(image_id) if with_instances else ()
                scans[image_id] = Scan(summary, instances)
        return scans


def _within(wanted: CaseSearch, patient_id: str | None) -> CaseSearch:
    """The same among the cases of one patient; of everybody, where there is none."""
    if patient_id is None:
        return wanted
    stated = wanted.patient_ids
    only = (patient_id,) if stated is None or patient_id in stated else ()
    return replace(wanted, patient_ids=only)


def _further(position: Position, after: str, skip: int = 0) -> Position:
    """The same search, further on."""
    return Position(position.kind, position.stated, after, skip)


def _reports(opened: OpenedCase) -> Iterable[Resource]:
    return [reporting.report(opened, opened.signed[-1])] if opened.signed else []


def _observations(opened: OpenedCase) -> Iterable[Resource]:
    return reporting.observations(opened, opened.signed[-1]) if opened.signed else []


_MAKERS: dict[Kind, Callable[[OpenedCase], Iterable[Resource]]] = {
    Kind.SERVICE_REQUEST: ordering.service_requests,
    Kind.SPECIMEN: ordering.specimens,
    Kind.TASK: lambda opened: [ordering.task(opened)],
    Kind.IMAGING_STUDY: imaging.imaging_studies,
    Kind.DIAGNOSTIC_REPORT: _reports,
    Kind.OBSERVATION: _observations,
    Kind.DOCUMENT_REFERENCE: reporting.documents,
    Kind.PROVENANCE: origins.provenances,
}
