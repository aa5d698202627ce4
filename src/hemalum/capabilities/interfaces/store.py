"""Queries of interfaces, in the caller's transaction."""

import heapq
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.interfaces.model import (
    OPEN,
    Direction,
    Entry,
    MessageNumber,
    MessageQuery,
    MessageState,
    Receiver,
    Sender,
    Sent,
    Standing,
)
from hemalum.capabilities.interfaces.tables import (
    message_table,
    order_table,
    receiver_table,
    sender_table,
)
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed

_COLUMNS = message_table.c
_FORGOTTEN_AT_ONCE = 1000
MOST_COUNTED = 10_000
"""Of the messages in one state: there are a million more each day at a large hospital."""


# Senders and receivers ------------------------------------------------------------------------------------


def add_sender(connection: sa.Connection, sender: Sender, now: datetime) -> None:
    """Raise Conflict where the name is taken."""
    _check_free(connection, sender_table, sender.name)
    connection.execute(sa.insert(sender_table).values(**asdict(sender), added_at=now))


def add_receiver(connection: sa.Connection, receiver: Receiver, now: datetime) -> None:
    """Raise Conflict where the name is taken."""
    _check_free(connection, receiver_table, receiver.name)
    connection.execute(sa.insert(receiver_table).values(**asdict(receiver), added_at=now))


def list_senders(connection: sa.Connection, organisation_id: str | None = None) -> list[Sender]:
    """Senders by name, of an organisation or of all."""
    return [_sender(row) for row in connection.execute(_listed(sender_table, organisation_id))]


def list_receivers(connection: sa.Connection, organisation_id: str | None = None) -> list[Receiver]:
    """Receivers by name, of an organisation or of all."""
    return [_receiver(row) for row in connection.execute(_listed(receiver_table, organisation_id))]


def get_sender(connection: sa.Connection, sender_id: str) -> Sender:
    """Raise NotFound where there is none."""
    row = connection.execute(sa.select(sender_table).where(sender_table.c.id == sender_id)).first()
    if row is None:
        raise NotFound("There is no such sender.")
    return _sender(row)


def get_receiver(connection: sa.Connection, receiver_id: str) -> Receiver:
    """Raise NotFound where there is none."""
    row = connection.execute(sa.select(receiver_table).where(receiver_table.c.id == receiver_id)).first()
    if row is None:
        raise NotFound("There is no such receiver.")
    return _receiver(row)


def hold_receiver(
    connection: sa.Connection, receiver_id: str, holder: str, now: datetime, until: datetime
) -> bool:
    """Whether this process may send to a receiver until then: nobody else does."""
    columns = receiver_table.c
    is_free = sa.or_(columns.held_by.is_(None), columns.held_by == holder, columns.held_until < now)
    changed = connection.execute(
        sa.update(receiver_table)
        .where(columns.id == receiver_id, is_free)
        .values(held_by=holder, held_until=until)
    )
    return changed.rowcount > 0


def release_receivers(connection: sa.Connection, holder: str) -> None:
    """Let another process send at once where this one did."""
    connection.execute(
        sa.update(receiver_table).where(receiver_table.c.held_by == holder).values(held_by=None)
    )


def change_receiver(connection: sa.Connection, receiver_id: str, **values: Any) -> None:
    connection.execute(sa.update(receiver_table).where(receiver_table.c.id == receiver_id).values(**values))


# Messages -------------------------------------------------------------------------------------------------


def add_message(connection: sa.Connection, **values: Any) -> MessageNumber:
    """Keep a message; answers its number."""
    done = connection.execute(sa.insert(message_table).values(attempts=0, **values))
    assert done.inserted_primary_key is not None
    return MessageNumber(done.inserted_primary_key[0])


def find_same(connection: sa.Connection, sender_id: str, control_id: str) -> list[sa.Row[Any]]:
    """What came from a sender under a control id, oldest first."""
    names = ("number", "digest", "state", "answer", "patient_id")
    query: sa.Select[Any] = sa.select(*(_COLUMNS[name] for name in names)).where(
        _COLUMNS.direction == Direction.IN,
        _COLUMNS.partner_id == sender_id,
        _COLUMNS.control_id == control_id,
    )
    return list(connection.execute(query.order_by(_COLUMNS.number)))


