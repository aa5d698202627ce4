"""What programs found, handed in for a draft, and what became of it."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from hemalum.capabilities.reports.checking import Doubt
from hemalum.capabilities.reports.drafting import Drafting, ShownFindings, Worded
from hemalum.capabilities.reports.drawing import Outcome
from hemalum.capabilities.reports.findings import (
    FORM,
    MOST_FINDINGS,
    MOST_SUPPORTS,
    Finding,
    FindingKind,
    Interval,
    Submission,
)
from hemalum.capabilities.reports.findings_store import Wording
from hemalum.capabilities.reports.model import Language, Section, Source, SourceKind
from hemalum.capabilities.reports.routes.answers import ReportSupport
from hemalum.capabilities.reports.routes.parts import Writer
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import kept_nowhere

router = APIRouter(tags=["reports"], dependencies=[Depends(kept_nowhere)])

Word = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_.:-]+$")]
Short = Annotated[str, Field(max_length=80)]


async def drafting_of(request: Request) -> Drafting:
    """The drafting of this node."""
    drafting: Drafting = request.app.state.drafting
    return drafting


Desk = Annotated[Drafting, Depends(drafting_of)]


# Questions ----------------------------------------------------------------------------------------------


class FindingModel(BaseModel):
    """The very model that found something."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=80)]
    version: Short = ""


class FindingInterval(BaseModel):
    """Between which numbers the value lies with 95 % confidence."""

    model_config = ConfigDict(extra="forbid")

    low: float
    high: float


class FindingAsked(BaseModel):
    """One thing that a model found, or would not say."""

    model_config = ConfigDict(extra="forbid")

    id: Word
    name: Word
    """What was looked for, as templates call it: `tumour_extent`, `mitotic_density`."""
    kind: FindingKind
    model: FindingModel
    number: float | None = None
    """Of a measurement or a count."""
    unit: Annotated[str, Field(max_length=10)] = ""
    """Of a measurement, in UCUM: mm, um, mm2, /mm2, % and so on."""
    interval: FindingInterval | None = None
    label: Short = ""
    """Of a class: the id of an answer of the template."""
    is_present: bool | None = None
    """Of presence."""
    probability: float | None = Field(default=None, ge=0, le=1)
    """Calibrated, that the label is right, or that presence or absence is."""
    has_abstained: bool = False
    """The model would not say; then nothing of the above is stated."""
    why: Annotated[str, Field(max_length=120)] = ""
    supports: list[ReportSupport] = Field(default=[], max_length=MOST_SUPPORTS)
    """Regions of slides, annotations and layers where it can be looked at."""

    def stated(self) -> Finding:
        interval = None if self.interval is None else Interval(self.interval.low, self.interval.high)
        return Finding(
            self.id,
            self.name,
            self.kind,
            Source(SourceKind.MODEL, self.model.name, self.model.version),
            self.number,
            self.unit,
            interval,
            self.label,
            self.is_present,
            self.probability,
            self.has_abstained,
            self.why,
            tuple(one.stated() for one in self.supports),
        )


class FindingsAsked(BaseModel):
    """Findings of one case, handed in together."""

    model_config = ConfigDict(extra="forbid")

    form: Literal[1] = FORM
    id: Word
    """Chosen by the program: the same once more changes nothing."""
    template: Short = ""
    """Id of the template; without it that of the report, or one that fits the specimen."""
    language: Language | None = None
    """Of the draft, where there is no report yet."""
    findings: list[FindingAsked] = Field(min_length=1, max_length=MOST_FINDINGS)

    def stated(self) -> Submission:
        stated = tuple(one.stated() for one in self.findings)
        return Submission(self.id, stated, self.template, self.language)


# Answers ------------------------------------------------------------------------------------------------


class FindingBecame(BaseModel):
    """What became of a finding in an element of the report."""

    finding: str
    element: str
    outcome: Outcome
    why: Sentence | None
    """Why the model would not say."""


class DraftSentence(BaseModel):
    """A sentence of the draft, as the template or a language model words it."""

    language: Language
    section: Section
    text: str
    original: str
    """As the template has it."""
    refused: str
    """What the language model had made of it, when that was refused."""
    doubt: Doubt | None
    """Why it was refused."""

    @classmethod
    def of(cls, one: Worded) -> Self:
        return cls(
            language=one.language,
            section=one.section,
            text=one.text,
            original=one.original,
            refused=one.refused,
            doubt=one.doubt,
        )


class FindingsShown(BaseModel):
    """Findings of a case, and the draft made of them."""

    id: str
    at: datetime
    author_name: str
    sha256: str
    version: int
    """Of the report, that holds what they answered."""
    models: list[str]
    wording: Wording
    writer: str
    """The language model that words the draft; empty where the template does."""
    worded_at: datetime | None
    failure: Sentence | None
    """Why the language model did not word the draft, where it was to."""
    became: list[FindingBecame]
    sentences: list[DraftSentence]
    """Empty, as all that they tell, where the patient was erased."""

    @classmethod
    def of(cls, shown: ShownFindings) -> Self:
        row, handed = shown.row, shown.handed
        models = () if handed is None else (one.model for one in handed.submission.findings)
        return cls(
            id=row.id,
            at=row.at,
            author_name=row.author_name,
            sha256=row.sha256,
            version=row.version,
            models=sorted({f"{one.name} {one.version}".strip() for one in models}),
            wording=row.wording,
            writer=row.writer,
            worded_at=row.worded_at,
            failure=None if handed is None else handed.unworded,
            became=[]
            if handed is None
            else [
                FindingBecame(finding=one.finding, element=one.element, outcome=one.outcome, why=one.why)
                for one in handed.became
            ],
            sentences=[] if handed is None else [DraftSentence.of(one) for one in handed.sentences],
        )


# Routes -------------------------------------------------------------------------------------------------


@router.post("/cases/{case_id}/findings", status_code=201)
def hand_in_findings(case_id: str, asked: FindingsAsked, actor: Writer, desk: Desk) -> FindingsShown:
    """Draw findings of models into the report as a draft; the same once more changes nothing."""
    return FindingsShown.of(desk.hand_in(actor, case_id, asked.stated()))


@router.get("/cases/{case_id}/findings")
def list_findings(case_id: str, actor: Writer, desk: Desk) -> list[FindingsShown]:
    """What programs found of a case, the newest first, and what became of it."""
    return [FindingsShown.of(one) for one in desk.list(actor, case_id)]


@router.post("/cases/{case_id}/findings/{submission_id}/cancel")
def cancel_draft_wording(case_id: str, submission_id: str, actor: Writer, desk: Desk) -> FindingsShown:
    """Call off the language model that is to word the draft."""
    return FindingsShown.of(desk.cancel(actor, case_id, submission_id))
