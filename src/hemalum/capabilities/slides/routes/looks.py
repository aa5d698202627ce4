"""The look of channels that every reader of a slide begins with."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.slides.looks import Looks
from hemalum.capabilities.slides.model import ChannelLook
from hemalum.capabilities.slides.routes import answers
from hemalum.capabilities.slides.routes.parts import Describer

router = APIRouter(prefix="/images/{image_id}/look", tags=["slides"])


async def looks_of(request: Request) -> Looks:
    """The looks of this node's slides."""
    return Looks(request.app.state.slides)


Kept = Annotated[Looks, Depends(looks_of)]


class LookAsked(BaseModel):
    """Settings of all channels of a slide, in their order."""

    channels: list[answers.ShownLook] = Field(min_length=1, max_length=200)


@router.put("")
def set_look(image_id: str, asked: LookAsked, actor: Describer, looks: Kept) -> answers.SlideLook:
    """Let every reader begin with these settings."""
    channels = [ChannelLook(**each.model_dump()) for each in asked.channels]
    return answers.look_of(looks.set_look(actor, image_id, channels))


@router.delete("", status_code=204, response_class=Response)
def forget_look(image_id: str, actor: Describer, looks: Kept) -> Response:
    """Let readers begin with what the file proposes again."""
    looks.forget_look(actor, image_id)
    return Response(status_code=204)
