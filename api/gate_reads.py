"""API endpoints for devices at gates: reads, passages and commands."""

from django.http import HttpRequest, JsonResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.errors import HttpError

from api.gate_examples import ACK, COMMANDS, ENTRY, EXIT, PASSAGE, READ
from api.gate_schemas import AnswerOut, CommandsOut, CommandsQuery, ObeyedOut, PassageOut
from common.web.asking_again import ask_again, still_waits
from gates.reads.receive import receive_ack, receive_named_read, receive_passage, receive_read, tell_commands
from lots.gate_rules import Direction

LARGEST_BODY = 65_536

router = Router(tags=["Gates"])


@router.post(
    "/gates/{code}/reads",
    response=AnswerOut,
    auth=None,
    openapi_extra=READ,
    summary="Report a plate at a gate",
)
def post_read(request: HttpRequest, code: str) -> JsonResponse:
    """Answer one read at a gate: open, pay, deny or attend."""
    return JsonResponse(receive_read(authorization=_authorization(request), code=code, body=_body(request), at=now()))


@router.post("/entry", response=AnswerOut, auth=None, openapi_extra=ENTRY, summary="Report a plate at an entry")
def post_entry(request: HttpRequest) -> JsonResponse:
    """Answer a read at an entry gate that the body names."""
    return _towards(request, Direction.ENTRY)


@router.post("/exit", response=AnswerOut, auth=None, openapi_extra=EXIT, summary="Report a plate at an exit")
def post_exit(request: HttpRequest) -> JsonResponse:
    """Answer a read at an exit gate that the body names."""
    return _towards(request, Direction.EXIT)


@router.post(
    "/gates/{code}/passages",
    response=PassageOut,
    auth=None,
    openapi_extra=PASSAGE,
    summary="Report that a car drove through",
)
def post_passage(request: HttpRequest, code: str) -> JsonResponse:
    """Record what followed an opening: the car passed or backed out, or the barrier failed."""
    return JsonResponse(
        receive_passage(authorization=_authorization(request), code=code, body=_body(request), at=now())
    )


@router.get(
    "/gates/{code}/commands",
    response=CommandsOut,
    auth=None,
    openapi_extra=COMMANDS,
    summary="Ask what the barrier has to do",
)
def get_commands(request: HttpRequest, code: str, asked: Query[CommandsQuery]) -> JsonResponse:
    """Return whether the gate is held open, and the commands since the one with the id `after` that were not obeyed.

    A car that was asked to pay or to wait at an exit is let out by this as soon as it may leave. With `wait` an answer
    without commands may take so many seconds.
    """
    commands = tell_commands(authorization=_authorization(request), code=code, after=asked.after, at=now())
    answer = JsonResponse(commands)
    if not commands["items"] and still_waits(request, asked.wait):
        ask_again(answer)
    return answer


@router.get(
    "/stream/gates/{code}/commands",
    response=CommandsOut,
    auth=None,
    openapi_extra=COMMANDS,
    summary="Wait for what the barrier has to do",
)
def get_stream_of_commands(request: HttpRequest, code: str, asked: Query[CommandsQuery]) -> JsonResponse:
    """Answer as `/gates/{code}/commands`."""
    return get_commands(request, code, asked)


@router.post(
    "/gates/{code}/commands/{command_id}/ack",
    response=ObeyedOut,
    auth=None,
    openapi_extra=ACK,
    summary="Report that the barrier has obeyed",
)
def post_ack(request: HttpRequest, code: str, command_id: int) -> JsonResponse:
    """Note that a command was obeyed, so that it is not told again; the first report stays."""
    return JsonResponse(receive_ack(authorization=_authorization(request), code=code, command_id=command_id, at=now()))


def _towards(request: HttpRequest, direction: str) -> JsonResponse:
    answer = receive_named_read(
        authorization=_authorization(request), direction=direction, body=_body(request), at=now()
    )
    return JsonResponse(answer)


def _authorization(request: HttpRequest) -> str:
    return request.headers.get("Authorization", "")


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        raise HttpError(400, _("The Content-Length is not a number."))
    if int(length) > LARGEST_BODY:
        raise HttpError(413, _("The body may have at most %(most)s bytes.") % {"most": LARGEST_BODY})
    return request.body
