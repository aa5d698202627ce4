"""Drafts from what programs find: handed in once, drawn into a template, worded, and left to people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case, CaseStatus
from hemalum.capabilities.reports import findings_store, policy, store
from hemalum.capabilities.reports.checking import Doubt, doubt_about
from hemalum.capabilities.reports.composing import Said, join
from hemalum.capabilities.reports.drawing import Drawn, Outcome, draw
from hemalum.capabilities.reports.findings import Finding, Submission, check_submission
from hemalum.capabilities.reports.findings_store import Row, Wording
from hemalum.capabilities.reports.merging import Merged, merge, put_sections
from hemalum.capabilities.reports.model import (
    Content,
    FindingsWereHandedIn,
    Language,
    Section,
    Source,
    SourceKind,
    Status,
    Version,
    check_content,
    untaken,
)
from hemalum.capabilities.reports.picturing import check_images
from hemalum.capabilities.reports.rewriting import Writer, WriterFailed
from hemalum.capabilities.reports.service import Reports, closed
from hemalum.capabilities.reports.templates import ElementKind, Template, encode_template, suggest
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed_json
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

_BOTH = "findings"
"""What the source of a draft of several models is called."""


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a finding in an element."""

    finding: str
    element: str
    outcome: Outcome
    why: Sentence | None = None
    """Why the model would not say."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A sentence of the draft."""

    language: Language
    section: Section
    text: str
    is_open: bool
    """Whether a language model may word it: no text in it was typed by a person."""
    original: str
    """As the template has it."""
    refused: str = ""
    """What a language model had made of it, when that was refused."""
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """All that is kept of a submission. Personal: sealed at rest."""

    submission: Submission
    author: str
    """Sign-in name of who handed it in."""
    became: tuple[Became, ...]
    sentences: tuple[Worded, ...]
    unworded: Sentence | None = None
    """Why the language model did not word it, where it was to."""


@dataclass(frozen=True, slots=True)
class ShownFindings:
    """Findings of a case as somebody may see them."""

    row: Row
    handed: Handed | None
    """None where the patient was erased."""


