"""Queries of cases, material, links and events, in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases.marks import read_mark
from hemalum.capabilities.cases.model import (
    CLOSED,
    GONE,
    Case,
    CaseId,
    CaseQuery,
    CaseSearch,
    CaseStatus,
    Kind,
    Material,
    MaterialId,
    PatientIdentifier,
    Priority,
    Queue,
    Stage,
    Subspecialty,
)
from hemalum.capabilities.cases.ordering import order_of
from hemalum.capabilities.cases.queue_store import in_queue
from hemalum.capabilities.cases.tables import (
    case_table,
    claim_table,
    link_table,
    material_table,
    series_table,
    site_table,
)
from hemalum.capabilities.cases.total_store import find_total
from hemalum.kernel import identifiers
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.db import among, inserted, looked_up, rows_first
from hemalum.runtime.text_index import MOST_FOUND, TextIndex, count_found, count_rows

_SITE_LENGTH = 6
_SEARCH = TextIndex("cases_case", "id", "search_text")


# Numbers ------------------------------------------------------------------------------------------------


def site_of(connection: sa.Connection, organisation_id: str) -> str:
    """What the cases of an organisation are called after; made of its id at first."""
    site = site_table.c
    known = connection.execute(sa.select(site.code).where(site.organisation_id == organisation_id)).scalar()
    if known is not None:
        return str(known)
    letters = "".join(one for one in organisation_id.upper() if one in identifiers.ALPHABET)
    stem = letters[:_SITE_LENGTH].ljust(2, "0")
    taken = set(connection.execute(sa.select(site.code).where(site.code.startswith(stem))).scalars())
    code = next(one for one in [stem, *(f"{stem}{n}" for n in range(2, 100))] if one not in taken)
    connection.execute(sa.insert(site_table).values(organisation_id=organisation_id, code=code))
    return code


def site_is_taken(connection: sa.Connection, organisation_id: str, code: str) -> bool:
    """Whether another organisation's cases are called after this."""
    site = site_table.c
    query = sa.select(site.organisation_id).where(site.code == code, site.organisation_id != organisation_id)
    return connection.execute(query).first() is not None


def set_site(connection: sa.Connection, organisation_id: str, code: str) -> None:
    _put(connection, site_table, {"organisation_id": organisation_id, "code": code})


def next_serial(connection: sa.Connection, site: str, series: str, year: int) -> int:
    """The number of the next case; every number is given once."""
    column = series_table.c
    here = (column.site == site) & (column.series == series) & (column.year == year)
    insert = inserted(connection, series_table).values(site=site, series=series, year=year, last_serial=0)
    connection.execute(insert.on_conflict_do_nothing())
    connection.execute(sa.update(series_table).where(here).values(last_serial=column.last_serial + 1))
    return int(connection.execute(sa.select(column.last_serial).where(here)).scalar_one())


# Cases --------------------------------------------------------------------------------------------------


def add_case(connection: sa.Connection, case: Case, request: bytes | None) -> None:
    plain = {
        "id": case.id,
        "organisation_id": case.organisation_id,
        "number": case.number,
        "status": case.status.value,
        "priority": case.priority.value,
        "rank": case.priority.rank,
        "subspecialty": case.subspecialty.value,
        "received_at": case.received_at,
        "due_at": case.due_at,
        "patient_id": case.patient_id,
        "assignee_id": case.assignee_id,
        "assignee_name": case.assignee_name,
        "specimen": case.specimen,
        "stains": list(case.stains),
        "slides_total": case.slides_total,
        "slides_scanned": case.slides_scanned,
        "foreign_numbers": msgspec.to_builtins(case.foreign_numbers),
        "request": request,
        "is_open": case.status not in CLOSED,
        "search_text": _search_text(case),
        "changed_at": case.changed_at,
    }
    connection.execute(sa.insert(case_table).values(plain))


def get_case(
    connection: sa.Connection, organisation_id: str, case_id: str, *, to_write: bool = False
) -> Case:
    """A case of an organisation; `to_write` holds it for this transaction.

    Raises:
        NotFound: there is none of this id.
    """
    query = sa.select(case_table).where(
        case_table.c.id == case_id, case_table.c.organisation_id == organisation_id
    )
    row = connection.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        raise NotFound("There is no such case.")
    return _case(row)


def find_by_number(connection: sa.Connection, organisation_id: str, number: str) -> Case | None:
    """The case of an organisation with just this number, open or closed."""
    case = case_table.c
    query = sa.select(case_table).where(case.number == number, case.organisation_id == organisation_id)
    row = connection.execute(query).first()
    return None if row is None else _case(row)


def read_request(connection: sa.Connection, case_id: str) -> bytes | None:
    """What was asked, sealed."""
    found = connection.execute(sa.select(case_table.c.request).where(case_table.c.id == case_id)).scalar()
    return None if found is None else bytes(found)


