"""The page of messages in a real browser: a dead letter is found by keys, read, and corrected."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hemalum.app.node import open_parts
from hemalum.runtime.settings import load_settings

HEADER = r"MSH|^~\&|HIS|HOSPITAL|HEMALUM|LAB|20261128093000+0800"
PATIENT = "PID|1||{number}^^^REGISTER^MR||Invented^Ada||{born}|F"
WHY = "PID-7 is no date or time."


def admission(number: str, born: str = "19600504") -> str:
    return f"{HEADER}||ADT^A04^ADT_A01|{number}|P|2.5.1\r{PATIENT.format(number=number, born=born)}\r"


@pytest.fixture(scope="module")
def arrived(node: Any) -> None:
    """Some admissions, and one with a date of birth as nobody can read it."""
    data = ("--data", str(node.data))
    node.command("person", *data, "--role", "technician", "his.bridge")
    node.command(
        "hl7", "senders", "add", *data, "--application", "HIS", "--acts-as", "his.bridge", "hospital register"
    )
    with open_parts(load_settings(node.data, {})) as parts:
        inbox = parts.interfaces.inbox
        for content in (admission("E1"), admission("E2", "1960-05-04"), admission("E3")):
            taken = inbox.take(content.encode(), "127.0.0.1")
            assert taken.number is not None
            inbox.do(taken.number)


def test_a_dead_letter_is_corrected(arrived: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/messages?state=dead")
    expect(page).to_have_title("Messages · Hemalum")
    rows = page.locator(".message-row:not(.head)")
    expect(rows).to_have_count(1)
    # Whoever comes by the address was in no library before, which once brought the style of the table.
    expect(rows.first).to_have_css("display", "grid")
    expect(rows.first).to_contain_text(WHY)
    expect(page.get_by_role("button", name="From hospital register")).to_contain_text("1 to repair")
    page.get_by_role("grid", name="Messages").focus()
    page.keyboard.press("Home")
    panel = page.get_by_role("complementary", name="Message")
    expect(panel).to_contain_text("Invented^Ada")
    expect(panel.get_by_role("list", name="Answer")).to_contain_text("PID^1^7")
    panel.get_by_role("button", name="Correct").click()
    text = page.get_by_role("textbox", name="Message text")
    expect(text).to_have_value(re.compile("1960-05-04"))
    text.fill(text.input_value().replace("1960-05-04", "19600504"))
    page.get_by_role("button", name="Do the correction").click()
    expect(panel).to_contain_text("Correction of message")
    expect(panel).to_contain_text("Done")
    page.get_by_role("button", name="All messages").click()
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="Corrected")).to_contain_text(WHY)