@dataclass(frozen=True)
class Drafting:
    """Drafts reports from findings. May be used from several threads."""

    reports: Reports
    writer: Writer | None = None
    """The language model that words drafts; None where templates alone do."""

    def hand_in(self, actor: Actor, case_id: str, submission: Submission) -> ShownFindings:
        """Draw findings into the report as a draft; the same once more changes nothing.

        Raises:
            Invalid: a finding makes no sense, or the template asks for nothing of the kind.
            Conflict: the id stands for other findings, the report was handed over or signed, or is filled
                into another template.
            NotFound, NotPermitted, ReportWithheld: as `Reports.write`.
        """
        asking = self.reports.ask(actor, policy.READ, policy.WRITE)
        check_submission(submission)
        with transaction(self.reports.cases.ledger.database) as connection:
            case = self.reports.held(connection, asking, case_id)
            known = findings_store.find(connection, case.id, submission.id)
            if known is not None:
                return self._known(known, submission)
            self._check_images(connection, case, submission.findings)
            newest = store.find_version(connection, case.id, self.reports.open_content)
            _check_open(case, newest)
            before = Content() if newest is None or newest.content is None else newest.content
            template = self._template(connection, case, before, submission.template)
            language = _language(newest, submission)
            merged = merge(template, before, draw(template, submission.findings), language)
            version = self._drafted(connection, asking, case, newest, merged, template, language)
            wording = Wording.GRAMMAR if self.writer is None else Wording.WAITING
            handed = Handed(submission, asking.name, _became(merged.drawn), _sentences(template, merged.said))
            row = Row(
                case.id,
                submission.id,
                self.reports.now(),
                asking.person_id,
                asking.called,
                case.patient_id,
                submission.sha256,
                version.number,
                wording,
                "" if self.writer is None else self.writer.model,
                None,
                b"",
            )
            row = replace(row, sealed=self._sealed(row, handed))
            findings_store.add(connection, row)
            self.reports.cases.reporting.note(connection, case, asking, "hand_in_findings", "report")
            if wording is Wording.WAITING:
                event = FindingsWereHandedIn(row.at, case.id, case.organisation_id, submission.id)
                outbox.publish(connection, event)
            return ShownFindings(row, handed)

    def list(self, actor: Actor, case_id: str) -> list[ShownFindings]:
        """What programs found of a case, the newest first, for those who write its report.

        Raises:
            NotFound, NotPermitted, ReportWithheld: as `Reports.write`.
        """
        asking = self.reports.ask(actor, policy.READ, policy.WRITE)
        with reading(self.reports.cases.ledger.database) as connection:
            case = self.reports.readable(connection, asking, case_id)
            self.reports.cases.reporting.tell_read(asking, case)
            rows = findings_store.list_of(connection, case.id)
        return [ShownFindings(row, self._opened(row)) for row in rows]

    def cancel(self, actor: Actor, case_id: str, submission_id: str) -> ShownFindings:
        """Call the language model off: the draft stays as the template words it.

        Raises:
            NotFound: there is no such submission.
            Conflict: it is not waiting for a language model.
            NotPermitted, ReportWithheld: as `Reports.write`.
        """
        asking = self.reports.ask(actor, policy.READ, policy.WRITE)
        with transaction(self.reports.cases.ledger.database) as connection:
            case = self.reports.held(connection, asking, case_id)
            row = findings_store.find(connection, case.id, submission_id)
            if row is None:
                raise NotFound("There are no findings {id} of this case.", id=submission_id)
            if row.wording is not Wording.WAITING:
                raise Conflict("No language model is at work on this draft.")
            row = replace(row, wording=Wording.CANCELLED, worded_at=self.reports.now())
            findings_store.change(connection, row)
            self.reports.cases.reporting.note(connection, case, asking, "cancel_wording", "report")
        return ShownFindings(row, self._opened(row))

    def reword(self, organisation_id: str, case_id: str, submission_id: str) -> None:
        """Have the language model word a draft, and keep what is faithful; done twice it changes nothing.

        Nothing of it is returned or raised: what became of it stands with the findings.
        """
        database = self.reports.cases.ledger.database
        with reading(database) as connection:
            row = findings_store.find(connection, case_id, submission_id)
        handed = None if row is None else self._opened(row)
        if row is None or handed is None or self.writer is None or row.wording is not Wording.WAITING:
            return
        try:
            handed = replace(handed, sentences=_reworded(handed.sentences, self.writer))
        except WriterFailed as error:
            handed = replace(handed, unworded=error.sentence)
        person = self.reports.access.get_person(handed.author)
        with transaction(database) as connection:
            case = self.reports.cases.further.hold(connection, organisation_id, case_id)
            row = findings_store.find(connection, case_id, submission_id)
            if row is None or row.wording is not Wording.WAITING:
                return
            row = replace(row, worded_at=self.reports.now(), wording=Wording.FAILED)
            actor = self.reports.access.acting(connection, person, case.organisation_id)
            if actor is None:
                handed = replace(handed, unworded=Sentence("{name} has no role now.", {"name": person.name}))
            if actor is not None and handed.unworded is None:
                row = self._put_words(connection, actor, case, row, handed)
            findings_store.change(connection, replace(row, sealed=self._sealed(row, handed)))

    # Parts ----------------------------------------------------------------------------------------------

    def _known(self, row: Row, submission: Submission) -> ShownFindings:
        if row.sha256 != submission.sha256:
            raise Conflict("Other findings were handed in as {id}; choose another id.", id=submission.id)
        return ShownFindings(row, self._opened(row))

    def _check_images(self, connection: sa.Connection, case: Case, findings: Sequence[Finding]) -> None:
        """Findings point at slides of their case and no other."""
        supports = [one for finding in findings for one in finding.supports]
        shown = [one.image_id for one in supports if one.image_id is not None]
        check_images(connection, self.reports.cases, case, shown)

    def _template(self, connection: sa.Connection, case: Case, before: Content, template_id: str) -> Template:
        if before.template is not None:
            if template_id not in ("", before.template.id):
                raise Conflict(
                    "The report of this case is filled into {template}, and the findings are for {other}.",
                    template=before.template.id,
                    other=template_id,
                )
            template = self.reports.template_of(connection, before.template)
            assert template is not None
            return template
        found = self.reports.shelf.templates().values()
        templates = [one.template for one in found if one.template is not None]
        fitting = [template_id] if template_id else suggest(templates, case.specimen)
        if not fitting:
            raise Invalid("No template fits this specimen; name the one that the findings are for.")
        return self.reports.shelf.get(fitting[0])

    def _drafted(
        self,
        connection: sa.Connection,
        actor: Actor,
        case: Case,
        newest: Version | None,
        merged: Merged,
        template: Template,
        language: Language,
    ) -> Version:
        """The version that holds what was found; where people had said it all, the one that there is."""
        content = merged.content
        check_content(content)
        if newest is not None and newest.content == content:
            return newest
        store.keep_template(connection, template.digest, encode_template(template))
        if newest is None:
            self.reports.cases.reporting.note(connection, case, actor, "write_report", "report")
        source = _source(merged.drawn)
        return self.reports.add(
            connection, actor, case, newest, Status.DRAFT, content, language, source=source
        )

    def _put_words(
        self, connection: sa.Connection, actor: Actor, case: Case, row: Row, handed: Handed
    ) -> Row:
        """Put the model's words where those of the template still stand and nobody took them on."""
        newest = store.find_version(connection, case.id, self.reports.open_content)
        if self.writer is None or newest is None or newest.content is None or newest.number != row.version:
            return replace(row, wording=Wording.OVERTAKEN)
        said = [
            Said(one.section, one.text, ()) for one in handed.sentences if one.language is newest.language
        ]
        source = Source(SourceKind.MODEL, self.writer.model)
        content = put_sections(newest.content, join(said, newest.language), source)
        if content == newest.content or not untaken(newest.content):
            return replace(row, wording=Wording.CHECKED)
        version = self.reports.add(
            connection, actor, case, newest, Status.DRAFT, content, newest.language, source=source
        )
        return replace(row, wording=Wording.CHECKED, version=version.number)

    def _sealed(self, row: Row, handed: Handed) -> bytes:
        place = findings_store.place_of(row.case_id, row.id)
        content = msgspec.json.encode(handed)
        return self.reports.cases.ledger.vault.seal_text(row.patient_id, place, content)

    def _opened(self, row: Row) -> Handed | None:
        place = findings_store.place_of(row.case_id, row.id)
        opened = self.reports.cases.ledger.vault.open_text(row.patient_id, place, row.sealed)
        return None if opened is None else typed_json(opened, Handed)


