"""Photographs of specimens among the figures of reports: pinned when written, looked at again when signed."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from hemalum.capabilities.cases.model import Kind
from hemalum.capabilities.cases.service import open_cases
from hemalum.capabilities.grossing.model import Photograph, Ruler
from hemalum.capabilities.grossing.service import Grossing
from hemalum.capabilities.reports.model import Content, Language, SpecimenFigure, Version, digest_of
from hemalum.capabilities.reports.printed import Pictured, print_for_node
from hemalum.capabilities.reports.service import open_reports
from hemalum.kernel.errors import Conflict, Invalid, NotPermitted
from hemalum.runtime.blobs import open_blobs
from tests.hospital import quick_passwords

from .conftest import World
from .test_printing import squeezed, text_of


class InThisProcess:
    """Reads photographs without a child process; the service tests have real ones."""

    def call(self, function: str, arguments: dict[str, Any]) -> Any:
        module, _, name = function.partition(":")
        return getattr(import_module(module), name)(**arguments)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("photographs")
    with quick_passwords():
        made = World(folder)
        blobs = open_blobs((folder / "blobs").as_uri(), made.keyring)
        slides = replace(made.slides, blobs=blobs, workers=InThisProcess())
        made.cases = open_cases(slides, made.access, made.keyring, lambda: made.now)
        made.reports = open_reports(made.cases, made.access, folder)
        yield made
        made.close()


def picture(seed: int = 0, shape: tuple[int, int] = (300, 400)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (*shape, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def photographed(
    world: World, case_id: str, seed: int = 0, shape: tuple[int, int] = (300, 400)
) -> Photograph:
    tech = world.who("tech")
    part = next(one for one in world.cases.get_case(tech, case_id).material if one.kind is Kind.PART)
    return Grossing(world.cases).add(tech, part.id, picture(seed, shape))


def with_photographs(world: World, *photographs: Photograph) -> Content:
    figures = tuple(SpecimenFigure(one.id, "The specimen") for one in photographs)
    return replace(world.content(), photographs=figures)


def told(version: Version) -> tuple[SpecimenFigure, ...]:
    assert version.content is not None
    return version.content.photographs


def test_the_node_states_what_a_photograph_is(world: World) -> None:
    case_id = world.case_id()
    photograph = photographed(world, case_id)
    Grossing(world.cases).set_scale(world.who("tech"), photograph.id, Ruler(0, 0, 400, 0, 40))
    lied = SpecimenFigure(photograph.id, "The specimen", "B", "0", 1, 1, 0.5)
    written = world.write(case_id, content=replace(world.content(), photographs=(lied,)))
    (figure,) = told(written)
    assert figure == SpecimenFigure(
        photograph.id, "The specimen", photograph.identifier, photograph.sha256, 400, 300, 100.0
    )
    assert figure.width_um == 40_000
    assert world.sign(case_id, written).is_signed


def test_a_report_takes_photographs_of_its_case_only_and_each_once(world: World) -> None:
    case_id, other = world.case_id(), world.case_id()
    own, foreign = photographed(world, case_id), photographed(world, other, 1)
    for photographs in ((foreign,), (own, own)):
        with pytest.raises(Invalid):
            world.write(case_id, content=with_photographs(world, *photographs))


def test_nothing_is_signed_with_a_photograph_that_is_not_what_it_was(world: World) -> None:
    case_id = world.case_id()
    grossing, tech = Grossing(world.cases), world.who("tech")
    photograph = photographed(world, case_id)
    content = with_photographs(world, photograph)
    unscaled = world.write(case_id, content=content)
    grossing.set_scale(tech, photograph.id, Ruler(0, 0, 400, 0, 40))
    with pytest.raises(Conflict, match="scale of a photograph"):
        world.sign(case_id, unscaled)
    scaled = world.write(case_id, content=content)
    assert scaled.number == unscaled.number + 1
    grossing.withdraw(tech, photograph.id, "of another case")
    with pytest.raises(Conflict, match="entered in error"):
        world.sign(case_id, scaled)
    with pytest.raises(Invalid, match="entered in error"):
        world.write(case_id, content=with_photographs(world, photograph))


def test_versions_from_before_photographs_keep_their_digest(world: World) -> None:
    case_id = world.case_id()
    plain = world.write(case_id)
    document = msgspec.to_builtins(plain)
    assert document["content"].pop("photographs") == ()
    del document["sha256"]
    assert hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest() == digest_of(plain)
    with_one = replace(plain.content, photographs=(SpecimenFigure("one"),))  # type: ignore[type-var]
    assert digest_of(replace(plain, content=with_one)) != plain.sha256


def printed(world: World, pictured: Pictured, case_id: str, number: int) -> str:
    found = world.reports.print(world.who("li"), case_id, number)
    return squeezed(text_of(print_for_node(found, pictured, opened=_no_slides)))


def _no_slides() -> None:  # type: ignore[misc]
    raise AssertionError("no slide is read where no figure is of one")


def test_a_photograph_stands_on_paper_with_its_scale_and_goes_out(world: World) -> None:
    case_id = world.case_id()
    grossing, tech = Grossing(world.cases), world.who("tech")
    first, second = photographed(world, case_id, 2), photographed(world, case_id, 3)
    grossing.set_scale(tech, first.id, Ruler(0, 0, 400, 0, 80))
    content = with_photographs(world, first, second)
    signed = world.sign(case_id, world.write(case_id, content=content))
    world.told()
    sent = world.reports.leaving.pictured
    said = printed(world, sent, case_id, signed.number)
    assert "20mm" in said
    assert said.count(squeezed("No scale stated")) == 1
    assert said.count(squeezed("The specimen")) == 2
    assert first.identifier in said
    assert world.told().count("grossing.print_photograph") == 2
    shown = world.reports.pictured(world.who("li"))
    assert printed(world, shown, case_id, signed.number) == said
    assert world.told().count("grossing.view_photograph") == 2
    # What was signed stands; the picture that does not belong there is shown no more.
    grossing.withdraw(tech, second.id, "of another case")
    assert squeezed("This photograph was entered in error.") in printed(world, sent, case_id, signed.number)


def test_the_photograph_on_paper_is_no_larger_than_needed(world: World) -> None:
    case_id = world.case_id()
    photograph, grossing = photographed(world, case_id, 4, (1200, 1600)), Grossing(world.cases)
    made = grossing.read_printed(world.who("li"), photograph.id)
    with Image.open(io.BytesIO(made)) as opened:
        assert opened.size == (900, 675)
    # Photographs of earlier nodes were kept without it: it is made once.
    blobs, place = world.cases.ledger.slides.blobs, f"photographs/{photograph.id}/printed"
    blobs.delete(place)
    again = grossing.read_printed(world.who("li"), photograph.id)
    with Image.open(io.BytesIO(again)) as opened:
        assert opened.size == (900, 675)
    assert blobs.exists(place)


def test_who_may_not_see_it_reads_so(world: World) -> None:
    class Withheld:
        def find_slide(self, image_id: str) -> None:
            raise AssertionError(image_id)

        def read_photograph(self, figure: SpecimenFigure) -> bytes:
            raise NotPermitted("Photographs of this case are for those who may know its patient.")

    case_id = world.case_id()
    content = with_photographs(world, photographed(world, case_id, 5))
    written = world.write(case_id, content=content)
    assert squeezed("This figure may not be shown to you.") in printed(
        world, Withheld(), case_id, written.number
    )


def test_a_photograph_that_came_or_went_is_a_difference(world: World) -> None:
    case_id = world.case_id()
    photograph = photographed(world, case_id, 6)
    first = world.write(case_id, language=Language.EN)
    second = world.write(case_id, content=with_photographs(world, photograph))
    difference = world.reports.compare(world.who("li"), case_id, first.number, second.number)
    assert [one.photograph_id for one in difference.photographs_added] == [photograph.id]
    assert difference.photographs_removed == ()
