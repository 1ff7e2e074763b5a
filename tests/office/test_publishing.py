"""Which lots the public sees: not those that are being set up, nor those that are archived."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from gates.services import LotNotReadyError, publish_lot, setup_steps
from lots.models import Lot
from tests.entrance.sessions import client_of
from tests.factories import HOURLY, make_device, make_gate, make_lot, make_operator, make_tariff, make_ticket, make_user
from tickets.services import LotOccupiedError, archive_lot

pytestmark = pytest.mark.django_db

PUBLIC = ["/lots/tower/", "/board/tower/", "/api/v1/lots/tower", "/api/v1/lots/tower/availability"]
QUOTE = {"entry": "2026-03-02T08:15:00+01:00", "exit": "2026-03-02T10:47:00+01:00"}


def ready_lot(**fields):
    lot = make_lot(slug="tower", name="Tower", **fields)
    make_gate(lot, "entry", "tower-in")
    make_gate(lot, "exit", "tower-out")
    return lot


@pytest.fixture
def lot():
    return ready_lot(published=False)


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


def is_public(client):
    answers = {path: client.get(path).status_code for path in PUBLIC}
    answers["quote"] = client.post("/api/v1/lots/tower/quote", QUOTE, content_type="application/json").status_code
    assert len(set(answers.values())) == 1, answers
    listed = [one["slug"] for one in client.get("/api/v1/lots").json()["items"]]
    assert ("tower" in listed) == ("Tower" in client.get("/").content.decode()) == (200 in answers.values())
    return 200 in answers.values()


def test_new_lot_of_a_page_is_not_public_until_it_is_published(client):
    person = client_of(make_user("admin", make_operator()))
    person.post(
        reverse("office:lot_new"),
        {"name": "Tower", "city": "Zürich", "timezone": "Europe/Zurich", "currency": "CHF"},
    )
    lot = Lot.objects.get()
    assert not is_public(client)
    page = person.get(reverse("office:lot", args=["tower"])).content.decode()
    assert "Setting up" in page
    assert "Setting up" in person.get(reverse("office:lots")).content.decode()
    assert ">Publish<" not in page

    answer = person.post(reverse("office:lot_publishing", args=["tower"]), {"published": "yes"}, follow=True)
    said = "It still needs spots, an entry gate, an exit gate and a tariff for today."
    assert said in answer.content.decode()
    assert not Lot.objects.get(pk=lot.pk).published


def test_lot_with_everything_is_published_and_taken_off_again(client, admin, lot):
    assert not is_public(client)
    url = reverse("office:lot_publishing", args=["tower"])
    assert ">Publish<" in admin.get(reverse("office:lot", args=["tower"])).content.decode()
    assert "is public" in admin.post(url, {"published": "yes"}, follow=True).content.decode()
    assert is_public(client)
    admin.post(url, {"published": "no"})
    assert not is_public(client)


@pytest.mark.parametrize(
    ("lacking", "name"), [(0, "spots"), (1, "an entry gate"), (2, "an exit gate"), (3, "a tariff for today")]
)
def test_lot_that_lacks_one_thing_says_which(lacking, name):
    lot = make_lot(slug="tower", published=False, spots={} if lacking == 0 else None, tariff=None)
    for number, direction in ((1, "entry"), (2, "exit")):
        if number != lacking:
            make_gate(lot, direction)
    make_tariff(lot, HOURLY, valid_from="2099-01-01") if lacking == 3 else make_tariff(lot)
    assert [step.name for step in setup_steps(lot, at=now()) if not step.is_done] == [name]
    with pytest.raises(LotNotReadyError, match=f"still needs {name}."):
        publish_lot(lot=lot, at=now())


def test_gates_of_a_lot_that_is_not_public_work(client, lot):
    _, key = make_device(lot.gates.get(direction="entry"))
    answer = client.post(
        "/api/v1/gates/tower-in/reads",
        {"event_id": "7b1c5c0e-0d7a-4a53-8f0e-9d1f6a0f5f11", "plate": "ZH 1", "confidence": 0.99},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.json()["action"] == "open"


def test_archived_lot_is_hidden_and_keeps_its_history():
    lot = ready_lot()
    stay = make_ticket(lot, "ZH 1", status="closed", exit_at=now(), closed_reason="grace")
    admin = client_of(make_user("admin", lot.operator))
    url = reverse("office:lot_archiving", args=["tower"])
    assert "Nothing is deleted" in admin.get(url).content.decode()
    admin.post(url)

    lot.refresh_from_db()
    assert (lot.archived_at is not None, lot.is_closed, lot.published) == (True, True, False)
    assert not is_public(Client())
    link = reverse("office:lot", args=["tower"])
    lists = [reverse("office:lots"), reverse("office:gates"), reverse("office:tariffs"), "/manage/", "/desk/"]
    for path in lists:
        assert "Tower" not in admin.get(path).content.decode().replace("Tower is archived.", ""), path
    assert link in admin.get(f"{reverse('office:lots')}?archived=yes").content.decode()
    assert admin.get(link).status_code == 200
    assert stay.number in admin.get("/manage/stays/?lot=tower").content.decode()
    assert admin.get(f"/manage/stays/{stay.number}/").status_code == 200

    admin.post(reverse("office:lot_restoring", args=["tower"]))
    lot.refresh_from_db()
    assert (lot.archived_at, lot.is_closed, lot.published) == (None, True, False)
    assert link in admin.get(reverse("office:lots")).content.decode()


def test_lists_of_lots_in_use_and_of_archived_lots_lead_to_each_other():
    lot = ready_lot()
    admin = client_of(make_user("admin", lot.operator))
    lots = reverse("office:lots")
    assert f"{lots}?archived=yes" not in admin.get(lots).content.decode()

    archive_lot(lot=lot, at=now())

    assert f'<a href="{lots}?archived=yes">1 archived</a>' in admin.get(lots).content.decode()
    assert f'<a href="{lots}">Lots in use</a>' in admin.get(f"{lots}?archived=yes").content.decode()


@pytest.mark.parametrize(("status", "said"), [("active", "1 car inside"), ("review", "1 stay in review")])
def test_lot_with_a_stay_that_is_not_settled_is_not_archived(status, said):
    lot = ready_lot()
    make_ticket(lot, status=status)
    with pytest.raises(LotOccupiedError, match=said):
        archive_lot(lot=lot, at=now())
    lot.refresh_from_db()
    assert lot.archived_at is None


def test_archived_lot_is_published_only_after_it_was_restored():
    lot = archive_lot(lot=ready_lot(), at=now())
    with pytest.raises(LotNotReadyError, match="Restore it first"):
        publish_lot(lot=lot, at=now())


def test_closed_lot_says_so_where_its_free_spots_stood():
    lot = ready_lot(is_closed=True)
    make_lot(lot.operator, name="Second")
    admin = client_of(make_user("admin", lot.operator))
    home = admin.get("/manage/").content.decode()
    row = home[home.index('id="lot-tower"') :].split("</div>\n</div>")[0]
    assert '<p class="places-free">closed</p>' in row
    listed = admin.get(reverse("office:lots")).content.decode()
    assert '<td class="number cell-key">Closed</td>' in listed
    page = admin.get(reverse("office:lot", args=["tower"])).content.decode()
    assert "5 of 5 free" not in page


def test_overview_of_a_lot_lists_its_levels_from_the_top_down():
    lot = make_lot(levels=3)
    home = client_of(make_user("admin", lot.operator)).get("/manage/").content.decode()
    assert home.index(">Level 2<") < home.index(">Level 1<") < home.index(">Ground<")
