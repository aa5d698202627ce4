"""Network addresses, for those who need not know HTTP."""

from ipaddress import ip_address, ip_network

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def source_of(address: str) -> str:
    """What attempts from an address count against: of IPv6 the network that one customer has (/64)."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))
