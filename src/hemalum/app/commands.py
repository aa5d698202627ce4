"""The commands that see the whole node: serve, demo, doctor."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from hemalum.kernel.errors import Invalid
from hemalum.runtime.addresses import LOOPBACK_HOSTS
from hemalum.runtime.settings import load_settings, make_folders

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node; made when it is not there.",
)
_host = click.option("--host", default="127.0.0.1", show_default=True)
_port = click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))


@click.command()
@_data
@_host
@_port
def serve(data: Path, host: str, port: int) -> None:
    """Serve a node: web app, API, DICOMweb and, unless another process does, its jobs."""
    from hemalum.app.server import serve as run

    settings = load_settings(data)
    make_folders(settings)
    run(settings, host, port)


@click.command()
@_data
@_host
@_port
@click.option("--slides/--no-slides", default=True, help="Whether an empty node is given synthetic slides.")
def demo(data: Path, host: str, port: int, slides: bool) -> None:
    """Serve a node with a few synthetic slides, whose visitors need no sign-in."""
    from hemalum.app.demo import seed, seed_cases
    from hemalum.app.demo_models import seed_models
    from hemalum.app.demo_reports import seed_reports
    from hemalum.app.server import serve as run

    if host not in LOOPBACK_HOSTS:
        raise Invalid("A demo node signs its visitors in, so it listens on a loopback address only.")
    settings = load_settings(data)
    make_folders(settings)
    if slides:
        seed(settings)
        seed_cases(settings)
        seed_reports(settings)
        seed_models(settings)
    run(settings, host, port, demo=True)


@click.command()
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def doctor(data: Path, as_json: bool) -> None:
    """Say what is ready, what is missing and what to do."""
    from hemalum.app.doctor import examine

    checks = examine(data)
    ready = all(check.ready for check in checks)
    if as_json:
        click.echo(json.dumps({"ready": ready, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        for check in checks:
            click.echo(f"{'ready  ' if check.ready else 'MISSING'}  {check.name}: {check.detail}")
            if not check.ready and check.remedy:
                click.echo(f"         {check.remedy}")
    sys.exit(0 if ready else 1)
