"""Whether a record conforms: a verdict for each element, and the record with its words turned into codes.

Refused is what is wrong, or a required code that nobody can name: it says something and nobody elsewhere can
know what. Missing is said, too, and is no lie.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hemalum.formats.profile.classifications import Tables, has_shape
from hemalum.formats.profile.record import Concept, Record, Scan
from hemalum.formats.profile.terms import OWN_SCHEME, Code, Found, Kind, Term, Words, terms_of
from hemalum.kernel.sentence import Sentence

SPACING_RANGE_UM = (0.05, 10.0)
"""Light microscopes resolve about 0.2 um; scanners sample from about 0.1 um/px to macro views."""
OBJECTIVE_RANGE = (0.5, 200.0)
THICKNESS_RANGE_UM = (0.05, 500.0)
"""From ultrathin sections to thick slices of cleared tissue."""
USUAL_THICKNESS_UM = (1.0, 10.0)
"""Of sections for light microscopy."""
_SCANNERS_SINCE = 1990
_ISO_8601 = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")


class Level(StrEnum):
    """What an element is, the worst first."""

    REFUSED = "refused"
    """Wrong, or not understood: the slide stays on its node until somebody mends it."""
    WARNED = "warned"
    """To be looked at: missing, unusual, or less than it should be."""
    MAPPED = "mapped"
    """Written in words of the laboratory, which stand for a code."""
    CONFORMING = "conforming"

    @property
    def rank(self) -> int:
        """The lower, the worse."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Rule:
    """One element of the profile and where its rule comes from."""

    element: str
    pointer: str
    """RFC 6901, in the JSON of a record."""
    title: Sentence
    required: bool
    source: str


RULES = (
    Rule("identifier", "/specimen/identifier", Sentence("specimen"), True, "DICOM PS3.3 C.7.6.22"),
    Rule("site", "/specimen/site", Sentence("organ"), True, "DICOM PS3.3 C.7.6.22; PS3.16 CID 8134"),
    Rule("laterality", "/specimen/laterality", Sentence("side"), False, "DICOM PS3.16 CID 244"),
    Rule(
        "collection",
        "/specimen/collection",
        Sentence("collection procedure"),
        False,
        "DICOM PS3.16 TID 8001, CID 8109",
    ),
    Rule("fixative", "/specimen/fixative", Sentence("fixative"), False, "DICOM PS3.16 TID 8001, CID 8114"),
    Rule("embedding", "/specimen/embedding", Sentence("embedding"), False, "DICOM PS3.16 TID 8001, CID 8115"),
    Rule("thickness", "/specimen/thickness_um", Sentence("section thickness"), False, "REMBI, Specimen"),
    Rule("stain", "/specimen/stain", Sentence("stain"), True, "DICOM PS3.16 TID 8003, CID 8112"),
    Rule(
        "spacing", "/scan/spacing_um", Sentence("physical scale"), True, "DICOM PS3.3 C.8.12.4; C.7.6.16.2.1"
    ),
    Rule("objective", "/scan/objective_power", Sentence("objective"), False, "DICOM PS3.3 C.8.12.5"),
    Rule("scanner", "/scan/scanner_model", Sentence("scanner model"), True, "DICOM PS3.3 C.7.5.1"),
    Rule(
        "acquired_at",
        "/scan/acquired_at",
        Sentence("time of acquisition"),
        False,
        "ISO 8601; DICOM PS3.3 C.8.12.4",
    ),
    Rule("laboratory", "/laboratory/name", Sentence("laboratory"), True, "DICOM PS3.3 C.7.5.1; REMBI, Study"),
    Rule(
        "history",
        "/history",
        Sentence("clinical history"),
        False,
        "BCP 47; HL7 FHIR R4 ServiceRequest.reasonCode",
    ),
    Rule("diagnoses", "/diagnoses", Sentence("diagnosis codes"), False, "ICD-10 volume 2, 2.4; ICD-O-3, 4"),
)
"""In the order in which they are shown."""

