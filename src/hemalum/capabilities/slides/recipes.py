"""Recipes: where a child process finds the index and the objects of an image; see `runtime.recipes`."""

from typing import Any

from hemalum.capabilities.slides.model import Image, ImageObject, ObjectKind
from hemalum.kernel.errors import NotFound
from hemalum.runtime.blobs import Blobs

SIGNED_FOR_S = 3600


def recipe_of(blobs: Blobs, image: Image, *, with_profile: bool = False) -> dict[str, Any]:
    """The recipe of an image. It holds keys and signed addresses, so it goes to a child and nowhere else.

    Raises:
        NotFound: the image is not available.
    """
    if image.index_key is None or image.description is None:
        raise NotFound("This image is not available yet.")
    objects = sorted(image.objects, key=lambda each: each.number)
    index_size = blobs.size(image.index_key)
    return {
        "key": f"{image.id}/{image.generation}",
        "index": blobs.place(image.index_key, index_size, SIGNED_FOR_S),
        "objects": [_place(blobs, held) for held in objects],
        "icc": image.description.icc_profile if with_profile else None,
    }


def _place(blobs: Blobs, held: ImageObject) -> dict[str, Any]:
    if held.kind is ObjectKind.LINKED:
        return {"path": held.location, "size": held.size, "mtime_ns": held.mtime_ns}
    return blobs.place(held.location, held.size, SIGNED_FOR_S)
