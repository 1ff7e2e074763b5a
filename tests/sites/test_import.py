"""Site files put in force: what is made, changed, kept, refused; and nothing by halves."""

import datetime as dt
import json
import time

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Operator
from billing.models import Tariff
from lots.models import Gate, Lot, Spot, SpotCount
from lots.services import hold_spot
from sites import SiteFileError, import_site, read_site
from tests.factories import make_charge, make_device, make_lot, make_operator, make_ticket
from tests.sites.site_files import HOURLY, example, site_of, small

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def put_in_force(data, **options):
    return import_site(read_site(json.dumps(data)), at=AT, **options)


def refused(data):
    with pytest.raises(SiteFileError) as caught:
        put_in_force(data)
    return {error.path: error.message for error in caught.value.errors}


def levels_of(*counts, spot_type="regular"):
    return [
        {"number": number, "zones": [{"name": "Z", "spot_type": spot_type, "count": count, "prefix": f"{number}-"}]}
        for number, count in enumerate(counts)
    ]


def state():
    """Everything an import may touch, comparable."""
    models = (Operator, Lot, Spot, SpotCount, Gate, Tariff)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_example_makes_everything_it_names():
    report = put_in_force(example())
    lot = Lot.objects.get(slug="central")
    assert (lot.operator.name, lot.city, lot.holidays["subdivision"]) == ("Acme Parking", "Zürich", "ZH")
    assert lot.spots.count() == 54
    assert list(lot.spots.values_list("number", "ordinal"))[49:51] == [("A-50", 49), ("EV-1", 50)]
    assert {(gate.code, gate.direction) for gate in lot.gates.all()} == {
        ("central-in-1", "entry"),
        ("central-out-1", "exit"),
    }
    assert lot.tariffs.get().rules["packages"][0]["price"] == 1600
    assert "+ 54 spots of central: A-1…A-50, EV-1…EV-4" in report.lines
    assert not report.kept


def test_second_run_says_that_nothing_changed_and_changes_nothing():
    put_in_force(example())
    before = state()
    assert put_in_force(example()).text() == "nothing changed"
    assert state() == before


def test_dry_run_says_the_same_and_stores_nothing():
    dry = put_in_force(example(), dry_run=True)
    assert not Operator.objects.exists()
    assert put_in_force(example()).lines == dry.lines


def test_changes_are_said_with_old_and_new_value():
    put_in_force(example())
    data = example()
    data["operator"]["name"] = "Acme"
    data["lots"][0] |= {"name": "Central", "hold_minutes": 45}
    data["lots"][0]["gates"][0]["confirms_passage"] = True
    assert put_in_force(data).lines == [
        '~ operator acme: name "Acme Parking" → "Acme"',
        '~ lot central: name "Central Garage" → "Central", hold_minutes 30 → 45',
        "~ gate central-in-1: confirms_passage False → True",
    ]


def test_what_three_debts_lead_to_is_chosen_and_stays_when_the_file_leaves_it_out():
    data = example()
    data["operator"]["debt_consequence"] = "prepay"
    put_in_force(data)
    assert put_in_force(example()).text() == "nothing changed"
    assert Operator.objects.get().debt_consequence == "prepay"


def test_what_the_file_leaves_out_stays_as_it_is():
    put_in_force(example())
    make_lot(Operator.objects.get(slug="acme"), slug="unnamed")
    data = site_of({"slug": "central", "name": "Central Garage", "timezone": "Europe/Zurich"})
    data["operator"]["name"] = "Acme Parking"
    assert put_in_force(data).text() == "nothing changed"
    assert Lot.objects.count() == 2


def test_import_publishes_a_lot_unless_the_file_says_no():
    lot = {"slug": "central", "name": "Central Garage", "timezone": "Europe/Zurich"}
    put_in_force(site_of(lot | {"published": False}))
    assert not Lot.objects.get().published
    assert "~ lot central: published False → True" in put_in_force(site_of(lot)).text()
    assert Lot.objects.get().published


def test_grown_zone_adds_spots_and_moves_the_order_of_later_ones():
    put_in_force(site_of(small(levels=levels_of(2, 2))))
    report = put_in_force(site_of(small(levels=levels_of(3, 2))))
    assert report.lines == [
        "~ zone small/0/Z: count 2 → 3",
        "+ spot of small: 0-3",
        "~ 2 spots of small: 1-1…1-2 (zone, type or order)",
    ]
    assert list(Spot.objects.values_list("number", flat=True)) == ["0-1", "0-2", "0-3", "1-1", "1-2"]


