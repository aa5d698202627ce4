"""What people and the node do about conformity: judge slides, say what words stand for, see how it stands."""

import logging
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.conformity import store
from hemalum.capabilities.conformity.composing import compose
from hemalum.capabilities.conformity.model import (
    MANAGE,
    VIEW,
    ConformityReport,
    MappedMeanwhile,
    Preview,
    SlideVerdict,
    UnknownWord,
    WordMapping,
    check_mapping,
    without_personal,
)
from hemalum.capabilities.conformity.spreadsheet import read_mappings
from hemalum.capabilities.reports.service import Reports
from hemalum.capabilities.slides.model import Image, ImageStatus, ImageSummary
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.dicom.clinical import ClinicalHeader
from hemalum.formats.profile.classifications import Tables, has_shape, read_table
from hemalum.formats.profile.judging import Judged, Level, judge
from hemalum.formats.profile.record import Concept, Record, Specimen
from hemalum.formats.profile.terms import Kind, Term, Words, key_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record as AuditRecord
from hemalum.kernel.errors import Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence, cause_of
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.policy import check_permission

REAPPLY_JOB = "conformity.reapply"
"""For a word that stands for something else from now on; the name lives in the queue."""

_LOG = logging.getLogger(__name__)
_MOST_ROUNDS = 3
_MOST_UNKNOWN = 500
_MOST_SLIDES = 200
_PART = 100
"""Slides that are judged in one step of a job."""
_LOOKED_AT_ONCE = 1000
_MOST_LOOKS = 20
_JUDGED_AT_ONCE = 50
"""By housekeeping, of slides that came before there was anybody to judge them."""


@dataclass
class Walk:
    """How far this process has looked through the slides for those that nobody judged; None at the end."""

    after: str | None = ""


