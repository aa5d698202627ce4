"""Commands for conformity: `hemalum conformity report`, `check` and `codes`."""

import sys
from pathlib import Path

import click

from hemalum.capabilities.conformity.spreadsheet import write_report
from hemalum.formats.profile.classifications import SCHEMES
from hemalum.formats.profile.judging import Level, judge
from hemalum.formats.profile.record import from_json
from hemalum.formats.profile.terms import Words
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence, cause_of

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)


@click.group()
def conformity() -> None:
    """How far the metadata of slides conform to the published profile."""


@conformity.command()
@_data
@click.option("--organisation", "organisation_id", default=None, help="Default: the node's first one.")
@click.option("--csv", "as_csv", is_flag=True, help="For spreadsheets.")
@click.pass_obj
def report(open_node: OpenNode, data: Path, organisation_id: str | None, as_csv: bool) -> None:
    """How many slides of an organisation are how, for each element of the profile."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        found = node.conformity.report_of(home.id)
    if as_csv:
        click.echo(write_report(found), nl=False)
        return
    click.echo(f"{home.name}: {sum(found.slides.values())} slides")
    for name, counts in {"slides": found.slides, **found.elements}.items():
        told = "  ".join(f"{counts.get(level, 0):7} {level.value}" for level in Level)
        click.echo(f"{name:12} {told}")


@conformity.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Judge records, as JSON of the profile in FILES, by the words that are shipped. Needs no node."""
    is_refused = False
    for path in files:
        try:
            judged = judge(from_json(path.read_bytes()), Words(), utc_now())
        except OSError as error:
            raise Invalid("{path} cannot be read: {cause}.", path=str(path), cause=cause_of(error)) from error
        click.echo(f"{path}: {judged.level.value}")
        for one in judged.verdicts:
            if one.level is not Level.CONFORMING:
                click.echo(f"  {one.level.value:8} {one.pointer}  {one.sentence}")
        is_refused = is_refused or judged.level is Level.REFUSED
    if is_refused:
        sys.exit(1)


@conformity.command()
@_data
@click.pass_obj
def codes(open_node: OpenNode, data: Path) -> None:
    """Tables of licensed classifications that lie in the folder `codes` of the data directory.

    One CSV file for each, named after its DICOM designator, such as I10.csv: value and meaning on each line.
    """
    with open_node(data) as node:
        found = node.conformity.read_tables()
    wrong = {name: table for name, table in found.items() if isinstance(table, Sentence)}
    for name, table in found.items():
        if name not in wrong:
            click.echo(f"{name}: {len(table)} codes")
    for name in sorted(set(SCHEMES) - set(found)):
        click.echo(f"{name}: no table; codes are judged by their shape alone")
    for name, complaint in wrong.items():
        click.echo(f"hemalum: {name}: {complaint}", err=True)
    if wrong:
        sys.exit(1)
