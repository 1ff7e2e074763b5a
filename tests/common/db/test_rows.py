import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.utils.timezone import now

from accounts.models import Operator
from common.db.loaded import keep_loaded
from common.db.rows import add_unless_taken, new_row
from devices.models import Device, DeviceKind
from lots.models import Gate
from tests.factories import make_gate, make_lot, make_operator


def test_new_row_is_the_models_own():
    columns = {"lot_id": 3, "gate_id": 5, "name": "Camera", "key_prefix": "pk_1", "key_hash": b"1"}
    own, row = Device(**columns), new_row(Device, **columns)
    assert own.issued_at <= row.issued_at <= now()
    row.issued_at = own.issued_at
    assert model_to_dict(row) == model_to_dict(own)
    assert row.kind == DeviceKind.CAMERA
    assert row.pk is None
    assert row._state.adding


def test_new_row_refuses_what_is_no_column():
    with pytest.raises(TypeError, match="Device has no column lot"):
        new_row(Device, lot=3)


@pytest.mark.django_db
def test_row_is_added_unless_its_value_is_taken(django_assert_num_queries):
    row, again = (Operator(slug="alpha", name=name, currency="CHF") for name in ("Alpha", "Another"))

    with django_assert_num_queries(2):
        assert add_unless_taken(row, "slug")
        assert not add_unless_taken(again, "slug")
    assert Operator.objects.get() == row
    assert not row._state.adding
    assert again.pk is None


@pytest.mark.django_db
def test_row_that_breaks_another_constraint_is_an_error():
    row = Gate(lot=make_lot(), code="in-1", direction="up")

    with pytest.raises(IntegrityError, match="gate_direction_known"), transaction.atomic():
        add_unless_taken(row, "code")


@pytest.mark.django_db
def test_related_row_that_was_loaded_is_kept_while_it_is_the_same(django_assert_num_queries):
    known = make_gate(make_lot())
    row = keep_loaded(Gate.objects.get(), known, "lot")

    with django_assert_num_queries(0):
        assert row.lot is known.lot
    known.lot = make_lot(make_operator())
    assert keep_loaded(Gate.objects.get(), known, "lot").lot != known.lot
