"""The parts of the server that need no node: pages, faults, and what the browser may run."""

import asyncio
import gzip
import logging
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from hemalum.app import server
from hemalum.app.node import Node
from hemalum.app.server import SECURITY_HEADERS, WEB_APP, create_app
from hemalum.kernel.errors import Invalid
from hemalum.runtime.settings import load_settings

SOURCE = Path(__file__).parents[3] / "web" / "index.html"


def get(folder: Path, *paths: str) -> list[httpx.Response]:
    """What a server that was never started answers."""
    app = create_app(load_settings(folder / "node", {}))

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(answers())


@pytest.fixture
def web_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("the app")
    (folder / "slide.html").write_text("the app, with what shows slides")
    (folder / "assets" / "a-1.js").write_text("a part of it")
    (tmp_path / "secret").write_text("not for you")
    monkeypatch.setattr(server, "WEB_APP", folder)
    return folder


def test_pages_are_files_of_the_web_app_or_the_app_itself(web_app: Path, tmp_path: Path) -> None:
    odd = [
        "/%00",
        f"/{'x' * 5000}",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/assets%2f..%2f..%2fsecret",
        "/slides",
    ]
    app, part, *odd_answers = get(tmp_path, "/", "/assets/a-1.js", *odd)
    assert (app.text, part.text) == ("the app", "a part of it")
    assert "immutable" in part.headers["cache-control"]
    for path, answer in zip(odd, odd_answers, strict=True):
        assert answer.status_code == (404 if path.startswith("/assets") else 200), path
        assert "not for you" not in answer.text


def test_the_page_of_a_slide_begins_with_what_shows_slides(web_app: Path, tmp_path: Path) -> None:
    pages = get(tmp_path, "/slides/abc", "/compare/abc/def", "/cases/abc")
    assert [page.text for page in pages] == [*["the app, with what shows slides"] * 2, "the app"]
    assert {page.headers["cache-control"] for page in pages} == {"no-cache"}


def test_the_built_page_of_a_slide_names_what_shows_slides() -> None:
    page = WEB_APP / "slide.html"
    if not page.is_file():
        pytest.skip("the web app is not built")
    named = set(
        re.findall(r'<link rel="(?:modulepreload|stylesheet)" crossorigin href="/([^"]+)">', page.read_text())
    )
    assert all((WEB_APP / name).is_file() for name in named)
    [viewer] = [name for name in named if "/ViewerPage-" in name and name.endswith(".js")]
    needed = re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', (WEB_APP / viewer).read_text())
    assert needed
    assert {f"assets/{name}" for name in needed} <= named
    index = (WEB_APP / "index.html").read_text()
    assert [line for line in index.splitlines() if line not in page.read_text()] == []


def test_parts_of_the_app_come_packed_where_that_is_taken(web_app: Path, tmp_path: Path) -> None:
    part = b"a part of it, " * 100
    (web_app / "assets" / "b-2.js").write_bytes(part)
    (web_app / "assets" / "b-2.js.gz").write_bytes(gzip.compress(part))
    app = create_app(load_settings(tmp_path / "node", {}))

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            asked = [
                ("/assets/b-2.js", "gzip, deflate"),
                ("/assets/b-2.js", "identity"),
                ("/assets/b-2.js", "br, gzip;q=0"),
                ("/assets/a-1.js", "gzip"),
            ]
            found = [await client.get(path, headers={"accept-encoding": coding}) for path, coding in asked]
            return [*found, await client.head("/assets/b-2.js"), await client.post("/assets/b-2.js")]

    packed, plain, refused, unpacked, head, posted = asyncio.run(answers())
    assert (packed.content, plain.content, refused.content) == (part, part, part)
    assert unpacked.text == "a part of it"
    codings = [answer.headers.get("content-encoding") for answer in (packed, plain, refused, unpacked)]
    assert codings == ["gzip", None, None, None]
    assert int(packed.headers["content-length"]) < len(part) == int(plain.headers["content-length"])
    for answer in (packed, plain, refused, unpacked, head):
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["vary"] == "accept-encoding"
        assert "immutable" in answer.headers["cache-control"]
        assert "content-security-policy" in answer.headers
    assert head.content == b""
    assert posted.status_code == 405


def test_a_part_that_a_newer_build_took_away_is_not_found(web_app: Path, tmp_path: Path) -> None:
    app = create_app(load_settings(tmp_path / "node", {}))
    (web_app / "assets" / "a-1.js").unlink()
    (web_app / "assets" / "c-3.js").write_text("a part of a newer build")

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
            return [await client.get(f"/assets/{name}") for name in ("a-1.js", "c-3.js")]

    gone, newer = asyncio.run(answers())
    assert (gone.status_code, newer.text) == (404, "a part of a newer build")


def test_a_fault_is_told_to_the_log_only(
    web_app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(path: str) -> None:
        raise RuntimeError(f"the secret of {path}")

    monkeypatch.setattr(server, "_find_file", fail)
    with caplog.at_level(logging.ERROR):
        [answer] = get(tmp_path, "/faulty")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json().keys() == {"title", "status", "detail", "code", "template", "values"}
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers
    assert "the secret of faulty" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("page", [SOURCE, WEB_APP / "index.html"], ids=["source", "built"])
def test_the_app_runs_no_script_written_in_a_page(page: Path) -> None:
    if not page.is_file():
        pytest.skip("the web app is not built")
    html = page.read_text()
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL | re.IGNORECASE)
    assert scripts
    for attributes, content in scripts:
        assert "src=" in attributes
        assert content.strip() == ""
    assert not re.search(r"\son\w+\s*=|javascript:", html, re.IGNORECASE)
    policy = dict(
        part.strip().partition(" ")[::2] for part in SECURITY_HEADERS["content-security-policy"].split(";")
    )
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert (policy["object-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'",) * 3


@pytest.mark.parametrize(
    ("error", "told"), [(Invalid("The log is full."), "The log is full."), (KeyError("x"), "Traceback")]
)
def test_a_node_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Node, "start", fail)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    app = create_app(load_settings(tmp_path / "node", {}))
    with pytest.raises(type(error)):
        asyncio.run(app({"type": "lifespan", "state": {}}, receive, send))
    [message] = sent
    assert message["type"] == "lifespan.startup.failed"
    assert message["message"].startswith(told)
    assert ("\n" in message["message"]) == (told == "Traceback")
