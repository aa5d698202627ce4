"""What a scanner's file says of the patient, beside what its case says; never merged by itself.

Scanners are told by hand, so what they say may be of somebody else. Fields that the case has not may be
taken over by one act of somebody who may; fields that differ are for people to look into.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases import patient_store, policy, store
from hemalum.capabilities.cases.ledger import VIEW_CLINICAL, Ledger
from hemalum.capabilities.cases.linking import Linking
from hemalum.capabilities.cases.model import (
    CLOSED,
    Case,
    Identity,
    PatientId,
    PatientIdentifier,
    Request,
    RequestWasChanged,
    Sex,
    check_identity,
    normal_text,
)
from hemalum.capabilities.cases.patients import Patients
from hemalum.capabilities.slides.model import Image
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

_MALE = "1"
"""The one number of this field whose meaning is known; the others are shown as they are and taken over by
nobody."""
_OLDEST = 150


class FileField(StrEnum):
    """A field that both can speak of."""

    NAME = "name"
    SEX = "sex"
    AGE = "age"
    NUMBER = "number"
    """The number that the hospital's own system gave the case."""
    DEPARTMENT = "department"
    HISTORY = "history"


_TAGS = {
    FileField.NAME: "sdpc.name",
    FileField.SEX: "sdpc.sex",
    FileField.AGE: "sdpc.age",
    FileField.NUMBER: "sdpc.pathology_number",
    FileField.DEPARTMENT: "sdpc.department",
    FileField.HISTORY: "sdpc.clinical_diagnosis",
}
"""Where SDPC and DYQX files say it (`formats.wsi.clinical`)."""
_ISSUER_TAG = "sdpc.hospital"
_NO_ISSUER = "file"


class Agreement(StrEnum):
    """What came of holding one field beside the other."""

    AGREES = "agrees"
    DIFFERS = "differs"
    ONLY_FILE = "only_file"
    """The case says nothing: it may be taken over, where its meaning is known."""
    ONLY_CASE = "only_case"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Compared:
    """One field of the file beside that of the case."""

    field: FileField
    in_file: str
    in_case: str
    agreement: Agreement
    may_take_over: bool
    """Whether the case has none, and what the file says can be kept."""


@dataclass(frozen=True)
class Comparing:
    """Holds files beside cases."""

    ledger: Ledger
    linking: Linking
    patients: Patients

    def compare(self, actor: Actor, image_id: str) -> tuple[Compared, ...]:
        """Each field of a linked image's file beside that of its case. That it was read is recorded.

        Raises:
            NotFound: there is no such image, it is linked to no case, or its file says nothing of a patient.
            NotPermitted: the actor may not know the patient, or not what the file says.
        """
        asking, image, case, identity = self._asked(actor, image_id)
        with reading(self.ledger.database) as connection:
            said = self._said(asking, image)
            request = self._request(connection, case)
        return _compared(said, case, identity, request, _scanned_on(image, self.ledger.clock().date()))

    def take_over(self, actor: Actor, image_id: str, fields: Sequence[FileField]) -> tuple[Compared, ...]:
        """Let the case have fields that only the file states; all of them or none.

        Raises:
            NotFound, NotPermitted: as `compare`, and the actor may not take over.
            Conflict: the case has one of them meanwhile, says otherwise, or is closed.
            Invalid: the file has none of it, or nobody knows what it means.
        """
        asking, image, case, _ = self._asked(actor, image_id, policy.TAKE_OVER_PATIENT)
        fresh = self.patients.prepare() if case.patient_id is None else None
        with transaction(self.ledger.database) as connection:
            case = store.get_case(connection, asking.organisation_id, case.id, to_write=True)
            if case.status in CLOSED:
                raise Conflict("This case is closed.")
            identity = self._identity(connection, case)
            request = self._request(connection, case)
            said = self._said(asking, image)
            on = _scanned_on(image, self.ledger.clock().date())
            offered = {one.field: one for one in _compared(said, case, identity, request, on)}
            for wanted in fields:
                if offered[wanted].agreement not in (Agreement.ONLY_FILE, Agreement.EMPTY):
                    raise Conflict("The case says something of this already; nothing was taken over.")
                if not offered[wanted].may_take_over:
                    raise Invalid("The file says nothing of this that could be taken over.")
            taken = {one: said[_TAGS[one]] for one in fields}
            self.ledger.note(
                connection,
                case,
                asking,
                "take_over_patient",
                after=image_id,
                detail={"fields": sorted(one.value for one in taken)},
            )
            self._keep(connection, asking, case, identity, request, said, taken, on, fresh)
        return self.compare(actor, image_id)

    def _asked(self, actor: Actor, image_id: str, *more: str) -> tuple[Actor, Image, Case, Identity | None]:
        permitted = self.ledger.slides.permit(actor, image_id, VIEW_CLINICAL)
        asking = self.ledger.ask(actor, policy.VIEW, policy.VIEW_PATIENT, *more)
        found = self.linking.find_case_of(asking, image_id)
        if found is None:
            raise NotFound("This image is linked to no slide.")
        if permitted.image.clinical_key is None:
            raise NotFound("The file of this image says nothing of the patient.")
        shown = found[0]
        if shown.is_withheld:
            raise NotPermitted("Whose case this is is kept from you.")
        return asking, permitted.image, shown.case, shown.identity

    def _said(self, actor: Actor, image: Image) -> dict[str, str]:
        """What the file says, by tag; that somebody reads it is recorded first."""
        assert image.clinical_key is not None
        self.ledger.slides.tell(actor, VIEW_CLINICAL, image.summary, via="cases")
        content = self.ledger.slides.blobs.get(image.clinical_key)
        return msgspec.json.decode(content, type=dict[str, str])

    def _identity(self, connection: sa.Connection, case: Case) -> Identity | None:
        if case.patient_id is None:
            return None
        patient = patient_store.survivors(connection, [case.patient_id])[case.patient_id]
        return self.ledger.vault.open_identity(patient.id, patient.sealed)

    def _request(self, connection: sa.Connection, case: Case) -> Request | None:
        sealed = store.read_request(connection, case.id)
        if sealed is None or case.patient_id is None:
            return None
        return self.ledger.vault.open_request(case.patient_id, sealed)

    def _keep(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        identity: Identity | None,
        request: Request | None,
        said: Mapping[str, str],
        taken: Mapping[FileField, str],
        on: date,
        fresh: PatientId | None,
    ) -> None:
        now, vault = self.ledger.clock(), self.ledger.vault
        then = _with_taken(identity or Identity(""), taken, on)
        patient_id = self.ledger.patient_of(connection, case)
        if then != (identity or Identity("")):
            check_identity(then, on)
            if patient_id is not None:
                patient_store.change(connection, patient_id, vault.seal_identity(patient_id, then), now)
            elif fresh is not None:
                patient_id, _ = self.patients.ensure(connection, actor, then, fresh)
                store.change_case(connection, case, now, patient_id=patient_id)
        if FileField.NUMBER in taken:
            issuer = said.get(_ISSUER_TAG, "").strip() or _NO_ISSUER
            numbers = (*case.foreign_numbers, PatientIdentifier(issuer, taken[FileField.NUMBER].strip()))
            store.change_case(connection, case, now, foreign_numbers=msgspec.to_builtins(numbers))
            store.recount(connection, replace(case, foreign_numbers=numbers), now)
        asked = replace(
            request or Request(),
            department=taken.get(FileField.DEPARTMENT, request.department if request else "").strip(),
            history=taken.get(FileField.HISTORY, request.history if request else "").strip(),
        )
        if asked != (request or Request()):
            holder = case.patient_id or patient_id
            if holder is None:
                raise Invalid("What was asked is kept with the patient; state the patient first.")
            store.change_case(connection, case, now, request=vault.seal_request(holder, asked))
            outbox.publish(connection, RequestWasChanged(now, case.id, case.organisation_id))


