"""The `hemalum` command. Every subcommand is loaded only when it is called, so that each starts at once."""

import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hemalum.kernel.errors import HemalumError
from hemalum.runtime.settings import load_settings

if TYPE_CHECKING:
    from hemalum.capabilities.slides.early import Early

COMMANDS = {
    "serve": "hemalum.app.commands:serve",
    "demo": "hemalum.app.commands:demo",
    "doctor": "hemalum.app.commands:doctor",
    "audit": "hemalum.capabilities.audit.commands:audit",
    "token": "hemalum.capabilities.access.commands:token",
    "link": "hemalum.capabilities.access.commands:link",
    "organisation": "hemalum.capabilities.access.commands:organisation",
    "person": "hemalum.capabilities.access.commands:person",
    "apps": "hemalum.capabilities.apps.commands:apps",
    "ingest": "hemalum.capabilities.slides.ingest_command:ingest",
    "scrub": "hemalum.capabilities.slides.commands:scrub",
    "keys": "hemalum.app.key_commands:keys",
    "cases": "hemalum.capabilities.cases.commands:cases",
    "custody": "hemalum.capabilities.custody.commands:custody",
    "hl7": "hemalum.capabilities.interfaces.commands:hl7",
    "scanners": "hemalum.capabilities.modalities.commands:scanners",
    "reports": "hemalum.capabilities.reports.commands:reports",
    "conformity": "hemalum.capabilities.conformity.commands:conformity",
    "models": "hemalum.capabilities.models.commands:models",
    "triage": "hemalum.capabilities.triage.commands:triage",
    "layers": "hemalum.capabilities.layers.commands:layers",
    "worker": "hemalum.capabilities.slides.commands:worker",
    "formats": "hemalum.capabilities.slides.commands:formats",
    "synth": "hemalum.testing.synth.commands:synth",
}

JOINED = {
    "models": {
        "run": "hemalum.capabilities.inference.commands:run",
        "devices": "hemalum.capabilities.inference.commands:devices",
        "export-run": "hemalum.capabilities.inference.commands:export_run",
        "export-embeddings": "hemalum.capabilities.inference.commands:export_embeddings",
    }
}
"""Commands of a higher capability in the group of a lower one."""


class LazyGroup(click.Group):
    """A group whose commands are imported by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = _load(COMMANDS[cmd_name])
        for name, place in JOINED.get(cmd_name, {}).items():
            assert isinstance(command, click.Group)
            command.add_command(_load(place), name)
        return command


def _load(place: str) -> click.Command:
    module, attribute = place.split(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    return command


@contextmanager
def open_node(
    data: Path, *, jobs: bool = False, watch: bool = False, early: "Early | None" = None
) -> Iterator[Any]:
    """See `kernel.capability.OpenNode`."""
    from hemalum.app.node import open_parts, watching, working
    from hemalum.capabilities.slides.early import NOTHING_EARLY

    with ExitStack() as opened:
        if early is not None:
            opened.callback(early.drop)
        parts = opened.enter_context(open_parts(load_settings(data), early or NOTHING_EARLY))
        if jobs:
            opened.enter_context(working(parts))
        if watch:
            opened.enter_context(watching(parts))
        yield parts


@click.group(cls=LazyGroup)
@click.version_option(package_name="hemalum")
@click.pass_context
def hemalum(context: click.Context) -> None:
    """The software of a hospital network that has gone all-digital in pathology."""
    context.obj = open_node


def main() -> None:
    """Run the command; a domain error is one line on stderr and exit code 1."""
    try:
        hemalum(prog_name="hemalum")
    except HemalumError as error:
        click.echo(f"hemalum: {error}", err=True)
        sys.exit(1)
    finally:
        # Python would look through all objects once more before it ends: a sixth of a short command's time.
        gc.freeze()
