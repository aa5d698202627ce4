"""A quality manager is shown that a scanner left its limits, and goes to the slides of a week."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.appraisal import store
from hemalum.capabilities.appraisal.model import Figures, Provenance, Stain, Staining
from hemalum.capabilities.slides import store as slide_store
from hemalum.capabilities.slides.model import ImageStatus, Terms
from hemalum.kernel.clock import utc_now
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings

SCANS_A_DAY, STEADY_DAYS, DARK_DAYS = 5, 60, 12


@pytest.fixture
def manager(node: Any) -> str:
    """Who manages quality at a hospital of their own, whose scanner gives darker haematoxylin of late."""
    organisation = OrganisationId(f"north{new_id()[:8]}")
    name = f"manager.{organisation}"
    with open_parts(load_settings(node.data, {})) as parts:
        parts.access.add_organisation(organisation, "Hospital of the north")
        parts.access.add_person(name, "A manager", organisation, Role.QUALITY_MANAGER)
        today = utc_now()
        with transaction(parts.database) as connection:
            for day in range(STEADY_DAYS + DARK_DAYS):
                strength = (1.4 if day >= STEADY_DAYS else 1.0) + 0.02 * (-1) ** day
                pale = 0.5 + 0.01 * (-1) ** day
                at = today - timedelta(days=STEADY_DAYS + DARK_DAYS - 1 - day)
                for _ in range(SCANS_A_DAY):
                    image_id = ImageId(new_id())
                    slide_store.add_image(
                        connection,
                        image_id=image_id,
                        terms=Terms(organisation),
                        name=f"{at:%m-%d} {image_id[:4]}.svs",
                        created_by=None,
                        created_at=at,
                        objects=[],
                    )
                    slide_store.update_image(connection, image_id, status=ImageStatus.QUARANTINED.value)
                    stains = Stain((0.65, 0.70, 0.29), strength, 4.0), Stain((0.1, 0.9, 0.4), pale, 18.0)
                    figures = Figures(
                        9.0, 0.4, 0.0, 0.0, 0.0, 8.0, 0.5, (), Staining(*stains, 3.1, None, None)
                    )
                    made = Provenance(organisation, "Aperio", "GT 450", "S7", "he", "Central", at)
                    store.put_staining(connection, image_id, made, figures)
    return name


@pytest.fixture
def open_as(browser: Browser, sign_in: Callable[[str], Any], node: Any) -> Iterator[Callable[..., Page]]:
    """Opens a path of the app in a window of somebody."""
    contexts = []

    def open_(name: str, path: str, **options: Any) -> Page:
        contexts.append(browser.new_context(storage_state=sign_in(name), service_workers="block", **options))
        page = contexts[-1].new_page()
        page.goto(f"{node.url}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()


def test_a_scanner_that_left_its_limits_is_marked_and_leads_to_its_slides(
    manager: str, open_as: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_as(manager, "/scanners", locale="en-GB")
    row = page.get_by_role("region", name="Scanners and stains").get_by_role("row").filter(has_text="S7")
    expect(row).to_contain_text("H&E")
    expect(row).to_contain_text("Central")
    expect(row).to_contain_text("beyond its limits")
    row.get_by_role("link", name="Aperio GT 450 S7").click()
    chart = page.locator("figure").filter(has_text="Haematoxylin, density")
    expect(chart).to_contain_text(re.compile("Beyond its limits since .*above the reference"))
    expect(chart).to_contain_text("learnt from 30 days")
    steady = page.locator("figure").filter(has_text="Eosin, density")
    expect(steady).to_contain_text("Limits")
    expect(steady).not_to_contain_text("Beyond")
    page.get_by_role("region", name="Weeks").get_by_role("link").first.click()
    slides = page.get_by_role("region", name="Slides", exact=True)
    expect(slides.get_by_role("link").first).to_have_text(re.compile(r"\.svs$"))
    expect(slides.get_by_role("link").first).to_have_attribute("href", re.compile("^/slides/"))
    assert violations(page) == []


def test_the_page_speaks_chinese_and_says_when_days_are_too_few(
    manager: str, open_as: Callable[..., Page], violations: Callable[[Page], list[str]]
) -> None:
    page = open_as(
        manager, "/scanners?line=Aperio|GT 450|S7|he&from=2026-01-01&to=2026-01-02", locale="zh-CN"
    )
    chart = page.locator("figure").filter(has_text="苏木精光密度")
    expect(chart).to_contain_text("数据太少，无法确定控制限")
    expect(chart).to_contain_text("天数为 0")
    assert violations(page) == []