def change_case(connection: sa.Connection, case: Case, now: datetime, **values: Any) -> None:
    """Set columns of a case, and what follows from them."""
    if "status" in values:
        values["is_open"] = CaseStatus(values["status"]) not in CLOSED
    if "priority" in values:
        values["rank"] = Priority(values["priority"]).rank
    connection.execute(
        sa.update(case_table).where(case_table.c.id == case.id).values(values | {"changed_at": now})
    )


def recount(connection: sa.Connection, case: Case, now: datetime) -> Case:
    """Write down what the material of a case says of it; answers the case as it is then."""
    pieces = list_material(connection, [case.id])
    slides = [
        each for each in pieces if each.kind is Kind.SLIDE and (each.image_ids or each.stage not in GONE)
    ]
    counted = replace(
        case,
        specimen="; ".join(dict.fromkeys(_said_of(each) for each in pieces if each.kind is Kind.PART)),
        stains=tuple(dict.fromkeys(each.description for each in slides if each.description)),
        slides_total=len(slides),
        slides_scanned=sum(bool(each.image_ids) for each in slides),
        changed_at=now,
    )
    change_case(
        connection,
        case,
        now,
        specimen=counted.specimen,
        stains=list(counted.stains),
        slides_total=counted.slides_total,
        slides_scanned=counted.slides_scanned,
        search_text=_search_text(counted),
    )
    return counted


def list_cases(
    connection: sa.Connection,
    organisation_id: str,
    person_id: str,
    query: CaseQuery,
    now: datetime,
    of_patients: Iterable[str] | None = None,
) -> tuple[int, list[Case]]:
    """How many cases a query finds (of a text MOST_FOUND + 1 for all that are more), and a page of them.

    `of_patients` adds those of these patients to what the text finds.
    """
    case = case_table.c
    wanted = [case.organisation_id == organisation_id, in_queue(query.queue, person_id, now)]
    if query.subspecialty is not None:
        wanted.append(case.subspecialty == query.subspecialty.value)
    if query.priority is not None:
        wanted.append(case.priority == query.priority.value)
    words = query.text.casefold().split()
    told = sa.false() if of_patients is None else case.patient_id.in_(sorted(of_patients))
    if words:
        wanted.append(sa.or_(told, sa.and_(*map(_holds, words))))
    listed = sa.select(case_table).where(*wanted).order_by(*order_of(query))
    if words:
        return _find_page(connection, listed, query, words, told)
    total = find_total(connection, organisation_id, query)
    rows = connection.execute(listed.offset(query.offset).limit(query.limit)).all()
    return count_rows(connection, listed) if total is None else total, [_case(row) for row in rows]


def _find_page(
    connection: sa.Connection,
    listed: sa.Select[Any],
    query: CaseQuery,
    words: Sequence[str],
    told: sa.ColumnElement[bool],
) -> tuple[int, list[Case]]:
    """The same of what words find, for which cases are looked through once."""
    case, end, most = case_table.c, query.offset + query.limit, MOST_FOUND + 1
    candidates, are_all = _SEARCH.find_some(connection, words)
    looked_at = sa.or_(among(connection, case.id, candidates), told)
    among_them = looked_up(sa.select(case_table).where(looked_at))(listed)
    if are_all:
        listed = among_them
    # Nearly all cases are closed: of what is common, a part tells soon that there are more than are counted.
    are_more = query.queue is Queue.CLOSED and not are_all and count_found(connection, among_them) == most
    ids = listed.with_only_columns(listed.selected_columns.id)
    found = list(connection.execute(ids.limit(min(end, most) if are_more else most)).scalars())
    page = found[query.offset : end]
    rows = connection.execute(sa.select(case_table).where(among(connection, case_table.c.id, page))).all()
    by_id = {row.id: _case(row) for row in rows}
    return most if are_more else len(found), [by_id[one] for one in page]


def _holds(word: str) -> sa.ColumnElement[bool]:
    return case_table.c.search_text.contains(word, autoescape=True)


def browse(
    connection: sa.Connection, organisation_id: str, wanted: CaseSearch, after: str, limit: int
) -> list[Case]:
    """Cases of an organisation by their ids, those after one id."""
    listed = _found_by_key(connection, wanted)
    case = listed.c
    conditions = [case.organisation_id == organisation_id, case.id > after]
    if wanted.statuses is not None:
        conditions.append(case.status.in_(sorted(wanted.statuses)))
    if wanted.changed_since is not None:
        conditions.append(case.changed_at >= wanted.changed_since)
    if wanted.texts is not None:
        piece = material_table.c
        on_label = sa.select(piece.case_id).where(piece.identifier.in_(wanted.texts))
        told = [_with_text(connection, case, one) for one in wanted.texts]
        conditions.append(sa.or_(case.id.in_(on_label), *told))
    rows = connection.execute(sa.select(listed).where(*conditions).order_by(case.id).limit(limit))
    return [_case(row) for row in rows.all()]


