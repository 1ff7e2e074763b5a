"""The append-only record of what happened at the gates."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator, User
from common.db.row_imports import ImportState, RowImport
from common.notes import LONGEST_NOTE
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from devices.models import Device
from lots.models import Gate, Lot
from tickets.models import Ticket


class EventKind(models.TextChoices):
    READ = "read", _("Read")
    PASSAGE = "passage", _("Passage")
    PERSON = "person", _("By a person")
    RELEASE = "release", _("Released")
    UNDO = "undo", _("Exit undone")
    HOLD = "hold", _("Held open")


HOLD_OPEN, HOLD_ENDED = "hold_open", "release"
"""What a gate's barrier is told by an event of kind `hold`."""


class GateEvent(models.Model):
    """Anything a device or person did at a gate, with the answer it got. Rows are only ever added.

    `captured_at` is the device's word, `at` the time the rules used, `skew_seconds` the device's clock minus ours when
    it was too far off. `first` points at the event that this one repeats, reports on or undoes. `flags` lists what a
    person should look at.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="events", db_index=False)
    gate = models.ForeignKey(Gate, models.CASCADE, related_name="events", db_index=False)
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="events", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="gate_events", db_index=False)
    kind = models.CharField(max_length=8, choices=EventKind.choices, default=EventKind.READ)
    event_id = models.UUIDField()
    body_hash = models.BinaryField(max_length=32)
    seq = models.BigIntegerField(null=True, blank=True)
    offline = models.BooleanField(default=False)
    captured_at = models.DateTimeField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    skew_seconds = models.IntegerField(null=True, blank=True)
    plate = models.CharField(max_length=MAX_RAW_LENGTH, null=True, blank=True)
    plate_normalised = models.CharField(max_length=MAX_LENGTH, null=True, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    read = models.JSONField(default=dict)
    action = models.CharField(max_length=10)
    reason = models.CharField(max_length=20)
    flags = models.JSONField(default=list)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="events", db_index=False)
    first = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeats", db_index=False)
    answer = models.JSONField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "event_id"], name="event_once_per_device"),
            models.CheckConstraint(
                condition=Q(device__isnull=False) | Q(person__isnull=False),
                name="event_has_a_device_or_person",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EventKind.HOLD)
                | Q(person__isnull=False, action=HOLD_OPEN) & ~Q(note="")
                | Q(person__isnull=False, action=HOLD_ENDED),
                name="event_hold_has_person_and_reason",
            ),
            models.UniqueConstraint(fields=["first"], condition=Q(kind=EventKind.UNDO), name="event_undone_once"),
        ]
        indexes = [
            models.Index(fields=["gate", "plate_normalised", "-at"], name="event_gate_plate"),
            models.Index(fields=["gate", "-at"], name="event_gate_recent"),
            models.Index(fields=["lot", "-id"], name="event_lot_recent"),
            models.Index(fields=["ticket", "id"], condition=Q(ticket__isnull=False), name="event_ticket"),
            models.Index(fields=["first"], condition=Q(first__isnull=False), name="event_first"),
            models.Index(fields=["gate", "id"], condition=Q(kind=EventKind.HOLD), name="event_hold"),
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="event_person"),
            models.Index(fields=["device", "seq"], condition=Q(seq__isnull=False), name="event_device_seq"),
            models.Index(
                fields=["lot", "-at"], condition=~Q(flags=[]) | Q(skew_seconds__isnull=False), name="event_to_look_at"
            ),
            models.Index(
                fields=["plate_normalised", "-at"], condition=Q(reason="blocked", first=None), name="event_blocked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.action}/{self.reason}"

    @property
    def is_about_car(self) -> bool:
        """Return whether a car was seen, or let through; a gate that is held open waits for none."""
        return self.kind != EventKind.HOLD

    @property
    def readable_plate(self) -> str | None:
        """Return the plate as it was read, unless that was none: a word for it, or lettering."""
        return self.plate if self.plate_normalised else None


class ObeyedCommand(models.Model):
    """A command that the barrier of its gate has reported as obeyed."""

    event = models.OneToOneField(GateEvent, models.CASCADE, primary_key=True, related_name="obeyed")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.event_id}"


class PlateFileKind(models.TextChoices):
    BLOCKS = "blocks", _("Blocked plates")
    PERMITS = "permits", _("Permits")


class PlateImport(RowImport):
    """A file of plates to block, or of permits.

    An outcome is `{"line", "did"}`, which is `added`, `changed` or `unchanged`, or `{"line", "error"}`.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="plate_imports")
    kind = models.CharField(max_length=7, choices=PlateFileKind.choices)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="plate_import_state_known"),
            models.CheckConstraint(condition=Q(kind__in=["blocks", "permits"]), name="plate_import_kind_known"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state__in=["checking", "importing"]), name="plate_import_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.created_at:%Y-%m-%d %H:%M}"
