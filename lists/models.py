"""What people keep of lists, and what they do with many of their rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LONGEST_VIEW = 1000


class SavedView(models.Model):
    """A list as a person often looks at it: `asked` is the query string of its filter, order and page size.

    A text that was searched for is not kept: it names a car or a person.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", db_index=False)
    listing = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    asked = models.CharField(max_length=LONGEST_VIEW, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "listing", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


class BatchState(models.TextChoices):
    RUNNING = "running", _("Being done")
    DONE = "done", _("Done")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


AT_WORK = (BatchState.RUNNING, BatchState.UNDOING)


class Batch(models.Model):
    """One act on many rows of a list, which a worker does row by row.

    `rows` are pairs of a row's key and the amount that its person agreed to, in minor units, 0 where there is none.
    The first `reached` of them were tried; each of `refusals` is `{"row", "why"}` of one that its rules refused.
    `given` is what the form of the act asked for. The same `key` of a person begins one batch.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="batches", db_index=False)
    act = models.CharField(max_length=20)
    given = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    reached = models.PositiveIntegerField(default=0)
    refusals = models.JSONField(default=list)
    state = models.CharField(max_length=7, choices=BatchState.choices, default=BatchState.RUNNING)
    key = models.UUIDField()
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.UniqueConstraint(fields=["owner", "key"], name="batch_once_per_key"),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="batch_of_owner"),
            models.Index(fields=["created_at"], condition=Q(state__in=AT_WORK), name="batch_at_work"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"

    @property
    def is_at_work(self) -> bool:
        """Return whether a worker is at it, or is to be."""
        return self.state in AT_WORK

    @property
    def done(self) -> int:
        """Return how many rows were done without a refusal."""
        return self.reached - len(self.refusals)
