"""Issued documents, and the counters that number them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from common.plates import MAX_LENGTH
from lots.models import Lot


class DocumentKind(models.TextChoices):
    RECEIPT = "R", _("Receipt")
    INVOICE = "I", _("Invoice")
    CREDIT_NOTE = "C", _("Credit note")


class DocumentCounter(models.Model):
    """The last number of an operator's documents of a kind and year, and the hash of the last one.

    The row is locked while a document is issued, as the last lock of its transaction, so that no number is skipped.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="document_counters", db_index=False)
    kind = models.CharField(max_length=1, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator", "kind", "year"], name="document_counter_once")]

    def __str__(self) -> str:
        return f"{self.kind}-{self.year}: {self.last_number}"


class DocumentQuerySet(models.QuerySet["Document"]):
    """Filters of documents."""

    def to_sign(self) -> "DocumentQuerySet":
        """Keep the documents that wait for their fiscal signature, in the order in which they were issued."""
        return self.filter(awaits_signature=True).order_by("pk")


class Document(models.Model):
    """A receipt, invoice or credit note as it was issued. Pages and PDFs are drawn from `content` alone.

    The year of the number is that in the operator's zone. `about` is the document that a credit note corrects. `hash`
    covers the number, the content and the hash of the document before it of the same operator, kind and year. The
    database refuses changes, except of the signature, and deletion.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="documents", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(max_length=1, choices=DocumentKind.choices)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveBigIntegerField()
    number = models.CharField(max_length=24)
    token = models.CharField(max_length=22, unique=True)
    currency = models.CharField(max_length=3)
    total_amount = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    plate_normalised = models.CharField(max_length=MAX_LENGTH, blank=True)
    about = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    issued_at = models.DateTimeField()
    content = models.JSONField()
    hash = models.CharField(max_length=64)
    awaits_signature = models.BooleanField(default=False)
    signature = models.JSONField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["operator", "kind", "year", "sequence"], name="document_number_once"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="document_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=DocumentKind.CREDIT_NOTE) | Q(about__isnull=False),
                name="document_credit_note_names_its_document",
            ),
        ]
        indexes = [
            models.Index(fields=["operator", "-issued_at"], name="document_by_day"),
            models.Index(
                fields=["operator", "plate_normalised"], condition=~Q(plate_normalised=""), name="document_of_plate"
            ),
            models.Index(fields=["id"], condition=Q(awaits_signature=True), name="document_to_sign"),
            models.Index(fields=["id"], condition=Q(kind="I"), name="document_invoices"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def standing_amount(self) -> int:
        """Return the total less what credit notes took off it; a query."""
        return self.total_amount + sum(self.corrections.values_list("total_amount", flat=True))
