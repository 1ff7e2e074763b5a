"""Drafts of tariffs: what they are, and what publishing them does to the tariffs of a lot."""

import datetime as dt
from itertools import pairwise
from threading import Barrier

import pytest

from billing.models import Tariff, TariffDraft
from billing.pricing import parse_rules
from billing.pricing.errors import InvalidTariffError
from billing.services import tariff_drafts
from billing.services.special_dates import NoTariffForDaysError, add_special_dates, remove_special_dates
from billing.services.tariff_drafts import (
    DayPastError,
    DraftGoneError,
    DraftPublishedError,
    DraftValues,
    OtherCurrencyError,
    TariffBegunError,
    copy_rules,
    discard_draft,
    publish_draft,
    save_draft,
    start_draft,
    take_back_draft,
)
from billing.services.tariffs import TariffOverlapError, TariffSupersededError, withdraw_tariff
from billing.tariffs import draft_standing_of, standing_of, tariff_on
from common.errors import InvalidValueError
from tests.at_once import codes_at_once
from tests.factories import HOURLY, make_lot, make_operator, make_reservation, make_tariff, make_ticket

AT = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
TODAY, MONDAY = dt.date(2026, 3, 4), dt.date(2026, 3, 9)
DEARER = HOURLY | {"minimum_charge": 500}
ONE_DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(make_operator())


@pytest.fixture
def draft(lot):
    return start(lot)


def start(lot, rules=DEARER, name="Spring"):
    return start_draft(lot=lot, values=DraftValues(name, rules), at=AT)


def spans(lot):
    return [(one.name, one.valid_from, one.valid_until) for one in lot.tariffs.current().order_by("valid_from")]


def test_draft_prices_nothing(lot, draft):
    assert tariff_on(lot, MONDAY).rules == HOURLY
    saved = save_draft(draft=draft, values=DraftValues("Summer", HOURLY), at=AT)
    assert (saved.name, saved.rules, spans(lot)[0][0]) == ("Summer", HOURLY, "Standard")


@pytest.mark.parametrize("call", [lambda lot, _: start(lot, {}), lambda _, draft: save(draft, {})])
def test_wrong_rules_are_refused(lot, draft, call):
    with pytest.raises(InvalidTariffError):
        call(lot, draft)
    assert [one.rules for one in TariffDraft.objects.all()] == [DEARER]


def save(draft, rules=HOURLY):
    return save_draft(draft=draft, values=DraftValues("Spring", rules), at=AT)


def test_discarded_draft_is_gone(draft):
    discard_draft(draft=draft, at=AT)
    for call in (lambda: discard_draft(draft=draft, at=AT), lambda: save(draft), lambda: publish(draft)):
        with pytest.raises(DraftGoneError):
            call()


def publish(draft, day=MONDAY, at=AT):
    return publish_draft(draft=draft, valid_from=day, at=at)


def test_published_draft_begins_on_its_day_and_ends_the_one_before(lot, draft):
    published = publish(draft)
    assert spans(lot) == [("Standard", dt.date(2020, 1, 1), MONDAY - ONE_DAY), ("Spring", MONDAY, None)]
    assert (published.revision, published.rules) == (2, DEARER)
    draft.refresh_from_db()
    assert draft.published_as == published
    assert [draft_standing_of(draft, day) for day in (TODAY, MONDAY)] == ["scheduled", "in force"]


def test_publishing_twice_is_as_once(lot, draft):
    assert publish(draft) == publish(draft)
    assert len(spans(lot)) == 2
    with pytest.raises(DraftPublishedError):
        publish(draft, MONDAY + ONE_DAY)
    with pytest.raises(DraftPublishedError):
        save(draft)
    with pytest.raises(DraftPublishedError):
        discard_draft(draft=draft, at=AT)


def test_published_tariff_ends_as_the_one_before_would_have(lot, draft):
    lot.tariffs.update(valid_until=dt.date(2026, 12, 31))
    make_tariff(lot, name="Next year", valid_from=dt.date(2027, 1, 1))
    publish(draft)
    assert [(name, until) for name, _, until in spans(lot)] == [
        ("Standard", MONDAY - ONE_DAY),
        ("Spring", dt.date(2026, 12, 31)),
        ("Next year", None),
    ]


