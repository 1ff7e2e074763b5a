"""Refunds that wait for a second person."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models.payments import Payment, Refund
from common.notes import LONGEST_NOTE


class RefundRequestState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class RefundRequestQuerySet(models.QuerySet["RefundRequest"]):
    """Filters of requests."""

    def waiting(self) -> "RefundRequestQuerySet":
        """Keep those that nobody has decided about."""
        return self.filter(state=RefundRequestState.WAITING)


class RefundRequest(models.Model):
    """A refund above the operator's limit, asked for by one person and decided by another one.

    It becomes a `refund` under the same idempotency key when it is approved; `decision_note` says why it was rejected.
    """

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refund_requests")
    amount = models.BigIntegerField()
    reason = models.CharField(max_length=LONGEST_NOTE)
    goodwill = models.BooleanField(default=False)
    idempotency_key = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=RefundRequestState.choices, default=RefundRequestState.WAITING)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, blank=True, related_name="request")

    objects = RefundRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_request_amount_positive"),
            models.CheckConstraint(condition=Q(state__in=RefundRequestState.values), name="refund_request_state_known"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("requested_by")), name="refund_request_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state=RefundRequestState.WAITING, decided_at__isnull=True)
                | (~Q(state=RefundRequestState.WAITING) & Q(decided_at__isnull=False)),
                name="refund_request_decided_once",
            ),
            models.CheckConstraint(
                condition=Q(state=RefundRequestState.APPROVED, refund__isnull=False)
                | (~Q(state=RefundRequestState.APPROVED) & Q(refund__isnull=True)),
                name="refund_request_approved_has_refund",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=Q(state="waiting"), name="refund_request_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.amount}"
