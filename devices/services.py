"""Writes to devices and their keys."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import ConflictError
from devices.keys import DeviceKey, new_key
from devices.models import Device, DeviceKind
from lots.models import Gate
from lots.services import lock_lot


class KeyRevokedError(ConflictError):
    """The key was revoked before."""

    code = "key_revoked"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A device and its key, which is not stored."""

    device: Device
    key: str


@transaction.atomic
def issue_device_key(*, gate: Gate, kind: str, name: str, at: dt.datetime) -> IssuedKey:
    """Create a device at a gate and return it with its key, of which only the hash is stored.

    The default name is its kind, with a number when the gate has one of that name.
    """
    key = new_key()
    device = Device.objects.create(
        lot_id=gate.lot_id,
        gate=gate,
        kind=kind,
        name=name or _free_name(gate, kind),
        key_prefix=key.prefix,
        key_hash=key.hash,
        issued_at=at,
    )
    return IssuedKey(device, str(key))


@transaction.atomic
def keyless_machine(*, gate: Gate, name: str, at: dt.datetime) -> Device:
    """Return the machine of this name at a gate, for what is done there without a key; nobody gets the key it has."""
    lock_lot(gate.lot_id)
    machine = Device.objects.filter(gate=gate, name=name, revoked_at=None).select_related("lot").first()
    return machine or issue_device_key(gate=gate, kind=DeviceKind.KIOSK, name=name, at=at).device


@transaction.atomic
def revoke_device_key(*, device: Device, at: dt.datetime) -> Device:
    """Revoke a device's key: its next read is refused. Idempotent."""
    device = Device.objects.select_for_update().get(pk=device.pk)
    if device.revoked_at is None:
        device.revoked_at = at
        device.save(update_fields=["revoked_at"])
    return device


@transaction.atomic
def roll_device_key(*, device: Device, at: dt.datetime) -> IssuedKey:
    """Replace a device's key. Raises KeyRevokedError for a revoked device."""
    device = Device.objects.select_for_update().get(pk=device.pk)
    if device.revoked_at is not None:
        raise KeyRevokedError(_("This device was revoked. Issue a new key instead."))
    key = new_key()
    _store(device, key, at)
    return IssuedKey(device, str(key))


def _free_name(gate: Gate, kind: str) -> str:
    label = str(DeviceKind(kind).label)
    taken = set(gate.devices.values_list("name", flat=True))
    return next(name for name in (label, *(f"{label} {n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _store(device: Device, key: DeviceKey, at: dt.datetime) -> None:
    device.key_prefix, device.key_hash, device.issued_at = key.prefix, key.hash, at
    device.save(update_fields=["key_prefix", "key_hash", "issued_at"])
