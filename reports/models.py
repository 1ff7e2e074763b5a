"""Runs of what is told to many people at an hour of their clock, what people asked to be done now, and the task log."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from reports.month_names import last_months

LONGEST_NAME = 40
LONGEST_ZONE = 64
LONGEST_REASON = 500


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    LEFT_OUT = "left_out", _("Left out")
    FAILED = "failed", _("Failed")


UNFINISHED = (RunState.WAITING, RunState.RUNNING)


class AskedTask(models.Model):
    """What a person asked to be done now: reminders of today, reports of a month, or emptying the cache.

    `day` is the first of the month in which reports are due. While reminders and reports are planned, their `runs`
    count what is done. One of each name is unfinished at a time; who asks for it meanwhile has `joined` it.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    day = models.DateField(null=True, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    joined = models.ManyToManyField(User, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=LONGEST_REASON, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="asked_task_state_known"),
            models.CheckConstraint(condition=Q(done__lte=models.F("of")), name="asked_task_done_of"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(state__in=UNFINISHED), name="asked_task_one_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="asked_task_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"

    @property
    def month(self) -> date | None:
        """Return the first day of the month that the reports are of; None for what has no month."""
        return last_months(self.day, 2)[0] if self.day else None

    @property
    def percent(self) -> int:
        """Return how much of it is done, in percent."""
        return 100 * self.done // self.of if self.of else 0


class Run(models.Model):
    """One occasion at which everybody of a time zone is told something, such as the reminders of a day.

    `due_at` is when it had to begin; one that is asked for is due at once. `cursor` is the last person who was looked
    at: a run that broke off goes on after them. `done` of `of` people were looked at, and `told` got a message. A batch
    that fails is tried again at `retry_at`, until `attempts` are used up.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    zone = models.CharField(max_length=LONGEST_ZONE)
    day = models.DateField()
    due_at = models.DateTimeField()
    asked = models.ForeignKey(AskedTask, models.CASCADE, null=True, blank=True, related_name="runs", db_index=False)
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    cursor = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_REASON, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-due_at", "zone", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_known"),
            models.CheckConstraint(condition=~Q(state=RunState.FAILED) | ~Q(error=""), name="run_failed_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, ended_at__isnull=True)
                | Q(~Q(state__in=UNFINISHED), ended_at__isnull=False),
                name="run_ended_when_over",
            ),
            models.UniqueConstraint(
                fields=["name", "zone", "day"], condition=Q(asked__isnull=True), name="run_once_per_day"
            ),
            models.UniqueConstraint(
                fields=["asked", "zone"], condition=Q(asked__isnull=False), name="run_once_per_asked_task"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=UNFINISHED), name="run_unfinished"),
            models.Index(fields=["-due_at"], name="run_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day} {self.zone}"


class TaskRecord(models.Model):
    """What a periodic task has done, one row for each name.

    A task that comes every few seconds is not noted each time: its counts are of the worker that noted them last and
    come together within a minute. `handled` is what the last run said that it handled.
    """

    name = models.CharField(max_length=100, unique=True)
    runs = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0)
    handled = models.PositiveBigIntegerField(default=0)
    last_handled = models.PositiveBigIntegerField(default=0)
    last_began_at = models.DateTimeField()
    last_seconds = models.FloatField(default=0)
    longest_seconds = models.FloatField(default=0)
    last_handled_at = models.DateTimeField(null=True, blank=True)
    last_failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
