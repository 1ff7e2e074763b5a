"""Invariants of places: reservations, spots and counters."""

from verification.proof import Invariant

RESERVATIONS_NEVER_OVERLAP = Invariant(
    1,
    "reservations_never_overlap",
    "No two live reservations overlap on a spot, or on a counted place.",
    """
    SELECT format('reservations %s and %s on spot %s of lot %s', one.id, other.id, spot.number, lot.slug)
    FROM reservations_reservation one
    JOIN reservations_reservation other
        ON other.spot_id = one.spot_id AND other.id > one.id AND other.during && one.during
    JOIN lots_spot spot ON spot.id = one.spot_id
    JOIN lots_lot lot ON lot.id = one.lot_id
    WHERE one.status IN ('pending', 'confirmed', 'active') AND other.status IN ('pending', 'confirmed', 'active')
    UNION ALL
    SELECT format('reservations %s and %s on place %s of lot %s', one.id, other.id, one.place, lot.slug)
    FROM reservations_reservation one
    JOIN reservations_reservation other ON (other.level_id, other.spot_type, other.place)
        = (one.level_id, one.spot_type, one.place) AND other.id > one.id AND other.during && one.during
    JOIN lots_lot lot ON lot.id = one.lot_id
    WHERE one.status IN ('pending', 'confirmed', 'active') AND other.status IN ('pending', 'confirmed', 'active')
    """,
)

RESERVATIONS_HAVE_A_PLACE = Invariant(
    1,
    "reservations_have_a_place",
    "Every reservation that has not started has a spot of its lot, or a counted place where only cars are counted.",
    """
    SELECT format('reservation %s (%s) of lot %s has spot %s, level %s, place %s', booking.code, booking.status,
        lot.slug, coalesce(booking.spot_id::text, '-'), coalesce(booking.level_id::text, '-'),
        coalesce(booking.place::text, '-'))
    FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
    WHERE booking.status IN ('pending', 'confirmed') AND CASE WHEN lot.tracking = 'spots'
        THEN booking.spot_id IS NULL ELSE booking.level_id IS NULL OR booking.place IS NULL END
    """,
)

CLOSED_PLACES_ARE_KNOWN = Invariant(
    1,
    "closed_places_are_known",
    "A reservation that has not started and whose place a blackout closes is marked as one without a place.",
    """
    SELECT format('reservation %s of lot %s is on a place that %s closes', booking.code, lot.slug, closed.id)
    FROM reservations_reservation booking JOIN lots_lot lot ON lot.id = booking.lot_id
    JOIN reservations_blackout closed ON closed.lot_id = booking.lot_id AND closed.lifted_at IS NULL
        AND tstzrange(closed.starts_at, closed.ends_at) && booking.during
        AND (closed.level_id IS NULL OR closed.level_id = booking.level_id)
        AND (closed.spot_type = '' OR closed.spot_type = booking.spot_type)
        AND (closed.bays = '{}' OR booking.spot_id = ANY (closed.bays))
        AND (closed.places IS NULL
            OR booking.place >= closed.first_place AND booking.place < closed.first_place + closed.places)
    WHERE booking.status IN ('pending', 'confirmed') AND booking.place_lost_at IS NULL
        AND (booking.spot_id IS NOT NULL OR booking.place IS NOT NULL)
    """,
)

HOLDS_ARE_OF_RESERVATIONS = Invariant(
    1,
    "holds_are_of_reservations",
    "A spot is held only for a confirmed reservation of it.",
    """
    SELECT format('spot %s of lot %s is held for reservation %s (%s)', spot.number, lot.slug, spot.hold,
        coalesce(booking.status, 'not of this spot'))
    FROM lots_spot spot JOIN lots_lot lot ON lot.id = spot.lot_id
    LEFT JOIN reservations_reservation booking ON booking.id = spot.hold AND booking.spot_id = spot.id
    WHERE spot.hold IS NOT NULL AND booking.status IS DISTINCT FROM 'confirmed'
    """,
)

