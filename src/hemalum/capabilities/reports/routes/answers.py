"""Reports in the words of the interface."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from hemalum.capabilities.access.model import Confirmation
from hemalum.capabilities.cases.model import CaseStatus
from hemalum.capabilities.reports import model, templates
from hemalum.capabilities.reports.conditions import Condition
from hemalum.capabilities.reports.differences import Difference, RunKind
from hemalum.capabilities.reports.filling import Problem, ProblemKind
from hemalum.capabilities.reports.model import (
    MOST_FIGURES,
    MOST_SECTION,
    MOST_STATEMENTS,
    MOST_VALUE,
    Amendment,
    Language,
    Section,
    SourceKind,
    Status,
    SupportKind,
)
from hemalum.capabilities.reports.rules import RULES
from hemalum.capabilities.reports.service import MOST_REASON
from hemalum.capabilities.reports.shelf import Shelved
from hemalum.capabilities.reports.showing import Checked, ShownReport
from hemalum.capabilities.reports.templates import ElementKind

Name = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=80)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Reason = Annotated[str, Field(max_length=MOST_REASON)]
ValueText = Annotated[str, Field(max_length=MOST_VALUE)]
type ReportValue = bool | float | ValueText | list[Id]
"""Yes or no, a number, the id of an option or a text, ids of options."""


class BilingualText(BaseModel):
    """The same in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, text: model.Text) -> Self:
        return cls(en=text.en, zh=text.zh)


# Templates ----------------------------------------------------------------------------------------------


class TemplateRow(BaseModel):
    """A template that a report can be filled into."""

    id: str
    version: int
    digest: str
    """Names this very text of the template."""
    label: BilingualText
    is_own: bool
    """Whether it is the laboratory's own."""

    @classmethod
    def of(cls, shelved: Shelved, template: templates.Template) -> Self:
        return cls(
            id=template.id,
            version=template.version,
            digest=template.digest,
            label=BilingualText.of(template.label),
            is_own=shelved.is_own,
        )


class TemplateCondition(BaseModel):
    """What has to be the case; all that is stated has to hold."""

    element: str
    one_of: list[str]
    none_of: list[str]
    is_yes: bool | None
    at_least: float | None
    below: float | None
    more_than: str
    is_stated: bool | None
    all: list["TemplateCondition"]
    any: list["TemplateCondition"]

    @classmethod
    def of(cls, condition: Condition | None) -> Self | None:
        if condition is None:
            return None
        return cls(
            element=condition.element,
            one_of=list(condition.one_of),
            none_of=list(condition.none_of),
            is_yes=condition.is_yes,
            at_least=condition.at_least,
            below=condition.below,
            more_than=condition.more_than,
            is_stated=condition.is_stated,
            all=[one for each in condition.all if (one := cls.of(each))],
            any=[one for each in condition.any if (one := cls.of(each))],
        )


class TemplateOption(BaseModel):
    """One answer that can be chosen."""

    id: str
    label: BilingualText
    code: str


class TemplateElement(BaseModel):
    """One thing that a report states."""

    id: str
    kind: ElementKind
    label: BilingualText
    options: list[TemplateOption]
    unit: str
    minimum: float | None
    maximum: float | None
    required: bool
    required_when: TemplateCondition | None
    shown_when: TemplateCondition | None
    computed_from: list[str]
    """Ids of the elements that it follows from; empty for what people answer."""
    source: str | None
    """Where the rule was published that computes it, or its options or limits."""
    is_unverified: bool
    """Whether nobody held them against that publication yet."""

    @classmethod
    def of(cls, element: templates.Element) -> Self:
        computed = element.computed
        return cls(
            id=element.id,
            kind=element.kind,
            label=BilingualText.of(element.label),
            options=[
                TemplateOption(id=one.id, label=BilingualText.of(one.label), code=one.code)
                for one in element.options
            ],
            unit=element.unit,
            minimum=element.minimum,
            maximum=element.maximum,
            required=element.required,
            required_when=TemplateCondition.of(element.required_when),
            shown_when=TemplateCondition.of(element.shown_when),
            computed_from=[] if computed is None else list(computed.inputs),
            source=(element.source or None) if computed is None else RULES[computed.rule].source,
            is_unverified=element.unverified,
        )


