"""The DICOM headers of images, as blobs. Parsing and making them happens in a child process."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hemalum.capabilities.slides.model import Instance, instance_from_builtins
from hemalum.runtime.sandbox import OnProgress, Workers


def build_headers(
    workers: Workers,
    *,
    description: Path,
    index: Path,
    objects: Sequence[Path],
    pictures: Mapping[str, Path],
    seed: str,
    out_dir: Path,
    progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Write the headers of an image into `out_dir`; answers what `write_instances` says.

    `objects` are the objects of the image by number, the derived one included; `pictures` the JPEG files of
    label and macro by kind, as far as there are any.

    Raises:
        UnreadableSlide: a header of an original cannot be understood.
    """
    answer: dict[str, Any] = workers.call(
        "hemalum.formats.wsi.instances:write_instances",
        {
            "description": str(description),
            "index": str(index),
            "objects": [str(path) for path in objects],
            "pictures": {kind: str(path) for kind, path in pictures.items()},
            "seed": seed,
            "out_dir": str(out_dir),
        },
        progress=progress,
        cancelled=cancelled,
    )
    return answer


def instances_from(
    found: Sequence[Mapping[str, Any]], image_id: str, keys: Mapping[str, str]
) -> list[Instance]:
    """Rows for what `build_headers` answered; `keys` are the blobs by file name."""
    return [
        instance_from_builtins(
            {
                **one,
                "image_id": image_id,
                "header_key": keys[f"instance-{one['number']}.head"],
                "json_key": keys[f"instance-{one['number']}.json"],
            }
        )
        for one in found
    ]