def _check_open(case: Case, newest: Version | None) -> None:
    """Raise Conflict where a draft would come too late."""
    if case.status in (CaseStatus.FINAL, CaseStatus.ENDED):
        raise closed(newest)
    if newest is not None and newest.status is Status.PRELIMINARY:
        raise Conflict("{name} handed this report over; it is drafted no more.", name=newest.author_name)
    if newest is not None and newest.content is None:
        raise Conflict("The patient of this case was erased, and the report with them.")


def _language(newest: Version | None, submission: Submission) -> Language:
    return newest.language if newest is not None else submission.language or Language.EN


def _source(drawn: Sequence[Drawn]) -> Source:
    """The model that the draft comes from; of several, that they are."""
    models = {one.statement.source for one in drawn}
    return models.pop() if len(models) == 1 else Source(SourceKind.MODEL, _BOTH)


def _became(drawn: Sequence[Drawn]) -> tuple[Became, ...]:
    return tuple(Became(one.finding, one.element, one.outcome, one.why) for one in drawn)


def _sentences(template: Template, said: Mapping[Language, list[Said]]) -> tuple[Worded, ...]:
    typed = {one.id for one in template.elements if one.kind is ElementKind.TEXT}
    return tuple(
        Worded(language, one.section, one.text, not typed & set(one.elements), one.text)
        for language, sentences in said.items()
        for one in sentences
    )


def _reworded(sentences: Sequence[Worded], writer: Writer) -> tuple[Worded, ...]:
    """Sentences in the words of a model, where these say the same."""
    made = list(sentences)
    for language in Language:
        asked = [at for at, one in enumerate(made) if one.language is language and one.is_open]
        if not asked:
            continue
        answers = writer.reword([made[at].original for at in asked], language)
        for at, answer in zip(asked, answers, strict=True):
            made[at] = _judged(made[at], answer.strip())
    return tuple(made)


def _judged(sentence: Worded, answer: str) -> Worded:
    doubt = doubt_about(answer, sentence.original, sentence.language)
    if doubt is None:
        return replace(sentence, text=answer)
    return replace(sentence, refused=answer[:1000], doubt=doubt)