def was_sent(connection: sa.Connection, receiver_id: str, control_id: str) -> bool:
    """Whether a message for a receiver was written down under a control id."""
    query = sa.select(_COLUMNS.number).where(
        _COLUMNS.direction == Direction.OUT,
        _COLUMNS.partner_id == receiver_id,
        _COLUMNS.control_id == control_id,
    )
    return connection.execute(query.limit(1)).first() is not None


def get_message(
    connection: sa.Connection, number: int, organisation_id: str | None = None, *, to_write: bool = False
) -> tuple[Entry, bytes | None, sa.Row[Any]]:
    """A message, its sealed text, and the row.

    Raises:
        NotFound: there is none of this number in the organisation.
    """
    query = sa.select(message_table).where(_COLUMNS.number == number)
    if organisation_id is not None:
        query = query.where(_COLUMNS.organisation_id == organisation_id)
    row = connection.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        raise NotFound("There is no such message.")
    return _entry(row), row.sealed, row


def list_messages(connection: sa.Connection, organisation_id: str, query: MessageQuery) -> list[Entry]:
    """A page of messages, newest first; as fast however many there are."""
    wanted = [_COLUMNS.organisation_id == organisation_id]
    for column, value in ((_COLUMNS.direction, query.direction), (_COLUMNS.partner_id, query.partner_id)):
        if value is not None:
            wanted.append(column == value)
    if query.control_id:
        wanted.append(_COLUMNS.number.in_(_of_control_id(organisation_id, query.control_id)))
    if query.before is not None:
        wanted.append(_COLUMNS.number < query.before)
    # Within a state they lie in the order of their numbers, over all states they do not.
    newest = sa.select(_COLUMNS.number).where(*wanted).order_by(_COLUMNS.number.desc()).limit(query.limit)
    states = list(MessageState) if query.state is None else [query.state]
    found = [connection.execute(newest.where(_COLUMNS.state == one)).scalars() for one in states]
    numbers = heapq.nlargest(query.limit, chain.from_iterable(found))
    rows = connection.execute(
        sa.select(*_listed_columns()).where(_COLUMNS.number.in_(numbers)).order_by(_COLUMNS.number.desc())
    )
    return [_entry(row) for row in rows]


def count_states(connection: sa.Connection, organisation_id: str) -> dict[MessageState, int]:
    """How many messages of an organisation are in which state; `MOST_COUNTED` + 1 stands for more."""
    counts = {}
    for state in MessageState:
        here = (_COLUMNS.organisation_id == organisation_id) & (_COLUMNS.state == state)
        first = sa.select(_COLUMNS.number).where(here).limit(MOST_COUNTED + 1).subquery()
        counts[state] = connection.execute(sa.select(sa.func.count()).select_from(first)).scalar_one()
    return counts


def list_waiting(connection: sa.Connection, before: datetime | None = None) -> list[MessageNumber]:
    """What came and is not done yet, in the order in which it came; with `before` what came earlier."""
    query = sa.select(_COLUMNS.number).where(
        # By the organisation a state is found without looking at all that was ever sent.
        _COLUMNS.organisation_id.in_(sa.select(sender_table.c.organisation_id)),
        _COLUMNS.state == MessageState.WAITING,
        _COLUMNS.direction == Direction.IN,
    )
    if before is not None:
        query = query.where(_COLUMNS.at < before)
    return [MessageNumber(one) for one in connection.execute(query.order_by(_COLUMNS.number)).scalars()]


def next_waiting(connection: sa.Connection, receiver_id: str) -> tuple[Entry, sa.Row[Any]] | None:
    """What is to be sent to a receiver next; the order is that in which messages were written."""
    row = connection.execute(
        sa.select(message_table)
        .where(
            _COLUMNS.partner_id == receiver_id,
            _COLUMNS.state == MessageState.WAITING,
            _COLUMNS.direction == Direction.OUT,
        )
        .order_by(_COLUMNS.number)
        .limit(1)
    ).first()
    return None if row is None else (_entry(row), row)


