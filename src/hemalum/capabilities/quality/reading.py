"""Second readings: taking a case, answering without knowing the report, deciding where two differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.quality import policy, store
from hemalum.capabilities.quality.discrepancy import Rules, RuleShelf
from hemalum.capabilities.quality.model import (
    ARBITRATE,
    COMPLETED,
    HAND_IN,
    MANAGE,
    MOST_WORDS,
    OPEN,
    REREAD,
    VIEW,
    AlreadyTaken,
    Answers,
    Difference,
    Gravity,
    ReaderKind,
    Reading,
    ReadingIncomplete,
    Reread,
    State,
    Verdict,
    check_verdict,
)
from hemalum.capabilities.reports.model import Content, ReportWithheld, Section, Text, Version
from hemalum.capabilities.reports.service import Reports
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.kernel.typed import typed_json
from hemalum.runtime.db import reading, transaction

VIEW_PATIENT = "cases.view_patient"
MOST_REASON = 500


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is missing or wrong in a second reading."""

    kind: str
    subject: str
    text: Text


@dataclass(frozen=True, slots=True)
class Compared:
    """One second reading beside the first report."""

    reading: Reading
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All readings of a case, side by side."""

    reread: Reread
    first: Answers
    seconds: tuple[Compared, ...]
    rules_source: str
    """Where the rules came from by which differences are graded; empty where there are none."""
    decided_words: str


@dataclass(frozen=True)
class Readings:
    """The use cases of second readings. May be used from several threads."""

    cases: Cases
    reports: Reports
    rules: RuleShelf

    # People ---------------------------------------------------------------------------------------------

    def begin(self, actor: Actor, reread_id: str) -> Reread:
        """Take a case to read it a second time, or to decide about it; whoever has it keeps it.

        From then on until they answer, a second reader is kept from the report by the node itself.

        Raises:
            NotFound: there is no such reread in the actor's organisation.
            NotPermitted: the actor wrote, signed or saw the report, or read the case a second time already.
            AlreadyTaken: somebody else has it, or it is past that.
        """
        asking = self.cases.ledger.ask(actor, VIEW)
        with transaction(self._database) as connection:
            found = store.get_reread(connection, asking.organisation_id, reread_id, to_write=True)
            if found.reader_id == asking.person_id:
                return found
            people = self.reports.rereading.list_people(connection, found.signed.case_id)
            found = _involving(found, *people)
            if found.state is State.WAITING:
                return self._begin_reading(connection, asking, found)
            if found.state is State.DISPUTED:
                self._check(asking, ARBITRATE, found)
                self._tell(asking, "begin_decision", found)
                return self._change(connection, found, State.ARBITRATION, reader_id=asking.person_id)
            raise AlreadyTaken("This reread is {state}; it cannot be taken.", state=found.state)

    def _begin_reading(self, connection: sa.Connection, asking: Actor, found: Reread) -> Reread:
        self._check(asking, REREAD, found)
        case = self.cases.reporting.hold(connection, asking, found.signed.case_id)
        self._tell(asking, "begin_reading", found)
        self.cases.reporting.blind(connection, case, asking.person_id)
        return self._change(connection, found, State.READING, reader_id=asking.person_id)

    def give_back(self, actor: Actor, reread_id: str) -> Reread:
        """Let somebody else have it. Whoever gives a reading back may know the report, and reads no more.

        Raises:
            NotFound: there is no such reread.
            AlreadyTaken: the actor does not have it.
        """
        asking = self.cases.ledger.ask(actor, VIEW)
        with transaction(self._database) as connection:
            found = self._mine(connection, asking, reread_id, State.READING, State.ARBITRATION)
            self._tell(asking, "give_back", found)
            if found.state is State.ARBITRATION:
                return self._change(connection, found, State.DISPUTED, reader_id=None)
            self.cases.reporting.unblind(connection, found.signed.case_id, asking.person_id)
            involving = _involving(found, asking.person_id)
            return self._change(connection, involving, State.WAITING, reader_id=None)

    def check(self, actor: Actor, reread_id: str, answers: Answers) -> tuple[Content, tuple[Trouble, ...]]:
        """What answers amount to, without keeping them. Raises as `answer` does, but for what is missing."""
        asking = self.cases.ledger.ask(actor, VIEW)
        with reading(self._database) as connection:
            found = self._mine(connection, asking, reread_id, State.READING)
            first = self._first(connection, found)
            return self._settled(connection, first, answers)

    def answer(self, actor: Actor, reread_id: str, answers: Answers) -> Reread:
        """Say what was seen. It is compared at once; whoever answered may know the report again.

        Raises:
            NotFound: there is no such reread.
            AlreadyTaken: the actor does not have it.
            ReadingIncomplete: something has to be stated, or put right, before.
            Invalid: an answer is none that its element takes.
            Conflict: the patient was erased.
        """
        asking = self.cases.ledger.ask(actor, VIEW)
        with transaction(self._database) as connection:
            found = self._mine(connection, asking, reread_id, State.READING)
            first = self._first(connection, found)
            content, troubles = self._settled(connection, first, answers)
            if troubles:
                raise ReadingIncomplete("Something is missing or wrong: {what}.", what=troubles[0].text.en)
            self._tell(asking, "answer", found)
            self._keep(connection, found, first, content, ReaderKind.PERSON, asking.called)
            self.cases.reporting.unblind(connection, found.signed.case_id, asking.person_id)
            involving = replace(_involving(found, asking.person_id), state=State.WAITING, by_person=False)
            return self._settle(connection, involving)

    def compare(self, actor: Actor, reread_id: str) -> Comparison:
        """The readings of a case side by side: for its arbiter, and once completed for whoever may read
        its report. That they were read is recorded.

        Raises:
            NotFound: there is no such reread.
            NotPermitted: it is not completed, and the actor is not its arbiter.
            ReportWithheld: the actor may not know the patient of this case.
            Conflict: the patient was erased.
        """
        asking = self.cases.ledger.ask(actor, VIEW, VIEW_PATIENT)
        with reading(self._database) as connection:
            found = store.get_reread(connection, asking.organisation_id, reread_id)
            decides = found.state is State.ARBITRATION and found.reader_id == asking.person_id
            if not decides and found.state not in COMPLETED:
                raise NotPermitted(
                    "Readings are shown to the third reader, and to others once the case is decided."
                )
            case = self.cases.reporting.find(connection, asking, found.signed.case_id)
            if self.cases.reporting.is_withheld(connection, asking, case):
                raise ReportWithheld("The report is kept from you together with the patient of this case.")
            self._tell(asking, "compare", found)
            first = self._first(connection, found)
            rules = self.rules.find(found.signed.template_id)
            seconds = []
            for one, sealed in store.list_readings(connection, [found.id]):
                answers = self._opened(found, one.id, sealed)
                differences = self._differences(connection, first, answers, one.kind, rules)
                seconds.append(Compared(replace(one, answers=answers), differences))
            words = store.read_words(connection, found.id)
        told = None if words is None else self._open(found, "decision", words)
        source = "" if rules is None else rules.source
        return Comparison(
            found, _answers(first), tuple(seconds), source, "" if told is None else told.decode()
        )

    def decide(self, actor: Actor, reread_id: str, verdict: Verdict) -> Reread:
        """Say which reading stands, how grave the difference is and of which kind. Nothing is amended by it:
        whoever signs the report is offered to.

        Raises:
            NotFound: there is no such reread.
            AlreadyTaken: the actor is not its arbiter.
            Invalid: the verdict contradicts itself, or has no reason.
        """
        asking = self.cases.ledger.ask(actor, VIEW)
        check_verdict(verdict)
        with transaction(self._database) as connection:
            found = self._mine(connection, asking, reread_id, State.ARBITRATION)
            told = {name: getattr(verdict, name).value for name in ("standing", "gravity", "defect")}
            self._tell(asking, "decide", found, **told)
            decided = replace(
                found,
                gravity=verdict.gravity,
                standing=verdict.standing,
                defect=verdict.defect,
                decided_by_name=asking.called,
            )
            words = self._seal(found, "decision", verdict.words.strip().encode())
            return self._change(connection, decided, State.DECIDED, words, reader_id=None)

    def give_up(self, actor: Actor, reread_id: str, reason: str) -> Reread:
        """End a reread that cannot be completed.

        Raises:
            NotFound: there is no such reread.
            Conflict: it is ended.
            Invalid: there is no reason, or it is too long.
            NotPermitted: the actor does not manage quality here.
        """
        asking = self.cases.ledger.ask(actor, MANAGE)
        said = reason.strip()
        if not said:
            raise Invalid("This needs a reason.")
        if len(said) > MOST_REASON:
            raise Invalid("A reason has at most {most} characters.", most=MOST_REASON)
        with transaction(self._database) as connection:
            found = store.get_reread(connection, asking.organisation_id, reread_id, to_write=True)
            if found.state not in OPEN:
                raise Conflict("This reread has ended.")
            self._tell(asking, "give_up", found)
            if found.reader_id is not None:
                self.cases.reporting.unblind(connection, found.signed.case_id, found.reader_id)
            words = self._seal(found, "decision", said.encode())
            return self._change(connection, found, State.VOID, words, reader_id=None)

    # Models ---------------------------------------------------------------------------------------------

    def hand_in(self, actor: Actor, reread_id: str, name: str, version: str, answers: Answers) -> Reread:
        """Take a model's second reading in, by a program. Raises as `take_in`, and NotPermitted."""
        asking = self.cases.ledger.ask(actor, HAND_IN)
        return self.take_in(asking.organisation_id, reread_id, name, version, answers, asking)

    def take_in(
        self,
        organisation_id: str,
        reread_id: str,
        name: str,
        version: str,
        answers: Answers,
        actor: Actor | None = None,
    ) -> Reread:
        """Take a model's second reading in. Only what it answers is compared; where it answers nothing that
        rules speak of, it abstained, and a person reads in its place.

        Raises:
            NotFound: there is no such reread.
            Conflict: it does not wait for this model, or the patient was erased.
            Invalid: an answer is none that its element takes, or there is no version.
        """
        if not version.strip():
            raise Invalid("A reading of a model needs its version.")
        with transaction(self._database) as connection:
            found = store.get_reread(connection, organisation_id, reread_id, to_write=True)
            if found.state not in (State.WAITING, State.READING) or not name or found.by_model != name:
                raise Conflict("This reread does not wait for a reading of {model}.", model=name)
            if self._has(connection, found, ReaderKind.MODEL):
                raise Conflict("This model has already read the case.")
            first = self._first(connection, found)
            content = self._settled_beside(connection, first, answers)
            self._tell(actor, "hand_in", found, model=name, version=version)
            self._keep(connection, found, first, content, ReaderKind.MODEL, name, version)
            if not self._speaks(found, content) and not self._has(connection, found, ReaderKind.PERSON):
                abstained = replace(found, by_person=True)
                return self._change(connection, abstained, found.state, reader_id=found.reader_id)
            if found.state is State.READING:
                return found
            return self._settle(connection, found)

    def take_in_findings(
        self, organisation_id: str, reread_id: str, version: str, findings: Sequence[Mapping[str, Any]]
    ) -> Reread:
        """Take in what a model of this node found of a case, as far as the template of its report asks.

        `findings` have the form in which programs hand them in. Raises as `take_in` does.
        """
        with reading(self._database) as connection:
            found = store.get_reread(connection, organisation_id, reread_id)
            first = self._first(connection, found)
            assert first.content is not None
            values = self.reports.rereading.draw(connection, first.content.template, findings)
        return self.take_in(organisation_id, reread_id, found.by_model, version, Answers(values))

    def _speaks(self, found: Reread, content: Content) -> bool:
        rules = self.rules.find(found.signed.template_id)
        return rules is not None and any(one.element in content.values for one in rules.rules)

    # Comparing ------------------------------------------------------------------------------------------

    def _settle(self, connection: sa.Connection, found: Reread) -> Reread:
        """A reread after one more reading: done, disputed, or waiting for the other."""
        given = [one for one, _ in store.list_readings(connection, [found.id])]
        kinds = {one.kind for one in given}
        awaits_model = bool(found.by_model) and ReaderKind.MODEL not in kinds
        if (found.by_person and ReaderKind.PERSON not in kinds) or awaits_model:
            return self._change(connection, found, State.WAITING, reader_id=None)
        gravest = max((one.gravity for one in given), key=lambda one: one.rank)
        then = State.AGREED if gravest is Gravity.NONE else State.DISPUTED
        return self._change(connection, replace(found, gravity=gravest), then, reader_id=None)

    def _keep(
        self,
        connection: sa.Connection,
        found: Reread,
        first: Version,
        content: Content,
        kind: ReaderKind,
        name: str,
        version: str = "",
    ) -> None:
        answers = Answers(content.values, content.sections.get(Section.DIAGNOSIS, ""))
        rules = self.rules.find(found.signed.template_id)
        differences = self._differences(connection, first, answers, kind, rules)
        gravity = max((one.gravity for one in differences), key=lambda one: one.rank, default=Gravity.NONE)
        if not found.signed.template_id:
            # Free texts are compared by a person.
            gravity = Gravity.MINOR
        reading_id = new_id()
        given = Reading(reading_id, found.id, kind, name, version, None, gravity, self.cases.ledger.clock())
        store.add_reading(connection, given, self._seal(found, reading_id, msgspec.json.encode(answers)))

    def _differences(
        self,
        connection: sa.Connection,
        first: Version,
        answers: Answers | None,
        kind: ReaderKind,
        rules: Rules | None,
    ) -> tuple[Difference, ...]:
        if answers is None or first.content is None:
            return ()
        values = first.content.values
        changes = self.reports.rereading.compare(connection, first.content, Content(values=answers.values))
        words = frozenset[str]()
        if rules is None:
            words = self.reports.rereading.list_words(connection, first.content.template)

        def gravity_of(element: str) -> Gravity:
            if rules is not None:
                return rules.gravity(element, values.get(element), answers.values.get(element))
            # Nobody stated rules: a choice is for a person to weigh, and words are not compared.
            return Gravity.NONE if element in words else Gravity.MINOR

        return tuple(
            Difference(
                one.element,
                one.label.en,
                one.label.zh,
                _both(one.before),
                _both(one.after),
                gravity_of(one.element),
            )
            for one in changes
            if kind is ReaderKind.PERSON or one.element in answers.values
        )

    # Parts ----------------------------------------------------------------------------------------------

    @property
    def _database(self) -> sa.Engine:
        return self.cases.ledger.database

    def _first(self, connection: sa.Connection, found: Reread) -> Version:
        version = self.reports.rereading.find_signed(connection, found.signed.case_id, found.signed.version)
        if version is None:
            raise Conflict("The patient of this case was erased, and the report with them.")
        return version

    def _settled(
        self, connection: sa.Connection, first: Version, answers: Answers
    ) -> tuple[Content, tuple[Trouble, ...]]:
        assert first.content is not None
        if len(answers.words) > MOST_WORDS:
            raise Invalid("At most {most} characters can be said here.", most=MOST_WORDS)
        content, problems = self.reports.rereading.settle(
            connection, first.content.template, answers.values, answers.words
        )
        return content, tuple(Trouble(one.kind.value, one.subject, one.text) for one in problems)

    def _settled_beside(self, connection: sa.Connection, first: Version, answers: Answers) -> Content:
        """What a model answers, and what follows from it, where all that it leaves open is as in the report.

        Else an answer that is asked only beside others, which the model does not give, would be dropped.
        """
        assert first.content is not None
        before = first.content.values
        together = replace(answers, values={**before, **answers.values})
        content, _ = self._settled(connection, first, together)
        own = {
            name: value
            for name, value in content.values.items()
            if name in answers.values or before.get(name) != value
        }
        return replace(content, values=own)

    def _mine(self, connection: sa.Connection, asking: Actor, reread_id: str, *states: State) -> Reread:
        found = store.get_reread(connection, asking.organisation_id, reread_id, to_write=True)
        if found.state not in states or found.reader_id != asking.person_id:
            raise AlreadyTaken("You have not taken this reread.")
        return found

    def _has(self, connection: sa.Connection, found: Reread, kind: ReaderKind) -> bool:
        return any(one.kind is kind for one, _ in store.list_readings(connection, [found.id]))

    def _change(
        self,
        connection: sa.Connection,
        found: Reread,
        state: State,
        words: bytes | None = None,
        **values: Any,
    ) -> Reread:
        changed = replace(found, state=state, changed_at=self.cases.ledger.clock(), **values)
        store.change_reread(connection, changed, words)
        return changed

    def _check(self, asking: Actor, action: str, found: Reread) -> None:
        ledger = self.cases.ledger
        place = ledger.place_of(asking.organisation_id)
        if not policy.allows(ledger.gate.policies, asking, action, place, found, ledger.clock()):
            raise NotPermitted("Whoever wrote, signed or already read a case cannot read it again.")

    def _tell(self, actor: Actor | None, action: str, found: Reread, **detail: Any) -> None:
        self.cases.ledger.slides.record(
            Record(
                f"quality.{action}",
                actor,
                target=f"case/{found.signed.case_id}",
                organisation_id=found.signed.organisation_id,
                detail={"reread": found.id, **detail},
            )
        )

    def _seal(self, found: Reread, what: str, content: bytes) -> bytes:
        place = f"reread/{found.id}/{what}"
        return self.cases.ledger.vault.seal_text(found.signed.patient_id, place, content)

    def _open(self, found: Reread, what: str, sealed: bytes) -> bytes | None:
        place = f"reread/{found.id}/{what}"
        return self.cases.ledger.vault.open_text(found.signed.patient_id, place, sealed)

    def _opened(self, found: Reread, what: str, sealed: bytes) -> Answers | None:
        opened = self._open(found, what, sealed)
        return None if opened is None else typed_json(opened, Answers)


def _involving(found: Reread, *people: str) -> Reread:
    return replace(found, signed=replace(found.signed, involved=found.signed.involved | set(people)))


def _answers(first: Version) -> Answers:
    assert first.content is not None
    return Answers(first.content.values, first.content.sections.get(Section.DIAGNOSIS, ""))


def _both(text: Text | None) -> tuple[str, str] | None:
    return None if text is None else (text.en, text.zh)
