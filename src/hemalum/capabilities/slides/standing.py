"""How slides stand to people: terms, slides sent on, broken glass. Queries in the caller's transaction."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.slides.model import BrokenGlass, Relation, Share, Standing, Terms, Verdict
from hemalum.capabilities.slides.tables import glass_table, image_table, share_table, terms_table
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.runtime.db import among, inserted

type IsAllowed = Callable[[Standing], bool]


@dataclass(frozen=True, slots=True)
class Visible:
    """What somebody may see of the library."""

    condition: sa.ColumnElement[bool]
    """Holds on `image_table` for just these images."""
    own: tuple[str, ...]
    """The terms by which they see images of their own organisation."""
    apart: sa.ColumnElement[bool] | None
    """Holds for all images about which these terms alone do not decide; None where there are none."""


# Terms --------------------------------------------------------------------------------------------------


def keep_terms(connection: sa.Connection, terms: Terms) -> str:
    """The id of these terms, which are written down unless they are already."""
    connection.execute(
        inserted(connection, terms_table)
        .values(
            id=terms.id,
            organisation_id=terms.organisation_id,
            restricted=terms.restricted,
            blinded=terms.blinded,
            consented=sorted(terms.consented),
            refused=sorted(terms.refused),
            held_back=terms.held_back,
        )
        .on_conflict_do_nothing()
    )
    return terms.id


def get_terms(connection: sa.Connection, image_id: str) -> Terms:
    """The terms of an image that there is."""
    row = connection.execute(
        sa.select(terms_table)
        .join(image_table, image_table.c.terms_id == terms_table.c.id)
        .where(image_table.c.id == image_id)
    ).one()
    return _terms(row._mapping)


def find_standing(connection: sa.Connection, image_id: str, actor: Actor, now: datetime) -> Standing | None:
    """How an image stands to somebody now; None when there is no such image."""
    return next(iter(alike(connection, [image_id], actor, now)), None)


def ends_at(
    connection: sa.Connection, image_id: str, standing: Standing, actor: Actor, now: datetime
) -> datetime | None:
    """When the last share or broken glass ends that somebody sees an image by; None for their own images."""
    if Relation.OWN in standing.relation:
        return None
    share, glass = share_table.c, glass_table.c
    ends = [
        connection.execute(sa.select(sa.func.max(column)).where(where)).scalar()
        for column, where in (
            (share.until, sa.and_(_sent_to(actor.organisation_id, now), share.image_id == image_id)),
            (glass.until, sa.and_(_broken_by(actor, now), glass.image_id == image_id)),
        )
    ]
    return max((end for end in ends if end is not None), default=None)


def visible(connection: sa.Connection, actor: Actor, now: datetime, is_allowed: IsAllowed) -> Visible:
    """Just those images whose standing is allowed.

    Slides of equal standing are decided together, so this asks policy a handful of times whatever the size of
    the library, and counts and pages come out right.
    """
    image = image_table.c
    broken = _glass_relations(connection, actor, now)
    with_glass = [identifier for identifier, standing in broken if is_allowed(standing)]
    own = [
        terms.id
        for terms in _terms_of(connection, terms_table.c.organisation_id == actor.organisation_id)
        if is_allowed(Standing(terms, frozenset({Relation.OWN})))
    ]
    apart: list[sa.ColumnElement[bool]] = []
    conditions: list[sa.ColumnElement[bool]] = [image.terms_id.in_(own)]
    for terms, released in _terms_sent(connection, actor, now):
        if is_allowed(Standing(terms, frozenset(_sent(released)))):
            basis = share_table.c.legal_basis
            sent = sa.select(share_table.c.image_id).where(
                _sent_to(actor.organisation_id, now), basis.is_not(None) if released else basis.is_(None)
            )
            apart.append(image.id.in_(sent))
            conditions.append(sa.and_(image.terms_id == terms.id, image.id.in_(sent)))
    seen = sa.or_(*conditions)
    if broken:
        is_broken = image.id.in_([identifier for identifier, _ in broken])
        apart.append(is_broken)
        seen = sa.or_(sa.and_(~is_broken, seen), image.id.in_(with_glass))
    return Visible(seen, tuple(own), sa.or_(*apart) if apart else None)


def alike(
    connection: sa.Connection, image_ids: Collection[str], actor: Actor, now: datetime
) -> dict[Standing, list[str]]:
    """Those of these images that there are by how they stand to somebody now, as `find_standing` says it."""
    image, share = image_table.c, share_table.c
    sent = sa.and_(share.image_id == image.id, _sent_to(actor.organisation_id, now))
    rows = connection.execute(
        sa.select(image.id, image.terms_id, share.image_id, share.legal_basis)
        .outerjoin_from(image_table, share_table, sent)
        .where(among(connection, image.id, image_ids))
    ).all()
    if not rows:
        return {}
    used = terms_table.c.id.in_(sorted({row[1] for row in rows}))
    terms = {one.id: one for one in _terms_of(connection, used)}
    broken = connection.execute(sa.select(glass_table.c.image_id).where(_broken_by(actor, now)))
    glass = frozenset(broken.scalars())
    by_key: dict[tuple[str, bool, bool, bool], list[str]] = {}
    for image_id, terms_id, sent_id, basis in rows:
        key = (terms_id, sent_id is not None, basis is not None, image_id in glass)
        by_key.setdefault(key, []).append(image_id)
    found: dict[Standing, list[str]] = {}
    for key, images in by_key.items():
        found.setdefault(_standing(terms[key[0]], actor, *key[1:]), []).extend(images)
    return found


def _standing(terms: Terms, actor: Actor, is_sent: bool, is_released: bool, is_broken: bool) -> Standing:
    relation = set[Relation]()
    if terms.organisation_id == actor.organisation_id:
        relation.add(Relation.OWN)
    if is_sent:
        relation |= _sent(is_released)
    if is_broken:
        relation.add(Relation.GLASS)
    return Standing(terms, frozenset(relation))


def _glass_relations(connection: sa.Connection, actor: Actor, now: datetime) -> list[tuple[str, Standing]]:
    broken = connection.execute(sa.select(glass_table.c.image_id).where(_broken_by(actor, now)).distinct())
    found = [
        (identifier, find_standing(connection, identifier, actor, now)) for identifier in broken.scalars()
    ]
    return [(identifier, standing) for identifier, standing in found if standing is not None]


def _terms_sent(connection: sa.Connection, actor: Actor, now: datetime) -> Iterable[tuple[Terms, bool]]:
    released = share_table.c.legal_basis.is_not(None)
    rows = connection.execute(
        sa.select(terms_table, released.label("released"))
        .join(image_table, image_table.c.terms_id == terms_table.c.id)
        .join(share_table, share_table.c.image_id == image_table.c.id)
        .where(_sent_to(actor.organisation_id, now), terms_table.c.organisation_id != actor.organisation_id)
        .distinct()
    )
    return [(_terms(row._mapping), bool(row.released)) for row in rows]


def _terms_of(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Terms]:
    return [_terms(row._mapping) for row in connection.execute(sa.select(terms_table).where(where))]


def _terms(row: Any) -> Terms:
    return Terms(
        OrganisationId(row["organisation_id"]),
        row["restricted"],
        row["blinded"],
        frozenset(map(Purpose, row["consented"])),
        frozenset(map(Purpose, row["refused"])),
        row["held_back"],
    )


def _sent(released: bool) -> set[Relation]:
    return {Relation.SENT, Relation.RELEASED} if released else {Relation.SENT}


def _sent_to(organisation_id: str, now: datetime) -> sa.ColumnElement[bool]:
    share = share_table.c
    return sa.and_(share.organisation_id == organisation_id, share.ended_at.is_(None), share.until > now)


def _broken_by(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(glass_table.c.person_id == actor.person_id, glass_table.c.until > now)


# Shares -------------------------------------------------------------------------------------------------


def list_shares(connection: sa.Connection, image_id: str, now: datetime) -> list[Share]:
    """Who may read an image of somebody else now."""
    share = share_table.c
    rows = connection.execute(
        sa.select(share_table)
        .where(share.image_id == image_id, share.ended_at.is_(None), share.until > now)
        .order_by(share.number)
    )
    return [
        Share(
            ImageId(row.image_id),
            OrganisationId(row.organisation_id),
            PersonId(row.shared_by),
            row.shared_at,
            row.until,
            row.legal_basis,
        )
        for row in rows
    ]


def add_share(connection: sa.Connection, share: Share) -> None:
    """Send an image to an organisation; what was sent there before ends."""
    end_share(connection, share.image_id, share.organisation_id, share.shared_at)
    connection.execute(
        sa.insert(share_table).values(
            image_id=share.image_id,
            organisation_id=share.organisation_id,
            shared_by=share.shared_by,
            shared_at=share.shared_at,
            until=share.until,
            legal_basis=share.legal_basis,
        )
    )


def end_share(connection: sa.Connection, image_id: str, organisation_id: str, now: datetime) -> bool:
    """Take an image back from an organisation; False when it was not there."""
    share = share_table.c
    ended = connection.execute(
        sa.update(share_table)
        .where(share.image_id == image_id, share.organisation_id == organisation_id, share.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount > 0


# Broken glass -------------------------------------------------------------------------------------------


def add_glass(connection: sa.Connection, glass: BrokenGlass) -> None:
    """Somebody broke the glass for an image."""
    connection.execute(
        sa.insert(glass_table).values(
            id=glass.id,
            image_id=glass.image_id,
            person_id=glass.person_id,
            person_name=glass.person_name,
            reason=glass.reason,
            broken_at=glass.broken_at,
            until=glass.until,
        )
    )


def list_glass(connection: sa.Connection, organisation_id: str, *, only_open: bool) -> list[BrokenGlass]:
    """Broken glass at slides of an organisation, newest first; those not reviewed yet, or all."""
    wanted = [image_table.c.organisation_id == organisation_id]
    if only_open:
        wanted.append(glass_table.c.verdict.is_(None))
    rows = connection.execute(_glass_query().where(*wanted).order_by(glass_table.c.broken_at.desc()))
    return [_glass(row._mapping) for row in rows]


def get_glass(connection: sa.Connection, glass_id: str) -> BrokenGlass:
    """One broken glass.

    Raises:
        NotFound: there is none of this id.
    """
    row = connection.execute(_glass_query().where(glass_table.c.id == glass_id)).first()
    if row is None:
        raise NotFound("There is no such broken glass.")
    return _glass(row._mapping)


def review_glass(connection: sa.Connection, glass_id: str, **values: Any) -> bool:
    """Write down a review; False when there was one already."""
    glass = glass_table.c
    reviewed = connection.execute(
        sa.update(glass_table).where(glass.id == glass_id, glass.verdict.is_(None)).values(**values)
    )
    return reviewed.rowcount > 0


def _glass_query() -> sa.Select[Any]:
    return sa.select(glass_table, image_table.c.name.label("image_name"), image_table.c.organisation_id).join(
        image_table, image_table.c.id == glass_table.c.image_id
    )


def _glass(row: Any) -> BrokenGlass:
    return BrokenGlass(
        row["id"],
        ImageId(row["image_id"]),
        row["image_name"],
        OrganisationId(row["organisation_id"]),
        PersonId(row["person_id"]),
        row["person_name"],
        row["reason"],
        row["broken_at"],
        row["until"],
        None if row["verdict"] is None else Verdict(row["verdict"]),
        row["reviewed_by"],
        row["reviewed_at"],
        row["remark"],
    )
