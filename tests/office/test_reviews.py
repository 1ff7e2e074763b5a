"""Pages on which operators settle things: reviews, debts, people, plates and messages."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import BlockedPlate, Membership, Permit, User
from billing.models import Debt, Payment
from billing.services import record_debt
from notifications.models import Message
from tests.entrance.sessions import client_of
from tests.factories import (
    make_blocked_plate,
    make_charge,
    make_invitation,
    make_lot,
    make_operator,
    make_permit,
    make_shift,
    make_ticket,
    make_user,
)
from tickets.models import Ticket
from tickets.numbers import new_number
from tickets.services import review_ticket

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def lot():
    return make_lot(name="Tower")


@pytest.fixture
def admin(lot):
    return make_user("admin", lot.operator, name="Anna Keller")


@pytest.fixture
def client(admin):
    return client_of(admin)


@pytest.fixture
def entry():
    return now().replace(microsecond=0) - 10 * HOUR


def numbered(ticket):
    """Give a stay a number with a true check character, as its pages look it up by that."""
    ticket.number = new_number(lambda limit: (ticket.pk * 7) % limit)
    ticket.save(update_fields=["number"])
    return ticket


@pytest.fixture
def stay(lot, entry):
    ticket = numbered(make_ticket(lot, "ZH 123456", entry))
    return review_ticket(ticket=ticket, at=entry + 2 * HOUR, why="reentry at IN 2")


@pytest.fixture
def page(stay):
    return f"/manage/stays/{stay.number}/"


def closing(stay, entry, **changes):
    left = (entry + 2 * HOUR).astimezone(ZoneInfo(stay.lot.timezone))
    typed = left.strftime("%Y-%m-%dT%H:%M:%S")
    return {"left_at": typed, "agreed": 600, "settlement": "debt", "why": "seen leaving"} | changes


def test_reviews_are_listed_with_their_reason(client, stay):
    text = client.get("/manage/reviews/").content.decode()

    assert "ZH 123456" in text
    assert "the plate came in again (IN 2)" in text


def test_stay_in_review_shows_its_price_before_it_is_agreed_to(client, page):
    text = client.get(page).content.decode()

    assert "Close with" in text
    assert "6.00" in text
    assert 'name="agreed" value="600"' in text


def test_price_follows_the_typed_time_of_exit(client, page, stay, entry):
    left = closing(stay, entry + HOUR)["left_at"]

    part = client.get(page, {"left_at": left}, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert "9.00" in part


@pytest.mark.parametrize("left_at", ["nonsense", "1999-01-01T00:00:00", "2999-01-01T00:00:00"])
def test_impossible_time_of_exit_shows_no_price(client, page, left_at):
    text = client.get(page, {"left_at": left_at}).content.decode()

    assert "field-error" in text
    assert "Close with" not in text


def test_stay_is_closed_as_a_debt(client, page, stay, entry, admin):
    response = client.post(f"{page}close/", closing(stay, entry), follow=True)

    stay.refresh_from_db()
    assert stay.status == "closed"
    assert Debt.objects.get().amount == 600
    text = response.content.decode()
    assert "seen leaving" in text
    assert "Anna Keller" in text


def test_stay_is_closed_waived(client, page, stay, entry):
    client.post(f"{page}close/", closing(stay, entry, settlement="waive"))

    assert Ticket.objects.get().closed_reason == "waived"
    assert not Debt.objects.exists()


def test_other_price_than_agreed_is_shown_anew(client, page, stay, entry):
    response = client.post(f"{page}close/", closing(stay, entry, agreed=100))

    assert response.status_code == 409
    assert 'name="agreed" value="600"' in response.content.decode()
    assert Ticket.objects.get().status == "review"


@pytest.mark.parametrize(
    "wrong", [{"why": ""}, {"settlement": "gift"}, {"agreed": "x"}, {"left_at": ""}, {"agreed": -1}, {"why": "x" * 201}]
)
def test_wrong_closing_is_refused_and_changes_nothing(client, page, stay, entry, wrong):
    response = client.post(f"{page}close/", closing(stay, entry, **wrong))

    assert response.status_code == 422
    assert Ticket.objects.get().status == "review"


@pytest.mark.parametrize(("action", "status"), [("return", "active"), ("void", "void")])
def test_stay_is_taken_back_or_voided_with_a_reason(client, page, admin, action, status):
    assert client.post(f"{page}{action}/", {f"{action}-why": " "}).status_code == 422
    response = client.post(f"{page}{action}/", {f"{action}-why": "seen inside"})

    ticket = Ticket.objects.get()
    assert response.status_code == 302
    assert (ticket.status, ticket.changed_by, ticket.changed_why) == (status, admin, "seen inside")
    assert client.post(f"{page}{action}/", {f"{action}-why": "again"}).status_code == 409


@pytest.mark.parametrize("action", ["close", "return", "void"])
def test_resolution_is_the_admins_alone_and_only_posted(lot, client, page, action):
    path = f"{page}{action}/"

    assert client.get(path)["Location"] == page
    assert client_of(make_user("attendant", lot.operator)).post(path).status_code == 403
    assert client_of(make_user("admin")).post(path).status_code == 404
    assert Ticket.objects.get().status == "review"


@pytest.mark.parametrize("number", ["PS-0000000000", "nonsense", "PS-"])
def test_unknown_stay_is_not_found(client, number):
    assert client.get(f"/manage/stays/{number}/").status_code == 404


def test_closed_stay_shows_its_money_and_no_way_out(client, lot):
    charge = make_charge(lot, 600, lines=[{"label": "2 hours", "amount": 600}])
    ticket = numbered(make_ticket(lot, "ZH 1", status="closed", exit_at=now(), closed_reason="owed", charge=charge))
    record_debt(charge=charge, plate="ZH 1", reason="card declined", at=now())

    text = client.get(f"/manage/stays/{ticket.number}/").content.decode()

    assert "2 hours" in text
    assert "/manage/debts/?q=ZH1" in text
    assert not any(f"/{act}/" in text for act in ("close", "return", "void", "move", "price", "plate"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=12B4", {"ZH 128456"}),
        ("q=1284", {"ZH 128456"}),
        ("q=🚗", set()),
        ("q=" + "x" * 40, set()),
        ("status=paid", {"ZH 2"}),
        ("from=2026-03-02&to=2026-03-02", {"ZH 2"}),
        ("to=2026-03-01", {"ZH 128456"}),
        ("q=zh&status=paid&page=7", {"ZH 2"}),
        ("to=9999-12-31", {"ZH 128456", "ZH 2"}),
    ],
)
def test_stays_are_searched_by_address(client, lot, query, found):
    midnight = dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC)  # in Zürich the 2nd begins
    make_ticket(lot, "ZH 128456", midnight - HOUR)
    make_ticket(lot, "ZH 2", midnight, status="paid")

    page = client.get(f"/manage/stays/?{query}").context["page"]

    assert {ticket.plate for ticket in page} == found


def test_stay_is_found_by_its_number(client, lot, stay):
    make_ticket(lot, "ZH 9")

    page = client.get("/manage/stays/", {"q": stay.number.lower()}).context["page"]

    assert list(page) == [stay]


@pytest.mark.parametrize("query", ["from=yesterday", "status=gone"])
def test_wrong_filter_is_said(client, query):
    assert client.get(f"/manage/stays/?{query}").status_code == 422


def test_search_answers_htmx_with_its_rows(client, stay):
    part = client.get("/manage/stays/", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in part
    assert stay.number in part


def test_invited_person_gets_a_mail_and_is_no_member_yet(client, lot):
    answer = client.post("/manage/people/invite/", {"email": "New@example.com", "role": "attendant"}, follow=True)

    message = Message.objects.get()
    assert (message.recipient, message.template, message.operator) == ("new@example.com", "invitation", lot.operator)
    assert message.context["link"].startswith("http://127.0.0.1:8000/invitations/")
    assert not User.objects.filter(email="new@example.com").exists()
    assert lot.operator.memberships.count() == 1
    page = answer.content.decode()
    assert "Waiting for an answer" in page
    assert "new@example.com" in page


def test_waiting_person_gets_another_link_and_is_withdrawn(client, lot):
    client.post("/manage/people/invite/", {"email": "new@example.com", "role": "attendant"})
    first = Message.objects.get().context["link"]
    waiting = lot.operator.invitations.get()
    guest = Client()

    client.post(f"/manage/people/invitations/{waiting.pk}/resend/")
    second = Message.objects.latest("pk").context["link"]
    assert [guest.get(link.partition(":8000")[2]).status_code for link in (first, second)] == [404, 200]

    client.post(f"/manage/people/invitations/{waiting.pk}/withdraw/")
    assert guest.get(second.partition(":8000")[2]).status_code == 404
    assert "Waiting for an answer" not in client.get("/manage/people/").content.decode()
    assert client.post(f"/manage/people/invitations/{waiting.pk}/resend/").status_code == 404


def test_invitation_does_not_tell_the_name_of_its_address(client):
    make_user(email="ada@example.com", password="kept", name="Ada Lovelace")

    client.post("/manage/people/invite/", {"email": "ada@example.com", "role": "attendant"})

    assert "Lovelace" not in client.get("/manage/people/").content.decode()
    assert "Lovelace" not in client.get("/api/v1/users").content.decode()


def test_invited_again_is_invited_once(client, lot):
    for role in ("attendant", "admin"):
        client.post("/manage/people/invite/", {"email": "new@example.com", "role": role})

    assert lot.operator.invitations.get().role == "admin"
    assert Message.objects.count() == 2


def test_form_that_is_submitted_twice_invites_and_mails_once(client, lot):
    for _ in range(2):
        client.post("/manage/people/invite/", {"email": "new@example.com", "role": "attendant"})

    assert lot.operator.invitations.count() == Message.objects.count() == 1


def test_member_is_not_invited(client, lot):
    member = make_user("attendant", lot.operator)

    assert client.post("/manage/people/invite/", {"email": member.email, "role": "admin"}).status_code == 422
    assert not Message.objects.exists()


@pytest.mark.parametrize("wrong", [{"email": "nobody"}, {"role": "king"}])
def test_wrong_invitation_is_refused(client, wrong):
    form = {"email": "a@example.com", "role": "admin"} | wrong

    assert client.post("/manage/people/invite/", form).status_code == 422
    assert not Message.objects.exists()


def test_role_is_changed_and_the_last_admin_kept(client, lot, admin):
    member = make_user("attendant", lot.operator).memberships.get()

    client.post(f"/manage/people/{member.pk}/role/", {"role": "admin"})
    member.refresh_from_db()
    assert member.role == "admin"

    client.post(f"/manage/people/{member.pk}/remove/")
    assert not Membership.objects.filter(pk=member.pk).exists()

    own = admin.memberships.get()
    text = client.post(f"/manage/people/{own.pk}/remove/").content.decode()
    assert "This is the last admin." in text
    assert Membership.objects.filter(pk=own.pk).exists()


def test_plate_is_blocked_and_let_in_again(client, lot):
    client.post("/manage/blocked/add/", {"plate": "zh 666", "reason": "damage"})

    row = BlockedPlate.objects.get()
    assert (row.operator, row.plate_normalised, row.reason) == (lot.operator, "ZH666", "damage")
    client.post(f"/manage/blocked/{row.pk}/lift/")
    assert not BlockedPlate.objects.in_force().exists()


def test_unreadable_plate_is_not_blocked(client):
    response = client.post("/manage/blocked/add/", {"plate": "---", "reason": "damage"})

    assert response.status_code == 422
    assert "field-error" in response.content.decode()


def test_permit_is_added_and_ended(client, lot):
    form = {"kind": "accessible", "plate": "ZH 5", "number": "H-77", "valid_from": "2026-01-01", "valid_until": ""}
    client.post("/manage/permits/add/", form)

    permit = Permit.objects.get()
    assert (permit.operator, permit.number, permit.valid_until) == (lot.operator, "H-77", None)
    client.post(f"/manage/permits/{permit.pk}/end/")
    permit.refresh_from_db()
    assert permit.valid_until is not None


def test_permit_that_ends_before_it_starts_is_refused(client):
    form = {"kind": "accessible", "plate": "ZH 5", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}

    assert client.post("/manage/permits/add/", form).status_code == 422
    assert not Permit.objects.exists()


def test_admin_of_two_operators_says_which(lot, admin):
    other = make_operator(slug="other")
    admin.memberships.create(operator=other, role="admin")
    client = client_of(admin)

    assert client.post("/manage/blocked/add/", {"plate": "ZH 6", "reason": "r"}).status_code == 422
    client.post("/manage/blocked/add/", {"plate": "ZH 6", "reason": "r", "operator": "other"})

    assert BlockedPlate.objects.get().operator == other


@pytest.fixture
def debt(lot):
    return record_debt(charge=make_charge(lot, 600), plate="ZH 7", reason="card declined", at=now())


def test_debts_are_found_by_plate(client, debt, lot):
    record_debt(charge=make_charge(lot, 600), plate="AG 1", reason="card declined", at=now())

    text = client.get("/manage/debts/?q=zh-7").content.decode()

    assert "ZH 7" in text
    assert "AG 1" not in text


def test_debt_is_paid_once(client, debt, admin):
    make_shift(admin, debt.charge.lot)
    form = {"method": "cash", "amount": 600, "key": str(uuid.uuid4())}

    for _ in range(2):
        assert client.post(f"/manage/debts/{debt.pk}/pay/", form).status_code == 302

    debt.refresh_from_db()
    payment = Payment.objects.get()
    assert debt.settled_at is not None
    assert (payment.captured_amount, payment.method, payment.taken_by) == (600, "cash", admin)
    other = client.post(f"/manage/debts/{debt.pk}/pay/", form | {"key": str(uuid.uuid4())})
    assert other.status_code == 409


@pytest.mark.parametrize("wrong", [{"method": "gold"}, {"amount": 0}, {"amount": 700}, {"key": "x"}])
def test_wrong_payment_of_a_debt_is_refused(client, debt, wrong, admin):
    make_shift(admin, debt.charge.lot)
    form = {"method": "cash", "amount": 600, "key": str(uuid.uuid4())} | wrong

    assert client.post(f"/manage/debts/{debt.pk}/pay/", form).status_code == 422
    assert not Payment.objects.exists()


def test_debt_is_paid_in_cash_only_with_an_open_shift(client, debt):
    form = {"method": "cash", "amount": 600, "key": str(uuid.uuid4())}

    refused = client.post(f"/manage/debts/{debt.pk}/pay/", form)

    assert refused.status_code == 409
    assert "You have no open shift" in refused.content.decode()
    assert not Payment.objects.exists()


def test_debt_is_waived_with_a_reason(client, debt, admin):
    assert client.post(f"/manage/debts/{debt.pk}/waive/", {"why": ""}).status_code == 422
    assert client.post(f"/manage/debts/{debt.pk}/waive/", {"why": "our terminal failed"}).status_code == 302

    debt.refresh_from_db()
    credit = debt.charge.credits.get()
    assert debt.settled_at is not None
    assert (credit.amount, credit.reason, credit.granted_by) == (600, "our terminal failed", admin)
    assert client.post(f"/manage/debts/{debt.pk}/waive/", {"why": "again"}).status_code == 422


def park_message(operator, recipient="ada@example.com"):
    return Message.objects.create(
        key="k", operator=operator, recipient=recipient, template="receipt", state="parked", error="550",
        created_at=now(), next_attempt_at=now(),
    )  # fmt: skip


def test_parked_message_is_tried_again(client, lot):
    message = park_message(lot.operator)

    assert "550" in client.get("/manage/messages/").content.decode()
    client.post(f"/manage/messages/{message.pk}/resend/")

    message.refresh_from_db()
    assert (message.state, message.error) == ("queued", "")


def test_messages_that_wait_are_counted_and_nothing_is_said_to_have_arrived(client, admin, lot):
    assert "No message is waiting to be sent." in client.get("/manage/messages/").content.decode()
    for number, minutes in enumerate((22, 3, 1)):
        at = now() - dt.timedelta(minutes=minutes)
        Message.objects.create(
            key=f"k{number}",
            operator=lot.operator,
            recipient=admin.email,
            template="receipt",
            created_at=at,
            next_attempt_at=at,
        )
    Message.objects.create(key="foreign", recipient="x@example.com", created_at=now() - HOUR, next_attempt_at=now())

    page = " ".join(client.get("/manage/messages/").content.decode().split())

    assert "Nothing is stuck. 3 messages are waiting to be sent (oldest 22 min)." in page
    assert "has arrived" not in page


def test_invitation_says_that_its_mail_waits(client):
    answer = client.post("/manage/people/invite/", {"email": "new@example.com", "role": "attendant"}, follow=True)

    assert "new@example.com is invited. The mail with the link is waiting to be sent." in answer.content.decode()


@pytest.fixture
def targets(lot, debt, admin):
    """Every address that changes a row, with the row of the admin's operator."""
    message = park_message(lot.operator)
    return [
        "people/invite/",
        f"people/invitations/{make_invitation(lot.operator).pk}/resend/",
        f"people/invitations/{make_invitation(lot.operator, 'b@example.com').pk}/withdraw/",
        f"people/{make_user('attendant', lot.operator).memberships.get().pk}/role/",
        f"people/{make_user('attendant', lot.operator).memberships.get().pk}/remove/",
        "blocked/add/",
        f"blocked/{make_blocked_plate(lot.operator).pk}/lift/",
        "permits/add/",
        f"permits/{make_permit(lot.operator).pk}/end/",
        f"debts/{debt.pk}/pay/",
        f"debts/{debt.pk}/waive/",
        f"messages/{message.pk}/resend/",
    ]


