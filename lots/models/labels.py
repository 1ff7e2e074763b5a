"""What the choices of lots, spots and gates are called."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.languages import LANGUAGES
from lots.allocation import Strategy
from lots.booking_rules import Prepay
from lots.compatibility import SpotType
from lots.gate_rules import Direction, LowConfidence
from lots.observations import Source

SPOT_LABELS = {
    SpotType.COMPACT: _("Compact"),
    SpotType.REGULAR: _("Regular"),
    SpotType.LARGE: _("Large"),
    SpotType.MOTORCYCLE: _("Motorcycle"),
    SpotType.HANDICAP: _("Accessible"),
    SpotType.EV: _("Electric"),
}
STRATEGY_LABELS = {
    Strategy.NEAREST_ENTRANCE: _("Nearest to the entrance"),
    Strategy.NEAREST_ELEVATOR: _("Nearest to the lift"),
    Strategy.SPREAD: _("Spread over the levels"),
    Strategy.COMPACT_FIRST: _("Smallest spot that fits"),
    Strategy.FILL_FROM_TOP: _("Fill from the top"),
    Strategy.RANDOM: _("Random"),
}
LOW_CONFIDENCE_LABELS = {
    LowConfidence.TICKET: _("Open with a numbered ticket"),
    LowConfidence.ATTEND: _("Call an attendant"),
}
SOURCE_LABELS = {
    Source.SYSTEM: _("System"),
    Source.PERSON: _("Person"),
    Source.CHECKOUT: _("Checkout"),
    Source.SENSOR: _("Sensor"),
}
PREPAY_LABELS = {
    Prepay.NONE: _("At the exit"),
    Prepay.HOLD: _("Held on a card when booked"),
    Prepay.CAPTURE: _("Paid when booked"),
}
LANGUAGE_CHOICES = list(LANGUAGES.items())
DIRECTION_LABELS = {Direction.ENTRY: _("Entry"), Direction.EXIT: _("Exit")}


class SpotStatus(models.TextChoices):
    AVAILABLE = "available", _("Free")
    OCCUPIED = "occupied", _("Occupied")
    RESERVED = "reserved", _("Reserved")
    MAINTENANCE = "maintenance", _("Maintenance")


class Tracking(models.TextChoices):
    SPOTS = "spots", _("Every spot is known")
    LEVELS = "levels", _("Only cars are counted")