class TemplateShown(BaseModel):
    """A template with all that it asks."""

    id: str
    version: int
    digest: str
    label: BilingualText
    elements: list[TemplateElement]

    @classmethod
    def of(cls, template: templates.Template) -> Self:
        return cls(
            id=template.id,
            version=template.version,
            digest=template.digest,
            label=BilingualText.of(template.label),
            elements=[TemplateElement.of(one) for one in template.elements],
        )


# Contents -----------------------------------------------------------------------------------------------


class ReportTemplateRef(BaseModel):
    """The template that a content is filled into; without a digest, the newest of its id."""

    id: Id
    version: int = 0
    digest: str = Field(default="", max_length=64)

    @classmethod
    def of(cls, ref: model.TemplateRef) -> Self:
        return cls(id=ref.id, version=ref.version, digest=ref.digest)


class ReportSource(BaseModel):
    """Who or what words come from."""

    kind: SourceKind = SourceKind.PERSON
    name: Name = ""
    """Of a model or template."""
    version: Name = ""

    @classmethod
    def of(cls, source: model.Source) -> Self:
        return cls(kind=source.kind, name=source.name, version=source.version)

    def stated(self) -> model.Source:
        return model.Source(self.kind, self.name, self.version)


class ReportRegion(BaseModel):
    """A rectangle of a slide, from its upper left corner."""

    x_um: float
    y_um: float
    width_um: float = Field(gt=0)
    height_um: float = Field(gt=0)

    @classmethod
    def of(cls, region: model.Region) -> Self:
        return cls(x_um=region.x_um, y_um=region.y_um, width_um=region.width_um, height_um=region.height_um)

    def stated(self) -> model.Region:
        return model.Region(self.x_um, self.y_um, self.width_um, self.height_um)


class ReportFigure(BaseModel):
    """A region of a slide that is printed with the report."""

    image_id: Id
    region: ReportRegion
    caption: Name = ""

    @classmethod
    def of(cls, figure: model.Figure) -> Self:
        region = ReportRegion.of(figure.region)
        return cls(image_id=figure.image_id, region=region, caption=figure.caption)


class ReportPhotograph(BaseModel):
    """A photograph of the specimen that is printed with the report. All but the caption is stated by the
    node when a version is written; what comes in is not looked at."""

    photograph_id: Id
    caption: Name = ""
    identifier: Name = ""
    """Of the piece that it shows."""
    sha256: Name = ""
    width_px: int = 0
    height_px: int = 0
    um_per_px: float | None = None
    """Null where nobody stated a scale."""

    @classmethod
    def of(cls, figure: model.SpecimenFigure) -> Self:
        return cls(
            photograph_id=figure.photograph_id,
            caption=figure.caption,
            identifier=figure.identifier,
            sha256=figure.sha256,
            width_px=figure.width_px,
            height_px=figure.height_px,
            um_per_px=figure.um_per_px,
        )


class ReportSupport(BaseModel):
    """One thing that supports a statement and can be looked at."""

    kind: SupportKind
    reference: Name = ""
    """Its id, such as that of an annotation or layer."""
    image_id: Id | None = None
    region: ReportRegion | None = None
    said: Name = ""
    """What it tells, such as a measured value with its unit."""

    @classmethod
    def of(cls, support: model.Support) -> Self:
        region = None if support.region is None else ReportRegion.of(support.region)
        return cls(
            kind=support.kind,
            reference=support.reference,
            image_id=support.image_id,
            region=region,
            said=support.said,
        )

    def stated(self) -> model.Support:
        region = None if self.region is None else self.region.stated()
        return model.Support(self.kind, self.reference, self.image_id, region, self.said)


class ReportStatement(BaseModel):
    """Where an answer or a section's words come from, and what supports them."""

    subject: Id
    """`element/<id>` or `section/<name>`."""
    source: ReportSource = ReportSource()
    certainty: float | None = Field(default=None, ge=0, le=1)
    is_accepted: bool = False
    """Whether a person took it on."""
    supports: list[ReportSupport] = Field(default=[], max_length=50)

    @classmethod
    def of(cls, statement: model.Statement) -> Self:
        return cls(
            subject=statement.subject,
            source=ReportSource.of(statement.source),
            certainty=statement.certainty,
            is_accepted=statement.is_accepted,
            supports=[ReportSupport.of(one) for one in statement.supports],
        )

    def stated(self) -> model.Statement:
        supports = tuple(one.stated() for one in self.supports)
        return model.Statement(self.subject, self.source.stated(), self.certainty, self.is_accepted, supports)


