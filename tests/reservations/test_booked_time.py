import pytest

from reservations.booked_time import BookedTime, InvalidPeriodError, check_period
from tests.reservations.bookings import DAY, HOUR, MINUTE, NOW, time

SECOND = MINUTE / 60


@pytest.mark.parametrize(
    "allowed",
    [
        BookedTime(NOW, NOW + 15 * MINUTE),
        BookedTime(NOW, NOW + 30 * DAY),
        BookedTime(NOW + 90 * DAY, NOW + 91 * DAY),
    ],
    ids=["shortest", "longest", "ninety days ahead"],
)
def test_period_within_the_limits_may_be_booked(allowed):
    check_period(allowed, at=NOW + 59 * SECOND)  # the running minute is not past


@pytest.mark.parametrize(
    ("refused", "paths"),
    [
        (BookedTime(NOW, NOW + 15 * MINUTE - SECOND), ["end"]),
        (BookedTime(NOW, NOW + 30 * DAY + SECOND), ["end"]),
        (BookedTime(NOW + 90 * DAY + SECOND, NOW + 91 * DAY), ["start"]),
        (BookedTime(NOW - SECOND, NOW + HOUR), ["start"]),
        (BookedTime(NOW + HOUR, NOW), ["end"]),
        (BookedTime(NOW - 2 * HOUR, NOW - 2 * HOUR), ["end", "start"]),
    ],
    ids=["14:59 minutes", "a second over 30 days", "91st day", "past", "reversed", "both ends"],
)
def test_period_outside_the_limits_is_refused_at_its_field(refused, paths):
    with pytest.raises(InvalidPeriodError) as refusal:
        check_period(refused, at=NOW)
    assert [error.path for error in refusal.value.errors] == paths


def test_booking_that_has_begun_may_keep_its_start_but_not_end_in_the_past():
    check_period(time(-1, 1), at=NOW, begun=True)
    with pytest.raises(InvalidPeriodError):
        check_period(time(-1, 0), at=NOW, begun=True)
