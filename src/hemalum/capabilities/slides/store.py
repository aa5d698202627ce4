"""Queries on the tables of slides. Every function works in the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.slides.model import (
    Finding,
    Image,
    ImageObject,
    ImageStatus,
    ImageSummary,
    Instance,
    LibraryPage,
    LibraryQuery,
    ObjectKind,
    Progress,
    Statement,
    Terms,
    description_from_builtins,
    instance_from_builtins,
)
from hemalum.capabilities.slides.standing import Visible, keep_terms
from hemalum.capabilities.slides.tables import (
    image_table,
    instance_table,
    object_table,
    revision_table,
    statement_table,
)
from hemalum.kernel.errors import Invalid, NotFound
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.runtime.db import among, looked_up
from hemalum.runtime.tally import Tally
from hemalum.runtime.text_index import MOST_FOUND, TextIndex, count_found, count_rows

_SEARCH = TextIndex("slides_image", "id", "search_text")
_MOST_LOOKED_UP = 20_000
"""Slides that may hold what is searched for; of more, so many do that the list has soon enough."""
_TALLY = Tally("slides_image", ("terms_id", "status"))
_SUMMARY_COLUMNS = (
    "id",
    "organisation_id",
    "name",
    "status",
    "reason",
    "stage",
    "progress_done",
    "progress_total",
    "created_at",
    "available_at",
    "size_bytes",
    "sha256",
    "format",
    "vendor",
    "scanner_model",
    "width_px",
    "height_px",
    "spacing_x_um",
    "spacing_y_um",
    "objective_power",
    "stain",
    "organ",
    "specimen",
    "planes",
    "channels",
    "finding_count",
    "label_key",
    "macro_key",
    "clinical_key",
    "study_uid",
    "series_uid",
)

_SORTS: Mapping[str, tuple[Any, ...]] = {
    "newest": (image_table.c.created_at.desc(), image_table.c.id.desc()),
    "oldest": (image_table.c.created_at, image_table.c.id),
    "name": (sa.func.lower(image_table.c.name), image_table.c.id),
    "size": (sa.func.coalesce(image_table.c.size_bytes, 0).desc(), image_table.c.id),
}


# Library ------------------------------------------------------------------------------------------------


def list_images(connection: sa.Connection, visible: Visible, query: LibraryQuery) -> LibraryPage:
    """A page of what is visible of the library (`standing.visible`).

    Raises:
        Invalid: the sort order is unknown.
    """
    if query.sort not in _SORTS:
        raise Invalid("Images are sorted by {sorts}.", sorts=", ".join(_SORTS))
    wanted = [visible.condition]
    if query.status is not None:
        wanted.append(image_table.c.status == query.status.value)
    words = query.text.casefold().split()
    wanted.extend(image_table.c.search_text.contains(word, autoescape=True) for word in words)
    listed = sa.select(*_columns()).where(*wanted).order_by(*_SORTS[query.sort])
    candidates = _SEARCH.find(connection, words, _MOST_LOOKED_UP)
    if candidates is not None:
        listed = looked_up(sa.select(image_table).where(among(connection, image_table.c.id, candidates)))(
            listed
        )
    total = None if words else _find_total(connection, visible, query.status)
    if total is None:
        total = count_found(connection, listed) if words else count_rows(connection, listed)
    rows = connection.execute(listed.offset(query.offset).limit(query.limit))
    items = tuple(_summary(row._mapping) for row in rows)
    is_more = bool(words) and total > MOST_FOUND
    total = MOST_FOUND if is_more else total
    return LibraryPage(total, query.offset, read_revision(connection), items, is_more)


def _find_total(connection: sa.Connection, visible: Visible, status: ImageStatus | None) -> int | None:
    """How many images of a status are visible, where that is kept; None where they have to be counted."""
    there = {} if status is None else {"status": [status.value]}
    total = _TALLY.find(connection, terms_id=visible.own, **there)
    if total is None or visible.apart is None:
        return total
    image = image_table.c
    apart = looked_up(sa.select(image.id, image.terms_id, image.status).where(visible.apart))
    here = [] if status is None else [image.status == status.value]
    by_terms = sa.select(image.id).where(image.terms_id.in_(visible.own), *here)
    seen = sa.select(image.id).where(visible.condition, *here)
    return total - count_rows(connection, apart(by_terms)) + count_rows(connection, apart(seen))


def read_revision(connection: sa.Connection) -> int:
    """The number that grows whenever the library changes."""
    return int(connection.execute(sa.select(revision_table.c.revision)).scalar_one())


def bump_revision(connection: sa.Connection) -> None:
    """Tell pollers that the library changed. Call it last in a transaction: it serialises writers."""
    connection.execute(sa.update(revision_table).values(revision=revision_table.c.revision + 1))


def find_summary(connection: sa.Connection, image_id: str) -> ImageSummary | None:
    """The library row of an image, whatever its organisation."""
    row = connection.execute(sa.select(*_columns()).where(image_table.c.id == image_id)).first()
    return None if row is None else _summary(row._mapping)


def get_image(connection: sa.Connection, image_id: str, *, to_write: bool = False) -> Image:
    """An image with its objects, findings and statements, whatever its organisation; `to_write` holds it,
    so that nobody writes on what somebody else is just changing.

    Raises:
        NotFound: there is no such image.
    """
    query = sa.select(image_table).where(image_table.c.id == image_id)
    # Rows that refer to the image may be added meanwhile.
    query = query.with_for_update(key_share=True) if to_write else query
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such image.")
    values = row._mapping
    return Image(
        summary=_summary(values),
        created_by=values["created_by"] and PersonId(values["created_by"]),
        description=_description(values["description"]),
        file_description=_description(values["file_description"]),
        index_key=values["index_key"],
        thumbnail_key=values["thumbnail_key"],
        label_key=values["label_key"],
        macro_key=values["macro_key"],
        clinical_key=values["clinical_key"],
        generation=values["generation"],
        objects=list_objects(connection, image_id),
        findings=typed(values["findings"] or (), tuple[Finding, ...]),
        statements=list_statements(connection, image_id),
    )


def list_objects(connection: sa.Connection, image_id: str) -> tuple[ImageObject, ...]:
    """The objects of an image by number."""
    rows = connection.execute(
        sa.select(object_table).where(object_table.c.image_id == image_id).order_by(object_table.c.number)
    )
    return tuple(_object(row._mapping) for row in rows)


def list_linked(connection: sa.Connection, prefix: str) -> tuple[ImageObject, ...]:
    """Linked objects whose path starts like this."""
    rows = connection.execute(
        sa.select(object_table).where(
            object_table.c.kind == ObjectKind.LINKED.value,
            object_table.c.location.startswith(prefix, autoescape=True),
        )
    )
    return tuple(_object(row._mapping) for row in rows)


def list_incoming(connection: sa.Connection) -> list[str]:
    """Where the originals lie that arrived and are not kept yet."""
    query = sa.select(object_table.c.location).where(object_table.c.kind == ObjectKind.INCOMING.value)
    return list(connection.execute(query).scalars())


def list_statements(connection: sa.Connection, image_id: str) -> tuple[Statement, ...]:
    """All that people stated about an image, oldest first."""
    rows = connection.execute(
        sa.select(statement_table)
        .where(statement_table.c.image_id == image_id)
        .order_by(statement_table.c.number)
    )
    return tuple(
        Statement(row.element, row.value, PersonId(row.person_id), row.person_name, row.stated_at)
        for row in rows
    )


# DICOM --------------------------------------------------------------------------------------------------


def list_instances(
    connection: sa.Connection,
    visible: sa.ColumnElement[bool],
    *,
    study_uid: str | None = None,
    series_uid: str | None = None,
    sop_instance_uid: str | None = None,
    image_id: str | None = None,
) -> list[Instance]:
    """Instances of available images that are visible (`Visible.condition`), by series and instance number."""
    wanted = [
        visible,
        image_table.c.status == ImageStatus.AVAILABLE.value,
    ]
    for column, value in (
        (instance_table.c.study_uid, study_uid),
        (instance_table.c.series_uid, series_uid),
        (instance_table.c.sop_instance_uid, sop_instance_uid),
        (instance_table.c.image_id, image_id),
    ):
        if value is not None:
            wanted.append(column == value)
    return instances_where(connection, *wanted)


def instances_where(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> list[Instance]:
    """Instances for which conditions on them and their images hold, by series and instance number."""
    columns = instance_table.c
    rows = connection.execute(
        sa.select(*(column for column in columns if column.name != "search_json"))
        .join(image_table, image_table.c.id == columns.image_id)
        .where(*wanted)
        .order_by(columns.study_uid, columns.series_uid, columns.instance_number, columns.sop_instance_uid)
    )
    # SQLAlchemy's names are a kind of str, which msgspec does not take for one.
    return [
        instance_from_builtins({str(name): value for name, value in row._mapping.items()}) for row in rows
    ]


def list_search_json(connection: sa.Connection, instances: Sequence[Instance]) -> list[str | None]:
    """What searches look at of each of these instances; None for those taken in before this was kept."""
    columns = instance_table.c
    rows = connection.execute(
        sa.select(columns.sop_instance_uid, columns.image_id, columns.search_json).where(
            columns.sop_instance_uid.in_([one.sop_instance_uid for one in instances])
        )
    )
    found = {(row[0], row[1]): row[2] for row in rows}
    return [found.get((one.sop_instance_uid, one.image_id)) for one in instances]


def replace_instances(connection: sa.Connection, image_id: str, instances: Iterable[Instance]) -> None:
    """Set the instances of an image."""
    connection.execute(sa.delete(instance_table).where(instance_table.c.image_id == image_id))
    values = [msgspec.to_builtins(one) for one in instances]
    if values:
        connection.execute(sa.insert(instance_table), values)


# Ingest -------------------------------------------------------------------------------------------------


def add_image(
    connection: sa.Connection,
    *,
    image_id: str,
    terms: Terms,
    name: str,
    created_by: str | None,
    created_at: datetime,
    objects: Sequence[ImageObject],
) -> None:
    """A new image that is being received."""
    connection.execute(
        sa.insert(image_table).values(
            id=image_id,
            organisation_id=terms.organisation_id,
            terms_id=keep_terms(connection, terms),
            name=name,
            status=ImageStatus.RECEIVING.value,
            created_at=created_at,
            created_by=created_by,
            search_text=name.casefold(),
            size_bytes=sum(one.size for one in objects),
        )
    )
    replace_objects(connection, image_id, objects)


def update_image(connection: sa.Connection, image_id: str, **values: Any) -> None:
    """Set columns of an image.

    Raises:
        NotFound: there is no such image.
    """
    changed = connection.execute(sa.update(image_table).where(image_table.c.id == image_id).values(**values))
    if changed.rowcount == 0:
        raise NotFound("There is no such image.")


def delete_image(connection: sa.Connection, image_id: str) -> None:
    """Remove the row of an image with all that hangs on it; blobs are the caller's."""
    connection.execute(sa.delete(image_table).where(image_table.c.id == image_id))