@dataclass(frozen=True)
class Conformity:
    """The conformity of the slides of a node. May be used from several threads."""

    slides: Slides
    cases: Cases
    reports: Reports
    access: Access
    walk: Walk = field(default_factory=Walk)

    # Judging, by the node itself -------------------------------------------------------------------------

    def judge(self, image_id: str) -> SlideVerdict | None:
        """Judge what is known of a slide and keep the verdict; None for one that is gone or not there yet.

        Safe to repeat. What changes meanwhile is judged, too.
        """
        verdict, judged = None, None
        for _ in range(_MOST_ROUNDS):
            try:
                image = self.slides.get_image_of_any(image_id)
            except NotFound:
                return None
            if image.status is not ImageStatus.AVAILABLE or image.description is None:
                return None
            known = self._compose(image), self._words(image.summary.organisation_id)
            if known == judged:
                break
            judged = known
            verdict = self._keep(image, self._judged(*known))
        return verdict

    def judge_case(self, case_id: str) -> int:
        """Judge all slides of a case; answers how many."""
        return sum(
            self.judge(image_id) is not None for image_id in self.cases.linking.list_images_of(case_id)
        )

    def judge_with_word(self, organisation_id: str, kind: str, word_key: str, after: str) -> str | None:
        """Judge some slides that have a word, those after one by id; the last of them, None at the end."""
        with reading(self.slides.database) as connection:
            found = store.list_with_word(connection, organisation_id, Kind(kind), word_key, after, _PART)
        for image_id in found:
            self.judge(image_id)
        return found[-1] if len(found) == _PART else None

    def judge_unjudged(self) -> None:
        """Judge some slides that came before there was anybody to judge them. Safe to repeat."""
        judged = 0
        for _ in range(_MOST_LOOKS):
            if self.walk.after is None or judged == _JUDGED_AT_ONCE:
                return
            available = self.slides.list_available(self.walk.after, _LOOKED_AT_ONCE)
            with reading(self.slides.database) as connection:
                waiting = store.list_unjudged(connection, available)[: _JUDGED_AT_ONCE - judged]
            for image_id in waiting:
                self.judge(image_id)
            judged += len(waiting)
            if judged < _JUDGED_AT_ONCE:
                self.walk.after = available[-1] if len(available) == _LOOKED_AT_ONCE else None

    def _compose(self, image: Image, *, with_clinical: bool = True) -> Record:
        place = image.summary.organisation_id
        origin = self.cases.linking.find_origin(place, image.id)
        coded = self.reports.leaving.read_codes(origin.case.id) if origin and with_clinical else ()
        request = origin.request if origin and with_clinical else None
        return compose(image, origin, request, coded, self.access.get_organisation(place).name)

    def _words(self, organisation_id: str) -> Words:
        with reading(self.slides.database) as connection:
            return Words(store.own_words(connection, organisation_id))

    def _judged(self, record: Record, words: Words) -> Judged:
        return judge(record, words, self.slides.clock(), self.tables)

    def _keep(self, image: Image, judged: Judged) -> SlideVerdict:
        summary = image.summary
        kept = tuple(without_personal(one) for one in judged.verdicts)
        verdict = SlideVerdict(image.id, judged.level, self.slides.clock(), kept)
        taken_in_at = (summary.available_at or summary.created_at).astimezone(self.cases.ledger.zone)
        month = f"{taken_in_at:%Y-%m}"

        def put(connection: sa.Connection) -> None:
            store.put_verdict(connection, verdict, summary.organisation_id, month)

        held_back = judged.level is Level.REFUSED
        self.slides.take_judgement(image.id, _coded(judged.record.specimen), put, held_back=held_back)
        return verdict

    @cached_property
    def tables(self) -> Tables:
        """The classifications that the operator laid into the folder `codes` of the data directory."""
        tables = {}
        for name, table in self.read_tables().items():
            if isinstance(table, Sentence):
                _LOG.warning("%s", table)
            else:
                tables[name] = table
        return tables

    def read_tables(self) -> dict[str, dict[str, str] | Sentence]:
        """The same read anew, by scheme; a sentence for a file that is no table."""
        found: dict[str, dict[str, str] | Sentence] = {}
        folder = self.slides.settings.data / "codes"
        for path in sorted(folder.glob("*.csv")):
            try:
                found[path.stem.upper()] = read_table(path.read_bytes())
            except Invalid as error:
                found[path.stem.upper()] = error.sentence
            except OSError as error:
                found[path.stem.upper()] = Sentence(
                    "{path} cannot be read: {cause}.", {"path": path.name, "cause": cause_of(error)}
                )
        return found

    # Looking ---------------------------------------------------------------------------------------------

    def show_verdict(self, actor: Actor, image_id: str) -> SlideVerdict | None:
        """How far the metadata of a slide conform; None where it was not judged yet.

        Raises as `Slides.permit` does.
        """
        self.slides.permit(actor, image_id)
        with reading(self.slides.database) as connection:
            return store.find_verdict(connection, image_id)

    def record_of(self, actor: Actor, image_id: str) -> Record:
        """The record of a slide in codes; what is known of the patient only for those who may know them.

        Raises as `Slides.permit` does, and:
            Conflict: the slide is not available yet.
        """
        image = self.slides.permit(actor, image_id).image
        if image.status is not ImageStatus.AVAILABLE or image.description is None:
            raise NotFound("This image is not available yet.")
        record = self._compose(image, with_clinical=self._may_know(actor, image))
        return self._judged(record, self._words(image.summary.organisation_id)).record

    def specimen_of(self, image: Image) -> Specimen:
        """What lies on the glass of an available image, in codes; for the node itself."""
        record = self._compose(image, with_clinical=False)
        return self._judged(record, self._words(image.summary.organisation_id)).record.specimen

    def clinical_of(self, actor: Actor, image: Image) -> ClinicalHeader | None:
        """What headers of a slide tell of its patient, recorded; None where the actor may not know it, or
        there is nothing. Codes that are none are left out."""
        if image.status is not ImageStatus.AVAILABLE or not self._may_know(actor, image):
            return None
        record = self._compose(image)
        history = "" if record.history is None else record.history.text
        diagnoses = tuple(code for code in record.diagnoses if has_shape(code))
        clinical = ClinicalHeader(history, diagnoses)
        if clinical.is_empty:
            return None
        self.slides.tell(actor, "conformity.tell_clinical", image.summary, via="dicomweb")
        return clinical

    def _may_know(self, actor: Actor, image: Image) -> bool:
        try:
            found = self.cases.linking.find_case_of(actor, image.id)
        except (NotFound, NotPermitted):
            return False
        if found is None or found[0].identity is None:
            return False
        with reading(self.slides.database) as connection:
            # The record tells what was diagnosed, too.
            return not self.cases.reporting.is_blinded(connection, actor, found[0].case)

    def report(self, actor: Actor) -> ConformityReport:
        """How far the metadata of the actor's organisation conform."""
        check_permission(actor, VIEW)
        return self.report_of(actor.organisation_id)

    def report_of(self, organisation_id: str) -> ConformityReport:
        """The same of any organisation, for the operator of the machine."""
        with reading(self.slides.database) as connection:
            return ConformityReport(
                store.count_levels(connection, organisation_id),
                store.count_elements(connection, organisation_id),
                store.count_months(connection, organisation_id),
            )

    def list_unknown_words(self, actor: Actor) -> list[UnknownWord]:
        """Words that nobody mapped, those of most slides first."""
        check_permission(actor, VIEW)
        with reading(self.slides.database) as connection:
            return store.list_unknown_words(connection, actor.organisation_id, _MOST_UNKNOWN)

    def list_slides(
        self, actor: Actor, element: str | None, level: Level, word: str = ""
    ) -> list[ImageSummary]:
        """Slides of which an element is so, or with no element the worst of all; those that the actor may
        see."""
        check_permission(actor, VIEW)
        with reading(self.slides.database) as connection:
            found = store.list_images(connection, actor.organisation_id, element, level, word, _MOST_SLIDES)
        seen = self.slides.visible_among(actor, found)
        summaries = [self.slides.find_summary(image_id) for image_id in found if image_id in seen]
        return [summary for summary in summaries if summary is not None]

    # Words -----------------------------------------------------------------------------------------------

    def list_mappings(self, actor: Actor, *, with_ended: bool = False) -> list[WordMapping]:
        """What the words of the actor's organisation stand for, newest first."""
        check_permission(actor, VIEW)
        with reading(self.slides.database) as connection:
            return store.list_mappings(connection, actor.organisation_id, with_ended=with_ended)

    def preview(self, actor: Actor, kind: Kind, word: str, term_id: str) -> Preview:
        """What it would change if a word stood for a term. Raises as `map_word` does."""
        check_permission(actor, MANAGE)
        check_mapping(kind, word, term_id)
        with reading(self.slides.database) as connection:
            return Preview(*store.count_with_word(connection, actor.organisation_id, kind, key_of(word)))

    def map_word(
        self, actor: Actor, kind: Kind, word: str, term_id: str, replaces: int | None = None
    ) -> WordMapping:
        """Say what a word of the actor's organisation stands for; its slides are judged anew.

        `replaces` is the number of the mapping that the actor knows of. The same once more changes nothing.

        Raises:
            Invalid: there is no such term, or the word is none.
            MappedMeanwhile: there is another mapping than the actor knows of. Nothing was done.
        """
        check_permission(actor, MANAGE)
        term = check_mapping(kind, word, term_id)
        with transaction(self.slides.database) as connection:
            known = store.find_mapping(connection, actor.organisation_id, kind, word)
            if known is not None and known.term == term:
                return known
            if (None if known is None else known.number) != replaces:
                raise MappedMeanwhile("Somebody else said meanwhile what “{word}” stands for.", word=word)
            self._tell(actor, "map_word", kind, word, term=term.id)
            kept = self._put(connection, actor, kind, word, term)
        self._reapply(actor.organisation_id, kind, word)
        return kept

    def unmap_word(self, actor: Actor, kind: Kind, word: str) -> None:
        """Say that a word stands for nothing any more but what is shipped; its slides are judged anew.

        Raises:
            NotFound: it stands for nothing.
        """
        check_permission(actor, MANAGE)
        with transaction(self.slides.database) as connection:
            known = store.find_mapping(connection, actor.organisation_id, kind, word)
            if known is None:
                raise NotFound("Nobody has said what “{word}” stands for.", word=word)
            self._tell(actor, "unmap_word", kind, word)
            store.end_mapping(
                connection, actor.organisation_id, kind, word, self.slides.clock(), actor.called
            )
        self._reapply(actor.organisation_id, kind, word)

    def take_mappings(self, actor: Actor, content: bytes) -> int:
        """Take over mappings from CSV, all or none; answers how many are new or other than before.

        Raises:
            Invalid: a line is no mapping. The sentence says which.
        """
        check_permission(actor, MANAGE)
        asked = read_mappings(content)
        changed = []
        with transaction(self.slides.database) as connection:
            for kind, word, term in asked:
                known = store.find_mapping(connection, actor.organisation_id, kind, word)
                if known is None or known.term != term:
                    self._put(connection, actor, kind, word, term)
                    changed.append((kind, word))
            if changed:
                self._tell(actor, "import_words", None, "", words=len(changed))
        for kind, word in changed:
            self._reapply(actor.organisation_id, kind, word)
        return len(changed)

    def _put(self, connection: sa.Connection, actor: Actor, kind: Kind, word: str, term: Term) -> WordMapping:
        now, place = self.slides.clock(), actor.organisation_id
        store.end_mapping(connection, place, kind, word, now, actor.called)
        said = " ".join(word.split())
        store.add_mapping(
            connection, WordMapping(0, place, kind, said, term, actor.person_id, actor.called, now)
        )
        kept = store.find_mapping(connection, place, kind, word)
        assert kept is not None
        return kept

    def _reapply(self, organisation_id: str, kind: Kind, word: str) -> None:
        arguments = {"organisation_id": organisation_id, "kind": kind.value, "word_key": key_of(word)}
        with reading(self.slides.database) as connection:
            if not store.list_with_word(connection, organisation_id, kind, key_of(word), "", 1):
                return
        self.slides.queue.enqueue(REAPPLY_JOB, arguments, job_id=f"conformity-{new_id()}")

    def _tell(self, actor: Actor, action: str, kind: Kind | None, word: str, **detail: Any) -> None:
        said = detail if kind is None else detail | {"kind": kind.value, "word": word}
        self.slides.record(
            AuditRecord(f"conformity.{action}", actor, organisation_id=actor.organisation_id, detail=said)
        )


def _coded(specimen: Specimen) -> Specimen | None:
    """The specimen as headers tell it: its codes alone; None where it has none."""

    def kept(concept: Concept | None) -> Concept | None:
        return concept if concept is not None and concept.codes else None

    coded = Specimen(
        specimen.identifier,
        kept(specimen.site),
        kept(specimen.laterality),
        kept(specimen.collection),
        kept(specimen.fixative),
        kept(specimen.embedding),
        specimen.thickness_um,
        kept(specimen.stain),
    )
    concepts = (coded.site, coded.laterality, coded.collection, coded.fixative, coded.embedding, coded.stain)
    return coded if any(concepts) else None