def test_first_tariff_lasts_until_the_next_begins():
    lot = make_lot(tariff=None)
    make_tariff(lot, name="Next year", valid_from=dt.date(2027, 1, 1))
    publish(start(lot))
    assert spans(lot)[0] == ("Spring", MONDAY, dt.date(2026, 12, 31))


def test_today_is_the_first_day_that_can_be_priced(lot, draft):
    with pytest.raises(DayPastError) as refused:
        publish(draft, TODAY - ONE_DAY)
    assert refused.value.errors[0].path == "valid_from"
    late = dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC)  # half past midnight in Zurich
    with pytest.raises(DayPastError):
        publish(draft, TODAY - ONE_DAY, late)
    assert publish(draft, TODAY, late).valid_from == TODAY


def test_two_versions_of_one_day_supersede_each_other(lot, draft):
    ticket = make_ticket(lot, "ZH 1", entry_at=AT)
    publish(draft, TODAY)
    publish(start(lot, HOURLY | {"minimum_charge": 900}, "Other"), TODAY)
    assert spans(lot) == [("Standard", dt.date(2020, 1, 1), TODAY - ONE_DAY), ("Other", TODAY, None)]
    assert ticket.tariff.name == "Standard"
    assert standing_of(Tariff.objects.get(name="Spring"), TODAY) == "superseded"


def test_day_on_which_another_begins_is_refused(lot, draft):
    publish(draft)
    with pytest.raises(TariffOverlapError) as refused:
        publish(start(lot, name="Other"))
    assert refused.value.errors[0].path == "valid_from"
    assert len(spans(lot)) == 2


def test_scheduled_tariff_is_taken_back_and_the_one_before_goes_on(lot, draft):
    publish(draft)
    taken = take_back_draft(draft=draft, at=AT)
    assert (taken.published_as, spans(lot)) == (None, [("Standard", dt.date(2020, 1, 1), None)])
    assert take_back_draft(draft=draft, at=AT).published_as is None
    assert publish(draft).valid_from == MONDAY


def test_booking_keeps_the_price_of_a_tariff_that_was_taken_back(lot, draft):
    published = publish(draft)
    booking = make_reservation(lot, "ZH 5", AT + dt.timedelta(days=7), tariff=published)
    take_back_draft(draft=draft, at=AT)
    booking.refresh_from_db()
    assert (booking.tariff.rules, standing_of(booking.tariff, TODAY)) == (DEARER, "superseded")
    assert tariff_on(lot, MONDAY).rules == HOURLY


def test_tariff_that_ended_anyway_is_not_prolonged_by_taking_back(lot, draft):
    lot.tariffs.update(valid_until=MONDAY - ONE_DAY)
    publish(draft)
    take_back_draft(draft=draft, at=AT)
    assert spans(lot) == [("Standard", dt.date(2020, 1, 1), MONDAY - ONE_DAY)]


def test_tariff_that_has_begun_is_not_taken_back(draft):
    publish(draft, TODAY)
    with pytest.raises(TariffBegunError):
        take_back_draft(draft=draft, at=AT)


def test_withdrawn_tariff_leaves_a_draft(lot, draft):
    withdraw_tariff(tariff=publish(draft), at=AT)
    draft.refresh_from_db()
    assert draft.published_as is None


def test_withdrawn_tariff_that_booked_is_not_taken_back(lot, draft):
    published = publish(draft)
    make_reservation(lot, "ZH 5", AT + dt.timedelta(days=7), tariff=published)
    withdraw_tariff(tariff=published, at=AT)
    with pytest.raises(TariffSupersededError):
        take_back_draft(draft=draft, at=AT)


def test_rules_are_copied_as_drafts_of_other_lots(lot):
    others = [make_lot(lot.operator), make_lot(lot.operator, timezone="Europe/London")]
    drafts = copy_rules(of=lot.tariffs.get(), lots=others, at=AT)
    assert [(one.lot, one.name, one.rules) for one in drafts] == [(other, "Standard", HOURLY) for other in others]
    foreign = make_lot(lot.operator, currency="EUR")
    with pytest.raises(OtherCurrencyError) as refused:
        copy_rules(of=lot.tariffs.get(), lots=[others[0], foreign], at=AT)
    assert refused.value.errors[0].path == "lots"
    assert TariffDraft.objects.count() == 2