def replace_objects(connection: sa.Connection, image_id: str, objects: Iterable[ImageObject]) -> None:
    """Set the objects of an image."""
    connection.execute(sa.delete(object_table).where(object_table.c.image_id == image_id))
    values = [
        {
            "image_id": image_id,
            "number": one.number,
            "kind": one.kind.value,
            "location": one.location,
            "name": one.name,
            "size": one.size,
            "sha256": one.sha256,
            "mtime_ns": one.mtime_ns,
            "sop_instance_uid": one.sop_instance_uid,
        }
        for one in objects
    ]
    if values:
        connection.execute(sa.insert(object_table), values)


def find_by_bytes(connection: sa.Connection, organisation_id: str, sha256: str) -> ImageSummary | None:
    """The image of an organisation that is made of these bytes."""
    row = connection.execute(
        sa.select(*_columns()).where(
            image_table.c.organisation_id == organisation_id, image_table.c.sha256 == sha256
        )
    ).first()
    return None if row is None else _summary(row._mapping)


def find_by_object(connection: sa.Connection, organisation_id: str, sha256: str) -> ImageSummary | None:
    """An available image of an organisation that has these bytes as one of its originals."""
    row = connection.execute(
        sa.select(*_columns())
        .join(object_table, object_table.c.image_id == image_table.c.id)
        .where(
            image_table.c.organisation_id == organisation_id,
            image_table.c.status == ImageStatus.AVAILABLE.value,
            object_table.c.sha256 == sha256,
            object_table.c.kind != ObjectKind.DERIVED.value,
        )
        .limit(1)
    ).first()
    return None if row is None else _summary(row._mapping)


