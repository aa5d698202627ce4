"""What people do with reports: draft, hand over, sign, amend, look at what changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.access.model import PersonKind
from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.model import ON_THE_BENCH, Case, CaseStatus, PatientId
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.reports import policy, store
from hemalum.capabilities.reports.consulting import Consulting
from hemalum.capabilities.reports.critical import CriticalResults
from hemalum.capabilities.reports.differences import Difference, compare
from hemalum.capabilities.reports.filling import settle
from hemalum.capabilities.reports.leaving import Leaving
from hemalum.capabilities.reports.merging import mark_as_program
from hemalum.capabilities.reports.model import (
    BY_PERSON,
    Amendment,
    Content,
    Cosignature,
    Language,
    ReadBlinded,
    ReportIncomplete,
    ReportSigned,
    ReportWasReopened,
    ReportWithheld,
    SavedMeanwhile,
    Section,
    Source,
    SourceKind,
    Status,
    TemplateRef,
    Version,
    check_basis,
    check_content,
    digest_of,
    standing_of,
    status_of_signature,
)
from hemalum.capabilities.reports.picturing import Shown, check_figures, check_photographs, pin_photographs
from hemalum.capabilities.reports.printed import make_pdf as make_pdf
from hemalum.capabilities.reports.printed import print_for_node as print_for_node
from hemalum.capabilities.reports.printing import Printable
from hemalum.capabilities.reports.rereading import Rereading
from hemalum.capabilities.reports.shelf import Shelf
from hemalum.capabilities.reports.showing import Checked, Draft, May, ShownReport, check_content_of
from hemalum.capabilities.reports.signing import check_complete, check_taken_on
from hemalum.capabilities.reports.templates import Template, decode_template, encode_template, suggest
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Damaged, Invalid, NotFound, NotPermitted
from hemalum.kernel.typed import typed_json
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

MOST_REASON = 500
_ACTIONS = {
    Status.DRAFT: "write",
    Status.PRELIMINARY: "hand_over",
    Status.WITHDRAWN: "withdraw_amendment",
}
"""What the log calls that such a version was written."""


@dataclass(frozen=True)
class Reports:
    """The use cases of reports on one node. May be used from several threads."""

    cases: Cases
    access: Access
    shelf: Shelf
    looked: Callable[[Any, str], None] = lambda _permitted, _via: None
    """Told before pixels of a slide are shown."""

    @property
    def critical(self) -> CriticalResults:
        """What somebody has to hear at once."""
        return CriticalResults(self.cases)

    @property
    def consulting(self) -> Consulting:
        """What was signed, for programs that read it."""
        return Consulting(self.cases, self.open_content, self.template_of)

    @property
    def leaving(self) -> Leaving:
        """What was signed, for what the node does by itself."""
        return Leaving(self.cases, self.access, self.open_content, self.template_of)

    @property
    def rereading(self) -> Rereading:
        """What was signed, for a second reading of it."""
        return Rereading(self.cases, self.open_content, self.template_of)

    # Looking --------------------------------------------------------------------------------------------

    def show(self, actor: Actor, case_id: str) -> ShownReport:
        """The report of a case, of which there may be no version yet. That it was read is recorded.

        Raises:
            NotFound: there is no such case in the actor's organisation.
            NotPermitted: the actor may not know patients, or not for this purpose.
            ReportWithheld: the actor may not know the patient of this case.
        """
        asking = self.ask(actor, policy.READ)
        with reading(self._database) as connection:
            case = self.readable(connection, asking, case_id)
            versions = self._visible(asking, store.list_versions(connection, case_id))
            current, template, checked = None, None, None
            standing = standing_of(versions)
            if standing is not None:
                current = store.find_version(connection, case_id, self.open_content, standing.number)
                self.cases.reporting.tell_read(asking, case)
            if current is not None and current.content is not None:
                template = self.template_of(connection, current.content.template)
                checked = check_content_of(connection, self.cases, case, template, current.content)
            signatures = tuple(store.list_cosignatures(connection, case_id))
        suggested = suggest(self._templates().values(), case.specimen)
        may = self._may(actor, asking, case, versions, signatures)
        return ShownReport(
            case, tuple(suggested), tuple(versions), current, template, checked, signatures, may
        )

    def get_version(self, actor: Actor, case_id: str, number: int) -> tuple[Case, Version, Template | None]:
        """One version with what it says, and the template that it was filled into.

        Raises:
            NotFound: there is no such version for the actor.
            NotPermitted, ReportWithheld: as `show`.
        """
        asking = self.ask(actor, policy.READ)
        with reading(self._database) as connection:
            case = self.readable(connection, asking, case_id)
            found = store.find_version(connection, case_id, self.open_content, number)
            if found is None or not self._visible(asking, [found]):
                raise NotFound("The report of this case has no version {number}.", number=number)
            self.cases.reporting.tell_read(asking, case)
            ref = None if found.content is None else found.content.template
            return case, found, self.template_of(connection, ref)

    def check(self, actor: Actor, case_id: str, content: Content) -> Checked:
        """What a content amounts to, without keeping it.

        Raises:
            Invalid: an answer is none that its element takes.
            NotFound: there is no such case or template.
        """
        asking = self.ask(actor, policy.READ, policy.WRITE)
        with reading(self._database) as connection:
            case = self.readable(connection, asking, case_id)
            template, pinned = self._pinned(connection, content)
            return check_content_of(connection, self.cases, case, template, pinned)

    def compare(self, actor: Actor, case_id: str, before: int, after: int) -> Difference:
        """What one version says otherwise than another.

        Raises:
            NotFound, NotPermitted, ReportWithheld: as `get_version`.
            Conflict: the patient was erased.
        """
        found = [self.get_version(actor, case_id, number) for number in (before, after)]
        (_, old, old_template), (_, new, new_template) = found
        if old.content is None or new.content is None:
            raise Conflict("The patient of this case was erased, and the report with them.")
        return compare(old.content, new.content, old_template, new_template)

    def print(self, actor: Actor, case_id: str, number: int) -> Printable:
        """All that a version tells on paper. That it is taken away is recorded.

        Raises:
            NotFound, NotPermitted, ReportWithheld: as `get_version`.
            Conflict: the patient was erased.
        """
        case, version, template = self.get_version(actor, case_id, number)
        if version.content is None:
            raise Conflict("The patient of this case was erased, and the report with them.")
        asking = self.ask(actor, policy.READ)
        with reading(self._database) as connection:
            versions = store.list_versions(connection, case_id)
            signatures = store.list_cosignatures(connection, case_id)
            scans = self.cases.reporting.images_of(connection, case)
        self.cases.reporting.tell(asking, case, "print", version=number, sha256=version.sha256)
        return Printable(
            case,
            self.cases.get_case(actor, case_id).identity,
            self.cases.read_request(actor, case_id),
            version,
            template,
            signatures,
            self.access.get_organisation(case.organisation_id).name,
            any(one.is_signed and one.number > number for one in versions),
            self.cases.ledger.zone,
            frozenset(scans),
        )

    def pictured(self, actor: Actor) -> Shown:
        """The figures of reports, as far as the actor may see them."""
        return Shown(self.cases, actor, self.looked)

    # Writing --------------------------------------------------------------------------------------------

    def write(self, actor: Actor, case_id: str, draft: Draft) -> Version:
        """Keep a draft as the next version; the same once more keeps nothing.

        What a program says anew waits for a person to take it on.

        Raises:
            SavedMeanwhile: there is a newer version than the one it is based on; nothing was kept.
            Conflict: the report is signed, or the case is closed.
            Invalid: an answer is none that its element takes, or a figure is of no slide of the case.
            NotFound, NotPermitted, ReportWithheld: as `show`, and the actor may not write reports, or is a
                program that says that a person or a template wrote this.
        """
        asking = self.ask(actor, policy.READ, policy.WRITE)
        reason = _reason(draft.reason)
        is_program = self._is_program(asking)
        if is_program and draft.source.kind is not SourceKind.MODEL:
            raise NotPermitted("A program writes drafts and nothing more.")
        with transaction(self._database) as connection:
            case = self.held(connection, asking, case_id)
            newest = store.find_version(connection, case_id, self.open_content)
            check_basis(newest, draft.based_on)
            if case.status in (CaseStatus.FINAL, CaseStatus.ENDED):
                raise closed(newest)
            content = pin_photographs(connection, self.cases, case, self._kept(connection, draft.content))
            check_figures(connection, self.cases, case, content)
            if is_program:
                before = Content() if newest is None or newest.content is None else newest.content
                template = self.template_of(connection, content.template)
                content = mark_as_program(content, before, draft.source, template)
            if _says_the_same(newest, content, draft.language):
                assert newest is not None
                return newest
            case = self.cases.reporting.begin(connection, asking, case)
            if newest is None:
                self.cases.reporting.note(connection, case, asking, "write_report", "report")
            return self.add(
                connection,
                asking,
                case,
                newest,
                Status.DRAFT,
                content,
                draft.language,
                reason=reason,
                source=draft.source,
            )

    def hand_over(self, actor: Actor, case_id: str, number: int, sha256: str, reason: str = "") -> Version:
        """Make a draft preliminary: whoever drafted it stands by it, and no pathologist has signed it yet.

        Raises:
            SavedMeanwhile: it is not the newest version.
            ReportIncomplete: it has no diagnosis.
            Conflict: it is no draft, or the material is still on the bench.
            NotPermitted: the actor may not write reports, or is a program.
        """
        asking = self.ask(actor, policy.READ, policy.WRITE)
        self.check_person(asking)
        said = _reason(reason)
        with transaction(self._database) as connection:
            case = self.held(connection, asking, case_id)
            newest, content = self.named(connection, case_id, number, sha256)
            if newest.status is not Status.DRAFT:
                raise Conflict("Only a draft is handed over.")
            if not content.sections.get(Section.DIAGNOSIS):
                raise ReportIncomplete("A report that is handed over states a diagnosis.")
            case = self.cases.reporting.hand_over(connection, asking, case)
            return self.add(
                connection, asking, case, newest, Status.PRELIMINARY, content, newest.language, reason=said
            )

    def sign(
        self, actor: Actor, case_id: str, number: int, sha256: str, password: str | None = None
    ) -> Version:
        """Sign a version: the case is final with it. All of it is written at once, or nothing.

        Raises:
            SavedMeanwhile: it is not the newest version.
            ReportIncomplete: something has to be stated, or put right, before.
            Conflict: it is signed already, or the material is still on the bench.
            Invalid: a figure is of a slide that is not of this case, or not any more.
            NotPermitted: the actor is no pathologist here.
            NeedsSession, NeedsFreshSession, WrongCredentials: it is not sure that it is them.
        """
        asking = self._confirmed(actor, case_id, password)
        with transaction(self._database) as connection:
            case = self.held(connection, asking, case_id)
            newest, content = self.named(connection, case_id, number, sha256)
            if newest.is_signed:
                raise Conflict("This version is signed already.")
            template = self.template_of(connection, content.template)
            status = status_of_signature(newest.amends)
            if status is not Status.ENTERED_IN_ERROR:
                check_taken_on(content)
                check_photographs(connection, self.cases, case, content)
                check_figures(connection, self.cases, case, content)
                check_complete(settle(template, content)[1], newest.language)
            signed = self.add(connection, asking, case, newest, status, content, newest.language)
            said = f"report {signed.number}"
            case = self.cases.reporting.sign_out(connection, asking, case, said)
            outbox.publish(
                connection,
                ReportSigned(
                    signed.at, case.id, case.organisation_id, signed.number, signed.status, signed.sha256
                ),
            )
            return signed

    def reopen(self, actor: Actor, case_id: str, kind: Amendment, reason: str) -> Version:
        """Begin to change a report that is signed; it stands as it is until the change is signed, too.

        Raises:
            Conflict: the report is not signed, or is being changed already.
            Invalid: there is no reason.
            NotPermitted: the actor is no pathologist here.
        """
        asking = self.ask(actor, policy.READ, policy.SIGN)
        self.check_person(asking)
        said = _reason(reason)
        with transaction(self._database) as connection:
            case = self.held(connection, asking, case_id)
            newest = store.find_version(connection, case_id, self.open_content)
            is_signed = newest is not None and (newest.is_signed or newest.status is Status.WITHDRAWN)
            if newest is None or not is_signed or newest.content is None:
                raise Conflict("Only a report that is signed is amended.")
            case = self.cases.reporting.reopen(connection, asking, case, said)
            outbox.publish(connection, ReportWasReopened(self.now(), case.id, case.organisation_id, kind))
            return self.add(
                connection,
                asking,
                case,
                newest,
                Status.DRAFT,
                newest.content,
                newest.language,
                reason=said,
                amends=kind,
            )

    def cosign(
        self, actor: Actor, case_id: str, number: int, sha256: str, password: str | None = None
    ) -> Cosignature:
        """Agree with a signed version as a second pathologist.

        Raises:
            SavedMeanwhile: it is not the newest version.
            Conflict: it is not signed, or the actor signed it.
            NotPermitted, NeedsSession, NeedsFreshSession, WrongCredentials: as `sign`.
        """
        asking = self._confirmed(actor, case_id, password)
        with transaction(self._database) as connection:
            case = self.held(connection, asking, case_id)
            newest, _ = self.named(connection, case_id, number, sha256)
            if not newest.is_signed:
                raise Conflict("Only a report that is signed is signed by a second person.")
            signed = [
                one.person_id for one in store.list_cosignatures(connection, case_id) if one.number == number
            ]
            if actor.person_id in (newest.author_id, *signed):
                raise Conflict("You signed this version already.")
            signature = Cosignature(
                case.id, number, asking.person_id, asking.called, self.now(), newest.sha256
            )
            store.add_cosignature(connection, signature)
            self.cases.reporting.note(connection, case, asking, "cosign", f"report {number}")
            return signature

    # Parts ----------------------------------------------------------------------------------------------

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    def now(self) -> datetime:
        return self.cases.ledger.clock().astimezone(UTC)

    def ask(self, actor: Actor, *actions: str) -> Actor:
        return self.cases.ledger.ask(actor, *actions)

    def _confirmed(self, actor: Actor, case_id: str, password: str | None) -> Actor:
        """The actor, who may sign reports, may read that of this case, and is who they say."""
        asking = self.ask(actor, policy.READ, policy.SIGN)
        with reading(self._database) as connection:
            self.readable(connection, asking, case_id)
        self.access.account.confirm(actor, password)
        return asking

    def readable(self, connection: sa.Connection, asking: Actor, case_id: str) -> Case:
        """The case, if the actor may know whose it is."""
        case = self.cases.reporting.find(connection, asking, case_id)
        self._check_told(connection, asking, case)
        return case

    def held(self, connection: sa.Connection, asking: Actor, case_id: str) -> Case:
        """The same, held for this transaction."""
        case = self.cases.reporting.hold(connection, asking, case_id)
        self._check_told(connection, asking, case)
        return case

    def _check_told(self, connection: sa.Connection, asking: Actor, case: Case) -> None:
        if self.cases.reporting.is_blinded(connection, asking, case):
            raise ReadBlinded("You read this case a second time; its report is shown once you have answered.")
        if self.cases.reporting.is_withheld(connection, asking, case):
            raise ReportWithheld("The report is kept from you together with the patient of this case.")

    def check_person(self, actor: Actor) -> None:
        if self._is_program(actor):
            raise NotPermitted("A program writes drafts and nothing more.")

    def _is_program(self, actor: Actor) -> bool:
        return self.access.get_person(actor.name).kind is PersonKind.SERVICE

    def _visible(self, asking: Actor, versions: list[Version]) -> list[Version]:
        """Drafts are for those who write reports."""
        if self.cases.ledger.may(asking, policy.WRITE):
            return versions
        return [one for one in versions if one.status is not Status.DRAFT]

    def _may(
        self,
        actor: Actor,
        asking: Actor,
        case: Case,
        versions: Sequence[Version],
        signatures: Sequence[Cosignature],
    ) -> May:
        newest = standing_of(versions)
        is_open = case.status not in (CaseStatus.FINAL, CaseStatus.ENDED)
        writes = self.cases.ledger.may(asking, policy.WRITE)
        signs = self.cases.ledger.may(asking, policy.SIGN)
        is_draft = newest is not None and newest.status is Status.DRAFT
        is_signed = newest is not None and newest.is_signed
        is_off_bench = case.status not in ON_THE_BENCH
        signed = {one.person_id for one in signatures if newest is not None and one.number == newest.number}
        has_signed = newest is not None and actor.person_id in {newest.author_id, *signed}
        return May(
            edit=writes and is_open,
            preliminary=writes and is_open and is_draft and is_off_bench,
            sign=signs and is_open and newest is not None and not is_signed and is_off_bench,
            amend=signs and is_signed and case.status is CaseStatus.FINAL,
            withdraw=signs and case.status is CaseStatus.AMENDED and newest is not None and not is_signed,
            cosign=signs and is_signed and not has_signed,
            confirmation=self.access.account.confirmation_of(actor),
        )

    # Templates

    def _templates(self) -> dict[str, Template]:
        return {name: one.template for name, one in self.shelf.templates().items() if one.template}

    def template_of(self, connection: sa.Connection, ref: TemplateRef | None) -> Template | None:
        """The very template that a report was filled into."""
        if ref is None:
            return None
        kept = store.find_template(connection, ref.digest)
        if kept is None:
            raise Damaged("The template {template} of a report is missing.", template=ref.id)
        return decode_template(kept)

    def _pinned(self, connection: sa.Connection, content: Content) -> tuple[Template | None, Content]:
        """The template that a content names, and the content naming just that one: one that was kept beside
        a report stays in use there, whatever became of the file."""
        check_content(content)
        if content.template is None:
            return None, content
        kept = store.find_template(connection, content.template.digest) if content.template.digest else None
        template = self.shelf.get(content.template.id) if kept is None else decode_template(kept)
        if template.id != content.template.id:
            raise Invalid("This is another template than the one that is named.")
        ref = TemplateRef(template.id, template.version, template.digest)
        return template, replace(content, template=ref)

    def _kept(self, connection: sa.Connection, content: Content) -> Content:
        """A content in the form it is kept, its template kept beside it."""
        template, pinned = self._pinned(connection, content)
        if template is not None:
            store.keep_template(connection, template.digest, encode_template(template))
        return settle(template, pinned)[0]

    # Versions

    def named(
        self, connection: sa.Connection, case_id: str, number: int, sha256: str
    ) -> tuple[Version, Content]:
        """The version that stands, which has to be the one that somebody names and looked at."""
        standing = standing_of(store.list_versions(connection, case_id))
        at = None if standing is None else standing.number
        newest = store.find_version(connection, case_id, self.open_content, at)
        if newest is None:
            raise NotFound("The report of this case has no version {number}.", number=number)
        check_basis(newest, number)
        if newest.sha256 != sha256:
            raise SavedMeanwhile("This is not what version {number} says; look at it again.", number=number)
        if newest.content is None:
            raise Conflict("The patient of this case was erased, and the report with them.")
        if digest_of(newest) != newest.sha256:
            raise Damaged("Version {number} of the report was altered in the database.", number=number)
        return newest, newest.content

    def add(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        newest: Version | None,
        status: Status,
        content: Content,
        language: Language,
        *,
        reason: str = "",
        source: Source = BY_PERSON,
        amends: Amendment | None = None,
    ) -> Version:
        """Write the next version, in the log too, by its digest: what was signed can be proved later."""
        number = 1 if newest is None else newest.number + 1
        if amends is None and newest is not None and not newest.is_signed:
            # What a signed report is changed for stays with the change until that is signed.
            amends = newest.amends
            reason = reason or (newest.reason if amends else "")
        version = Version(
            case.id,
            number,
            status,
            amends,
            source,
            actor.person_id,
            actor.called,
            self.now(),
            reason,
            language,
            case.patient_id,
            content,
            "",
            None if newest is None else newest.sha256,
        )
        version = replace(version, sha256=digest_of(version))
        store.add_version(connection, version, self._sealed(version))
        told = {"version": number, "status": status.value, "sha256": version.sha256}
        action = "sign" if version.is_signed else _ACTIONS[status]
        self.cases.reporting.tell(actor, case, action, **told)
        return version

    def _sealed(self, version: Version) -> bytes:
        place = store.place_of(version.case_id, version.number)
        content = msgspec.json.encode(version.content)
        return self.cases.ledger.vault.seal_text(version.patient_id, place, content)

    def open_content(self, patient_id: PatientId | None, place: str, content: bytes) -> Content | None:
        opened = self.cases.ledger.vault.open_text(patient_id, place, content)
        return None if opened is None else typed_json(opened, Content)


def open_reports(cases: Cases, access: Access, data: Path) -> Reports:
    """The reports of a node whose data lie there."""
    return Reports(cases, access, Shelf(data / "templates"))


def _reason(reason: str) -> str:
    said = reason.strip()
    if len(said) > MOST_REASON:
        raise Invalid("A reason has at most {most} characters.", most=MOST_REASON)
    return said


def closed(newest: Version | None) -> Conflict:
    if newest is not None and (newest.is_signed or newest.status is Status.WITHDRAWN):
        return Conflict("This report is signed; amend it to change it.")
    return Conflict("This case is closed.")


def _says_the_same(newest: Version | None, content: Content, language: Language) -> bool:
    return (
        newest is not None
        and newest.status is Status.DRAFT
        and (newest.content, newest.language) == (content, language)
    )