class ReportContent(BaseModel):
    """What a version of a report says."""

    template: ReportTemplateRef | None = None
    values: dict[Id, ReportValue] = Field(default={}, max_length=200)
    """By element."""
    sections: dict[Section, Annotated[str, Field(max_length=MOST_SECTION)]] = {}
    figures: list[ReportFigure] = Field(default=[], max_length=MOST_FIGURES)
    statements: list[ReportStatement] = Field(default=[], max_length=MOST_STATEMENTS)
    photographs: list[ReportPhotograph] = Field(default=[], max_length=MOST_FIGURES)
    """Of the specimen; they stand before the regions of slides."""

    @classmethod
    def of(cls, content: model.Content) -> Self:
        ref = content.template
        return cls(
            template=None if ref is None else ReportTemplateRef.of(ref),
            values={
                name: list(value) if isinstance(value, tuple) else value
                for name, value in content.values.items()
            },
            sections=dict(content.sections),
            figures=[ReportFigure.of(one) for one in content.figures],
            statements=[ReportStatement.of(one) for one in content.statements],
            photographs=[ReportPhotograph.of(one) for one in content.photographs],
        )

    def stated(self) -> model.Content:
        ref = self.template
        return model.Content(
            None if ref is None else model.TemplateRef(ref.id, ref.version, ref.digest),
            {name: tuple(value) if isinstance(value, list) else value for name, value in self.values.items()},
            dict(self.sections),
            tuple(model.Figure(one.image_id, one.region.stated(), one.caption) for one in self.figures),
            tuple(one.stated() for one in self.statements),
            tuple(model.SpecimenFigure(one.photograph_id, one.caption) for one in self.photographs),
        )


class ReportProblem(BaseModel):
    """One thing that has to be stated or put right before a signature."""

    kind: ProblemKind
    subject: str
    """`element/<id>` or `section/<name>`; empty where answers contradict each other."""
    text: BilingualText

    @classmethod
    def of(cls, problem: Problem) -> Self:
        return cls(kind=problem.kind, subject=problem.subject, text=BilingualText.of(problem.text))


class ReportCheck(BaseModel):
    """What a content amounts to."""

    values: dict[str, bool | float | str | list[str]]
    """As they are kept: with what follows by rules, without what is not asked."""
    shown: list[str]
    """Elements that are asked, in their order."""
    required: list[str]
    problems: list[ReportProblem]
    composed: dict[Language, dict[Section, str]]
    """What the template's own sentences say of the answers."""
    foreign_images: list[str]
    """Slides of its figures that are none of the case, or not any more: they are not to be shown."""

    @classmethod
    def of(cls, checked: Checked) -> Self:
        return cls(
            values=dict(ReportContent.of(checked.content).values),
            shown=list(checked.filled.shown),
            required=list(checked.filled.required),
            problems=[ReportProblem.of(one) for one in checked.filled.problems],
            composed={language: dict(said) for language, said in checked.composed.items()},
            foreign_images=sorted(checked.foreign_images),
        )


# Versions -----------------------------------------------------------------------------------------------


class ReportVersionRow(BaseModel):
    """One version, without what it says."""

    number: int
    status: Status
    amends: Amendment | None
    """What it becomes by being signed, when the report was signed before."""
    source: ReportSource
    author_id: str
    author_name: str
    at: datetime
    reason: str
    language: Language
    sha256: str
    previous_sha256: str | None

    @classmethod
    def of(cls, version: model.Version) -> Self:
        return cls(**_columns(version))


class ReportVersionShown(ReportVersionRow):
    """One version with what it says."""

    content: ReportContent | None
    """Null where the patient was erased."""

    @classmethod
    def of(cls, version: model.Version) -> Self:
        content = None if version.content is None else ReportContent.of(version.content)
        return cls(**_columns(version), content=content)


