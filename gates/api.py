"""The JSON face of the gates: reads come in, answers go out."""

from django.http import HttpRequest, JsonResponse
from django.utils.timezone import now
from ninja import Router
from ninja.errors import AuthenticationError, HttpError

from common.errors import ForbiddenError, InvalidValueError, NotFoundError
from gates.keys import find_device
from gates.models import Device, DeviceKind, Direction, Gate
from gates.reading import GateReadBody, PassageBody, ReadBody, parse_gate_read, parse_passage, parse_read
from gates.schemas import AnswerOut, PassageOut, body_of
from gates.services import answer_read, confirm_passage
from gates.services.passages import Passage

LARGEST_BODY = 65_536
BEARER = "bearer "

router = Router(tags=["gates"])


@router.post("/gates/{code}/reads", response=AnswerOut, auth=None, openapi_extra=body_of(ReadBody))
def post_read(request: HttpRequest, code: str) -> JsonResponse:
    """Answer one read at a gate: open, pay, deny or attend."""
    device = _device(request)
    read = parse_read(_body(request))
    gate_id, _ = _gate(device, code)
    return JsonResponse(answer_read(device=device, gate_id=gate_id, read=read, received_at=now()))


@router.post("/entry", response=AnswerOut, auth=None, openapi_extra=body_of(GateReadBody))
def post_entry(request: HttpRequest) -> JsonResponse:
    """Answer a read at an entry gate that the body names."""
    return _answer_towards(request, Direction.ENTRY)


@router.post("/exit", response=AnswerOut, auth=None, openapi_extra=body_of(GateReadBody))
def post_exit(request: HttpRequest) -> JsonResponse:
    """Answer a read at an exit gate that the body names."""
    return _answer_towards(request, Direction.EXIT)


@router.post("/gates/{code}/passages", response=PassageOut, auth=None, openapi_extra=body_of(PassageBody))
def post_passage(request: HttpRequest, code: str) -> JsonResponse:
    """Tell what became of an opening: the car passed, backed out, or the barrier is at fault."""
    device = _device(request)
    body = parse_passage(_body(request))
    gate_id, _ = _gate(device, code)
    received_at = now()
    passage = Passage(body.event_id, body.of_event, body.outcome, body.at or received_at)
    return JsonResponse(confirm_passage(device=device, gate_id=gate_id, passage=passage, received_at=received_at))


def _answer_towards(request: HttpRequest, direction: str) -> JsonResponse:
    device = _device(request)
    code, read = parse_gate_read(_body(request))
    gate_id, leads = _gate(device, code)
    if leads != direction:
        raise InvalidValueError(f"Gate {code} is an {leads} gate, not an {direction} gate.", path="gate")
    return JsonResponse(answer_read(device=device, gate_id=gate_id, read=read, received_at=now()))


def _device(request: HttpRequest) -> Device:
    header = request.headers.get("Authorization", "")
    device = find_device(header[len(BEARER) :].strip()) if header.lower().startswith(BEARER) else None
    if device is None:
        raise AuthenticationError
    return device


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise HttpError(413, f"The body may have at most {LARGEST_BODY} bytes.")
    return request.body


def _gate(device: Device, code: str) -> tuple[int, str]:
    """Return the key and direction of a gate the device serves.

    Raises NotFoundError for a gate that does not exist and ForbiddenError for one that another key serves.
    """
    if code == device.gate.code:
        return device.gate_id, device.gate.direction
    gate = Gate.objects.filter(code=code).first()
    if gate is None:
        raise NotFoundError("There is no such gate.", code="gate_not_found")
    if device.kind != DeviceKind.EDGE or gate.lot_id != device.lot_id:
        raise ForbiddenError("This key serves another gate.", code="wrong_gate")
    return gate.pk, gate.direction