def fair(*days):
    return [{"name": "Fair", "dates": [day.isoformat() for day in days]}]


def test_copied_rules_keep_the_dates_of_their_new_lot(lot):
    other = make_lot(lot.operator)
    add_special_dates(lot=lot, name="Match", dates=[MONDAY, MONDAY + ONE_DAY], at=AT)
    add_special_dates(lot=other, name="Fair", dates=[MONDAY], at=AT)
    [draft] = copy_rules(of=lot.tariffs.current().get(), lots=[other], at=AT)
    assert {special.name: special.dates for special in parse_rules(draft.rules).special_days} == {
        "Match": (MONDAY + ONE_DAY,),
        "Fair": (MONDAY,),
    }


def test_event_day_is_in_all_tariffs_to_come_and_drafts(lot, draft):
    publish(draft)
    open_draft = start(lot)
    make_ticket(lot, "ZH 1", entry_at=AT)
    add_special_dates(lot=lot, name="Fair", dates=[MONDAY], at=AT)
    open_draft.refresh_from_db()
    draft.refresh_from_db()
    rules = [tariff.rules for tariff in lot.tariffs.current()] + [open_draft.rules]
    assert [one["special_days"] for one in rules] == [fair(MONDAY)] * 3
    assert draft.published_as in lot.tariffs.current()
    assert [one.superseded_at for one in lot.tariffs.order_by("pk")] == [AT, None, None]
    remove_special_dates(lot=lot, dates=[MONDAY], at=AT)
    assert [one.rules["special_days"] for one in lot.tariffs.current()] == [fair(), fair()]


@pytest.mark.parametrize(
    ("name", "day", "refused"),
    [
        ("", MONDAY, InvalidValueError),
        ("mon", MONDAY, InvalidValueError),
        ("event", MONDAY, InvalidValueError),
        ("x" * 61, MONDAY, InvalidValueError),
        ("Fair", TODAY - ONE_DAY, DayPastError),
    ],
)
def test_wrong_event_days_are_refused(lot, name, day, refused):
    with pytest.raises(refused):
        add_special_dates(lot=lot, name=name, dates=[day], at=AT)
    assert lot.tariffs.get().rules == HOURLY


def test_lot_without_a_tariff_has_no_event_days():
    with pytest.raises(NoTariffForDaysError):
        add_special_dates(lot=make_lot(tariff=None), name="Fair", dates=[MONDAY], at=AT)


def test_taking_back_after_an_event_day_restores_the_one_before(lot, draft):
    publish(draft)
    make_ticket(lot, "ZH 1", entry_at=AT)
    add_special_dates(lot=lot, name="Fair", dates=[MONDAY], at=AT)
    take_back_draft(draft=draft, at=AT)
    assert spans(lot) == [("Standard", dt.date(2020, 1, 1), None)]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_drafts_end_one_tariff_twice(lot, monkeypatch, settings):
    settings.ASSERT_LOCKS = False
    both_have_read = Barrier(2, timeout=30)
    read = tariff_drafts.tariff_on
    monkeypatch.setattr(tariff_drafts, "lock_lot", lambda _: None)
    monkeypatch.setattr(tariff_drafts, "tariff_on", lambda *args: (read(*args), both_have_read.wait())[0])
    drafts = [start(lot), start(lot, name="Other")]
    results = codes_at_once([lambda one=one, n=n: publish(one, MONDAY + n * ONE_DAY) for n, one in enumerate(drafts)])
    assert "tariff_overlap" in results


@pytest.mark.django_db(transaction=True)
def test_drafts_published_at_once_follow_each_other(lot):
    drafts = [start(lot, name=f"Draft {n}") for n in range(6)]
    codes_at_once([lambda one=one, n=n: publish(one, MONDAY + n * ONE_DAY) for n, one in enumerate(drafts)])
    found = spans(lot)
    assert len(found) == 7
    assert all(one[2] == other[1] - ONE_DAY for one, other in pairwise(found))
