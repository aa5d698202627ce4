"""Apps over HTTP: what people let them do, and which there are."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.apps.model import MANAGE, App, AppId, AppKind
from hemalum.capabilities.apps.routes.oauth import Office
from hemalum.capabilities.apps.service import read_keys
from hemalum.formats.fhir.scopes import parse_scope
from hemalum.kernel.actor import Actor
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.http import actor_of, base_of, kept_nowhere, require

_MOST = 10
_MOST_SCOPES = 100
_MOST_TEXT = 2000


router = APIRouter(tags=["apps"], dependencies=[Depends(kept_nowhere)])

Me = Annotated[Actor, Depends(actor_of)]
Manager = Annotated[Actor, Depends(require(MANAGE))]
Reader = Annotated[Actor, Depends(require("cases.view_patient"))]
type Text = Annotated[str, Field(max_length=_MOST_TEXT)]


class ScopeShown(BaseModel):
    """A scope, and what it says where it is one of resources."""

    scope: str
    level: str | None = None
    kind: str | None = None
    interactions: str = ""
    """Letters out of c, r, u, d and s."""


class AppStated(BaseModel):
    """What an administrator says of an app."""

    name: Annotated[str, Field(max_length=200)]
    kind: AppKind
    scopes: Annotated[list[Text], Field(max_length=_MOST_SCOPES)]
    redirects: Annotated[list[Text], Field(max_length=_MOST)] = []
    launch_at: Text = ""
    keys: Annotated[str, Field(max_length=65_536)] = ""
    """A JWK Set."""
    account: Annotated[str, Field(max_length=200)] = ""


class AppShown(BaseModel):
    """A registered app."""

    id: str
    name: str
    kind: AppKind
    scopes: list[str]
    redirects: list[str]
    launch_at: str
    keys: dict[str, Any] | None
    account: str
    has_secret: bool


class AppMade(AppShown):
    """One that was registered just now."""

    secret: str | None
    """Shown this once."""


class SecretMade(BaseModel):
    """A new secret, shown this once."""

    secret: str


class Launchable(BaseModel):
    """An app that is opened beside a patient."""

    id: str
    name: str


class LaunchAsked(BaseModel):
    """Beside whom an app is opened."""

    patient_id: Annotated[str, Field(max_length=64)]


class GoOn(BaseModel):
    """Where the browser goes now."""

    continue_at: str


class Ticket(BaseModel):
    """Which request of an app is meant."""

    request: Annotated[str, Field(max_length=100)]


class Allowed(Ticket):
    """What the person lets the app do."""

    scopes: Annotated[list[Text], Field(max_length=_MOST_SCOPES)]
    patient_id: Annotated[str, Field(max_length=64)] = ""


class PatientShown(BaseModel):
    """The patient beside whom an app was opened."""

    id: str
    name: str
    birth_date: str | None


class AppRequestShown(BaseModel):
    """What an app asks for."""

    app: str
    goes_to: str
    """Where it has the browser sent."""
    scopes: list[ScopeShown]
    patient: PatientShown | None
    needs_patient: bool


class AuthorisationShown(BaseModel):
    """What I let an app do."""

    id: str
    app: str
    scopes: list[ScopeShown]
    made_at: datetime
    lasts: bool
    """Whether it goes on when I sign out."""


@router.get("")
def list_apps(actor: Manager, apps: Office) -> list[AppShown]:
    """The apps of the organisation."""
    return [_shown(one) for one in apps.list_apps(actor)]


@router.post("", status_code=201)
def register(stated: AppStated, actor: Manager, apps: Office) -> AppMade:
    """Register an app; its secret, if it has one, is shown once."""
    made, secret = apps.register(actor, _app("", stated, actor))
    return AppMade(**_shown(made).model_dump(), secret=secret)


@router.get("/launchable")
def list_launchable(actor: Reader, apps: Office) -> list[Launchable]:
    """Apps that are opened beside a patient."""
    return [Launchable(id=one.id, name=one.name) for one in apps.list_launchable(actor)]


@router.get("/authorisations")
def list_authorisations(actor: Me, apps: Office) -> list[AuthorisationShown]:
    """What I let apps do."""
    return [
        AuthorisationShown(
            id=made.id,
            app=app.name,
            scopes=[_scope(one) for one in sorted(made.scopes)],
            made_at=made.made_at,
            lasts=not made.session_id,
        )
        for made, app in apps.authorising.list_authorisations(actor)
    ]


@router.delete("/authorisations/{authorisation_id}", status_code=204)
def end_authorisation(authorisation_id: str, actor: Me, apps: Office) -> Response:
    """Let an app do it no longer."""
    apps.authorising.end(actor, authorisation_id)
    return Response(status_code=204)


@router.post("/requests/show")
def show_request(asked: Ticket, actor: Me, apps: Office) -> AppRequestShown:
    """What an app asks me for."""
    shown = apps.authorising.show(actor, asked.request)
    patient = None
    if shown.patient is not None and shown.patient.identity is not None:
        who = shown.patient.identity
        born = None if who.birth_date is None else who.birth_date.isoformat()
        patient = PatientShown(id=shown.patient.id, name=who.name, birth_date=born)
    return AppRequestShown(
        app=shown.app.name,
        goes_to=shown.goes_to,
        scopes=[_scope(one) for one in shown.scopes],
        patient=patient,
        needs_patient=shown.needs_patient,
    )


@router.post("/requests/allow")
def allow(allowed: Allowed, actor: Me, apps: Office) -> GoOn:
    """Let the app do some of it."""
    where = apps.authorising.allow(actor, allowed.request, allowed.scopes, allowed.patient_id)
    return GoOn(continue_at=where)


@router.post("/requests/refuse")
def refuse(asked: Ticket, actor: Me, apps: Office) -> GoOn:
    """Let the app do nothing."""
    return GoOn(continue_at=apps.authorising.refuse(actor, asked.request))


@router.put("/{app_id}")
def change(app_id: str, stated: AppStated, actor: Manager, apps: Office) -> AppShown:
    """State anew what an app may ask for."""
    return _shown(apps.change(actor, _app(app_id, stated, actor)))


@router.delete("/{app_id}", status_code=204)
def remove(app_id: str, actor: Manager, apps: Office) -> Response:
    """End an app, and all that it was let do."""
    apps.remove(actor, actor.organisation_id, app_id)
    return Response(status_code=204)


@router.post("/{app_id}/secret")
def new_secret(app_id: str, actor: Manager, apps: Office) -> SecretMade:
    """A new secret in the place of the one before."""
    return SecretMade(secret=apps.new_secret(actor, actor.organisation_id, app_id))


@router.post("/{app_id}/launches")
def launch(app_id: str, asked: LaunchAsked, actor: Reader, apps: Office, request: Request) -> GoOn:
    """Open an app beside a patient."""
    return GoOn(continue_at=apps.authorising.launch(actor, app_id, asked.patient_id, base_of(request)))


def _app(app_id: str, stated: AppStated, actor: Actor) -> App:
    return App(
        AppId(app_id),
        OrganisationId(actor.organisation_id),
        stated.name,
        stated.kind,
        tuple(dict.fromkeys(stated.scopes)),
        tuple(dict.fromkeys(stated.redirects)),
        stated.launch_at.strip(),
        read_keys(stated.keys),
        stated.account.strip(),
    )


def _shown(app: App) -> AppShown:
    return AppShown(
        id=app.id,
        name=app.name,
        kind=app.kind,
        scopes=list(app.scopes),
        redirects=list(app.redirects),
        launch_at=app.launch_at,
        keys=None if app.keys is None else dict(app.keys),
        account=app.account,
        has_secret=app.has_secret,
    )


def _scope(text: str) -> ScopeShown:
    scope = parse_scope(text)
    if scope is None:
        return ScopeShown(scope=text)
    letters = "".join(sorted(scope.interactions))
    return ScopeShown(scope=text, level=scope.level.value, kind=scope.kind, interactions=letters)
