"""What people do with patients: write them down, find, correct, merge them, and part those who were merged
wrongly."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases import patient_store, policy, store
from hemalum.capabilities.cases.ledger import Ledger, check_reason
from hemalum.capabilities.cases.model import (
    CaseSearch,
    Identity,
    OtherPatient,
    PatientId,
    PatientIdentifier,
    Sex,
    check_identity,
    contradiction,
    normal_text,
)
from hemalum.capabilities.cases.patient_store import SealedPatient
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import reading, transaction

type AlsoOfPatient = Callable[[sa.Connection, PatientId], None]
"""Writes down more in the transaction in which a patient is, so that both are kept or neither."""


@dataclass(frozen=True, slots=True)
class ShownPatient:
    """A patient as somebody may see them."""

    id: PatientId
    identity: Identity | None
    """None when the patient was erased."""
    merged_into: PatientId | None
    case_ids: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True)
class Patients:
    """The patients of a node."""

    ledger: Ledger

    def find(self, actor: Actor, value: str, issuer: str | None = None) -> list[ShownPatient]:
        """Whom a number belongs to, as they are after all mergers. That they were looked for is recorded."""
        asking = self.ledger.ask(actor, policy.VIEW, policy.VIEW_PATIENT)
        with reading(self.ledger.database) as connection:
            ids = self.numbered(connection, asking, value, issuer)
            found = {one.id: one for one in patient_store.survivors(connection, ids).values()}
            shown = self._shown(connection, asking, found.values())
        self._tell("find_patient", asking, "", found=len(shown))
        return shown

    def list_patients(
        self, actor: Actor, since: datetime | None = None, after: str = "", limit: int = 50
    ) -> tuple[list[ShownPatient], str | None]:
        """Patients by their ids, those after one id, who were changed since; and after which id others are.

        Those whom a case keeps from the actor are left out. That they were looked for is recorded.
        """
        asking = self.ledger.ask(actor, policy.VIEW, policy.VIEW_PATIENT)
        with reading(self.ledger.database) as connection:
            found = patient_store.list_patients(connection, asking.organisation_id, since, after, limit + 1)
            shown = self._shown(connection, asking, found[:limit])
        self._tell("find_patient", asking, "", found=len(shown))
        return shown, found[limit - 1].id if len(found) > limit else None

    def get(self, actor: Actor, patient_id: str) -> ShownPatient:
        """One patient, merged or not.

        Raises:
            NotFound: there is no such patient in the actor's organisation, or they may not know them.
        """
        asking = self.ledger.ask(actor, policy.VIEW, policy.VIEW_PATIENT)
        with reading(self.ledger.database) as connection:
            patient = patient_store.get(connection, asking.organisation_id, patient_id)
            shown = self._shown(connection, asking, [patient])
        if not shown:
            raise NotFound("There is no such patient.")
        self._tell("view_patient", asking, patient_id)
        return shown[0]

    def correct(self, actor: Actor, patient_id: str, identity: Identity, reason: str) -> ShownPatient:
        """State anew who a patient is. Numbers may be added and not taken away.

        Raises:
            NotFound: there is no such patient.
            Conflict: a number belongs to somebody else, or would be lost; the patient was merged or erased.
            Invalid: this can be no person, or there is no reason.
        """
        asking = self.ledger.ask(actor, policy.ACCESSION, policy.VIEW_PATIENT)
        check_identity(identity, self.ledger.clock().date())
        said = check_reason(reason, needed=True)
        with transaction(self.ledger.database) as connection:
            patient, known = self._open_root(connection, asking, patient_id)
            lost = set(_normal(known.identifiers)) - set(_normal(identity.identifiers))
            if lost:
                raise Conflict(
                    "A number of a patient is not taken away; unmerge, or correct the other patient."
                )
            self._tell("correct_patient", asking, patient_id)
            self._write(connection, asking, patient, known, identity)
            self._note_correction(connection, asking, patient_id, _changed(known, identity), said)
        return self.get(actor, patient_id)

    def merge(self, actor: Actor, patient_id: str, into_id: str, reason: str) -> ShownPatient:
        """Say that a patient is the same person as another one, whose data then hold; nothing is lost by it.

        Raises:
            NotFound: one of them is not there.
            Conflict: they are the same already, or one of them was merged into somebody.
            Invalid: there is no reason.
        """
        asking = self.ledger.ask(actor, policy.MERGE_PATIENTS, policy.VIEW_PATIENT)
        said = check_reason(reason, needed=True)
        if patient_id == into_id:
            raise Conflict("A patient cannot be merged into themselves.")
        with transaction(self.ledger.database) as connection:
            self._open_root(connection, asking, patient_id)
            self._open_root(connection, asking, into_id)
            self._tell("merge_patients", asking, patient_id, into=into_id)
            patient_store.set_merged(connection, patient_id, into_id, self.ledger.clock())
            self._note_on_cases(connection, asking, patient_id, "merge_patients", said, into_id)
        return self.get(actor, into_id)

    def unmerge(self, actor: Actor, patient_id: str, reason: str) -> ShownPatient:
        """Take a merger back: each has their own data and cases again.

        Raises:
            NotFound: there is no such patient.
            Conflict: they were not merged.
            Invalid: there is no reason.
        """
        asking = self.ledger.ask(actor, policy.MERGE_PATIENTS, policy.VIEW_PATIENT)
        said = check_reason(reason, needed=True)
        with transaction(self.ledger.database) as connection:
            patient = patient_store.get(connection, asking.organisation_id, patient_id, to_write=True)
            if patient.merged_into is None:
                raise Conflict("This patient was not merged into anybody.")
            self._tell("unmerge_patients", asking, patient_id, out_of=patient.merged_into)
            patient_store.set_merged(connection, patient_id, None, self.ledger.clock())
            self._note_on_cases(connection, asking, patient_id, "unmerge_patients", said, patient.merged_into)
        return self.get(actor, patient_id)

    # What a hospital's register says ---------------------------------------------------------------------

    def register(
        self,
        actor: Actor,
        identity: Identity,
        reason: str,
        *,
        corrects: bool,
        also: AlsoOfPatient | None = None,
    ) -> PatientId:
        """Write down somebody whom a register tells of: a new patient, or what is new about a known one.

        Nobody is shown anything by it, so it holds for patients too who are kept from readers. With
        `corrects`, what the register says takes the place of what was known.

        Raises:
            NotPermitted: the actor may not.
            OtherPatient: a number belongs to somebody who is described otherwise, or numbers to several.
            Invalid: this can be no person.
        """
        asking = self.ledger.ask(actor, policy.ACCESSION, policy.VIEW_PATIENT)
        check_identity(identity, self.ledger.clock().date())
        fresh = self.prepare_unless_known(asking, identity)
        with transaction(self.ledger.database) as connection:
            patient_id = self._register(connection, asking, identity, fresh, reason if corrects else None)
            if also is not None:
                also(connection, patient_id)
        return patient_id

    def merge_registered(
        self,
        actor: Actor,
        identity: Identity,
        before: Sequence[PatientIdentifier],
        reason: str,
        also: AlsoOfPatient | None = None,
    ) -> PatientId:
        """Say that whoever had the numbers `before` is this patient, whose data then hold. To say it again
        changes nothing.

        Raises:
            NotPermitted: the actor may not.
            NotFound: nobody is known by those numbers.
            OtherPatient: they belong to several people, or the patient is described otherwise.
            Invalid: this can be no person.
        """
        asking = self.ledger.ask(actor, policy.ACCESSION, policy.MERGE_PATIENTS, policy.VIEW_PATIENT)
        check_identity(identity, self.ledger.clock().date())
        with reading(self.ledger.database) as connection:
            is_known = bool(self._known(connection, asking, identity.identifiers))
        fresh = None if is_known else self.prepare()
        with transaction(self.ledger.database) as connection:
            merged = self._known(connection, asking, before)
            if not merged:
                raise NotFound("Nobody is known here by the number that was to be merged.")
            if len(merged) > 1:
                raise OtherPatient(
                    "These numbers belong to different patients; correct them, or merge the patients."
                )
            into = self._register(connection, asking, identity, fresh, None)
            patient_id = next(iter(merged))
            if patient_id != into:
                self._tell("merge_patients", asking, patient_id, into=into)
                patient_store.set_merged(connection, patient_id, into, self.ledger.clock())
                self._note_on_cases(connection, asking, patient_id, "merge_patients", reason, into)
            if also is not None:
                also(connection, into)
        return into

    def _register(
        self,
        connection: sa.Connection,
        actor: Actor,
        identity: Identity,
        fresh: PatientId | None,
        correction: str | None,
    ) -> PatientId:
        """The patient of a register, written down; corrected for the reason `correction` where there is
        one."""
        found = self._known(connection, actor, identity.identifiers)
        if correction is not None and len(found) == 1:
            patient = next(iter(found.values()))
            known = self._opened(patient)
            if _is_somebody_else(known, identity):
                raise OtherPatient(
                    "This number belongs to a patient of another name and date of birth; "
                    "nothing was written down."
                )
            stated = _corrected(known, identity)
            if stated != known:
                self._tell("correct_patient", actor, patient.id)
                self._write(connection, actor, patient, known, stated)
                self._note_correction(connection, actor, patient.id, _changed(known, stated), correction)
            return patient.id
        patient_id, is_new = self.ensure(connection, actor, identity, fresh)
        if is_new:
            self._tell("register_patient", actor, patient_id)
        return patient_id

    def _known(
        self, connection: sa.Connection, actor: Actor, numbers: Iterable[PatientIdentifier]
    ) -> dict[str, SealedPatient]:
        """Who has these numbers now, after all mergers."""
        ids = {each for one in numbers for each in self.numbered(connection, actor, one.value, one.issuer)}
        return {one.id: one for one in patient_store.survivors(connection, ids).values()}

    # For other work on cases ----------------------------------------------------------------------------

    def prepare(self) -> PatientId:
        """The id of a patient who may be written down; call it before the transaction begins."""
        patient_id = PatientId(new_id())
        self.ledger.vault.prepare(patient_id)
        return patient_id

    def prepare_unless_known(self, actor: Actor, identity: Identity) -> PatientId | None:
        """The same for whoever has these numbers; None where somebody does, whose key there is already."""
        with reading(self.ledger.database) as connection:
            is_known = bool(self._known(connection, actor, identity.identifiers))
        return None if is_known else self.prepare()

    def ensure(
        self, connection: sa.Connection, actor: Actor, identity: Identity, fresh: PatientId | None
    ) -> tuple[PatientId, bool]:
        """The patient with these numbers, or a new one by the id `fresh`; and whether they are new.

        Raises:
            OtherPatient: a number belongs to somebody who is described otherwise, or numbers to several
            people. Conflict: the patient was erased, or was known when nothing was prepared. Invalid: this
            can be no person.
        """
        check_identity(identity, self.ledger.clock().date())
        found = self._known(connection, actor, identity.identifiers)
        if not found:
            if fresh is None:
                raise Conflict("Somebody else wrote the same down at this moment; try again.")
            sealed = self.ledger.vault.seal_identity(fresh, identity)
            patient_store.add(connection, fresh, actor.organisation_id, sealed, self.ledger.clock())
            self._add_numbers(connection, actor, fresh, identity.identifiers)
            return fresh, True
        if len(found) > 1:
            raise OtherPatient(
                "These numbers belong to different patients; correct them, or merge the patients."
            )
        patient = next(iter(found.values()))
        known = self._opened(patient)
        speaks_against = contradiction(known, identity)
        if speaks_against == "name":
            raise OtherPatient("This number belongs to a patient of another name; nothing was written down.")
        if speaks_against == "sex":
            raise OtherPatient("This number belongs to a patient of the other sex; nothing was written down.")
        if speaks_against is not None:
            raise OtherPatient(
                "This number belongs to a patient with another date of birth; nothing was written down."
            )
        self._write(connection, actor, patient, known, _together(known, identity))
        return patient.id, False

    def numbered(
        self, connection: sa.Connection, actor: Actor, value: str, issuer: str | None = None
    ) -> list[PatientId]:
        """Patients of the actor's organisation with this number, as they were written down."""
        if not normal_text(value):
            return []
        place, vault = actor.organisation_id, self.ledger.vault
        issuer_hash = None if issuer is None else vault.hash(place, issuer)
        return patient_store.find_by_number(connection, place, vault.hash(place, value), issuer_hash)

    def alike(self, connection: sa.Connection, ids: Iterable[str]) -> set[str]:
        """These patients with all who are the same person by now."""
        roots = {one.id for one in patient_store.survivors(connection, ids).values()}
        return patient_store.merged_into(connection, roots)

    def is_withheld(self, connection: sa.Connection, actor: Actor, patient_id: str) -> bool:
        """Whether a case of the patient keeps from the actor whose it is."""
        return self._withheld_among(connection, actor, self._case_ids(connection, patient_id))

    def _withheld_among(self, connection: sa.Connection, actor: Actor, case_ids: list[str]) -> bool:
        wanted = CaseSearch(ids=tuple(case_ids))
        cases = store.browse(connection, actor.organisation_id, wanted, "", len(case_ids))
        return any(one.is_withheld for one in self.ledger.show_listed(connection, actor, cases))

    # ----------------------------------------------------------------------------------------------------

    def _shown(
        self, connection: sa.Connection, actor: Actor, patients: Iterable[SealedPatient]
    ) -> list[ShownPatient]:
        """Those of the patients of whom no case is kept from the actor."""
        shown = []
        for patient in patients:
            case_ids = self._case_ids(connection, patient.id)
            if self._withheld_among(connection, actor, case_ids):
                continue
            identity = self.ledger.vault.open_identity(patient.id, patient.sealed)
            told = (identity, patient.merged_into, tuple(case_ids), patient.changed_at)
            shown.append(ShownPatient(patient.id, *told))
        return shown

    def _open_root(
        self, connection: sa.Connection, actor: Actor, patient_id: str
    ) -> tuple[SealedPatient, Identity]:
        patient = patient_store.get(connection, actor.organisation_id, patient_id, to_write=True)
        if not self._shown(connection, actor, [patient]):
            raise NotFound("There is no such patient.")
        if patient.merged_into is not None:
            raise Conflict("This patient was merged into another one.")
        return patient, self._opened(patient)

    def _opened(self, patient: SealedPatient) -> Identity:
        identity = self.ledger.vault.open_identity(patient.id, patient.sealed)
        if identity is None:
            raise Conflict("This patient was erased.")
        return identity

    def _write(
        self,
        connection: sa.Connection,
        actor: Actor,
        patient: SealedPatient,
        known: Identity,
        identity: Identity,
    ) -> None:
        if identity == known:
            return
        for one in identity.identifiers:
            taken = self.numbered(connection, actor, one.value, one.issuer)
            if taken and not set(taken) & patient_store.merged_into(connection, [patient.id]):
                raise OtherPatient("This number belongs to another patient; merge them if they are the same.")
        known_numbers = set(_normal(known.identifiers))
        added = [one for one in identity.identifiers if _normal([one])[0] not in known_numbers]
        added = [one for one in added if not self.numbered(connection, actor, one.value, one.issuer)]
        self._add_numbers(connection, actor, patient.id, added)
        sealed = self.ledger.vault.seal_identity(patient.id, identity)
        patient_store.change(connection, patient.id, sealed, self.ledger.clock())

    def _add_numbers(
        self,
        connection: sa.Connection,
        actor: Actor,
        patient_id: PatientId,
        numbers: Sequence[PatientIdentifier],
    ) -> None:
        place, vault = actor.organisation_id, self.ledger.vault
        for one in numbers:
            issuer_hash, number_hash = vault.hash(place, one.issuer), vault.hash(place, one.value)
            patient_store.add_number(connection, place, patient_id, issuer_hash, number_hash)

    def _case_ids(self, connection: sa.Connection, patient_id: str) -> list[str]:
        return patient_store.cases_of(connection, patient_store.merged_into(connection, [patient_id]))

    def _note_correction(
        self, connection: sa.Connection, actor: Actor, patient_id: str, fields: Sequence[str], reason: str
    ) -> None:
        for case_id in self._case_ids(connection, patient_id):
            case = store.get_case(connection, actor.organisation_id, case_id)
            detail = {"fields": fields}
            self.ledger.note(connection, case, actor, "correct_patient", reason=reason, detail=detail)

    def _note_on_cases(
        self, connection: sa.Connection, actor: Actor, patient_id: str, action: str, reason: str, other: str
    ) -> None:
        for case_id in self._case_ids(connection, patient_id):
            case = store.get_case(connection, actor.organisation_id, case_id)
            detail = {"patient": patient_id, "other": other}
            self.ledger.note(connection, case, actor, action, reason=reason, detail=detail)

    def _tell(self, action: str, actor: Actor, patient_id: str, **detail: object) -> None:
        target = f"patient/{patient_id}"[:60] if patient_id else ""
        place = actor.organisation_id
        self.ledger.slides.record(
            Record(f"cases.{action}", actor, target=target, organisation_id=place, detail=detail)
        )


