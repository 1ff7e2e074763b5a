"""A lot's site file is the inverse of its import; a copy is a lot like the first one."""

import datetime as dt
import json

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lots.models import Lot
from sites import copy_lot, import_site, read_site, site_document
from tests.entrance.sessions import client_of
from tests.factories import make_device, make_user
from tests.sites.site_files import HOURLY, example, site_of, small

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def put_in_force(data):
    return import_site(read_site(json.dumps(data)), at=AT)


def again(lot):
    """Export a lot, and import that."""
    return put_in_force(json.loads(json.dumps(site_document(lot))))


zones = st.lists(
    st.tuples(
        st.sampled_from(["regular", "ev", "handicap", "compact"]),
        st.integers(0, 7),
        st.integers(1, 90),
        st.none() | st.integers(0, 500),
    ),
    max_size=3,
)
lots = st.fixed_dictionaries(
    {
        "tracking": st.sampled_from(["spots", "levels"]),
        "levels": st.lists(st.tuples(st.integers(-9, 30), zones), max_size=4, unique_by=lambda one: one[0]),
    },
    optional={
        "language": st.sampled_from(["de", "fr"]),
        "latitude": st.none() | st.floats(-90, 90),
        "max_height_cm": st.none() | st.integers(0, 400),
        "lane_fee_limit": st.none() | st.integers(0, 10_000),
        "counts_reset_hour": st.none() | st.integers(0, 23),
        "amenities": st.lists(st.sampled_from(["lift", "toilet", "cctv"]), unique=True),
        "opening_hours": st.just({"mon-fri": "06:00-24:00", "sat": "closed"}),
        "booking_share_percent": st.just({"regular": 40}),
        "published": st.booleans(),
        "prepay": st.sampled_from(["none", "hold"]),
        "city": st.sampled_from(["", "Zürich"]),
        "gates": st.just([{"code": "small-in", "direction": "entry", "level": -1, "confirms_passage": True}]),
        "tariffs": st.just([{"name": "Hourly", "valid_until": "2026-12-31", **HOURLY}]),
    },
)


def file_of(drawn):
    levels = [
        {
            "number": number,
            "zones": [
                {"name": f"Z{at}", "spot_type": kind, "count": count, "start": first, "prefix": f"{number}/{at}-"}
                | {"distance": distance}
                for at, (kind, count, first, distance) in enumerate(found)
            ],
        }
        for number, found in drawn["levels"]
    ]
    return site_of(small(**drawn | {"levels": levels}))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lots)
def test_importing_what_was_exported_changes_nothing(drawn):
    with transaction.atomic():
        put_in_force(file_of(drawn))
        lot = Lot.objects.get()
        before = site_document(lot)
        report = again(lot)
        assert (report.lines, report.kept) == ([], [])
        assert site_document(Lot.objects.get()) == before
        transaction.set_rollback(True)


def test_the_documented_example_comes_back_with_its_values():
    put_in_force(example())
    given_file, lot = example(), Lot.objects.get()
    document = site_document(lot)
    (asked,), (told,) = given_file["lots"], document["lots"]
    simple = asked.keys() - {"levels", "gates", "tariffs"}
    assert {name: told[name] for name in simple} == {name: asked[name] for name in simple}
    assert {name: document["operator"][name] for name in given_file["operator"]} == given_file["operator"]
    assert [told["tariffs"][0][name] for name in asked["tariffs"][0]] == list(asked["tariffs"][0].values())
    assert not again(lot).lines


def test_a_copy_has_places_gates_and_prices_in_force_but_no_keys():
    put_in_force(example())
    lot = Lot.objects.get()
    make_device(lot.gates.first())
    copy = copy_lot(lot=lot, name="Central Two", at=AT)
    assert (copy.slug, copy.published, copy.operator) == ("central-two", False, lot.operator)
    assert list(copy.spots.values_list("number", "spot_type", "ordinal")) == list(
        lot.spots.values_list("number", "spot_type", "ordinal")
    )
    assert set(copy.gates.values_list("code", "direction")) == {
        ("central-two-in-1", "entry"),
        ("central-two-out-1", "exit"),
    }
    assert not copy.devices.exists()
    assert (copy.tariffs.get().rules, copy.tariffs.get().valid_from) == (lot.tariffs.get().rules, dt.date(2026, 3, 2))
    assert (copy.opening_hours, copy.holidays, copy.allocation) == (lot.opening_hours, lot.holidays, lot.allocation)
    assert copy_lot(lot=lot, name="Central Two", at=AT).slug == "central-two-2"


def test_an_admin_downloads_the_site_file_and_copies_the_lot():
    put_in_force(example())
    lot = Lot.objects.get()
    admin = client_of(make_user("admin", lot.operator))
    answer = admin.get(reverse("office:lot_site_file", args=["central"]))
    assert answer["Content-Disposition"] == 'attachment; filename="central.json"'
    assert answer.json() == json.loads(json.dumps(site_document(lot)))
    page = admin.post(reverse("office:lot_copy", args=["central"]), {"name": "East"}, follow=True)
    assert "East is there. Its gates have no keys yet." in page.content.decode()
    assert admin.post(reverse("office:lot_copy", args=["central"]), {"name": ""}).status_code == 422
