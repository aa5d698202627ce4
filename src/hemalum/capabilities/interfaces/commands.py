"""Commands for messages: `hemalum hl7 senders`, `receivers`, `send` and `queue`."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from hemalum.capabilities.interfaces.model import (
    Receiver,
    ReceiverId,
    Sender,
    SenderId,
    Sent,
)
from hemalum.capabilities.interfaces.sending import Line, NotSent
from hemalum.formats.hl7.charsets import CHARSETS, UTF_8, decode
from hemalum.formats.hl7.message import Message, parse
from hemalum.formats.hl7.reading import read_header
from hemalum.kernel.capability import OpenNode
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.network import THIS_MACHINE, address_of
from hemalum.runtime.tls import calling

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
    "charset",
    type=click.Choice(CHARSETS),
    default=UTF_8,
    show_default=True,
    help="Of messages that state none (MSH-18).",
)
_file = click.argument("file", type=click.File("rb"))
_PEM = click.Path(exists=True, dir_okay=False)
_NOTHING = "nothing"
_sends = click.option(
    "--sends",
    multiple=True,
    type=click.Choice([*(one.value for one in Sent), _NOTHING]),
    help="What is sent there by itself; may be said several times. Default: results.",
)


def _connected[F: Callable[..., None]](command: F) -> F:
    """What is said of every other system: where the node is, whose system it is, and what it is called."""
    options = (
        _data,
        _organisation,
        _encoding,
        click.option("--application", default="", help="What it calls itself in MSH-3 or MSH-5."),
        click.option("--facility", default="", help="What it calls itself in MSH-4 or MSH-6."),
    )
    for option in reversed(options):
        command = option(command)
    return command


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
@_connected
@click.option("--acts-as", required=True, help="Whose roles decide what its messages may do.")
@click.option(
    "--address",
    "addresses",
    multiple=True,
    help="Address or network that it sends from; may be said several times. Default: this machine.",
)
@click.option("--time-zone", default="Asia/Shanghai", show_default=True, help="Of times without a zone.")
@click.option(
    "--processing",
    "processing_id",
    default="P",
    show_default=True,
    type=click.Choice(["P", "T", "D"]),
)
@click.argument("name")
@click.pass_obj
def add_sender(
    open_node: OpenNode,
    /,
    data: Path,
    organisation_id: str | None,
    addresses: tuple[str, ...],
    **stated: str,
) -> None:
    """Take messages in from the system that is called NAME here."""
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        sender = Sender(SenderId(""), home.id, addresses=addresses or THIS_MACHINE, **stated)
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
            _say(each, named, each.charset, where, each.acts_as)


@hl7.group()
def receivers() -> None:
    """Systems that messages are sent to."""


@receivers.command(name="add")
@_connected
@click.option("--tls", "is_tls", is_flag=True, help="Call it over TLS, and show the certificate of the node.")
@_sends
@click.option("--pdf", "with_pdf", is_flag=True, help="Send signed reports with the signed document.")
@click.argument("name")
@click.argument("address")
@click.pass_obj
def add_receiver(
    open_node: OpenNode,
    /,
    data: Path,
    organisation_id: str | None,
    sends: tuple[str, ...],
    address: str,
    **stated: Any,
) -> None:
    """Send messages to the system that is called NAME here and listens at ADDRESS, host:port."""
    host, port = address_of(address)
    with open_node(data) as node:
        home = node.access.get_organisation(organisation_id)
        wanted = _wanted(sends) or (Sent.RESULTS,)
        receiver = Receiver(ReceiverId(""), home.id, host=host, port=port, sends=wanted, **stated)
        click.echo(node.interfaces.add_receiver(receiver).id)


@receivers.command(name="change")
@_data
@_sends
@click.option("--pdf/--no-pdf", "with_pdf", default=None, help="With the signed document, or without.")
@click.argument("name")
@click.pass_obj
def change_receiver(
    open_node: OpenNode, data: Path, sends: tuple[str, ...], *, with_pdf: bool | None, name: str
) -> None:
    """Have other things sent to the receiver NAME by itself from now on."""
    with open_node(data) as node:
        _say_receiver(node.interfaces.change_receiver(name, _wanted(sends), with_pdf))


@receivers.command(name="list")
@_data
@click.pass_obj
def list_receivers(open_node: OpenNode, data: Path) -> None:
    """The systems that messages are sent to, one line each."""
    with open_node(data) as node:
        for each in node.interfaces.outbox.list_receivers():
            _say_receiver(each)


@hl7.command()
@click.option("--to", "address", default="127.0.0.1:2575", show_default=True, help="Where, as host:port.")
@click.option("--wait", "wait_s", default=30.0, show_default=True, help="Seconds until the answer.")
@_encoding
@click.option("--tls", is_flag=True, help="Over TLS; the other side has to show a certificate.")
@click.option(
    "--ca", type=_PEM, default=None, help="Who signed its certificate. Default: whom the machine trusts."
)
@click.option("--certificate", type=_PEM, default=None, help="What is shown to the other side.")
@click.option("--key", type=_PEM, default=None, help="The private key of it.")
@_file
def send(
    address: str,
    wait_s: float,
    charset: str,
    *,
    tls: bool,
    ca: str | None,
    certificate: str | None,
    key: str | None,
    file: Any,
) -> None:
    """Send the message in FILE, or - for standard input, now, and print the answer.

    Needs no node: it shows whether a system answers, this one or another.
    """
    if bool(certificate) != bool(key):
        raise click.UsageError("A certificate and its private key are stated together.")
    if (ca or certificate) and not tls:
        raise click.UsageError("Certificates are for TLS; add --tls.")
    content: bytes = file.read()
    message = _message(content, charset)
    host, port = address_of(address)
    context = calling(certificate or "", key or "", ca or "") if tls else None
    line = Line(host, port, charset, wait_s, context)
    try:
        answer, said = asyncio.run(_exchange(line, content, read_header(message).control_id))
    except NotSent as error:
        raise NotAccepted.saying(error.sentence) from error
    click.echo(decode(said, charset).text.replace("\r", "\n").rstrip())
    if not answer.code.is_good:
        raise NotAccepted("The message was not accepted: {code}.", code=answer.code.value)


@hl7.command()
@_data
@click.option("--receiver", "name", required=True)
@_encoding
@_file
@click.pass_obj
def queue(open_node: OpenNode, data: Path, name: str, charset: str, file: Any) -> None:
    """Have the message in FILE, or - for standard input, sent to a receiver, after all that waits there."""
    message = _message(file.read(), charset)
    with open_node(data) as node:
        click.echo(node.interfaces.send(node.interfaces.find_receiver(name), message))


def _wanted(sends: tuple[str, ...]) -> tuple[Sent, ...] | None:
    """What was asked for; None where nobody said."""
    if not sends:
        return None
    return tuple(one for one in Sent if one.value in sends)


def _say(system: Sender | Receiver, *words: str) -> None:
    """One line about another system."""
    click.echo("  ".join((system.name, system.organisation_id, *words)))


def _say_receiver(receiver: Receiver) -> None:
    sends = [*receiver.sends, *(["pdf"] if receiver.with_pdf else [])]
    state = "ok" if receiver.failure is None else str(receiver.failure)
    _say(receiver, f"{receiver.host}:{receiver.port}", ",".join(sends) or _NOTHING, state)


async def _exchange(line: Line, content: bytes, control_id: str) -> Any:
    try:
        return await line.send(content, control_id)
    finally:
        line.close()


def _message(content: bytes, charset: str) -> Message:
    decoded = decode(content, charset)
    return parse(decoded.text, decoded.codec)
