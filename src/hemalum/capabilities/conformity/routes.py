"""Conformity over HTTP: how it stands, what words stand for, and what is known of one slide."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.conformity import spreadsheet
from hemalum.capabilities.conformity.model import MANAGE, MOST_WORD, VIEW, WordMapping
from hemalum.capabilities.conformity.service import Conformity
from hemalum.formats.profile.judging import RULES, Level, Verdict
from hemalum.formats.profile.record import to_json
from hemalum.formats.profile.terms import Code, Kind, Term, terms_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import KEPT_NOWHERE, kept_nowhere, require

VIEW_SLIDE = "slides.view"
_MOST_FILE = 4 << 20


async def _conformity_of(request: Request) -> Conformity:
    conformity: Conformity = request.app.state.conformity
    return conformity


router = APIRouter(tags=["conformity"], dependencies=[Depends(kept_nowhere)])

Viewer = Annotated[Actor, Depends(require(VIEW))]
Manager = Annotated[Actor, Depends(require(MANAGE))]
SlideViewer = Annotated[Actor, Depends(require(VIEW_SLIDE))]
Desk = Annotated[Conformity, Depends(_conformity_of)]
Word = Annotated[str, Field(min_length=1, max_length=MOST_WORD)]


class LevelCounts(BaseModel):
    """How many slides are how."""

    name: str
    refused: int
    warned: int
    mapped: int
    conforming: int


class ConformityShown(BaseModel):
    """How far the metadata of an organisation's slides conform."""

    slides: LevelCounts
    """By their worst element."""
    elements: list[LevelCounts]
    """In the order of the profile."""
    months: list[LevelCounts]
    """By when slides were taken in, oldest first."""


class TermShown(BaseModel):
    """An entry of a code table."""

    kind: Kind
    id: str
    en: str
    zh: str
    codes: list[Code]


class UnknownWordShown(BaseModel):
    """A word that nobody mapped."""

    kind: Kind
    word: str
    slides: int
    level: Level


class MappingShown(BaseModel):
    """What a word stands for."""

    number: int
    word: str
    term: TermShown
    by: str
    at: datetime
    ended_at: datetime | None
    ended_by: str | None


class MappingAsked(BaseModel):
    """What a word is to stand for."""

    kind: Kind
    word: Word
    term: str = Field(max_length=40)
    replaces: int | None = None
    """The number of the mapping that is known to be there."""


class WordAsked(BaseModel):
    """A word of a laboratory."""

    kind: Kind
    word: Word


class PreviewShown(BaseModel):
    """What a mapping would change."""

    slides: int
    let_go: int


class MappingsFile(BaseModel):
    """Mappings as `words.csv` gives them."""

    content: str = Field(max_length=_MOST_FILE)


class MappingsTaken(BaseModel):
    """What became of a file of mappings."""

    changed: int


class ElementVerdict(BaseModel):
    """What one element of a record is."""

    element: str
    level: Level
    said: Sentence
    """In a form that can be said in another language."""
    message: str
    pointer: str
    word: str
    source: str
    """Where the rule comes from."""


class SlideConformity(BaseModel):
    """How far the metadata of a slide conform."""

    level: Level | None
    """Null where it was not judged yet."""
    judged_at: datetime | None
    verdicts: list[ElementVerdict]


class SlideWith(BaseModel):
    """A slide of a list."""

    id: str
    name: str
    organ: str | None
    stain: str | None
    created_at: datetime


@router.get("/report")
def show_report(actor: Viewer, desk: Desk) -> ConformityShown:
    """How far the metadata of the organisation's slides conform."""
    found = desk.report(actor)
    return ConformityShown(
        slides=_counts("slides", found.slides),
        elements=[_counts(rule.element, found.elements.get(rule.element, {})) for rule in RULES],
        months=[_counts(month, counts) for month, counts in found.months.items()],
    )


@router.get("/report.csv", response_class=Response)
def send_report(actor: Viewer, desk: Desk) -> Response:
    """The same for spreadsheets."""
    return _csv(spreadsheet.write_report(desk.report(actor)), "conformity.csv")


@router.get("/terms")
def list_terms(_actor: Viewer) -> list[TermShown]:
    """All code tables of the profile."""
    return [_term(term) for kind in Kind for term in terms_of(kind)]


