"""Dictation over HTTP: a recording comes in, text goes out, and neither is kept."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from hemalum.capabilities.reports.dictating import MOST_SECONDS, Dictating
from hemalum.capabilities.reports.model import Language
from hemalum.capabilities.reports.routes.parts import Writer
from hemalum.runtime.http import kept_nowhere


async def dictating_of(request: Request) -> Dictating:
    """The dictation of this node."""
    dictating: Dictating = request.app.state.dictating
    return dictating


router = APIRouter(tags=["reports"], dependencies=[Depends(kept_nowhere)])
Dictations = Annotated[Dictating, Depends(dictating_of)]


class DictationOffered(BaseModel):
    """Whether the node takes dictation."""

    is_available: bool
    """False where it is set up without a speech model."""
    most_seconds: int
    """Of a recording."""


class DictatedText(BaseModel):
    """What was understood: a proposal, which is in no report."""

    text: str
    """Empty where nothing was understood."""


@router.get("/dictation")
def show_dictation(_: Writer, dictating: Dictations) -> DictationOffered:
    """Whether one can dictate here, and for how long at once."""
    return DictationOffered(is_available=dictating.is_available, most_seconds=MOST_SECONDS)


@router.post("/cases/{case_id}/dictation")
async def dictate(
    case_id: str, actor: Writer, dictating: Dictations, request: Request, language: Language = Language.EN
) -> DictatedText:
    """The text of the recording in the body (WebM, Ogg, MP4 or WAV, 16 MiB at most). Nothing is kept."""
    audio = await request.body()
    return DictatedText(text=await run_in_threadpool(dictating.transcribe, actor, case_id, audio, language))
