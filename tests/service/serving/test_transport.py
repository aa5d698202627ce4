"""A node that speaks HTTPS: its cookies and headers, foreign pages, and too many requests."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.access.service import Access
from hemalum.runtime.settings import load_settings
from hemalum.testing.certificates import write_certificate

from .conftest import PATIENCE_S, serving

PER_SECOND = 5
ENOUGH = 500


@dataclass
class SecureNode:
    """A node behind a certificate that signed itself."""

    base: str
    access: Access
    trusted: ssl.SSLContext

    def browser(self, **headers: str) -> httpx.Client:
        headers = {"x-hemalum": "1", "sec-fetch-site": "same-origin"} | headers
        return httpx.Client(base_url=self.base, headers=headers, timeout=PATIENCE_S, verify=self.trusted)

    def enter(self, browser: httpx.Client) -> httpx.Response:
        code = self.access.issue_link("admin")
        return browser.post("/api/access/sign-in/link", json={"code": code})


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureNode]:
    folder = tmp_path_factory.mktemp("secure")
    chain, key = write_certificate(folder, "node.example")
    settings = load_settings(folder / "node", {})
    settings.data.mkdir()
    lines = [f'tls_certificate = "{chain}"', f'tls_key = "{key}"', f"requests_per_second = {PER_SECOND}"]
    (settings.data / "hemalum.toml").write_text("\n".join(lines))
    trusted = ssl.create_default_context(cafile=str(chain))
    trusted.check_hostname = False
    with open_parts(settings) as parts, serving(settings) as base:
        yield SecureNode(base, parts.access, trusted)


def test_the_session_is_bound_to_the_host_and_to_https(secure: SecureNode) -> None:
    assert secure.base.startswith("https://")
    with secure.browser(**{"x-forwarded-for": "198.51.100.1"}) as browser:
        cookie = secure.enter(browser).headers["set-cookie"]
        assert cookie.startswith("__Host-hemalum_session=")
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not any(part.startswith("domain") for part in attributes)
        me = browser.get("/api/access/me")
        assert me.json()["name"] == "admin"
        assert me.headers["strict-transport-security"].startswith("max-age=")
        gone = browser.post("/api/access/sign-out").headers["set-cookie"]
        assert gone.startswith('__Host-hemalum_session="";')
        assert "Secure" in gone


def test_a_session_slipped_in_without_https_counts_for_nothing(secure: SecureNode) -> None:
    with secure.browser(**{"x-forwarded-for": "198.51.100.5"}) as browser:
        cookie = secure.enter(browser).headers["set-cookie"].split(";")[0]
        name, _, value = cookie.partition("=")
    for sent, status in ((f"hemalum_session={value}", 401), (f"{name}={value}", 200)):
        with secure.browser(cookie=sent) as browser:
            assert browser.get("/api/access/me").status_code == status


def test_plain_http_is_not_spoken(secure: SecureNode) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(secure.base.replace("https://", "http://") + "/api/health")


@pytest.mark.parametrize(
    "sent", [{"x-hemalum": "0"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_a_foreign_page_changes_nothing(secure: SecureNode, sent: dict[str, str]) -> None:
    with secure.browser(**{"x-forwarded-for": "198.51.100.2"}) as browser:
        assert secure.enter(browser).status_code == 200
        for path in ("/api/access/sign-out", "/api/access/account/totp", "/api/access/sign-in/password"):
            refused = browser.post(path, headers=sent, json={"name": "x", "password": "y"})
            assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted"), path
        assert browser.get("/api/access/me").status_code == 200


def test_a_foreign_page_may_not_even_ask(secure: SecureNode) -> None:
    """Browsers ask before they send the header for a page of another origin (CORS, Fetch standard)."""
    asked = {
        "origin": "https://foreign.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-hemalum",
        "x-forwarded-for": "198.51.100.3",
    }
    with secure.browser(**asked) as browser:
        for path in ("/api/access/sign-out", "/api/slides/uploads", "/dicomweb/studies"):
            answer = browser.options(path)
            assert "x-hemalum" not in answer.headers.get("access-control-allow-headers", ""), path
            assert "access-control-allow-credentials" not in answer.headers
        assert "access-control-allow-origin" not in browser.options("/api/access/sign-out").headers


def test_who_asks_too_often_waits_and_others_do_not(secure: SecureNode) -> None:
    here = {"x-forwarded-for": "198.51.100.4"}
    with secure.browser(**here) as signed_in, secure.browser(**here) as other:
        assert secure.enter(signed_in).status_code == 200
        assert signed_in.get("/api/access/me").status_code == 200
        answers = (other.get("/api/health") for _ in range(ENOUGH))
        refused = next(answer for answer in answers if answer.status_code != 200)
        assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
        assert int(refused.headers["retry-after"]) >= 1
        assert "content-security-policy" in refused.headers
        assert signed_in.get("/api/access/me").status_code == 200
        assert other.get("/tiles/x/0/0/0/0/0").status_code == 401
        assert other.options("/api/slides/uploads").status_code == 204
        assert other.get("/api/health", headers={"x-forwarded-for": "198.51.100.5"}).status_code == 200
