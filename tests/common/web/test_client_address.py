"""Only our own proxies are believed about a client's address."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from common.web.client_address import client_address, client_network, proxies_told


def request_from(connected, forwarded=None):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return RequestFactory(REMOTE_ADDR=connected).get("/", headers=headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "9.9.9.9, 10.1.2.3", "10.1.2.3"),
        (1, "10.1.2.3", "10.1.2.3"),
        (1, None, "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "9.9.9.9, unknown", "127.0.0.1"),
        (1, "10.1.2.3:4711", "10.1.2.3"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:10.1.2.3", "10.1.2.3"),
        (2, "9.9.9.9, 10.1.2.3, 10.0.0.1", "10.1.2.3"),
        (2, "10.1.2.3", "10.1.2.3"),
    ],
)
def test_the_address_is_the_one_our_outermost_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies

    assert client_address(request_from("127.0.0.1", forwarded)) == address


def test_a_network_of_version_six_counts_as_one_client():
    assert client_network(request_from("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::"
    assert client_network(request_from("10.1.2.3")) == "10.1.2.3"


@pytest.mark.parametrize(
    ("told", "proxies"), [("off", 0), ("on", 1), ("True", 1), ("0", 0), ("1", 1), ("2", 2), (" On ", 1)]
)
def test_the_setting_names_the_number_of_proxies(told, proxies):
    assert proxies_told(told) == proxies


@pytest.mark.parametrize("told", ["", "maybe", "-1", "1.5"])
def test_a_setting_that_says_nothing_is_refused(told):
    with pytest.raises(ImproperlyConfigured, match="BEHIND_PROXY"):
        proxies_told(told)
