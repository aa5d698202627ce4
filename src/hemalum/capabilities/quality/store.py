"""Queries of rescreening, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases.model import CaseId, PatientId, Priority, Subspecialty
from hemalum.capabilities.quality.model import (
    Defect,
    Gravity,
    Lot,
    Plan,
    PlanId,
    ReaderKind,
    Reading,
    Reread,
    RereadId,
    Signed,
    Standing,
    State,
    Strata,
)
from hemalum.capabilities.quality.tables import lot_table, plan_table, reading_table, reread_table
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.typed import typed

# Plans and lots -----------------------------------------------------------------------------------------


def add_plan(connection: sa.Connection, plan: Plan, last_seed: bytes) -> None:
    """Keep a plan; its last seed is sealed by the caller."""
    connection.execute(
        sa.insert(plan_table).values(
            id=plan.id,
            organisation_id=plan.organisation_id,
            name=plan.name,
            share=plan.share,
            strata=msgspec.to_builtins(plan.strata),
            by_person=plan.by_person,
            by_model=plan.by_model,
            anchor=plan.anchor,
            last_seed=last_seed,
            first_day=plan.first_day,
            last_day=plan.last_day,
            made_by_name=plan.made_by_name,
            made_at=plan.made_at,
        )
    )


def end_plan(connection: sa.Connection, plan_id: str, last_day: date) -> None:
    connection.execute(sa.update(plan_table).where(plan_table.c.id == plan_id).values(last_day=last_day))


def list_plans(connection: sa.Connection, organisation_id: str) -> list[Plan]:
    """The plans of an organisation, the newest first."""
    plan = plan_table.c
    rows = connection.execute(
        sa.select(plan_table)
        .where(plan.organisation_id == organisation_id)
        .order_by(plan.made_at.desc(), plan.id)
    )
    return [_plan(row) for row in rows]


def get_plan(connection: sa.Connection, organisation_id: str, plan_id: str) -> tuple[Plan, bytes]:
    """A plan of an organisation, and its sealed last seed.

    Raises:
        NotFound: there is none of this id.
    """
    plan = plan_table.c
    row = connection.execute(
        sa.select(plan_table).where(plan.id == plan_id, plan.organisation_id == organisation_id)
    ).first()
    if row is None:
        raise NotFound("There is no such plan.")
    return _plan(row), row.last_seed


def has_lot(connection: sa.Connection, plan_id: str, case_id: str) -> bool:
    lot = lot_table.c
    found = sa.exists().where(lot.plan_id == plan_id, lot.case_id == case_id)
    return bool(connection.execute(sa.select(found)).scalar())


def add_lot(connection: sa.Connection, lot: Lot) -> None:
    connection.execute(
        sa.insert(lot_table).values(
            plan_id=lot.plan_id,
            case_id=lot.case_id,
            case_number=lot.case_number,
            day=lot.day,
            lot=lot.lot,
            is_drawn=lot.is_drawn,
        )
    )


def list_lots(connection: sa.Connection, plan_id: str, day: date) -> list[Lot]:
    """What became of the cases of a plan on a day, the lowest lot first."""
    lot = lot_table.c
    rows = connection.execute(
        sa.select(lot_table).where(lot.plan_id == plan_id, lot.day == day).order_by(lot.lot, lot.case_id)
    )
    return [
        Lot(PlanId(row.plan_id), CaseId(row.case_id), row.case_number, row.day, row.lot, row.is_drawn)
        for row in rows
    ]


def count_lots(connection: sa.Connection, plan_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many signed cases each plan was about so far, and how many of them were drawn."""
    lot = lot_table.c
    rows = connection.execute(
        sa.select(
            lot.plan_id,
            sa.func.count().label("all"),
            sa.func.sum(sa.case((lot.is_drawn, 1), else_=0)).label("drawn"),
        )
        .where(lot.plan_id.in_(plan_ids))
        .group_by(lot.plan_id)
    )
    return {row.plan_id: (row.all, row.drawn) for row in rows}


# Rereads ------------------------------------------------------------------------------------------------


def add_reread(connection: sa.Connection, reread: Reread) -> None:
    signed = reread.signed
    connection.execute(
        sa.insert(reread_table).values(
            id=reread.id,
            organisation_id=signed.organisation_id,
            plan_id=reread.plan_id,
            case_id=signed.case_id,
            case_number=signed.number,
            version=signed.version,
            template_id=signed.template_id,
            template_digest=signed.template_digest,
            field=signed.field.value,
            priority=signed.priority.value,
            patient_id=signed.patient_id,
            signer_id=signed.signer_id,
            signer_name=signed.signer_name,
            involved=sorted(signed.involved),
            signed_at=signed.signed_at,
            state=reread.state.value,
            by_person=reread.by_person,
            by_model=reread.by_model,
            drawn_at=reread.drawn_at,
            changed_at=reread.changed_at,
        )
    )


