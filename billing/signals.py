"""Signals to higher apps: a charge was settled, or it is owed again.

All are sent inside the transaction that moved the money, with the charge locked, so an exception in a receiver rolls it
back. Receivers must not lock a lot, because lots are locked before charges: do that, for instance to open a lane, after
the commit. They must be idempotent, because a charge that is owed again and paid again is settled again.

`sold` is what the charge is for, if the sender has locked that too, else None.
"""

from django.dispatch import Signal

charge_settled = Signal()
"""Sent with `charge`, `at` and `sold` when a payment or credit brought a charge's balance to 0.

Its debt is still open, so receivers may lock what was paid for.
"""

charge_refunded = Signal()
"""Sent with `charge` and `at` when a refund raised a charge's balance.

A receiver marks what the charge was for as owed again, or raises to refuse the refund.
"""

automatic_charged = Signal()
"""Sent with `payment`, its charge locked, and `at` when an automatic payment took money, also one that was late.

The last lock in the order is held, so receivers must not lock anything.
"""

code_used = Signal()
"""Sent with `charge`, locked, its `use` (a `PromoUse`) and `at` before a promo code lowers what a stay has to pay.

The payment that it came with is captured right after it. A receiver keeps the discount with what the charge is for, or
raises, before it has written anything, to refuse it.
"""

hold_lost = Signal()
"""Sent with `payment`, its charge locked, and `at` when a provider has let go of a hold that nobody meant to end."""
