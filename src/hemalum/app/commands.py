"""The commands that see the whole node: serve, demo, doctor, audit."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from hemalum.kernel.errors import Invalid
from hemalum.runtime.http import LOOPBACK_HOSTS
from hemalum.runtime.settings import Settings, load_settings, make_folders

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
    from hemalum.app.demo import seed
    from hemalum.app.server import serve as run

    if host not in LOOPBACK_HOSTS:
        raise Invalid("A demo node signs its visitors in, so it listens on a loopback address only.")
    settings = load_settings(data)
    make_folders(settings)
    if slides:
        seed(settings)
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


@click.group()
def audit() -> None:
    """The log of what was done on the node."""


@audit.command()
@_data
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--key", metavar="VKEY", help="The public key of the log, from elsewhere than this machine.")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A checkpoint that somebody keeps elsewhere; the log must still contain it.",
)
def verify(data: Path, as_json: bool, key: str | None, checkpoints: tuple[Path, ...]) -> None:
    """Check the log end to end: every entry, hash, checkpoint and cosignature."""
    from hemalum.runtime.log.verify import verify_node_log

    outside = [path.read_bytes() for path in checkpoints]
    settings = load_settings(data)
    report = verify_node_log(settings, key or _own_log_key(settings), outside)
    finding = report.finding
    if as_json:
        click.echo(json.dumps({"whole": finding is None, **asdict(report)}, indent=2))
    elif finding is None:
        click.echo(
            f"The log of {report.origin} is whole: {report.size} entries, {report.checkpoints} checkpoints,"
            f" {report.cosignatures} cosignatures."
        )
    else:
        click.echo(f"hemalum: {finding.detail} ({finding.problem})", err=True)
    sys.exit(0 if finding is None else 1)


def _own_log_key(settings: Settings) -> str | None:
    """The public key of the node's log; None when the node never had one."""
    from hemalum.runtime.crypto.keys import open_keyring
    from hemalum.runtime.db import open_database
    from hemalum.runtime.log.notes import SigningKey

    path = settings.keys / "log"
    if not path.is_file():
        return None
    database = open_database(settings.database_url)
    try:
        seed = open_keyring(settings, database).load_or_make_secret(path)
    finally:
        database.dispose()
    return str(SigningKey(settings.node_name, seed).verifier)
