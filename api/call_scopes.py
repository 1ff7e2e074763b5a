"""What an API key needs for each call that people of operators may make, in one place.

A line is the method and the route as in the URLs, and the scopes, all of which are needed. `PERSONS` marks what only
people do, each with its own account. A call without a line is refused to keys.
"""

from functools import cache

from django.http import HttpRequest

PERSONS = "persons"
_ROOT = "api/v1/"

CALLS = """
GET documents documents:read
GET documents/<int:document_id> documents:read
GET events events:read
GET exports exports:read
POST exports exports:write
GET exports/<int:export_id> exports:read
DELETE exports/<int:export_id> exports:write
GET exports/<int:export_id>/file exports:read
GET lot-settings lots:read
POST lots lots:write
PATCH lots/<slug> lots:write
DELETE lots/<slug> lots:write
GET lots/<slug>/activities stays:read
GET lots/<slug>/analytics reports:read
GET lots/<slug>/dashboard reports:read
GET lots/<slug>/gates gates:read
POST lots/<slug>/gates gates:write
GET lots/<slug>/gates/<code> gates:read
PATCH lots/<slug>/gates/<code> gates:write
DELETE lots/<slug>/gates/<code> gates:write
GET lots/<slug>/levels lots:read
POST lots/<slug>/levels lots:write
GET lots/<slug>/levels/<number> lots:read
PATCH lots/<slug>/levels/<number> lots:write
DELETE lots/<slug>/levels/<number> lots:write
POST lots/<slug>/levels/<number>/zones lots:write
GET lots/<slug>/settings lots:read
GET lots/<slug>/spots lots:read stays:read
GET lots/<slug>/spots/<path:number> lots:read stays:read
PATCH lots/<slug>/spots/<path:number> lots:write stays:read
GET lots/<slug>/tariffs tariffs:read
POST lots/<slug>/tariffs tariffs:write
GET lots/<slug>/tariffs/<int:tariff_id> tariffs:read
PATCH lots/<slug>/tariffs/<int:tariff_id> tariffs:write
DELETE lots/<slug>/tariffs/<int:tariff_id> tariffs:write
PATCH lots/<slug>/zones/<int:zone_id> lots:write
DELETE lots/<slug>/zones/<int:zone_id> lots:write
GET me persons
POST me/tickets persons
GET passes passes:read
POST passes passes:write
GET passes/<int:pass_id> passes:read
PATCH passes/<int:pass_id> passes:write
POST passes/<int:pass_id>/plates passes:write
GET payments payments:read
GET payments/<int:payment_id> payments:read
POST payments/<int:payment_id>/refunds payments:write
GET refunds/<refund_id> payments:read
POST refunds/<refund_id>/approve persons
POST refunds/<refund_id>/reject persons
GET reservations bookings:read
POST reservations bookings:write
GET reservations/<int:booking_id> bookings:read
PATCH reservations/<int:booking_id> bookings:write
DELETE reservations/<int:booking_id> bookings:write
POST reservations/<int:booking_id>/not-parked bookings:write
GET revenue-summary reports:read
GET shifts payments:read
POST shifts persons
GET shifts/<int:shift_id> payments:read
POST shifts/<int:shift_id>/close persons
POST shifts/<int:shift_id>/count persons
POST shifts/<int:shift_id>/movements persons
GET tasks/<int:task_id> tasks:read
POST tasks/cache-clear tasks:write
POST tasks/daily-reminders tasks:write
POST tasks/monthly-reports tasks:write
GET tickets stays:read
POST tickets/<reference>/validations persons
DELETE tickets/<reference>/validations persons
GET users people:read
POST users people:write
GET users/<int:member_id> people:read
PATCH users/<int:member_id> people:write
DELETE users/<int:member_id> people:write
DELETE users/invitations/<int:invitation_id> people:write
GET validation-types persons
GET webhooks events:read
POST webhooks events:write
GET webhooks/<int:webhook_id> events:read
PATCH webhooks/<int:webhook_id> events:write
DELETE webhooks/<int:webhook_id> events:write
GET webhooks/<int:webhook_id>/deliveries events:read
POST webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/again events:write
POST webhooks/<int:webhook_id>/replay events:write
POST webhooks/<int:webhook_id>/secret events:write
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
