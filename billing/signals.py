"""Signals to higher apps: a charge was settled, or is owed again."""

from django.dispatch import Signal

charge_settled = Signal()
"""Sent with `charge` and `at` when a payment or credit brought a charge's balance to 0.

It is sent inside the transaction that moved the money, with the charge locked, so an exception in a receiver rolls it
back. Receivers must not lock a lot, because lots are locked before charges: do that after the commit. They must be
idempotent, because a charge that is owed again and paid again is settled again.
"""

charge_refunded = Signal()
"""Sent with `charge` and `at` when a refund raised a charge's balance.

It is sent inside the refund's transaction, with the charge locked. A receiver marks what the charge was for as owed
again, or raises to refuse the refund.
"""
