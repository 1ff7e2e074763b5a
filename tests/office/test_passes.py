"""The operator's pages of passes: found, sold, given, changed, suspended, cancelled, and the companies that have them."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import now

from passes.models import Company, Pass, PassOffer
from passes.services import HeldBy, run_imports
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_user
from tests.passes.sold import company_of, granted, offered, pool, reloaded

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
OFFER = {
    "name": "Nights",
    "kind": "night",
    "price": "60.00",
    "tax_percent": "8.1",
    "period": "1",
    "period_unit": "months",
    "days": ["mon", "tue"],
    "opens": "18:00",
    "closes": "08:00",
    "most_plates": "2",
    "pool_full": "pay",
    "renewal": "none",
    "grace_days": "5",
    "swaps_per_month": "2",
    "online": "on",
}


class PassOffice:
    """A lot, its admin and its attendant."""

    def __init__(self):
        self.lot = make_lot(spots={"regular": 3}, currency="CHF")
        self.admin, self.attendant = (make_user(role, self.lot.operator) for role in ("admin", "attendant"))

    def get(self, path="", person=None):
        return client_of(person or self.admin).get(f"/manage/passes/{path}")

    def post(self, path, person=None, **data):
        return client_of(person or self.admin).post(f"/manage/passes/{path}", data)

    def granted(self, *plates, **fields):
        offer = fields.pop("offer", None) or offered(self.lot)
        return granted(offer, *plates, at=now(), valid_from=now().date(), **fields)


@pytest.fixture
def office():
    return PassOffice()


def found(answer):
    return [row.held.code for row in answer.context["page"].object_list]


def test_passes_are_found_by_code_plate_holder_state_and_last_day(office):
    mine = office.granted("ZH 10", to=HeldBy(name="Ada Lovelace", email="ada@example.com"))
    fleet = office.granted(
        "BE 7", "BE 8", "BE 9", to=HeldBy(company=company_of(office.lot)), offer=offered(office.lot, most_plates=9)
    )
    last = mine.valid_until
    for text, codes in {
        mine.code.lower(): [mine.code],
        "zh1O": [mine.code],  # as the camera confuses them
        "lovelace": [mine.code],
        "helvetia": [fleet.code],
        "be 9": [fleet.code],
        "nobody": [],
        "": [fleet.code, mine.code],
    }.items():
        assert found(office.get(f"?q={text}", office.attendant)) == codes, text
    assert found(office.get(f"?until={last}")) == [mine.code, fleet.code]
    assert found(office.get(f"?until={last - DAY}")) == found(office.get("?status=suspended")) == []
    assert office.get("?until=never").status_code == 422
    stranger = make_user("admin", make_lot().operator)
    assert found(office.get("", stranger)) == []


def test_list_says_how_a_pass_is_used_in_few_queries(office, django_assert_max_num_queries):
    for number in range(12):
        office.granted(f"ZH {number}")
    client = client_of(office.admin)
    with django_assert_max_num_queries(14):
        page = client.get("/manage/passes/")
    assert len(found(page)) == 12


def test_offer_is_made_changed_and_withdrawn(office):
    answer = office.post("offers/new/", **OFFER, lots=[office.lot.pk])
    assert answer.status_code == 302, answer.context["form"].errors
    offer = PassOffer.objects.get()
    assert (offer.price_amount, offer.opens_minute, offer.closes_minute, offer.days, offer.online) == (
        6000,
        18 * 60,
        8 * 60,
        ["mon", "tue"],
        True,
    )
    shown = office.get(f"offers/{offer.pk}/").context["form"]
    again = {name: shown[name].value() for name in shown.fields if shown[name].value() not in (None, "", False)}
    assert office.post(f"offers/{offer.pk}/", **again).status_code == 302
    kept = PassOffer.objects.get()
    assert (kept.price_amount, kept.opens_minute, kept.tax_percent, kept.spaces) == (
        6000,
        1080,
        offer.tax_percent,
        None,
    )
    assert "60.00" in office.get("offers/").content.decode()
    office.post(f"offers/{offer.pk}/stop/")
    assert PassOffer.objects.get().archived_at is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("price", "-1"),
        ("price", "1.234"),
        ("price", "9" * 19),
        ("tax_percent", "101"),
        ("period", "0"),
        ("kind", "century"),
        ("days", ["doomsday"]),
        ("opens", "25:00"),
        ("opens", "24:00"),
        ("closes", "8"),
        ("most_plates", "0"),
        ("spaces", "99999999999999"),
        ("cancel_fee", "-2"),
        ("lots", ["99999999999999999999999"]),
        ("lots", []),
    ],
)
def test_what_can_not_be_sold_is_refused_at_its_field(office, field, value):
    answer = office.post("offers/new/", **OFFER | {"lots": [office.lot.pk]} | {field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not PassOffer.objects.exists()


def test_entries_without_a_number_and_lots_of_two_currencies_are_refused(office):
    other = make_lot(office.lot.operator, currency="EUR")
    answer = office.post("offers/new/", **OFFER | {"lots": [office.lot.pk], "kind": "entries"})
    assert "entries" in answer.context["form"].errors
    answer = office.post("offers/new/", **OFFER | {"lots": [office.lot.pk, other.pk]})
    assert "lots" in answer.context["form"].errors
    stranger = make_lot()
    assert office.post("offers/new/", **OFFER | {"lots": [stranger.pk]}).status_code == 422


def test_pass_is_given_to_a_company_with_an_invoice_and_to_a_person_by_address(office):
    offer, company, driver = offered(office.lot, most_plates=9), company_of(office.lot), make_user()
    driver.emailaddress_set.create(email=driver.email, verified=True, primary=True)
    today = now().date()
    wish = {"offer": offer.pk, "valid_from": today, "plates": "ZH 1\nZH 2, ZH 3"}
    assert office.post("new/", **wish, company=company.pk, invoiced="on", spaces=2, most_plates=50).status_code == 302
    fleet = Pass.objects.get()
    assert (fleet.company, fleet.spaces, fleet.most_plates, fleet.plates.count()) == (company, 2, 50, 3)
    assert fleet.periods.get().charge.balance_amount == 12000
    assert office.post("new/", **wish | {"plates": "ZH 1"}, name="Ada", email=driver.email).status_code == 302
    assert Pass.objects.get(holder=driver).periods.get().charge is None
    overlap = office.post("new/", **wish | {"plates": "ZH 1"}, name="Ada", email=driver.email)
    assert (overlap.status_code, list(overlap.context["form"].errors)) == (409, ["plates"])


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("valid_until", "2020-01-01", "valid_until"),
        ("plates", "…", "plates"),
        ("plates", "ZH 1\nZH 1", "plates"),
        ("plates", "ZH 1\nZH 2", "plates"),
        ("email", "nope", "email"),
        ("name", "", "name"),
        ("offer", "0", "offer"),
        ("spaces", "0", "spaces"),
    ],
)
def test_pass_that_can_not_be_is_refused_at_its_field(office, field, value, at):
    wish = {"offer": offered(office.lot).pk, "valid_from": now().date(), "plates": "ZH 1", "name": "Ada"}
    answer = office.post("new/", **wish | {field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [at])
    assert not Pass.objects.exists()


def test_pass_is_suspended_resumed_changed_and_cancelled_with_what_goes_back(office):
    offer = offered(office.lot, period_months=3, price_amount=30000, cancel_fee_amount=1000)
    company = company_of(office.lot)
    held = office.granted("ZH 1", offer=offer, invoiced=True, to=HeldBy(company=company))
    assert office.post(f"{held.code}/suspend/", office.attendant, **{"suspend-why": "x"}).status_code == 403
    office.post(f"{held.code}/suspend/", **{"suspend-why": "Car sold"})
    assert reloaded(held).status == "suspended"
    office.post(f"{held.code}/resume/")
    assert reloaded(held).status == "active"
    changed = {"valid_until": held.valid_until + DAY, "most_plates": 3, "pool_full": "deny", "why": "Asked by phone"}
    assert office.post(f"{held.code}/change/", **changed).status_code == 302
    assert (reloaded(held).most_plates, reloaded(held).pool_full) == (3, "deny")
    early = office.post(f"{held.code}/change/", **changed | {"valid_until": held.valid_from - DAY})
    assert list(early.context["form"].errors) == ["valid_until"]

    assert office.get(f"{held.code}/cancel/").context["unused"].refund_amount == 19000
    wrong = office.post(f"{held.code}/cancel/", why="Moved", refund=20000)
    assert (wrong.status_code, reloaded(held).status) == (422, "active")
    assert office.post(f"{held.code}/cancel/", why="Moved", refund=19000).status_code == 302
    assert (reloaded(held).status, held.periods.get().charge.balance_amount) == ("cancelled", 11000)
    assert "Moved" in office.get(f"{held.code}/").content.decode()


def test_plates_are_added_swapped_and_taken_off(office):
    held = office.granted("ZH 1", offer=offered(office.lot, most_plates=2))
    plates = f"{held.code}/plates/"
    office.post(f"{plates}add/", plate="ZH 2", label="Ada")
    office.post(f"{plates}change/", old="ZH 1", plate="ZH 3")
    assert sorted(held.plates.current().values_list("plate", flat=True)) == ["ZH 2", "ZH 3"]
    full = office.post(f"{plates}add/", plate="ZH 4")
    said = ["This pass is for 2 plates at most."]
    assert (full.status_code, full.context["plate_form"].errors["plate"]) == (422, said)
    twice = office.post(f"{plates}change/", old="ZH 2", plate="ZH 3")
    assert twice.status_code == 409
    assert twice.context["alter_form"].errors
    office.post(f"{plates}change/", old="ZH 2")
    assert list(held.plates.current().values_list("plate", flat=True)) == ["ZH 3"]


def test_company_is_written_changed_and_gets_people(office):
    given = {"name": "Acme Ltd", "email": "fleet@acme.example", "address": "1 High St"}
    office.post("companies/new/", **given)
    company = Company.objects.get()
    office.post(f"companies/{company.pk}/", **given | {"name": "Acme AG"})
    assert office.post("companies/new/", **given | {"name": "Acme AG"}).status_code == 422
    driver = make_user(password="s3cret-words")
    office.post(f"companies/{company.pk}/people/add/", **{"person-email": driver.email})
    manager = company.managers.get()
    assert manager.user == driver
    pool(office.lot, 2, "ZH 1", "ZH 2", company=company, at=now(), valid_from=now().date())
    page = office.get(f"companies/{company.pk}/").content.decode()
    assert driver.email in page
    assert "ZH 1" in page
    assert "Acme AG" in page
    office.post(f"companies/{company.pk}/people/{manager.pk}/remove/")
    office.post(f"companies/{company.pk}/archive/")
    assert not company.managers.exists()
    assert not office.get("companies/").context["page"].object_list
    nobody = office.post(f"companies/{company.pk}/people/add/", **{"person-email": "nobody@example.com"})
    assert nobody.status_code == 422
    assert "email" in nobody.context["person_form"].errors


def test_file_of_holders_is_shown_with_what_would_happen_and_then_imported(office):
    offer = offered(office.lot)
    file = SimpleUploadedFile("holders.csv", f"name,plates,valid_from\nAda,ZH 1,{now().date()}\nBob,…,1".encode())
    wrong = office.post("imports/", offer=offer.pk, file=file)
    run_imports(at=now())
    page = client_of(office.admin).get(wrong.url)
    assert [one["line"] for one in page.context["page"].object_list] == [3, 2]  # the wrong ones first
    assert "1 row is wrong." in page.content.decode()
    assert client_of(office.admin).post(f"{wrong.url}start/").status_code == 302
    file = SimpleUploadedFile("holders.csv", f"name,plates,valid_from\nAda,ZH 1,{now().date()}".encode())
    right = office.post("imports/", offer=offer.pk, file=file)
    assert "hx-trigger" in client_of(office.admin).get(right.url).content.decode()
    run_imports(at=now())
    assert "Give 1 pass" in client_of(office.admin).get(right.url).content.decode()
    assert not Pass.objects.exists()
    client_of(office.admin).post(f"{right.url}start/")
    run_imports(at=now())
    assert Pass.objects.get().code in client_of(office.admin).get(right.url).content.decode()
    broken = office.post("imports/", offer=offer.pk, file=SimpleUploadedFile("x.csv", b"colour\nred"))
    assert (broken.status_code, list(broken.context["form"].errors)) == (422, ["file"])
