import pytest
from django.forms.models import model_to_dict
from django.utils.timezone import now

from common.db.rows import new_row
from devices.models import Device, DeviceKind


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
