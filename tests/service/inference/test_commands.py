"""A cohort is run over from the command line, and every slide says how it ended."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hemalum.app.cli import hemalum, open_node

from .conftest import Laboratory


def ran(laboratory: Laboratory, *arguments: str) -> Result:
    data = ["--data", str(laboratory.parts.settings.data)]
    return CliRunner().invoke(hemalum, ["models", "run", *data, *arguments], obj=open_node)


def test_a_version_in_shadow_runs_over_a_cohort(laboratory: Laboratory, tmp_path: Path) -> None:
    version = laboratory.in_shadow(laboratory.add("cohort"))
    images = [laboratory.images[name] for name in ("tissue", "blank", "unscaled")]
    table = tmp_path / "cohort.csv"
    table.write_text("slide,patient\n" + "".join(f"{each},p\n" for each in [*images, images[0]]))
    named = ["--model", version.contract.identity.id, "--version", "1.0.0"]
    done = ran(laboratory, *named, "--cohort", str(table))
    lines = done.stdout.splitlines()
    assert [line.split()[1:3] for line in lines] == [
        [images[0], "done"],
        [images[1], "abstained"],
        [images[2], "refused"],
    ], done.output
    assert "no tissue" in lines[1]
    assert "physical scale" in lines[2]
    assert done.exit_code == 1, "one was refused"
    run = laboratory.inference.get_run(laboratory.actor, lines[0].split()[0])
    assert (run.is_shadow, run.layers) == (True, ())


@pytest.mark.parametrize(
    ("table", "said"),
    [("image\na\n", "no column slide"), ("slide\n", "Name the slides"), (None, "cannot be read")],
)
def test_a_table_that_names_no_slides(
    laboratory: Laboratory, tmp_path: Path, table: str | None, said: str
) -> None:
    path = tmp_path / "cohort.csv"
    if table is not None:
        path.write_text(table)
    done = ran(laboratory, "--model", "sample.x", "--version", "1.0.0", "--cohort", str(path))
    assert done.exit_code != 0
    assert said in str(done.exception)