def change_reread(connection: sa.Connection, reread: Reread, words: bytes | None = None) -> None:
    """Write down what a reread has come to; `words` of its arbiter are sealed by the caller."""
    values: dict[str, Any] = {} if words is None else {"words": words}
    connection.execute(
        sa.update(reread_table)
        .where(reread_table.c.id == reread.id)
        .values(
            state=reread.state.value,
            by_person=reread.by_person,
            gravity=None if reread.gravity is None else reread.gravity.value,
            reader_id=reread.reader_id,
            involved=sorted(reread.signed.involved),
            standing=None if reread.standing is None else reread.standing.value,
            defect=None if reread.defect is None else reread.defect.value,
            decided_by_name=reread.decided_by_name,
            changed_at=reread.changed_at,
            **values,
        )
    )


def get_reread(
    connection: sa.Connection, organisation_id: str, reread_id: str, *, to_write: bool = False
) -> Reread:
    """A reread of an organisation; `to_write` holds it for this transaction.

    Raises:
        NotFound: there is none of this id.
    """
    one = reread_table.c
    query = sa.select(reread_table).where(one.id == reread_id, one.organisation_id == organisation_id)
    row = connection.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        raise NotFound("There is no such reread.")
    return _reread(row)


def read_words(connection: sa.Connection, reread_id: str) -> bytes | None:
    found: bytes | None = connection.execute(
        sa.select(reread_table.c.words).where(reread_table.c.id == reread_id)
    ).scalar()
    return found


def is_reread(connection: sa.Connection, case_id: str) -> bool:
    """Whether a case is or was read again already."""
    found = sa.exists().where(reread_table.c.case_id == case_id)
    return bool(connection.execute(sa.select(found)).scalar())


def list_rereads(
    connection: sa.Connection,
    organisation_id: str,
    states: Iterable[State],
    *,
    begin: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
) -> list[Reread]:
    """Rereads of cases that were signed in a time, the newest first."""
    one = reread_table.c
    wanted = [one.organisation_id == organisation_id, one.state.in_([state.value for state in states])]
    wanted += [] if begin is None else [one.signed_at >= begin]
    wanted += [] if end is None else [one.signed_at < end]
    rows = connection.execute(
        sa.select(reread_table).where(*wanted).order_by(one.drawn_at.desc(), one.id).limit(limit)
    )
    return [_reread(row) for row in rows]


def list_not_standing(connection: sa.Connection, organisation_id: str, signer_id: str) -> list[Reread]:
    """Rereads by which a report that somebody signed was found not to stand, the newest first."""
    one = reread_table.c
    rows = connection.execute(
        sa.select(reread_table)
        .where(
            one.organisation_id == organisation_id,
            one.state == State.DECIDED.value,
            one.signer_id == signer_id,
            one.standing != Standing.FIRST.value,
        )
        .order_by(one.drawn_at.desc(), one.id)
    )
    return [_reread(row) for row in rows]


# Second readings ----------------------------------------------------------------------------------------


def add_reading(connection: sa.Connection, reading: Reading, sealed: bytes) -> None:
    """Keep a second reading; its answers are sealed by the caller."""
    connection.execute(
        sa.insert(reading_table).values(
            id=reading.id,
            reread_id=reading.reread_id,
            kind=reading.kind.value,
            name=reading.name,
            version=reading.version,
            sealed=sealed,
            gravity=reading.gravity.value,
            at=reading.at,
        )
    )


def list_readings(connection: sa.Connection, reread_ids: Sequence[str]) -> list[tuple[Reading, bytes]]:
    """Second readings with their sealed answers, in the order in which they came."""
    reading = reading_table.c
    rows = connection.execute(
        sa.select(reading_table).where(reading.reread_id.in_(reread_ids)).order_by(reading.at, reading.id)
    )
    return [
        (
            Reading(
                row.id,
                RereadId(row.reread_id),
                ReaderKind(row.kind),
                row.name,
                row.version,
                None,
                Gravity(row.gravity),
                row.at,
            ),
            row.sealed,
        )
        for row in rows
    ]


def _plan(row: Any) -> Plan:
    return Plan(
        PlanId(row.id),
        OrganisationId(row.organisation_id),
        row.name,
        row.share,
        typed(row.strata, Strata),
        row.by_person,
        row.by_model,
        row.anchor,
        row.first_day,
        row.last_day,
        row.made_by_name,
        row.made_at,
    )


def _reread(row: Any) -> Reread:
    signed = Signed(
        CaseId(row.case_id),
        OrganisationId(row.organisation_id),
        row.case_number,
        row.version,
        row.template_id,
        row.template_digest,
        Subspecialty(row.field),
        Priority(row.priority),
        None if row.patient_id is None else PatientId(row.patient_id),
        PersonId(row.signer_id),
        row.signer_name,
        frozenset(row.involved),
        row.signed_at,
    )
    return Reread(
        RereadId(row.id),
        PlanId(row.plan_id),
        signed,
        State(row.state),
        row.by_person,
        row.by_model,
        None if row.gravity is None else Gravity(row.gravity),
        None if row.reader_id is None else PersonId(row.reader_id),
        None if row.standing is None else Standing(row.standing),
        None if row.defect is None else Defect(row.defect),
        row.decided_by_name,
        row.drawn_at,
        row.changed_at,
    )
