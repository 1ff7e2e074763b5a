from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.observations import Observation, Observed, Source, accept, confidence_at, is_stale

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SENSOR = Observation(occupied=True, source=Source.SENSOR, confidence=1.0, at=NOW)
SEEN = Observed(believed=SENSOR)


def later(seconds: float, sighting: Observation = SENSOR, **changes) -> Observation:
    return replace(sighting, at=sighting.at + timedelta(seconds=seconds), **changes)


def test_first_sighting_is_believed():
    assert accept(Observed(), SENSOR) == SEEN


def test_newer_beats_older_of_the_same_or_lower_priority():
    assert accept(SEEN, later(60, occupied=False)).believed.occupied is False
    person = Observed(believed=replace(SENSOR, source=Source.PERSON))
    assert accept(person, later(1, occupied=False)).believed.occupied is False


@pytest.mark.parametrize("seconds", [0, -60])
def test_older_or_repeated_sighting_changes_nothing(seconds):
    assert accept(SEEN, later(seconds, occupied=False)) is SEEN


@pytest.mark.parametrize(("seconds", "believed"), [(600, True), (601, False)])
def test_lower_priority_waits_until_the_higher_is_over_ten_minutes_old(seconds, believed):
    new = later(seconds, occupied=False, source=Source.PERSON)
    assert accept(SEEN, new).believed.occupied is believed


@pytest.mark.parametrize(("seconds", "believed"), [(3, True), (4, False)])
def test_toggle_within_three_seconds_is_debounced(seconds, believed):
    assert accept(SEEN, later(seconds, occupied=False)).believed.occupied is believed


def test_higher_priority_is_not_debounced():
    person = Observed(believed=replace(SENSOR, source=Source.PERSON))
    assert accept(person, later(1, occupied=False)).believed.source is Source.SENSOR


def test_doubtful_sighting_waits_for_a_second_one():
    doubt = later(60, occupied=False, confidence=0.84)
    waiting = accept(SEEN, doubt)
    assert waiting == Observed(believed=SENSOR, pending=doubt)
    assert accept(waiting, later(5, doubt)) == Observed(believed=later(5, doubt))


def test_second_one_must_say_the_same_and_come_soon():
    doubt = later(60, occupied=False, confidence=0.5)
    waiting = accept(SEEN, doubt)
    assert accept(waiting, later(5, doubt, occupied=True)).believed == SENSOR
    assert accept(waiting, later(601, doubt)).believed == SENSOR
    assert accept(waiting, doubt) is waiting
    assert accept(waiting, later(-1, doubt, occupied=True)) is waiting


def test_sure_sighting_ends_the_wait():
    waiting = accept(SEEN, later(60, occupied=False, confidence=0.5))
    sure = later(70, confidence=0.85)
    assert accept(waiting, sure) == Observed(believed=sure)


@pytest.mark.parametrize(
    ("minutes", "confidence", "stale"), [(0, 1.0, False), (1, 0.9, False), (2, 0.8, True), (60, 0.5, True)]
)
def test_silent_sensor_loses_confidence(minutes, confidence, stale):
    now = NOW + timedelta(minutes=minutes)
    assert confidence_at(SENSOR, now) == pytest.approx(confidence)
    assert is_stale(SENSOR, now) is stale


def test_other_sources_keep_their_confidence():
    person = replace(SENSOR, source=Source.PERSON, confidence=0.4)
    assert confidence_at(person, NOW + timedelta(hours=1)) == 0.4
    assert not is_stale(person, NOW)


def test_confidence_never_rises_with_silence():
    weak = replace(SENSOR, confidence=0.3)
    assert confidence_at(weak, NOW + timedelta(hours=1)) == 0.3


@given(
    st.lists(
        st.builds(
            Observation,
            occupied=st.booleans(),
            source=st.sampled_from(Source),
            confidence=st.floats(0, 1),
            at=st.integers(0, 2000).map(lambda seconds: NOW + timedelta(seconds=seconds)),
        )
    )
)
def test_belief_only_moves_forward_in_time(sightings):
    observed = Observed()
    for sighting in sightings:
        after = accept(observed, sighting)
        assert accept(after, sighting) == after
        assert observed.believed is None or after.believed.at >= observed.believed.at
        observed = after
