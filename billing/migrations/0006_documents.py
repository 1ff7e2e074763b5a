"""Documents take the place of receipts, which become receipts of the new kind with their former number in them."""

import json
import secrets
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.exceptions import IrreversibleError
from django.db.models import Q

from billing.documents.content import Owed, parts_of, taxes_of

INSERT = """
INSERT INTO billing_document (operator_id, lot_id, kind, year, sequence, number, token, currency, total_amount, tax_amount,
    plate_normalised, issued_at, content, hash, awaits_signature)
SELECT %(operator)s, %(lot)s, 'R', %(year)s, %(sequence)s, billing_document_number('R', %(year)s, %(sequence)s), %(token)s,
    %(currency)s, %(total)s, %(tax)s, %(plate)s, %(at)s, %(content)s::jsonb,
    billing_document_hash(%(before)s, billing_document_number('R', %(year)s, %(sequence)s), %(content)s::jsonb), false
RETURNING id, hash
"""
UNDO = """
DROP TRIGGER billing_document_kept ON billing_document;
DROP FUNCTION billing_keep_document;
DROP FUNCTION billing_document_hash;
DROP FUNCTION billing_document_number;
"""
STAY = """
SELECT number, coalesce(plate, ''), coalesce(plate_normalised, ''), entry_at, exit_at FROM tickets_ticket WHERE charge_id = %s
"""


def move_receipts(apps, schema_editor):
    """Make a document of each receipt, numbered from 1 in each year of its lot's zone."""
    receipts = apps.get_model("billing", "Receipt").objects.select_related("payment__charge__lot__operator")
    kept: dict[int, int] = {}
    rows = receipts.order_by("operator_id", "number").iterator(chunk_size=1000)
    for _operator, of_operator in groupby(rows, key=lambda receipt: receipt.operator_id):
        of_years: dict[int, list] = {}
        for receipt in of_operator:
            year = receipt.issued_at.astimezone(ZoneInfo(receipt.payment.charge.lot.timezone)).year
            of_years.setdefault(year, []).append(receipt)
        for year, of_year in sorted(of_years.items()):
            number_receipts(apps, schema_editor.connection, year, of_year, kept)
    # What is inserted must be checked before the tables are altered.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def keep_documents(apps, schema_editor):
    """Refuse to go back once a document is issued."""
    if apps.get_model("billing", "Document").objects.exists():
        raise IrreversibleError("Documents are never deleted.")


def number_receipts(apps, connection, year, receipts, kept):
    """Insert a year's documents, each chained to the one before, and the counter."""
    before = ""
    for sequence, receipt in enumerate(receipts, 1):
        payment = receipt.payment
        charge = payment.charge
        content, plate = content_of(connection, receipt, kept.get(charge.pk, 0))
        kept[charge.pk] = kept.get(charge.pk, 0) + payment.captured_amount
        with connection.cursor() as cursor:
            cursor.execute(
                INSERT,
                {
                    "operator": receipt.operator_id, "lot": charge.lot_id, "year": year, "sequence": sequence,
                    "token": secrets.token_urlsafe(16), "currency": charge.currency, "total": content["total"],
                    "tax": sum(rate["tax"] for rate in content["taxes"]), "plate": plate, "at": receipt.issued_at,
                    "content": json.dumps(content), "before": before,
                },
            )
            key, before = cursor.fetchone()
            cursor.execute("UPDATE billing_payment SET receipt_id = %s WHERE id = %s", [key, payment.pk])
    apps.get_model("billing", "DocumentCounter").objects.create(
        operator_id=receipts[0].operator_id, kind="R", year=year, last_number=len(receipts), last_hash=before
    )