def _columns(version: model.Version) -> dict[str, Any]:
    names = ("number", "status", "amends", "author_id", "author_name", "at", "reason", "language")
    plain: dict[str, Any] = {name: getattr(version, name) for name in names}
    return plain | {
        "source": ReportSource.of(version.source),
        "sha256": version.sha256,
        "previous_sha256": version.previous_sha256,
    }


class ReportCosignature(BaseModel):
    """A second pathologist's agreement with a signed version."""

    number: int
    person_id: str
    person_name: str
    at: datetime
    sha256: str

    @classmethod
    def of(cls, signature: model.Cosignature) -> Self:
        return cls(
            number=signature.number,
            person_id=signature.person_id,
            person_name=signature.person_name,
            at=signature.at,
            sha256=signature.sha256,
        )


class ReportMay(BaseModel):
    """What one may do with the report as it is now."""

    edit: bool
    preliminary: bool
    sign: bool
    amend: bool
    withdraw: bool
    """Give up an amendment that is not signed yet."""
    cosign: bool
    confirmation: Confirmation
    """What a signature asks: the password, a fresh sign-in, nothing (demo), or that it cannot be given."""


class ReportShown(BaseModel):
    """The report of a case."""

    case_id: str
    case_status: CaseStatus
    suggested_templates: list[str]
    """Ids of those that fit what came in, the most fitting first."""
    versions: list[ReportVersionRow]
    """Oldest first."""
    current: ReportVersionShown | None
    """The newest, with what it says."""
    template: TemplateShown | None
    """That the current version was filled into, as it was then."""
    check: ReportCheck | None
    """Of the current version."""
    cosignatures: list[ReportCosignature]
    may: ReportMay

    @classmethod
    def of(cls, shown: ShownReport) -> Self:
        may = shown.may
        return cls(
            case_id=shown.case.id,
            case_status=shown.case.status,
            suggested_templates=list(shown.suggested),
            versions=[ReportVersionRow.of(one) for one in shown.versions],
            current=None if shown.current is None else ReportVersionShown.of(shown.current),
            template=None if shown.template is None else TemplateShown.of(shown.template),
            check=None if shown.checked is None else ReportCheck.of(shown.checked),
            cosignatures=[ReportCosignature.of(one) for one in shown.cosignatures],
            may=ReportMay(
                edit=may.edit,
                preliminary=may.preliminary,
                sign=may.sign,
                amend=may.amend,
                withdraw=may.withdraw,
                cosign=may.cosign,
                confirmation=may.confirmation,
            ),
        )


class TextRun(BaseModel):
    """A piece of text that is in both versions, in the earlier alone, or in the later alone."""

    kind: RunKind
    text: str


class AnswerDifference(BaseModel):
    """An element that is answered otherwise; null where it is not answered."""

    element: str
    label: BilingualText
    before: BilingualText | None
    after: BilingualText | None


class SectionDifference(BaseModel):
    """A section whose words are others."""

    section: Section
    runs: list[TextRun]


class ReportDifference(BaseModel):
    """All that two versions say otherwise."""

    answers: list[AnswerDifference]
    sections: list[SectionDifference]
    figures_removed: list[ReportFigure]
    figures_added: list[ReportFigure]
    photographs_removed: list[ReportPhotograph]
    photographs_added: list[ReportPhotograph]

    @classmethod
    def of(cls, difference: Difference) -> Self:
        return cls(
            answers=[
                AnswerDifference(
                    element=one.element,
                    label=BilingualText.of(one.label),
                    before=None if one.before is None else BilingualText.of(one.before),
                    after=None if one.after is None else BilingualText.of(one.after),
                )
                for one in difference.answers
            ],
            sections=[
                SectionDifference(
                    section=one.section,
                    runs=[TextRun(kind=run.kind, text=run.text) for run in one.runs],
                )
                for one in difference.sections
            ],
            figures_removed=[ReportFigure.of(one) for one in difference.figures_removed],
            figures_added=[ReportFigure.of(one) for one in difference.figures_added],
            photographs_removed=[ReportPhotograph.of(one) for one in difference.photographs_removed],
            photographs_added=[ReportPhotograph.of(one) for one in difference.photographs_added],
        )
