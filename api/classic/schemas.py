"""Schemas of the classic API: camelCase, cents, and times in ISO 8601."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field
from pydantic import AfterValidator, ConfigDict
from pydantic.alias_generators import to_camel

from api.bodies import ObjectIn, PlainText
from common.plates import MAX_RAW_LENGTH

LONGEST_WORD = 60
Word = Annotated[PlainText, Field(max_length=LONGEST_WORD), AfterValidator(str.strip)]


class CamelCase(ObjectIn):
    """Fields in camelCase outside, in snake_case inside."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class ArrivingIn(CamelCase):
    """A car that enters; without a word for its type it is a car."""

    license_plate: Annotated[PlainText, Field(min_length=1, max_length=MAX_RAW_LENGTH)]
    vehicle_type: Word | None = None


class LeavingIn(CamelCase):
    """How the fee was paid."""

    payment_method: Annotated[Word, Field(min_length=1)]


class ClassicTicketOut(CamelCase):
    """A stay; amounts in cents, `durationMinutes` once it is over."""

    id: int
    ticket_number: str
    license_plate: str | None
    vehicle_type: str
    entry_time: datetime
    exit_time: datetime | None
    duration_minutes: int | None
    amount_paid: int
    status: Literal["active", "completed"]
    payment_method: str | None


class GarageStatsOut(CamelCase):
    """The garage now and today; `averageStayTime` is in minutes."""

    total_spaces: int
    occupied_spaces: int
    available_spaces: int
    occupied_spaces_percentage: int
    available_spaces_percentage: int
    hourly_rate: int
    todays_revenue: int
    vehicles_processed_today: int
    average_stay_time: int


class ClassicActivityOut(CamelCase):
    """Something that happened at a gate; `type` is its direction."""

    id: int
    type: Literal["entry", "exit"]
    ticket_number: str | None
    license_plate: str | None
    description: str
    amount: int | None
    timestamp: datetime


class ClassicStatusOut(CamelCase):
    status: str