RULE_OF = {rule.element: rule for rule in RULES}
_CODED = {
    "site": Kind.SITE,
    "laterality": Kind.LATERALITY,
    "collection": Kind.COLLECTION,
    "fixative": Kind.FIXATIVE,
    "embedding": Kind.EMBEDDING,
    "stain": Kind.STAIN,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one element is, and why."""

    element: str
    level: Level
    sentence: Sentence
    pointer: str
    word: str = ""
    """What was written, where it is words for a code."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A record with its codes put in, and what was found."""

    record: Record
    verdicts: tuple[Verdict, ...] = field(default=())
    """One for each element that is stated or required."""

    @property
    def level(self) -> Level:
        """The worst of all."""
        return min((one.level for one in self.verdicts), key=lambda one: one.rank, default=Level.CONFORMING)

    def of(self, element: str) -> Verdict | None:
        """What was found of one element; None where it is neither stated nor required."""
        return next((one for one in self.verdicts if one.element == element), None)


def judge(record: Record, words: Words, now: datetime, tables: Tables | None = None) -> Judged:
    """Turn the words of a record into codes and say of each element what it is.

    `tables` are the classifications that were loaded; codes of others are judged by their shape alone. The
    same record, words and time give the same answer, and a judged record gives itself.
    """
    coded, verdicts = _coded(record, words)
    verdicts += [_stated("identifier", bool(coded.specimen.identifier)), *_thickness(coded)]
    verdicts += [*_scan(coded.scan, now), _stated("laboratory", bool(coded.laboratory.name))]
    verdicts += [*_history(coded), *_diagnoses(coded, tables or {})]
    order = [rule.element for rule in RULES]
    return Judged(coded, tuple(sorted(verdicts, key=lambda one: order.index(one.element))))


def _verdict(element: str, level: Level, sentence: Sentence, word: str = "", behind: str = "") -> Verdict:
    return Verdict(element, level, sentence, RULE_OF[element].pointer + behind, word)


def _conforms(element: str) -> Verdict:
    return _verdict(element, Level.CONFORMING, Sentence("As the profile asks."))


def _missing(element: str) -> Verdict:
    title = RULE_OF[element].title
    return _verdict(element, Level.WARNED, Sentence("The {element} is not stated.", {"element": title}))


def _stated(element: str, is_stated: bool) -> Verdict:
    return _conforms(element) if is_stated else _missing(element)


# Codes --------------------------------------------------------------------------------------------------


def _coded(record: Record, words: Words) -> tuple[Record, list[Verdict]]:
    specimen, verdicts = record.specimen, list[Verdict]()
    side: Term | None = None
    for element, kind in _CODED.items():
        concept: Concept | None = getattr(specimen, element)
        if concept is None or not (concept.codes or concept.said.strip()):
            if RULE_OF[element].required:
                verdicts.append(_missing(element))
            continue
        if concept.codes:
            verdicts.append(_judged_codes(element, kind, concept.codes))
            continue
        found = words.find(kind, concept.said)
        verdicts.append(_judged_word(element, concept.said, found))
        if found is None:
            continue
        found_codes: dict[str, Any] = {element: Concept(found.codes)}
        specimen = replace(specimen, **found_codes)
        side = side or found.laterality
    if side is not None and specimen.laterality is None:
        specimen = replace(specimen, laterality=Concept(side.codes))
        verdicts.append(_conforms("laterality"))
    elif side is not None and specimen.laterality != Concept(side.codes):
        verdicts = [one for one in verdicts if one.element != "laterality"]
        verdicts.append(_other_side(side, record.specimen.laterality))
    return replace(record, specimen=specimen), verdicts


def _other_side(side: Term, stated: Concept | None) -> Verdict:
    said = "" if stated is None else stated.said or ", ".join(code.meaning for code in stated.codes)
    sentence = Sentence(
        "The organ names the side {named}, but “{stated}” is stated.", {"named": side.en, "stated": said}
    )
    return _verdict("laterality", Level.REFUSED, sentence, said)


def _judged_word(element: str, said: str, found: Found | None) -> Verdict:
    title = RULE_OF[element].title
    if found is None:
        level = Level.REFUSED if RULE_OF[element].required else Level.WARNED
        sentence = Sentence(
            "Nobody has said yet which code “{word}” stands for ({element}).",
            {"word": said, "element": title},
        )
        return _verdict(element, level, sentence, said)
    named = ", ".join(term.en for term in (*found.terms, *([found.laterality] if found.laterality else [])))
    return _verdict(
        element, Level.MAPPED, Sentence("“{word}” stands for {name}.", {"word": said, "name": named}), said
    )


def _judged_codes(element: str, kind: Kind, codes: tuple[Code, ...]) -> Verdict:
    wrong = next((code for code in codes if not has_shape(code)), None)
    if wrong is not None:
        return _bad_code(element, wrong)
    known = {code.key for term in terms_of(kind) for code in term.codes}
    strange = next((code for code in codes if code.key not in known), None)
    if strange is None:
        return _conforms(element)
    sentence = Sentence(
        "{scheme} {value} ({meaning}) is not in the table of the profile.",
        {"scheme": strange.scheme, "value": strange.value, "meaning": strange.meaning},
    )
    # A code of our own that we never gave stands for nothing; one of another scheme is theirs to explain.
    return _verdict(element, Level.REFUSED if strange.scheme == OWN_SCHEME else Level.WARNED, sentence)


def _bad_code(element: str, code: Code, behind: str = "") -> Verdict:
    sentence = Sentence(
        "“{value}” cannot be a code of {scheme}.", {"value": code.value, "scheme": code.scheme or "?"}
    )
    return _verdict(element, Level.REFUSED, sentence, behind=behind)


# Figures and times --------------------------------------------------------------------------------------


def _outside(
    element: str, value: float, bounds: tuple[float, float], level: Level = Level.REFUSED
) -> Verdict:
    title, (low, high) = RULE_OF[element].title, bounds
    sentence = Sentence(
        "The {element}, {value}, is outside of {low} to {high}.",
        {"element": title, "value": value, "low": low, "high": high},
    )
    return _verdict(element, level, sentence)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _thickness(record: Record) -> Iterator[Verdict]:
    value = record.specimen.thickness_um
    if value is None:
        return
    if not _within(value, THICKNESS_RANGE_UM):
        yield _outside("thickness", value, THICKNESS_RANGE_UM)
    elif not _within(value, USUAL_THICKNESS_UM):
        yield _outside("thickness", value, USUAL_THICKNESS_UM, Level.WARNED)
    else:
        yield _conforms("thickness")


def _scan(scan: Scan, now: datetime) -> Iterator[Verdict]:
    yield _spacing(scan)
    yield _stated("scanner", bool(scan.scanner_model))
    if scan.objective_power is not None:
        good = _within(scan.objective_power, OBJECTIVE_RANGE)
        yield _conforms("objective") if good else _outside("objective", scan.objective_power, OBJECTIVE_RANGE)
    if scan.acquired_at:
        yield _time(scan.acquired_at, now)


def _spacing(scan: Scan) -> Verdict:
    if scan.spacing_um is None:
        return _missing("spacing")
    wrong = next((value for value in scan.spacing_um if not _within(value, SPACING_RANGE_UM)), None)
    if wrong is not None:
        return _outside("spacing", wrong, SPACING_RANGE_UM)
    if scan.spacing_source == "unverified":
        sentence = Sentence("The physical scale in the file is not verified.")
        return _verdict("spacing", Level.WARNED, sentence)
    return _conforms("spacing")


def _time(text: str, now: datetime) -> Verdict:
    try:
        moment = datetime.fromisoformat(text) if _ISO_8601.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        return _verdict("acquired_at", Level.REFUSED, Sentence("“{time}” is not a time.", {"time": text}))
    # A time without a zone may be up to 14 hours ahead of UTC.
    latest = now + timedelta(hours=14) if moment.tzinfo is None else now + timedelta(days=1)
    if moment.replace(tzinfo=moment.tzinfo or now.tzinfo) > latest:
        sentence = Sentence("The time of acquisition, {time}, lies in the future.", {"time": text})
        return _verdict("acquired_at", Level.REFUSED, sentence)
    if moment.year < _SCANNERS_SINCE:
        sentence = Sentence(
            "The time of acquisition, {time}, is older than slide scanners are.", {"time": text}
        )
        return _verdict("acquired_at", Level.REFUSED, sentence)
    if moment.tzinfo is None:
        sentence = Sentence("The time of acquisition, {time}, states no zone.", {"time": text})
        return _verdict("acquired_at", Level.WARNED, sentence)
    return _conforms("acquired_at")


# What is known of the patient ---------------------------------------------------------------------------


def _history(record: Record) -> Iterator[Verdict]:
    history = record.history
    if history is None:
        return
    wrong = next((code for code in history.codes if not has_shape(code)), None)
    if wrong is not None:
        yield _bad_code("history", wrong, "/codes")
    elif not _is_text(history.text):
        sentence = Sentence("The clinical history holds characters that are no text.")
        yield _verdict("history", Level.REFUSED, sentence, behind="/text")
    elif not history.text.strip():
        yield _missing("history")
    elif not history.language:
        sentence = Sentence("The language of the clinical history is not known.")
        yield _verdict("history", Level.WARNED, sentence, behind="/language")
    else:
        yield _conforms("history")


def _is_text(text: str) -> bool:
    return not any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\r\t" for one in text)


def _diagnoses(record: Record, tables: Tables) -> Iterator[Verdict]:
    if not record.diagnoses:
        return
    found = list(_wrong_diagnoses(record.diagnoses, tables))
    yield min(found, key=lambda one: one.level.rank) if found else _conforms("diagnoses")


def _wrong_diagnoses(codes: Iterable[Code], tables: Tables) -> Iterator[Verdict]:
    for number, code in enumerate(codes):
        table, behind = tables.get(code.scheme), f"/{number}"
        if not has_shape(code):
            yield _bad_code("diagnoses", code, behind)
        elif table is not None and code.value not in table:
            sentence = Sentence(
                "{value} is not in the table of {scheme}.", {"value": code.value, "scheme": code.scheme}
            )
            yield _verdict("diagnoses", Level.REFUSED, sentence, behind=behind)
        elif table is not None and code.meaning and code.meaning != table[code.value]:
            sentence = Sentence(
                "{value} is called “{meaning}”, and “{table}” in its table.",
                {"value": code.value, "meaning": code.meaning, "table": table[code.value]},
            )
            yield _verdict("diagnoses", Level.WARNED, sentence, behind=behind)