def _found_by_key(connection: sa.Connection, wanted: CaseSearch) -> sa.FromClause:
    """The cases that have all keys that are stated, looked up before anything else is asked of them."""
    case, piece, link = case_table.c, material_table.c, link_table.c
    keys: list[sa.ColumnElement[bool]] = []
    if wanted.ids is not None:
        keys.append(among(connection, case.id, wanted.ids))
    if wanted.patient_ids is not None:
        keys.append(case.patient_id.in_(wanted.patient_ids))
    if wanted.material_ids is not None:
        keys.append(case.id.in_(sa.select(piece.case_id).where(piece.id.in_(wanted.material_ids))))
    if wanted.image_ids is not None:
        linked = sa.select(piece.case_id).join(link_table, link.material_id == piece.id)
        keys.append(case.id.in_(linked.where(link.image_id.in_(wanted.image_ids))))
    return rows_first(sa.select(case_table).where(*keys)) if keys else case_table


def _with_text(connection: sa.Connection, case: Any, text: str) -> sa.ColumnElement[bool]:
    words = text.casefold().split()
    conditions = [case.search_text.contains(word, autoescape=True) for word in words]
    candidates = _SEARCH.find(connection, words)
    if candidates is not None:
        conditions.append(case.id.in_(candidates))
    return sa.and_(*conditions)


# Material -----------------------------------------------------------------------------------------------


def add_material(connection: sa.Connection, piece: Material, place: int) -> None:
    connection.execute(
        sa.insert(material_table).values(
            id=piece.id,
            case_id=piece.case_id,
            parent_id=piece.parent_id,
            kind=piece.kind.value,
            label=piece.label,
            identifier=piece.identifier,
            stage=piece.stage.value,
            description=piece.description,
            organ=piece.organ,
            place=place,
        )
    )


def list_material(connection: sa.Connection, case_ids: Sequence[str]) -> list[Material]:
    """All material of these cases in the order of its labels, slides with their images."""
    piece = material_table.c
    rows = connection.execute(
        sa.select(material_table).where(piece.case_id.in_(case_ids)).order_by(piece.case_id, piece.place)
    ).all()
    links = connection.execute(
        sa.select(link_table.c.image_id, link_table.c.material_id)
        .join(material_table, piece.id == link_table.c.material_id)
        .where(piece.case_id.in_(case_ids))
        .order_by(link_table.c.linked_at, link_table.c.image_id)
    ).all()
    images: dict[str, list[ImageId]] = {}
    for image_id, material_id in links:
        images.setdefault(material_id, []).append(ImageId(image_id))
    return [_material(row, images.get(row.id, [])) for row in rows]


def get_material(connection: sa.Connection, organisation_id: str, material_id: str) -> Material:
    """A piece of a case of an organisation, without its images.

    Raises:
        NotFound: there is none of this id.
    """
    return _get_material(connection, organisation_id, material_table.c.id == material_id)


def get_by_identifier(connection: sa.Connection, organisation_id: str, identifier: str) -> Material:
    """The same by what stands on its label. Raises as `get_material` does."""
    return _get_material(connection, organisation_id, material_table.c.identifier == identifier)


def _get_material(connection: sa.Connection, organisation_id: str, where: sa.ColumnElement[bool]) -> Material:
    row = connection.execute(
        sa.select(material_table)
        .join(case_table, case_table.c.id == material_table.c.case_id)
        .where(where, case_table.c.organisation_id == organisation_id)
    ).first()
    if row is None:
        raise NotFound("There is no such part, block or slide.")
    return _material(row, [])


def list_at(
    connection: sa.Connection,
    organisation_id: str,
    wanted: Mapping[Kind, Collection[Stage]],
    *,
    with_closed: bool,
    limit: int,
    smears: bool | None,
) -> list[tuple[Case, Material]]:
    """Pieces at these stages, without their images, the most pressing cases first; of slides all, or smears
    alone, or those of blocks alone."""
    case, piece = case_table.c, material_table.c
    there = [
        (piece.kind == kind.value) & piece.stage.in_([stage.value for stage in stages])
        for kind, stages in wanted.items()
    ]
    of_part = piece.identifier.contains(f"/{identifiers.NO_BLOCK}/")
    of_kind = sa.true() if smears is None else of_part if smears else ~of_part
    fits = (piece.kind != Kind.SLIDE.value) | of_kind
    ids = connection.execute(
        sa.select(piece.id, case.id)
        .join(case_table, case.id == piece.case_id)
        .where(case.organisation_id == organisation_id, sa.or_(sa.false(), *there), fits)
        .where(sa.true() if with_closed else case.is_open)
        .order_by(case.rank, case.due_at, case.id, piece.place)
        .limit(limit)
    ).all()
    cases = connection.execute(sa.select(case_table).where(case.id.in_({one for _, one in ids})))
    pieces = connection.execute(sa.select(material_table).where(piece.id.in_([one for one, _ in ids])))
    by_case = {row.id: _case(row) for row in cases}
    by_piece = {row.id: _material(row, []) for row in pieces}
    return [(by_case[case_id], by_piece[piece_id]) for piece_id, case_id in ids]


