"""Addresses of other machines, as operators write them."""

import ipaddress
from collections.abc import Iterable

from hemalum.kernel.errors import Invalid

THIS_MACHINE = ("127.0.0.1/32", "::1/128")


def address_of(text: str) -> tuple[str, int]:
    """Host and port out of `host:port`.

    Raises:
        Invalid: it is no such address.
    """
    host, _, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65_535:
        raise Invalid("{text} is not an address such as 127.0.0.1:2575.", text=text)
    return host, int(port)


def plain_address(peer: str) -> str:
    """The address of a peer without the zone and the IPv4-in-IPv6 prefix that sockets tell it with."""
    return peer.partition("%")[0].removeprefix("::ffff:")


def check_networks(networks: Iterable[str]) -> None:
    """Raise Invalid unless each is an address or a network."""
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise Invalid(
                "{text} is not an address or network such as 10.1.2.3 or 10.1.0.0/16.", text=network
            ) from error


def lies_within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is in one of these networks; what is no address is in none."""
    try:
        host = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(host in ipaddress.ip_network(network) for network in networks)