@router.get("/words/unknown")
def list_unknown_words(actor: Viewer, desk: Desk) -> list[UnknownWordShown]:
    """Words that nobody mapped, those of most slides first."""
    return [
        UnknownWordShown(kind=each.kind, word=each.word, slides=each.slides, level=each.level)
        for each in desk.list_unknown_words(actor)
    ]


@router.get("/words")
def list_mappings(actor: Viewer, desk: Desk, with_ended: bool = False) -> list[MappingShown]:
    """What the words of the organisation stand for, newest first; with those that ended, its history."""
    return [_mapping(each) for each in desk.list_mappings(actor, with_ended=with_ended)]


@router.get("/words.csv", response_class=Response)
def send_mappings(actor: Viewer, desk: Desk) -> Response:
    """The same for spreadsheets, and for another laboratory."""
    return _csv(spreadsheet.write_mappings(desk.list_mappings(actor)), "words.csv")


@router.post("/words.csv")
def take_mappings(asked: MappingsFile, actor: Manager, desk: Desk) -> MappingsTaken:
    """Take over the mappings of a file, all or none."""
    return MappingsTaken(changed=desk.take_mappings(actor, asked.content.encode()))


@router.post("/words/preview")
def preview_mapping(asked: MappingAsked, actor: Manager, desk: Desk) -> PreviewShown:
    """What a mapping would change."""
    found = desk.preview(actor, asked.kind, asked.word, asked.term)
    return PreviewShown(slides=found.slides, let_go=found.let_go)


@router.post("/words")
def map_word(asked: MappingAsked, actor: Manager, desk: Desk) -> MappingShown:
    """Say what a word stands for; its slides are judged anew."""
    return _mapping(desk.map_word(actor, asked.kind, asked.word, asked.term, asked.replaces))


@router.post("/words/end", status_code=204)
def unmap_word(asked: WordAsked, actor: Manager, desk: Desk) -> None:
    """Say that a word stands for nothing any more but what is shipped."""
    desk.unmap_word(actor, asked.kind, asked.word)


@router.get("/slides")
def list_slides(
    actor: Viewer,
    desk: Desk,
    level: Level,
    element: Annotated[str | None, Query(max_length=20, pattern="^[a-z_]+$")] = None,
    word: Annotated[str, Query(max_length=MOST_WORD)] = "",
) -> list[SlideWith]:
    """Slides of which an element is so, or the worst of all; those of the newest month first, 200 at most."""
    return [
        SlideWith(id=each.id, name=each.name, organ=each.organ, stain=each.stain, created_at=each.created_at)
        for each in desk.list_slides(actor, element, level, word)
    ]


@router.get("/images/{image_id}")
def show_slide(image_id: str, actor: SlideViewer, desk: Desk) -> SlideConformity:
    """How far the metadata of a slide conform, element by element."""
    found = desk.show_verdict(actor, image_id)
    return SlideConformity(
        level=None if found is None else found.level,
        judged_at=None if found is None else found.judged_at,
        verdicts=[] if found is None else [_verdict(one) for one in found.verdicts],
    )


@router.get("/images/{image_id}/record", response_class=Response)
def send_record(image_id: str, actor: SlideViewer, desk: Desk) -> Response:
    """The record of a slide as canonical JSON (docs/reference/metadata-profile.md)."""
    content = to_json(desk.record_of(actor, image_id))
    return Response(content, media_type="application/json", headers=KEPT_NOWHERE)


def _counts(name: str, counts: Mapping[Level, int]) -> LevelCounts:
    return LevelCounts(name=name, **{level.value: counts.get(level, 0) for level in Level})


def _term(term: Term) -> TermShown:
    return TermShown(kind=term.kind, id=term.id, en=term.en, zh=term.zh, codes=list(term.codes))


def _mapping(mapping: WordMapping) -> MappingShown:
    return MappingShown(
        number=mapping.number,
        word=mapping.word,
        term=_term(mapping.term),
        by=mapping.by_name,
        at=mapping.at,
        ended_at=mapping.ended_at,
        ended_by=mapping.ended_by_name,
    )


_SOURCES = {rule.element: rule.source for rule in RULES}


def _verdict(one: Verdict) -> ElementVerdict:
    return ElementVerdict(
        element=one.element,
        level=one.level,
        said=one.sentence,
        message=str(one.sentence),
        pointer=one.pointer,
        word=one.word,
        source=_SOURCES.get(one.element, ""),
    )


def _csv(content: str, name: str) -> Response:
    headers = KEPT_NOWHERE | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
