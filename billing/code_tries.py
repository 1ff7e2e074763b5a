"""How often one address may try promo codes."""

from django.http import HttpRequest

from common.web.client_address import client_network
from common.web.rate_limits import check_rate

CODES_PER_MINUTE = 20


def check_code_tries(request: HttpRequest, typed: str | None) -> None:
    """Count one try of a promo code, if there is one. Raises TooManyRequestsError."""
    if typed:
        check_rate("promo-code", client_network(request), per_minute=CODES_PER_MINUTE)
