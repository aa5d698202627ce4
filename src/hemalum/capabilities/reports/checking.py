"""Whether a rewritten sentence says what that of the grammar says: no fact more, none less, none other.

A language model may change only what carries no fact: articles, a few prepositions, forms of `to be`, words
like *measuring* or *shows*, commas and colons. Every other word, number, unit and sign has to stand there as
often and in the same order. Whatever is not in the short list of such words is a fact, so the vocabulary is
closed without a dictionary; a negation, side, grade, organ or number that comes, goes or moves is seen.
"""

import re
import unicodedata
from enum import StrEnum
from itertools import pairwise, zip_longest

from hemalum.capabilities.reports.model import Language

_MOST_LONGER = 2
"""A sentence is at most so many times as long as the one it was made from, and a little."""
_A_LITTLE = 40


class Doubt(StrEnum):
    """Why a sentence is refused."""

    FORM = "form"
    """It is none, is more than one, or is far longer."""
    NUMBER = "number"
    """A number or its unit was added, left out, changed or moved."""
    NEGATION = "negation"
    SIDE = "side"
    GRADE = "grade"
    WORD = "word"
    """Any other word that is not in the sentence of the grammar, or is not where it was."""
    MISSING = "missing"


_EMPTY = {
    Language.EN: frozenset(
        re.findall(
            r"\w+",
            "a an the is are was were be been has have of in with and it its there which "
            "seen found identified shows showing measures measuring measured",
        )
    ),
    Language.ZH: frozenset(
        ("显示", "测得", "并且", "以及", "的", "为", "是", "其", "系", "并", "且", "及", "和", "与", "在")
    ),
}
"""Words that carry no fact. What negates, limits, doubts or orders is not among them."""
_SAME = {"tumor": "tumour", "tumors": "tumours", "estrogen": "oestrogen", "gray": "grey"}
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)*|[A-Za-zÀ-ɏͰ-Ͽ]+|{'|'.join(sorted(_EMPTY[Language.ZH], key=len, reverse=True))}|\S"
)
"""A number, a word of an alphabet, a Chinese word that carries no fact, or any other character by itself."""
_PAUSES = frozenset(",:.。、")
_NEGATION = re.compile(
    "no|not|none|without|never|absent|absence|neither|nor|free|negative|lost|[未无不没非否阴]"
)
_SIDE = re.compile("left|right|bilateral|upper|lower|middle|proximal|distal|[左右双侧上下近远]")
_GRADE = re.compile(
    "low|high|intermediate|mild|moderate|severe|marked|well|moderately|poorly|undifferentiated|grade|pattern|"
    "group|score|i{1,3}|iv|[低高中轻重级分组度]"
)


def doubt_about(rewritten: str, original: str, language: Language) -> Doubt | None:
    """Why a sentence must not stand for the one it was made from; None when it may."""
    said, meant = _plain(rewritten), _plain(original)
    if not said or len(said) > _MOST_LONGER * len(meant) + _A_LITTLE or _sentences(said) > _sentences(meant):
        return Doubt.FORM
    if any(unicodedata.category(one).startswith("C") for one in said):
        return Doubt.FORM
    for there, expected in zip_longest(_facts(said, language), _facts(meant, language)):
        if there != expected:
            return _named(there, expected)
    if _pauses_after_negation(said) > _pauses_after_negation(meant):
        return Doubt.NEGATION
    return None


def _plain(text: str) -> str:
    """Text with full-width letters, digits and signs as plain ones; what NFKC would do to mm² is not done."""
    wide = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    return unicodedata.normalize("NFC", text).translate(wide).strip()


def _sentences(text: str) -> int:
    return len(re.findall(r"[。!?]|\.(?=\s|$)", text))


def _tokens(text: str) -> list[str]:
    return [_SAME.get(one, one) for one in _TOKEN.findall(text.lower())]


def _facts(text: str, language: Language) -> list[str]:
    """All that may not change, in its order. Between two numbers words count: 3 of 12 is not 3 and 12."""
    empty, facts, between = _EMPTY[language], list[str](), list[str]()
    for one in _tokens(text):
        if one in empty or one in _PAUSES:
            between.append(one)
            continue
        if facts and _is_number(facts[-1]) and _is_number(one):
            facts += between
        facts.append(one)
        between = []
    return facts


def _is_number(token: str) -> bool:
    return token[0].isdigit()


def _pauses_after_negation(text: str) -> int:
    """How often a pause follows a negation at once, as in `No: invasion`, which says the opposite."""
    tokens = _tokens(text.rstrip(".。"))
    return sum(bool(_NEGATION.fullmatch(one)) and after in _PAUSES for one, after in pairwise(tokens))


def _named(there: str | None, expected: str | None) -> Doubt:
    """What kind of fact differs first."""
    words = {one for one in (there, expected) if one is not None}
    if any(map(_is_number, words)):
        return Doubt.NUMBER
    for doubt, known in ((Doubt.NEGATION, _NEGATION), (Doubt.SIDE, _SIDE), (Doubt.GRADE, _GRADE)):
        if any(map(known.fullmatch, words)):
            return doubt
    return Doubt.MISSING if there is None else Doubt.WORD
