"""Companies that ask to run their lots on this installation."""

from django.db import models
from django.db.models import Q

from accounts.models.operators import Operator
from accounts.models.users import User
from common.db.sealed_fields import EncryptedTextField

LONGEST_WISHES = 2000


class OperatorApplicationQuerySet(models.QuerySet["OperatorApplication"]):
    """Filters of applications."""

    def undecided(self) -> "OperatorApplicationQuerySet":
        """Keep those that were neither accepted nor declined; of some the address is not confirmed."""
        return self.filter(accepted_at__isnull=True, declined_at__isnull=True)

    def waiting(self) -> "OperatorApplicationQuerySet":
        """Keep those that wait for a decision."""
        return self.undecided().filter(confirmed_at__isnull=False)


class OperatorApplication(models.Model):
    """What a company wrote that wants to become an operator; it counts once its address is confirmed.

    `name` is the person who applies, `language` that of the mails to them. `nonce` is part of the mailed link. An
    accepted one has the `operator` that was made of it; `answer` is what a declined one was told.
    """

    company = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    email = models.EmailField("email")
    country = models.CharField(max_length=2)
    wishes = EncryptedTextField(max_length=LONGEST_WISHES, blank=True)
    language = models.CharField(max_length=10)
    nonce = models.CharField(max_length=32)
    applied_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    operator = models.ForeignKey(Operator, models.SET_NULL, null=True, blank=True, related_name="applications")
    answer = EncryptedTextField(max_length=LONGEST_WISHES, blank=True)

    objects = OperatorApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-applied_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True),
                name="application_one_undecided",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(declined_at__isnull=True), name="application_decided_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=False) | Q(accepted_at__isnull=True, declined_at__isnull=True),
                name="application_confirmed_before_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.email}"
