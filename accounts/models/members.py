"""Who works for an operator or one of its merchants, and who is invited to."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models.operators import Merchant, Operator
from accounts.models.roles import Role
from accounts.models.users import User


class Membership(models.Model):
    """A person's role at an operator; a validator belongs to one of its merchants, others to none.

    It holds at the lots with the keys `lot_ids` (lots belong to a room above, so they are plain numbers here), or at
    all of them, which alone makes it a role at the operator as a whole.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, blank=True, related_name="memberships")
    lot_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    since = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "operator"], name="membership_one_per_operator"),
            models.CheckConstraint(
                condition=Q(lot_ids__isnull=True) | ~Q(lot_ids=[]) & ~Q(role=Role.VALIDATOR),
                name="membership_is_at_some_lot",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.VALIDATOR, merchant__isnull=False)
                | (~Q(role=Role.VALIDATOR) & Q(merchant__isnull=True)),
                name="membership_validator_has_merchant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.operator}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters of invitations."""

    def waiting(self) -> "InvitationQuerySet":
        """Keep those that were neither accepted nor withdrawn; some of them may have expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(models.Model):
    """An offer of a role at an operator to an email address; the membership begins when it is accepted.

    That of a validator is for a `merchant`, that of anybody else for the lots with the keys `lot_ids`, or for all.
    `nonce` is part of the mailed link and changes with every mail, so that only the last link works.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="invitations")
    email = models.EmailField("email")
    role = models.CharField(max_length=12, choices=Role.choices)
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, blank=True, related_name="invitations")
    lot_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    nonce = models.CharField(max_length=32)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_waiting",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(lot_ids__isnull=True) | ~Q(lot_ids=[]) & ~Q(role=Role.VALIDATOR),
                name="invitation_is_for_some_lot",
            ),
            models.CheckConstraint(
                condition=Q(role=Role.VALIDATOR, merchant__isnull=False)
                | (~Q(role=Role.VALIDATOR) & Q(merchant__isnull=True)),
                name="invitation_validator_has_merchant",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True), name="invitation_ends_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()} · {self.operator}"
