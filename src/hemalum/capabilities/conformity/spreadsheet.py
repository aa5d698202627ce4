"""Mappings of words as CSV: kind, word and term, with a line of headings."""

import csv
from collections.abc import Iterable
from io import StringIO

from hemalum.capabilities.conformity.model import MOST_LINES, ConformityReport, WordMapping, check_mapping
from hemalum.formats.profile.judging import RULES, Level
from hemalum.formats.profile.terms import Kind, Term, key_of
from hemalum.formats.spreadsheet import BYTE_ORDER_MARK, line_of
from hemalum.kernel.errors import Invalid

HEADINGS = ("kind", "word", "term")


def write_mappings(mappings: Iterable[WordMapping]) -> str:
    """What words stand for; `read_mappings` takes it back. Further columns are for people."""
    lines = [line_of((*HEADINGS, "en", "zh", "by", "at"))]
    for each in mappings:
        term = each.term
        cells = (each.kind.value, each.word, term.id, term.en, term.zh, each.by_name, each.at.isoformat())
        lines.append(line_of(cells))
    return BYTE_ORDER_MARK + "".join(lines)


def read_mappings(content: bytes) -> list[tuple[Kind, str, Term]]:
    """The mappings in a file.

    Raises:
        Invalid: it is no such file, too long, names a word twice, or a kind or term that there is not.
    """
    try:
        lines = list(csv.reader(StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("Mappings are CSV in UTF-8 with the columns kind, word and term.") from error
    if not lines or tuple(lines[0][:3]) != HEADINGS or len(lines) > MOST_LINES:
        raise Invalid("Mappings are CSV in UTF-8 with the columns kind, word and term.")
    found: dict[tuple[Kind, str], tuple[Kind, str, Term]] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        if len(line) < len(HEADINGS) or line[0] not in list(Kind):
            raise Invalid("Line {number} is no mapping.", number=number)
        kind, word = Kind(line[0]), _as_written(line[1])
        try:
            term = check_mapping(kind, word, line[2].strip())
        except Invalid as error:
            raise Invalid("Line {number}: {complaint}", number=number, complaint=error.sentence) from error
        if (kind, key_of(word)) in found:
            raise Invalid("Line {number} maps a word for the second time.", number=number)
        found[kind, key_of(word)] = (kind, word, term)
    return list(found.values())


def write_report(report: ConformityReport) -> str:
    """How many slides are how for each element, and by month, one line each."""
    lines = [line_of(("of", "name", *(level.value for level in Level)))]
    rows = [("slides", "", report.slides)]
    rows += [("element", rule.element, report.elements.get(rule.element, {})) for rule in RULES]
    rows += [("month", month, counts) for month, counts in report.months.items()]
    for of, name, counts in rows:
        lines.append(line_of((of, name, *(str(counts.get(level, 0)) for level in Level))))
    return BYTE_ORDER_MARK + "".join(lines)


def _as_written(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from computing it."""
    return cell[1:] if cell.startswith("'") else cell
