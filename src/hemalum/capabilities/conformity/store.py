"""Queries on the tables of conformity. Every function works in the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.conformity.model import SlideVerdict, UnknownWord, WordMapping
from hemalum.capabilities.conformity.tables import element_table, slide_table, word_table
from hemalum.formats.profile.judging import Level, Verdict
from hemalum.formats.profile.terms import Kind, Term, find_term, key_of
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.kernel.typed import typed

_UNKNOWN = (Level.REFUSED.value, Level.WARNED.value)
type Counts = Mapping[str, Mapping[Level, int]]


# Words --------------------------------------------------------------------------------------------------


def add_mapping(connection: sa.Connection, mapping: WordMapping) -> None:
    """Write down what a word stands for, for which no other mapping stands."""
    connection.execute(
        sa.insert(word_table).values(
            organisation_id=mapping.organisation_id,
            kind=mapping.kind.value,
            word_key=key_of(mapping.word),
            word=mapping.word,
            term=mapping.term.id,
            by_id=mapping.by,
            by_name=mapping.by_name,
            at=mapping.at,
        )
    )


def end_mapping(
    connection: sa.Connection, organisation_id: str, kind: Kind, word: str, now: datetime, by_name: str
) -> bool:
    """End what a word stands for; False where it stands for nothing."""
    ended = connection.execute(
        sa.update(word_table)
        .where(*_standing(organisation_id, kind, word))
        .values(ended_at=now, ended_by_name=by_name)
    )
    return ended.rowcount > 0


def find_mapping(
    connection: sa.Connection, organisation_id: str, kind: Kind, word: str
) -> WordMapping | None:
    """What a word stands for in an organisation, if anybody said so."""
    row = connection.execute(sa.select(word_table).where(*_standing(organisation_id, kind, word))).first()
    return None if row is None else _mapping(row)


def list_mappings(connection: sa.Connection, organisation_id: str, *, with_ended: bool) -> list[WordMapping]:
    """What the words of an organisation stand for, and with `with_ended` before; newest first."""
    query = sa.select(word_table).where(word_table.c.organisation_id == organisation_id)
    if not with_ended:
        query = query.where(word_table.c.ended_at.is_(None))
    found = [_mapping(row) for row in connection.execute(query.order_by(word_table.c.number.desc()))]
    return [each for each in found if each is not None]


def _standing(organisation_id: str, kind: Kind, word: str) -> tuple[sa.ColumnElement[bool], ...]:
    column = word_table.c
    return (
        column.organisation_id == organisation_id,
        column.kind == kind.value,
        column.word_key == key_of(word),
        column.ended_at.is_(None),
    )


def _mapping(row: Any) -> WordMapping | None:
    kind = Kind(row.kind)
    term = find_term(kind, row.term)
    if term is None:  # a later version of the table may have dropped it
        return None
    return WordMapping(
        row.number,
        OrganisationId(row.organisation_id),
        kind,
        row.word,
        term,
        PersonId(row.by_id),
        row.by_name,
        row.at,
        row.ended_at,
        row.ended_by_name,
    )


def own_words(connection: sa.Connection, organisation_id: str) -> dict[tuple[Kind, str], Term]:
    """The mappings of an organisation as `profile.terms.Words` takes them."""
    return {
        (each.kind, key_of(each.word)): each.term
        for each in list_mappings(connection, organisation_id, with_ended=False)
    }


# Verdicts -----------------------------------------------------------------------------------------------


def put_verdict(connection: sa.Connection, verdict: SlideVerdict, organisation_id: str, month: str) -> None:
    """Keep the verdict on a slide in the place of any before."""
    for table in (element_table, slide_table):
        connection.execute(sa.delete(table).where(table.c.image_id == verdict.image_id))
    connection.execute(
        sa.insert(slide_table).values(
            image_id=verdict.image_id,
            organisation_id=organisation_id,
            level=verdict.level.value,
            month=month,
            judged_at=verdict.judged_at,
            verdicts=msgspec.to_builtins(verdict.verdicts),
        )
    )
    rows = [
        {
            "image_id": verdict.image_id,
            "element": one.element,
            "organisation_id": organisation_id,
            "level": one.level.value,
            "word_key": key_of(one.word),
            "word": one.word,
        }
        for one in verdict.verdicts
    ]
    connection.execute(sa.insert(element_table), rows)


def find_verdict(connection: sa.Connection, image_id: str) -> SlideVerdict | None:
    """How far the metadata of a slide conform; None where it was not judged yet."""
    row = connection.execute(sa.select(slide_table).where(slide_table.c.image_id == image_id)).first()
    if row is None:
        return None
    verdicts = typed(row.verdicts, tuple[Verdict, ...])
    return SlideVerdict(ImageId(row.image_id), Level(row.level), row.judged_at, verdicts)


def list_images(
    connection: sa.Connection, organisation_id: str, element: str | None, level: Level, word: str, most: int
) -> list[str]:
    """Slides with such a verdict, those of the newest month first."""
    if element is None:
        query = sa.select(slide_table.c.image_id).where(slide_table.c.level == level.value)
    else:
        column = element_table.c
        query = (
            sa.select(column.image_id)
            .join(slide_table, slide_table.c.image_id == column.image_id)
            .where(
                column.organisation_id == organisation_id,
                column.element == element,
                column.level == level.value,
            )
        )
        if word:
            query = query.where(column.word_key == key_of(word))
    query = query.where(slide_table.c.organisation_id == organisation_id)
    ordered = query.order_by(slide_table.c.month.desc(), slide_table.c.image_id)
    return list(connection.execute(ordered.limit(most)).scalars())


def list_with_word(
    connection: sa.Connection, organisation_id: str, kind: Kind, word_key: str, after: str, most: int
) -> list[str]:
    """Slides with this word in the order of their ids, those after one."""
    column = element_table.c
    query = sa.select(column.image_id).where(
        *_with_word(organisation_id, kind, word_key), column.image_id > after
    )
    return list(connection.execute(query.order_by(column.image_id).limit(most)).scalars())


def count_with_word(
    connection: sa.Connection, organisation_id: str, kind: Kind, word_key: str
) -> tuple[int, int]:
    """How many slides have this word, and how many of these are refused for nothing but it."""
    column, other = element_table.c, element_table.alias().c
    where = _with_word(organisation_id, kind, word_key)
    by_another = sa.exists().where(
        other.image_id == column.image_id, other.element != column.element, other.level == Level.REFUSED.value
    )
    alone = sa.select(sa.func.count()).where(*where, column.level == Level.REFUSED.value, ~by_another)
    everything = sa.select(sa.func.count()).where(*where)
    return connection.execute(everything).scalar_one(), connection.execute(alone).scalar_one()


def _with_word(organisation_id: str, kind: Kind, word_key: str) -> tuple[sa.ColumnElement[bool], ...]:
    column = element_table.c
    return (
        column.organisation_id == organisation_id,
        column.element == kind.value,
        column.word_key == word_key,
    )


def list_unjudged(connection: sa.Connection, available: Iterable[str]) -> list[str]:
    """Those of these images on which there is no verdict."""
    wanted = list(available)
    judged = sa.select(slide_table.c.image_id).where(slide_table.c.image_id.in_(wanted))
    known = set(connection.execute(judged).scalars())
    return [each for each in wanted if each not in known]


# Counting -----------------------------------------------------------------------------------------------


def count_levels(connection: sa.Connection, organisation_id: str) -> dict[Level, int]:
    """Slides of an organisation by their worst element."""
    column = slide_table.c
    query = sa.select(column.level, sa.func.count()).where(column.organisation_id == organisation_id)
    return {Level(level): count for level, count in connection.execute(query.group_by(column.level))}


def count_elements(connection: sa.Connection, organisation_id: str) -> Counts:
    """Slides of an organisation by element and what it is."""
    column = element_table.c
    query = sa.select(column.element, column.level, sa.func.count()).where(
        column.organisation_id == organisation_id
    )
    return _counted(connection.execute(query.group_by(column.element, column.level)))


def count_months(connection: sa.Connection, organisation_id: str) -> Counts:
    """Slides of an organisation by the month that they were taken in and their worst element."""
    column = slide_table.c
    query = sa.select(column.month, column.level, sa.func.count()).where(
        column.organisation_id == organisation_id
    )
    grouped = query.group_by(column.month, column.level).order_by(column.month)
    return _counted(connection.execute(grouped))


def _counted(rows: Any) -> Counts:
    counts: dict[str, dict[Level, int]] = defaultdict(dict)
    for name, level, count in rows:
        counts[name][Level(level)] = count
    return dict(counts)


def list_unknown_words(connection: sa.Connection, organisation_id: str, most: int) -> list[UnknownWord]:
    """Words that nobody has mapped, those of most slides first."""
    column = element_table.c
    count = sa.func.count().label("slides")
    query = (
        sa.select(column.element, column.word_key, sa.func.min(column.word), column.level, count)
        .where(
            column.organisation_id == organisation_id,
            column.element.in_([kind.value for kind in Kind]),
            column.level.in_(_UNKNOWN),
            column.word != "",
        )
        .group_by(column.element, column.word_key, column.level)
        .order_by(count.desc(), column.element, column.word_key)
        .limit(most)
    )
    return [
        UnknownWord(Kind(element), word, slides, Level(level))
        for element, _, word, level, slides in connection.execute(query)
    ]
