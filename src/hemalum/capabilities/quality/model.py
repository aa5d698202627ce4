"""Plans, rereads and readings; states and what they lead to. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from hemalum.capabilities.cases.model import CaseId, PatientId, Priority, Subspecialty
from hemalum.capabilities.reports.model import Value
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.events import Event
from hemalum.kernel.ids import OrganisationId, PersonId

VIEW = "quality.view"
MANAGE = "quality.manage"
HAND_IN = "quality.hand_in"
"""To hand a model's second reading in."""
REREAD = "quality.reread"
ARBITRATE = "quality.arbitrate"

PlanId = NewType("PlanId", str)
RereadId = NewType("RereadId", str)

MOST_NAME = 80
MOST_STRATA = 50
MOST_WORDS = 4_000
MOST_DAYS = 3_653
"""A plan is in force for ten years at most: as long is the chain of its seeds."""


class AlreadyTaken(Conflict):
    """Somebody else was first, or the reread is past that."""

    code = "already-taken"


class ReadingIncomplete(Invalid):
    """The second reading lacks what its template requires, or contradicts itself."""

    code = "incomplete"


# Plans --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Strata:
    """Which signed cases a plan is about; all that is stated has to fit, and what is empty fits all."""

    templates: tuple[str, ...] = ()
    fields: tuple[Subspecialty, ...] = ()
    priorities: tuple[Priority, ...] = ()
    sites: tuple[str, ...] = ()
    """Codes of sites, with which numbers of cases begin."""
    readers: tuple[str, ...] = ()
    """Ids of those who signed."""

    def fit(self, signed: "Signed") -> bool:
        """Whether a signed case is among them."""
        stated = (
            (self.templates, signed.template_id),
            (self.fields, signed.field),
            (self.priorities, signed.priority),
            (self.sites, signed.site),
            (self.readers, signed.signer_id),
        )
        return all(not wanted or one in wanted for wanted, one in stated)


@dataclass(frozen=True, slots=True)
class Signed:
    """A case as it was signed for the first time."""

    case_id: CaseId
    organisation_id: OrganisationId
    number: str
    version: int
    template_id: str
    """Empty for a report in free text alone."""
    template_digest: str
    field: Subspecialty
    priority: Priority
    patient_id: PatientId | None
    signer_id: PersonId
    signer_name: str
    involved: frozenset[str]
    signed_at: datetime

    @property
    def site(self) -> str:
        return self.number.partition("-")[0]


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """A plan as a quality manager sets it."""

    name: str
    share: float
    """Of 1."""
    strata: Strata = Strata()
    by_person: bool = True
    by_model: str = ""
    """Name of the model that reads, too; empty for none. A model of this node has the name `id`, or
    `id version` for one version of it; any other name is that of a program, which hands in what it reads."""


def check_plan(asked: PlanAsked) -> None:
    """Raise Invalid unless somebody can be drawn by it and somebody reads."""
    if not asked.name.strip() or len(asked.name) > MOST_NAME:
        raise Invalid("A plan has a name of at most {most} characters.", most=MOST_NAME)
    if not 0 < asked.share <= 1:
        raise Invalid("A share is more than 0 and at most 100 %.")
    if not (asked.by_person or asked.by_model.strip()):
        raise Invalid("Say who reads the second time: a person, a model or both.")
    strata = asked.strata
    if max(map(len, (strata.templates, strata.sites, strata.readers))) > MOST_STRATA:
        raise Invalid("A plan names at most {most} of a kind.", most=MOST_STRATA)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read again from which day on; never changed but for its end."""

    id: PlanId
    organisation_id: OrganisationId
    name: str
    share: float
    strata: Strata
    by_person: bool
    by_model: str
    anchor: str
    """SHA-256 at the end of the chain of its seeds, in hexadecimal: in the log since before its first day."""
    first_day: date
    last_day: date | None
    """None as long as nobody ended it."""
    made_by_name: str
    made_at: datetime

    def is_in_force(self, day: date) -> bool:
        """Whether cases signed on a day are drawn by it."""
        within = (day - self.first_day).days < MOST_DAYS
        return self.first_day <= day and within and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True, slots=True)
class Lot:
    """What became of one signed case of a plan's strata."""

    plan_id: PlanId
    case_id: CaseId
    case_number: str
    day: date
    lot: float
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """All by which anybody can draw the cases of a day again."""

    plan: Plan
    day: date
    seed: str
    """In hexadecimal. Hashed `steps` times by SHA-256 it is the anchor of the plan."""
    steps: int
    lots: tuple[Lot, ...]
    """Of all signed cases of its strata that day."""


# Rereads ------------------------------------------------------------------------------------------------


