"""Writes to gates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.db.constraints import refused_by
from common.errors import ConflictError, FieldError, InvalidValueError
from lots.models import Gate, Lot
from lots.services.locks import assert_lot_locked


class GateCodeTakenError(ConflictError):
    """Another gate has this code, possibly at a lot of another operator."""

    code = "gate_code_taken"


@transaction.atomic
def create_gate(*, lot: Lot, code: str, values: Mapping[str, Any]) -> Gate:
    """Create a gate from its direction and other values by field name. Raises GateCodeTakenError."""
    message = _("Another gate has the code %(code)s. Choose another.") % {"code": code}
    with refused_by("code", GateCodeTakenError(message, errors=[FieldError("code", message)])):
        return Gate.objects.create(lot=lot, code=code, **values)


@transaction.atomic
def change_gate(*, gate: Gate, values: Mapping[str, Any]) -> Gate:
    """Change the fields named in `values`; never the code and the lot, by which devices know the gate."""
    gate = Gate.objects.select_for_update(of=("self",)).select_related("lot").get(pk=gate.pk)
    if values.get("is_closed") is False:
        values = {**values, "closed_by": None, "closed_why": ""}
    changed = [name for name, value in values.items() if getattr(gate, name) != value]
    for name in changed:
        setattr(gate, name, values[name])
    if changed:
        gate.save(update_fields=changed)
    return gate


@transaction.atomic
def close_gate(*, gate: Gate, by: User, why: str) -> Gate:
    """Take a gate out of service, in a person's name: an entry turns walk-ins away, exits are never affected.

    One that is out of service keeps its person and reason. Raises InvalidValueError without a reason.
    """
    why = why.strip()
    if not why:
        raise InvalidValueError(_("Say why in a few words."), path="why")
    gate = Gate.objects.select_for_update(of=("self",)).select_related("lot").get(pk=gate.pk)
    if gate.is_closed:
        return gate
    return change_gate(gate=gate, values={"is_closed": True, "closed_by": by, "closed_why": why})


@transaction.atomic
def reopen_gate(*, gate: Gate) -> Gate:
    """Put a gate back in service."""
    return change_gate(gate=gate, values={"is_closed": False})


def hold_gate_open(*, gate: Gate, by: User, why: str, at: datetime) -> Gate:
    """Keep a gate's barrier up, in a person's name; the lot's lock is held."""
    assert_lot_locked(gate.lot_id)
    return change_gate(gate=gate, values={"held_open_since": at, "held_open_by": by, "held_open_why": why})


def end_gate_hold(*, gate: Gate) -> Gate:
    """Let a gate's barrier open and close by its reads again; the lot's lock is held."""
    assert_lot_locked(gate.lot_id)
    return change_gate(gate=gate, values={"held_open_since": None, "held_open_by": None, "held_open_why": ""})


def remove_gate(*, gate: Gate) -> None:
    """Remove a gate that was never used: the caller has seen that no device and no event is of it."""
    gate.delete()
