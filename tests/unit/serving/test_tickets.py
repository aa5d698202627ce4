"""Tickets: nobody but the node makes them, and none outlives its time or its session."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.kernel.errors import NotSignedIn
from hemalum.kernel.ids import ImageId, PersonId
from hemalum.runtime.tickets import KEY_BYTES, TICKET_LASTS_S, Ticket, Tickets, load_or_make_key

KEY = bytes(range(KEY_BYTES))
names = st.text(min_size=1, max_size=20)


class SetClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def issue(tickets: Tickets, image: str = "image", session: str = "session") -> str:
    return tickets.issue(ImageId(image), PersonId("person"), session, may_view_label=False)[0]


@given(image=names, person=names, session=names, may_view_label=st.booleans())
def test_what_was_issued_is_what_is_read(image: str, person: str, session: str, may_view_label: bool) -> None:
    clock = SetClock()
    text, issued = Tickets(KEY, clock).issue(
        ImageId(image),
        PersonId(person),
        session,
        may_view_label=may_view_label,
        opening_id="o-1",
        holder="h-1",
    )
    expected = Ticket(
        ImageId(image),
        PersonId(person),
        session,
        may_view_label,
        "o-1",
        "h-1",
        clock(),
        clock() + TICKET_LASTS_S,
    )
    assert issued == Tickets(KEY, clock).check(text) == expected
    assert "/" not in text
    assert text.isascii()


@given(data=st.data())
def test_any_other_text_is_refused(data: st.DataObject) -> None:
    tickets = Tickets(KEY, SetClock())
    text = issue(tickets)
    position = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda letter: letter != text[position]))
    with pytest.raises(NotSignedIn):
        tickets.check(text[:position] + other + text[position + 1 :])


@given(st.text(max_size=2000))
def test_arbitrary_text_is_refused(text: str) -> None:
    with pytest.raises(NotSignedIn):
        Tickets(KEY).check(text)


@given(st.integers(1, 60))
def test_a_cut_or_padded_ticket_is_refused(count: int) -> None:
    tickets = Tickets(KEY)
    text = issue(tickets)
    for changed in (text[:-count], text + "A" * count, text + "=" * count):
        with pytest.raises(NotSignedIn):
            tickets.check(changed)


def test_a_ticket_of_another_node_is_refused() -> None:
    with pytest.raises(NotSignedIn):
        Tickets(KEY).check(issue(Tickets(b"another key, as long as it must be")))


def test_a_ticket_ends() -> None:
    clock = SetClock()
    tickets = Tickets(KEY, clock)
    text = issue(tickets)
    clock.seconds += TICKET_LASTS_S - 1
    assert tickets.check(text).image_id == "image"
    clock.seconds += 1
    with pytest.raises(NotSignedIn):
        tickets.check(text)
    with pytest.raises(NotSignedIn):
        Tickets(KEY, clock).check(text)


def test_a_ticket_ends_with_what_it_was_given_for() -> None:
    clock = SetClock()
    tickets = Tickets(KEY, clock)
    text, ticket = tickets.issue(
        ImageId("image"), PersonId("p"), "s", may_view_label=False, until=clock.seconds + 60
    )
    assert ticket.expires_at == ticket.issued_at + 60
    clock.seconds += 59
    tickets.check(text)
    clock.seconds += 1
    with pytest.raises(NotSignedIn):
        tickets.check(text)


@pytest.mark.parametrize("seen_before", [False, True])
def test_revoking_a_session_ends_its_tickets_and_no_others(seen_before: bool) -> None:
    tickets = Tickets(KEY)
    mine, theirs = issue(tickets, session="mine"), issue(tickets, session="theirs")
    if seen_before:
        tickets.check(mine)
    tickets.revoke("mine")
    with pytest.raises(NotSignedIn):
        tickets.check(mine)
    assert tickets.check(theirs).session_id == "theirs"


@pytest.mark.parametrize("seen_before", [False, True])
def test_revoking_an_image_ends_its_tickets_and_no_others(seen_before: bool) -> None:
    tickets = Tickets(KEY)
    taken, kept = issue(tickets, image="taken"), issue(tickets, image="kept")
    if seen_before:
        tickets.check(taken)
    tickets.revoke("taken")
    with pytest.raises(NotSignedIn):
        tickets.check(taken)
    assert tickets.check(kept).image_id == "kept"


def test_what_ended_elsewhere_ends_only_what_was_issued_before() -> None:
    clock = SetClock()
    tickets = Tickets(KEY, clock)
    before = issue(tickets)
    clock.seconds += 1
    ended_at = clock.seconds
    clock.seconds += 1
    after = issue(tickets)
    tickets.check(before)
    tickets.check(after)
    tickets.revoke(tickets.check(before).session_id, ended_at)
    assert tickets.check(after).image_id == "image"
    with pytest.raises(NotSignedIn):
        tickets.check(before)


def test_a_session_that_goes_on_gets_new_tickets() -> None:
    clock = SetClock()
    tickets = Tickets(KEY, clock)
    before = issue(tickets)
    tickets.revoke(tickets.check(before).session_id)
    clock.seconds += 0.01
    assert tickets.check(issue(tickets)).image_id == "image"
    with pytest.raises(NotSignedIn):
        tickets.check(before)


def test_memory_for_checked_tickets_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hemalum.runtime.tickets._MAX_REMEMBERED", 8)
    tickets = Tickets(KEY)
    texts = [issue(tickets, image=f"image{number}") for number in range(20)]
    for text in texts * 2:
        tickets.check(text)
    assert len(tickets._checked) == 8


def test_racing_processes_get_the_same_private_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "tickets"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: load_or_make_key(path), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["tickets"]


def test_a_key_is_there_after_a_loss_of_power(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_durable: list[bool] = []
    monkeypatch.setattr(
        os, "fsync", lambda handle: made_durable.append(stat.S_ISDIR(os.fstat(handle).st_mode))
    )
    load_or_make_key(tmp_path / "keys" / "node")
    # What it says, then its name.
    assert made_durable == [False, True]