SPOTS_AND_STAYS_AGREE = Invariant(
    2,
    "spots_and_stays_agree",
    "A spot points to a stay exactly when that stay is open and has the spot.",
    """
    SELECT format('spot %s names stay %s; ticket %s (%s) has spot %s',
        coalesce(spot.number, '-'), coalesce(spot.stay::text, '-'),
        coalesce(ticket.number, '-'), coalesce(ticket.status, '-'), coalesce(ticket.spot_id::text, '-'))
    FROM (SELECT id, number, stay FROM lots_spot WHERE stay IS NOT NULL) spot
    FULL JOIN (
        SELECT id, number, status, spot_id FROM tickets_ticket
        WHERE status IN ('entering', 'active', 'paid') AND spot_id IS NOT NULL
    ) ticket ON ticket.id = spot.stay AND ticket.spot_id = spot.id
    WHERE spot.id IS NULL OR ticket.id IS NULL
    """,
)

COUNTERS_EQUAL_SPOTS = Invariant(
    3,
    "counters_equal_spots",
    "Where every spot is known, the counters equal a recount of the spots.",
    """
    SELECT format('%s level %s %s: counted total %s occupied %s reserved %s maintenance %s, spots %s %s %s %s',
        lot.slug, level.number, spot_type, coalesce(counted.total, 0), coalesce(counted.occupied, 0),
        coalesce(counted.reserved, 0), coalesce(counted.maintenance, 0), coalesce(spots.total, 0),
        coalesce(spots.occupied, 0), coalesce(spots.reserved, 0), coalesce(spots.maintenance, 0))
    FROM (
        SELECT level_id, spot_type, count(*) AS total, count(*) FILTER (WHERE status = 'occupied') AS occupied,
            count(*) FILTER (WHERE status = 'reserved') AS reserved,
            count(*) FILTER (WHERE status = 'maintenance') AS maintenance
        FROM lots_spot GROUP BY level_id, spot_type
    ) spots
    FULL JOIN lots_spotcount counted USING (level_id, spot_type)
    JOIN lots_level level ON level.id = level_id
    JOIN lots_lot lot ON lot.id = level.lot_id
    WHERE lot.tracking = 'spots' AND (
        coalesce(counted.total, 0), coalesce(counted.occupied, 0), coalesce(counted.reserved, 0),
        coalesce(counted.maintenance, 0)
    ) <> (
        coalesce(spots.total, 0), coalesce(spots.occupied, 0), coalesce(spots.reserved, 0),
        coalesce(spots.maintenance, 0)
    )
    """,
)

COUNTERS_EQUAL_STAYS = Invariant(
    3,
    "counters_equal_stays",
    "Where only cars are counted, the counters equal the capacities, and the open stays with what corrections added.",
    """
    SELECT format('%s level %s %s: counted total %s occupied %s uncounted %s, capacity %s stays %s corrections %s',
        lot.slug, level.number, spot_type, coalesce(counted.total, 0), coalesce(counted.occupied, 0),
        coalesce(counted.uncounted, 0), coalesce(capacity.total, 0), coalesce(stays.total, 0),
        coalesce(corrected.added, 0))
    FROM (SELECT level_id, spot_type, sum(count) AS total FROM lots_zone GROUP BY level_id, spot_type) capacity
    FULL JOIN lots_spotcount counted USING (level_id, spot_type)
    FULL JOIN (
        SELECT level_id, spot_type, count(*) AS total FROM tickets_ticket
        WHERE status IN ('entering', 'active', 'paid') AND spot_id IS NULL AND level_id IS NOT NULL
        GROUP BY level_id, spot_type
    ) stays USING (level_id, spot_type)
    FULL JOIN (SELECT level_id, spot_type, sum(added) AS added FROM lots_countcorrection GROUP BY level_id, spot_type)
        corrected USING (level_id, spot_type)
    JOIN lots_level level ON level.id = level_id
    JOIN lots_lot lot ON lot.id = level.lot_id
    WHERE lot.tracking = 'levels' AND (
        coalesce(counted.total, 0) <> coalesce(capacity.total, 0)
        OR coalesce(counted.uncounted, 0) <> coalesce(corrected.added, 0)
        OR coalesce(counted.occupied, 0) <> coalesce(stays.total, 0) + coalesce(corrected.added, 0)
    )
    """,
)

INVARIANTS = (
    RESERVATIONS_NEVER_OVERLAP,
    RESERVATIONS_HAVE_A_PLACE,
    CLOSED_PLACES_ARE_KNOWN,
    HOLDS_ARE_OF_RESERVATIONS,
    SPOTS_AND_STAYS_AGREE,
    COUNTERS_EQUAL_SPOTS,
    COUNTERS_EQUAL_STAYS,
)
