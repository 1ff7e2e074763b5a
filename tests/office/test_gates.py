"""The pages on which admins run gates and issue device keys."""

import datetime as dt
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from devices.keys import find_device
from devices.models import Device
from gates.services import hold_open
from lots.models import Gate
from tests.factories import make_device, make_gate, make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate():
    return make_gate(make_lot(make_operator(), slug="central"), code="in-1")


@pytest.fixture
def admin(client, gate):
    client.force_login(make_user("admin", gate.lot.operator))
    return client


def url_of(name, gate):
    if name.startswith("office:device_r"):
        device = gate.devices.first() or make_device(gate)[0]
        return reverse(name, args=[device.pk])
    return reverse(name, args=[gate.code])


PAGES = ["office:gate", "office:device_rolling", "office:device_revocation"]
POSTS = ["office:gate_closing", "office:gate_hold", "office:gate_hold_end", "office:device_new"]


@pytest.mark.parametrize("name", [*PAGES, *POSTS])
@pytest.mark.parametrize(
    ("who", "status"),
    [(("admin", False), 404), (("attendant", True), 403), (("attendant", False), 403), ((None, True), 403)],
)
def test_page_is_the_admins_of_its_operator_only(client, gate, name, who, status):
    role, own = who
    client.force_login(make_user(role, gate.lot.operator if own else make_operator()))
    method = client.post if name in POSTS else client.get
    assert method(url_of(name, gate)).status_code == status
    assert method(url_of(name, gate).replace("in-1", "no-such")).status_code in {403, 404}


@pytest.mark.parametrize("name", [*PAGES, *POSTS])
def test_visitor_is_sent_to_log_in(client, gate, name):
    method = client.post if name in POSTS else client.get
    assert method(url_of(name, gate)).status_code == 302


def test_attendant_at_one_operator_stays_one_where_the_person_is_admin_of_another(client, gate):
    person = make_user("admin", make_operator())
    person.memberships.create(operator=gate.lot.operator, role="attendant")
    client.force_login(person)
    assert client.get(url_of("office:gate", gate)).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_page_opens_for_its_admin(admin, gate, name):
    assert admin.get(url_of(name, gate)).status_code == 200


def test_list_shows_the_operators_gates_only_in_a_bounded_number_of_queries(admin, gate, django_assert_max_num_queries):
    make_gate(make_lot(), code="strange")
    with django_assert_max_num_queries(9):
        admin.get(reverse("office:gates"))
    for number in range(4):
        make_device(make_gate(make_lot(gate.lot.operator), code=f"ours-{number}"))
    with django_assert_max_num_queries(9):
        page = admin.get(reverse("office:gates")).content.decode()
    assert "strange" not in page
    assert all(f"ours-{number}" in page for number in range(4))
    assert "ours-1" not in admin.get(reverse("office:gates"), {"lot": "central"}).content.decode()


def test_list_of_another_operators_lot_is_unknown(admin):
    assert admin.get(reverse("office:gates"), {"lot": make_lot().slug}).status_code == 404


def test_gate_is_made_and_leads_to_its_keys(admin, gate):
    answer = admin.post(reverse("office:gate_new"), {"lot": "central", "code": "out-1", "direction": "exit"})
    assert answer["Location"] == reverse("office:gate", args=["out-1"])
    made = Gate.objects.get(code="out-1")
    assert (made.lot, made.direction, made.level) == (gate.lot, "exit", 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "in-1"}, "code"),
        ({"code": "no good"}, "code"),
        ({"direction": "up"}, "direction"),
        ({"level": "high"}, "level"),
        ({"lot": "strange"}, "lot"),
    ],
)
def test_wrong_gate_is_said_at_its_field(admin, fields, field):
    make_lot(slug="strange")
    values = {"lot": "central", "code": "out-1", "direction": "exit"} | fields
    answer = admin.post(reverse("office:gate_new"), values)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Gate.objects.count() == 1


def test_gate_changes_but_never_its_code(admin, gate):
    values = {"code": "other", "name": "Main St", "direction": "exit", "level": "-1", "confirms_passage": "on"}
    assert admin.post(url_of("office:gate", gate), values).status_code == 302
    gate.refresh_from_db()
    assert (gate.code, gate.name, gate.direction, gate.level) == ("in-1", "Main St", "exit", -1)
    assert gate.confirms_passage
    assert admin.post(url_of("office:gate", gate), {"direction": "up"}).status_code == 422


def test_gate_goes_out_of_service_and_back_and_no_page_speaks_of_its_boom(admin, gate):
    shown = []
    for closed, said in (("yes", "is out of service"), ("no", "is back in service")):
        answer = admin.post(url_of("office:gate_closing", gate), {"closed": closed, "why": "Broken"}, follow=True)
        assert Gate.objects.get().is_closed is (closed == "yes")
        page = answer.content.decode()
        assert said in page
        shown += [page, admin.get(reverse("office:gates")).content.decode()]
    assert [page.count("Out of service") for page in shown[1::2]] == [3, 1]  # once in the filter alone
    assert ["Put back in service" in page for page in shown[::2]] == [True, False]
    for word in ("Open the gate", "Close the gate", ">Open<", ">Closed<"):
        assert not any(word in page for page in shown), word


def shown_key(answer):
    (key,) = set(re.findall(r"pk_[0-9a-f]{12}_[\w-]{43}", answer.content.decode()))
    return key


def issue(admin, gate, **fields):
    answer = admin.post(url_of("office:device_new", gate), {"kind": "camera"} | fields)
    assert answer.status_code == 302
    return answer["Location"]


