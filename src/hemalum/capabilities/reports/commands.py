"""Commands for reports: `hemalum reports templates`, `findings` and `check`."""

import sys
from pathlib import Path

import click

from hemalum.capabilities.reports.findings import code_of
from hemalum.capabilities.reports.shelf import Shelf
from hemalum.capabilities.reports.templates import BadTemplate, read_template
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import cause_of


@click.group()
def reports() -> None:
    """Reports of cases: the templates that they are filled into."""


@reports.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
def templates(data: Path) -> None:
    """The templates of a node, one line each: id, version, whose, title.

    A laboratory's own lie as TOML files in the folder `templates` of the data directory.
    """
    files = Shelf(data / "templates").files()
    for each in files:
        if each.template is not None:
            whose = "own" if each.is_own else "shipped"
            label = each.template.label
            click.echo(
                f"{each.template.id:20}  {each.template.version:3}  {whose:7}  {label.en} | {label.zh}"
            )
    wrong = [each for each in files if each.complaint is not None]
    for each in wrong:
        click.echo(f"hemalum: {each.complaint}", err=True)
    if wrong:
        sys.exit(1)


@reports.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
def findings(data: Path) -> None:
    """What programs may hand in, one line for each element: template, finding, kind, unit, element."""
    for each in Shelf(data / "templates").templates().values():
        assert each.template is not None
        for draw in each.template.draws:
            element = each.template.element(draw.element)
            unit = draw.unit or code_of("" if element is None else element.unit)
            line = f"{each.template.id:20}  {draw.finding:26}  {draw.kind.value:11}  {unit:4}  {draw.element}"
            click.echo(line)


@reports.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """See whether FILES are templates that could be filled in; the first fault of each is named."""
    is_wrong = False
    for path in files:
        try:
            template = read_template(path.name, path.read_bytes())
        except BadTemplate as error:
            is_wrong = True
            click.echo(f"hemalum: {error}", err=True)
        except OSError as error:
            raise Invalid("{path} cannot be read: {cause}.", path=str(path), cause=cause_of(error)) from error
        else:
            click.echo(f"{template.id} {template.version}: {len(template.elements)} elements")
    if is_wrong:
        sys.exit(1)
