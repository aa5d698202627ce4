"""Code tables of the profile, and the words that laboratories use for them.

The tables are data (`tables/*.toml`): codes that DICOM PS3.16 itself prints, own codes (99HEMALUM) where it
prints none, a name in English and Chinese, and words that mean the same. Licensed vocabularies are not
shipped.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

OWN_SCHEME = "99HEMALUM"
"""Codes of our own; PS3.3 section 8.2 leaves designators that begin with 99 to whoever needs one."""

_BETWEEN_STAINS = re.compile(r"[,;、，；+]|\s(?:and|und|et)\s")
_SIDES = re.compile(r"^(双侧|两侧|左侧|右侧|双|左|右|left|right|bilateral)[\s_,-]*(.+)$", re.IGNORECASE)
_SIDES_BEHIND = re.compile(
    r"^(.+?)[\s_,(（-]+(双侧|左侧|右侧|左|右|left|right|bilateral)[)）]?$", re.IGNORECASE
)
_ENDINGS = re.compile(r"(染色|切片|组织|标本|stain|staining|stained|tissue)$", re.IGNORECASE)


class Kind(StrEnum):
    """Elements that are codes, each with its table."""

    SITE = "site"
    LATERALITY = "laterality"
    COLLECTION = "collection"
    FIXATIVE = "fixative"
    EMBEDDING = "embedding"
    STAIN = "stain"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded value (PS3.3 section 8)."""

    scheme: str
    """Coding Scheme Designator, such as SCT, I10 or ICDO3."""
    value: str
    meaning: str = ""
    version: str = ""
    """Of the coding scheme, where it matters."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells codes apart; the meaning is for people."""
        return self.scheme, self.value


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a table."""

    kind: Kind
    id: str
    codes: tuple[Code, ...]
    """Of a stain its substances, of everything else one."""
    en: str
    zh: str
    words: tuple[str, ...] = ()
    """What laboratories write for it, besides its names."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a word stands for."""

    terms: tuple[Term, ...]
    laterality: Term | None = None
    """The side that the word names, too."""

    @property
    def codes(self) -> tuple[Code, ...]:
        """Each once, in the order of the terms."""
        return tuple({code.key: code for term in self.terms for code in term.codes}.values())


@cache
def terms_of(kind: Kind) -> tuple[Term, ...]:
    """The table of an element, in its own order."""
    text = files("hemalum.formats.profile").joinpath(f"tables/{kind.value}.toml").read_text("utf-8")
    return tuple(
        Term(
            kind,
            row["id"],
            tuple(Code(*code) for code in row["codes"]),
            row["en"],
            row["zh"],
            tuple(row.get("words", ())),
        )
        for row in tomllib.loads(text)["term"]
    )


def find_term(kind: Kind, term_id: str) -> Term | None:
    """The entry with this id, if there is one."""
    return next((term for term in terms_of(kind) if term.id == term_id), None)


def find_by_codes(kind: Kind, codes: Iterable[Code]) -> Term | None:
    """The entry that stands for just these codes, if there is one."""
    wanted = {code.key for code in codes}
    return next((term for term in terms_of(kind) if {code.key for code in term.codes} == wanted), None)


def key_of(word: str) -> str:
    """The one form that words are compared in: letters and digits alone, whatever their width and case."""
    return "".join(one for one in unicodedata.normalize("NFKC", word).casefold() if one.isalnum())


@cache
def _shipped(kind: Kind) -> Mapping[str, Term]:
    return {
        key_of(word): term
        for term in terms_of(kind)
        for word in (term.en, term.zh, *term.words, *(() if len(term.codes) > 1 else _meaning(term)))
    }


def _meaning(term: Term) -> tuple[str, ...]:
    return tuple(code.meaning for code in term.codes)


@dataclass(frozen=True)
class Words:
    """What the words of one laboratory stand for: its own mappings first, then what is shipped."""

    own: Mapping[tuple[Kind, str], Term] = field(default_factory=dict)
    """By kind and `key_of` the word."""

    def find(self, kind: Kind, word: str) -> Found | None:
        """What a word stands for; None when nobody said so. Never a guess by likeness."""
        whole = self._find_one(kind, word)
        if whole is not None:
            return Found((whole,))
        if kind is Kind.SITE:
            return self._find_sided(word)
        pieces = [piece for piece in _BETWEEN_STAINS.split(word) if key_of(piece)]
        if kind is not Kind.STAIN or len(pieces) < 2:
            return None
        each = [self._find_one(kind, piece) for piece in pieces]
        known = tuple(term for term in each if term is not None)
        return Found(known) if len(known) == len(each) else None

    def _find_one(self, kind: Kind, word: str) -> Term | None:
        for form in (word, _ENDINGS.sub("", word.strip())):
            key = key_of(form)
            found = self.own.get((kind, key)) or _shipped(kind).get(key)
            if found is not None:
                return found
        return None

    def _find_sided(self, word: str) -> Found | None:
        for pattern, side, rest in ((_SIDES, 1, 2), (_SIDES_BEHIND, 2, 1)):
            match = pattern.match(word.strip())
            if match is None:
                continue
            site = self._find_one(Kind.SITE, match[rest])
            laterality = self._find_one(Kind.LATERALITY, match[side])
            if site is not None and laterality is not None:
                return Found((site,), laterality)
        return None
