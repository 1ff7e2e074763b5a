"""The root of the API: its documentation, its routers and its error handlers."""

from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, ValidationError

from api.call_limits import count_guess
from api.errors import refusal_of, wrong_values
from api.openapi import DocumentedAPI
from common.errors import DomainError
from common.web.problem import domain_problem, problem
from common.web.rate_limits import TooManyRequestsError

DESCRIPTION = "Gates, lots, tickets, bookings and payments. Amounts are integers in minor units; instants are RFC 3339."
CODES = {400: "malformed", 401: "unauthorized", 403: "forbidden", 404: "not_found", 413: "too_large"}

api = DocumentedAPI(
    title="Parking",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    openapi_extra={
        "tags": [
            {"name": "Gates", "description": "For cameras, barriers and kiosks, with a device's key."},
            {"name": "Public", "description": "For everyone, without a key."},
            {"name": "People", "description": "For signed-in people and operators’ programs: what their role may see."},
            {"name": "Operators", "description": "For operators’ admins and programs: their lots, prices and people."},
            {"name": "Programs", "description": "For operators’ programs, with an API key."},
        ]
    },
)


@api.exception_handler(DomainError)
@api.exception_handler(Http404)
@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
@api.exception_handler(InternalError)
def refuse(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a rule's refusal, a missing row or a database outage."""
    refused = refusal_of(error)
    if refused is None:
        raise error
    return refused


@api.exception_handler(ValidationError)
def refuse_invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a body or query with invalid values."""
    return problem(422, "invalid", _("Some values are invalid; see errors."), errors=wrong_values(error))


@api.exception_handler(HttpError)
def refuse_http(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer malformed requests."""
    return problem(error.status_code, CODES.get(error.status_code, "invalid"), str(error))


@api.exception_handler(AuthenticationError)
def refuse_anonymous(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    """Ask for credentials; who guesses them has to wait."""
    try:
        count_guess(request)
    except TooManyRequestsError as error:
        return domain_problem(error)
    response = problem(401, "unauthorized", _("Send credentials: `Authorization: Bearer …`."))
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(AuthorizationError)
def refuse_forbidden(_request: HttpRequest, _error: AuthorizationError) -> HttpResponse:
    """Answer that the caller is known but may not do this."""
    return problem(403, "forbidden", _("You may not do this."))


api.add_router("", "api.gate_reads.router")
api.add_router("", "api.tickets.router")
api.add_router("", "api.validations.router")
api.add_router("", "api.lots.router")
api.add_router("", "api.quotes.router")
api.add_router("", "api.status.router")
api.add_router("", "api.dashboard.router")
api.add_router("", "api.booking_calls.router")
api.add_router("", "api.pass_calls.router")
api.add_router("", "api.export_calls.router")
api.add_router("", "api.event_calls.router")
api.add_router("", "api.webhook_calls.router")
api.add_router("", "api.task_calls.router")
api.add_router("", "api.payment_calls.router")
api.add_router("", "api.document_calls.router")
api.add_router("", "api.shift_calls.router")
api.add_router("", "api.oauth.router")
api.add_router("", "api.lot_records.router")
api.add_router("", "api.place_records.router")
api.add_router("", "api.spot_records.router")
api.add_router("", "api.gate_records.router")
api.add_router("", "api.tariff_records.router")
api.add_router("", "api.people_records.router")
