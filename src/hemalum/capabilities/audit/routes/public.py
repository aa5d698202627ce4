"""What everybody may have of the log: checkpoints and hashes (C2SP tlog-tiles), and the node as a witness.

Nobody signs in for it. Entries are private, and their bundles are not served here.
"""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from hemalum.capabilities.audit.routes.parts import Audited
from hemalum.kernel.errors import NotFound
from hemalum.runtime.http_errors import TooLarge
from hemalum.runtime.log.tiles import parse_tile_path
from hemalum.runtime.log.witness import MAX_REQUEST_BYTES

_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_FOR_NOW = {"cache-control": "no-cache"}

router = APIRouter(prefix="/log", include_in_schema=False)


@router.get("/checkpoint")
def checkpoint(audit: Audited) -> Response:
    """The newest signed checkpoint, with the cosignatures that there are."""
    return Response(audit.log.checkpoint(), media_type="text/plain; charset=utf-8", headers=_FOR_NOW)


@router.get("/tile/{path:path}")
def tile(path: str, audit: Audited) -> Response:
    """Hashes of the tree. They tell nothing of what entries say."""
    named = parse_tile_path(f"tile/{path}")
    if named.of_entries:
        raise NotFound("There is nothing at this address.")
    hashes = audit.log.tile(named.level, named.index, named.width)
    return Response(hashes, media_type="application/octet-stream", headers=_FOR_EVER)


@router.post("/witness/add-checkpoint")
async def add_checkpoint(request: Request) -> Response:
    """Cosign the checkpoint of another log that the policy of the log names (C2SP tlog-witness)."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_REQUEST_BYTES:
            raise TooLarge("The request is larger than {limit_kib} KiB.", limit_kib=MAX_REQUEST_BYTES >> 10)
    return await run_in_threadpool(_witness, request, body)


def _witness(request: Request, body: bytes) -> Response:
    answer = request.app.state.witnessing.add_checkpoint(body)
    return Response(answer.body, answer.status, media_type=answer.content_type)
