"""Files with the holders of passes that an operator brings along."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator, User
from passes.models.offers import PassOffer


class ImportState(models.TextChoices):
    """A file is checked line by line before anything is written; then it is carried out, once."""

    CHECKING = "checking", _("Checking")
    CHECKED = "checked", _("Checked")
    IMPORTING = "importing", _("Importing")
    DONE = "done", _("Done")


RUNNING = (ImportState.CHECKING, ImportState.IMPORTING)


class PassImport(models.Model):
    """A file of pass holders: `rows` as read, and of those that are `done` their `outcomes`, as many.

    A row is `{"line", "name", "email", "company", "plates", "valid_from", "valid_until", "spaces", "note"}`, with an
    `error` when it can't be read. An outcome is `{"line", "code"}` or `{"line", "error"}`; the codes of a check are
    empty, as what it made is undone.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="pass_imports")
    offer = models.ForeignKey(PassOffer, models.PROTECT, related_name="+", db_index=False)
    invoiced = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=ImportState.choices, default=ImportState.CHECKING)
    rows = models.JSONField(default=list)
    outcomes = models.JSONField(default=list)
    wrong = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="pass_import_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state__in=["checking", "importing"]), name="pass_import_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer}, {self.created_at:%Y-%m-%d %H:%M}"
