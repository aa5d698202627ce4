"""Subscriptions: a system is told once something happens, where the operator allows it, and not for ever."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from hemalum.app.node import Parts, open_parts, working
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import Identity, PatientIdentifier, Priority
from hemalum.capabilities.fhir.notifying import Notifying, subscription
from hemalum.capabilities.fhir.service import Fhir
from hemalum.formats.fhir.checks import check
from hemalum.formats.fhir.outcomes import BadResource
from hemalum.formats.fhir.values import MEDIA_TYPE
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import DiskFull, NotFound
from hemalum.runtime.settings import load_settings

from .conftest import PATIENCE_S, RunningNode
from .fhir_client import FHIR, outcome


class Receiver(HTTPServer):
    """A system that is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hook)
        self.told: list[tuple[str, str, dict[str, str], bytes]] = []
        self.status = 200
        self.origin = f"http://127.0.0.1:{self.server_port}"


class Hook(BaseHTTPRequestHandler):
    def answer(self) -> None:
        assert isinstance(self.server, Receiver)
        content = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.told.append(
            (self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, content)
        )
        self.send_response(self.server.status)
        if self.server.status == 307:
            self.send_header("location", f"{self.server.origin}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_PUT = answer  # noqa: N815 - names that the library asks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        thread.join(PATIENCE_S)
        receiver.server_close()


class World:
    """A node without a server, and the system that it may tell."""

    def __init__(self, parts: Parts, receiver: Receiver) -> None:
        self.parts, self.receiver, self.count = parts, receiver, 0

    @property
    def notifying(self) -> Notifying:
        return self.parts.fhir_subscriptions()

    @property
    def admin(self) -> Actor:
        return replace(self.parts.access.actor_for("admin"), purpose=Purpose.CARE)

    def wanted(self, path: str, **more: Any) -> dict[str, Any]:
        channel = {"type": "rest-hook", "endpoint": f"{self.receiver.origin}/{path}"}
        return {
            "resourceType": "Subscription",
            "status": "requested",
            "reason": "a test",
            "criteria": "ServiceRequest?priority=urgent",
            "channel": channel | more.pop("channel", {}),
        } | more

    def case(self, **more: Any) -> str:
        self.count += 1
        identity = Identity("Told Ofnobody", identifiers=(PatientIdentifier("Register", f"S{self.count}"),))
        asked = Accession((PartAsked("biopsy", "Skin"),), identity, **more)
        return self.parts.cases.accession(self.admin, asked).case.id

    def told(self, path: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        return [one for one in self.receiver.told if one[1].startswith(f"/{path}")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("subscriptions") / "node"
    folder.mkdir()
    with listening() as receiver:
        (folder / "hemalum.toml").write_text(f'fhir_notify = "https://other.example, {receiver.origin}"\n')
        with open_parts(load_settings(folder, {})) as parts:
            parts.access.add_organisation("elsewhere", "Another hospital")
            parts.access.add_person(
                "outsider", "An outsider", "elsewhere", Role.ADMINISTRATOR, Role.TECHNICIAN
            )
            yield World(parts, receiver)


def test_a_system_is_told_of_what_it_waits_for(world: World) -> None:
    header = ["Authorization: Bearer of-the-receiver"]
    whole = world.wanted("whole", channel={"payload": MEDIA_TYPE, "header": header})
    made = world.notifying.subscribe(world.admin, whole)
    bare = world.notifying.subscribe(world.admin, world.wanted("bare", criteria="ServiceRequest"))
    shown = subscription(made)
    get_fhir_model_class("Subscription").model_validate(shown)
    assert check(shown) == []
    assert "of-the-receiver" not in json.dumps(shown)
    with working(world.parts):
        case_id = world.case(priority=Priority.URGENT)
        # Cases of other tests are told of, too.
        wanted = f"whole/ServiceRequest/{case_id}"
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and not (world.told(wanted) and world.told("bare")):
            time.sleep(0.05)
    method, path, headers, content = world.told(wanted)[0]
    resource = json.loads(content)
    assert (method, path) == ("PUT", f"/{wanted}")
    assert (resource["id"], headers["authorization"]) == (case_id, "Bearer of-the-receiver")
    assert check(resource) == []
    method, path, headers, content = world.told("bare")[0]
    assert (method, path, content) == ("POST", "/bare", b"")
    for each in (made, bare):
        world.notifying.unsubscribe(world.admin, each.id)
    with pytest.raises(NotFound):
        world.notifying.get(world.admin, made.id)


def test_what_does_not_fit_or_may_not_be_seen_is_not_told(world: World) -> None:
    made = world.notifying.subscribe(world.admin, world.wanted("fits"))
    routine = world.case()
    assert not world.notifying.send("home", made.id, routine)
    assert not world.notifying.send("home", made.id, "nothing")
    assert not world.notifying.send("elsewhere", made.id, routine)
    outsider = replace(world.parts.access.actor_for("outsider"), purpose=Purpose.CARE)
    foreign = world.notifying.subscribe(outsider, world.wanted("foreign", criteria="ServiceRequest"))
    assert not world.notifying.send("elsewhere", foreign.id, routine)
    over = world.wanted("over", criteria="ServiceRequest", end=(utc_now() - timedelta(days=1)).isoformat())
    ended = world.notifying.subscribe(world.admin, over)
    assert not world.notifying.send("home", ended.id, routine)
    assert not world.told("fits") + world.told("foreign") + world.told("over")
    with pytest.raises(NotFound):
        world.notifying.get(outsider, made.id)
    nowhere = replace(world.notifying, allowed=())
    urgent = world.case(priority=Priority.URGENT)
    assert not nowhere.send("home", made.id, urgent)
    for who, each in ((world.admin, made), (outsider, foreign), (world.admin, ended)):
        world.notifying.unsubscribe(who, each.id)


def test_what_the_node_cannot_tell_now_is_told_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.notifying.subscribe(world.admin, world.wanted("late"))
    case_id = world.case(priority=Priority.URGENT)

    def burn(*_: object) -> None:
        raise DiskFull("The disk of the node is full; make room and try again.")

    with monkeypatch.context() as patched:
        patched.setattr(Fhir, "list_of_case", burn)
        assert world.notifying.send("home", made.id, case_id)
    assert not world.notifying.send("home", made.id, case_id)
    assert len(world.told("late")) == 1
    world.notifying.unsubscribe(world.admin, made.id)


def test_whoever_does_not_answer_is_told_no_more(world: World) -> None:
    made = world.notifying.subscribe(world.admin, world.wanted("deaf"))
    case_id = world.case(priority=Priority.URGENT)
    try:
        for world.receiver.status in (500, 307):
            assert world.notifying.send("home", made.id, case_id)
            world.notifying.sent("home", made.id, is_answered=False)
            assert world.notifying.get(world.admin, made.id).state == "error"
        assert not world.told("elsewhere")
        world.receiver.status = 200
        assert not world.notifying.send("home", made.id, case_id)
        world.notifying.sent("home", made.id, is_answered=True)
        assert world.notifying.get(world.admin, made.id).state == "active"
        for _ in range(5):
            world.notifying.sent("home", made.id, is_answered=False)
    finally:
        world.receiver.status = 200
    shown = subscription(world.notifying.get(world.admin, made.id))
    assert (shown["status"], shown["error"]) == ("off", "Nobody answered at the address of the subscription.")
    count = len(world.told("deaf"))
    assert not world.notifying.send("home", made.id, case_id)
    assert len(world.told("deaf")) == count
    world.notifying.unsubscribe(world.admin, made.id)


@pytest.mark.parametrize(
    ("more", "expression"),
    [
        ({"channel": {"endpoint": "http://127.0.0.1:1/"}}, "Subscription.channel.endpoint"),
        ({"channel": {"endpoint": "{origin}@evil.example/"}}, "Subscription.channel.endpoint"),
        ({"channel": {"endpoint": "{origin}.evil.example/"}}, "Subscription.channel.endpoint"),
        ({"channel": {"endpoint": "file:///etc/passwd"}}, "Subscription.channel.endpoint"),
        ({"channel": {"endpoint": 7}}, "Subscription.channel.endpoint"),
        ({"channel": {"type": "email"}}, "Subscription.channel.type"),
        ({"channel": {"payload": "text/plain"}}, "Subscription.channel.payload"),
        ({"channel": {"header": ["Host"]}}, "Subscription.channel.header"),
        ({"channel": {"header": ["A: b\r\nC: d"]}}, "Subscription.channel.header"),
        ({"criteria": "Patient"}, "Subscription.criteria"),
        ({"criteria": "ServiceRequest?colour=red"}, "colour"),
        ({"status": "banana"}, "Subscription.status"),
    ],
)
def test_what_is_not_done_is_refused(world: World, more: dict[str, Any], expression: str) -> None:
    asked = world.wanted("refused", **more)
    endpoint = asked["channel"]["endpoint"]
    if isinstance(endpoint, str):
        asked["channel"]["endpoint"] = endpoint.replace("{origin}", world.receiver.origin)
    with pytest.raises(BadResource) as caught:
        world.notifying.subscribe(world.admin, asked)
    assert [one.expression for one in caught.value.issues] == [expression]


def test_over_http(node: RunningNode) -> None:
    """The node of these tests may tell nobody."""
    asked = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "a test",
        "criteria": "DiagnosticReport",
        "channel": {"type": "rest-hook", "endpoint": "http://127.0.0.1:1/"},
    }
    with node.client() as client:
        answer = client.post(f"{FHIR}/Subscription", json=asked)
        assert (answer.status_code, outcome(answer)) == (422, "value")
        assert client.get(f"{FHIR}/Subscription").json()["total"] == 0
        assert outcome(client.get(f"{FHIR}/Subscription/nothing")) == "not-found"
        assert client.delete(f"{FHIR}/Subscription/nothing").status_code == 404
    for who, status in ((None, 401), ("student", 403)):
        with node.client(who) as client:
            assert client.post(f"{FHIR}/Subscription", json=asked).status_code == status
