"""Tills over the API: opened with a float, counted blind, closed."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import CashMovement, Shift
from billing.services import take_payment
from tests.api.bookings_sent import refusal
from tests.api.documented import get, post
from tests.factories import make_cashier, make_charge, make_closed_shift, make_lot, make_operator, make_shift, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db
FLOAT = {"lot": "central", "drawer": "Till 1", "float_amount": 20000}
DROP = {"kind": "drop", "amount": 5000}


@pytest.fixture
def operator():
    return make_operator()


@pytest.fixture
def lot(operator):
    return make_lot(operator, slug="central")


@pytest.fixture
def cashier(operator):
    return make_user("attendant", operator)


@pytest.fixture
def admin(operator):
    return make_user("admin", operator)


def opened(person, **fields):
    answer = post(person, "/shifts", FLOAT | fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def sell(lot, cashier, amount=600):
    charge = make_charge(lot, amount)
    key = f"cash-{charge.pk}"
    take_payment(charge=charge, method="cash", amount=None, idempotency_key=key, at=now(), taken_by=cashier)


def test_shift_from_its_float_to_its_close_out(lot, cashier):
    said = opened(cashier)
    path = f"/shifts/{said['id']}"
    assert (said["state"], said["float_amount"], said["currency"], said["person"]) == (
        *("open", 20000, "CHF", cashier.email),
    )
    sell(lot, cashier)
    moved = post(cashier, f"{path}/movements", DROP).json()
    assert (moved["kind"], moved["amount"], moved["currency"], moved["moved_by"]) == (
        "drop",
        5000,
        "CHF",
        cashier.email,
    )

    counted = post(cashier, f"{path}/count", {"cash": {"CHF": 15500}, "cards": 0}).json()

    assert (counted["state"], counted["sales"], counted["difference"], counted["needs_note"]) == (
        "counting",
        1,
        -100,
        True,
    )
    assert [(one["tender"], one["counted"], one["expected"], one["difference"]) for one in counted["counts"]] == [
        ("cash", 15500, 15600, -100),
        ("card", 0, 0, 0),
    ]
    assert {(one["kind"], one["amount"]) for one in counted["sums"]} == {
        ("float", 20000),
        ("sale", 600),
        ("drop", -5000),
    }
    assert refusal(post(cashier, f"{path}/close", {"left_amount": 10000})) == (422, "note_missing", ["note"])
    closed = post(cashier, f"{path}/close", {"left_amount": 10000, "note": "A coin fell behind the drawer."}).json()
    assert (closed["state"], closed["closed_by"], closed["difference"]) == ("closed", cashier.email, -100)
    assert [(one["kind"], one["amount"]) for one in closed["movements"]] == [
        ("drop", 5000),
        ("drop", 5500),
        ("handed_over", 10000),
    ]
    assert get(cashier, path).json() == closed
    [row] = get(cashier, "/shifts").json()["items"]
    assert row == {name: closed[name] for name in row}
    assert broken() == []


def test_nothing_expected_is_told_before_the_count(lot, cashier, admin):
    path = f"/shifts/{opened(cashier)['id']}"
    sell(lot, cashier)
    stopped = post(cashier, f"{path}/count")
    assert (stopped.status_code, stopped.json()["state"]) == (200, "counting")
    for person in (cashier, admin):
        said = get(person, path).json()
        assert (said["difference"], said["counts"], said["sums"], said["sales"]) == (None, [], [], 1)
        assert "600" not in str(said | {"id": 0, "opened_at": "", "counting_at": ""})
    assert refusal(post(cashier, f"{path}/movements", DROP))[:2] == (409, "no_open_shift")
    assert refusal(post(cashier, f"{path}/close", {"left_amount": 0}))[:2] == (409, "not_counted")


def test_coins_and_notes_are_counted(lot, cashier):
    path = f"/shifts/{opened(cashier)['id']}"

    said = post(cashier, f"{path}/count", {"pieces": {"10000": 1, "5000": 2, "5": 0}}).json()

    assert [(one["counted"], one["difference"]) for one in said["counts"]] == [(20000, 0)]
    assert refusal(post(cashier, f"{path}/count", {"cash": {"CHF": 1}}))[:2] == (409, "already_counted")
    assert refusal(post(cashier, f"{path}/close", {"left_amount": 20001})) == (422, "invalid", ["left_amount"])
    assert post(cashier, f"{path}/close", {"left_amount": 20000}).status_code == 200
    for act, body in {"count": {"cash": {"CHF": 1}}, "close": {"left_amount": 0}}.items():
        assert refusal(post(cashier, f"{path}/{act}", body))[:2] == (409, "shift_closed")
    assert refusal(post(cashier, f"{path}/movements", DROP))[:2] == (409, "no_open_shift")


def test_other_currencies_in_the_till_are_counted_too(lot, cashier):
    path = f"/shifts/{opened(cashier)['id']}"
    sell(make_lot(lot.operator, currency="EUR"), cashier)

    assert refusal(post(cashier, f"{path}/count", {"cash": {"CHF": 20000}}))[2] == ["cash.EUR"]
    assert get(cashier, path).json()["state"] == "open"
    said = post(cashier, f"{path}/count", {"cash": {"CHF": 20000, "EUR": 600}}).json()
    assert {(one["currency"], one["difference"]) for one in said["counts"]} == {("CHF", 0), ("EUR", 0)}


def test_one_shift_a_person_and_one_a_drawer(lot, cashier, admin):
    opened(cashier)
    assert refusal(post(cashier, "/shifts", FLOAT | {"drawer": "Till 2"}))[:2] == (409, "shift_open")
    assert refusal(post(admin, "/shifts", FLOAT)) == (409, "drawer_taken", ["drawer"])
    assert opened(admin, drawer="Till 2")["drawer"] == "Till 2"


def test_same_key_opens_one_shift_and_another_body_is_refused(lot, cashier):
    first = post(cashier, "/shifts", FLOAT, key="k")

    assert (first.status_code, post(cashier, "/shifts", FLOAT, key="k").json()) == (201, first.json())
    for other in ({"drawer": "Till 2"}, {"float_amount": 1}):
        assert refusal(post(cashier, "/shifts", FLOAT | other, key="k"))[:2] == (422, "idempotency_key_reused")
    assert refusal(post(cashier, "/shifts", FLOAT, key="k2"))[:2] == (409, "shift_open")
    assert Shift.objects.count() == 1


def test_same_key_moves_cash_once_and_another_body_is_refused(lot, cashier):
    path = f"/shifts/{opened(cashier)['id']}/movements"
    first = post(cashier, path, DROP, key="k").json()

    assert post(cashier, path, DROP, key="k").json() == first
    for other in ({"amount": 1}, {"kind": "paid_in", "reason": "Coins"}, {"reason": "Other"}):
        assert refusal(post(cashier, path, DROP | other, key="k"))[:2] == (422, "idempotency_key_reused"), other
    assert post(cashier, path, DROP).json()["id"] != first["id"]
    assert CashMovement.objects.count() == 2


def test_shifts_are_seen_by_whom_they_concern(lot, cashier, admin):
    colleague = make_cashier(lot)
    other = make_user("admin", make_lot().operator)
    mine = opened(cashier)["id"]
    theirs = colleague.shifts.get().pk

    def listed(person, query=""):
        return [row["id"] for row in get(person, f"/shifts{query}").json()["items"]]

    assert (listed(cashier), listed(colleague), listed(other)) == ([mine], [theirs], [])
    assert listed(admin) == [mine, theirs]
    assert (get(make_user(), "/shifts").status_code, get(None, "/shifts").status_code) == (403, 401)
    sent = {"movements": DROP, "count": {"cash": {"CHF": 0}}, "close": {"left_amount": 0}}
    for person in (cashier, other, make_user()):
        assert get(person, f"/shifts/{theirs}").status_code == 404
        for act, body in sent.items():
            assert post(person, f"/shifts/{theirs}/{act}", body).status_code == 404
    assert post(other, "/shifts", FLOAT).status_code == 404
    assert get(admin, f"/shifts/{'9' * 40}").status_code == 404


def test_admin_closes_a_forgotten_shift(lot, cashier, admin):
    path = f"/shifts/{opened(cashier)['id']}"
    post(admin, f"{path}/count", {"cash": {"CHF": 20000}})
    said = post(admin, f"{path}/close", {"left_amount": 0}).json()
    assert (said["state"], said["person"], said["closed_by"]) == ("closed", cashier.email, admin.email)


def test_shifts_are_filtered_and_paged(lot, cashier, admin):
    second = make_lot(lot.operator, slug="second")
    closed = make_closed_shift(cashier, second).pk
    old = make_shift(make_user("attendant", lot.operator), lot, opened_at=now() - dt.timedelta(days=3)).pk
    day = (now() - dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    for query, rows in {
        "": [closed, old],
        "?state=closed": [closed],
        "?state=open": [old],
        "?lot=second": [closed],
        "?lot=nowhere": [],
        f"?from={day}": [closed],
        f"?to={day}": [old],
        "?page=2&page_size=1": [old],
    }.items():
        assert [row["id"] for row in get(admin, f"/shifts{query}").json()["items"]] == rows, query
    for query, path in {
        "?state=gone": "state",
        "?from=now": "from",
        f"?lot={'x' * 61}": "lot",
        "?page=0": "page",
    }.items():
        assert refusal(get(admin, f"/shifts{query}"))[2] == [path], query


SUMS = (-1, 10**13, 10**400, "1", 1.0, True, [1])
WRONG = {
    "": [
        *({"float_amount": wrong} for wrong in (*SUMS, None)),
        *({"drawer": wrong} for wrong in ("", " ", "x" * 41, "a\0b", 1, None)),
        *({"lot": wrong} for wrong in ("a\0b", "x" * 61, 1, None)),
    ],
    "/movements": [
        *({"amount": wrong} for wrong in (*SUMS, 0, None)),
        *({"kind": wrong} for wrong in ("handed_over", "", 1, None)),
        *({"reason": wrong} for wrong in ("x" * 201, "a\0b", 1, None)),
    ],
    "/close": [
        *({"left_amount": wrong} for wrong in (*SUMS, None)),
        *({"note": wrong} for wrong in ("x" * 201, "a\0b", 1, None)),
    ],
}
WRONG_COUNTS = [
    *(({"cash": {"CHF": wrong}}, "cash.CHF") for wrong in (*SUMS, None)),
    *(({"cash": wrong}, "cash") for wrong in ([], "CHF", 1)),
    ({"cash": {}}, "cash.CHF"),
    ({"cash": {"CHF": 1, "USD": 1}}, "cash.USD"),
    ({"cash": {"CHF": 1}, "pieces": {"100": 1}}, "pieces"),
    ({"pieces": {"101": 1}}, "pieces.101"),
    *(({"pieces": {"100": wrong}}, "pieces.100") for wrong in (-1, 100_001, 10**400, "1", 1.0, True, None)),
    *(({"cash": {"CHF": 1}, "cards": wrong}, "cards") for wrong in SUMS),
    ({"cards": 1}, "cash"),
]


def test_wrong_values_are_refused_at_their_field(lot, cashier):
    good = {"": FLOAT | {"drawer": "Till 9"}, "/movements": DROP, "/close": {"left_amount": 0}}
    shift = make_shift(make_user("attendant", lot.operator), lot)
    for act, bodies in WRONG.items():
        path = f"/shifts/{shift.pk}{act}" if act else "/shifts"
        for body in bodies:
            answer = post(shift.person, path, good[act] | body)
            assert (answer.status_code, refusal(answer)[2]) == (422, list(body)), (act, body)
    for body, at in WRONG_COUNTS:
        answer = post(shift.person, f"/shifts/{shift.pk}/count", body)
        assert answer.status_code == 422, body
        assert refusal(answer)[2][0].startswith(at), (body, refusal(answer))
    assert refusal(post(shift.person, f"/shifts/{shift.pk}/movements", DROP | {"kind": "paid_out"}))[2] == ["reason"]
    shift.refresh_from_db()
    assert (shift.state, Shift.objects.count(), CashMovement.objects.count()) == ("open", 1, 0)
