"""Mappings of words, verdicts on slides, and what a hospital sees of them. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hemalum.formats.profile.judging import Level, Verdict
from hemalum.formats.profile.terms import Kind, Term, find_term, key_of
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence

VIEW = "conformity.view"
MANAGE = "conformity.manage"
"""To say what words stand for."""

MOST_WORD = 500
MOST_LINES = 20_000
"""Of a file of mappings."""
PERSONAL = frozenset({"history", "diagnoses"})
"""Elements of which nothing is kept beside a slide but whether they conform."""


class MappedMeanwhile(Conflict):
    """Somebody else said meanwhile what the word stands for. Nothing was done."""

    code = "changed-meanwhile"


@dataclass(frozen=True, slots=True)
class WordMapping:
    """What a word of an organisation stands for, since when and by whom; never changed, only ended."""

    number: int
    organisation_id: OrganisationId
    kind: Kind
    word: str
    term: Term
    by: PersonId
    by_name: str
    at: datetime
    ended_at: datetime | None = None
    ended_by_name: str | None = None


@dataclass(frozen=True, slots=True)
class SlideVerdict:
    """How far the metadata of a slide conform."""

    image_id: ImageId
    level: Level
    judged_at: datetime
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word that nobody has mapped, with how many slides have it."""

    kind: Kind
    word: str
    slides: int
    level: Level


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mapping would change."""

    slides: int
    """That have the word."""
    let_go: int
    """Of these, that nothing else holds back."""


@dataclass(frozen=True, slots=True)
class ConformityReport:
    """How far the metadata of an organisation's slides conform."""

    slides: Mapping[Level, int]
    """By their worst element."""
    elements: Mapping[str, Mapping[Level, int]]
    months: Mapping[str, Mapping[Level, int]]
    """Slides by the month (of the node's zone) in which they were taken in, such as 2026-05; oldest first."""


def check_mapping(kind: Kind, word: str, term_id: str) -> Term:
    """The term that a word is to stand for.

    Raises:
        Invalid: there is no such term, or the word has no letter or digit, is too long, or no plain text.
    """
    if not key_of(word) or len(word) > MOST_WORD or not word.isprintable():
        raise Invalid("A word has a letter or a digit, and at most {most} characters.", most=MOST_WORD)
    term = find_term(kind, term_id)
    if term is None:
        raise Invalid("The profile has no {kind} that is called {term}.", kind=kind.value, term=term_id)
    return term


def without_personal(verdict: Verdict) -> Verdict:
    """A verdict as it is kept beside a slide, where nothing of the patient stands."""
    if verdict.element not in PERSONAL or verdict.level is Level.CONFORMING:
        return verdict
    sentence = Sentence("What the case says does not conform; look at its request and its report.")
    return Verdict(verdict.element, verdict.level, sentence, verdict.pointer)
