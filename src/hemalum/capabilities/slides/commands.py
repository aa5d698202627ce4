"""Commands for slides: `hemalum ingest`, `hemalum worker`, `hemalum scrub` and `hemalum formats`."""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from hemalum.capabilities.access.service import ADMINISTRATOR_NAME
from hemalum.capabilities.slides import scrub as rounds
from hemalum.capabilities.slides.integrity import IntegrityReport
from hemalum.formats.wsi.catalogue import FORMATS, NOT_READ
from hemalum.kernel.capability import OpenNode
from hemalum.runtime.heap import give_back, share_heaps
from hemalum.runtime.sandbox import Workers

_GIVEN_BACK_EVERY_S = 60.0

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node; made when it is not there.",
)


@click.command()
@_data
@click.pass_obj
def worker(open_node: OpenNode, data: Path) -> None:
    """Run the jobs of a node until it is told to stop; watches the folders of its settings."""
    share_heaps()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_node(data, jobs=True, watch=True) as node:
        node.slides.workers.start()  # the first file finds a reader that is ready
        click.echo("The worker is ready.")
        while not stop.wait(_GIVEN_BACK_EVERY_S):
            give_back()


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each format.")
@click.pass_context
def formats(context: click.Context, as_json: bool) -> None:
    """What is read, how, how sure that is, and what is missing."""
    if context.invoked_subcommand is not None:
        return
    for row in FORMATS:
        if as_json:
            click.echo(json.dumps(asdict(row), ensure_ascii=False))
            continue
        click.echo(f"{row.name} ({row.maker}): {row.read}; {row.sure}")
        told = (("planes", row.planes), ("channels", row.channels), ("images", row.associated))
        shown = [f"{name}: {value}" for name, value in told if value != "-"]
        shown += [f"scale: {row.scale}"] if row.scale else []
        shown += (
            [f"{'to do' if row.read == NOT_READ else 'missing'}: {row.missing}"] if row.missing != "-" else []
        )
        click.echo(f"    {'; '.join(shown)}")


@formats.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def report(file: Path) -> None:
    """Print an anonymous fingerprint of FILE to send to whoever mends the reader.

    Counts, sizes and positions only: no pixels, no names, no serial numbers, no times. Look at it before you
    send it.
    """
    workers = Workers(1)
    try:
        told = workers.call("hemalum.formats.wsi.fingerprint:fingerprint", {"path": str(file.resolve())})
    finally:
        workers.close()
    click.echo(json.dumps(told, indent=1))


@click.command()
@_data
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
@click.pass_obj
def scrub(open_node: OpenNode, data: Path, as_json: bool) -> None:
    """Check every byte of every slide now, and repair from the replica what is damaged.

    Exit code 0 when all is as it was written, or was repaired, else 1.
    """
    with open_node(data, jobs=True) as node:
        begun = rounds.begin_round(node.slides, node.access.actor_for(ADMINISTRATOR_NAME))
        node.slides.queue.wait(begun.job_id)
        found = rounds.report(node.slides)
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
    else:
        for line in _scrub_lines(found):
            click.echo(line)
    sys.exit(1 if any(each.is_damaged for each in found.damaged) else 0)


def _scrub_lines(found: IntegrityReport) -> Iterator[str]:
    for slide in found.damaged:
        for one in slide.damage:
            chunks = f", chunks {', '.join(map(str, one.chunks))}" if one.chunks else ""
            became = "repaired" if one.repaired else one.harm.value
            yield f"{became:10} {slide.image_id} {slide.name}: {one.name}{chunks}"
    last = found.last_round
    if last is not None:
        counted = f"{last.slides} slides, {last.bytes / 1e6:.0f} MB"
        yield f"{last.state}: {counted}, {last.damaged} damaged, {last.repaired} repaired"
