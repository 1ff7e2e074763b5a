"""Cars by their plates: vehicles of drivers, permits, and plates that are blocked."""

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models.operators import DebtConsequence, Operator
from accounts.models.users import User
from accounts.vehicles import VehicleType
from common.db.choices import choices_of, values_of
from common.db.sealed_fields import EncryptedTextField
from common.notes import LONGEST_NOTE
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from common.regions import LONGEST_KEY

VEHICLE_LABELS = {
    VehicleType.MOTORCYCLE: _("Motorcycle"),
    VehicleType.COMPACT: _("Compact car"),
    VehicleType.REGULAR: _("Car"),
    VehicleType.LARGE: _("Van or truck"),
}


class Vehicle(models.Model):
    """A driver's vehicle, found by its normalised plate."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="vehicles")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    vehicle_type = models.CharField(max_length=12, choices=choices_of(VEHICLE_LABELS), default=VehicleType.REGULAR)
    electric = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["plate_normalised"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "plate_normalised"], name="vehicle_plate_once_per_owner"),
            models.CheckConstraint(condition=Q(vehicle_type__in=values_of(VehicleType)), name="vehicle_type_known"),
        ]
        indexes = [models.Index(fields=["plate_normalised"], name="vehicle_plate")]

    def __str__(self) -> str:
        return self.plate


class PermitKind(models.TextChoices):
    """What a permit is for: an accessible one gives accessible spots, of the others people at the desk are told."""

    ACCESSIBLE = "accessible", _("Accessible parking")
    RESIDENT = "resident", _("Resident")
    STAFF = "staff", _("Staff")
    SUPPLIER = "supplier", _("Supplier")
    OTHER = "other", _("Other")


class Permit(models.Model):
    """A permit on a plate, valid at one operator's lots, first and last day included."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="permits")
    kind = models.CharField(
        max_length=10, choices=PermitKind.choices, default=PermitKind.ACCESSIBLE, db_default=PermitKind.ACCESSIBLE
    )
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    number = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="permit_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(kind__in=PermitKind.values), name="permit_kind_known"),
        ]
        indexes = [models.Index(fields=["operator", "plate_normalised"], name="permit_plate")]

    def __str__(self) -> str:
        return f"Permit {self.plate}"


class BlockedPlateQuerySet(models.QuerySet["BlockedPlate"]):
    """Filters of the blocklist."""

    def in_force(self) -> "BlockedPlateQuerySet":
        """Keep the blocks that nobody has lifted; some of them may have had their last day."""
        return self.filter(lifted_at__isnull=True)

    def stopping(self, *, lot_id: int, day: dt.date) -> "BlockedPlateQuerySet":
        """Keep the blocks that stop cars at a lot on a local day."""
        here = Q(lot_ids__isnull=True) | Q(lot_ids__contains=[lot_id])
        return self.in_force().filter(here, Q(last_day__isnull=True) | Q(last_day__gte=day))


class BlockedPlate(models.Model):
    """A plate that an operator does not let in; matched exactly, without confusable characters.

    With a `region`, as a key, it blocks only cars that meet that, where a lot tells cars by it. One `for_debts` was
    made at the limit of open debts and goes with them; it has the operator's `debt_consequence`, so it may only demand
    prepayment. It holds up to its `last_day`, that of each lot's own clock included, at the lots with the keys
    `lot_ids`; empty: until it is lifted, at all lots.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="blocked_plates")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    region = models.CharField(max_length=LONGEST_KEY, blank=True)
    reason = EncryptedTextField(max_length=LONGEST_NOTE)
    blocked_at = models.DateTimeField()
    blocked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    for_debts = models.BooleanField(default=False, editable=False)
    last_day = models.DateField(null=True, blank=True)
    lot_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = BlockedPlateQuerySet.as_manager()

    class Meta:
        ordering = ["-blocked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "plate_normalised", "region", "for_debts"],
                condition=Q(lifted_at__isnull=True),
                name="blocked_plate_once_in_force",
            ),
            models.CheckConstraint(condition=~Q(plate_normalised=""), name="blocked_plate_readable"),
            models.CheckConstraint(
                condition=Q(lot_ids__isnull=True) | ~Q(lot_ids=[]), name="blocked_plate_is_for_some_lot"
            ),
            models.CheckConstraint(
                condition=Q(for_debts=False) | Q(last_day__isnull=True, lot_ids__isnull=True),
                name="blocked_plate_for_debts_is_for_all",
            ),
        ]

    def __str__(self) -> str:
        return self.plate

    @property
    def is_prepay(self) -> bool:
        """Return whether it only demands prepayment: the car is let in with a prepaid booking."""
        return self.for_debts and self.operator.debt_consequence == DebtConsequence.PREPAY
