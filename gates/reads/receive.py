"""From what a device sends to the answer it gets: whose key it is, which gate is meant, what was read there."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import DomainError, ForbiddenError, InvalidValueError
from devices.keys import KnownDevice, find_device, known_device
from devices.models import Device, DeviceKind
from gates.commands import commands_for
from gates.reads.answer import DeviceChangedError, answer_read
from gates.reads.body import Read, parse_gate_read, parse_passage, parse_read
from gates.reads.gates import known_gate, load_gate
from gates.reads.releasing import release_waiting_car
from gates.reads.reply import instant
from gates.services.obeying import note_obeyed
from gates.services.passages import Passage, confirm_passage
from lots.models import Gate

BEARER = "bearer "


class UnknownKeyError(DomainError):
    """There is no key, or none that is known."""

    code = "unauthorized"
    status = 401

    def __init__(self, message: str = "Send credentials: `Authorization: Bearer …`.") -> None:
        super().__init__(message)


def receive_read(*, authorization: str, code: str, body: bytes, at: datetime) -> dict[str, Any]:
    """Answer a read that came at `at` for the gate of this code.

    Raises UnknownKeyError, MalformedBodyError, InvalidReadError, PlateError, NotFoundError, ForbiddenError,
    EventConflictError.
    """
    key = _key(authorization)
    device = _known(known_device(key))
    return _answer(key, device, code, parse_read(body, none_words=_none_words(device)), at)


def receive_named_read(*, authorization: str, direction: str, body: bytes, at: datetime) -> dict[str, Any]:
    """Answer a read whose body names its gate, which leads in this direction; otherwise as `receive_read`."""
    key = _key(authorization)
    device = _known(known_device(key))
    code, read = parse_gate_read(body, none_words=_none_words(device))
    gate = load_gate(code)[1]
    if _serves(device.device, gate) and gate.direction != direction:
        raise InvalidValueError(
            _("Gate %(code)s is an %(direction)s gate, not an %(direction2)s gate.")
            % {"code": code, "direction": gate.direction, "direction2": direction},
            path="gate",
        )
    return _answer(key, device, code, read, at)


def receive_passage(*, authorization: str, code: str, body: bytes, at: datetime) -> dict[str, Any]:
    """Note what became of an opening at the gate of this code; errors as `receive_read` and `confirm_passage`."""
    device = _known(find_device(_key(authorization))).device
    told = parse_passage(body)
    gate = _served(device, load_gate(code)[1])
    passage = Passage(told.event_id, told.of_event, told.outcome, (told.at or at).astimezone(UTC))
    return confirm_passage(device=device, gate_id=gate.pk, passage=passage, received_at=at)


def tell_commands(*, authorization: str, code: str, after: int, at: datetime) -> dict[str, Any]:
    """Tell a barrier at the gate of this code whether it is held open, and the commands since the one named `after`.

    As the barrier listens, a car that was asked to pay or to wait is let out as soon as it may leave.
    Raises UnknownKeyError, NotFoundError, ForbiddenError.
    """
    device = _known(find_device(_key(authorization))).device
    gate = _served(device, load_gate(code)[1])
    release_waiting_car(gate, device=device, at=at)
    items = [
        {
            "id": one.id,
            "event_id": str(one.event_id),
            "action": one.action,
            "reason": one.reason,
            "issued_at": instant(one.issued_at),
        }
        for one in commands_for(gate, after=after, at=at)
    ]
    return {"held_open": gate.is_held_open, "items": items}


def receive_ack(*, authorization: str, code: str, command_id: int, at: datetime) -> dict[str, Any]:
    """Note that the barrier at the gate of this code has obeyed a command.

    Raises UnknownKeyError, NotFoundError, ForbiddenError.
    """
    device = _known(find_device(_key(authorization))).device
    gate = _served(device, load_gate(code)[1])
    noted = note_obeyed(gate, command_id, device=device, at=at)
    return {"id": command_id, "obeyed_at": instant(noted.at), "replayed": noted.at != at}


def _answer(key: str, device: KnownDevice, code: str, read: Read, at: datetime) -> dict[str, Any]:
    """Answer a read of a cached device. Retry once with the device reloaded when it is stale."""
    if _serves(device.device, known_gate(code)[1]):
        try:
            return answer_read(device=device, code=code, read=read, received_at=at)
        except DeviceChangedError:
            pass
    device = _known(find_device(key))
    _served(device.device, load_gate(code)[1])
    return answer_read(device=device, code=code, read=read, received_at=at)


def _key(authorization: str) -> str:
    if not authorization.lower().startswith(BEARER):
        raise UnknownKeyError
    return authorization[len(BEARER) :].strip()


def _known(device: KnownDevice | None) -> KnownDevice:
    if device is None:
        raise UnknownKeyError(_("unknown device key"))
    return device


def _none_words(device: KnownDevice) -> frozenset[str]:
    words: frozenset[str] = settings.NO_PLATE_WORDS[device.device.kind]
    return words


def _served(device: Device, gate: Gate) -> Gate:
    if not _serves(device, gate):
        raise ForbiddenError(_("This key serves another gate."), code="wrong_gate")
    return gate


def _serves(device: Device, gate: Gate) -> bool:
    """Return whether a device serves a gate: its own, or for an edge box any of its lot."""
    return gate.pk == device.gate_id or (device.kind == DeviceKind.EDGE and gate.lot_id == device.lot_id)