def move_message(
    connection: sa.Connection, number: int, before: Iterable[MessageState], then: MessageState, **values: Any
) -> bool:
    """Bring a message to another state; False where it is in none of those before."""
    changed = connection.execute(
        sa.update(message_table)
        .where(_COLUMNS.number == number, _COLUMNS.state.in_(sorted(before)))
        .values(state=then, **values)
    )
    return changed.rowcount > 0


def change_message(connection: sa.Connection, number: int, **values: Any) -> None:
    connection.execute(sa.update(message_table).where(_COLUMNS.number == number).values(**values))


def last_done(
    connection: sa.Connection, sender_id: str, patient_id: str, kinds: Collection[str], besides: int
) -> sa.Row[Any] | None:
    """The message of these kinds that was done last of what a sender told of a patient."""
    column = message_table.c
    query = sa.select(message_table).where(
        column.patient_id == patient_id,
        column.partner_id == sender_id,
        column.direction == Direction.IN.value,
        column.state == MessageState.DONE.value,
        column.kind.in_(kinds),
        column.number != besides,
    )
    return connection.execute(query.order_by(column.done_at.desc(), column.number.desc()).limit(1)).first()


def find_later(
    connection: sa.Connection, entry: Entry, kinds: Collection[str], states: Collection[MessageState]
) -> MessageNumber | None:
    """A later message of these kinds about the same case, to the same receiver, that is in one of these
    states."""
    column = message_table.c
    query = sa.select(column.number).where(
        column.partner_id == entry.partner_id,
        column.direction == Direction.OUT.value,
        column.case_id == entry.case_id,
        column.kind.in_(kinds),
        column.state.in_([one.value for one in states]),
        column.number > entry.number,
    )
    found = connection.execute(query.order_by(column.number).limit(1)).scalar()
    return None if found is None else MessageNumber(found)


def forget_texts(connection: sa.Connection, before: datetime) -> int:
    """Drop the texts of messages that are dealt with and came before a moment, and those of their answers,
    which name the patient too; a thousand at most."""
    old = (
        sa.select(_COLUMNS.number)
        .where(_COLUMNS.sealed.is_not(None), _COLUMNS.at < before, _COLUMNS.state.not_in(sorted(OPEN)))
        .limit(_FORGOTTEN_AT_ONCE)
    )
    numbers = list(connection.execute(old).scalars())
    if numbers:
        forgotten = sa.update(message_table).where(_COLUMNS.number.in_(numbers))
        connection.execute(forgotten.values(sealed=None, answer=None))
    return len(numbers)


def standings(connection: sa.Connection, organisation_id: str) -> list[Standing]:
    """How each connection of an organisation stands: senders first, by name."""
    counted = (
        sa.select(
            _COLUMNS.partner_id,
            sa.func.sum(sa.case((_COLUMNS.state == MessageState.WAITING, 1), else_=0)).label("waiting"),
            sa.func.sum(sa.case((_COLUMNS.state == MessageState.DEAD, 1), else_=0)).label("dead"),
            sa.func.min(sa.case((_COLUMNS.state == MessageState.WAITING, _COLUMNS.at))).label("oldest"),
        )
        .where(_COLUMNS.organisation_id == organisation_id, _COLUMNS.state.in_(sorted(OPEN)))
        .group_by(_COLUMNS.partner_id)
    )
    by_partner = {row.partner_id: (row.waiting, row.dead, row.oldest) for row in connection.execute(counted)}
    found = []
    for sender in list_senders(connection, organisation_id):
        waiting, dead, oldest = by_partner.get(sender.id, (0, 0, None))
        last = _last_at(connection, sender.id)
        found.append(Standing(sender.id, sender.name, Direction.IN, waiting, dead, oldest, last, None, None))
    for each in list_receivers(connection, organisation_id):
        waiting, dead, oldest = by_partner.get(each.id, (0, 0, None))
        found.append(
            Standing(
                each.id,
                each.name,
                Direction.OUT,
                waiting,
                dead,
                oldest,
                each.last_sent_at,
                each.failed_at,
                each.failure,
            )
        )
    return found


