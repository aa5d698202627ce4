"""Subscriptions (R4 2.46): other systems are told when a report is signed, or an order comes or goes on.

By rest-hook, to hosts that the operator of the node allowed; each time in a durable job of its own, tried
several times. Whoever does not answer for long is told no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from hemalum.capabilities.access.model import Grant, GrantKind
from hemalum.capabilities.fhir import policy, store
from hemalum.capabilities.fhir.model import Channel, Kind, Subscription, SubscriptionState, finish
from hemalum.capabilities.fhir.service import Fhir
from hemalum.formats.fhir.checks import require_sound
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.searching import matches, parse_query
from hemalum.formats.fhir.values import MEDIA_TYPE, Resource, instant
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Record
from hemalum.kernel.errors import Conflict, HemalumError, NotFound
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed_json
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import JobQueue

SEND_JOB = "fhir.send"
"""The name lives in the queue."""
_MOST_HERE = 50
_MOST_HEADERS = 10
_MOST_FAILURES = 5
"""Each of them tried several times; then nobody is told any more."""
_ANSWERED_WITHIN_S = 10.0
_SERVER_FAULTS = 500
_TOLD_OF = (Kind.DIAGNOSTIC_REPORT, Kind.SERVICE_REQUEST)
_SEALED = "fhir subscription"


@dataclass(frozen=True)
class Notifying:
    """The subscriptions of a node. May be used from several threads."""

    fhir: Fhir
    queue: JobQueue
    allowed: Sequence[str]
    """Origins that may be sent to."""
    base: str = ""

    # By whoever wants to be told --------------------------------------------------------------------------

    def subscribe(self, actor: Actor, resource: Resource) -> Subscription:
        """Have another system told from now on. That it was asked for is recorded.

        Raises:
            NotPermitted: the actor may not read what it would be told of.
            BadResource: it is no sound Subscription, or asks for what is not done here.
            Conflict: the organisation has too many.
        """
        require_sound(resource)
        if resource["resourceType"] != "Subscription":
            raise _bad("Resource", Sentence("Only a Subscription is taken here."))
        kind, channel = self._channel_of(resource)
        policy.check(actor, kind)
        asking = self._ledger.ask(actor, policy.VIEW, policy.VIEW_PATIENT)
        now = self._ledger.clock()
        ends_at = datetime.fromisoformat(resource["end"]) if "end" in resource else None
        made = Subscription(
            new_id(),
            asking.organisation_id,
            asking.person_id,
            asking.permissions,
            kind,
            channel,
            now,
            ends_at,
        )
        self._tell("subscribe", asking, made, origin=_origin(channel.endpoint))
        sealed = self.fhir.keyring.seal(msgspec.json.encode(channel), f"{_SEALED} {made.id}")
        with transaction(self._ledger.database) as connection:
            if len(store.list_subscriptions(connection, self._opened, made.organisation_id)) >= _MOST_HERE:
                raise Conflict("An organisation has at most {most} subscriptions.", most=_MOST_HERE)
            store.add_subscription(connection, made, sealed)
        return made

    def list_subscriptions(self, actor: Actor) -> list[Subscription]:
        """Those of the actor's organisation."""
        with reading(self._ledger.database) as connection:
            return store.list_subscriptions(connection, self._opened, actor.organisation_id)

    def get(self, actor: Actor, subscription_id: str) -> Subscription:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        with reading(self._ledger.database) as connection:
            found = store.list_subscriptions(connection, self._opened, actor.organisation_id, subscription_id)
        if not found:
            raise NotFound("There is no {kind} of this id.", kind="Subscription")
        return found[0]

    def unsubscribe(self, actor: Actor, subscription_id: str) -> None:
        """Have nobody told any more. Raises as `get`."""
        found = self.get(actor, subscription_id)
        self._tell("unsubscribe", actor, found)
        with transaction(self._ledger.database) as connection:
            store.delete_subscription(connection, found.id)

    # By the node itself ---------------------------------------------------------------------------------

    def notify(self, event: Mapping[str, Any]) -> int:
        """Hand in that the systems are told that wait for this; answers how many. Of a signed report and of
        a case that began or went on; the same event once more hands in nothing new."""
        kind = Kind.DIAGNOSTIC_REPORT if "sha256" in event else Kind.SERVICE_REQUEST
        organisation_id, case_id = event["organisation_id"], event["case_id"]
        with reading(self._ledger.database) as connection:
            found = store.list_subscriptions(connection, self._opened, organisation_id)
        waiting = [one for one in found if one.kind is kind and self._is_on(one)]
        for one in waiting:
            arguments = {"organisation_id": organisation_id, "subscription_id": one.id, "id": case_id}
            job_id = f"fhir-send-{one.id}-{case_id}-{event['occurred_at']}"
            self.queue.enqueue(SEND_JOB, arguments, job_id=job_id, background=True)
        return len(waiting)

    def send(self, organisation_id: str, subscription_id: str, case_id: str) -> bool:
        """Tell one system of what fits its criteria of a case; answers whether to try again later.

        That it was told is recorded first.
        """
        with reading(self._ledger.database) as connection:
            found = store.list_subscriptions(connection, self._opened, organisation_id, subscription_id)
        if not found or not self._is_on(found[0]):
            return False
        subscription = found[0]
        actor = self._actor(subscription)
        if actor is None:
            why = Sentence("Whoever made this subscription may not do so any more.")
            self._failed(subscription, why, _MOST_FAILURES)
            return False
        conditions = _query_of(subscription.channel.criteria).conditions
        try:
            made = self.fhir.list_of_case(actor, subscription.kind, case_id, self.base)
            answered = [self._told(actor, subscription, one) for one in made if matches(one, conditions)]
        except HemalumError as error:
            # Either it is kept from whoever would be told, or the node cannot tell it now.
            return error.status >= _SERVER_FAULTS
        return not all(answered)

    def _told(self, actor: Actor, subscription: Subscription, resource: Resource) -> bool:
        """Tell of one resource, which is recorded first; answers whether somebody answered."""
        self._tell("notify", actor, subscription, resource=f"{subscription.kind.value}/{resource['id']}")
        return self._is_answered(subscription.channel, resource)

    def sent(self, organisation_id: str, subscription_id: str, *, is_answered: bool) -> None:
        """Write down whether a system answered in the end."""
        with reading(self._ledger.database) as connection:
            found = store.list_subscriptions(connection, self._opened, organisation_id, subscription_id)
        if not found:
            return
        if not is_answered:
            self._failed(found[0], Sentence("Nobody answered at the address of the subscription."))
        elif found[0].failures:
            with transaction(self._ledger.database) as connection:
                store.change_subscription(
                    connection,
                    subscription_id,
                    failures=0,
                    failure=None,
                    state=SubscriptionState.ACTIVE.value,
                )

    # ----------------------------------------------------------------------------------------------------

    @property
    def _ledger(self) -> Any:
        return self.fhir.cases.ledger

    def _opened(self, subscription_id: str, sealed: bytes) -> Channel:
        content = self.fhir.keyring.unseal(sealed, f"{_SEALED} {subscription_id}")
        return typed_json(content, Channel)

    def _is_on(self, one: Subscription) -> bool:
        is_over = one.ends_at is not None and one.ends_at <= self._ledger.clock()
        is_allowed = _origin(one.channel.endpoint) in self.allowed
        return one.state is not SubscriptionState.OFF and not is_over and is_allowed

    def _actor(self, subscription: Subscription) -> Actor | None:
        """Whoever made a subscription, as they may act now and by what they came with then."""
        grant = Grant(
            f"fhir {subscription.id}",
            GrantKind.WORK,
            subscription.person_id,
            subscription.made_at,
            organisation_id=subscription.organisation_id,
            scopes=subscription.permissions,
        )
        with reading(self._ledger.database) as connection:
            actor = self.fhir.access.actor_of(connection, grant)
        if actor is None or policy.SUBSCRIBE not in actor.permissions:
            return None
        return replace(actor, purpose=Purpose.CARE)

    def _failed(self, subscription: Subscription, why: Sentence, by: int = 1) -> None:
        failures = subscription.failures + by
        state = SubscriptionState.OFF if failures >= _MOST_FAILURES else SubscriptionState.ERROR
        said = msgspec.to_builtins(why)
        with transaction(self._ledger.database) as connection:
            store.change_subscription(
                connection, subscription.id, failures=failures, failure=said, state=state.value
            )

    def _channel_of(self, resource: Resource) -> tuple[Kind, Channel]:
        made = resource["channel"]
        if made["type"] != "rest-hook":
            said = Sentence("Other systems are told by rest-hook alone.")
            raise _bad("Subscription.channel.type", said, Fault.NOT_SUPPORTED)
        endpoint = made.get("endpoint")
        if not isinstance(endpoint, str) or _origin(endpoint) not in self.allowed:
            said = Sentence("Nobody may be told at this address; the operator of the node allows hosts.")
            raise _bad("Subscription.channel.endpoint", said)
        payload = made.get("payload", "")
        if payload not in ("", MEDIA_TYPE, "application/json"):
            said = Sentence("Resources are given as {media_type}.", {"media_type": MEDIA_TYPE})
            raise _bad("Subscription.channel.payload", said, Fault.NOT_SUPPORTED)
        headers = made.get("header", [])
        if not isinstance(headers, list) or len(headers) > _MOST_HEADERS or not all(map(_is_header, headers)):
            raise _bad("Subscription.channel.header", Sentence("A header is stated as Name: value."))
        criteria = resource["criteria"]
        kind = str(criteria).partition("?")[0]
        if not isinstance(criteria, str) or kind not in _TOLD_OF:
            said = Sentence("Others are told of {kinds} only.", {"kinds": ", ".join(_TOLD_OF)})
            raise _bad("Subscription.criteria", said, Fault.NOT_SUPPORTED)
        _query_of(criteria)
        channel = Channel(criteria, str(resource["reason"]), endpoint, payload, tuple(headers))
        return Kind(kind), channel

    def _is_answered(self, channel: Channel, resource: Resource) -> bool:
        """Tell a system (R4, rest-hook: POST without a payload, else PUT of the resource)."""
        import httpx

        headers = dict(_header(one) for one in channel.headers)
        method, address, content = "POST", channel.endpoint, b""
        if channel.payload:
            method = "PUT"
            address = f"{channel.endpoint.rstrip('/')}/{resource['resourceType']}/{resource['id']}"
            content = msgspec.json.encode(resource)
            headers["content-type"] = channel.payload
        try:
            # Redirects are not followed: they would lead where nobody allowed.
            with (
                httpx.Client(timeout=_ANSWERED_WITHIN_S, follow_redirects=False, trust_env=False) as web,
                web.stream(method, address, content=content, headers=headers) as answer,
            ):
                return bool(answer.is_success)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False

    def _tell(self, action: str, actor: Actor, about: Subscription, **detail: object) -> None:
        self._ledger.slides.record(
            Record(
                f"fhir.{action}",
                actor,
                target=f"subscription/{about.id}",
                organisation_id=about.organisation_id,
                detail={"kind": about.kind.value, **detail},
            )
        )


