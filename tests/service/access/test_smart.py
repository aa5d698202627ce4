"""A SMART app, written with a kept client library, reads a report of a running node."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.diagnosticreport import DiagnosticReport
from fhirclient.models.documentreference import DocumentReference
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException, FHIRPermissionDeniedException, FHIRUnauthorizedException

from hemalum.capabilities.access.model import Role

from .conftest import PATIENCE_S, RunningNode

PASSWORD = "seven copper kettles on the stove"
REDIRECT = "https://app.example/callback"
SCOPES = "launch/patient openid fhirUser offline_access patient/*.rs"


@dataclass
class Ward:
    """A node with a signed report, the browser of its pathologist, and a registered app."""

    node: RunningNode
    browser: httpx.Client
    patient_id: str
    other_id: str
    """Somebody else, with a signed report, too."""
    client_id: str
    secret: str

    def app(self, scope: str = SCOPES) -> FHIRClient:
        """The app before anybody let it do something."""
        stated = {
            "app_id": self.client_id,
            "app_secret": self.secret,
            "api_base": f"{self.node.base}/fhir/R4",
            "redirect_uri": REDIRECT,
            "scope": scope,
        }
        app = FHIRClient(settings=stated)
        app.prepare()
        return app

    def let(self, app: FHIRClient, **more: Any) -> None:
        """The person reads what the app asks for, and says yes."""
        sent = self.browser.get(app.authorize_url, follow_redirects=False)
        assert sent.status_code == 303
        (ticket,) = parse_qs(urlsplit(sent.headers["location"]).query)["request"]
        shown = self.browser.post("/api/apps/requests/show", json={"request": ticket})
        assert shown.status_code == 200, shown.text
        scopes = [one["scope"] for one in shown.json()["scopes"]]
        allowed = {"request": ticket, "scopes": scopes, "patient_id": self.patient_id} | more
        answer = self.browser.post("/api/apps/requests/allow", json=allowed)
        assert answer.status_code == 200, answer.text
        app.handle_callback(answer.json()["continue_at"])


@pytest.fixture(scope="module")
def ward(node: RunningNode) -> Iterator[Ward]:
    node.person("smart-signer", Role.PATHOLOGIST, Role.TECHNICIAN)
    with node.signed_in("chief") as chief:
        stated = {
            "name": "Report reader",
            "kind": "confidential",
            "scopes": [*SCOPES.split(), "user/DiagnosticReport.rs"],
            "redirects": [REDIRECT],
        }
        registered = chief.post("/api/apps", json=stated)
    assert registered.status_code == 201, registered.text
    app = registered.json()
    with node.signed_in("smart-signer") as browser:
        assert browser.put("/api/access/account/password", json={"password": PASSWORD}).status_code < 300
        patients = [sign_report(browser, number) for number in ("SM-1", "SM-2")]
        yield Ward(node, browser, *patients, app["id"], app["secret"])


def sign_report(browser: httpx.Client, number: str) -> str:
    """A patient with a signed report."""
    asked = {
        "parts": [{"organ": "Skin"}],
        "patient": {
            "name": "Nobody Seenbyapps",
            "identifiers": [{"issuer": "Smart register", "value": number}],
        },
    }
    case = browser.post("/api/cases/cases", json=asked).json()
    assert browser.post(f"/api/cases/cases/{case['id']}/status", json={"status": "ready"}).status_code == 200
    path = f"/api/reports/cases/{case['id']}"
    content = {"sections": {"diagnosis": "Naevus, without atypia."}}
    drafted = browser.post(f"{path}/versions", json={"content": content}).json()
    named = {"version": drafted["number"], "sha256": drafted["sha256"], "password": PASSWORD}
    signed = browser.post(f"{path}/sign", json=named)
    assert signed.status_code == 201, signed.text
    patient: str = case["patient_id"]
    return patient


def found(app: FHIRClient, kind: Any, stated: dict[str, str]) -> list[Any]:
    """What the app finds, page by page."""
    return list(kind.where(stated).perform_resources_iter(app.server))


def test_an_app_reads_the_report_of_its_patient(ward: Ward) -> None:
    app = ward.app()
    ward.let(app)
    assert app.patient_id == ward.patient_id
    assert app.patient is not None
    assert app.patient.name[0].text == "Nobody Seenbyapps"
    reports = found(app, DiagnosticReport, {"patient": ward.patient_id})
    (report,) = [one for one in reports if isinstance(one, DiagnosticReport)]
    assert (report.status, report.conclusion) == ("final", "Naevus, without atypia.")
    (document, *_) = found(app, DocumentReference, {"patient": ward.patient_id})
    address = document.content[0].attachment.url
    pdf = app.server.request_data(address, headers={"Accept": "application/pdf"})
    assert pdf.startswith(b"%PDF")
    user = app.server.request_json(f"Practitioner/{ward.browser.get('/api/access/me').json()['person_id']}")
    assert user["name"] == [{"text": "smart-signer of the tests"}]


def test_an_app_sees_no_other_patient(ward: Ward) -> None:
    app = ward.app()
    ward.let(app)
    with pytest.raises(FHIRNotFoundException):
        Patient.read(ward.other_id, app.server)
    assert found(app, DiagnosticReport, {"patient": ward.other_id}) == []
    everybody = found(app, Patient, {})
    assert {one.id for one in everybody} == {ward.patient_id}
    tasks = app.server.request_json("Task")["entry"]
    assert {one["resource"]["for"]["reference"] for one in tasks} == {f"Patient/{ward.patient_id}"}


def test_a_token_of_an_app_is_good_for_fhir_only(ward: Ward) -> None:
    app = ward.app()
    ward.let(app)
    token = app.server.auth.access_token
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=ward.node.base, headers=headers, timeout=PATIENCE_S) as client:
        for path in ("/api/access/me", "/api/cases/queues", "/dicomweb/studies"):
            assert client.get(path).status_code == 401
        assert client.get("/fhir/R4/Task").status_code == 200


def test_what_was_not_granted_is_refused(ward: Ward) -> None:
    app = ward.app("user/DiagnosticReport.rs")
    ward.let(app, scopes=["user/DiagnosticReport.rs"], patient_id="")
    assert app.patient_id is None
    assert found(app, DiagnosticReport, {})
    with pytest.raises(FHIRPermissionDeniedException):
        Patient.read(ward.patient_id, app.server)
    with pytest.raises(FHIRPermissionDeniedException):
        app.server.request_json("Subscription")


def test_tokens_are_renewed_and_revoked(ward: Ward) -> None:
    app = ward.app()
    ward.let(app)
    before = (app.server.auth.access_token, app.server.auth.refresh_token)
    assert app.reauthorize()
    assert app.server.auth.access_token != before[0]
    assert app.server.auth.refresh_token != before[1]
    assert app.server.request_json("metadata")
    (held, *_) = ward.browser.get("/api/apps/authorisations").json()
    assert (held["app"], held["lasts"]) == ("Report reader", True)
    assert ward.browser.delete(f"/api/apps/authorisations/{held['id']}").status_code == 204
    with pytest.raises(FHIRUnauthorizedException):
        app.server.request_json("Task")


def test_apps_find_their_way_by_what_the_node_says_of_itself(ward: Ward) -> None:
    with ward.node.browser() as client:
        stated = client.get("/fhir/R4/.well-known/smart-configuration").json()
        assert stated["code_challenge_methods_supported"] == ["S256"]
        assert stated["issuer"] == ward.node.base
        assert stated["token_endpoint"] == f"{ward.node.base}/oauth/token"
        assert client.get(stated["jwks_uri"]).json()["keys"][0]["kty"] == "RSA"
        openid = client.get("/.well-known/openid-configuration")
        assert openid.headers["access-control-allow-origin"] == "*"
        for path in ("/oauth/else", "/.well-known/else"):
            assert client.get(path).status_code == 404
        refused = client.get("/oauth/authorize", params={"client_id": "nobody"})
        assert refused.headers["location"].startswith("/authorise?refused=")
        answer = client.post("/oauth/token", data={"grant_type": "authorization_code", "client_id": "nobody"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        answer = client.post("/oauth/token", json={})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
