"""The page on which admins correct what is inside a lot that only counts cars."""

import pytest
from django.utils.timezone import now

from lots.calendar import local_day
from lots.models import CountCorrection
from reports.operator_month import month_from_json, operator_month
from tests.factories import make_lot, make_ticket, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(slug="lakeside", spots={"regular": 5}, tracking="levels")


@pytest.fixture
def admin(client, lot):
    client.force_login(make_user("admin", lot.operator))
    return client


def correct(client, lot, inside, reason="Walk round", count=None):
    data = {"count": count or lot.counts.get().pk, "inside": inside, "reason": reason}
    return client.post(f"/manage/lots/{lot.slug}/counts/", data, follow=True)


def test_count_is_corrected_and_listed(admin, lot):
    make_ticket(lot)
    page = correct(admin, lot, 3).content.decode()
    assert "The count is corrected." in page
    assert "1 correction, 2 cars more and 0 fewer" in page
    assert "Walk round" in page
    assert "As many cars were counted already." in correct(admin, lot, 3).content.decode()
    assert CountCorrection.objects.count() == 1


@pytest.mark.parametrize(
    ("inside", "reason", "said"), [(0, "x", "1 cars are known"), (9, "x", "Only 5"), (2, "", "required")]
)
def test_what_can_not_be_is_refused_at_its_field(admin, lot, inside, reason, said):
    make_ticket(lot)
    answer = correct(admin, lot, inside, reason)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not CountCorrection.objects.exists()


def test_counts_of_other_lots_are_not_corrected(admin, lot):
    other = make_lot(slug="other", spots={"regular": 5}, tracking="levels")
    assert correct(admin, lot, 3, count=other.counts.get().pk).status_code == 422
    assert correct(admin, other, 3).status_code == 404
    known = make_lot(lot.operator, slug="known")
    assert admin.get("/manage/lots/known/counts/")["Location"] == f"/manage/lots/{known.slug}/"


def test_the_month_of_the_operator_tells_the_same_corrections(admin, lot):
    for inside in (3, 5, 4):
        correct(admin, lot, inside)
    month = operator_month(lot.operator, local_day(lot, now()).replace(day=1), at=now())
    [told] = month.corrected
    rows = list(CountCorrection.objects.values_list("added", flat=True))
    assert (told.times, told.more, told.fewer) == (3, sum(n for n in rows if n > 0), -sum(n for n in rows if n < 0))
    assert month_from_json(month.as_json()) == month
    before = {name: value for name, value in month.as_json().items() if name != "corrected"}
    assert month_from_json(before).corrected == ()
