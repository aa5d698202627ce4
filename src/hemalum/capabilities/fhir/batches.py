"""Creating what is not there yet, and several things at once: transactions and batches (R4, 3.1.0.11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from hemalum.capabilities.fhir import policy
from hemalum.capabilities.fhir.finding import Position
from hemalum.capabilities.fhir.model import CREATED, Kind, SeveralFound
from hemalum.capabilities.fhir.placing import Placed
from hemalum.capabilities.fhir.service import Fhir, Page
from hemalum.formats.fhir.bundles import Asked, Entry, read_bundle, searchset
from hemalum.formats.fhir.checks import walk
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue, outcome_of
from hemalum.formats.fhir.values import Resource
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http_errors import BadRequest, MethodNotAllowed

ROOT = "/fhir/R4"
_NAMED_BY_ORDERS = Sentence("Patient and specimens of a transaction are those that its orders name.")


@dataclass(frozen=True)
class Batches:
    """What is asked of FHIR in one request, for an actor who reached the node at `base`."""

    fhir: Fhir
    actor: Actor
    base: str

    def create(self, kind: Kind, resource: Resource, condition: str | None) -> tuple[Placed, Resource]:
        """Create a resource, unless one is there that fits the condition; and what is there then.

        Raises:
            MethodNotAllowed: this kind is not created here.
            SeveralFound: several fit the condition.
            And as `Placing` does.
        """
        if kind not in CREATED:
            raise MethodNotAllowed("{kind} is not created here.", kind=kind.value)
        if resource.get("resourceType") != kind.value:
            said = Sentence("A resource of one of these types is expected: {kinds}.", {"kinds": kind.value})
            raise _bad("Resource", said)
        # What was made is answered as well: nothing is made for whoever may not see it.
        policy.check(self.actor, kind)
        found = None if condition is None else self.find_one(kind, condition)
        if found is not None:
            return Placed(kind, found["id"], False), found
        placing = self.fhir.placing
        if kind is Kind.PATIENT:
            placed = placing.place_patient(self.actor, resource)
        else:
            placed = placing.place_order(self.actor, resource, {})
        return placed, self.fhir.read(self.actor, kind, placed.id, self.base)

    def find_one(self, kind: Kind, condition: str) -> Resource | None:
        """What fits the condition of a conditional create (If-None-Exist).

        Raises:
            SeveralFound: several do.
            BadRequest: the condition names no number.
        """
        stated = tuple(parse_qsl(condition.removeprefix("?"), keep_blank_values=True))
        if "identifier" not in dict(stated):
            raise BadRequest("What is not to exist yet is named by its identifier.")
        page = self.fhir.search(self.actor, Position(kind.value, stated), self.base)
        if len(page.found) > 1:
            raise SeveralFound("Several resources fit the condition.")
        return page.found[0] if page.found else None

    def answer(self, bundle: Resource) -> Resource:
        """Do what a bundle asks for. A transaction is done as a whole or not at all; each entry of a batch
        by itself.

        Raises:
            BadResource: it is no bundle, or a transaction that cannot be done.
            HemalumError: a transaction cannot be done; nothing of it was.
        """
        asked = read_bundle(bundle)
        if asked.is_transaction:
            return {
                "resourceType": "Bundle",
                "type": "transaction-response",
                "entry": self._transact(asked),
            }
        entries = [self._one(entry) for entry in asked.entries]
        return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}

    # A transaction --------------------------------------------------------------------------------------

    def _transact(self, asked: Asked) -> list[Resource]:
        """Orders with their patient and specimens, or a patient: all cases are begun in one transaction of
        the database, and that is all or nothing."""
        by_kind: dict[str, list[Entry]] = {"Patient": [], "Specimen": [], "ServiceRequest": []}
        at_hand: dict[str, Resource] = {}
        for number, entry in enumerate(asked.entries):
            where = f"Bundle.entry[{number}]"
            kind = None if entry.resource is None else entry.resource.get("resourceType")
            if entry.method != "POST" or kind not in by_kind or entry.url.strip("/") != kind:
                said = Sentence(
                    "In a transaction Patient, Specimen and ServiceRequest are created, and nothing else."
                )
                raise BadResource.because([Issue(Fault.NOT_SUPPORTED, where, said)])
            assert entry.resource is not None
            by_kind[kind].append(entry)
            if entry.full_url:
                at_hand[entry.full_url] = entry.resource
        orders, patients = by_kind["ServiceRequest"], by_kind["Patient"]
        if len(patients) > 1 or not orders + patients:
            raise _bad(
                "Bundle.entry", Sentence("A transaction holds orders for one patient, or one patient.")
            )
        if orders and not all(each.full_url for each in patients):
            raise _bad("Bundle.entry", _NAMED_BY_ORDERS)
        urls = {each.full_url for each in orders}
        if len(orders) > 1 and ("" in urls or len(urls) < len(orders)):
            raise _bad("Bundle.entry", Sentence("Each order of a transaction has a fullUrl of its own."))
        existing = {each.full_url: found for each in patients + orders if (found := self._existing(each))}
        placed = self._place(orders, patients, by_kind["Specimen"], at_hand, existing)
        parts: dict[str, str] = {}
        became: dict[str, Placed] = {}
        for order, one in zip(orders, placed, strict=False):
            named = [each["reference"] for _, each in walk(order.resource, "", "specimen")]
            # An order that was placed before may have had fewer specimens.
            parts |= zip(named, one.part_ids, strict=False)
            became |= dict.fromkeys([*named, order.full_url], one)
        return [
            _response(
                entry,
                became.get(entry.full_url, placed[0]),
                parts,
                is_there=entry.full_url in existing,
            )
            for entry in asked.entries
        ]

    def _existing(self, entry: Entry) -> Resource | None:
        if entry.if_none_exist is None or entry.resource is None:
            return None
        return self.find_one(Kind(entry.resource["resourceType"]), entry.if_none_exist)

    def _place(
        self,
        orders: list[Entry],
        patients: list[Entry],
        specimens: list[Entry],
        at_hand: Mapping[str, Resource],
        existing: Mapping[str, Resource],
    ) -> list[Placed]:
        """What each order became; without one what the patient did."""
        if not orders:
            if specimens:
                raise _bad("Bundle.entry", Sentence("A specimen comes with its order."))
            found = existing.get(patients[0].full_url)
            if found is not None:
                return [Placed(Kind.PATIENT, found["id"], False, found["id"])]
            assert patients[0].resource is not None
            return [self.fhir.placing.place_patient(self.actor, patients[0].resource)]
        missing = [each for each in orders if each.full_url not in existing]
        resources = [each.resource for each in missing if each.resource is not None]
        if missing:
            _check_named(resources, patients, specimens, whole=len(missing) == len(orders))
        begun = iter(
            self.fhir.placing.place_orders(self.actor, resources, {**at_hand, **existing}) if missing else ()
        )
        return [
            _known_order(existing[each.full_url]) if each.full_url in existing else next(begun)
            for each in orders
        ]

    # A batch --------------------------------------------------------------------------------------------

    def _one(self, entry: Entry) -> Resource:
        try:
            return self._done(entry)
        except HemalumError as error:
            status = f"{error.status} {HTTPStatus(error.status).phrase}"
            return {"response": {"status": status, "outcome": outcome_of(error)}}

    def _done(self, entry: Entry) -> Resource:
        path, _, query = entry.url.partition("?")
        parts = path.strip("/").split("/")
        kind = kind_named(parts[0])
        if entry.method == "POST" and len(parts) == 1 and entry.resource is not None:
            placed, resource = self.create(kind, entry.resource, entry.if_none_exist)
            status = "201 Created" if placed.is_new else "200 OK"
            location = f"{kind.value}/{placed.id}"
            return {"resource": resource, "response": {"status": status, "location": location}}
        if entry.method != "GET" or len(parts) > len(("Patient", "id")):
            raise MethodNotAllowed("A batch reads, searches and creates.")
        if len(parts) == 1:
            stated = tuple(parse_qsl(query, keep_blank_values=True))
            page = self.fhir.search(self.actor, Position(kind.value, stated), self.base)
            return {"resource": searchset_of(page, kind, self.base, None), "response": {"status": "200 OK"}}
        resource = self.fhir.read(self.actor, kind, parts[1], self.base)
        return {"resource": resource, "response": {"status": "200 OK"}}


def _check_named(
    orders: Sequence[Resource], patients: Sequence[Entry], specimens: Sequence[Entry], *, whole: bool
) -> None:
    """Raise BadResource unless what came along is what orders name, each specimen by one of them.

    Without `whole` some may be of orders that were placed before, which are not among these.
    """
    subjects = {made.get("reference") for each in orders for _, made in walk(each, "", "subject")}
    named = [made.get("reference") for each in orders for _, made in walk(each, "", "specimen")]
    along = {one.full_url for one in specimens}
    is_named = all(one.full_url and one.full_url in subjects for one in patients) and along <= {*named}
    if "" in along or (whole and not is_named):
        raise _bad("Bundle.entry", _NAMED_BY_ORDERS)
    if any(named.count(one) > 1 for one in along):
        raise _bad("Bundle.entry", Sentence("A specimen of a transaction belongs to one order."))


def _known_order(found: Resource) -> Placed:
    subject = str(found["subject"].get("reference", "")).removeprefix("Patient/")
    return Placed(Kind.SERVICE_REQUEST, found["id"], False, subject)


def _response(entry: Entry, placed: Placed, parts: Mapping[str, str], *, is_there: bool) -> Resource:
    """What became of an entry of a transaction."""
    assert entry.resource is not None
    kind = entry.resource["resourceType"]
    ids = {"Patient": placed.patient_id, "ServiceRequest": placed.id}
    resource_id = ids[kind] if kind in ids else parts.get(entry.full_url, "")
    response = {"status": "201 Created" if placed.is_new and not is_there else "200 OK"}
    return {"response": response | ({"location": f"{kind}/{resource_id}"} if resource_id else {})}


def searchset_of(page: Page, kind: Kind, base: str, own: str | None) -> Resource:
    """A page of a search as a bundle; `own` is where it is, where that may be said."""
    at = f"{base}{ROOT}/{kind.value}?_page="
    following = None if page.following is None else at + page.following
    return searchset(page.found, page.included, f"{base}{ROOT}", own or at + page.own, following, page.total)


def kind_named(name: str) -> Kind:
    """Raises NotFound for a type that is not served here."""
    if name not in set(Kind):
        raise NotFound("Resources of this type are not served here.")
    return Kind(name)


def _bad(where: str, said: Sentence) -> BadResource:
    return BadResource.because([Issue(Fault.VALUE, where, said)])
