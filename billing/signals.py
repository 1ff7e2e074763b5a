"""The signals between apps: a charge was settled, or is owed again."""

from django.dispatch import Signal

charge_settled = Signal()
"""Sent with `charge` and `at` when a payment or credit brought a charge's balance to 0.

It is sent inside the transaction that moved the money, with the charge locked, so a receiver that fails undoes what it
was told of. Receivers must not take a lot's lock, as whoever holds that waits for charges: do such things after the
commit. They must be idempotent: a charge that is owed again and paid again is settled again.
"""

charge_refunded = Signal()
"""Sent with `charge` and `at` when a refund made a charge owe again, or owe more.

It is sent inside the refund's transaction, with the charge locked. A receiver makes what the charge was for owe again,
or raises to refuse the refund.
"""
