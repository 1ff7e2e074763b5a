"""Site files with any value anywhere: refused with its place, or imported; never an error of ours."""

import datetime as dt
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from lots.models import Lot
from sites import SiteFileError, import_site, read_site
from tests.fuzz.values import INSTANTS, NUMBERS, TEXTS, wild_value
from tests.sites.site_files import example

VALUES = [*TEXTS, *NUMBERS, *INSTANTS, None, True, [], {}, [None], {"\x00": "\x00"}, ["\ud800"], [[[]]]]


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every value in a document, by the keys that lead to it."""
    if place:
        yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*place, key))


def changed(place: tuple[Any, ...], value: Any) -> str:
    """The example with another value in one place."""
    document = example()
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return json.dumps(document)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "imports"), [(1_500, 25), pytest.param(40_000, 2_000, marks=pytest.mark.proof)], ids=["1500", "40000"]
)
def test_no_site_file_is_an_error(files, imports):
    random, everywhere = Random(20260302), list(places(example()))
    for number in range(files):
        place = random.choice(everywhere)
        value = random.choice(VALUES) if random.random() < 0.8 else wild_value(random)
        text = changed(place, value)
        try:
            site = read_site(text)
            if imports:
                imports -= 1
                import_site(site, at=dt.datetime.now(dt.UTC), dry_run=True)
        except SiteFileError:
            continue
        except Exception as error:
            raise AssertionError(f"file {number}: {place} = {value!r}"[:500]) from error
    assert not Lot.objects.exists()


@pytest.mark.parametrize("place", [place for place in places(example()) if place[-1] in {"latitude", "longitude"}])
@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308])
def test_coordinate_beyond_every_number_is_refused_with_its_place(place, value):
    with pytest.raises(SiteFileError) as refused:
        read_site(changed(place, value))
    assert [error.path for error in refused.value.errors] == [f"$.lots[0].{place[-1]}"]


@pytest.mark.parametrize("word", ["\x00", "a\x00b", "\ud800", "\n"])
def test_amenity_that_no_page_can_show_is_refused_with_its_place(word):
    with pytest.raises(SiteFileError) as refused:
        read_site(changed(("lots", 0, "amenities", 1), word))
    assert [error.path for error in refused.value.errors] == ["$.lots[0].amenities[1]"]
