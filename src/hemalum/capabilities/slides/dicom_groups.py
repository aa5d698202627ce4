"""The studies, series and instances that somebody may see, a page at a time; in the caller's transaction.

Pages come in the order in which the database sorts UIDs: what is not shown is neither listed nor loaded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.slides import store
from hemalum.capabilities.slides.model import SHOWING_LABEL, ImageStatus, Instance
from hemalum.capabilities.slides.tables import image_table, instance_table
from hemalum.formats.dicom.qido import Condition, Filter
from hemalum.runtime.db import among

MOST_COUNTED = 10_000
"""To count more would read all that there is, for a number that nobody pages to."""
_PAGE = 200


class Target(StrEnum):
    """What is searched for."""

    STUDIES = "studies"
    SERIES = "series"
    INSTANCES = "instances"


STUDY_UID, SERIES_UID, INSTANCE_UID, SOP_CLASS_UID = "0020000D", "0020000E", "00080018", "00080016"
_INSTANCE = instance_table.c
_IDENTITIES: Mapping[str, sa.Column[str]] = {
    STUDY_UID: _INSTANCE.study_uid,
    SERIES_UID: _INSTANCE.series_uid,
    INSTANCE_UID: _INSTANCE.sop_instance_uid,
    SOP_CLASS_UID: _INSTANCE.sop_class_uid,
}
"""What is known of an instance without reading its data set, by tag."""
_KEYS: Mapping[Target, tuple[sa.Column[Any], ...]] = {
    Target.STUDIES: (_INSTANCE.study_uid,),
    Target.SERIES: (_INSTANCE.study_uid, _INSTANCE.series_uid),
    Target.INSTANCES: (
        _INSTANCE.study_uid,
        _INSTANCE.series_uid,
        _INSTANCE.instance_number,
        _INSTANCE.sop_instance_uid,
    ),
}


@dataclass(frozen=True)
class Groups:
    """Studies, series or instances as somebody may see them, each as its instances."""

    connection: sa.Connection
    target: Target
    seen: Sequence[sa.ColumnElement[bool]]
    """They hold on an instance that somebody may see, joined with its image (`seen_by`)."""
    wanted: Sequence[sa.ColumnElement[bool]]
    """They hold on one instance, at least, of each group (`wanted_by`)."""
    without_labels: Callable[[list[Instance]], list[Instance]] = list
    """Leaves out what may show a label that somebody may not see, by the rule of `Instance` itself."""

    def page(self, offset: int, limit: int) -> list[list[Instance]]:
        """So many groups after the first ones."""
        return self._members(self.connection.execute(self._keys().offset(offset).limit(limit)).all())

    def each(self) -> Iterator[list[Instance]]:
        """All groups; memory stays flat."""
        columns = _KEYS[self.target]
        keys = self._keys().limit(_PAGE)
        while rows := self.connection.execute(keys).all():
            yield from self._members(rows)
            last = sa.tuple_(*map(sa.literal, rows[-1]))
            keys = self._keys().where(sa.tuple_(*columns) > last).limit(_PAGE)

    def count_after(self, offset: int) -> int:
        """How many groups there are after the first ones; MOST_COUNTED + 1 stands for all that are more."""
        some = self._keys().offset(offset).limit(MOST_COUNTED + 1)
        return self.connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()

    def _keys(self) -> sa.Select[Any]:
        columns = _KEYS[self.target]
        # By the order of the instances, which ends with the page, and not from all images that are seen.
        of_image = sa.select(sa.literal(1)).where(image_table.c.id == _INSTANCE.image_id, *self.seen)
        there = of_image.correlate(instance_table).exists()
        return sa.select(*columns).where(there, *self.wanted).distinct().order_by(*columns)

    def _members(self, keys: Sequence[sa.Row[Any]]) -> list[list[Instance]]:
        """The instances of each of these groups, by series and number."""
        if not keys:
            return []
        columns = _KEYS[self.target]
        found: dict[tuple[Any, ...], list[Instance]] = {tuple(key): [] for key in keys}
        own = among(self.connection, columns[-1], sorted({key[-1] for key in keys}))
        for each in self.without_labels(store.instances_where(self.connection, *self.seen, own)):
            members = found.get(tuple(getattr(each, column.name) for column in columns))
            if members is not None:
                members.append(each)
        return [each for each in found.values() if each]


def seen_by(
    visible: sa.ColumnElement[bool], with_label: sa.ColumnElement[bool]
) -> list[sa.ColumnElement[bool]]:
    """Conditions on an instance joined with its image: the image is visible (`standing.Visible`), and the
    instance shows no label, or one that may be seen, too."""
    image_type = sa.func.upper(sa.type_coerce(_INSTANCE.image_type, sa.Text), type_=sa.Text)
    shows_label = sa.or_(
        _INSTANCE.level.is_(None), *(image_type.contains(f'"{one}"') for one in sorted(SHOWING_LABEL))
    )
    available = image_table.c.status == ImageStatus.AVAILABLE.value
    return [available, visible, sa.or_(~shows_label, with_label)]


def wanted_by(
    connection: sa.Connection, query: Filter, study: str | None, series: str | None
) -> list[sa.ColumnElement[bool]]:
    """Conditions on an instance: of the study and series of an address, and with the UIDs of a query."""
    stated = ((_INSTANCE.study_uid, study), (_INSTANCE.series_uid, series))
    asked = [
        among(connection, _IDENTITIES[condition.path[0]], condition.values)
        for condition in query.conditions
        if is_identity(condition)
    ]
    return [*(column == value for column, value in stated if value is not None), *asked]


def is_identity(condition: Condition) -> bool:
    """Whether a condition is met or not without reading any data set."""
    return len(condition.path) == 1 and condition.path[0] in _IDENTITIES