def has_original_of_size(connection: sa.Connection, organisation_id: str, size: int, *, besides: str) -> bool:
    """Whether an image of an organisation, `besides` one, has an original of this length."""
    found = (
        sa.exists()
        .where(object_table.c.size == size, object_table.c.kind != ObjectKind.DERIVED.value)
        .where(image_table.c.id == object_table.c.image_id, image_table.c.id != besides)
        .where(image_table.c.organisation_id == organisation_id)
    )
    return bool(connection.execute(sa.select(found)).scalar())


def find_by_series(connection: sa.Connection, organisation_id: str, series_uid: str) -> ImageSummary | None:
    """The image of an organisation with this DICOM series, unless it is quarantined."""
    row = connection.execute(
        sa.select(*_columns()).where(
            image_table.c.organisation_id == organisation_id,
            image_table.c.series_uid == series_uid,
            image_table.c.status != ImageStatus.QUARANTINED.value,
        )
    ).first()
    return None if row is None else _summary(row._mapping)


def list_of_study(connection: sa.Connection, study_uid: str) -> list[ImageId]:
    """Images of a study."""
    query = sa.select(image_table.c.id).where(image_table.c.study_uid == study_uid).order_by(image_table.c.id)
    return [ImageId(one) for one in connection.execute(query).scalars()]


