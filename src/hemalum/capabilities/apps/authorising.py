"""How an app gets the consent of a person (SMART App Launch 2.0, section 2.0.9; RFC 6749, 4.1.1)."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.apps import store
from hemalum.capabilities.apps.model import (
    CODE_LASTS,
    FHIR_ROOT,
    LAUNCH_LASTS,
    REQUEST_LASTS,
    App,
    AppId,
    Asked,
    Authorisation,
    Denied,
    InvalidScope,
    OAuthRefusal,
    TokenKind,
    UnknownApp,
    UnknownRedirect,
    UnsupportedResponse,
    is_launch,
    needs_patient,
)
from hemalum.capabilities.apps.office import Office, digest, new_secret
from hemalum.capabilities.cases.service import ShownPatient
from hemalum.formats.fhir.scopes import OFFLINE, Level, narrow
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.kernel.typed import typed
from hemalum.runtime.db import reading, transaction

_REQUEST = "request"
_LAUNCH = "launch"
_MOST_STATED = 2000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """What an app asks for, as the person sees it who is to say yes or no."""

    app: App
    goes_to: str
    """The host that the browser is sent to with the consent."""
    scopes: tuple[str, ...]
    patient: ShownPatient | None
    """Beside whom the app was opened."""
    needs_patient: bool
    """Whether the person has to say which patient; False where that is known."""


@dataclass(frozen=True)
class Authorising:
    """Consents of a node."""

    office: Office

    # Apps -----------------------------------------------------------------------------------------------

    def begin(self, stated: Sequence[tuple[str, str]], base: str) -> str:
        """Remember what an app asks for; what comes back goes on with it, for ten minutes.

        Raises:
            UnknownApp: no app is registered that asks like this.
            Turned: the app is to be told, at its own address, why not.
        """
        office, values = self.office, dict(stated)
        with transaction(office.database) as connection:
            app = store.find_app(connection, values.get("client_id", ""))
            redirect = values.get("redirect_uri", "")
            if app is None:
                raise UnknownApp("No application is registered under this name.")
            if redirect not in app.redirects:
                raise UnknownRedirect("The application is not registered with the address that it goes to.")
            try:
                asked = self._asked(connection, app, stated, base)
            except OAuthRefusal as refusal:
                raise Turned(sent_back(redirect, values.get("state", ""), refusal)) from refusal
            ticket, now = new_secret(), office.now()
            detail = msgspec.to_builtins(asked)
            store.add_pending(connection, digest(ticket), _REQUEST, detail, now + REQUEST_LASTS, now)
        return ticket

    def _asked(
        self, connection: sa.Connection, app: App, stated: Sequence[tuple[str, str]], base: str
    ) -> Asked:
        values = dict(stated)
        twice = [name for name, count in Counter(name for name, _ in stated).items() if count > 1]
        if twice:
            raise OAuthRefusal("{name} is stated twice.", name=twice[0])
        if any(len(value) > _MOST_STATED for value in values.values()):
            raise OAuthRefusal("What is asked for is too long.")
        if values.get("response_type") != "code":
            raise UnsupportedResponse("Only codes are given; ask with response_type=code.")
        if not values.get("state"):
            raise OAuthRefusal("The request needs a state.")
        if values.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
            values.get("code_challenge", "")
        ):
            raise OAuthRefusal("The request needs a code_challenge by S256.")
        if values.get("aud", "").rstrip("/") != f"{base}{FHIR_ROOT}":
            raise OAuthRefusal(
                "The request is not meant for this node: aud has to be {address}.",
                address=f"{base}{FHIR_ROOT}",
            )
        # What a service may do by itself, nobody lets an app do.
        wanted = [one for one in values.get("scope", "").split() if not one.startswith(Level.SYSTEM)]
        scopes = narrow(wanted, app.scopes)
        if not scopes:
            raise InvalidScope("Nothing of what is asked for can be granted to this application.")
        asked = Asked(
            app.id,
            values["redirect_uri"],
            values["state"],
            tuple(sorted(scopes)),
            values["code_challenge"],
            values.get("nonce", ""),
        )
        return self._launched(connection, asked, values.get("launch", ""))

    def _launched(self, connection: sa.Connection, asked: Asked, launch: str) -> Asked:
        """The same with the patient beside whom the app was opened."""
        if not launch:
            return replace(asked, scopes=tuple(one for one in asked.scopes if one != _LAUNCH))
        found = store.find_pending(connection, digest(launch), _LAUNCH, self.office.now())
        if found is None or found["app_id"] != asked.app_id or not is_launch(asked.scopes):
            raise OAuthRefusal("The launch is unknown, too old, or of another application.")
        store.spend_pending(connection, digest(launch))
        return replace(asked, launched_by=found["person_id"], patient_id=found["patient_id"])

    # People ---------------------------------------------------------------------------------------------

    def launch(self, actor: Actor, app_id: str, patient_id: str, base: str) -> str:
        """The address that opens an app beside a patient (EHR launch), good for five minutes.

        Raises:
            NotFound: there is no such app or patient, or the app is not opened in this way.
        """
        office = self.office
        office.cases.patients.get(actor, patient_id)
        with transaction(office.database) as connection:
            app = store.get_app(connection, actor.organisation_id, app_id)
            if not app.launch_at:
                raise NotFound("There is no such application.")
            launch, now = new_secret(), office.now()
            detail = {"app_id": app.id, "person_id": actor.person_id, "patient_id": patient_id}
            store.add_pending(connection, digest(launch), _LAUNCH, detail, now + LAUNCH_LASTS, now)
            office.tell("launch", actor, app.id, detail={"patient": patient_id})
        query = urlencode({"iss": f"{base}{FHIR_ROOT}", "launch": launch})
        return f"{app.launch_at}{'&' if urlsplit(app.launch_at).query else '?'}{query}"

    def show(self, actor: Actor, ticket: str) -> ShownRequest:
        """What an app asks the actor for.

        Raises:
            NotFound: it rested too long, or was answered.
            NotPermitted: the actor is no person at a browser, acts at another organisation than the app's, or
                did not open the app.
        """
        with reading(self.office.database) as connection:
            app, asked = self._open(connection, actor, ticket)
        patient = self.office.cases.patients.get(actor, asked.patient_id) if asked.patient_id else None
        is_open = patient is None and needs_patient(asked.scopes)
        return ShownRequest(app, _host(asked.redirect), asked.scopes, patient, is_open)

    def refuse(self, actor: Actor, ticket: str) -> str:
        """Let the app do nothing; where the browser goes now. Raises as `show`."""
        office = self.office
        with transaction(office.database) as connection:
            app, asked = self._open(connection, actor, ticket)
            store.spend_pending(connection, digest(ticket))
            office.tell("authorise", actor, app.id, outcome=Outcome.REFUSED)
        return sent_back(
            asked.redirect, asked.state, Denied("The person did not let the application do this.")
        )

    def allow(self, actor: Actor, ticket: str, scopes: Iterable[str], patient_id: str) -> str:
        """Let the app do some of what it asks for; where the browser goes now.

        Raises:
            Invalid: nothing is let, more than was asked for, or nobody said for which patient.
            Conflict: it was answered just now.
            And as `show`.
        """
        office, wanted = self.office, tuple(sorted(set(scopes)))
        with reading(office.database) as connection:
            app, asked = self._open(connection, actor, ticket)
        if not wanted or not set(wanted) <= set(asked.scopes):
            raise Invalid("Choose something of what the application asks for.")
        if asked.patient_id:
            patient_id = asked.patient_id
        elif not needs_patient(wanted):
            patient_id = ""
        elif not patient_id:
            raise Invalid("Say which patient the application is to see.")
        if patient_id:
            # Who was merged is in context as who they are now.
            shown = office.cases.patients.get(actor, patient_id)
            while shown.merged_into is not None:
                shown = office.cases.patients.get(actor, shown.merged_into)
            patient_id = shown.id
        now = office.now()
        made = Authorisation(
            new_id(),
            app.id,
            actor.person_id,
            actor.organisation_id,
            frozenset(wanted),
            now,
            "" if OFFLINE in wanted else actor.session_id,
            patient_id,
            actor.is_strong,
            asked.redirect,
            asked.challenge,
            asked.nonce,
        )
        with transaction(office.database) as connection:
            if not store.spend_pending(connection, digest(ticket)):
                raise Conflict("This was answered already.")
            store.add_authorisation(connection, made)
            code = office.add_token(connection, made, TokenKind.CODE, now + CODE_LASTS)
            detail = {"authorisation": made.id, "scopes": list(wanted), "patient": patient_id}
            office.tell("authorise", actor, app.id, detail=detail)
        return _with_query(asked.redirect, {"code": code, "state": asked.state})

    def list_authorisations(self, actor: Actor) -> list[tuple[Authorisation, App]]:
        """What the actor let apps do, and that still holds; the newest first."""
        with reading(self.office.database) as connection:
            held = store.list_authorisations(connection, actor.person_id)
            return [one for one in held if self.office.is_good(connection, one[0])]

    def end(self, actor: Actor, authorisation_id: str) -> None:
        """Let an app do it no longer.

        Raises:
            NotFound: the actor let none do this.
        """
        office = self.office
        with transaction(office.database) as connection:
            made = store.get_authorisation(connection, authorisation_id)
            if made.person_id != actor.person_id:
                raise NotFound("There is no such authorisation.")
            store.end_authorisation(connection, made.id, office.now())
            office.tell("end", actor, made.app_id, detail={"authorisation": made.id})

    def _open(self, connection: sa.Connection, actor: Actor, ticket: str) -> tuple[App, Asked]:
        office = self.office
        if actor.delegation is not None or not office.access.is_good_session(actor.session_id):
            raise NotPermitted("Sign in with a browser to let an application do something.")
        found = store.find_pending(connection, digest(ticket), _REQUEST, office.now())
        app = None if found is None else store.find_app(connection, AppId(found["app_id"]))
        if found is None or app is None:
            raise NotFound("This request rested too long. Begin again in the application.")
        if app.organisation_id != actor.organisation_id:
            raise NotPermitted("The application belongs to another organisation; act there first.")
        asked = typed(found, Asked)
        if asked.launched_by not in ("", actor.person_id):
            raise NotPermitted("Somebody else opened this application.")
        return app, asked


class Turned(Exception):
    """An app is told at its own address that it asks for what cannot be."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def sent_back(redirect: str, state: str, refusal: OAuthRefusal) -> str:
    """Where a browser goes with a refusal (RFC 6749, 4.1.2.1)."""
    told = {"error": refusal.code, "error_description": str(refusal)}
    return _with_query(redirect, told | ({"state": state} if state else {}))


def _host(address: str) -> str:
    """Where an address leads, as far as a person needs to know it."""
    parts = urlsplit(address)
    return parts.netloc or f"{parts.scheme}:"


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"