def _with_taken(identity: Identity, taken: Mapping[FileField, str], on: date) -> Identity:
    age = _age(taken.get(FileField.AGE, ""))
    return replace(
        identity,
        name=taken.get(FileField.NAME, identity.name).strip(),
        sex=Sex.MALE if taken.get(FileField.SEX) == _MALE else identity.sex,
        age_years=identity.age_years if age is None else age,
        age_on=identity.age_on if age is None else on,
    )


def _compared(
    said: Mapping[str, str], case: Case, identity: Identity | None, request: Request | None, on: date
) -> tuple[Compared, ...]:
    """Every field; `on` is when the file was made, since ages grow."""
    in_case = {
        FileField.NAME: identity.name if identity else "",
        FileField.SEX: identity.sex.value if identity and identity.sex is not Sex.UNKNOWN else "",
        FileField.AGE: _age_in_case(identity, on),
        FileField.NUMBER: ", ".join(one.value for one in case.foreign_numbers),
        FileField.DEPARTMENT: request.department if request else "",
        FileField.HISTORY: request.history if request else "",
    }
    found = []
    for field, tag in _TAGS.items():
        in_file = said.get(tag, "").strip()
        if field is FileField.AGE and in_file == "0":
            in_file = ""
        if field is FileField.SEX and in_file == _MALE:
            in_file = Sex.MALE.value
        agreement = _agreement(field, in_file, in_case[field])
        kept = agreement is Agreement.ONLY_FILE and _can_be_kept(field, in_file)
        found.append(Compared(field, in_file, in_case[field], agreement, kept))
    return tuple(found)


def _agreement(field: FileField, in_file: str, in_case: str) -> Agreement:
    if not in_file or not in_case:
        if not in_file and not in_case:
            return Agreement.EMPTY
        return Agreement.ONLY_FILE if in_file else Agreement.ONLY_CASE
    if field is FileField.AGE:
        stated, known = _age(in_file), _age(in_case)
        # A birthday lies in between, or somebody counts from one.
        agrees = stated is not None and known is not None and abs(stated - known) <= 1
    elif field is FileField.NUMBER:
        agrees = normal_text(in_file) in [normal_text(one) for one in in_case.split(", ")]
    else:
        agrees = normal_text(in_file) == normal_text(in_case)
    return Agreement.AGREES if agrees else Agreement.DIFFERS


def _can_be_kept(field: FileField, in_file: str) -> bool:
    """Whether what the file says can be kept: a patient begins with a name, and numbers must mean
    something."""
    if field is FileField.SEX:
        return in_file == Sex.MALE.value
    if field is FileField.AGE:
        return _age(in_file) is not None
    return True


def _age_in_case(identity: Identity | None, on: date) -> str:
    if identity is None:
        return ""
    if identity.birth_date is not None:
        born = identity.birth_date
        return str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))
    if identity.age_years is None or identity.age_on is None:
        return ""
    return str(identity.age_years + on.year - identity.age_on.year)


def _age(text: str) -> int | None:
    found = re.fullmatch(r"\d{1,3}", text.strip())
    return int(text) if found and 0 < int(text) <= _OLDEST else None


def _scanned_on(image: Image, today: date) -> date:
    acquired = None if image.description is None else image.description.acquired_at
    try:
        return today if acquired is None else date.fromisoformat(acquired[:10])
    except ValueError:
        return today