def subscription(made: Subscription) -> Resource:
    """A subscription as resource. Headers are secrets, and not told again."""
    channel: Resource = {"type": "rest-hook", "endpoint": made.channel.endpoint}
    if made.channel.payload:
        channel["payload"] = made.channel.payload
    resource: Resource = {
        "resourceType": "Subscription",
        "id": made.id,
        "status": made.state.value,
        "reason": made.channel.reason,
        "criteria": made.channel.criteria,
        "channel": channel,
    }
    if made.ends_at is not None:
        resource["end"] = instant(made.ends_at)
    if made.failure is not None:
        resource["error"] = str(made.failure)
    return finish(resource, made.made_at)


def wait_of(attempt: int) -> timedelta | None:
    """How long to wait after so many attempts; None when there were enough."""
    waits = (1, 5, 15)
    return timedelta(seconds=waits[attempt]) if attempt < len(waits) else None


def _query_of(criteria: str) -> Any:
    kind, _, query = criteria.partition("?")
    return parse_query(kind, parse_qsl(query, keep_blank_values=True))


def _origin(address: str) -> str:
    """Scheme, host and port of an address; empty for one with a name or password in it, or that is none."""
    try:
        parts = urlsplit(address)
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _is_header(text: Any) -> bool:
    if not isinstance(text, str) or not text.isascii() or not text.isprintable():
        return False
    name, value = _header(text)
    return bool(name and value) and name.replace("-", "").isalnum()


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


def _bad(where: str, said: Sentence, fault: Fault = Fault.VALUE) -> BadResource:
    return BadResource.because([Issue(fault, where, said)])
