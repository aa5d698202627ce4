"""Models of the house behind an OpenAI-compatible address: how they are reached, whatever they do.

Only the stated host is spoken to: redirects are not followed, and no proxy is used.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import cause_of

_MOST_BYTES = 1 << 20


class Unanswered(Exception):
    """No answer came; says why."""


@dataclass(frozen=True)
class Place:
    """Where a model of the house answers. May be used from several threads."""

    url: str
    """Such as `http://127.0.0.1:8000/v1`."""
    model: str
    """What it is called there."""
    key: str = ""
    timeout_s: float = 120.0

    def post(self, path: str, **content: Any) -> tuple[int, bytes]:
        """Status and body of the answer, which is cut off after 1 MiB; `content` as httpx takes it.

        Raises:
            Unanswered: nothing came, or not in time.
        """
        import httpx

        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        url = f"{self.url.rstrip('/')}/{path}"
        read = bytearray()
        try:
            with (
                httpx.Client(timeout=self.timeout_s, trust_env=False, follow_redirects=False) as web,
                web.stream("POST", url, headers=headers, **content) as answer,
            ):
                for part in answer.iter_bytes():
                    read += part
                    if len(read) > _MOST_BYTES:
                        break
                return answer.status_code, bytes(read[:_MOST_BYTES])
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(str(error)) from error


def is_address(url: str) -> bool:
    """Whether a setting names a place on the web."""
    return url.startswith(("http://", "https://"))


def read_key(path: str) -> str:
    """The key in a file; empty where none is named.

    Raises:
        Invalid: the file cannot be read.
    """
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Invalid("{path} cannot be read: {cause}.", path=path, cause=cause_of(error)) from error
