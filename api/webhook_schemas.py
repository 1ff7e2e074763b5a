"""Schemas of the endpoints for webhooks."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from api.bodies import ObjectIn, PlainText
from api.event_schemas import HIGHEST_NUMBER
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize


class WebhookIn(ObjectIn):
    """A new webhook: of all types and lots unless some are named. `operator` is needed by admins of several."""

    url: PlainText = Field(max_length=500)
    name: PlainText = Field("", max_length=80)
    types: list[PlainText] = []
    lots: list[PlainText] = []
    operator: PlainText = ""


class WebhookChangeIn(ObjectIn):
    """What changes of a webhook; what is left out stays. Active goes on where it stopped."""

    url: PlainText | None = Field(None, max_length=500)
    name: PlainText | None = Field(None, max_length=80)
    types: list[PlainText] | None = None
    lots: list[PlainText] | None = None
    status: Literal["active", "paused"] | None = None


class ReplayIn(ObjectIn):
    """After which event everything is sent again; 0 for all that is kept."""

    after: Annotated[int, Field(strict=True, ge=0, le=HIGHEST_NUMBER)]


class WebhookOut(Schema):
    """A webhook. Events up to `after` are planned, so many deliveries are `waiting`.

    The `status` is active, paused, or disabled by the answer 410. Nothing got through since `failing_since`.
    """

    id: int
    operator: str
    name: str
    url: str
    types: list[str]
    lots: list[str]
    status: str
    after: int
    waiting: int
    failing_since: datetime | None
    disabled_at: datetime | None
    old_secret_until: datetime | None
    created_at: datetime


class WebhookWithSecretOut(WebhookOut):
    """A webhook with its secret, which no other answer tells."""

    secret: str


class WebhooksOut(Schema):
    """A page of webhooks."""

    items: list[WebhookOut]
    total: int
    page: int
    page_size: int


class DeliveryOut(Schema):
    """One event on its way to one webhook: waiting, delivered or given_up. The answer is that of the last try."""

    id: int
    message_id: str
    event: dict[str, Any]
    status: str
    tries: int
    next_at: datetime | None
    tried_at: datetime | None
    status_code: int | None
    answer: str
    error: str
    took_ms: int | None


class DeliveriesOut(Schema):
    """A page of deliveries, those of the latest events first."""

    items: list[DeliveryOut]
    total: int
    page: int
    page_size: int


class PageQuery(Schema):
    """Which page."""

    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE
