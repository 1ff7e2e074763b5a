"""Every invariant, in the order of the domain's list."""

from parking.verification import lanes, messages, money, places, stays, tenants

INVARIANTS = tuple(
    sorted(
        (
            *places.INVARIANTS,
            *stays.INVARIANTS,
            *money.INVARIANTS,
            *lanes.INVARIANTS,
            *messages.INVARIANTS,
            *tenants.INVARIANTS,
        ),
        key=lambda invariant: invariant.number,
    )
)
