"""The client's address: the only place that decides which proxies to trust.

Each proxy appends the address that it saw to X-Forwarded-For. Behind N trusted proxies the N-th address from the end is
the client's; those before it may be forged.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

WORDS = {"off": 0, "false": 0, "no": 0, "on": 1, "true": 1, "yes": 1}
NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that one customer of a provider can't change."""


def proxies_told(setting: str) -> int:
    """Return how many proxies `BEHIND_PROXY` names. Raises ImproperlyConfigured."""
    told = setting.strip().lower()
    if told in WORDS:
        return WORDS[told]
    if told.isascii() and told.isdecimal():
        return int(told)
    raise ImproperlyConfigured(f"BEHIND_PROXY is {setting!r}; it must be on, off or the number of proxies.")


def client_address(request: HttpRequest) -> str:
    """Return the IP address of the client, as the outermost trusted proxy saw it."""
    connected = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        named = request.headers.get("X-Forwarded-For", "").split(",")
        if address := _parsed(named[-min(proxies, len(named))]):
            return str(address)
    return str(_parsed(connected) or connected)


def client_network(request: HttpRequest) -> str:
    """Return what to limit: the client's address or network."""
    return network_of(client_address(request))


def network_of(address: str) -> str:
    """Return an address, or the network of an IPv6 address, whose owner has billions of them."""
    if isinstance(parsed := _parsed(address), IPv6Address):
        return str(IPv6Network((parsed, NETWORK_OF_ONE), strict=False).network_address)
    return address


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address, also with a port or an interface name."""
    bare = text.strip().partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
