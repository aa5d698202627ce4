"""Dictation: a recording goes to the speech model of the house and nowhere else, and text comes back."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hemalum.capabilities.reports.dictating import (
    MOST_BYTES,
    Dictating,
    Transcriber,
    TranscriberBusy,
    TranscriberFailed,
    form_of,
    open_transcriber,
)
from hemalum.capabilities.reports.house import Place
from hemalum.capabilities.reports.model import Language
from hemalum.kernel.errors import Invalid, NotFound, NotPermitted
from hemalum.runtime.settings import load_settings

from .conftest import World

WEBM = b"\x1a\x45\xdf\xa3" + b"what was said of Ada Secretname" * 9
SAID = "Adenocarcinoma, Gleason 3 + 4."


@dataclass
class SpeechModel:
    """Something that answers as speech models do. No real one was at hand."""

    answer: bytes = json.dumps({"text": f" {SAID}\r\nNo\x07 perineural invasion. "}).encode()
    status: int = 200
    asked: list[dict[str, Any]] = field(default_factory=list)
    hold: threading.Event | None = None
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@contextmanager
def speech_model(model: SpeechModel) -> Iterator[Transcriber]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
            parts = BytesParser().parsebytes(head + body).get_payload()
            told: dict[str, Any] = {"path": self.path, "key": self.headers["authorization"]}
            for part in parts:
                name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
                told[str(name)] = part.get_payload(decode=True)  # type: ignore[union-attr]
                if part.get_filename():  # type: ignore[union-attr]
                    told["filename"] = part.get_filename()  # type: ignore[union-attr]
            model.asked.append(told)
            model.came.release()
            if model.hold is not None:
                model.hold.wait(30)
            self.send_response(model.status)
            self.send_header("content-length", str(len(model.answer)))
            self.end_headers()
            self.wfile.write(model.answer)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Transcriber(Place(f"http://127.0.0.1:{server.server_port}/v1", "house-speech", "secret", 30))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_said_becomes_text_and_enters_no_report(world: World) -> None:
    model = SpeechModel()
    case_id = world.case_id()
    world.told()
    with speech_model(model) as transcriber:
        dictating = Dictating(world.reports, transcriber)
        said = dictating.transcribe(world.who("li"), case_id, WEBM, Language.ZH)
    assert said == f"{SAID}\nNo perineural invasion."
    (asked,) = model.asked
    assert (asked["path"], asked["key"]) == ("/v1/audio/transcriptions", "Bearer secret")
    assert (asked["model"], asked["language"], asked["response_format"]) == (b"house-speech", b"zh", b"json")
    assert (asked["file"], asked["filename"]) == (WEBM, "dictation.webm")
    assert world.reports.show(world.who("li"), case_id).current is None
    told = [one for one in world.records if one.action == "reports.dictate"]
    assert [one.detail for one in told] == [{"bytes": len(WEBM)}]
    files = [one for one in Path(world.slides.settings.data).rglob("*") if one.is_file()]
    assert not any(b"what was said" in one.read_bytes() for one in files)


@pytest.mark.parametrize(
    ("audio", "form"),
    [
        (WEBM, "webm"),
        (b"OggS\0\2" + bytes(20), "ogg"),
        (b"\0\0\0\x1cftypiso5" + bytes(20), "mp4"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "wav"),
    ],
)
def test_recordings_of_browsers_are_known_by_their_bytes(audio: bytes, form: str) -> None:
    assert form_of(audio) == form


@pytest.mark.parametrize(
    "audio", [b"", b"RIFF\x24\0\0\0AVI LIST", b"<html>", b"\x89PNG\r\n", b"\0\0\0\x1cfty"]
)
def test_what_is_no_recording_is_sent_nowhere(world: World, audio: bytes) -> None:
    model = SpeechModel()
    with speech_model(model) as transcriber, pytest.raises(Invalid, match="no recording"):
        Dictating(world.reports, transcriber).transcribe(world.who("li"), world.case_id(), audio, Language.EN)
    assert model.asked == []


def test_a_recording_that_is_too_large_is_sent_nowhere(world: World) -> None:
    transcriber = Transcriber(Place("http://127.0.0.1:1/v1", "none"))
    with pytest.raises(Invalid, match="at most 16 MiB"):
        Dictating(world.reports, transcriber).transcribe(
            world.who("li"), world.case_id(), WEBM + bytes(MOST_BYTES), Language.EN
        )


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (SpeechModel(status=500), "status 500"),
        (SpeechModel(status=307), "status 307"),
        (SpeechModel(answer=b"no JSON"), "did not answer with text"),
        (SpeechModel(answer=b'{"words": 1}'), "did not answer with text"),
        (SpeechModel(answer=b'{"text": 1}'), "did not answer with text"),
        (SpeechModel(answer=b'{"text": "' + b"x" * 30_000 + b'"}'), "did not answer with text"),
        (SpeechModel(answer=b"[" * 100_000), "did not answer with text"),
        (SpeechModel(answer=b"x" * (3 << 20)), "did not answer with text"),
    ],
)
def test_a_model_that_gives_no_text_is_said_so(world: World, model: SpeechModel, why: str) -> None:
    with speech_model(model) as transcriber, pytest.raises(TranscriberFailed, match=why):
        transcriber.transcribe(WEBM, Language.EN)


def test_silence_is_no_text(world: World) -> None:
    with speech_model(SpeechModel(answer=b'{"text": " "}')) as transcriber:
        assert transcriber.transcribe(WEBM, Language.EN) == ""


def test_a_model_that_nobody_reaches(world: World) -> None:
    with speech_model(SpeechModel()) as transcriber:
        pass
    with pytest.raises(TranscriberFailed, match="cannot be reached"):
        transcriber.transcribe(WEBM, Language.EN)


def test_as_many_dictate_as_there_is_room_for(world: World) -> None:
    model = SpeechModel(hold=threading.Event())
    case_id, li = world.case_id(), world.who("li")
    with speech_model(model) as transcriber:
        dictating = Dictating(world.reports, transcriber)
        said: list[str] = []
        threads = [
            threading.Thread(target=lambda: said.append(dictating.transcribe(li, case_id, WEBM, Language.EN)))
            for _ in range(4)
        ]
        for one in threads:
            one.start()
        for _ in threads:
            assert model.came.acquire(timeout=30)
        with pytest.raises(TranscriberBusy):
            dictating.transcribe(li, case_id, WEBM, Language.EN)
        assert model.hold is not None
        model.hold.set()
        for one in threads:
            one.join()
        assert len(said) == 4
        assert dictating.transcribe(li, case_id, WEBM, Language.EN)


def test_who_writes_no_report_dictates_none(world: World) -> None:
    model = SpeechModel()
    case_id = world.case_id()
    with speech_model(model) as transcriber:
        dictating = Dictating(world.reports, transcriber)
        for who in ("clinician", "tech", "robot"):
            with pytest.raises(NotPermitted):
                dictating.transcribe(world.who(who), case_id, WEBM, Language.EN)
        with pytest.raises(NotFound):
            dictating.transcribe(world.who("li"), "none", WEBM, Language.EN)
    assert model.asked == []


def test_a_node_without_a_speech_model_says_so(world: World) -> None:
    dictating = Dictating(world.reports)
    assert not dictating.is_available
    with pytest.raises(NotFound, match="without a speech model"):
        dictating.transcribe(world.who("li"), world.case_id(), WEBM, Language.EN)


def test_the_settings_name_it(tmp_path: Path) -> None:
    def opened(**stated: str) -> Transcriber | None:
        environment = {f"HEMALUM_DICTATION_{name.upper()}": value for name, value in stated.items()}
        return open_transcriber(load_settings(tmp_path, environment))

    assert opened() is None
    key = tmp_path / "key"
    key.write_text("abc\n")
    place = Place("http://127.0.0.1:1/v1", "m", "abc", 7)
    assert opened(url=place.url, model="m", key_file=str(key), timeout_s="7") == Transcriber(place)
    for wrong in ({"url": "ftp://x", "model": "m"}, {"url": "http://x"}):
        with pytest.raises(Invalid):
            opened(**wrong)
