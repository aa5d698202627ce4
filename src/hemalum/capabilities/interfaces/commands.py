"""Commands for messages: `hemalum hl7 senders`, `receivers`, `send` and `queue`."""

import asyncio
from pathlib import Path
from typing import Any

import click

from hemalum.capabilities.interfaces.model import (
    Receiver,
    ReceiverId,
    Sender,
    SenderId,
)
from hemalum.capabilities.interfaces.sending import Line, NotSent
from hemalum.formats.hl7.charsets import CHARSETS, UTF_8, decode
from hemalum.formats.hl7.message import Message, parse
from hemalum.formats.hl7.reading import read_header
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.network import address_of

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The data directory of the node.",
)
_organisation = click.option(
    "--organisation", "organisation_id", default=None, help="Default: the node's first one."
)
_encoding = click.option(
    "--encoding",
    type=click.Choice(CHARSETS),
    default=UTF_8,
    show_default=True,
    help="Of messages that state none (MSH-18).",
)
_file = click.argument("file", type=click.File("rb"))


class NotAccepted(HemalumError):
    """The message was not accepted, or nobody answered."""

    status = 422
    code = "not-accepted"


@click.group()
def hl7() -> None:
    """Messages between this node and the systems of hospitals (HL7 v2)."""


@hl7.group()
def senders() -> None:
    """Systems whose messages are taken in."""


@senders.command(name="add")
@_data
@_organisation
@_encoding
@click.option("--application", default="", help="MSH-3 of what it sends; any by default.")
@click.option("--facility", default="", help="MSH-4 of what it sends; any by default.")
@click.option("--acts-as", required=True, help="Whose roles decide what its messages may do.")
@click.option(
    "--address",
    "addresses",
    multiple=True,
    help="Address or network that it sends from; may be said several times. Default: this machine.",
)
@click.option("--time-zone", default="Asia/Shanghai", show_default=True, help="Of times without a zone.")
@click.option("--processing", default="P", show_default=True, type=click.Choice(["P", "T", "D"]))
@click.argument("name")
@click.pass_obj
def add_sender(
    open_node: OpenNode,
    data: Path,
    organisation_id: str | None,
    encoding: str,
    application: str,
    facility: str,
    acts_as: str,
    addresses: tuple[str, ...],
    time_zone: str,
    processing: str,
    name: str,
) -> None:
    """Take messages in from the system that is called NAME here."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        stated = Sender(SenderId(""), home.id, name, acts_as, application, facility, encoding, time_zone)
        networks = addresses or stated.addresses
        sender = Sender(
            SenderId(""),
            home.id,
            name,
            acts_as,
            application,
            facility,
            encoding,
            time_zone,
            networks,
            processing,
        )
        click.echo(node.interfaces.add_sender(sender).id)


@senders.command(name="list")
@_data
@click.pass_obj
def list_senders(open_node: OpenNode, data: Path) -> None:
    """The systems whose messages are taken in, one line each."""
    with open_node(data) as node:
        for each in node.interfaces.list_senders():
            named = f"{each.application or '*'}|{each.facility or '*'}"
            where = ",".join(each.addresses)
            click.echo(
                f"{each.name}  {each.organisation_id}  {named}  {each.charset}  {where}  {each.acts_as}"
            )


@hl7.group()
def receivers() -> None:
    """Systems that messages are sent to."""


@receivers.command(name="add")
@_data
@_organisation
@_encoding
@click.option("--application", default="", help="MSH-5 of what is sent there.")
@click.option("--facility", default="", help="MSH-6 of what is sent there.")
@click.option("--tls", is_flag=True, help="Call it over TLS, and show the certificate of the node.")
@click.argument("name")
@click.argument("address")
@click.pass_obj
def add_receiver(
    open_node: OpenNode,
    data: Path,
    organisation_id: str | None,
    encoding: str,
    application: str,
    facility: str,
    *,
    tls: bool,
    name: str,
    address: str,
) -> None:
    """Send messages to the system that is called NAME here and listens at ADDRESS, host:port."""
    host, port = address_of(address)
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        receiver = Receiver(ReceiverId(""), home.id, name, host, port, application, facility, encoding, tls)
        click.echo(node.interfaces.add_receiver(receiver).id)


@receivers.command(name="list")
@_data
@click.pass_obj
def list_receivers(open_node: OpenNode, data: Path) -> None:
    """The systems that messages are sent to, one line each."""
    with open_node(data) as node:
        for each in node.interfaces.outbox.list_receivers():
            state = "ok" if each.failure is None else str(each.failure)
            click.echo(f"{each.name}  {each.organisation_id}  {each.host}:{each.port}  {state}")


@hl7.command()
@click.option("--to", "address", default="127.0.0.1:2575", show_default=True, help="Where, as host:port.")
@click.option("--wait", "wait_s", default=30.0, show_default=True, help="Seconds until the answer.")
@_encoding
@_file
def send(address: str, wait_s: float, encoding: str, file: Any) -> None:
    """Send the message in FILE, or - for standard input, now, and print the answer.

    Needs no node: it shows whether a system answers, this one or another.
    """
    content: bytes = file.read()
    message = _message(content, encoding)
    host, port = address_of(address)
    line = Line(host, port, encoding, wait_s)
    try:
        answer, said = asyncio.run(_exchange(line, content, read_header(message).control_id))
    except NotSent as error:
        raise NotAccepted.saying(error.sentence) from error
    click.echo(decode(said, encoding).text.replace("\r", "\n").rstrip())
    if not answer.code.is_good:
        raise NotAccepted("The message was not accepted: {code}.", code=answer.code.value)


@hl7.command()
@_data
@click.option("--receiver", "name", required=True)
@_encoding
@_file
@click.pass_obj
def queue(open_node: OpenNode, data: Path, name: str, encoding: str, file: Any) -> None:
    """Have the message in FILE, or - for standard input, sent to a receiver, after all that waits there."""
    message = _message(file.read(), encoding)
    with open_node(data) as node:
        click.echo(node.interfaces.send(node.interfaces.find_receiver(name), message))


async def _exchange(line: Line, content: bytes, control_id: str) -> Any:
    try:
        return await line.send(content, control_id)
    finally:
        line.close()


def _message(content: bytes, encoding: str) -> Message:
    decoded = decode(content, encoding)
    return parse(decoded.text, decoded.codec)
