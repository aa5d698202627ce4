"""`hemalum ingest`, apart from other commands: it reads the first file while it loads the rest of itself."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hemalum.capabilities.slides.early import NOTHING_EARLY, begin
from hemalum.kernel.capability import OpenNode
from hemalum.runtime.settings import load_settings

if TYPE_CHECKING:
    from hemalum.capabilities.slides.model import ImageSummary
    from hemalum.capabilities.slides.service import Received, Slides


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node; made when it is not there.",
)
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option("--copy", is_flag=True, help="Copy originals to the blob store instead of linking them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each slide.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_obj
def ingest(
    open_node: OpenNode,
    data: Path,
    organisation_id: str | None,
    copy: bool,
    as_json: bool,
    paths: tuple[Path, ...],
) -> None:
    """Take in files and folders; one line for each slide.

    Folders are searched through. Files are linked where they lie and never changed. The same bytes are one
    slide, however often they come. Exit code 0 when every slide is available, else 1.
    """
    early = NOTHING_EARLY if copy else begin(load_settings(data), paths)
    with open_node(data, jobs=True, early=early) as node:
        home = node.access.get_organisation(organisation_id)
        received = node.slides.take_in(paths, home.id, keep=copy or None)
        all_available = True
        for one in received:
            summary = _wait(node.slides, one)
            all_available &= summary.status.value == "available"
            click.echo(json.dumps(_plain(one, summary)) if as_json else _line(one, summary))
    if not received:
        click.echo("hemalum: there is no slide in these folders", err=True)
    sys.exit(0 if received and all_available else 1)


def _wait(slides: "Slides", received: "Received") -> "ImageSummary":
    """Wait for a slide, with progress when somebody watches."""
    if not sys.stderr.isatty():
        return slides.wait_for(received)
    done = threading.Event()
    shown = threading.Thread(target=_show_progress, args=(slides, received, done), daemon=True)
    shown.start()
    try:
        return slides.wait_for(received)
    finally:
        done.set()
        shown.join()


def _show_progress(slides: "Slides", received: "Received", done: threading.Event) -> None:
    started = time.monotonic()
    while not done.wait(0.25):
        summary = slides.find_summary(received.image_id)
        if summary is None or summary.progress is None:
            continue
        progress = summary.progress
        percent = 100 * progress.done // max(1, progress.total)
        seconds = time.monotonic() - started
        click.echo(
            f"\r\x1b[K{received.candidate.name}: {progress.stage} {percent} % ({seconds:.0f} s)",
            err=True,
            nl=False,
        )
    click.echo("\r\x1b[K", err=True, nl=False)


def _plain(received: "Received", summary: "ImageSummary") -> dict[str, Any]:
    return {
        "path": str(received.candidate.files[0]),
        "paths": [str(path) for path in received.candidate.files],
        "status": summary.status.value,
        "reason": summary.reason and str(summary.reason),
        "image_id": summary.id,
        "already_here": summary.id != received.image_id,
        "study_uid": summary.study_uid,
        "series_uid": summary.series_uid,
        "sha256": summary.sha256,
    }


def _line(received: "Received", summary: "ImageSummary") -> str:
    path = received.candidate.files[0]
    if summary.status.value == "quarantined":
        return f"quarantined  {path}: {summary.reason}"
    known = " (already here)" if summary.id != received.image_id else ""
    scale = "no physical scale" if summary.spacing_x_um is None else f"{summary.spacing_x_um:.4g} um/px"
    return f"available    {path}: {summary.id}, {summary.width_px} x {summary.height_px} px, {scale}{known}"
