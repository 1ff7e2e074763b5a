"""Webhooks never lead into the network of the installation, however the address is written or changes."""

import socket
from ipaddress import ip_address

import pytest

from common.errors import InvalidValueError
from events.addresses_allowed import AddressRefusedError, check_url, connected, is_public
from events.sending_posts import Post

INSIDE = [
    *("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "169.254.169.254", "fd00:ec2::254"),
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "0.0.0." + "0", "::", "fe80::1", "fc00::1", "224.0.0.1"),
    *("255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
    *("2002:7f00:1::", "2001:0:7f00:1::", "ff02::1", "64:ff9b:1::1", "::ffff:0:7f00:1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_address_inside_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_address_outside_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "https://", "example.com", "https://user:x@example.com/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/"),
        *("https://127.1/", "https://0/", "https://169.254.169.254/latest/", "https://localhost/", "https://a.local/"),
        *(
            "https://example.com/#x",
            "https://example.com:99999/",
            "https://[::1/",
            "https://exa mple.com/",
            "https://é.ch/",
        ),
        *("https://metadata.google.internal/", "https://[::ffff:127.0.0.1]/", "https://example.com/" + "x" * 500),
        "https://example.com/\r\nX: y",
    ],
)
def test_address_is_refused_when_it_is_given(url):
    with pytest.raises(InvalidValueError):
        check_url(url)


def test_public_address_is_taken():
    assert check_url("https://example.com:8443/hooks?x=1") == "https://example.com:8443/hooks?x=1"


def resolving(monkeypatch, *answers: list[str]) -> list[str]:
    """Let a name have other addresses each time that it is asked for; return the list of what is connected to."""
    left, reached = list(answers), []

    def resolve(host, port, **_more):
        addresses = left.pop(0) if len(left) > 1 else left[0]
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    class Fake(socket.socket):
        def connect(self, address):
            reached.append(address[0])
            raise ConnectionRefusedError

    monkeypatch.setattr("events.addresses_allowed.socket.getaddrinfo", resolve)
    monkeypatch.setattr("events.addresses_allowed.socket.socket", Fake)
    return reached


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_name_that_leads_inside_is_not_connected_to(monkeypatch, address):
    reached = resolving(monkeypatch, [address])
    answer = Post("https://inside.example/", b"{}", {}).send()

    assert answer.error == "the name leads into a private network"
    assert reached == []


def test_name_with_one_address_inside_is_not_connected_to_at_all(monkeypatch):
    reached = resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(AddressRefusedError):
        connected("both.example", 443, until=1e12)
    assert reached == []


def test_name_is_resolved_once_for_a_connection_and_the_checked_address_is_used(monkeypatch):
    """Asked again between check and connection it would lead inside."""
    reached = resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    first = Post("https://changing.example/", b"{}", {}).send()
    second = Post("https://changing.example/", b"{}", {}).send()

    assert reached == ["93.184.216.34"]
    assert "refused" in first.error.lower()
    assert second.error == "the name leads into a private network"


def test_private_networks_can_be_allowed(settings):
    settings.WEBHOOKS_PRIVATE = True
    assert check_url("http://127.0.0.1:8080/")