def test_changes_are_the_admins_alone_and_only_posted(lot, client, targets):
    attendant, stranger = client_of(make_user("attendant", lot.operator)), client_of(make_user("admin"))
    for path in targets:
        assert client.get(f"/manage/{path}").status_code == 302, path
        assert attendant.post(f"/manage/{path}").status_code == 403, path
        expected = 404 if any(map(str.isdigit, path)) else 422
        assert stranger.post(f"/manage/{path}").status_code == expected, path


@pytest.mark.parametrize(
    "path",
    [
        "?lot=%00",
        "exceptions/?flag=%00",
        "exceptions/?flag=%ED%A0%80",
        "exceptions/?day=0001-01-01",
        "exceptions/?day=9999-12-31",
        "stays/end/?stay=%00",
        "stays/end/?stay=PS-0000000000&left_at=0001-01-01T00:00",
        "events/?page=%00",
        "debts/?q=%00",
        "debts/?q=" + "x" * 999,
        "stays/?q=%00",
        "stays/?from=0001-01-01&to=0001-01-01",
        "stays/?from=9999-12-31&to=9999-12-31",
        "stays/%00/",
        "stays/%F0%9F%9A%97/",
        "debts/99999999999999999999/",
    ],
)
def test_strange_address_is_no_server_error(client, path):
    assert client.get(f"/manage/{path}").status_code in {200, 404, 422}


@pytest.mark.parametrize("left_at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "\0"])
def test_strange_time_of_exit_is_no_server_error(client, page, left_at):
    assert client.get(page, {"left_at": left_at}).status_code == 200
