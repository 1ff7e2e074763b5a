"""What an API key needs for each call that people of operators may make, in one place.

A line is the method and the route as in the URLs, and the scopes, all of which are needed. `PERSONS` marks what only
people do, each with its own account. A call without a line is refused to keys.
"""

from functools import cache

from django.http import HttpRequest

PERSONS = "persons"
_ROOT = "api/v1/"

CALLS = """
GET exports exports:read
POST exports exports:write
GET exports/<int:export_id> exports:read
DELETE exports/<int:export_id> exports:write
GET exports/<int:export_id>/file exports:read
GET lots/<slug>/activities stays:read
GET lots/<slug>/dashboard reports:read
GET me persons
POST me/tickets persons
GET passes passes:read
POST passes passes:write
GET passes/<int:pass_id> passes:read
PATCH passes/<int:pass_id> passes:write
POST passes/<int:pass_id>/plates passes:write
GET reservations bookings:read
POST reservations bookings:write
GET reservations/<int:booking_id> bookings:read
PATCH reservations/<int:booking_id> bookings:write
DELETE reservations/<int:booking_id> bookings:write
POST reservations/<int:booking_id>/not-parked bookings:write
GET revenue-summary reports:read
POST tasks/cache-clear tasks:write
POST tasks/daily-reminders tasks:write
POST tasks/monthly-reports tasks:write
GET tasks/<int:task_id> tasks:read
GET tickets stays:read
POST tickets/<reference>/validations persons
DELETE tickets/<reference>/validations persons
GET users people:read
GET validation-types persons
"""


@cache
def calls() -> dict[tuple[str, str], frozenset[str]]:
    """Return the scopes of each call by its method and route; those for persons have none."""
    return {(method, route): _scopes(words) for method, route, *words in map(str.split, CALLS.strip().splitlines())}


def scopes_needed(request: HttpRequest) -> frozenset[str] | None:
    """Return the scopes that a key needs for a request; None for what no key may do."""
    match = request.resolver_match
    route = match.route.removeprefix(_ROOT) if match else ""
    return calls().get((request.method or "", route)) or None


def _scopes(words: list[str]) -> frozenset[str]:
    return frozenset() if words == [PERSONS] else frozenset(words)
