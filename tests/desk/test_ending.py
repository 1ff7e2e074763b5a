"""An attendant ends a stay that is not there any more: named, with a reason, within what they may let go."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Credit, Debt
from gates.models import GateEvent
from tests.desk.test_pages import Desk
from tests.factories import make_ticket
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import StayEnding

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def end(desk, ticket=None, **fields):
    form = {"outcome": "left_unseen", "left_at": "", "settlement": "debt", "note": "drove over the kerb", "owed": 900}
    seen = now().replace(microsecond=0).isoformat()
    return desk.post(desk.stay("end/", ticket), **form | {"seen_at": seen} | fields)


def limit(desk, **limits):
    for name, value in limits.items():
        setattr(desk.operator, name, value)
    desk.operator.save()


def the_stay():
    return Ticket.objects.get()


def test_stay_is_ended_owing_and_no_gate_opens(desk):
    assert "The car is not here any more" in desk.text(desk.stay())
    assert "CHF 9.00" in desk.text(desk.stay("end/")).replace("\xa0", " ")

    assert end(desk).status_code == 302

    assert (the_stay().status, the_stay().closed_reason) == ("closed", StayEnding.LEFT_UNSEEN)
    assert Debt.objects.get().amount == 900
    assert not GateEvent.objects.exists()
    assert "is a debt of the plate now" in desk.text()
    assert broken() == []


def test_earlier_time_is_ended_at_its_own_price_once_that_was_shown(desk):
    entry = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
    stay = make_ticket(desk.lot, "ZH 2", entry)
    left = {"left_at": "2026-03-02T09:00"}  # Zurich: an hour after it came

    page = end(desk, stay, owed=99999, **left)
    assert page.status_code == 422
    assert "CHF 3.00" in page.content.decode().replace("\xa0", " ")
    end(desk, stay, owed=300, **left)

    stay.refresh_from_db()
    assert stay.exit_at == entry + dt.timedelta(hours=1)
    assert Debt.objects.get().amount == 300


def test_what_is_not_charged_counts_towards_the_attendants_limit(desk):
    limit(desk, waiver_limit=800)
    for way in ({"settlement": "waive"}, {"outcome": "never_was"}):
        assert "You may waive CHF" in end(desk, **way).content.decode().replace("\xa0", " ")
    assert the_stay().status == "active"

    limit(desk, waiver_limit=900)
    end(desk, settlement="waive")

    assert (the_stay().closed_reason, Credit.objects.get().amount) == (StayEnding.LEFT_UNSEEN, 900)
    assert broken() == []


def test_stay_that_never_was_is_void(desk):
    end(desk, outcome="never_was")

    assert the_stay().status == "void"
    assert "is void" in desk.text()


@pytest.mark.parametrize("wrong", [{"note": " "}, {"outcome": "gone"}, {"owed": "x"}, {"seen_at": "soon"}])
def test_wrong_form_ends_nothing(desk, wrong):
    assert end(desk, **wrong).status_code == 422
    assert the_stay().status == "active"


def test_form_sent_twice_ends_it_once(desk):
    for _ in range(2):
        assert end(desk).status_code == 302
    assert Debt.objects.count() == 1