def test_shrunk_zone_removes_free_spots():
    put_in_force(site_of(small(levels=levels_of(5))))
    assert "- 2 spots of small: 0-4…0-5" in put_in_force(site_of(small(levels=levels_of(3)))).lines
    assert SpotCount.objects.get().total == 3


def test_changed_spot_type_moves_the_counters():
    put_in_force(site_of(small(levels=levels_of(5))))
    put_in_force(site_of(small(levels=levels_of(5, spot_type="ev"))))
    assert [(row.spot_type, row.free) for row in SpotCount.objects.filter(total__gt=0)] == [("ev", 5)]


def test_removed_level_goes_with_its_places():
    put_in_force(site_of(small(levels=levels_of(2, 3))))
    report = put_in_force(site_of(small(levels=levels_of(2))))
    assert report.lines == ["- 3 spots of small: 1-1…1-3", "- zone small/1/Z", "- level small/1"]
    assert Lot.objects.get().levels.count() == 1


def test_used_spots_are_kept_each_with_its_reason_and_the_next_run_says_so_again():
    put_in_force(site_of(small(levels=levels_of(1, 4), tariffs=[HOURLY])))
    lot = Lot.objects.get()
    free, inside, left, held = (lot.spots.get(number=f"1-{number}") for number in range(1, 5))
    make_ticket(lot, "ZH 1", spot=inside)
    make_ticket(lot, "ZH 2", spot=left, status="closed", exit_at=AT, entry_at=AT, closed_reason="paid")
    hold_spot(spot=held, reservation_id=7)
    shrunk = site_of(small(levels=levels_of(1), tariffs=[HOURLY]))
    report = put_in_force(shrunk)
    assert report.lines == ["- spot of small: 1-1"]
    assert report.kept == [
        "kept: spot 1-2 of small is occupied",
        "kept: spot 1-4 of small is held for a booking",
        "kept: spot 1-3 of small has stays or bookings",
        "kept: level small/1 has spots in use, stays or bookings",
    ]
    assert not Spot.objects.filter(pk=free.pk).exists()
    again = put_in_force(shrunk)
    assert (again.lines, again.kept) == ([], report.kept)


def test_zone_that_moves_takes_its_occupied_spot_along():
    put_in_force(site_of(small(levels=levels_of(3), tariffs=[HOURLY])))
    lot = Lot.objects.get()
    ticket = make_ticket(lot)
    moved = levels_of(0, 3)
    moved[1]["zones"][0]["prefix"] = "0-"
    put_in_force(site_of(small(levels=moved)))
    spot = Spot.objects.get(pk=ticket.spot_id)
    assert (spot.level.number, spot.status) == (1, "occupied")
    assert {(row.level.number, row.total, row.occupied) for row in lot.counts.filter(total__gt=0)} == {(1, 3, 1)}


def test_counted_capacities_change_and_may_pass_places_between_zones():
    data = small(tracking="levels", tariffs=[HOURLY])
    two = {"number": 0, "zones": [{"name": "A", "count": 2}, {"name": "B", "count": 1}]}
    put_in_force(site_of(data | {"levels": [two]}))
    lot = Lot.objects.get()
    for number in range(3):
        make_ticket(lot, f"ZH {number}")
    swapped = {"number": 0, "zones": [{"name": "A", "count": 1}, {"name": "C", "count": 2}]}
    put_in_force(site_of(data | {"levels": [swapped]}))
    assert [(row.total, row.occupied) for row in lot.counts.all()] == [(3, 3)]
    assert not lot.spots.exists()


def test_capacity_below_the_cars_inside_is_refused():
    data = small(tracking="levels", tariffs=[HOURLY])
    put_in_force(site_of(data | {"levels": levels_of(3)}))
    make_ticket(Lot.objects.get(), "ZH 1")
    make_ticket(Lot.objects.get(), "ZH 2")
    assert (
        "2 regular spots of level 0 are in use"
        in refused(site_of(data | {"levels": levels_of(1)}))["$.lots[0].levels[0]"]
    )
    assert list(refused(site_of(data | {"levels": []}))) == ["$.lots[0].levels"]
    assert SpotCount.objects.get().total == 3


