"""Rules and labels as files: JSON that laboratories pass on to each other, and CSV of labelled slides."""

import csv
import io

import msgspec

from hemalum.capabilities.triage.model import Labelled, Rule
from hemalum.kernel.errors import Invalid
from hemalum.kernel.typed import typed_json

_POSITIVE, _NEGATIVE = (
    frozenset({"1", "true", "positive", "yes"}),
    frozenset({"0", "false", "negative", "no"}),
)


def read_rule(text: str | bytes) -> Rule:
    """A rule out of JSON.

    Raises:
        Invalid: it is none. The sentence says where.
    """
    try:
        return typed_json(text, Rule)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Invalid("The rule cannot be read: {reason}.", reason=str(error)) from error


def write_rule(rule: Rule) -> str:
    """The same as JSON, indented."""
    return msgspec.json.format(msgspec.json.encode(rule), indent=1).decode()


def read_labels(text: str) -> list[Labelled]:
    """Labelled slides out of CSV with the columns `slide` and `label`.

    Raises:
        Invalid: a column is missing, or a label is neither 0 nor 1.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        if not {"slide", "label"} <= set(rows.fieldnames or ()):
            raise Invalid("The table needs the columns slide and label.")
        return [_labelled(number, row) for number, row in enumerate(rows, 2)]
    except csv.Error as error:
        raise Invalid("The table cannot be read: {reason}.", reason=str(error)) from error


def _labelled(number: int, row: dict[str, str | None]) -> Labelled:
    slide, label = (row["slide"] or "").strip(), (row["label"] or "").strip().casefold()
    if not slide or label not in _POSITIVE | _NEGATIVE:
        raise Invalid("Line {number} of the table needs a slide and a label of 0 or 1.", number=number)
    return Labelled(slide, label in _POSITIVE)
