"""Files with the holders of passes that an operator brings along."""

from django.db import models
from django.db.models import Q

from accounts.models import Operator, User
from common.db.row_imports import ImportState, RowImport
from passes.models.offers import PassOffer


class PassImport(RowImport):
    """A file of pass holders.

    A row is `{"line", "name", "email", "company", "plates", "valid_from", "valid_until", "spaces", "note"}`, with an
    `error` when it can't be read. An outcome is `{"line", "code"}` or `{"line", "error"}`; the codes of a check are
    empty, as what it made is undone.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="pass_imports")
    offer = models.ForeignKey(PassOffer, models.PROTECT, related_name="+", db_index=False)
    invoiced = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)

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
