"""Acts on many rows: chosen in a list, looked at, done by a worker row by row with what was refused, and undone."""

import uuid

import pytest
from django.utils.timezone import now

from accounts.models import Membership
from billing.models import Credit, Debt
from billing.services import write_off_debt
from lists.models import Batch, SavedView
from lists.services import BatchTooLargeError, clear_batches, run_batches, save_view, start_batch
from lists.services.batches import KEPT_FOR, MOST_ROWS
from notifications.models import Message
from office.bulk import row_acts
from reservations.models import Reservation
from tests.entrance.sessions import client_of
from tests.factories import make_reservation, make_user
from tests.office.list_worlds import DAY, HOUR, BookingsWorld, DebtsWorld, MessagesWorld, ReviewsWorld, StaysWorld
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def begin(world, act, query, **given):
    """Choose rows in the list, look at them, and send the form as it is shown."""
    shown = world.client.get(f"/manage/bulk/{act}/", query)
    assert shown.status_code == 200, shown
    form = shown.context["form"]
    sent = {"rows": form.initial["rows"], "key": str(form["key"].value()), "why": "cleared up"} | given
    answer = world.client.post(f"/manage/bulk/{act}/", sent)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return Batch.objects.latest("pk"), shown


def text_of(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def of_many(world, count):
    """Write off as many debts, some of them settled meanwhile, and look at the progress on the way."""
    batch, shown = begin(world, "write_off", {"all": "on"})
    paid = Debt.objects.order_by("pk")[:3]
    for debt in paid:
        debt.charge.due_amount = 100_000
        debt.charge.save(update_fields=["due_amount"])
    page = f"/manage/bulk/batches/{batch.pk}/"
    said = []

    def clock():
        tried = Batch.objects.get(pk=batch.pk).reached
        if tried == count // 2 and len(said) == 0:
            said.append(text_of(world.client.get(page, headers={"HX-Request": "true"})))
        return now()

    run_batches(clock=clock)
    batch.refresh_from_db()
    assert f"{count // 2:,} of {count:,} rows" in said[0]
    assert (batch.reached, batch.state, len(batch.refusals)) == (count, "done", 3)
    assert Credit.objects.filter(kind="waived", reason="cleared up", granted_by=world.admin).count() == count - 3
    assert Debt.objects.open().count() == 3
    done = text_of(world.client.get(page))
    assert world.client.get(page, headers={"HX-Request": "true"}).status_code == 286  # HTMX asks no more
    assert "Nothing is owed any more, or more than was shown." in done
    assert all(debt.plate in done for debt in paid)
    assert {one["row"] for one in batch.refusals} == {debt.pk for debt in paid}
    return shown


def test_many_debts_are_written_off_with_what_was_refused():
    shown = of_many(DebtsWorld(60), 60)

    assert shown.context["count"] == 60
    assert "and 10 more" in text_of(shown)


@pytest.mark.proof
def test_five_thousand_debts_are_written_off_with_progress():
    of_many(DebtsWorld(5000), 5000)


def test_filter_of_the_list_chooses_the_rows():
    world = DebtsWorld(60)
    wanted = world.wanted({"least": "20"})
    batch, _shown = begin(world, "write_off", {"all": "on", "least": "20", "sort": "owed", "list": "debts"})

    assert {key for key, _agreed in batch.rows} == wanted
    assert {agreed for _key, agreed in batch.rows} == {2000}


def test_stays_are_marked_as_parked_and_put_in_review_again():
    world = ReviewsWorld(6)
    numbers = list(Ticket.objects.values_list("number", flat=True)[:4])
    batch, _shown = begin(world, "return", {"stay": numbers})
    run_batches(clock=now)
    page = f"/manage/bulk/batches/{batch.pk}/"

    assert set(Ticket.objects.filter(status="active").values_list("number", flat=True)) == set(numbers)
    assert "Undo" in text_of(world.client.get(page))
    world.client.post(f"{page}undo/")
    run_batches(clock=now)
    assert Ticket.objects.filter(status="review").count() == 6
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("undone", 4)
    assert "Undo<" not in world.client.get(page).content.decode()


def test_stays_that_were_paid_are_not_voided():
    world = ReviewsWorld(0)
    world.add(40)
    batch, _shown = begin(world, "void", {"all": "on"})
    run_batches(clock=now)
    batch.refresh_from_db()
    paid = Ticket.objects.filter(charge__captured_amount__gt=0)

    assert {one["row"] for one in batch.refusals} == set(paid.values_list("pk", flat=True))
    assert Ticket.objects.filter(status="void").count() == batch.done > 0
    assert world.client.post(f"/manage/bulk/batches/{batch.pk}/undo/").status_code == 302
    batch.refresh_from_db()
    assert batch.state == "done"  # there is no way back


def test_only_stuck_messages_are_sent_again():
    world = MessagesWorld(20)
    parked = set(Message.objects.filter(state="parked").values_list("pk", flat=True))
    batch, _shown = begin(world, "send", {"row": list(Message.objects.values_list("pk", flat=True))})
    run_batches(clock=now)

    assert {key for key, _agreed in batch.rows} == parked
    assert not Message.objects.filter(state="parked").exists()


def test_bookings_are_cancelled_for_the_fee_that_was_shown():
    world = BookingsWorld(0)
    soon, later = (make_reservation(world.lots[0], f"ZH {n}", now() + n * DAY, now() + n * DAY + HOUR) for n in (1, 3))
    batch, shown = begin(world, "cancel", {"all": "on"})
    Reservation.objects.filter(pk=soon.pk).update(cancel_free_until=now() - HOUR, late_cancel_percent=50)
    run_batches(clock=now)
    batch.refresh_from_db()

    assert shown.context["count"] == 2
    assert [one["row"] for one in batch.refusals] == [soon.pk]
    later.refresh_from_db()
    assert later.status == "cancelled"


def test_batch_is_begun_once_and_goes_on_where_it_was_cut_off(monkeypatch):
    world = DebtsWorld(5)
    rows = [(debt.pk, debt.amount) for debt in Debt.objects.all()]
    key = uuid.uuid4()
    first, second = (
        start_batch(owner=world.admin, act="write_off", rows=rows, given={"why": "old"}, key=key, at=now())
        for _ in range(2)
    )
    assert first == second

    def clock():
        if Batch.objects.get().reached == 2:
            raise RuntimeError("the worker ends")
        return now()

    with pytest.raises(RuntimeError):
        run_batches(clock=clock)
    assert Batch.objects.get().reached == 2
    assert run_batches(clock=now) == 3
    assert not Debt.objects.open().exists()
    assert run_batches(clock=now) == 0
    assert clear_batches(at=now()) == 0
    assert clear_batches(at=now() + KEPT_FOR) == 1


def test_row_that_fails_does_not_keep_the_others_from_being_done(monkeypatch):
    world = DebtsWorld(3)
    batch, _shown = begin(world, "write_off", {"all": "on"})
    first = batch.rows[0][0]

    def fail_once(*, debt, **given):
        if debt.pk == first:
            raise ZeroDivisionError
        return write_off_debt(debt=debt, **given)

    monkeypatch.setattr(row_acts, "write_off_debt", fail_once)
    run_batches(clock=now)
    batch.refresh_from_db()
    assert batch.state == "done"
    assert [one["row"] for one in batch.refusals] == [first]
    assert "went wrong" in batch.refusals[0]["why"]
    assert list(Debt.objects.open().values_list("pk", flat=True)) == [first]


def test_who_lost_the_role_does_nothing_any_more():
    world = DebtsWorld(3)
    batch, _shown = begin(world, "write_off", {"all": "on"})
    Membership.objects.filter(user=world.admin).update(role="attendant")
    run_batches(clock=now)
    batch.refresh_from_db()

    assert (batch.done, len(batch.refusals)) == (0, 3)
    assert Debt.objects.open().count() == 3


def test_rows_of_others_are_not_chosen_and_batches_of_others_not_shown():
    world = DebtsWorld(3)
    batch, _shown = begin(world, "write_off", {"all": "on"})
    stranger = client_of(make_user("admin"))
    answer = stranger.get("/manage/bulk/write_off/", {"row": [key for key, _agreed in batch.rows]})

    assert answer.url == "/manage/debts/"
    assert stranger.get(f"/manage/bulk/batches/{batch.pk}/").status_code == 404
    assert stranger.post(f"/manage/bulk/batches/{batch.pk}/undo/").status_code == 404
    assert world.client.get("/manage/bulk/nonsense/").status_code == 404


@pytest.mark.parametrize("sent", [{}, {"rows": "x"}, {"rows": "1:2"}, {"rows": "1:2", "key": "x", "why": "so"}])
def test_forms_that_do_not_fit_are_shown_again(sent):
    answer = DebtsWorld(0).client.post("/manage/bulk/write_off/", sent)

    assert answer.status_code == 422
    assert not Batch.objects.exists()


def test_more_rows_than_a_batch_may_have_are_refused():
    rows = [(number, 0) for number in range(MOST_ROWS + 1)]
    with pytest.raises(BatchTooLargeError):
        start_batch(owner=make_user(), act="send", rows=rows, given={}, key=uuid.uuid4(), at=now())


def test_views_are_kept_without_the_text_and_lead_to_the_same_rows():
    world = StaysWorld(60)
    asked = {"status": "closed", "sort": "-paid", "per": "25", "q": "ZH"}
    query = "status=closed&sort=-paid&per=25&q=ZH&page=2"
    answer = world.client.post("/manage/views/stays/", {"name": "Left", "asked": query}, follow=True)

    view = SavedView.objects.get()
    assert view.asked == "status=closed&sort=-paid&per=25"
    assert "“Left” is saved." in text_of(answer)
    chip = answer.context["views"][0]
    assert chip.is_current
    rows = [row.pk for row in world.client.get(chip.href).context["page"].object_list]
    assert rows == [row.pk for row in world.page(**asked).object_list]
    world.client.post(f"/manage/saved-views/{view.pk}/remove/")
    assert not SavedView.objects.exists()


def test_views_are_their_persons_own_and_of_their_list():
    world = StaysWorld(0)
    save_view(owner=world.admin, listing="stays", name="Mine", asked="status=closed", at=now())
    other = client_of(make_user("admin", world.operator))

    assert [one.name for one in world.client.get("/manage/stays/").context["views"]] == ["Mine"]
    assert world.client.get("/manage/debts/").context["views"] == []
    assert other.get("/manage/stays/").context["views"] == []
    assert other.post(f"/manage/saved-views/{SavedView.objects.get().pk}/remove/").status_code == 404
    assert world.client.post("/manage/views/nonsense/", {"name": "x"}).status_code == 404


def test_view_with_a_known_name_is_replaced_and_only_so_many_are_kept():
    world = StaysWorld(0)
    for number in range(25):
        world.client.post("/manage/views/stays/", {"name": f"View {number}", "asked": "status=void"})
    assert SavedView.objects.count() == 20
    answer = world.client.post("/manage/views/stays/", {"name": "View 3", "asked": "status=paid"}, follow=True)
    assert SavedView.objects.get(name="View 3").asked == "status=paid"
    assert world.client.post("/manage/views/stays/", {"name": ""}, follow=True).status_code == 200
    assert answer.status_code == 200