def test_lot_of_another_operator_is_refused_untouched():
    theirs = make_lot(make_operator("other"), slug="small", name="Theirs")
    assert refused(site_of(small())) == {"$.lots[0].slug": "is a lot of another operator"}
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"
    assert not Operator.objects.filter(slug="acme").exists()


def test_gate_of_another_lot_is_refused():
    gate = {"code": "in-1", "direction": "entry"}
    put_in_force(site_of(small("a", gates=[gate])))
    assert refused(site_of(small("b", gates=[gate]))) == {"$.lots[0].gates[0].code": "is a gate of another lot"}


def test_tracking_and_currency_are_fixed_once_used():
    put_in_force(site_of(small(levels=levels_of(2))))
    make_charge(Lot.objects.get())
    problems = refused(site_of(small(levels=levels_of(2), tracking="levels", currency="EUR")))
    assert set(problems) == {"$.lots[0].tracking", "$.lots[0].currency"}


def test_one_mistake_leaves_nothing_of_the_whole_file():
    put_in_force(site_of(small("a", gates=[{"code": "in-1", "direction": "entry"}])))
    before = state()
    good = small("new", levels=levels_of(10))
    bad = small("b", gates=[{"code": "in-1", "direction": "entry"}])
    refused(site_of(good, bad))
    assert state() == before


def test_unused_gate_is_removed_and_one_with_a_device_is_kept():
    gates = [{"code": "in-1", "direction": "entry"}, {"code": "in-2", "direction": "entry"}]
    put_in_force(site_of(small(gates=gates)))
    make_device(Gate.objects.get(code="in-1"))
    report = put_in_force(site_of(small(gates=[])))
    assert (report.lines, report.kept) == (["- gate in-2"], ["kept: gate in-1 has devices or events"])


def dearer():
    rules = json.loads(json.dumps(HOURLY))
    rules["plans"][0]["bands"][0]["price"] = 400
    return rules


def test_new_rules_of_a_tariff_with_stays_are_a_new_revision():
    put_in_force(site_of(small(levels=levels_of(2), tariffs=[HOURLY])))
    ticket = make_ticket(Lot.objects.get())
    report = put_in_force(site_of(small(tariffs=[dearer()])))
    assert report.lines == ['~ tariff "Standard" of small from 2000-01-01: new rules (revision 2)']
    ticket.tariff.refresh_from_db()
    assert (ticket.tariff.superseded_at, ticket.tariff.rules["plans"][0]["bands"][0]["price"]) == (AT, 300)
    now = Tariff.objects.current().get()
    assert (now.revision, now.rules["plans"][0]["bands"][0]["price"]) == (2, 400)
    assert put_in_force(site_of(small(tariffs=[dearer()]))).text() == "nothing changed"


def test_new_rules_of_an_unused_tariff_replace_the_old_ones():
    put_in_force(site_of(small(tariffs=[HOURLY])))
    put_in_force(site_of(small(tariffs=[dearer()])))
    assert Tariff.objects.get().rules["plans"][0]["bands"][0]["price"] == 400


def test_tariff_that_goes_is_deleted_or_kept_for_its_stays():
    put_in_force(site_of(small(levels=levels_of(2), tariffs=[HOURLY])))
    ticket = make_ticket(Lot.objects.get())
    later = HOURLY | {"valid_from": "2030-01-01"}
    report = put_in_force(site_of(small(tariffs=[later])))
    assert report.kept == ['kept: tariff "Standard" of small from 2000-01-01 still prices the stays that began with it']
    ticket.tariff.refresh_from_db()
    assert ticket.tariff.superseded_at == AT
    assert put_in_force(site_of(small(tariffs=[]))).lines == ['- tariff "Standard" of small from 2030-01-01']


def test_shortened_tariff_makes_room_for_the_next():
    put_in_force(site_of(small(tariffs=[HOURLY])))
    put_in_force(
        site_of(small(tariffs=[HOURLY | {"valid_until": "2025-12-31"}, dearer() | {"valid_from": "2026-01-01"}]))
    )
    assert Tariff.objects.current().count() == 2


