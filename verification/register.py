"""All invariants, in the order of the domain's list, followed by those of single values."""

from verification import lanes, messages, money, numbers, places, stays, tenants

INVARIANTS = tuple(
    sorted(
        (
            *places.INVARIANTS,
            *stays.INVARIANTS,
            *money.INVARIANTS,
            *lanes.INVARIANTS,
            *messages.INVARIANTS,
            *tenants.INVARIANTS,
            *numbers.INVARIANTS,
        ),
        key=lambda invariant: invariant.number,
    )
)
