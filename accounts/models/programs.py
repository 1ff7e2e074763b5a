"""API keys of operators' programs, and what their requests were answered."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models.members import Membership
from accounts.models.operators import Operator
from accounts.models.roles import Role
from accounts.models.users import User


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Filters of API keys."""

    def standing(self, at: datetime) -> "ApiKeyQuerySet":
        """Keep the keys that work: not withdrawn, not ended, and made by who is an admin there still."""
        admins = Membership.objects.filter(
            user=OuterRef("made_by"), operator=OuterRef("operator"), role=Role.ADMIN, user__is_active=True, lot_ids=None
        )
        not_ended = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        return self.filter(not_ended, Exists(admins), withdrawn_at__isnull=True)


class ApiKey(models.Model):
    """What a program of an operator shows instead of a password; only a hash of it is stored.

    It acts as the user `acts_as`, which records show as who did something. It may do what its `scopes` name, at the
    lots with these keys (lots belong to a room above, so they are plain numbers here), or at all of them. A rolled
    one's `old_hash` is valid until `old_ends_at`.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="api_keys")
    acts_as = models.OneToOneField(User, models.PROTECT, related_name="api_key")
    name = models.CharField(max_length=60)
    scopes = ArrayField(models.CharField(max_length=40))
    lot_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    public_id = models.CharField(max_length=12, unique=True)
    key_hash = models.BinaryField(max_length=32)
    old_hash = models.BinaryField(max_length=32, null=True, blank=True)
    old_ends_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    rolled_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["operator_id", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "name"],
                condition=Q(withdrawn_at__isnull=True),
                name="api_key_name_once_per_operator",
            ),
            models.CheckConstraint(
                condition=Q(old_hash__isnull=True, old_ends_at__isnull=True)
                | Q(old_hash__isnull=False, old_ends_at__isnull=False),
                name="api_key_old_one_ends",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_may_something"),
            models.CheckConstraint(condition=Q(lot_ids__isnull=True) | ~Q(lot_ids=[]), name="api_key_is_for_some_lot"),
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, for the same request again within a day."""

    caller = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key_digest"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.status}, {self.kept_at:%Y-%m-%d}"
