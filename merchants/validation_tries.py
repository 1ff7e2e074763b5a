"""How often people of merchants, and drivers at a shop, may try to find a stay."""

from django.http import HttpRequest

from accounts.models import User
from common.web.client_address import client_network
from common.web.rate_limits import check_rate

VALIDATIONS_PER_MINUTE = 30


def check_lookup(request: HttpRequest, person: User | None) -> None:
    """Count one try to find a stay. Raises TooManyRequestsError, by the person or else by the address."""
    who = str(person.pk) if person is not None else client_network(request)
    check_rate("validation", who, per_minute=VALIDATIONS_PER_MINUTE)
