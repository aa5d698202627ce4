"""Loans, discards, and what was lost or broke."""

from fastapi import APIRouter, Depends

from hemalum.capabilities.custody.routes.answers import (
    CodeAsked,
    CustodyEventShown,
    DiscardProposal,
    DiscardShown,
    FindAsked,
    LoanAsked,
    LoanShown,
    MishapAsked,
    WaitingShown,
    discard_of,
    event_of,
    loan_of,
    waiting_of,
)
from hemalum.capabilities.custody.routes.parts import Desk, Discarder, Scanner, Viewer
from hemalum.kernel.clock import utc_now
from hemalum.runtime.http import kept_nowhere

router = APIRouter(tags=["custody"], dependencies=[Depends(kept_nowhere)])


@router.get("/loans")
def list_loans(actor: Viewer, desk: Desk) -> list[LoanShown]:
    """What is out, the first due first, then what came back last."""
    now = utc_now()
    return [loan_of(each, now) for each in desk.lending.list_all(actor)]


@router.post("/loans", status_code=201)
def lend_piece(asked: LoanAsked, actor: Scanner, desk: Desk) -> LoanShown:
    """Lend a block or slide that is filed."""
    return loan_of(desk.lending.lend(actor, asked.code, asked.to, asked.purpose, asked.due_at), utc_now())


@router.post("/loans/return")
def return_piece(asked: CodeAsked, actor: Scanner, desk: Desk) -> LoanShown:
    """Say that a block or slide came back."""
    return loan_of(desk.lending.take_back(actor, asked.code), utc_now())


@router.get("/lost")
def list_lost(actor: Viewer, desk: Desk) -> list[WaitingShown]:
    """Pieces that are lost, the most pressing first."""
    return [waiting_of(each) for each in desk.mishaps.list_lost(actor)]


@router.post("/mishaps", status_code=201)
def tell_mishap(asked: MishapAsked, actor: Scanner, desk: Desk) -> CustodyEventShown:
    """Say that a piece was lost, or broke."""
    return event_of(desk.mishaps.tell(actor, asked.code, asked.mishap, asked.reason))


@router.post("/finds", status_code=201)
def find_piece(asked: FindAsked, actor: Scanner, desk: Desk) -> CustodyEventShown:
    """Say that a lost piece was found; it is at the stage at which it was lost."""
    return event_of(desk.mishaps.find(actor, asked.code, asked.reason))


@router.get("/discards")
def list_discards(actor: Viewer, desk: Desk) -> list[DiscardShown]:
    """Proposals that wait for a second person, then what became of the others."""
    return [discard_of(each, actor.person_id) for each in desk.discarding.list_all(actor)]


@router.post("/discards", status_code=201)
def propose_discard(asked: DiscardProposal, actor: Discarder, desk: Desk) -> DiscardShown:
    """Propose to discard pieces; somebody else confirms."""
    made = desk.discarding.propose(
        actor, asked.codes, asked.reason, despite_retention=asked.despite_retention
    )
    return discard_of(made, actor.person_id)


@router.post("/discards/{discard_id}/confirmation")
def confirm_discard(discard_id: str, actor: Discarder, desk: Desk) -> DiscardShown:
    """Discard what somebody else proposed."""
    return discard_of(desk.discarding.confirm(actor, discard_id), actor.person_id)


@router.post("/discards/{discard_id}/withdrawal")
def withdraw_discard(discard_id: str, actor: Discarder, desk: Desk) -> DiscardShown:
    """Say that a proposal is not to be carried out."""
    return discard_of(desk.discarding.withdraw(actor, discard_id), actor.person_id)