def test_key_is_shown_once_never_stored_by_browsers_and_works(admin, gate):
    answer = admin.get(issue(admin, gate, name="Left"))
    key = shown_key(answer)
    assert "no-store" in answer["Cache-Control"]
    assert find_device(key).device.name == "Left"
    page = admin.get(url_of("office:gate", gate)).content.decode()
    assert "Left" in page
    assert key not in page


def test_reloaded_key_page_issues_no_second_key_and_says_that_it_was_shown(admin, gate):
    page = issue(admin, gate)
    key = shown_key(admin.get(page))
    again = admin.get(page).content.decode()
    assert key not in again
    assert "shown already" in again
    assert gate.devices.count() == 1
    assert find_device(key).device == gate.devices.get()


def test_head_request_does_not_use_up_the_one_look(admin, gate):
    page = issue(admin, gate)
    admin.head(page)
    assert shown_key(admin.get(page))


def test_session_and_address_alone_do_not_tell_the_key(admin, gate):
    page = issue(admin, gate)
    stored = str(dict(admin.session))
    key = shown_key(admin.get(page))
    secret = key[-24:]
    assert secret not in stored
    assert secret not in page
    assert secret.encode().hex() not in stored + page


@pytest.mark.parametrize("once", ["", "x", ".", "a.zz", "a.00", "%00"])
def test_made_up_token_shows_nothing(admin, gate, once):
    device, _ = make_device(gate)
    answer = admin.get(f"{reverse('office:device_key', args=[device.pk])}?once={once}")
    assert answer.status_code == 200
    assert "shown already" in answer.content.decode()


def test_two_keys_wait_for_their_pages(admin, gate):
    first, second = issue(admin, gate), issue(admin, gate)
    assert shown_key(admin.get(first)) != shown_key(admin.get(second))


def test_unnamed_device_is_called_after_its_kind(admin, gate):
    for _ in range(2):
        issue(admin, gate)
    assert list(gate.devices.values_list("name", flat=True)) == ["Plate camera", "Plate camera 2"]


def test_wrong_device_is_said_and_none_is_made(admin, gate):
    answer = admin.post(url_of("office:device_new", gate), {"kind": "toaster"})
    assert (answer.status_code, list(answer.context["device_form"].errors)) == (422, ["kind"])
    assert not Device.objects.exists()


def test_rolled_key_works_and_the_old_one_does_not(admin, gate, django_capture_on_commit_callbacks):
    device, old = make_device(gate)
    url = reverse("office:device_rolling", args=[device.pk])
    assert "stops working" in admin.get(url).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        new = shown_key(admin.get(admin.post(url)["Location"]))
    assert find_device(old) is None
    assert find_device(new).device.pk == device.pk


def test_revoked_key_stops_and_can_not_be_rolled(admin, gate, django_capture_on_commit_callbacks):
    device, key = make_device(gate)
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(reverse("office:device_revocation", args=[device.pk]))
    assert find_device(key) is None
    assert "Revoked" in admin.get(url_of("office:gate", gate)).content.decode()
    answer = admin.post(reverse("office:device_rolling", args=[device.pk]), follow=True)
    assert "Issue a new key instead" in answer.content.decode()


def hold(client, gate, note="Fire alarm"):
    return client.post(reverse("office:gate_hold", args=[gate.code]), {"key": str(uuid.uuid4()), "note": note})


def test_gate_is_held_open_with_a_reason_and_ended_in_one_press(admin, gate):
    assert hold(admin, gate).status_code == 302
    page = admin.get(reverse("office:gate", args=[gate.code])).content.decode()
    assert "Fire alarm" in page
    assert "Held open" in admin.get(reverse("office:gates")).content.decode()

    for _ in range(2):
        assert admin.post(reverse("office:gate_hold_end", args=[gate.code])).status_code == 302
    gate.refresh_from_db()
    assert not gate.is_held_open
    assert "Held open" not in admin.get(reverse("office:gates")).content.decode()
    assert list(gate.events.order_by("id").values_list("action", flat=True)) == ["hold_open", "release"]


def test_hold_without_a_reason_is_refused(admin, gate):
    assert hold(admin, gate, note=" ").status_code == 422
    gate.refresh_from_db()
    assert not gate.is_held_open


def test_list_asks_as_much_of_many_held_gates_as_of_one(admin, gate, django_assert_max_num_queries):
    hold(admin, gate)
    admin.get(reverse("office:gates"))
    with CaptureQueriesContext(connection) as one:
        admin.get(reverse("office:gates"))
    asked = len(one)
    for number in range(4):
        hold(admin, make_gate(gate.lot, code=f"more-{number}"))
    admin.get(reverse("office:gates"))  # says what was done
    with django_assert_max_num_queries(asked):
        admin.get(reverse("office:gates"))


def test_hold_needs_attention_until_it_is_ended(admin, gate):
    person = gate.lot.operator.memberships.get().user
    at = now() - dt.timedelta(minutes=40, seconds=20)
    hold_open(gate=gate, by=person, note="Event", at=at, key=uuid.uuid4())
    page = admin.get(reverse("office:attention")).content.decode().replace("\xa0", " ")
    assert "gate in-1 held open for 40 min" in page
    assert reverse("office:gates") + "?lot=central" in page


def test_activity_says_who_held_a_gate_open_and_why(admin, gate):
    hold(admin, gate)
    admin.post(reverse("office:gate_hold_end", args=[gate.code]))
    person = gate.lot.operator.memberships.get().user
    page = admin.get(reverse("office:events")).content.decode()
    assert f"held open by {person}" in page
    assert f"hold ended by {person}" in page
    assert "Fire alarm" in page
