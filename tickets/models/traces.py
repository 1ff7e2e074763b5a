"""What happened to stays: changes of their state and plate, and what people did to them."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from tickets.models.stay import Ticket


class TicketChange(models.Model):
    """One change of a ticket's state: who, when, why. Only the database writes it; it never changes."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="changes")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    why = models.CharField(max_length=LONGEST_NOTE)

    class Meta:
        ordering = ["ticket_id", "id"]
        indexes = [models.Index(fields=["by"], condition=Q(by__isnull=False), name="ticket_change_by")]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class PlateCorrection(models.Model):
    """A stay's plate that was read or typed again: both spellings as they were written, who, when and why.

    `from_plate` is empty for a stay that had none, `by` is None for its camera. `key` is that of the person's form.
    Rows are only ever added.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="plate_corrections")
    from_plate = models.CharField(max_length=MAX_RAW_LENGTH, blank=True)
    to_plate = models.CharField(max_length=MAX_RAW_LENGTH)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    why = models.CharField(max_length=LONGEST_NOTE, blank=True)
    key = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["ticket_id", "id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="plate_correction_once_per_form")]
        indexes = [
            models.Index(fields=["at"], name="plate_correction_at"),
            models.Index(fields=["by"], condition=Q(by__isnull=False), name="plate_correction_by"),
        ]

    def __str__(self) -> str:
        return f"{self.from_plate} → {self.to_plate}"


class StayActKind(models.TextChoices):
    MOVED = "moved", _("Moved to another place")
    REPRICED = "repriced", _("Priced again")
    NOTE = "note", _("Note")


class StayAct(models.Model):
    """What a person did to a stay that changes neither its state nor its plate: who, when and why.

    `before` and `after` name the places of a stay that was moved, or the tariffs of one that was priced again; a note
    has its text in `why`. `key` is that of the person's form. Rows are only ever added.
    """

    LONGEST_NAME = 120

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="acts")
    kind = models.CharField(max_length=8, choices=StayActKind.choices)
    before = models.CharField(max_length=LONGEST_NAME, blank=True)
    after = models.CharField(max_length=LONGEST_NAME, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    why = models.CharField(max_length=LONGEST_NOTE)
    key = models.UUIDField()

    class Meta:
        ordering = ["ticket_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="stay_act_once_per_form"),
            models.CheckConstraint(condition=Q(kind__in=StayActKind.values), name="stay_act_kind_known"),
        ]
        indexes = [models.Index(fields=["by"], condition=Q(by__isnull=False), name="stay_act_by")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.ticket}"
