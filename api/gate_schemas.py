"""Schemas of the gate endpoints, for the OpenAPI document only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import BaseModel

LARGEST_KEY = 2**63 - 1
LONGEST_WAIT = 25


class AnswerTicketOut(Schema):
    number: str
    entry_time: datetime
    exit_time: datetime | None
    status: str
    plate: str | None
    link: str


class AnswerSpotOut(Schema):
    number: str | None
    level: int
    level_name: str
    zone: str | None
    type: str


class FeeOut(Schema):
    amount: int
    currency: str
    lines: list[dict[str, Any]]
    tax: int


class AnswerOut(Schema):
    event_id: UUID
    action: str
    reason: str
    ticket: AnswerTicketOut | None
    spot: AnswerSpotOut | None
    fee: FeeOut | None
    message: str
    replayed: bool


class CommandsQuery(Schema):
    after: int = Field(0, ge=0, le=LARGEST_KEY, description="The `id` of the last command that was obeyed")
    wait: int = Field(0, ge=0, le=LONGEST_WAIT, description="How many seconds an answer without commands may take")


class CommandOut(Schema):
    id: int
    event_id: UUID
    action: str
    reason: str
    issued_at: datetime


class CommandsOut(Schema):
    held_open: bool
    items: list[CommandOut]


class ObeyedOut(Schema):
    id: int
    obeyed_at: datetime
    replayed: bool


class PassageOut(Schema):
    event_id: UUID
    of_event: UUID | None
    outcome: str
    replayed: bool


DEVICE_KEY: dict[str, Any] = {"security": [{"device_key": []}]}


def body_of(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """Return the OpenAPI description of a JSON body that the endpoint validates itself, with an example."""
    content = {"application/json": {"schema": model.model_json_schema(), "example": example}}
    return {"requestBody": {"required": True, "content": content}, **DEVICE_KEY}
