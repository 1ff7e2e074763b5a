"""Gates."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.db.choices import choices_of, values_of
from common.notes import LONGEST_NOTE
from lots.gate_rules import Direction
from lots.models.labels import DIRECTION_LABELS
from lots.models.lots import Lot


class Gate(models.Model):
    """A lane in one direction. The three fields of a hold say since when, by whom and why its barrier stays up.

    One that is closed is out of service, and says by whom and why where a person closed it on a page.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="gates")
    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80, blank=True)
    direction = models.CharField(max_length=5, choices=choices_of(DIRECTION_LABELS))
    level = models.IntegerField(_("level number"), default=0)
    confirms_passage = models.BooleanField(default=False)
    is_closed = models.BooleanField(default=False)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    closed_why = models.CharField(max_length=LONGEST_NOTE, blank=True, editable=False)
    held_open_since = models.DateTimeField(null=True, blank=True, editable=False)
    held_open_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    held_open_why = models.CharField(max_length=LONGEST_NOTE, blank=True, editable=False)

    class Meta:
        ordering = ["lot_id", "direction", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(direction__in=values_of(Direction)), name="gate_direction_known"),
            models.CheckConstraint(
                condition=(
                    Q(held_open_since__isnull=True, held_open_by__isnull=True, held_open_why="")
                    | Q(held_open_since__isnull=False, held_open_by__isnull=False) & ~Q(held_open_why="")
                ),
                name="gate_hold_has_person_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.code

    @property
    def is_held_open(self) -> bool:
        """Return whether a person holds it open."""
        return self.held_open_since is not None
