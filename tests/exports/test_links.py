"""Who gets a file: its person, and for a day who has the mailed link."""

import datetime as dt
import re

import pytest
from django.core import mail, signing
from django.test import Client
from django.utils.timezone import now

from exports.models import Export
from exports.services import cancel_export, clear_exports, revoke_link
from notifications.delivery import deliver_due
from notifications.models import Message
from tests.entrance.sessions import client_of
from tests.exports.orders import asked, content, written
from tests.factories import make_lot, make_ticket, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin():
    lot = make_lot()
    make_ticket(lot, "ZH 1")
    return make_user("admin", lot.operator)


def body(answer):
    return b"".join(answer.streaming_content)


def mailed(person, **more):
    """Write an export, deliver its mail, and return both."""
    export = written(person, mail=True, **more)
    deliver_due(at=now())
    (sent,) = mail.outbox
    return export, sent


def path_in(sent):
    return re.search(r"https?://[^/]+(/exports/\S+)", sent.body)[1]


def test_the_file_is_its_persons(admin):
    export = written(admin)
    address = f"/me/exports/{export.pk}/file/"
    answer = client_of(admin).get(address)

    assert body(answer) == content(export)
    assert answer["Content-Disposition"].startswith('attachment; filename="stays-')
    assert answer["Cache-Control"].count("no-store")
    for other in (make_user(), make_user("admin", admin.memberships.get().operator)):
        assert client_of(other).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_the_mailed_link_gives_the_file_for_a_day_and_to_nobody_else_who_is_signed_in(admin, monkeypatch):
    export, sent = mailed(admin)
    path = path_in(sent)

    assert sent.to == [admin.email]
    assert body(Client().get(path)) == body(client_of(admin).get(path)) == content(export)
    assert Client().get(path)["X-Robots-Tag"] == "noindex, nofollow"
    assert client_of(make_user()).get(path).status_code == 404
    assert Client().get(path.replace("/exports/", "/exports/x")).status_code == 404
    real = signing.time.time
    monkeypatch.setattr(signing.time, "time", lambda: real() + 23.9 * 3600)
    assert Client().get(path).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: real() + 24.1 * 3600)
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "end",
    [
        lambda export, _: revoke_link(export=export),
        lambda export, _: cancel_export(export=export, at=now()),
        lambda *_: clear_exports(at=now() + dt.timedelta(days=8)),
        lambda _, person: person.memberships.all().delete(),
        lambda _, person: type(person).objects.filter(pk=person.pk).update(is_active=False),
    ],
    ids=["revoked", "removed", "expired", "role lost", "account closed"],
)
def test_the_mailed_link_ends_with_what_it_rests_on(admin, end):
    export, sent = mailed(admin)
    end(export, admin)

    assert Client().get(path_in(sent)).status_code == 404


def test_a_revoked_link_leaves_the_file_to_its_person(admin):
    export, sent = mailed(admin)
    client = client_of(admin)
    assert client.post(f"/me/exports/{export.pk}/revoke/").status_code == 302

    assert Client().get(path_in(sent)).status_code == 404
    assert client.get(f"/me/exports/{export.pk}/file/").status_code == 200


def test_who_lost_the_role_loses_the_file(admin):
    export, client = written(admin), client_of(admin)
    admin.memberships.all().delete()

    assert client.get(f"/me/exports/{export.pk}/file/").status_code == 404
    assert client.get(f"/api/v1/exports/{export.pk}/file").status_code == 404


def test_a_small_csv_is_attached_if_asked_for(admin, monkeypatch):
    export, sent = mailed(admin, attach=True)
    ((name, attached, kind),) = sent.attachments

    assert (attached.encode() if isinstance(attached, str) else attached) == content(export)
    assert (name.rpartition(".")[2], kind) == ("csv", "text/csv")
    assert "attached" in sent.body
    html = sent.alternatives[0][0]
    assert "attached" in html
    assert path_in(sent) in html
    mail.outbox.clear()
    monkeypatch.setattr("exports.export_mails.LARGEST_ATTACHED", 1)
    _, sent = mailed(admin, attach=True)
    assert sent.attachments == []


def test_the_mail_speaks_the_language_of_its_person(admin):
    admin.locale = "de-DE"
    admin.save()
    _, sent = mailed(admin)

    assert sent.subject.startswith("Ihr Export ist fertig: ")


def test_no_mail_goes_out_unasked_or_to_an_address_that_is_not_verified(admin):
    written(admin)
    admin.emailaddress_set.update(verified=False)
    written(admin, mail=True)

    assert not Message.objects.exists()


def test_pages_lead_from_the_list_to_the_file(admin):
    client = client_of(admin)
    shown = client.get("/manage/stays/?status=active").content.decode()
    (path,) = re.findall(r'href="(/me/exports/new/lots/stays/[^"]*)"', shown)
    page = client.get(path)
    assert page.context["count"] == 1
    assert "state: active" in page.content.decode()

    form = {"file_format": "csv", "delimiter": ";", "key": page.context["form"]["key"].value()}
    assert client.post(path, form).status_code == client.post(path, form).status_code == 302
    (export,) = Export.objects.all()
    assert (export.asked, export.delimiter, export.bom, export.owner) == ("status=active", ";", False, admin)
    assert "Waiting" in client.get("/me/exports/").content.decode()
    assert client.post(f"/me/exports/{export.pk}/cancel/").status_code == 302
    assert "Cancelled" in client.get("/me/exports/").content.decode()
    answer = client.get(f"/me/exports/{export.pk}/file/", follow=True)
    assert "the export is cancelled" in answer.content.decode()


@pytest.mark.parametrize("more", [{"file_format": "pdf"}, {"delimiter": "|"}, {"key": "x"}])
def test_a_form_that_does_not_fit_is_refused(admin, more):
    form = {"file_format": "csv", "delimiter": ",", "key": "6f9b8bd0-3c33-4a02-a1c2-7c6c1f4a2f3d"}
    assert client_of(admin).post("/me/exports/new/lots/stays/", form | more).status_code == 422
    assert not Export.objects.exists()


def test_too_many_are_refused_at_the_form(admin):
    for _ in range(10):
        asked(admin)
    form = {"file_format": "csv", "delimiter": ",", "key": "6f9b8bd0-3c33-4a02-a1c2-7c6c1f4a2f3d"}
    answer = client_of(admin).post("/me/exports/new/lots/stays/", form)

    assert answer.status_code == 429
    assert "10 exports of yours are not finished yet" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "status"), [("own/debts", 404), ("lots/nothing", 404), ("x/stays", 404), ("lots/stays", 403)]
)
def test_what_there_is_not_and_what_is_not_theirs(path, status):
    assert client_of(make_user()).get(f"/me/exports/new/{path}/").status_code == status


LISTS = [
    "/manage/stays/", "/manage/reviews/", "/manage/payments/", "/manage/debts/", "/manage/documents/", "/manage/bookings/",
    "/manage/events/", "/manage/exceptions/", "/manage/revenue/lines/", "/me/history/", "/me/documents/", "/me/bookings/",
    "/me/vehicles/",
]  # fmt: skip


def test_every_list_leads_to_a_file_of_its_rows(admin):
    client = client_of(admin)
    for page in LISTS:
        links = re.findall(r'href="(/me/exports/new/[^"]*)"', client.get(page).content.decode())
        assert len(links) == 1, page
        assert client.get(links[0]).status_code == 200, page
    part = client.get("/manage/stays/?status=active", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-swap-oob="true"' in part
    assert "/lots/stays/?status=active" in part
