"""What a site file may say, and the place of everything it may not."""

import json

import pytest

from lots.compatibility import SpotType
from sites import SiteFileError, read_site
from tests.sites.site_files import HOURLY, example, site_of, small


def read(data):
    return read_site(json.dumps(data))


def refused(data):
    with pytest.raises(SiteFileError) as caught:
        read(data)
    return {error.path: error.message for error in caught.value.errors}


def zone(**fields):
    return {"name": "A", "spot_type": "regular", "count": 5, "prefix": "A-"} | fields


def level(*zones, number=0):
    return {"number": number, "zones": list(zones)}


def test_documented_example_is_read():
    site = read(example())
    (lot,) = site.lots
    assert (site.slug, lot.slug, lot.values["max_height_cm"]) == ("acme", "central", 200)
    assert [(one.name, one.count) for one in lot.levels[0].zones] == [("A", 50), ("EV", 4)]
    assert lot.tariffs[0].rules["lost_ticket_fee"] == 4000


def test_least_file_is_read_with_sensible_defaults():
    site = read(site_of(small(levels=[level({"name": "A", "count": 3})], tariffs=[HOURLY])))
    (lot,) = site.lots
    assert lot.values["currency"] == "CHF"
    assert lot.gates is None
    assert (lot.levels[0].name, lot.levels[0].zones[0].spot_numbers()) == ("Ground", ["1", "2", "3"])
    assert (lot.tariffs[0].name, str(lot.tariffs[0].valid_from)) == ("Standard", "2000-01-01")


def test_rules_of_bookings_are_read_and_one_share_is_for_all_types():
    rules = {"bookable": False, "prepay": "hold", "late_cancel_percent": 0, "no_show_percent": 100}
    (lot,) = read(site_of(small(**rules, booking_share_percent=40))).lots
    assert rules.items() <= lot.values.items()
    assert lot.values["booking_share_percent"] == dict.fromkeys(SpotType, 40)
    (lot,) = read(site_of(small(booking_share_percent={"ev": 0}))).lots
    assert lot.values["booking_share_percent"] == {"ev": 0}


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"bookable": "yes"}, "bookable"),
        ({"prepay": "later"}, "prepay"),
        ({"late_cancel_percent": 101}, "late_cancel_percent"),
        ({"no_show_percent": -1}, "no_show_percent"),
        ({"booking_share_percent": 101}, "booking_share_percent.compact"),
        ({"booking_share_percent": True}, "booking_share_percent"),
        ({"booking_share_percent": {"regular": 12.5}}, "booking_share_percent.regular"),
        ({"booking_share_percent": {"roof": 10}}, "booking_share_percent.roof"),
    ],
)
def test_wrong_rule_of_bookings_is_refused_at_its_place(settings, path):
    assert f"$.lots[0].{path}" in refused(site_of(small(**settings)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(example())[:-40], "line 1 column"),
        ('{"operator":\n {"slug": ', "line 2 column"),
        ("", "line 1 column 1"),
        ('{"operator": {}, "operator": {}}', "twice"),
        ('{"lots": NaN}', "NaN"),
        ('{"lots": ' + "9" * 5000 + "}", "not usable JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_text_that_is_no_json_is_refused_with_its_place(text, said):
    with pytest.raises(SiteFileError, match=said):
        read_site(text)


@pytest.mark.parametrize("data", [None, [], 7, "text", {"lots": []}, {"operator": None}, {"operator": {"slug": 1}}])
def test_wrong_top_is_refused(data):
    assert refused(data)


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"timezone": "Europe/Zuerich"}, "timezone", "timezone"),
        ({"timezone": 7}, "timezone", "timezone"),
        ({"currency": "CHX"}, "currency", "currency"),
        ({"currency": "chf"}, "currency", "currency"),
        ({"holidays": {"country": "XX"}}, "holidays.country", "country"),
        ({"holidays": {"country": "CH", "subdivision": "BY"}}, "holidays.subdivision", "part of CH"),
        ({"holidays": {"extra": ["20.4.2026"]}}, "holidays.extra[0]", "day"),
        ({"holidays": {"land": "CH"}}, "holidays.land", "not known"),
        ({"opening_hours": {"funday": "06:00-24:00"}}, "opening_hours.funday", "not a day"),
        ({"opening_hours": {"mon": "6-7"}}, "opening_hours.mon", "06:00-24:00"),
        ({"opening_hours": None}, "opening_hours", "object"),
        ({"tracking": "cars"}, "tracking", "spots, levels"),
        ({"language": "de-CH"}, "language", "en, de, fr, es"),
        ({"second_language": ""}, "second_language", "en, de, fr, es"),
        ({"allocation": "best"}, "allocation", "nearest_entrance"),
        ({"latitude": 91}, "latitude", "-90 to 90"),
        ({"latitude": True}, "latitude", "-90 to 90"),
        ({"longitude": "8.5"}, "longitude", "-180 to 180"),
        ({"hold_minutes": -1}, "hold_minutes", "0 to"),
        ({"hold_minutes": 1.5}, "hold_minutes", "whole number"),
        ({"amenities": "lift"}, "amenities", "list"),
        ({"name": ""}, "name", "empty"),
        ({"name": "a\u0000b"}, "name", "printable"),
        ({"name": "x" * 121}, "name", "120"),
        ({"slug": "a b"}, "slug", "letters"),
        ({"colour": "blue"}, "colour", "not a known field"),
        ({"gates": [{"code": "in"}]}, "gates[0].direction", "missing"),
        ({"gates": [{"code": "in", "direction": "sideways"}]}, "gates[0].direction", "entry, exit"),
        ({"gates": [{"code": "a", "direction": "exit"}] * 2}, "gates[1].code", "already used"),
        ({"levels": {}}, "levels", "list"),
        ({"levels": [{"zones": []}]}, "levels[0].number", "missing"),
        ({"levels": [level(), level()]}, "levels[1].number", "already used"),
        ({"levels": [level(zone(), zone(prefix="B-"))]}, "levels[0].zones[1].name", "already used"),
        ({"levels": [level(zone(), zone(name="B", start=5))]}, "levels[0].zones[1]", "spot A-5 is already"),
        ({"levels": [level(zone(spot_type="boat"))]}, "levels[0].zones[0].spot_type", "compact"),
        ({"levels": [level(zone(count=10_000_000))]}, "levels[0].zones[0].count", "100000"),
        ({"levels": [level(zone(count=-1))]}, "levels[0].zones[0].count", "0 to"),
    ],
)
def test_wrong_value_of_a_lot_is_refused_with_its_path(changes, path, said):
    problems = refused(site_of(small(**changes)))
    assert list(problems) == [f"$.lots[0].{path}"]
    assert said in problems[f"$.lots[0].{path}"]