def list_of_studies(connection: sa.Connection, study_uids: Collection[str]) -> list[ImageId]:
    """Images of several studies."""
    query = sa.select(image_table.c.id).where(among(connection, image_table.c.study_uid, study_uids))
    return [ImageId(one) for one in connection.execute(query.order_by(image_table.c.id)).scalars()]


def owners_of(connection: sa.Connection, image_ids: Collection[str]) -> dict[ImageId, OrganisationId]:
    """The organisation of each of these images, by its id."""
    columns = image_table.c
    query = sa.select(columns.id, columns.organisation_id).where(among(connection, columns.id, image_ids))
    return {ImageId(row.id): OrganisationId(row.organisation_id) for row in connection.execute(query)}


def find_job(connection: sa.Connection, image_id: str) -> str | None:
    """The job that works on an image."""
    found = connection.execute(sa.select(image_table.c.job_id).where(image_table.c.id == image_id))
    return found.scalar()


def keeps_originals(connection: sa.Connection, image_id: str) -> bool:
    """Whether the originals of an image are to be copied to the blob store."""
    found = connection.execute(sa.select(image_table.c.keep_originals).where(image_table.c.id == image_id))
    return bool(found.scalar())


def list_unfinished(connection: sa.Connection) -> list[tuple[ImageId, str | None]]:
    """Images on their way in, with the job that works on them."""
    rows = connection.execute(
        sa.select(image_table.c.id, image_table.c.job_id).where(
            image_table.c.status.in_([ImageStatus.RECEIVING.value, ImageStatus.HASHED.value])
        )
    )
    return [(ImageId(row.id), row.job_id) for row in rows]


def list_available(connection: sa.Connection, after: str, most: int) -> list[str]:
    """Images that can be opened in the order of their ids, those after one."""
    query = sa.select(image_table.c.id).where(
        image_table.c.status == ImageStatus.AVAILABLE.value, image_table.c.id > after
    )
    return list(connection.execute(query.order_by(image_table.c.id).limit(most)).scalars())


def add_statement(connection: sa.Connection, image_id: str, statement: Statement) -> None:
    """Keep what a person stated; nothing is overwritten."""
    connection.execute(
        sa.insert(statement_table).values(
            image_id=image_id,
            element=statement.element,
            value=statement.value,
            person_id=statement.person_id,
            person_name=statement.person_name,
            stated_at=statement.stated_at,
        )
    )


# Rows to values -----------------------------------------------------------------------------------------


def _columns() -> list[sa.Column[Any]]:
    return [image_table.c[name] for name in _SUMMARY_COLUMNS]


def _summary(row: Mapping[str, Any] | sa.RowMapping) -> ImageSummary:
    progress = None
    if row["stage"] is not None:
        progress = Progress(row["stage"], row["progress_done"] or 0, row["progress_total"] or 0)
    return ImageSummary(
        id=ImageId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        name=row["name"],
        status=ImageStatus(row["status"]),
        reason=row["reason"] and typed(row["reason"], Sentence),
        progress=progress,
        created_at=row["created_at"],
        available_at=row["available_at"],
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
        format=row["format"],
        vendor=row["vendor"],
        scanner_model=row["scanner_model"],
        width_px=row["width_px"],
        height_px=row["height_px"],
        spacing_x_um=row["spacing_x_um"],
        spacing_y_um=row["spacing_y_um"],
        objective_power=row["objective_power"],
        stain=row["stain"],
        organ=row["organ"],
        specimen=row["specimen"],
        planes=row["planes"],
        channels=row["channels"],
        findings=row["finding_count"],
        has_label=row["label_key"] is not None,
        has_macro=row["macro_key"] is not None,
        has_clinical=row["clinical_key"] is not None,
        study_uid=row["study_uid"],
        series_uid=row["series_uid"],
    )


def _description(plain: Any) -> Any:
    return None if plain is None else description_from_builtins(plain)


def _object(row: Mapping[str, Any] | sa.RowMapping) -> ImageObject:
    return ImageObject(
        row["number"],
        ObjectKind(row["kind"]),
        row["location"],
        row["name"],
        row["size"],
        row["sha256"],
        row["mtime_ns"],
        row["sop_instance_uid"],
    )