class State(StrEnum):
    """How far a reread is."""

    WAITING = "waiting"
    """For a second reading."""
    READING = "reading"
    """A person reads."""
    AGREED = "agreed"
    """Nothing that rules call grave was answered otherwise."""
    DISPUTED = "disputed"
    """It waits for an arbiter."""
    ARBITRATION = "arbitration"
    DECIDED = "decided"
    VOID = "void"
    """Given up, with a reason."""


OPEN = (State.WAITING, State.READING, State.DISPUTED, State.ARBITRATION)
COMPLETED = (State.AGREED, State.DECIDED)
"""These count in rates."""


class Gravity(StrEnum):
    """How much a difference matters to the patient."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"

    @property
    def rank(self) -> int:
        return list(Gravity).index(self)


class Standing(StrEnum):
    """Which reading an arbiter found right."""

    FIRST = "first"
    SECOND = "second"
    NEITHER = "neither"


class Defect(StrEnum):
    """What kind of defect the first report had (Meier et al., Am J Clin Pathol 2008;130:238)."""

    NONE = "none"
    MISINTERPRETATION = "misinterpretation"
    MISIDENTIFICATION = "misidentification"
    """Another patient, site or side."""
    SPECIMEN = "specimen"
    """Lost, too little, or not representative."""
    REPORT = "report"
    """What was seen is right, and said wrongly or not at all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an arbiter decided."""

    standing: Standing
    gravity: Gravity
    defect: Defect
    words: str = ""
    """Why. Personal: sealed at rest."""


def check_verdict(verdict: Verdict) -> None:
    """Raise Invalid where a verdict contradicts itself."""
    upholds = verdict.standing is Standing.FIRST
    if upholds != (verdict.defect is Defect.NONE) or (upholds and verdict.gravity is not Gravity.NONE):
        raise Invalid("A first report that stands has no defect; one that does not stand has one.")
    if not verdict.words.strip():
        raise Invalid("This needs a reason.")
    if len(verdict.words) > MOST_WORDS:
        raise Invalid("At most {most} characters can be said here.", most=MOST_WORDS)


class ReaderKind(StrEnum):
    """Who gave a second reading."""

    PERSON = "person"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Answers:
    """A second reading as it is given: answers to the template of the first report."""

    values: Mapping[str, Value]
    words: str = ""
    """The diagnosis in free text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A second reading."""

    id: str
    reread_id: RereadId
    kind: ReaderKind
    name: str
    """Of the reader, or of the model."""
    version: str
    """Of the model."""
    answers: Answers | None
    """None where the patient was erased."""
    gravity: Gravity
    at: datetime


@dataclass(frozen=True, slots=True)
class Reread:
    """A signed case that is read a second time."""

    id: RereadId
    plan_id: PlanId
    signed: Signed
    state: State
    by_person: bool
    by_model: str
    gravity: Gravity | None
    """The gravest difference, once there are all second readings; what the arbiter says, once decided."""
    reader_id: PersonId | None
    """Who has it now: the second reader, or the arbiter."""
    standing: Standing | None
    defect: Defect | None
    decided_by_name: str | None
    drawn_at: datetime
    changed_at: datetime

    @property
    def offers_amendment(self) -> bool:
        """Whether the first report was found not to stand: whoever signs may amend it."""
        return self.standing in (Standing.SECOND, Standing.NEITHER)


@dataclass(frozen=True, slots=True)
class RereadAwaitsModel(Event):
    """A case was drawn that a model reads a second time."""

    reread_id: RereadId
    organisation_id: OrganisationId
    case_id: CaseId
    by_model: str


@dataclass(frozen=True, slots=True)
class Difference:
    """An element that two readings answer otherwise."""

    element: str
    label_en: str
    label_zh: str
    first: tuple[str, str] | None
    """In English and Chinese; None where it was not answered."""
    second: tuple[str, str] | None
    gravity: Gravity


class Board(StrEnum):
    """Lists that people work from."""

    TODAY = "today"
    """Drawn today."""
    TO_READ = "to_read"
    """Waiting for a reading that the actor may give, and what they read now."""
    TO_DECIDE = "to_decide"
    """The same of decisions."""
    OFFERED = "offered"
    """Reports of the actor that an arbiter found not to stand."""
    DONE = "done"
    ALL = "all"


class RateBy(StrEnum):
    """What rates are told by."""

    NOTHING = "nothing"
    SITE = "site"
    READER = "reader"
    TEMPLATE = "template"
    FIELD = "field"
    ORGAN = "organ"
    """Of the parts, as it was stated; a case with several counts for each."""
    MODEL = "model"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many rereads of a group differ, each share with its 95 % interval."""

    name: str
    count: int
    differing: int
    """Minor or major."""
    major: int
    low: float
    high: float
    """Of those that differ."""
    major_low: float
    major_high: float


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A month of the p-chart of major discrepancies."""

    month: str
    count: int
    major: int
    centre: float
    """Share expected from the months before; 0 for the first."""
    limit: int | None
    """From so many on it is no chance; None without months before."""
    is_alarm: bool
