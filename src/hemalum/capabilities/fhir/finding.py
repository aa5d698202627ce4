"""To which cases a search narrows before any resource is made, and where the next part of it begins."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from hemalum.capabilities.cases.model import CaseSearch, CaseStatus
from hemalum.capabilities.fhir.model import OF_REPORTS, Kind
from hemalum.capabilities.fhir.orders import TASK_STATUS
from hemalum.formats.fhir.searching import Query, id_of, token_of
from hemalum.kernel.errors import Damaged
from hemalum.kernel.typed import typed_json
from hemalum.runtime.crypto.keys import Keyring
from hemalum.runtime.http_errors import BadRequest

_PURPOSE = "fhir page"
_SIGNED = frozenset({CaseStatus.FINAL, CaseStatus.AMENDED, CaseStatus.ENDED})
"""Where a case with a signed report can be."""
_STANDING = frozenset({"active", "on-hold", "draft"})
_GOING_ON = frozenset(CaseStatus) - {CaseStatus.FINAL, CaseStatus.ENDED}
_CANCELLED = {"cancelled", "revoked"}
_CHANGED_BY = ("_lastUpdated", "issued", "recorded", "modified")
"""Times that are never later than the last change of the case."""
_ORDERS = ("based-on", "basedon", "focus")
_MATERIAL = ("parent", "specimen")


class Position(msgspec.Struct, frozen=True):
    """A page of a search: what was asked, and what was told already."""

    kind: str
    stated: tuple[tuple[str, str], ...]
    after: str = ""
    """Cases, or patients, up to this id were told."""
    skip: int = 0
    """And so many resources of the next one."""


@dataclass(frozen=True)
class Pages:
    """Positions as they stand in links: sealed, since a search may name a patient and addresses are kept by
    many."""

    keyring: Keyring

    def write(self, position: Position) -> str:
        sealed = self.keyring.seal(msgspec.json.encode(position), _PURPOSE)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def read(self, text: str) -> Position:
        """What `write` wrote.

        Raises:
            BadRequest: it did not.
        """
        try:
            padded = text + "=" * (-len(text) % 4)
            content = self.keyring.unseal(base64.urlsafe_b64decode(padded.encode("ascii")), _PURPOSE)
        except (Damaged, binascii.Error, ValueError) as error:
            raise BadRequest("This is no page of a search on this node.") from error
        return typed_json(content, Position)


def narrow(query: Query) -> CaseSearch:
    """The cases among which all is that a search may find; whether a resource fits is decided afterwards."""
    kind = Kind(query.kind)
    orders = [_ids(query, name, ("ServiceRequest",)) for name in _ORDERS]
    ids = [None if one is None else tuple(map(case_of, one)) for one in orders]
    pieces = [_ids(query, name, ("Specimen",)) for name in _MATERIAL]
    patients = [_ids(query, name, ("Patient",)) for name in ("patient", "subject")]
    by_id = query.values_of("_id")
    if by_id is not None:
        if kind is Kind.SPECIMEN:
            pieces.append(by_id)
        elif kind is not Kind.IMAGING_STUDY:
            ids.append(tuple(map(case_of, by_id)))
    numbers = query.values_of("identifier") or query.values_of("accession") or ()
    texts = tuple(token_of(one)[1] for one in numbers)
    is_by_number = kind in (
        Kind.SERVICE_REQUEST,
        Kind.SPECIMEN,
        Kind.TASK,
        Kind.DIAGNOSTIC_REPORT,
    )
    return CaseSearch(
        ids=_all_of(ids),
        patient_ids=_all_of(patients),
        texts=texts if texts and all(texts) and is_by_number else None,
        material_ids=_all_of(pieces),
        statuses=_statuses(kind, query.values_of("status")),
        changed_since=query.since(*_CHANGED_BY),
    )


def case_of(resource_id: str) -> str:
    """The case of a resource whose id says it: that of the case, or the case and what it is of it."""
    return resource_id.partition(".")[0]


def _ids(query: Query, name: str, kinds: tuple[str, ...]) -> tuple[str, ...] | None:
    stated = query.values_of(name)
    return None if stated is None else tuple(id_of(one, kinds) for one in stated)


def _all_of(stated: Iterable[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """What fulfils all that is stated; None where nothing is."""
    found = [set(one) for one in stated if one is not None]
    return tuple(sorted(set.intersection(*found))) if found else None


def _statuses(kind: Kind, stated: tuple[str, ...] | None) -> frozenset[CaseStatus] | None:
    if kind in OF_REPORTS:
        return _SIGNED
    if stated is None or kind not in (Kind.TASK, Kind.SERVICE_REQUEST):
        return None
    wanted = {token_of(one)[1] for one in stated}
    if kind is Kind.SERVICE_REQUEST:
        # An order that was completed or revoked may be of a case that goes on.
        return _GOING_ON if wanted <= _STANDING else None
    found = {status for status, code in TASK_STATUS.items() if code in wanted}
    return frozenset(found | ({CaseStatus.ENDED} if wanted & _CANCELLED else set()))
