"""`hemalum audit`: for the operator of the machine, and for who was given a copy of its data."""

import json
import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hemalum.capabilities.audit.model import Filter
from hemalum.kernel.actor import Actor
from hemalum.kernel.capability import OpenNode
from hemalum.runtime.settings import load_settings

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_output = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The file to write.",
)
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def audit() -> None:
    """The log of what was done on the node."""


@audit.command()
@_data
@_json
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
    report = verify_node_log(load_settings(data), key, outside)
    finding = report.finding
    if as_json:
        click.echo(json.dumps({"whole": finding is None, **asdict(report)}, indent=2))
    elif finding is None:
        unsigned = report.size - report.signed_size
        click.echo(
            f"The log of {report.origin} is whole: {report.size} entries, {report.checkpoints} checkpoints,"
            f" {report.cosignatures} cosignatures{f'; the last {unsigned} not signed yet' * bool(unsigned)}."
        )
    else:
        click.echo(f"hemalum: {finding.detail} ({finding.problem})", err=True)
    sys.exit(0 if finding is None else 1)


@audit.command()
@_data
@_output
@click.option("--entry", type=click.Path(dir_okay=False, path_type=Path), help="Write the entry itself too.")
@click.argument("index", type=click.IntRange(min=0))
@click.pass_obj
def proof(open_node: OpenNode, data: Path, output: Path, entry: Path | None, index: int) -> None:
    """Write the proof that an entry is in the log, for a third party to check with hemalum-verify."""
    with open_node(data) as node:
        output.write_bytes(node.log.proof_file(index))
        if entry is not None:
            entry.write_bytes(node.log.read(index, 1)[0])
        click.echo(f"Entry {index} of the log {node.log.key}")


@audit.command()
@_data
@_output
@click.option("--user", default="admin", show_default=True, help="In whose name the export is recorded.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day, UTC.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last one, UTC.")
@click.option("--action", help="An action, or a capability with all of its actions.")
@click.option("--person", help="Identifier of a person.")
@click.option("--target", help="What it was done to, as image/ID.")
@click.pass_obj
def export(
    open_node: OpenNode,
    data: Path,
    output: Path,
    user: str,
    since: datetime | None,
    until: datetime | None,
    action: str | None,
    person: str | None,
    target: str | None,
) -> None:
    """Write entries of the whole node as CSV."""
    from hemalum.capabilities.audit.spreadsheet import as_csv

    wanted = Filter(_utc(since), _utc(until), action, person=person, target=target)
    with open_node(data) as node, output.open("wb") as file:
        file.writelines(as_csv(node.audit.export(_operator(node, user), wanted)))


@audit.command()
@_data
@click.option("--user", default="admin", show_default=True, help="In whose name the erasure is recorded.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("person")
@click.pass_obj
def erase(open_node: OpenNode, data: Path, user: str, yes: bool, person: str) -> None:
    """Make what the log tells of a person unreadable for good; entries and proofs stay as they are."""
    if not yes:
        click.confirm(f"Erase what names {person} in the log? This cannot be undone.", abort=True)
    with open_node(data) as node:
        node.audit.erase(_operator(node, user), person)
    click.echo(f"What named {person} in the log is erased.")


@audit.command()
@_data
@_json
@click.option("--ask", is_flag=True, help="Ask them to cosign the newest checkpoint now.")
@click.pass_obj
def witnesses(open_node: OpenNode, data: Path, as_json: bool, ask: bool) -> None:
    """Show the keys of this log and of this node as a witness, and how far each witness has followed."""
    with open_node(data) as node:
        failed = {name: why for name, why in (node.witnessing.have_cosigned() if ask else {}).items() if why}
        states = node.witnessing.states()
        keys = {"log": str(node.log.key), "witness": str(node.witnessing.witness.key)}
        size = node.log.size()
    if as_json:
        shown = {"keys": keys, "size": size, "witnesses": [asdict(state) for state in states]}
        click.echo(json.dumps(shown | {"failed": failed}, indent=2))
    else:
        click.echo(f"log      {keys['log']}\nwitness  {keys['witness']}\nsize     {size}")
        for state in states:
            click.echo(
                f"{state.name}: cosigned {state.cosigned} entries  {failed.get(state.name, '')}".rstrip()
            )
    sys.exit(1 if failed else 0)


@audit.command()
@_data
@_output
@click.option("--year", type=click.IntRange(2000, 9998), required=True)
@click.option("--user", default="admin", show_default=True, help="In whose name it is recorded.")
@click.pass_obj
def evidence(open_node: OpenNode, data: Path, output: Path, year: int, user: str) -> None:
    """Write what an inspector asks for of one year: accounts, policies, keys, checks, the log."""
    from hemalum.capabilities.audit.evidence import write_evidence

    with open_node(data) as node:
        output.write_bytes(write_evidence(node.audit, node.sources(), _operator(node, user), year))
    click.echo(f"{output} holds the evidence of {year}.")


@audit.command()
@_data
@click.pass_obj
def reindex(open_node: OpenNode, data: Path) -> None:
    """Build the index of the log anew."""
    with open_node(data) as node:
        node.audit.rebuild()
        node.audit.catch_up()
        click.echo(f"{node.log.size()} entries are in the index.")


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)


def _operator(node: Any, user: str) -> Actor:
    """Somebody of the node, with the whole log before them: whoever runs a command can read it anyway."""
    actor: Actor = node.access.actor_for(user)
    return replace(
        actor, roles=actor.roles | {"auditor"}, permissions=actor.permissions | {"access.administer_node"}
    )
