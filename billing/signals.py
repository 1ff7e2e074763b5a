"""The signals between apps: a charge was settled, its receipts are numbered, or it is owed again.

All are sent inside the transaction that moved the money, with the charge locked, so a receiver that fails undoes what
it was told of. Receivers must not take a lot's lock, as whoever holds that waits for charges: do such things, as
opening a lane, after the commit. They must be idempotent: a charge that is owed again and paid again is settled again.

`sold` is what the charge is for, when whoever moved the money had locked that too, else None.
"""

from django.dispatch import Signal

charge_settled = Signal()
"""Sent with `charge`, `at` and `sold` when a payment or credit brought a charge's balance to 0.

Its debt is still open and the payment has no receipt yet: receivers may lock what was paid for.
"""

charge_documented = Signal()
"""Sent with `charge`, `at` and `sold` after `charge_settled`, when all payments have their receipts.

The last lock of all is held, so receivers lock nothing more.
"""

charge_refunded = Signal()
"""Sent with `charge` and `at` when a refund made a charge owe again, or owe more.

A receiver makes what the charge was for owe again, or raises to refuse the refund.
"""
