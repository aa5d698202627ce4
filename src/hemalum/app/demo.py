"""A small node to look at: synthetic slides, made once."""

import os
import tempfile
import time
from pathlib import Path

import click

from hemalum.app.node import open_parts, working
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.kernel.errors import Conflict
from hemalum.runtime.settings import Settings

_DONE = "demo-slides-made"


def seed(settings: Settings) -> None:
    """Give a node the demo slides unless it has them. Says what it does; may be interrupted and repeated."""
    marker = settings.data / _DONE
    if marker.exists():
        return
    from hemalum.testing.synth.presets import DEMO_SLIDES
    from hemalum.testing.writers import worker_pool

    started = time.monotonic()
    click.echo(f"Making {len(DEMO_SLIDES)} synthetic slides for the demo; this happens once.")
    with (
        open_parts(settings) as node,
        working(node),
        tempfile.TemporaryDirectory(prefix="hemalum-demo-") as made,
        worker_pool(os.cpu_count() or 1) as pool,
    ):
        visitor = node.access.ensure_demo_person()
        for demo in DEMO_SLIDES:
            click.echo(f"  {demo.title} ...", nl=False)
            path = demo.write(Path(made), pool=pool)
            for one in node.slides.take_in([path], visitor.organisation_id, visitor.person_id, keep=True):
                summary = node.slides.wait_for(one)
                if summary.status is not ImageStatus.AVAILABLE:
                    raise Conflict(
                        "The demo slide {name} was not taken in: {reason}",
                        name=path.name,
                        reason=summary.reason or "",
                    )
                stated = {"specimen": demo.label, "organ": demo.organ, "stain": demo.stain}
                node.slides.describe(visitor, summary.id, stated | {"laboratory": "Hemalum demo"})
            path.unlink()
            click.echo(f" {time.monotonic() - started:.0f} s")
    marker.touch()