def _normal(numbers: Iterable[PatientIdentifier]) -> list[tuple[str, str]]:
    return [(normal_text(one.issuer), normal_text(one.value)) for one in numbers]


def _together(known: Identity, stated: Identity) -> Identity:
    """What is known, with what was not known yet. They contradict each other in nothing."""
    held = set(_normal(known.identifiers))
    added = tuple(one for one in stated.identifiers if _normal([one])[0] not in held)
    return replace(
        known,
        sex=stated.sex if known.sex is Sex.UNKNOWN else known.sex,
        birth_date=known.birth_date or stated.birth_date,
        identifiers=known.identifiers + added,
    )


def _is_somebody_else(known: Identity, stated: Identity) -> bool:
    """Whether a correction would make a patient another person: neither name nor birth would stay."""
    born = (known.birth_date, stated.birth_date)
    is_named_otherwise = normal_text(known.name) != normal_text(stated.name)
    return is_named_otherwise and None not in born and born[0] != born[1]


def _corrected(known: Identity, stated: Identity) -> Identity:
    """What a register says, and what it is silent about as it was known. Numbers are never taken away."""
    held = set(_normal(known.identifiers))
    added = tuple(one for one in stated.identifiers if _normal([one])[0] not in held)
    return replace(
        known,
        name=stated.name,
        sex=known.sex if stated.sex is Sex.UNKNOWN else stated.sex,
        birth_date=stated.birth_date or known.birth_date,
        identifiers=known.identifiers + added,
    )


def _changed(before: Identity, after: Identity) -> list[str]:
    """Names of the fields that differ: the log never holds their values."""
    names = ("name", "sex", "birth_date", "identifiers", "age_years")
    return [name for name in names if getattr(before, name) != getattr(after, name)]
