"""What an attendant corrects on the desk's pages: a plate, and the exit of the wrong car."""

import datetime as dt
import uuid

import pytest

from billing.models import Debt
from gates.models import GateEvent
from tests.desk.test_pages import Desk, ago, words
from tests.factories import make_blocked_plate, make_charge, make_ticket, make_user
from tickets.models import PlateCorrection, Ticket, TicketStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


def let_out(desk, **data):
    return desk.post(desk.stay("out/"), **{"how": "debt", "note": "a test"} | data)


def undo(desk, **data):
    opening = GateEvent.objects.filter(kind="person").order_by("-id").first()
    return desk.post(desk.stay("undo/"), **{"exit": str(opening.event_id)} | data)


# A plate


def test_served_stay_leads_to_the_correction_of_its_plate(desk):
    page = desk.text(desk.stay())
    assert f'data-key="*" aria-keyshortcuts="*" href="{desk.stay("plate/")}' in page

    form = desk.text(desk.stay("plate/"))
    assert 'value="ZH 123456"' in form
    assert "Or what the camera read" not in form


def test_corrected_plate_is_shown_with_what_it_was(desk):
    response = desk.client.post(
        desk.stay("plate/"), {"key": uuid.uuid4(), "plate": "zh 128456", "why": "3 for 8"}, follow=True
    )

    page = words(response.content.decode())
    assert "The plate is ZH 128456 now" in page
    assert "It was read as ZH 123456." in page
    kept = PlateCorrection.objects.get()
    assert (kept.by, kept.why, kept.ticket.plate) == (desk.user, "3 for 8", "ZH 128456")


def test_other_readings_of_the_cameras_are_offered_as_buttons(desk):
    desk.entry.read("GE 1Z3", candidates=[{"plate": "GE 123"}, {"plate": "GE 1Z8"}])
    ticket = Ticket.objects.get(plate="GE 1Z3")
    desk.exit.read("GE 128")

    form = desk.text(desk.stay("plate/", ticket))
    assert [form.index(f'name="plate" value="{plate}"') for plate in ("GE 128", "GE 123", "GE 1Z8")]
    assert form.count('name="plate" value="GE') == 4  # what is typed, and three buttons
    assert form.index('value="GE 128"') < form.index('value="GE 123"')


def test_button_of_a_reading_sends_it_after_what_is_typed(desk):
    desk.client.post(desk.stay("plate/"), {"key": uuid.uuid4(), "plate": ["ZH 123456", "ZH 999"]})

    assert Ticket.objects.get(pk=desk.ticket.pk).plate == "ZH 999"


def test_plate_of_another_car_inside_is_refused_at_the_field_with_its_number(desk):
    other = make_ticket(desk.lot, "ZH 777")
    response = desk.client.post(desk.stay("plate/"), {"key": uuid.uuid4(), "plate": "ZH 777"})

    assert response.status_code == 409
    page = words(response.content.decode())
    assert f"ZH 777 is inside already with ticket {other.number}" in page
    assert desk.client.post(desk.stay("plate/"), {"key": uuid.uuid4(), "plate": "?"}).status_code == 422


def test_new_plate_brings_its_debts_block_and_fee(desk):
    Debt.objects.create(
        operator=desk.operator,
        charge=charge_of(desk, "GE 5"),
        plate="GE 5",
        plate_normalised="GE5",
        amount=700,
        reason="left without paying",
        created_at=ago(days=3),
    )
    make_blocked_plate(desk.operator, "GE 5", reason="stolen")

    page = words(
        desk.client.post(desk.stay("plate/"), {"key": uuid.uuid4(), "plate": "GE 5"}, follow=True).content.decode()
    )
    assert "On the blocklist (stolen)" in page
    assert "Owes CHF 7.00" in page
    assert "CHF 9.00" in page


def charge_of(desk, plate):
    charge, left = make_charge(desk.lot, 700), {"exit_at": ago(days=3), "closed_reason": "owed"}
    make_ticket(desk.lot, plate, ago(days=3, hours=2), charge=charge, status="closed", **left)
    return charge


def test_stay_that_has_ended_offers_no_correction(desk):
    desk.cash()

    assert "Correct plate" not in desk.text(desk.stay())
    assert "has ended" in desk.text(desk.stay("plate/"))
    assert desk.client.post(desk.stay("plate/"), {"key": uuid.uuid4(), "plate": "GE 5"}).status_code == 409


# An exit


def test_result_of_an_exit_can_be_undone_by_its_button(desk):
    page = desk.client.get(let_out(desk)["Location"]).content.decode()
    assert f'action="{desk.stay("undo/")}' in page
    assert 'data-key="Control+z"' in page

    page = words(desk.client.get(undo(desk)["Location"]).content.decode())
    assert "ZH 123456 is inside again" in page
    assert "CHF 9.00 is to pay." in page
    assert Ticket.objects.get().status == TicketStatus.ACTIVE
    assert not Debt.objects.exists()


def test_undo_says_that_money_stays(desk):
    desk.cash()

    assert "What was paid stays paid." in words(desk.client.get(undo(desk)["Location"]).content.decode())


def test_button_is_gone_after_a_minute_and_the_form_refused(desk, monkeypatch):
    page = let_out(desk)["Location"]
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=70)
    monkeypatch.setattr("desk.views.now", lambda: later)
    monkeypatch.setattr("desk.corrections.now", lambda: later)

    assert desk.stay("undo/") not in desk.client.get(page).content.decode()
    response = undo(desk)
    assert response.status_code == 409
    assert "An exit can be undone for 60 seconds only." in words(response.content.decode())


def test_admin_finds_the_button_at_the_stay_and_another_attendant_does_not(desk):
    let_out(desk)
    for role, offered in (("attendant", False), ("admin", True)):
        desk.client.force_login(make_user(role, desk.operator))
        assert (desk.stay("undo/") in desk.text(desk.stay())) is offered
    assert undo(desk).status_code == 302
    assert GateEvent.objects.filter(kind="undo").exists()


def test_another_attendant_is_refused_in_words(desk):
    let_out(desk)
    desk.client.force_login(make_user("attendant", desk.operator))

    response = undo(desk)
    assert response.status_code == 403
    assert "Only who let the car out can undo that, or an admin." in words(response.content.decode())


def test_undone_exit_is_an_exception_and_what_happened_last_at_its_lane(desk):
    let_out(desk)
    undo(desk)

    assert "exit undone by the attendant" in words(desk.text("/desk/lanes/"))
    assert "exit undone" in words(desk.text("/desk/today/", show="exceptions"))


def test_form_without_its_exit_is_refused(desk):
    let_out(desk)

    assert desk.post(desk.stay("undo/")).status_code == 422
