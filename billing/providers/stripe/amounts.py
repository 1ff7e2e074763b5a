"""Our amounts, in minor units of ISO 4217, as Stripe counts them.

Stripe keeps ISK and UGX in hundredths and MGA in whole ariary, and takes three-decimal currencies in tens only.
See docs.stripe.com/currencies.
"""

_HUNDREDTHS_THERE = frozenset({"ISK", "UGX"})
_WHOLE_THERE = frozenset({"MGA"})


def as_stripe_counts(amount: int, currency: str) -> int:
    """Return our amount as Stripe counts it. Raises ValueError for one that Stripe can't take."""
    if currency in _HUNDREDTHS_THERE:
        return amount * 100
    if currency in _WHOLE_THERE:
        whole, rest = divmod(amount, 100)
        if rest:
            raise ValueError(f"{amount} {currency} can't be said in whole units.")
        return whole
    return amount


def as_we_count(amount: int, currency: str) -> int:
    """Return an amount of Stripe as we count it."""
    if currency.upper() in _HUNDREDTHS_THERE:
        return amount // 100
    return amount * 100 if currency.upper() in _WHOLE_THERE else amount