def test_ten_thousand_spots_take_a_few_seconds_and_few_queries(django_assert_max_num_queries):
    levels = levels_of(*[1000] * 10)
    started = time.process_time()
    with django_assert_max_num_queries(90):
        put_in_force(site_of(small(levels=levels)))
    with django_assert_max_num_queries(40):
        assert put_in_force(site_of(small(levels=levels))).lines == []
    assert time.process_time() - started < 15
    assert SpotCount.objects.filter(free=1000).count() == 10


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
JUNK = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=2)


@st.composite
def spoiled_examples(draw):
    """The documented example with one value, anywhere in it, replaced, removed or given a stranger beside it."""
    data = example()
    node, steps = data, draw(st.integers(1, 7))
    for step in range(steps):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = draw(st.sampled_from(keys))
        if step == steps - 1 or not isinstance(node[key], dict | list):
            how = draw(st.sampled_from(["replace", "remove", "repeat"]))
            if how == "replace" or (how == "repeat" and isinstance(node, dict)):
                node[key] = draw(JUNK)
            elif how == "remove":
                del node[key]
            else:
                node.append(node[key])
            break
        node = node[key]
    return data


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=spoiled_examples())
def test_spoiled_file_is_imported_or_refused_with_a_place_but_never_breaks(db, data):
    problems = problems_of(data)
    assert problems is None or (problems and all(one.path.startswith("$") for one in problems))
    assert not Lot.objects.exists()


def problems_of(data):
    try:
        put_in_force(data, dry_run=True)
    except SiteFileError as error:
        return error.errors
    return None


def test_command_prints_the_changes(tmp_path, capsys):
    file = tmp_path / "site.json"
    file.write_text(json.dumps(example()), encoding="utf-8")
    call_command("import_site", str(file), "--dry-run")
    said = capsys.readouterr().out
    assert '+ lot central "Central Garage"' in said
    assert "nothing was stored" in said
    assert not Lot.objects.exists()
    call_command("import_site", str(file))
    call_command("import_site", str(file))
    assert capsys.readouterr().out.endswith("nothing changed\n")


def test_command_lists_every_problem_with_its_path(tmp_path):
    file = tmp_path / "site.json"
    file.write_text(json.dumps(site_of(small(timezone="x", currency="y"))), encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("import_site", str(file))
    assert "$.lots[0].timezone: This is not a known timezone" in str(caught.value)
    assert "$.lots[0].currency: " in str(caught.value)


def test_command_refuses_a_file_it_can_not_read(tmp_path):
    (tmp_path / "site.json").write_bytes(b"\xff\xfe{")
    for name in ("site.json", "missing.json"):
        with pytest.raises(CommandError, match="can't be read"):
            call_command("import_site", str(tmp_path / name))


def test_operators_settings_are_set_and_changed_and_those_left_out_stay():
    settings = {
        "legal_name": "Acme Parking AG",
        "address": "1 Main St\n8001 Zürich",
        "tax_id": "CHE-123",
        "timezone": "Europe/Zurich",
        "refund_limit": 5000,
        "waiver_limit": 2000,
        "till_tolerance": 500,
        "debt_reminder_fee": 500,
        "debt_fee_cap": 1000,
    }
    data = example()
    put_in_force(data | {"operator": data["operator"] | settings})
    operator = Operator.objects.get(slug="acme")
    assert {name: getattr(operator, name) for name in settings} == settings
    put_in_force(data | {"operator": data["operator"] | {"refund_limit": None}})
    operator.refresh_from_db()
    assert (operator.refund_limit, operator.legal_name) == (None, "Acme Parking AG")


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": None}, "timezone"),
        ({"refund_limit": -1}, "refund_limit"),
        ({"refund_limit": "5"}, "refund_limit"),
        ({"waiver_limit": 10**13}, "waiver_limit"),
        ({"till_tolerance": None}, "till_tolerance"),
        ({"legal_name": 7}, "legal_name"),
        ({"tax_id": "x" * 41}, "tax_id"),
        ({"debt_reminder_fee": 500}, "debt_fee_cap"),
        ({"refundlimit": 5}, "refundlimit"),
    ],
)
def test_operators_wrong_setting_is_refused_at_its_place(settings, path):
    data = example()
    assert f"$.operator.{path}" in refused(data | {"operator": data["operator"] | settings})
