"""What is asked of reports over HTTP."""

from typing import Annotated

from pydantic import BaseModel, Field

from hemalum.capabilities.reports.model import Amendment, Language
from hemalum.capabilities.reports.routes.answers import Digest, Reason, ReportContent, ReportSource
from hemalum.capabilities.reports.service import MOST_REASON
from hemalum.capabilities.reports.showing import Draft


class CheckAsked(BaseModel):
    """A content to look at, without keeping it."""

    content: ReportContent


class DraftAsked(BaseModel):
    """The next version as a draft."""

    based_on: int | None = Field(default=None, ge=1)
    """The newest version that one knows; null where one knows of none."""
    content: ReportContent
    language: Language = Language.EN
    reason: Reason = ""
    source: ReportSource = ReportSource()

    def stated(self) -> Draft:
        return Draft(self.based_on, self.content.stated(), self.language, self.reason, self.source.stated())


class HandOverAsked(BaseModel):
    """Which version becomes preliminary."""

    version: int = Field(ge=1)
    sha256: Digest
    """Of that version, as one looked at it."""
    reason: Reason = ""


class AmendmentWithdrawal(BaseModel):
    """Which amendment is given up, and why."""

    version: int = Field(ge=1)
    sha256: Digest
    """Of that version, as one looked at it."""
    reason: Reason


class SignatureAsked(BaseModel):
    """Which version is signed, and that it is oneself."""

    version: int = Field(ge=1)
    sha256: Digest
    """Of that version, as one looked at it."""
    password: str | None = Field(default=None, max_length=1000)


class AmendmentAsked(BaseModel):
    """Why a signed report is changed."""

    kind: Amendment
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON)]
