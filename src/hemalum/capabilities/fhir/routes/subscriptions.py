"""Subscriptions over HTTP (R4 2.46)."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from hemalum.capabilities.fhir.batches import ROOT
from hemalum.capabilities.fhir.notifying import Notifying, subscription
from hemalum.capabilities.fhir.routes.parts import (
    JSON_ONLY,
    OutcomeRoute,
    Subscriber,
    body_of,
)
from hemalum.formats.fhir.bundles import searchset
from hemalum.formats.fhir.values import MEDIA_TYPE
from hemalum.runtime.http import KEPT_NOWHERE, base_of

router = APIRouter(
    prefix=f"{ROOT}/Subscription", tags=["fhir"], route_class=OutcomeRoute, include_in_schema=False
)


async def notifying_of(request: Request) -> Notifying:
    """The subscriptions of this node."""
    notifying: Notifying = request.app.state.fhir_subscriptions
    return notifying


Subscriptions = Annotated[Notifying, Depends(notifying_of)]


@router.get("", dependencies=JSON_ONLY)
def list_subscriptions(actor: Subscriber, subscriptions: Subscriptions, request: Request) -> Response:
    """Those of the organisation."""
    found = [subscription(one) for one in subscriptions.list_subscriptions(actor)]
    base = f"{base_of(request)}{ROOT}"
    bundle = searchset(found, [], base, f"{base}/Subscription", None, len(found))
    return Response(msgspec.json.encode(bundle), media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)


@router.post("", dependencies=JSON_ONLY)
async def subscribe(actor: Subscriber, subscriptions: Subscriptions, request: Request) -> Response:
    """Have another system told from now on."""
    resource = await body_of(request)
    made = await run_in_threadpool(subscriptions.subscribe, actor, resource)
    headers = {**KEPT_NOWHERE, "location": f"{base_of(request)}{ROOT}/Subscription/{made.id}"}
    content = msgspec.json.encode(subscription(made))
    return Response(content, status_code=201, media_type=MEDIA_TYPE, headers=headers)


@router.get("/{subscription_id}", dependencies=JSON_ONLY)
def show_subscription(subscription_id: str, actor: Subscriber, subscriptions: Subscriptions) -> Response:
    """One, and whether anybody answers there."""
    content = msgspec.json.encode(subscription(subscriptions.get(actor, subscription_id)))
    return Response(content, media_type=MEDIA_TYPE, headers=KEPT_NOWHERE)


@router.delete("/{subscription_id}")
def unsubscribe(subscription_id: str, actor: Subscriber, subscriptions: Subscriptions) -> Response:
    """Have nobody told any more."""
    subscriptions.unsubscribe(actor, subscription_id)
    return Response(status_code=204, headers=KEPT_NOWHERE)
