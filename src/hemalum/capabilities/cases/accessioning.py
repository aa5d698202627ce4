"""Orders as they are typed in, and the identifiers of what is made of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from hemalum.capabilities.cases.model import (
    MOST_PARTS,
    MOST_PIECES,
    Case,
    Identity,
    Kind,
    Material,
    PatientIdentifier,
    Priority,
    Request,
    Subspecialty,
)
from hemalum.kernel import identifiers
from hemalum.kernel.errors import Invalid, NotFound
from hemalum.kernel.identifiers import Identifier

_MOST_LABEL = 200


@dataclass(frozen=True, slots=True)
class PartAsked:
    """A part that came in, with what is to be made of it."""

    description: str
    organ: str = ""
    blocks: tuple[tuple[str, ...], ...] = ()
    """For each block the stains of its slides."""
    smears: tuple[str, ...] = ()
    """Stains of slides that are made straight from the part."""


@dataclass(frozen=True, slots=True)
class Accession:
    """An order as it was typed in."""

    parts: tuple[PartAsked, ...]
    identity: Identity | None = None
    request: Request | None = None
    priority: Priority = Priority.ROUTINE
    subspecialty: Subspecialty = Subspecialty.GENERAL
    received_at: datetime | None = None
    foreign_numbers: tuple[PatientIdentifier, ...] = field(default=())
    is_expected: bool = False
    """Ordered only: nothing of it has come yet."""


type AlsoOfCase = Callable[[sa.Connection, Case, Sequence[Material]], None]
"""Writes down more in the transaction in which a case begins, so that both are kept or neither."""


def next_code(
    case: Case, pieces: Sequence[Material], parent_id: str | None, *, is_smear: bool = False
) -> tuple[Kind, Identifier]:
    """What a new child of this parent is, and the next identifier that is free.

    Raises:
        NotFound: there is no such parent.
        Invalid: nothing is made of a slide, a smear is of a part alone, or there are too many parts.
    """
    number = identifiers.parse(case.number)
    codes = [identifiers.parse(each.identifier) for each in pieces]
    parent = next((each for each in pieces if each.id == parent_id), None)
    if parent is None and parent_id is not None:
        raise NotFound("There is no such part, block or slide.")
    if is_smear and (parent is None or parent.kind is not Kind.PART):
        raise Invalid("A smear is made of a part.")
    if parent is None:
        last = max((identifiers.number_of_part(one.part) for one in codes if one.part), default=0)
        if last >= MOST_PARTS:
            raise Invalid("A case has at most {most} parts.", most=MOST_PARTS)
        return Kind.PART, replace(number, part=identifiers.label_of_part(last + 1))
    if parent.kind is Kind.SLIDE:
        raise Invalid("Nothing is made of a slide.")
    code = identifiers.parse(parent.identifier)
    if parent.kind is Kind.PART and not is_smear:
        last = max((one.block or 0 for one in codes if one.part == code.part), default=0)
        return Kind.BLOCK, replace(code, block=last + 1)
    block = identifiers.NO_BLOCK if is_smear else code.block
    last = max((one.slide or 0 for one in codes if (one.part, one.block) == (code.part, block)), default=0)
    return Kind.SLIDE, replace(code, block=block, slide=last + 1)


def place_of(code: Identifier) -> int:
    """Where a piece stands in the list of its case: parts, under each its blocks, under each its slides."""
    part = identifiers.number_of_part(code.part or "")
    return (part * 1000 + (code.block or 0)) * 1000 + (code.slide or 0)


def check_parts(parts: Sequence[PartAsked]) -> None:
    """Raise Invalid unless a case can be made of these."""
    if not parts:
        raise Invalid("A case has at least one part.")
    if len(parts) > MOST_PARTS:
        raise Invalid("A case has at most {most} parts.", most=MOST_PARTS)
    count = sum(1 + len(part.smears) + sum(1 + len(stains) for stains in part.blocks) for part in parts)
    if count > MOST_PIECES:
        raise Invalid("A case has at most {most} parts, blocks and slides.", most=MOST_PIECES)
    for part in parts:
        if not part.description.strip() and not part.organ.strip():
            raise Invalid("A part needs to be described, or its organ stated.")
        check_words(part.description, part.organ)
        for stain in (*part.smears, *(stain for stains in part.blocks for stain in stains)):
            check_words(stain)


def check_words(*words: str) -> None:
    """Raise Invalid where a description is too long to stand on a label."""
    if any(len(word.strip()) > _MOST_LABEL for word in words):
        raise Invalid("A description has at most {most} characters.", most=_MOST_LABEL)
