"""API endpoints for events: an operator's feed."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from accounts.access import load_operator
from accounts.models import Operator
from api.auth import people_auth, person_of
from api.event_schemas import EventsOut, EventsQuery
from api.webhook_examples import EVENTS
from common.errors import InvalidValueError
from common.web.asking_again import ask_again, still_waits
from events.event_json import event_json
from events.models import EventType
from events.queries import events_after, last_number
from events.services import number_events

router = Router(tags=["People"], auth=people_auth)


@router.get("/events", response=EventsOut, summary="What happened since", openapi_extra=EVENTS)
def get_events(request: HttpRequest, query: Query[EventsQuery]) -> JsonResponse:
    """Return an operator's events after a number, in their order. For its admins.

    Ask again with the `after` of the answer: nothing is left out, and nothing comes in another order. With `wait` an
    answer without events may take so many seconds. Events are kept for 90 days, unless the installation says otherwise;
    the first answer after a number that is no longer kept begins with the oldest one.
    """
    operator = load_operator(person_of(request), query.operator)
    if unknown := set(query.type) - set(EventType.values):
        raise InvalidValueError(_("There is no type %(name)s.") % {"name": min(unknown)}, path="type")
    number_events()
    feed = _feed(operator, query)
    answer = JsonResponse(feed)
    if not feed["items"] and still_waits(request, query.wait):
        ask_again(answer)
    return answer


def _feed(operator: Operator, query: EventsQuery) -> dict[str, Any]:
    last = last_number(operator)
    events = events_after(operator, query.after, types=query.type, lots=query.lot, limit=query.limit)
    reached = (events[-1].number or 0) if events else query.after
    if len(events) < query.limit:
        # All up to the last was looked through, also what the filters left out.
        reached = max(reached, last)
    return {"items": [event_json(event) for event in events], "after": reached, "last": last}
