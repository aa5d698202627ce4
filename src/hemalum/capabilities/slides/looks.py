"""The look of channels that every reader of a slide begins with.

It changes no pixel, and no choice that a reader makes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hemalum.capabilities.slides import look_store, policy, store
from hemalum.capabilities.slides.model import ChannelLook, Image, Look
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.runtime.db import transaction


@dataclass(frozen=True)
class Looks:
    """The use cases of looks, on the slides of a node. Who may describe a slide may give it one."""

    slides: Slides

    def set_look(self, actor: Actor, image_id: str, channels: Sequence[ChannelLook]) -> Look:
        """Let every reader begin with these settings of all channels of an image.

        Raises:
            NotFound: there is no such image, or the actor may not see it.
            NotPermitted: the actor may not describe it.
            Conflict: it is not available.
            Invalid: it has other channels, or a range is empty.
        """
        look = Look(tuple(channels), actor.person_id, actor.called, self.slides.clock())
        with transaction(self.slides.database) as connection:
            asking = self.slides.check(connection, actor, image_id, policy.DESCRIBE)
            image = store.get_image(connection, image_id)
            _check(image, look.channels)
            self.slides.tell(asking, "slides.set_look", image.summary)
            look_store.put_look(connection, image_id, look)
        return look

    def forget_look(self, actor: Actor, image_id: str) -> None:
        """Let readers begin with what the file proposes again.

        Raises as `set_look` does, and NotFound where the image has no look.
        """
        with transaction(self.slides.database) as connection:
            asking = self.slides.check(connection, actor, image_id, policy.DESCRIBE)
            self.slides.tell(asking, "slides.forget_look", store.get_image(connection, image_id).summary)
            if not look_store.remove_look(connection, image_id):
                raise NotFound("Nobody gave this slide a look.")


def _check(image: Image, channels: tuple[ChannelLook, ...]) -> None:
    if image.description is None:
        raise Conflict("An image can be described once it is available.")
    if [each.number for each in channels] != list(range(len(image.description.channels))):
        raise Invalid("A look names every channel of the slide once, in their order.")
    if not any(each.visible for each in channels):
        raise Invalid("A look shows one channel at least.")
    if any(each.low >= each.high for each in channels):
        raise Invalid("The black point of a channel lies below its white point.")
