"""An airport's published rules as a site file: its stays cost over HTTP what the airport asks."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.test import Client

from tests.billing.pricing.test_airport import STAYS, TARIFFS

pytestmark = pytest.mark.django_db


def site() -> dict:
    lots = [
        {
            "slug": slug,
            "name": slug.title(),
            "city": "Burlington",
            "timezone": "America/New_York",
            "currency": "USD",
            "levels": [{"number": 0, "zones": [{"name": "A", "spot_type": "regular", "count": 20, "prefix": "A-"}]}],
            "tariffs": [{"name": "Published", "valid_from": "2020-01-01", **rules}],
        }
        for slug, rules in TARIFFS.items()
    ]
    return {"operator": {"slug": "airport", "name": "Airport", "currency": "USD"}, "lots": lots}


def test_every_published_stay_is_quoted_as_published(tmp_path):
    path = tmp_path / "site.json"
    path.write_text(json.dumps(site()))
    call_command("import_site", str(path))
    entry = dt.datetime(2026, 5, 4, 14, 0, tzinfo=dt.UTC)

    quoted = {
        lot: {
            minutes: Client()
            .post(
                f"/api/v1/lots/{lot}/quote",
                {"entry": entry.isoformat(), "exit": (entry + dt.timedelta(minutes=minutes)).isoformat()},
                content_type="application/json",
            )
            .json()["total"]
            for minutes in stays
        }
        for lot, stays in STAYS.items()
    }

    assert sum(len(stays) for stays in STAYS.values()) == 29
    assert quoted == STAYS
