"""DICOM frames one by one, past the framework.

A viewer asks for one frame of an instance after the other, every time with the same headers. The first
request goes the whole way: who asks, what they may see, in which form they take it. For the moment that
`DicomWeb.get_instance` remembers this, the same request for another frame is answered here, at a tenth of the
cost, unless its session was ended in this process. All that is rare or goes wrong is left to the framework.
"""

import re
import secrets
from typing import Any

from hemalum.capabilities.slides.dicomweb import DicomWeb, FrameForm
from hemalum.formats.dicom.multipart import multipart_content_type
from hemalum.kernel.errors import HemalumError
from hemalum.runtime.http import BareApp, Receive, Scope, Send

KEPT = {"cache-control": "private, max-age=900", "vary": "accept"}
"""An instance never changes under its UID; what is seen may be shown again for a while."""

_FRAME = re.compile(r"(/dicomweb/studies/[0-9.]+/series/[0-9.]+/instances/[0-9.]+/frames/)([0-9]{1,9})")
_KEPT = [(name.encode(), value.encode()) for name, value in KEPT.items()]


class FrameShortcut:
    """Middleware that answers single frames that were permitted a moment ago."""

    def __init__(self, app: BareApp, state: Any) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope)
        if answer is None:
            await self._app(scope, receive, send)
            return
        content_type, body = answer
        length = b"%d" % len(body)
        headers = [(b"content-type", content_type.encode()), (b"content-length", length), *_KEPT]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope) -> tuple[str, bytes] | None:
        key = request_key(scope)
        if key is None:
            return None
        dicom: DicomWeb = self._state.dicomweb
        form = dicom.find_form(key)
        if form is None or self._state.tickets.is_revoked(form.session_id, form.found.image.id):
            return None
        number = int(scope["path"].rpartition("/")[2])
        try:
            dicom.check_frames(form.found, [number])
            return await frame_answer(dicom, form, number)
        except HemalumError:
            return None


def request_key(scope: Scope) -> Any:
    """All of a request for one frame but the number of the frame; None when it is another request."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    found = _FRAME.fullmatch(scope["path"])
    if found is None:
        return None
    address = None if scope["client"] is None else scope["client"][0]
    return (found[1], scope["query_string"], address, tuple(map(tuple, scope["headers"])))


async def frame_answer(dicom: DicomWeb, form: FrameForm, number: int) -> tuple[str, bytes]:
    """Content type and body of the answer that consists of one frame."""
    content = await dicom.frame(form.found, number, decoded=form.decoded)
    if not form.multipart:
        return f"{form.media_type}; transfer-syntax={form.transfer_syntax}", content
    boundary = secrets.token_hex(16)
    content_type = multipart_content_type(form.media_type, boundary, form.transfer_syntax)
    head = part_head(boundary, f"{form.media_type}; transfer-syntax={form.transfer_syntax}")
    return content_type, b"".join((head, content, f"\r\n--{boundary}--\r\n".encode()))


def part_head(boundary: str, content_type: str) -> bytes:
    """What stands before a part of a multipart answer."""
    return f"--{boundary}\r\ncontent-type: {content_type}\r\n\r\n".encode()
