"""Schemas of the endpoints for events."""

from typing import Annotated, Any

from ninja import Field, Schema

from api.bodies import PlainText

HIGHEST_NUMBER = 2**63 - 1
LONGEST_WAIT = 25


class EventOut(Schema):
    """One fact. Its `id` is its number among the operator's: they rise by one, without gaps.

    `timestamp` is when it happened; a late record is of the past. `data` is the `subject` as it was then.
    """

    id: int
    type: str
    timestamp: str
    subject: str
    lot: str | None
    data: dict[str, Any]


class EventsOut(Schema):
    """Events in their order, and where to go on: `after` of the next request. `last` is the number of the latest."""

    items: list[EventOut]
    after: int
    last: int


class EventsQuery(Schema):
    """Which events: those after a number, of these types and lots if any are named."""

    after: Annotated[int, Field(ge=0, le=HIGHEST_NUMBER)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    wait: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = 0
    type: list[PlainText] = []
    lot: list[PlainText] = []
    operator: PlainText = ""
