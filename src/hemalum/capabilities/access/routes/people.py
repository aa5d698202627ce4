"""People, groups and organisations, for administrators."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from hemalum.capabilities.access.model import Membership, Organisation
from hemalum.capabilities.access.routes import answers
from hemalum.capabilities.access.routes.parts import Administrator, Door, NodeAdministrator
from hemalum.kernel.ids import OrganisationId, PersonId, new_id
from hemalum.runtime.http import Limit, Offset, base_of

router = APIRouter()

At = Annotated[str | None, Query(alias="organisation_id", max_length=40)]
"""The organisation that is looked at; one's own by default, and any for the node's administrator."""


@router.get("/people")
def list_people(
    actor: Administrator,
    access: Door,
    at: At = None,
    q: Annotated[str, Query(max_length=200)] = "",
    offset: Offset = 0,
    limit: Limit = 100,
) -> answers.PeoplePage:
    """The people of an organisation by name; `q` matches every word."""
    total, found = access.people.list_people(actor, at, q, offset, limit)
    now = access.clock()
    items = [answers.person_of(each, now) for each in found]
    return answers.PeoplePage(total=total, offset=offset, items=items)


@router.post("/people", status_code=201)
def add_person(
    asked: answers.PersonAsked, request: Request, actor: Administrator, access: Door, at: At = None
) -> answers.PersonAdded:
    """Invite somebody, or make a service account."""
    person, code = access.people.add(actor, at, asked.name, asked.display_name, asked.roles, asked.kind)
    return answers.PersonAdded(id=person.id, link=None if code is None else _link(request, code))


@router.get("/people/{person_id}")
def show_person(person_id: str, actor: Administrator, access: Door, at: At = None) -> answers.PersonShown:
    """One person of an organisation."""
    return answers.person_of(access.people.get_person(actor, at, person_id), access.clock())


@router.patch("/people/{person_id}", status_code=204)
def rename_person(
    person_id: str, asked: answers.PersonChanged, actor: Administrator, access: Door, at: At = None
) -> Response:
    """Change how somebody is called on screen."""
    access.people.rename(actor, at, person_id, asked.display_name)
    return Response(status_code=204)


@router.put("/people/{person_id}/roles", status_code=204)
def set_roles(
    person_id: str, asked: answers.RolesAsked, actor: Administrator, access: Door, at: At = None
) -> Response:
    """Give somebody exactly these roles."""
    place = OrganisationId(at or actor.organisation_id)
    wanted = [Membership(PersonId(person_id), place, each.role, each.until) for each in asked.roles]
    access.people.set_roles(actor, at, person_id, wanted)
    return Response(status_code=204)


@router.post("/people/{person_id}/suspension", status_code=204)
def suspend_person(person_id: str, actor: Administrator, access: Door, at: At = None) -> Response:
    """Keep somebody out, at once."""
    access.people.suspend(actor, at, person_id)
    return Response(status_code=204)


@router.delete("/people/{person_id}/suspension", status_code=204)
def reinstate_person(person_id: str, actor: Administrator, access: Door, at: At = None) -> Response:
    """Let somebody in again."""
    access.people.reinstate(actor, at, person_id)
    return Response(status_code=204)


@router.post("/people/{person_id}/link", status_code=201)
def reset_person(
    person_id: str,
    asked: answers.ResetAsked,
    request: Request,
    actor: Administrator,
    access: Door,
    at: At = None,
) -> answers.LinkMade:
    """A one-time link by which somebody sets a new password; the old one is void."""
    code = access.people.reset(actor, at, person_id, remove_factors=asked.remove_factors)
    return answers.LinkMade(link=_link(request, code))


@router.delete("/people/{person_id}/sessions", status_code=204)
def sign_person_out(person_id: str, actor: Administrator, access: Door, at: At = None) -> Response:
    """End all sessions of somebody."""
    access.people.sign_out_everywhere(actor, at, person_id)
    return Response(status_code=204)


@router.get("/people/{person_id}/tokens")
def list_service_tokens(person_id: str, actor: Administrator, access: Door) -> list[answers.TokenKnown]:
    """The tokens of a service account."""
    found = access.tokens.list_tokens(actor, person_id)
    return [answers.token_of(each, is_idle=is_idle) for each, is_idle in found]


@router.post("/people/{person_id}/tokens", status_code=201)
def issue_service_token(
    person_id: str, asked: answers.TokenAsked, actor: Administrator, access: Door, response: Response
) -> answers.TokenMade:
    """Make a token of a service account; its secret is shown once."""
    response.headers["cache-control"] = "no-store"
    lasts = timedelta(days=asked.days)
    made, secret = access.tokens.issue(actor, asked.name, asked.scopes, lasts, person_id)
    return answers.TokenMade(**answers.token_of(made).model_dump(), secret=secret)


@router.delete("/people/{person_id}/tokens/{token_id}", status_code=204)
def revoke_service_token(person_id: str, token_id: str, actor: Administrator, access: Door) -> Response:
    """End a token of a service account."""
    access.tokens.revoke(actor, token_id, person_id)
    return Response(status_code=204)


@router.get("/groups")
def list_groups(actor: Administrator, access: Door) -> list[answers.GroupShown]:
    """The groups of one's organisation."""
    return [
        answers.GroupShown(id=each.id, name=each.name, members=list(each.members))
        for each in access.people.list_groups(actor)
    ]


@router.post("/groups", status_code=201)
def add_group(asked: answers.GroupAsked, actor: Administrator, access: Door) -> answers.GroupShown:
    """Add a group of people."""
    made = access.people.put_group(actor, None, asked.name, asked.members)
    return answers.GroupShown(id=made.id, name=made.name, members=list(made.members))


@router.put("/groups/{group_id}")
def change_group(
    group_id: str, asked: answers.GroupAsked, actor: Administrator, access: Door
) -> answers.GroupShown:
    """Change a group's name and members."""
    made = access.people.put_group(actor, group_id, asked.name, asked.members)
    return answers.GroupShown(id=made.id, name=made.name, members=list(made.members))


@router.delete("/groups/{group_id}", status_code=204)
def remove_group(group_id: str, actor: Administrator, access: Door) -> Response:
    """Remove a group."""
    access.people.remove_group(actor, group_id)
    return Response(status_code=204)


@router.get("/organisations")
def list_organisations(actor: NodeAdministrator, access: Door) -> list[answers.OrganisationShown]:  # noqa: ARG001 - must be allowed
    """All organisations of the node."""
    return [answers.organisation_of(each) for each in access.people.list_organisations()]


@router.post("/organisations", status_code=201)
def add_organisation(
    asked: answers.OrganisationAdded, actor: NodeAdministrator, access: Door
) -> answers.OrganisationShown:
    """Add an organisation."""
    stated = asked.model_dump(exclude={"id"})
    added = Organisation(OrganisationId(asked.id or new_id()), **stated)
    return answers.organisation_of(access.people.add_organisation(actor, added))


@router.put("/organisations/{organisation_id}")
def change_organisation(
    organisation_id: str, asked: answers.OrganisationAsked, actor: NodeAdministrator, access: Door
) -> answers.OrganisationShown:
    """Change what is stated of an organisation."""
    before = access.get_organisation(organisation_id)
    changed = replace(before, **asked.model_dump())
    return answers.organisation_of(access.people.change_organisation(actor, changed))


def _link(request: Request, code: str) -> str:
    # What follows the hash is never sent to a server, so it is in no log.
    return f"{base_of(request)}/welcome#{code}"