def content_of(connection, receipt, before):
    """Return what a receipt says, and its stay's plate as it is searched for."""
    payment = receipt.payment
    charge = payment.charge
    lot = charge.lot
    with connection.cursor() as cursor:
        cursor.execute(STAY, [charge.pk])
        number, plate, normalised, entry, left = cursor.fetchone() or ("", "", "", None, None)

    def local(at):
        return at.astimezone(ZoneInfo(lot.timezone)).isoformat(timespec="seconds") if at else ""

    paid_at = payment.finished_at or payment.created_at
    credits = [(credit.reason, credit.amount) for credit in charge.credits.filter(reverses=None, reversal=None)]
    owed = Owed(charge.lines, charge.due_amount, credits, Decimal(charge.tax_percent))
    lines = owed.lines_for(payment.captured_amount)
    return {
        "issuer": {"name": lot.operator.name, "address": "", "tax_id": ""},
        "zone": lot.timezone,
        "issued": local(receipt.issued_at),
        "former_number": f"{receipt.number:06d}",
        "items": [
            {
                "charge": charge.pk, "label": charge.label, "lot": lot.name,
                "lot_address": ", ".join(filter(None, [lot.address, f"{lot.postal_code} {lot.city}".strip()])),
                "reference": number, "plate": plate, "entry": local(entry), "until": local(left or paid_at),
                "has_left": left is not None,
            }
        ],
        "lines": [line.as_json() for line in lines],
        "taxes": taxes_of(parts_of(owed.percent, payment.captured_amount, 0, before=before)),
        "total": payment.captured_amount,
        "payments": [
            {
                "method": payment.method, "amount": payment.captured_amount, "at": local(paid_at),
                "tendered": payment.tendered_amount,
                "change": (payment.tendered_amount or payment.amount) - payment.amount,
            }
        ],
    }, normalised


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_saved_methods"),
        ("accounts", "0004_operator_on_documents"),
        ("lots", "0004_plates_by_region"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("R", "Receipt"), ("I", "Invoice"), ("C", "Credit note")], max_length=1)),
                ("year", models.PositiveSmallIntegerField()),
                ("last_number", models.PositiveBigIntegerField(default=0)),
                ("last_hash", models.CharField(blank=True, max_length=64)),
                ("operator", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="document_counters", to="accounts.operator")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("operator", "kind", "year"), name="document_counter_once")],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("R", "Receipt"), ("I", "Invoice"), ("C", "Credit note")], max_length=1)),
                ("year", models.PositiveSmallIntegerField()),
                ("sequence", models.PositiveBigIntegerField()),
                ("number", models.CharField(max_length=24)),
                ("token", models.CharField(max_length=22, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("total_amount", models.BigIntegerField()),
                ("tax_amount", models.BigIntegerField()),
                ("plate_normalised", models.CharField(blank=True, max_length=15)),
                ("issued_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("hash", models.CharField(max_length=64)),
                ("awaits_signature", models.BooleanField(default=False)),
                ("signature", models.JSONField(blank=True, null=True)),
                ("about", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="billing.document")),
                ("lot", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="lots.lot")),
                ("operator", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="accounts.operator")),
            ],
            options={
                "ordering": ["-issued_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("operator", "kind", "year", "sequence"), name="document_number_once"),
                    models.CheckConstraint(condition=Q(("kind__in", ["R", "I", "C"])), name="document_kind_known"),
                    models.CheckConstraint(condition=Q(Q(("kind", "C"), _negated=True), ("about__isnull", False), _connector="OR"), name="document_credit_note_names_its_document"),
                ],
                "indexes": [
                    models.Index(fields=["operator", "-issued_at"], name="document_by_day"),
                    models.Index(condition=Q(("plate_normalised", ""), _negated=True), fields=["operator", "plate_normalised"], name="document_of_plate"),
                    models.Index(condition=Q(("awaits_signature", True)), fields=["id"], name="document_to_sign"),
                    models.Index(condition=Q(("kind", "I")), fields=["id"], name="document_invoices"),
                ],
            },
        ),
        # The old receipt stands on the payment by this name.
        migrations.AlterField("receipt", "payment", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.payment")),
        migrations.AddField("payment", "receipt", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="billing.document")),
        migrations.AddField("refund", "credit_note", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="billing.document")),
        migrations.AddField("debt", "invoice", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="debts", to="billing.document")),
        migrations.RunSQL(Path(__file__).with_name("documents.sql").read_text(encoding="utf-8"), UNDO),
        migrations.RunPython(move_receipts, keep_documents, elidable=True),
        migrations.AddIndex("payment", models.Index(condition=Q(("receipt__isnull", True), ("state", "captured")), fields=["finished_at"], name="payment_without_receipt")),
        migrations.AddIndex("refund", models.Index(condition=Q(("credit_note__isnull", True)), fields=["created_at"], name="refund_without_credit_note")),
        migrations.DeleteModel("Receipt"),
        migrations.DeleteModel("ReceiptSequence"),
    ]
