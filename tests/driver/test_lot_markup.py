"""What search engines are told about a lot on its page."""

import json
import re

import pytest
from django.urls import reverse

from tests.factories import make_lot, make_ticket

pytestmark = pytest.mark.django_db

DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def told(client, lot):
    page = client.get(reverse("driver:lot", args=[lot.slug]))
    found = DATA.findall(page.content.decode())
    assert len(found) == 1
    return page, json.loads(found[0])


def test_a_lot_is_a_parking_facility_with_its_place_hours_price_and_spaces(client):
    lot = make_lot(
        spots={"regular": 3, "ev": 1},
        name="Central Garage",
        address="1 Main St",
        postal_code="8001",
        latitude=47.3769,
        longitude=8.5417,
        holidays={"country": "CH"},
        opening_hours={"mon-fri": "06:00-24:00", "sat": "08:00-12:00,13:00-22:00", "sun,holiday": "closed"},
        amenities=["lift"],
    )
    make_ticket(lot)

    page, facility = told(client, lot)
    url = f"http://testserver/lots/{lot.slug}/"
    assert facility == {
        "@context": "https://schema.org",
        "@type": "ParkingFacility",
        "@id": url,
        "url": url,
        "name": "Central Garage",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": "1 Main St",
            "postalCode": "8001",
            "addressLocality": "Zürich",
            "addressCountry": "CH",
        },
        "geo": {"@type": "GeoCoordinates", "latitude": 47.3769, "longitude": 8.5417},
        "openingHours": ["Mo-Fr 06:00-24:00", "Sa 08:00-12:00,13:00-22:00"],
        "currenciesAccepted": "CHF",
        "publicAccess": True,
        "priceRange": "CHF\xa03.00 / 60 min",
        "maximumAttendeeCapacity": 4,
        "additionalProperty": [{"@type": "PropertyValue", "name": "freeSpots", "value": 3}],
        "amenityFeature": [{"@type": "LocationFeatureSpecification", "name": "lift", "value": True}],
    }
    # Browsers never run such an element, so that the policy needs no exception for it.
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_a_lot_of_which_little_is_known_tells_only_that(client):
    _page, facility = told(client, make_lot(tariff=None, city="", spots={}))
    assert facility["openingHours"] == ["Mo-Su 00:00-24:00"]
    assert facility["address"] == {"@type": "PostalAddress"}
    assert not facility.keys() & {"geo", "priceRange", "amenityFeature"}


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--<script>", "a & b 'c' \"d\"", "]]>\u2028"])
def test_no_name_ends_the_element(client, name):
    lot = make_lot(name=name, address=name, city=name, amenities=[name])
    page, facility = told(client, lot)
    assert facility["name"] == facility["address"]["streetAddress"] == facility["amenityFeature"][0]["name"] == name
    assert "<script>alert" not in page.content.decode()
