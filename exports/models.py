"""Exports: files of rows that a person asked for."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LONGEST_ASKED = 2000
"""Characters of the filter that an export can keep."""


class ExportState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Being written")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


UNFINISHED = (ExportState.QUEUED, ExportState.RUNNING)


class FileFormat(models.TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")


class WhoseRows(models.TextChoices):
    """Whether the rows are the person's own as a driver, or those of the lots at which the person works."""

    OWN = "own", _("My own")
    LOTS = "lots", _("Of the lots")


class ExportFailure(models.TextChoices):
    """Why an export failed, as its person reads it."""

    DISK_FULL = "disk_full", _("There is no room left on the disk for the file. Tell your operator, then try again.")
    NOT_ALLOWED = "not_allowed", _("You may not see these rows any more, or the filter fits no more.")
    BROKEN = "broken", _("It broke off three times. Try again, or ask for fewer rows.")


class ExportQuerySet(models.QuerySet["Export"]):
    """Filters of exports."""

    def unfinished(self) -> "ExportQuerySet":
        """Keep those that wait or are being written."""
        return self.filter(state__in=UNFINISHED)


class Export(models.Model):
    """One file of rows for one person.

    `asked` is the query string of the list whose rows it has. The worker evaluates it, and what the person may see,
    when it writes the file. `operators` are those at which the person had to have the kind's role then. The `file` is a
    name in the storage; it is offered only while the export is ready, and removed soon after. `attempt` counts how
    often it was begun: only the last one may finish. Who has the mailed link gets the file without logging in for a
    day; the link has the `nonce`, which is emptied to revoke it. The same `key` of a person asks once.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="exports", db_index=False)
    whose = models.CharField(max_length=4, choices=WhoseRows.choices)
    kind = models.CharField(max_length=20)
    asked = models.CharField(max_length=LONGEST_ASKED, blank=True)
    file_format = models.CharField(max_length=4, choices=FileFormat.choices)
    delimiter = models.CharField(max_length=1, default=",")
    bom = models.BooleanField(default=False)
    words = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    mail = models.BooleanField(default=False)
    attach = models.BooleanField(default=False)
    key = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=9, choices=ExportState.choices, default=ExportState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    operators = models.JSONField(default=list)
    file = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    nonce = models.CharField(max_length=32, blank=True)
    failure = models.CharField(max_length=11, choices=ExportFailure.choices, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(condition=Q(file_format__in=FileFormat.values), name="export_format_known"),
            models.CheckConstraint(condition=Q(whose__in=WhoseRows.values), name="export_whose_known"),
            models.CheckConstraint(condition=Q(delimiter__in=[",", ";"]), name="export_delimiter_known"),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | (Q(size__isnull=False, finished_at__isnull=False, expires_at__isnull=False) & ~Q(file="")),
                name="export_ready_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(state=ExportState.FAILED) ^ Q(failure=""), name="export_failed_says_why"
            ),
            models.UniqueConstraint(fields=["owner", "key"], condition=~Q(key=""), name="export_key_once"),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="export_of_owner"),
            models.Index(fields=["created_at"], condition=Q(state__in=UNFINISHED), name="export_unfinished"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="export_ready"),
            models.Index(
                fields=["id"],
                condition=~Q(file="") & Q(state__in=["queued", "failed", "cancelled", "expired"]),
                name="export_to_clear",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        """Return whether it waits or is being written."""
        return self.state in UNFINISHED

    @property
    def percent(self) -> int:
        """Return how much of it is written, in percent."""
        if self.state == ExportState.READY:
            return 100
        return min(99, 100 * self.rows // self.total) if self.total else 0

    def is_offered(self, at: datetime) -> bool:
        """Return whether its file can be had."""
        return self.state == ExportState.READY and self.expires_at is not None and at < self.expires_at
