"""The apps of a node: registering them, and the way to what they do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from hemalum.capabilities.access.model import PersonKind
from hemalum.capabilities.apps import store
from hemalum.capabilities.apps.authorising import Authorising
from hemalum.capabilities.apps.exchanging import Exchanging
from hemalum.capabilities.apps.model import FHIR_ROOT, MANAGE, App, AppId, AppKind, check_app
from hemalum.capabilities.apps.office import Office, digest, new_secret
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.policy import check_permission

_MOST_PATH = 200


@dataclass(frozen=True)
class Apps(Office):
    """The apps of a node. May be used from several threads."""

    @property
    def authorising(self) -> Authorising:
        """How apps get the consent of people."""
        return Authorising(self)

    @property
    def exchanging(self) -> Exchanging:
        """How apps get tokens, and what those are good for."""
        return Exchanging(self)

    def authenticate(self, secret: str) -> Actor | None:
        """See `Exchanging.authenticate`."""
        return self.exchanging.authenticate(secret)

    def note_use(self, actor: Actor, method: str, path: str) -> None:
        """Record that an app asks FHIR for something, before it is answered."""
        assert actor.delegation is not None
        # Addresses of resources hold identifiers of this node; what is searched for stands elsewhere.
        asked = path.removeprefix(FHIR_ROOT).strip("/")
        self.tell(
            "use", actor, actor.delegation.app_id, detail={"method": method, "asked": asked[:_MOST_PATH]}
        )

    # Administrators, and (without an actor) the operator of the machine -------------------------------------

    def register(self, actor: Actor | None, app: App) -> tuple[App, str | None]:
        """Register an app; the secret of one that shows itself by a secret comes back, once.

        Raises:
            Invalid: it cannot be known by this.
            NotFound, Conflict: it names no service account of the organisation.
        """
        home = self._may_manage(actor, app.organisation_id)
        made = replace(app, id=AppId(new_id()), organisation_id=home, name=app.name.strip())
        self._check(made)
        secret = new_secret() if _has_secret(made) else None
        with transaction(self.database) as connection:
            store.add_app(connection, made, None if secret is None else digest(secret), self.now())
            detail = {"name": made.name, "kind": made.kind.value, "scopes": list(made.scopes)}
            self.tell("register", actor, made.id, organisation_id=home, detail=detail)
        return replace(made, has_secret=secret is not None), secret

    def change(self, actor: Actor | None, app: App) -> App:
        """State anew what an app may ask for. What it was let do already, and is more than that, ends.

        Raises:
            NotFound: there is no such app.
            Conflict: it would be of another kind.
            And as `register`.
        """
        home = self._may_manage(actor, app.organisation_id)
        made = replace(app, organisation_id=home, name=app.name.strip())
        self._check(made)
        with transaction(self.database) as connection:
            known = store.get_app(connection, home, app.id)
            if (known.kind, _has_secret(known)) != (made.kind, _has_secret(made)):
                raise Conflict("How an application shows who it is does not change; register it anew.")
            store.change_app(connection, made)
            if not set(known.scopes) <= set(made.scopes):
                store.end_all(connection, made.id, self.now())
            detail = {"name": made.name, "scopes": list(made.scopes)}
            self.tell("change", actor, made.id, organisation_id=home, detail=detail)
        return replace(made, has_secret=known.has_secret)

    def new_secret(self, actor: Actor | None, organisation_id: OrganisationId, app_id: str) -> str:
        """A secret in the place of the one before, which is good no more.

        Raises:
            NotFound: there is no such app.
            Conflict: it shows who it is by something else.
        """
        home, secret = self._may_manage(actor, organisation_id), new_secret()
        with transaction(self.database) as connection:
            app = store.get_app(connection, home, app_id)
            if not _has_secret(app):
                raise Conflict("This application has no secret.")
            store.set_secret(connection, app.id, digest(secret))
            self.tell("new_secret", actor, app.id, organisation_id=home)
        return secret

    def remove(self, actor: Actor | None, organisation_id: OrganisationId, app_id: str) -> None:
        """End an app, and all that it was let do.

        Raises:
            NotFound: there is no such app.
        """
        home = self._may_manage(actor, organisation_id)
        with transaction(self.database) as connection:
            app = store.get_app(connection, home, app_id)
            store.remove_app(connection, app.id, self.now())
            self.tell("remove", actor, app.id, organisation_id=home, detail={"name": app.name})

    def list_apps(self, actor: Actor | None) -> list[App]:
        """Those of the actor's organisation, or all of the node; by name."""
        with reading(self.database) as connection:
            return store.list_apps(connection, None if actor is None else actor.organisation_id)

    def get(self, app_id: str) -> App:
        """An app, for the operator of the machine.

        Raises:
            NotFound: there is none of this id.
        """
        with reading(self.database) as connection:
            app = store.find_app(connection, app_id)
        if app is None:
            raise NotFound("There is no such application.")
        return app

    def list_launchable(self, actor: Actor) -> list[App]:
        """Those that are opened beside a patient."""
        return [one for one in self.list_apps(actor) if one.launch_at]

    def _may_manage(self, actor: Actor | None, organisation_id: OrganisationId) -> OrganisationId:
        if actor is None:
            return self.access.get_organisation(organisation_id).id
        check_permission(actor, MANAGE)
        return actor.organisation_id

    def _check(self, app: App) -> None:
        check_app(app)
        if not app.account:
            return
        if self.access.get_person(app.account).kind is not PersonKind.SERVICE:
            raise Conflict("{name} is no service account.", name=app.account)
        if self.access.actor_for(app.account).organisation_id != app.organisation_id:
            raise Conflict("The account {name} has no role where its application is.", name=app.account)


def read_keys(text: str) -> Mapping[str, Any] | None:
    """Public keys as somebody writes them (a JWK Set); None where nothing is written.

    Raises:
        Invalid: it is none.
    """
    if not text.strip():
        return None
    try:
        return msgspec.json.decode(text.encode(), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise Invalid("The keys are no JWK Set.") from error


def _has_secret(app: App) -> bool:
    return app.kind is AppKind.CONFIDENTIAL and app.keys is None
