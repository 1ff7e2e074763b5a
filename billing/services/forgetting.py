"""Plates in what was owed or agreed to, after their time: what stays of one is a hash."""

from collections.abc import Collection

from django.db import transaction

from billing.models import AutomaticPayment, Debt
from common.plate_hashes import has_run_out, plate_hash

NO_OPERATOR = 0
"""Drivers agree with the installation, for the lots of all operators."""


@transaction.atomic
def forget_debt_plates(*, debts: Collection[int]) -> int:
    """Put hashes in place of the plates of debts that are settled, and return how many these are. Idempotent."""
    settled = Debt.objects.filter(pk__in=debts, settled_at__isnull=False).order_by("pk")
    rows = list(settled.select_for_update(skip_locked=True))
    for debt in rows:
        if debt.plate_normalised and not has_run_out(debt.plate_normalised):
            debt.plate_normalised = plate_hash(debt.plate_normalised, debt.operator_id)
        debt.plate = ""
    Debt.objects.bulk_update(rows, ["plate", "plate_normalised"])
    return len(rows)


@transaction.atomic
def forget_agreed_plates(*, agreements: Collection[int]) -> int:
    """Put hashes in place of the plates of agreements that were withdrawn: they still prove which car it was about."""
    withdrawn = AutomaticPayment.objects.filter(pk__in=agreements, withdrawn_at__isnull=False).exclude(plate="")
    rows = list(withdrawn.select_for_update().order_by("pk"))
    for agreed in rows:
        agreed.plate, agreed.plate_normalised = "", plate_hash(agreed.plate_normalised, NO_OPERATOR)
    AutomaticPayment.objects.bulk_update(rows, ["plate", "plate_normalised"])
    return len(rows)
