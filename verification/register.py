"""All invariants, in the order of the domain's list, followed by those of single values."""

from verification import (
    book_invariants,
    lane_invariants,
    message_invariants,
    money_invariants,
    number_invariants,
    place_invariants,
    stay_invariants,
    tenant_invariants,
)

INVARIANTS = tuple(
    sorted(
        (
            *place_invariants.INVARIANTS,
            *stay_invariants.INVARIANTS,
            *money_invariants.INVARIANTS,
            *book_invariants.INVARIANTS,
            *lane_invariants.INVARIANTS,
            *message_invariants.INVARIANTS,
            *tenant_invariants.INVARIANTS,
            *number_invariants.INVARIANTS,
        ),
        key=lambda invariant: invariant.number,
    )
)
