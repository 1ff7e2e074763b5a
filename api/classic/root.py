"""The root of the classic API: its routers, and its errors as messages."""

from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from api.classic.access import caller_of
from api.errors import as_message, refusal_of, wrong_values
from common.errors import DomainError
from common.web.problem import problem

caller: Any = caller_of

classic = NinjaAPI(title="Parking, one garage", urls_namespace="classic", docs_url=None, openapi_url=None, auth=caller)


@classic.exception_handler(DomainError)
@classic.exception_handler(Http404)
@classic.exception_handler(OperationalError)
@classic.exception_handler(InterfaceError)
@classic.exception_handler(InternalError)
def refuse_with_message(_request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer a rule's refusal, a missing row or a database outage."""
    refused = refusal_of(error)
    if refused is None:
        raise error
    return as_message(refused)


@classic.exception_handler(ValidationError)
def refuse_value(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer a body or query with invalid values by the first of them."""
    one = wrong_values(error)[0]
    return as_message(problem(400, "invalid", f"{one.path}: {one.message}" if one.path else one.message))


@classic.exception_handler(HttpError)
def refuse_body(_request: HttpRequest, error: HttpError) -> HttpResponse:
    """Answer malformed requests."""
    return as_message(problem(error.status_code, "malformed", str(error)))


classic.add_router("", "api.classic.garage.router")
