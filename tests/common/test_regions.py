import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.regions import LONGEST_KEY, LONGEST_REGION, region_key, regions_meet

REGIONS = st.sampled_from([None, "", "CH", "ch", "CH-ZH", "CH-BE", "CHE", "DE"])


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (None, "CH", True),
        ("", "CH", True),
        (None, None, True),
        ("CH", "ch ", True),
        ("CH", "CH-ZH", True),
        ("CH-ZH", "CH-BE", False),
        ("CH", "CHE", False),
        ("CH", "DE", False),
        ("CH-", "CH-ZH", False),
    ],
)
def test_unknown_regions_and_parts_meet(one, other, meet):
    assert regions_meet(one, other) is meet


@given(REGIONS, REGIONS)
def test_meeting_is_mutual_and_by_the_key_alone(one, other):
    assert regions_meet(one, other) is regions_meet(other, one) is regions_meet(region_key(one), region_key(other))


@given(st.text(max_size=LONGEST_REGION))
def test_a_key_has_room_and_is_its_own(region):
    assert len(region_key(region)) <= LONGEST_KEY
    assert regions_meet(region, region_key(region))