def test_unknown_consequence_of_debts_is_refused():
    data = site_of(small())
    data["operator"]["debt_consequence"] = "tow"
    assert refused(data) == {"$.operator.debt_consequence": "must be one of block, prepay"}


def test_missing_needs_are_all_named():
    assert set(refused(site_of({}))) == {"$.lots[0].slug", "$.lots[0].name", "$.lots[0].timezone"}


def test_every_problem_is_listed_at_once():
    problems = refused(site_of(small(timezone="x", hold_minutes="y"), small("other", latitude=99, gates=[7])))
    assert set(problems) == {
        "$.lots[0].timezone",
        "$.lots[0].hold_minutes",
        "$.lots[1].latitude",
        "$.lots[1].gates[0]",
    }


def test_spots_beyond_the_limit_over_many_zones_are_refused():
    zones = [zone(name=f"Z{index}", count=60_000, prefix=f"Z{index}-") for index in range(2)]
    assert list(refused(site_of(small(levels=[level(*zones)])))) == ["$.lots[0].levels"]


def test_spot_names_may_meet_where_only_cars_are_counted():
    zones = [zone(), zone(name="B")]
    assert read(site_of(small(tracking="levels", levels=[level(*zones)]))).lots


def test_two_lots_with_one_slug_are_refused():
    assert refused(site_of(small("a"), small("a"))) == {"$.lots[1].slug": "a is already used by $.lots[0].slug"}


def test_two_gates_of_different_lots_with_one_code_are_refused():
    gate = {"code": "in-1", "direction": "entry"}
    problems = refused(site_of(small("a", gates=[gate]), small("b", gates=[gate])))
    assert list(problems) == ["$.lots[1].gates[0].code"]


def test_bands_with_a_hole_are_refused_with_their_place():
    data = example()
    data["lots"][0]["tariffs"][0]["plans"][0]["bands"][1]["to"] = "06:00"
    (path,) = refused(data)
    assert path.startswith("$.lots[0].tariffs[0].plans[0].bands")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"valid_from": "2020-01-01"}, {"valid_from": "2021-01-01"}),
        ({"valid_from": "2020-01-01", "valid_until": "2020-12-31"}, {"valid_from": "2020-12-31"}),
        ({"valid_from": "2021-01-01"}, {"valid_from": "2020-01-01", "valid_until": "2021-01-01"}),
    ],
)
def test_tariffs_valid_on_one_day_are_refused(first, second):
    problems = refused(site_of(small(tariffs=[HOURLY | first, HOURLY | second])))
    assert list(problems) == ["$.lots[0].tariffs[1].valid_from"]


def test_tariffs_that_follow_each_other_are_read():
    until = {"valid_from": "2020-01-01", "valid_until": "2020-12-31"}
    assert read(site_of(small(tariffs=[HOURLY | until, HOURLY | {"valid_from": "2021-01-01"}]))).lots


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_from": "2021-01-01", "valid_until": "2020-01-01"}, "valid_until"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"plans": []}, "plans"),
    ],
)
def test_wrong_value_of_a_tariff_is_refused_with_its_path(fields, path):
    assert list(refused(site_of(small(tariffs=[HOURLY | fields])))) == [f"$.lots[0].tariffs[0].{path}"]