def _last_at(connection: sa.Connection, sender_id: str) -> datetime | None:
    """When something last came from a sender: of the newest message of each state the newest."""
    newest = sa.select(_COLUMNS.at).where(_COLUMNS.partner_id == sender_id)
    newest = newest.order_by(_COLUMNS.number.desc()).limit(1)
    found = (connection.execute(newest.where(_COLUMNS.state == one)).scalar() for one in MessageState)
    return max((at for at in found if at is not None), default=None)


# Orders ---------------------------------------------------------------------------------------------------


def add_order(
    connection: sa.Connection, sender_id: str, issuer: str, placer: str, case_id: str, number: int
) -> None:
    connection.execute(
        sa.insert(order_table).values(
            sender_id=sender_id, issuer=issuer, placer=placer, case_id=case_id, message_number=number
        )
    )


def find_placed(
    connection: sa.Connection, sender_id: str, issuer: str, placer: str
) -> tuple[str, int] | None:
    """The case that an order became, and by which message; None where no such order came."""
    columns = order_table.c
    row = connection.execute(
        sa.select(columns.case_id, columns.message_number).where(
            columns.sender_id == sender_id, columns.issuer == issuer, columns.placer == placer
        )
    ).first()
    return None if row is None else (row.case_id, row.message_number)


# ----------------------------------------------------------------------------------------------------------


def _listed(table: sa.Table, organisation_id: str | None) -> sa.Select[Any]:
    query = sa.select(table).order_by(table.c.name)
    return query if organisation_id is None else query.where(table.c.organisation_id == organisation_id)


def _of_control_id(organisation_id: str, control_id: str) -> sa.Select[Any]:
    """Numbers of messages of a control id, which is found by whom it came from or goes to."""
    partners = sa.union_all(
        *(
            sa.select(table.c.id).where(table.c.organisation_id == organisation_id)
            for table in (sender_table, receiver_table)
        )
    )
    message = message_table.alias().c
    return sa.select(message.number).where(
        message.direction.in_(list(Direction)),
        message.partner_id.in_(partners),
        message.control_id == control_id,
    )


def _listed_columns() -> list[sa.ColumnElement[Any]]:
    """All but the text, of which only is said whether it is there."""
    return [
        *(column for column in _COLUMNS if column.name not in ("sealed", "answer", "digest")),
        _COLUMNS.sealed.is_not(None).label("is_kept"),
    ]


def _check_free(connection: sa.Connection, table: sa.Table, name: str) -> None:
    if connection.execute(sa.select(table.c.id).where(table.c.name == name)).first() is not None:
        raise Conflict("There is a connection called {name} already.", name=name)


def _sender(row: sa.Row[Any]) -> Sender:
    plain = row._asdict()
    del plain["added_at"]
    return Sender(**plain | {"addresses": tuple(plain["addresses"])})


def _receiver(row: sa.Row[Any]) -> Receiver:
    plain = row._asdict()
    for name in ("added_at", "held_by", "held_until"):
        del plain[name]
    sends = tuple(Sent(one) for one in plain["sends"])
    return Receiver(**plain | {"failure": _sentence(plain["failure"]), "sends": sends})


def _entry(row: sa.Row[Any]) -> Entry:
    is_kept = row.is_kept if hasattr(row, "is_kept") else row.sealed is not None
    return Entry(
        MessageNumber(row.number),
        Direction(row.direction),
        row.organisation_id,
        row.partner_id,
        row.partner,
        row.control_id,
        row.kind,
        MessageState(row.state),
        _sentence(row.reason),
        row.at,
        row.done_at,
        row.attempts,
        row.next_attempt_at,
        row.patient_id,
        row.case_id,
        row.replaces,
        bool(is_kept),
    )


def _sentence(plain: Any) -> Sentence | None:
    return None if plain is None else typed(plain, Sentence)
