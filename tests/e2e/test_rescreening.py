"""A signed case is read a second time without its report, and a third reader decides in Chinese."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hemalum.app.node import open_parts
from hemalum.capabilities.access import passwords
from hemalum.capabilities.access.model import Grant, GrantKind, Role, Way
from hemalum.capabilities.access.store import credentials
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Identity
from hemalum.capabilities.quality.model import PlanAsked, Strata
from hemalum.capabilities.reports.model import Content, Language, Section, TemplateRef
from hemalum.capabilities.reports.showing import Draft
from hemalum.kernel.actor import Purpose
from hemalum.kernel.clock import utc_now
from hemalum.kernel.ids import new_id
from hemalum.runtime.db import transaction
from hemalum.runtime.settings import load_settings

OpenPage = Callable[..., Page]
Violations = Callable[[Page], list[str]]
PASSWORD = "eleven clearing agents"
BENIGN = {"specimen": "needle", "finding": "benign", "cores_total": 12.0}


@pytest.fixture
def drawn(node: Any) -> str:
    """The number of a case that somebody signed as benign, drawn to be read again."""
    with open_parts(load_settings(node.data, {})) as parts:
        admin, signer = parts.access.actor_for("admin"), f"signer.{new_id()[:8]}"
        parts.access.add_person(signer, "A signer", "home", Role.PATHOLOGIST, Role.QUALITY_MANAGER)
        now = utc_now()
        actor = parts.access.actor_for(signer)
        grant = Grant(
            new_id(),
            GrantKind.SESSION,
            actor.person_id,
            now,
            now + timedelta(days=1),
            actor.organisation_id,
            way=Way.PASSWORD,
        )
        with transaction(parts.database) as connection:
            credentials.put_password(connection, actor.person_id, passwords.hash_password(PASSWORD), now)
            parts.access.add_grant(connection, grant)
        actor = replace(actor, session_id=grant.id, purpose=Purpose.CARE)
        part = PartAsked("needle biopsy", "Prostate", (("H&E",),))
        case = parts.cases.accession(admin, Accession((part,), Identity("Nobody, Emil"))).case
        parts.cases.move_case(admin, case.id, CaseStatus.READY)
        content = Content(TemplateRef("prostate", 0, ""), BENIGN, {Section.DIAGNOSIS: "Benign."})
        version = parts.reports.write(actor, case.id, Draft(None, content, Language.EN))
        signed = parts.reports.sign(actor, case.id, version.number, version.sha256, PASSWORD)
        yesterday = replace(parts.cases.ledger, clock=lambda: utc_now() - timedelta(days=1))
        planning = replace(parts.rescreening(), cases=replace(parts.cases, ledger=yesterday))
        of_signer = Strata(readers=(actor.person_id,))
        planning.plan(replace(actor, purpose=Purpose.QUALITY), PlanAsked("All", 1.0, of_signer))
        # The worker of the node draws, too; the lot of a case is drawn once.
        parts.rescreening().draw("home", case.id, signed.number)
        return case.number


@pytest.fixture
def in_chinese(node: Any, browser: Browser, sign_in: Callable[[str], Any]) -> Iterator[Callable[[str], Page]]:
    """Opens a Chinese window of a new pathologist at an address."""
    contexts = []

    def open_(path: str) -> Page:
        name = f"third.{new_id()[:8]}"
        with open_parts(load_settings(node.data, {})) as parts:
            parts.access.add_person(name, "Third Reader", "home", Role.PATHOLOGIST)
        contexts.append(
            browser.new_context(storage_state=sign_in(name), locale="zh-CN", service_workers="block")
        )
        page = contexts[-1].new_page()
        page.goto(f"{node.url}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()


def test_a_case_is_read_again_and_decided(
    open_page: OpenPage, in_chinese: Callable[[str], Page], drawn: str, violations: Violations
) -> None:
    page = open_page("/rescreening?list=plans")
    expect(page.get_by_role("region", name="Plans")).to_be_visible()
    page.keyboard.press("1")
    page.get_by_role("row").filter(has_text=drawn).click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=drawn)).to_be_visible()
    page.get_by_role("button", name="Read again").press("Enter")
    expect(page.get_by_text("are kept from you until you have answered")).to_be_visible()
    give = page.get_by_role("button", name="Give this reading")
    expect(give).to_be_disabled()
    page.get_by_role("radio", name="Needle biopsy").press("1")
    page.get_by_role("radio", name="Benign prostatic tissue").press("2")
    page.get_by_label("Cores examined").fill("12")
    # Where the slides are, and back: what was answered is there still.
    page.get_by_role("link", name="Slides of the case").click()
    expect(page.get_by_role("heading", name="Further work")).to_be_visible()
    expect(page.get_by_text("A signer")).to_have_count(0)
    page.go_back()
    expect(page.get_by_label("Cores examined")).to_have_value("12")
    assert violations(page) == []
    expect(give).to_be_enabled()
    give.press("Enter")
    expect(page.locator(".reread-mark")).to_have_text("◇ Waits for a third reader")

    third = in_chinese("/rescreening?list=to_decide")
    third.get_by_role("row").filter(has_text=drawn).click()
    third.keyboard.press("Enter")
    third.get_by_role("button", name="开始裁定").press("Enter")
    different = third.locator(".side-by-side tbody tr")
    expect(different.first).to_contain_text("重大")
    third.get_by_label("理由").fill("腺体结构良性")
    assert violations(third) == []
    third.get_by_role("button", name="裁定", exact=True).press("Enter")
    expect(third.locator(".reread-mark")).to_contain_text("已裁定")
    expect(third.get_by_text("首次报告成立")).to_be_visible()
