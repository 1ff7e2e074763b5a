"""Device keys: shown once, stored as a hash, found fast, ended at once."""

import datetime as dt
import uuid

import pytest

from devices.keys import find_device, known_device, parse_key
from devices.models import Device
from devices.services import KeyRevokedError, issue_device_key, revoke_device_key, roll_device_key
from gates.models import GateEvent
from lots.models import Gate
from tests.factories import make_device, make_gate, make_lot
from tests.gates.lanes import Lane

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate():
    return make_gate(make_lot())


def test_issued_key_finds_its_device_with_gate_and_lot(gate, django_assert_num_queries):
    issued = issue_device_key(gate=gate, kind="camera", name="Lane 1", at=AT)
    with django_assert_num_queries(1):
        device = find_device(issued.key).device
        assert (device.pk, device.gate.code, device.lot.pk) == (issued.device.pk, gate.code, gate.lot_id)


def test_issued_key_is_stored_as_a_hash_only(gate):
    issued = issue_device_key(gate=gate, kind="camera", name="", at=AT)
    secret = parse_key(issued.key).secret
    stored = " ".join(str(value) for value in issued.device.__dict__.values())
    assert secret not in stored
    assert secret not in repr(parse_key(issued.key))
    assert len(bytes(issued.device.key_hash)) == 32


def test_second_key_of_a_gate_leaves_the_first_working(gate):
    first, second = (issue_device_key(gate=gate, kind="camera", name="", at=AT) for _ in range(2))
    assert first.key != second.key
    assert find_device(first.key).device.pk == first.device.pk
    assert find_device(second.key).device.pk == second.device.pk


def test_found_device_is_remembered(gate, django_assert_num_queries):
    _, key = make_device(gate)
    found = known_device(key)
    with django_assert_num_queries(0):
        assert known_device(key) == found


@pytest.mark.parametrize(
    "key",
    ["", "pk_", "nothing", "pk_0123456789ab_", "pk_\x00_x", "pk_" + "a" * 500, "pk_é_é", "xx_0123456789ab_" + "a" * 43],
)
def test_misshapen_key_finds_nothing_without_a_query(key, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert find_device(key) is None


def test_right_prefix_with_wrong_secret_finds_nothing(gate):
    device, key = make_device(gate)
    wrong = f"pk_{device.key_prefix}_{'A' * 43}"
    assert find_device(wrong) is None
    assert find_device(key) is not None


def test_revoked_key_finds_nothing(gate):
    issued = issue_device_key(gate=gate, kind="camera", name="", at=AT)
    assert find_device(issued.key)
    revoke_device_key(device=issued.device, at=AT)
    assert find_device(issued.key) is None


def test_read_with_a_key_that_another_process_revoked_is_refused_at_once(gate):
    lane = Lane(gate.lot, "entry")
    assert lane.read()["action"] == "open"
    # Another process knows nothing of what this one remembers.
    Device.objects.filter(pk=lane.device.pk).update(revoked_at=AT)

    response = lane.send({"event_id": str(uuid.uuid4()), "plate": "ZH 1"})

    assert response.status_code == 401
    assert GateEvent.objects.count() == 1


def test_read_at_a_gate_that_was_renamed_or_moved_meanwhile_is_refused(gate):
    lane = Lane(gate.lot, "entry")
    assert lane.read()["action"] == "open"
    Gate.objects.filter(pk=lane.gate.pk).update(code="elsewhere")

    assert lane.send({"event_id": str(uuid.uuid4()), "plate": "ZH 1"}).status_code == 404
    Device.objects.filter(pk=lane.device.pk).update(gate=gate)
    path = "/api/v1/gates/elsewhere/reads"
    assert lane.send({"event_id": str(uuid.uuid4()), "plate": "ZH 1"}, path).status_code == 403
    assert GateEvent.objects.count() == 1


def test_revoking_twice_keeps_the_first_time(gate):
    issued = issue_device_key(gate=gate, kind="camera", name="", at=AT)
    revoke_device_key(device=issued.device, at=AT)
    again = revoke_device_key(device=issued.device, at=AT + dt.timedelta(days=1))
    assert again.revoked_at == AT


def test_rolled_key_replaces_the_old_one(gate):
    old = issue_device_key(gate=gate, kind="camera", name="", at=AT)
    find_device(old.key)
    new = roll_device_key(device=old.device, at=AT)
    assert find_device(old.key) is None
    assert find_device(new.key).device.pk == old.device.pk


def test_rolling_a_revoked_device_is_refused(gate):
    issued = issue_device_key(gate=gate, kind="camera", name="", at=AT)
    revoke_device_key(device=issued.device, at=AT)
    with pytest.raises(KeyRevokedError):
        roll_device_key(device=issued.device, at=AT)