def set_stage(connection: sa.Connection, material_id: str, stage: Stage) -> None:
    connection.execute(
        sa.update(material_table).where(material_table.c.id == material_id).values(stage=stage.value)
    )


# Links --------------------------------------------------------------------------------------------------


def find_link(connection: sa.Connection, image_id: str) -> MaterialId | None:
    """The slide that an image is linked to."""
    query = sa.select(link_table.c.material_id).where(link_table.c.image_id == image_id)
    found = connection.execute(query).scalar()
    return None if found is None else MaterialId(found)


def add_link(
    connection: sa.Connection, image_id: str, material_id: str, way: str, person_id: str | None, now: datetime
) -> bool:
    """Link an image to a slide; False where it is linked to any, also by one who was faster."""
    insert = inserted(connection, link_table).values(
        image_id=image_id, material_id=material_id, way=way, linked_at=now, linked_by=person_id
    )
    added = insert.on_conflict_do_nothing().returning(link_table.c.image_id)
    return connection.execute(added).first() is not None


def remove_link(connection: sa.Connection, image_id: str, material_id: str) -> bool:
    """Take an image from a slide; False where it is not linked to it any more."""
    link = link_table.c
    here = (link.image_id == image_id) & (link.material_id == material_id)
    return connection.execute(sa.delete(link_table).where(here)).rowcount == 1


def put_claim(
    connection: sa.Connection,
    image_id: str,
    organisation_id: str,
    identifier: str | None,
    state: str,
    now: datetime,
    *,
    unless: str | None = None,
) -> None:
    """Keep what an image says of the slide that it is of, in the place of what is not in a certain state."""
    values: dict[str, Any] = {"image_id": image_id, "organisation_id": organisation_id}
    values |= {"identifier": identifier, "state": state, "noted_at": now}
    _put(connection, claim_table, values, None if unless is None else claim_table.c.state != unless)


def find_claim(connection: sa.Connection, image_id: str) -> tuple[str, str | None] | None:
    """State and identifier of what an image says."""
    claim = claim_table.c
    query = sa.select(claim.state, claim.identifier).where(claim.image_id == image_id)
    row = connection.execute(query).first()
    return None if row is None else (row.state, row.identifier)


def list_claims(connection: sa.Connection, organisation_id: str, identifier: str, state: str) -> list[str]:
    """Images that say they are of this slide."""
    claim = claim_table.c
    return list(
        connection.execute(
            sa.select(claim.image_id)
            .where(
                claim.identifier == identifier, claim.organisation_id == organisation_id, claim.state == state
            )
            .order_by(claim.noted_at, claim.image_id)
        ).scalars()
    )


def _put(
    connection: sa.Connection,
    table: sa.Table,
    values: dict[str, Any],
    where: sa.ColumnElement[bool] | None = None,
) -> None:
    """Insert a row, or change that of the same key, where that meets a condition."""
    names = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in names}
    statement = inserted(connection, table).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=names, set_=changed, where=where))


def _search_text(case: Case) -> str:
    foreign = [one.value for one in case.foreign_numbers]
    return " ".join([case.number, case.specimen, *case.stains, *foreign]).casefold()


def _said_of(part: Material) -> str:
    return ", ".join(word for word in (part.organ, part.description) if word) or part.label


def _case(row: Any) -> Case:
    return Case(
        CaseId(row.id),
        OrganisationId(row.organisation_id),
        row.number,
        CaseStatus(row.status),
        Priority(row.priority),
        Subspecialty(row.subspecialty),
        row.received_at,
        row.due_at,
        row.patient_id,
        None if row.assignee_id is None else PersonId(row.assignee_id),
        row.assignee_name,
        row.specimen,
        tuple(row.stains),
        row.slides_total,
        row.slides_scanned,
        tuple(PatientIdentifier(**one) for one in row.foreign_numbers),
        row.request is not None,
        row.changed_at,
        None if row.mark is None else read_mark(row.mark),
    )


def _material(row: Any, images: Sequence[ImageId]) -> Material:
    return Material(
        MaterialId(row.id),
        CaseId(row.case_id),
        row.parent_id,
        Kind(row.kind),
        row.label,
        row.identifier,
        Stage(row.stage),
        row.description,
        row.organ,
        tuple(images),
    )
