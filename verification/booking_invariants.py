"""Invariants of bookings: their stays, what their ends cost, and what the tasks do in time."""

from verification.proof import Invariant

BOOKINGS_AND_STAYS_AGREE = Invariant(
    2,
    "bookings_and_stays_agree",
    "A booking is active exactly while a stay of it has not ended, and no two such stays are of one booking.",
    """
    SELECT format('booking %s (%s) of lot %s: %s', booking.code, booking.status, lot.slug,
        coalesce(stays.numbers, 'no stay'))
    FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
    LEFT JOIN (
        SELECT reservation_id, count(*) FILTER (WHERE status <> 'review') AS inside,
            string_agg(number || ' ' || status, ', ' ORDER BY id) AS numbers
        FROM tickets_ticket
        WHERE status IN ('entering', 'active', 'paid', 'review') AND reservation_id IS NOT NULL
        GROUP BY reservation_id
    ) stays ON stays.reservation_id = booking.id
    WHERE (booking.status = 'active' AND stays.numbers IS NULL)
        OR (booking.status <> 'active' AND stays.inside > 0) OR stays.inside > 1
    """,
)

CHANGES_OF_MIND_COST_AS_AGREED = Invariant(
    5,
    "changes_of_mind_cost_as_agreed",
    "Cancelling and not coming cost no more than the agreed percentage, and cancelling in time costs nothing.",
    """
    SELECT format('booking %s (%s) of %s: fee %s, agreed %s', code, status, price_amount, fee_amount, agreed)
    FROM (
        SELECT code, status, price_amount, fee_amount, CASE
            WHEN status = 'cancelled' AND cancelled_at <= cancel_free_until THEN 0
            WHEN status = 'cancelled' THEN round(price_amount * late_cancel_percent / 100.0)
            WHEN missed_at IS NOT NULL THEN round(price_amount * no_show_percent / 100.0)
            ELSE 0 END AS agreed
        FROM reservations_reservation
    ) booking WHERE fee_amount > agreed
    """,
)

BOOKINGS_ASK_FOR_WHAT_THEY_COST = Invariant(
    5,
    "bookings_ask_for_what_they_cost",
    "The charge of a booking that has ended asks for its fee, or for its price where it was prepaid and kept; all or a"
    " part of that may have been credited.",
    """
    SELECT format('booking %s (%s, %s) costs %s, its charge asks for %s', code, prepay, status, cost, asked)
    FROM (
        SELECT code, prepay, booking.status, CASE
            WHEN booking.status = 'lapsed' THEN 0
            WHEN booking.status IN ('cancelled', 'no_show') OR missed_at IS NOT NULL THEN fee_amount
            WHEN prepay = 'none' THEN 0
            ELSE price_amount END AS cost,
            coalesce(charge.due_amount - charge.rounding_amount - charge.kept_amount, 0) AS asked,
            coalesce(charge.credited_amount, 0) AS credited
        FROM reservations_reservation booking LEFT JOIN billing_charge charge ON charge.id = booking.charge_id
        WHERE booking.status IN ('completed', 'cancelled', 'no_show', 'lapsed') AND unsettled_since IS NULL
    ) ended WHERE cost NOT BETWEEN asked - credited AND asked
    """,
)

NO_SHOWS_ARE_MISSED_WHEN_AGREED = Invariant(
    4,
    "no_shows_are_missed_when_agreed",
    "A no-show is one from the agreed minutes after its start on, whenever that was noticed.",
    """
    SELECT format('booking %s (%s) from %s to %s, to be missed after %s minutes, was missed at %s', code, status,
        starts_at, ends_at, no_show_minutes, missed_at)
    FROM reservations_reservation
    WHERE missed_at <> least(starts_at + make_interval(mins => no_show_minutes), ends_at)
        AND (status = 'no_show' OR missed_at <> starts_at + make_interval(mins => no_show_minutes))
    """,
)

# The tasks may have been stopped with everything else, so the last event of a lot tells until when it was kept.
_LAST_EVENT = "SELECT max(received_at) AS at FROM gates_gateevent event WHERE event.lot_id = booking.lot_id"

NO_SHOWS_ARE_NOTICED = Invariant(
    4,
    "no_shows_are_noticed",
    "No booking has waited for its driver for more than an hour longer than agreed while its lot was at work.",
    f"""
    SELECT format('booking %s of lot %s from %s to %s is still confirmed', booking.code, lot.slug, booking.starts_at,
        booking.ends_at)
    FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
    CROSS JOIN LATERAL ({_LAST_EVENT}) last
    WHERE booking.status = 'confirmed' AND last.at - interval '1 hour'
        > least(booking.starts_at + make_interval(mins => booking.no_show_minutes), booking.ends_at)
    """,  # noqa: S608 only our own text
)

FREE_SPOTS_ARE_HELD = Invariant(
    1,
    "free_spots_are_held",
    "The free spot of a booking that starts soon is held for it, ten minutes later than agreed at most.",
    f"""
    SELECT format('spot %s of lot %s is free and not held for booking %s, which starts at %s', spot.number, lot.slug,
        booking.code, booking.starts_at)
    FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
    JOIN lots_spot spot ON spot.id = booking.spot_id
    CROSS JOIN LATERAL ({_LAST_EVENT}) last
    WHERE booking.status = 'confirmed' AND spot.status = 'available'
        AND last.at - interval '10 minutes' > booking.starts_at - make_interval(mins => lot.hold_minutes)
        AND last.at - interval '10 minutes' > booking.created_at
        AND last.at < least(booking.starts_at + make_interval(mins => booking.no_show_minutes), booking.ends_at)
    """,  # noqa: S608 only our own text
)

BOOKED_PLACES_EXIST = Invariant(
    1,
    "booked_places_exist",
    "Counted places are promised up to the capacity, unless that was lowered since: then others have to leave first.",
    """
    SELECT format('booking %s of lot %s has place %s of %s on level %s', booking.code, lot.slug, booking.place,
        coalesce(counted.total, 0), level.number)
    FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
    JOIN lots_level level ON level.id = booking.level_id
    LEFT JOIN lots_spotcount counted
        ON counted.level_id = booking.level_id AND counted.spot_type = booking.spot_type
    WHERE booking.status IN ('pending', 'confirmed') AND booking.place > coalesce(counted.total, 0)
    """,
    informational=True,
)

BOOKINGS_TO_COME_ARE_OF_SOMEBODY = Invariant(
    9,
    "bookings_to_come_are_of_somebody",
    "No account was deleted while a booking of it held a place.",
    """
    SELECT format('booking %s (%s) is of account %s, deleted at %s', booking.code, booking.status, person.id,
        person.deleted_at)
    FROM reservations_reservation booking JOIN accounts_user person ON person.id = booking.driver_id
    WHERE booking.status IN ('pending', 'confirmed', 'active') AND person.deleted_at IS NOT NULL
    """,
)

IN_TIME = (NO_SHOWS_ARE_NOTICED, FREE_SPOTS_ARE_HELD)
"""What holds as long as the tasks run."""
INVARIANTS = (
    BOOKINGS_AND_STAYS_AGREE,
    CHANGES_OF_MIND_COST_AS_AGREED,
    BOOKINGS_ASK_FOR_WHAT_THEY_COST,
    NO_SHOWS_ARE_MISSED_WHEN_AGREED,
    BOOKED_PLACES_EXIST,
    BOOKINGS_TO_COME_ARE_OF_SOMEBODY,
    *IN_TIME,
)
