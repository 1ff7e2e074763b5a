"""How often the API may be called: by each person and each address, reads and writes apart; devices as they need.

An answer tells what is left by the `RateLimit` fields of draft-ietf-httpapi-ratelimit-headers.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from common.web.client_address import client_network
from common.web.rate_limits import Allowance, check_rate

READS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES_OF_READS = 5
"""One write may be made for so many reads."""
# A lane that is refused keeps a car waiting.
CALLS_OF_DEVICES = frozenset(
    {"post_read", "post_entry", "post_exit", "post_passage", "get_commands", "get_stream_of_commands", "post_ack"}
)
COUNTED = "parking.call_counted"
"""Set in the environment of a request, which our own server may ask again for a client that waits."""
GUESSES_PER_MINUTE = 60
"""Of credentials, for each address."""


def count_call(request: HttpRequest) -> None:
    """Count a call whose credentials, if any, are right. Raises TooManyRequestsError."""
    if COUNTED in request.META or (request.resolver_match and request.resolver_match.url_name in CALLS_OF_DEVICES):
        return
    request.META[COUNTED] = True
    known = getattr(request, "auth", None)
    kind, who = ("person", str(known.pk)) if isinstance(known, User) else ("address", client_network(request))
    per_minute = settings.API_PERSON_PER_MINUTE if kind == "person" else settings.API_ADDRESS_PER_MINUTE
    if request.method not in READS:
        kind, per_minute = f"{kind}-writes", per_minute // WRITES_OF_READS
    if per_minute:
        _keep(request, kind, check_rate(f"api-{kind}", who, per_minute=per_minute))


def count_guess(request: HttpRequest) -> None:
    """Count a call with wrong credentials or none. Raises TooManyRequestsError."""
    check_rate("api-credentials", client_network(request), per_minute=GUESSES_PER_MINUTE)


def tell_limits(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: say in each counted answer what is left."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        counted: tuple[str, Allowance] | None = getattr(request, "api_allowance", None)
        if counted is not None and response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            kind, left = counted
            response["RateLimit-Policy"] = f'"{kind}";q={left.limit};w=60'
            response["RateLimit"] = f'"{kind}";r={left.remaining};t={left.seconds}'
        return response

    return answer


def _keep(request: HttpRequest, kind: str, allowance: Allowance) -> None:
    request.api_allowance = kind, allowance  # type: ignore[attr-defined] # for tell_limits
