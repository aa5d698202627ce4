"""Queries of discards and loans, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Kind
from hemalum.capabilities.custody.model import Discard, DiscardedPiece, DiscardState, Loan
from hemalum.capabilities.custody.tables import discard_table, discarded_table, loan_table
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import PersonId


def add_discard(connection: sa.Connection, organisation_id: str, discard: Discard) -> None:
    connection.execute(
        sa.insert(discard_table).values(
            id=discard.id,
            organisation_id=organisation_id,
            state=discard.state.value,
            reason=discard.reason,
            is_early=discard.is_early,
            proposed_by=discard.proposed_by,
            proposed_by_name=discard.proposed_by_name,
            proposed_at=discard.proposed_at,
        )
    )
    rows = [
        {
            "discard_id": discard.id,
            "material_id": each.material_id,
            "code": each.code,
            "kind": each.kind.value,
            "case_id": each.case_id,
            "keep_until": each.keep_until,
        }
        for each in discard.pieces
    ]
    connection.execute(sa.insert(discarded_table), rows)


def decide(
    connection: sa.Connection, discard_id: str, state: DiscardState, person_id: str, name: str, now: datetime
) -> None:
    """Write down what became of a proposal."""
    values = {
        "state": state.value,
        "decided_by": person_id,
        "decided_by_name": name,
        "decided_at": now,
    }
    connection.execute(sa.update(discard_table).where(discard_table.c.id == discard_id).values(values))


def get_discard(connection: sa.Connection, organisation_id: str, discard_id: str) -> Discard:
    """A discard of an organisation.

    Raises:
        NotFound: there is none of this id.
    """
    row = connection.execute(
        sa.select(discard_table).where(
            discard_table.c.organisation_id == organisation_id, discard_table.c.id == discard_id
        )
    ).first()
    if row is None:
        raise NotFound("There is no such discard.")
    return _discards(connection, [row])[0]


def list_discards(connection: sa.Connection, organisation_id: str, limit: int) -> list[Discard]:
    """Those that wait for a second person, then the newest of the others."""
    discard = discard_table.c
    rows = connection.execute(
        sa.select(discard_table)
        .where(discard.organisation_id == organisation_id)
        .order_by(discard.state != DiscardState.PROPOSED.value, discard.proposed_at.desc(), discard.id)
        .limit(limit)
    ).all()
    return _discards(connection, rows)


def proposed_among(connection: sa.Connection, material_ids: Sequence[str]) -> set[str]:
    """Those of these pieces that somebody proposed to discard, which nobody decided yet."""
    piece = discarded_table.c
    query = (
        sa.select(piece.material_id)
        .join(discard_table, discard_table.c.id == piece.discard_id)
        .where(discard_table.c.state == DiscardState.PROPOSED.value, piece.material_id.in_(material_ids))
    )
    return set(connection.execute(query).scalars())


def add_loan(connection: sa.Connection, organisation_id: str, loan: Loan) -> None:
    connection.execute(
        sa.insert(loan_table).values(
            id=loan.id,
            organisation_id=organisation_id,
            material_id=loan.material_id,
            code=loan.code,
            case_id=loan.case_id,
            lent_to=loan.to,
            purpose=loan.purpose,
            lent_by=loan.lent_by,
            lent_at=loan.lent_at,
            due_at=loan.due_at,
        )
    )


def end_loan(connection: sa.Connection, loan_id: str, name: str, now: datetime) -> None:
    connection.execute(
        sa.update(loan_table).where(loan_table.c.id == loan_id).values(returned_by=name, returned_at=now)
    )


def find_open_loan(connection: sa.Connection, organisation_id: str, material_id: str) -> Loan | None:
    """The loan that a piece is on."""
    loan = loan_table.c
    row = connection.execute(
        sa.select(loan_table).where(
            loan.organisation_id == organisation_id,
            loan.material_id == material_id,
            loan.returned_at.is_(None),
        )
    ).first()
    return None if row is None else _loan(row)


def list_loans(connection: sa.Connection, organisation_id: str, limit: int) -> list[Loan]:
    """Those that are out, the first due first, then the last that came back."""
    loan = loan_table.c
    rows = connection.execute(
        sa.select(loan_table)
        .where(loan.organisation_id == organisation_id)
        .order_by(
            loan.returned_at.is_not(None),
            sa.case((loan.returned_at.is_(None), loan.due_at)),
            loan.returned_at.desc(),
            loan.id,
        )
        .limit(limit)
    )
    return [_loan(row) for row in rows]


def _discards(connection: sa.Connection, rows: Sequence[Any]) -> list[Discard]:
    pieces: dict[str, list[DiscardedPiece]] = {}
    query = (
        sa.select(discarded_table)
        .where(discarded_table.c.discard_id.in_([row.id for row in rows]))
        .order_by(discarded_table.c.code)
    )
    for each in connection.execute(query):
        piece = DiscardedPiece(each.material_id, each.code, Kind(each.kind), each.case_id, each.keep_until)
        pieces.setdefault(each.discard_id, []).append(piece)
    return [
        Discard(
            row.id,
            DiscardState(row.state),
            row.reason,
            row.is_early,
            PersonId(row.proposed_by),
            row.proposed_by_name,
            row.proposed_at,
            None if row.decided_by is None else PersonId(row.decided_by),
            row.decided_by_name,
            row.decided_at,
            tuple(pieces.get(row.id, [])),
        )
        for row in rows
    ]


def _loan(row: Any) -> Loan:
    return Loan(
        row.id,
        row.material_id,
        row.code,
        row.case_id,
        row.lent_to,
        row.purpose,
        row.lent_by,
        row.lent_at,
        row.due_at,
        row.returned_by,
        row.returned_at,
    )
