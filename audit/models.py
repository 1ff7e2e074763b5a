"""What was changed of rules, roles and money, by whom: written by triggers of the tables, and chained afterwards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator, User
from audit.how import How, RowAct
from common.db.choices import choices_of

HOW_LABELS = {
    How.PAGE: _("Page"),
    How.API: _("API"),
    How.PROGRAM: _("Program with an API key"),
    How.BACK_OFFICE: _("Back office"),
    How.TASK: _("Task"),
    How.COMMAND: _("Command"),
    How.DATABASE: _("Database"),
}
ACT_LABELS = {RowAct.ADDED: _("Added"), RowAct.CHANGED: _("Changed"), RowAct.REMOVED: _("Removed")}


class AuditEntry(models.Model):
    """One row that was added, changed or removed, of a table that `audit.kept_tables` names.

    `before` and `after` hold the columns that changed, never a secret. `shown` is the row's name then. `number` and
    `hash` are given after the commit: the hash covers the number, the digest, and the hash before it. The digest covers
    what is told, with a `salt`: when that is erased, nobody can guess it from the digest, and the chain still holds.
    """

    number = models.BigIntegerField(null=True, unique=True, editable=False)
    operator = models.ForeignKey(
        Operator, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    lot = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=63)
    row = models.CharField(max_length=40)
    shown = models.CharField(max_length=200, blank=True)
    act = models.CharField(max_length=7, choices=choices_of(ACT_LABELS))
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    at = models.DateTimeField()
    how = models.CharField(max_length=11, choices=choices_of(HOW_LABELS))
    by = models.ForeignKey(User, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False)
    role = models.CharField(max_length=63)
    page = models.CharField(max_length=200, blank=True)
    request = models.CharField(max_length=64, blank=True)
    salt = models.UUIDField(null=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["operator", "-at", "-id"], name="audit_of_operator"),
            models.Index(fields=["id"], condition=Q(number__isnull=True), name="audit_without_number"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject} {self.row}"


class AuditHead(models.Model):
    """The end of the chain, of which there is one: the last number that was given, and its hash."""

    last = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.last)
