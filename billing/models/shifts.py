"""Shifts: the till of one person or machine at one lot, what moves its cash, and what was counted in it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.notes import LONGEST_NOTE
from devices.models import Device
from lots.models import Lot

LONGEST_DRAWER = 40


class ShiftState(models.TextChoices):
    """Open: takes money. Counting: takes none any more. Closed: counted, and the money is dropped or handed over."""

    OPEN = "open", _("Open")
    COUNTING = "counting", _("Counting")
    CLOSED = "closed", _("Closed")


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Filters of shifts."""

    def unfinished(self) -> "ShiftQuerySet":
        """Keep the shifts that are open or being counted."""
        return self.exclude(state=ShiftState.CLOSED)


class Shift(models.Model):
    """The till of a person or machine at a lot, with the drawer's name there. Amounts are in minor units of `currency`.

    `float_amount` was counted when it opened; `follows` is the shift that left its money in the drawer. Each reopening
    raises `round`: counts and closing movements belong to one. The till of a `device` opens with its first sale and is
    closed by the admin who empties it. A program may open one under an `idempotency_key`.
    """

    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="shifts")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="shifts", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="shifts")
    drawer = models.CharField(max_length=LONGEST_DRAWER)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=ShiftState.choices, default=ShiftState.OPEN)
    round = models.PositiveSmallIntegerField(default=1)
    float_amount = models.BigIntegerField()
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followers")
    opened_at = models.DateTimeField()
    counting_at = models.DateTimeField(null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, editable=False)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ShiftState.values), name="shift_state_known"),
            models.CheckConstraint(
                condition=Q(person__isnull=False, device__isnull=True) | Q(person__isnull=True, device__isnull=False),
                name="shift_of_a_person_or_device",
            ),
            models.CheckConstraint(condition=Q(float_amount__gte=0), name="shift_float_not_negative"),
            models.CheckConstraint(condition=~Q(drawer=""), name="shift_drawer_named"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, counted_at__isnull=False)
                | Q(state="counting", closed_at__isnull=True, counting_at__isnull=False)
                | Q(state="open", closed_at__isnull=True, counted_at__isnull=True, counting_at__isnull=True),
                name="shift_times_fit_state",
            ),
            models.UniqueConstraint(
                "person", condition=Q(state__in=["open", "counting"]), name="shift_one_open_per_person"
            ),
            models.UniqueConstraint(
                "device", condition=Q(state__in=["open", "counting"]), name="shift_one_open_per_device"
            ),
            models.UniqueConstraint(
                "lot", Lower("drawer"), condition=Q(state__in=["open", "counting"]), name="shift_one_open_per_drawer"
            ),
            models.UniqueConstraint(fields=["idempotency_key"], name="shift_once_per_key"),
        ]
        indexes = [models.Index(fields=["lot", "opened_at"], name="shift_of_lot")]

    def __str__(self) -> str:
        return f"{self.drawer}, {self.holder}"

    @property
    def holder(self) -> User | Device:
        """Return whose till it is."""
        holder = self.person or self.device
        assert holder is not None  # noqa: S101 a constraint
        return holder

    @property
    def is_open(self) -> bool:
        """Return whether it takes money."""
        return self.state == ShiftState.OPEN

    @property
    def is_closed(self) -> bool:
        """Return whether it is over."""
        return self.state == ShiftState.CLOSED

    @property
    def is_counted(self) -> bool:
        """Return whether the count is recorded, so that what was expected may be shown."""
        return self.counted_at is not None


class MovementKind(models.TextChoices):
    """How cash moves besides sales: to the safe, into the till, out of it, or to the next cashier."""

    DROP = "drop", _("To the safe")
    PAID_IN = "paid_in", _("Paid in")
    PAID_OUT = "paid_out", _("Paid out")
    HANDED_OVER = "handed_over", _("Handed over")


class CashMovement(models.Model):
    """Cash that moved without a sale, in the shift's currency.

    One that `closes_round` was made after the count of that round: it took what had been counted out of the drawer.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=MovementKind.choices)
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=LONGEST_NOTE, blank=True)
    closes_round = models.PositiveSmallIntegerField(null=True, blank=True)
    moved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    idempotency_key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="movement_kind_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="movement_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"

    @property
    def takes_out(self) -> bool:
        """Return whether it takes cash out of the drawer."""
        return self.kind != MovementKind.PAID_IN


class TenderKind(models.TextChoices):
    """What a cashier counts: cash in the drawer, and the slips of the card terminal."""

    CASH = "cash", _("Cash")
    CARD = "card", _("Cards")


class ShiftCount(models.Model):
    """What was counted of one tender in one currency, and what was expected then; the database lets no count change.

    `pieces` maps the value of each coin and note, in minor units, to how many there were; None when a sum was given.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="counts")
    round = models.PositiveSmallIntegerField()
    tender = models.CharField(max_length=8, choices=TenderKind.choices)
    currency = models.CharField(max_length=3)
    counted_amount = models.BigIntegerField()
    expected_amount = models.BigIntegerField()
    pieces = models.JSONField(null=True, blank=True)
    counted_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    counted_at = models.DateTimeField()

    class Meta:
        ordering = ["-round", "-tender", "currency"]
        constraints = [
            models.CheckConstraint(condition=Q(tender__in=TenderKind.values), name="count_tender_known"),
            models.CheckConstraint(condition=Q(counted_amount__gte=0), name="count_not_negative"),
            models.UniqueConstraint(
                fields=["shift", "round", "tender", "currency"], name="count_once_per_tender_and_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tender_display()} {self.counted_amount}"

    @property
    def difference(self) -> int:
        """Return what is over (positive) or short (negative)."""
        return self.counted_amount - self.expected_amount


class ShiftReopening(models.Model):
    """An admin's reopening of a closed shift, with the reason; `round` had been closed, with that `note`."""

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="reopenings")
    round = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=LONGEST_NOTE)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    reopened_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    reopened_at = models.DateTimeField()

    class Meta:
        ordering = ["reopened_at", "id"]
        constraints = [models.UniqueConstraint(fields=["shift", "round"], name="reopening_once_per_round")]

    def __str__(self) -> str:
        return f"{self.shift}: {self.reason}"
