"""Where webhooks may lead: never into the network that the installation itself stands in.

A name is resolved once for each connection, every address that it has is checked, and a checked one is connected to.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import InvalidValueError

LONGEST_URL = 500
# Addresses of IPv6 that carry one of IPv4 in their last 32 bits.
_CARRYING = (ip_network("64:ff9b::/96"), ip_network("::/96"), ip_network("::ffff:0:0:0/96"))
_LOCAL_TRANSLATION = ip_network("64:ff9b:1::/48")


class AddressRefusedError(OSError):
    """The name leads to an address that webhooks may not reach."""


def check_url(url: str) -> str:
    """Return the address of a webhook; raises InvalidValueError for one that can't be, or must not be, sent to."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    schemes = ("https", "http") if settings.WEBHOOKS_PRIVATE else ("https",)
    if not host or parts.scheme not in schemes or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise InvalidValueError(_("Give an address that begins with https://."), path="url")
    if parts.username is not None or parts.fragment or " " in url or "\\" in url:
        raise InvalidValueError(_("The address may have no user, spaces or fragment."), path="url")
    inside = _is_refused_literal(host) or host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    if inside and not settings.WEBHOOKS_PRIVATE:
        raise InvalidValueError(_("The address must be on the public internet."), path="url")
    return url


def _is_refused_literal(host: str) -> bool:
    try:
        return not is_public(ip_address(host))
    except ValueError:
        pass
    try:
        # Whatever the system takes for an address: decimal, octal, hexadecimal and short forms.
        return not is_public(IPv4Address(socket.inet_aton(host)))
    except OSError:
        return False


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address, and one that it carries, is of the public internet."""
    if isinstance(address, IPv6Address):
        if any(address in network for network in _CARRYING) or address.ipv4_mapped:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour:
            return is_public(address.sixtofour)
        if address.teredo or address in _LOCAL_TRANSLATION:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def connected(host: str, port: int, *, until: float) -> socket.socket:
    """Return a connection to an address of `host` that was checked; `until` is by the monotonic clock.

    Raises AddressRefusedError when any of its addresses is not public, unless the installation allows that.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not settings.WEBHOOKS_PRIVATE and not all(is_public(_address_of(one[4][0])) for one in found):
        raise AddressRefusedError("the name leads into a private network")
    failed: OSError = OSError("the name has no address")
    for family, kind, protocol, _name, address in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(max(0.1, until - monotonic()))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failed = error
        else:
            return connection
    raise failed


def _address_of(text: str | int) -> IPv4Address | IPv6Address:
    return ip_address(str(text).partition("%")[0])
