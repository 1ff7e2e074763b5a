"""A holder's account that is deleted."""

import pytest

from passes.models import Pass, PassPlate
from passes.services import HeldBy, cancel_pass
from retention.services import delete_account, what_keeps_account
from tests.factories import make_lot, make_user
from tests.passes.sold import NOW, bought, granted, offered
from tickets.queries import charges_about, documents_about

pytestmark = pytest.mark.django_db


def test_pass_that_has_not_ended_keeps_its_holder():
    held = granted(offered(make_lot()))

    assert what_keeps_account(held.holder).passes == [held]


def test_pass_that_has_ended_leads_to_nobody():
    held = granted(offered(make_lot()))
    cancel_pass(held_pass=held, by=held.holder, why="moved to Bern", at=NOW)

    delete_account(person=held.holder, at=NOW)
    held = Pass.objects.get()
    assert (held.holder, held.holder_name, held.email) == (None, "", "")
    assert not PassPlate.objects.exists()


def test_holder_finds_the_charges_of_a_pass():
    held = bought(offered(make_lot()))

    assert charges_about(held.holder).get() == held.periods.get().charge
    assert documents_about(held.holder).count() == 0


@pytest.mark.parametrize("proven", [True, False])
def test_pass_of_an_address_leads_to_nobody_when_the_account_that_owns_it_is_deleted(proven):
    person = make_user(password="s3cret-words") if proven else make_user()
    held = granted(offered(make_lot()), to=HeldBy(name="Ada", email=person.email.upper()))
    cancel_pass(held_pass=held, by=None, why="moved to Bern", at=NOW)

    delete_account(person=person, at=NOW)

    held = Pass.objects.get()
    assert (held.holder_name, held.email != "", held.plates.exists()) == (
        ("", False, False) if proven else ("Ada", True, True)
    )
