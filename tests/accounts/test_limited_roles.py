"""Roles at some lots of an operator: what they open, and what stays with the operator as a whole."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest.mock import Mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from accounts import blocklist
from accounts.access import has_role, operators_of, runs_installation, runs_operator
from accounts.blocklist import BlockStandsError, BlockTerms, block_plate
from accounts.models import ApiKey, BlockedPlate, Membership
from accounts.people import set_up_person
from accounts.services import LastAdminError, change_role, remove_member
from billing.shifts.opening import open_shift
from common.errors import ForbiddenError, InvalidValueError, NotFoundError
from exports.export_kinds import kind_named, kinds_for
from lots.access import has_role_at, load_lot, lots_visible_to
from tests.factories import make_api_key, make_lot, make_operator, make_user

AT = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


class Place:
    """An operator with two lots, and somebody at one of them."""

    def __init__(self, role="admin"):
        self.operator = make_operator()
        self.one, self.other = make_lot(self.operator), make_lot(self.operator)
        self.boss = make_user("admin", self.operator)
        self.person = make_user(role, self.operator)
        self.member = self.person.memberships.get()
        change_role(membership=self.member, role=role, lot_ids=[self.one.pk], at=AT)


@pytest.mark.parametrize("role", ["admin", "attendant", "guard"])
def test_role_opens_its_lots_alone_and_no_operator(role):
    place = Place(role)

    assert list(lots_visible_to(place.person, role)) == [place.one]
    assert (has_role(place.person, role), has_role(place.person, role, place.operator)) == (True, False)
    assert not operators_of(place.person, role).exists()
    assert (has_role_at(place.person, role, place.one), has_role_at(place.person, role, place.other)) == (True, False)
    with pytest.raises(NotFoundError):
        load_lot(place.person, place.other.slug, role)


def test_lot_of_another_operator_is_not_opened_by_its_number():
    place, stranger = Place(), make_lot()
    Membership.objects.filter(pk=place.member.pk).update(lot_ids=[place.one.pk, stranger.pk])

    assert list(lots_visible_to(place.person, "admin")) == [place.one]


def test_lower_role_at_a_lot_is_told_apart_from_no_role():
    place = Place("guard")

    with pytest.raises(ForbiddenError):
        load_lot(place.person, place.one.slug, "attendant")
    assert not lots_visible_to(place.person).exists()


def test_roles_at_two_operators_stay_apart():
    place = Place("attendant")
    own = make_lot()
    place.person.memberships.create(operator=own.operator, role="admin")

    assert set(lots_visible_to(place.person)) == {place.one, own}
    assert list(lots_visible_to(place.person, "admin")) == [own]
    assert runs_operator(place.person)


def test_admin_of_some_lots_has_no_keys_and_runs_nothing():
    place = Place()
    boss = make_user("admin", place.operator)
    key = make_api_key(boss, at=now()).row
    change_role(membership=boss.memberships.get(), role="admin", lot_ids=[place.one.pk], at=now())

    assert not ApiKey.objects.standing(now()).filter(pk=key.pk).exists()
    assert ApiKey.objects.get(pk=key.pk).withdrawn_at is not None
    assert not runs_installation(boss)
    assert not runs_operator(boss)


def test_last_admin_of_all_lots_stays_one():
    place = Place()
    last = place.boss.memberships.get()

    for attempt in (
        lambda: change_role(membership=last, role="admin", lot_ids=[place.one.pk], at=AT),
        lambda: remove_member(membership=last, at=AT),
    ):
        with pytest.raises(LastAdminError):
            attempt()
    remove_member(membership=place.member, at=AT)


@pytest.mark.django_db(transaction=True)
def test_two_admins_are_never_limited_at_once():
    operator = make_operator()
    lot = make_lot(operator)
    members = [make_user("admin", operator).memberships.get() for _ in range(2)]
    start = Barrier(2)

    def limit(member):
        start.wait()
        try:
            change_role(membership=member, role="admin", lot_ids=[lot.pk], at=AT)
        except LastAdminError:
            return "stays"
        finally:
            connection.close()
        return "limited"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(limit, members)) == ["limited", "stays"]


def test_role_is_for_some_lot_and_back_for_all():
    place = Place()
    with pytest.raises(InvalidValueError):
        change_role(membership=place.member, role="admin", lot_ids=[], at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=place.member.pk).update(lot_ids=[])

    change_role(membership=place.member, role="admin", at=AT)
    assert set(lots_visible_to(place.person, "admin")) == {place.one, place.other}
    change_role(membership=place.member, role="admin", lot_ids=[place.one.pk], at=AT)
    set_up_person(email=place.person.email, role="admin", operator=place.operator.slug)
    assert runs_operator(place.person)


def test_attendant_of_one_lot_opens_no_till_at_the_other():
    place = Place("attendant")

    with pytest.raises(ForbiddenError):
        open_shift(person=place.person, lot=place.other, drawer="A", float_amount=0, at=AT)
    assert open_shift(person=place.person, lot=place.one, drawer="A", float_amount=0, at=AT).lot == place.one


def test_exports_of_the_operator_as_a_whole_are_not_offered():
    place = Place()
    offered = {kind.name for kind in kinds_for(place.person, "lots")}

    assert "stays" in offered
    assert "messages" not in offered
    assert "messages" in {kind.name for kind in kinds_for(place.boss, "lots")}
    assert list(kind_named("stays", "lots").operators(place.person)) == [place.operator.pk]


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.django_db(transaction=True)
def test_two_who_block_a_plate_at_once_on_other_terms_make_one_block(locked, monkeypatch):
    operator = make_operator()
    lots, start, meeting = [make_lot(operator), make_lot(operator)], Barrier(2), Barrier(2)
    create = BlockedPlate.objects.create

    def meet(**fields):
        meeting.wait(timeout=10)  # both have seen no block
        return create(**fields)

    if not locked:
        monkeypatch.setattr(blocklist, "Operator", Mock())
        monkeypatch.setattr(BlockedPlate.objects, "create", meet)

    def block(lot):
        start.wait()
        try:
            block_plate(
                operator=operator, plate="ZH 1", terms=BlockTerms("x", None, [lot.pk]), today=now().date(), at=now()
            )
        except (BlockStandsError, IntegrityError) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "blocked"

    with ThreadPoolExecutor(2) as threads:
        told = sorted(threads.map(block, lots))
    assert told == (["BlockStandsError", "blocked"] if locked else ["IntegrityError", "blocked"])
    assert BlockedPlate.objects.count() == 1
