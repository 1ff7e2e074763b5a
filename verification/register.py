"""All invariants, in the order of the domain's list, followed by those of single values."""

from verification import (
    audit_invariants,
    automatic_invariants,
    book_invariants,
    booking_invariants,
    discount_invariants,
    document_invariants,
    event_invariants,
    export_invariants,
    lane_invariants,
    message_invariants,
    money_invariants,
    number_invariants,
    pass_invariants,
    place_invariants,
    price_invariants,
    provider_invariants,
    retention_invariants,
    stay_invariants,
    tenant_invariants,
    till_invariants,
)

INVARIANTS = tuple(
    sorted(
        (
            *place_invariants.INVARIANTS,
            *booking_invariants.INVARIANTS,
            *pass_invariants.INVARIANTS,
            *stay_invariants.INVARIANTS,
            *money_invariants.INVARIANTS,
            *price_invariants.INVARIANTS,
            *automatic_invariants.INVARIANTS,
            *discount_invariants.INVARIANTS,
            *document_invariants.INVARIANTS,
            *book_invariants.INVARIANTS,
            *lane_invariants.INVARIANTS,
            *message_invariants.INVARIANTS,
            *export_invariants.INVARIANTS,
            *event_invariants.INVARIANTS,
            *audit_invariants.INVARIANTS,
            *tenant_invariants.INVARIANTS,
            *number_invariants.INVARIANTS,
            *till_invariants.INVARIANTS,
            *provider_invariants.INVARIANTS,
            *retention_invariants.INVARIANTS,
        ),
        key=lambda invariant: invariant.number,
    )
)
