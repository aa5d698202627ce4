"""Dictation: what somebody says becomes text, by a speech model of the house. No audio is kept anywhere.

What is said is of a patient, so the model is one of the house: the node speaks to the address that it is set
up with, and to no other. The text is a proposal; it enters a report by a person alone.
"""

import json
import unicodedata
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any

from hemalum.capabilities.reports import policy
from hemalum.capabilities.reports.house import Place, Unanswered, is_address, read_key
from hemalum.capabilities.reports.model import MOST_SECTION, Language
from hemalum.capabilities.reports.service import Reports
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, Invalid, NotFound
from hemalum.runtime.db import reading
from hemalum.runtime.settings import Settings

MOST_BYTES = 16 << 20
MOST_SECONDS = 300
"""What a browser records in one go; 16 MiB are more than that in each of the forms below."""
_AT_ONCE = 4
_TYPES = {"webm": "audio/webm", "ogg": "audio/ogg", "mp4": "audio/mp4", "wav": "audio/wav"}
_MOST_SAID = MOST_SECTION // 2


class TranscriberFailed(HemalumError):
    """The speech model gave no text. The sentence says why."""

    status = 502
    code = "transcriber-failed"


class TranscriberBusy(HemalumError):
    """As many people dictate at this moment as the speech model is asked for."""

    status = 503
    code = "transcriber-busy"


@dataclass(frozen=True)
class Transcriber:
    """A speech model behind an OpenAI-compatible address. May be used from several threads."""

    place: Place

    def transcribe(self, audio: bytes, language: Language) -> str:
        """What is said in a recording; empty where nothing was understood.

        Raises:
            Invalid: it is no recording that a browser makes.
            TranscriberFailed: the model cannot be reached, refuses, or answers with something else.
        """
        form = form_of(audio)
        asked = {"model": self.place.model, "language": language.value, "response_format": "json"}
        files = {"file": (f"dictation.{form}", audio, _TYPES[form])}
        try:
            status, answer = self.place.post("audio/transcriptions", data=asked, files=files)
        except Unanswered as error:
            raise TranscriberFailed(
                "The speech model cannot be reached: {cause}.", cause=str(error)
            ) from error
        if status != HTTPStatus.OK:
            raise TranscriberFailed("The speech model answered with status {status}.", status=status)
        try:
            said: Any = json.loads(answer)["text"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise TranscriberFailed("The speech model did not answer with text.") from error
        if not isinstance(said, str) or len(said) > _MOST_SAID:
            raise TranscriberFailed("The speech model did not answer with text.")
        return _plain(said)


@dataclass(frozen=True)
class Dictating:
    """Dictation into the reports of a node. May be used from several threads."""

    reports: Reports
    transcriber: Transcriber | None = None
    """None where the node is set up without one."""
    _room: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_AT_ONCE))

    @property
    def is_available(self) -> bool:
        return self.transcriber is not None

    def transcribe(self, actor: Actor, case_id: str, audio: bytes, language: Language) -> str:
        """What somebody said for the report of a case, which is recorded without what it was.

        Raises:
            NotFound: there is no such case in the actor's organisation, or no speech model here.
            NotPermitted, ReportWithheld: the actor writes no reports, or not this one.
            Invalid: it is no recording, or too large.
            TranscriberFailed: no text came.
            TranscriberBusy: many dictate at this moment.
        """
        reports = self.reports
        asking = reports.ask(actor, policy.READ, policy.WRITE)
        reports.check_person(asking)
        with reading(reports.cases.ledger.database) as connection:
            case = reports.readable(connection, asking, case_id)
        if self.transcriber is None:
            raise NotFound("This node is set up without a speech model.")
        if len(audio) > MOST_BYTES:
            raise Invalid("A recording has at most {most} MiB.", most=MOST_BYTES >> 20)
        form_of(audio)
        if not self._room.acquire(blocking=False):
            raise TranscriberBusy("Several people dictate at this moment; try again in a few seconds.")
        try:
            reports.cases.reporting.tell(asking, case, "dictate", bytes=len(audio))
            return self.transcriber.transcribe(audio, language)
        finally:
            self._room.release()


def form_of(audio: bytes) -> str:
    """What a recording is by its first bytes, whatever it is said to be.

    WebM (RFC 8794, EBML header), Ogg (RFC 3533), MP4 (ISO/IEC 14496-12, `ftyp`), WAV (RIFF).

    Raises:
        Invalid: it is none of these.
    """
    if audio.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    if audio.startswith(b"OggS"):
        return "ogg"
    if audio[4:8] == b"ftyp":
        return "mp4"
    if audio.startswith(b"RIFF") and audio[8:12] == b"WAVE":
        return "wav"
    raise Invalid("This is no recording that can be transcribed: WebM, Ogg, MP4 or WAV.")


def open_transcriber(settings: Settings) -> Transcriber | None:
    """The speech model that a node is set up with; None where nobody dictates to the node.

    Raises:
        Invalid: the settings name no model, no web address, or a file that cannot be read.
    """
    if not settings.dictation_url:
        return None
    if not is_address(settings.dictation_url) or not settings.dictation_model:
        raise Invalid(
            "The setting dictation_url is a web address, and dictation_model names the model there."
        )
    key = read_key(settings.dictation_key_file)
    place = Place(settings.dictation_url, settings.dictation_model, key, settings.dictation_timeout_s)
    return Transcriber(place)


def _plain(said: str) -> str:
    """Text without what cannot be kept or printed."""
    lines = said.replace("\r\n", "\n").strip()
    return "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
